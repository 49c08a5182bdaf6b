//! Links: one record at the provider, one in HubSpot.

use std::collections::HashMap;

use super::begun_writes::begun;
use super::connections::{Connection, FENCE};
use super::{Columns, Store, json_list};
use crate::core::reconciling::Begun;
use crate::error::{Error, Result};
use crate::ports::{Ports, SqlValue};

/// The reason of a link whose HubSpot record was deleted, or merged into another.
pub const HUBSPOT_MOVED: &str = "hubspot_moved";

/// What a link is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkState {
    /// In step.
    Active,
    /// Waits in the review queue.
    Ambiguous,
    /// Refused, with a reason; tried again later.
    Failed,
    /// HubSpot's record is gone; it is not created anew.
    HubSpotGone,
    /// The provider's record is gone; HubSpot's stays as it is.
    ProviderGone,
    /// A person took the link away; nothing is matched or created in its place.
    Unlinked,
}

impl LinkState {
    /// As stored.
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Ambiguous => "ambiguous",
            Self::Failed => "failed",
            Self::HubSpotGone => "hubspot_gone",
            Self::ProviderGone => "provider_gone",
            Self::Unlinked => "unlinked",
        }
    }

    /// Both records are there, and belong together.
    pub fn is_live(self) -> bool {
        matches!(self, Self::Active | Self::Failed)
    }

    fn parse(name: &str) -> Result<Self> {
        match name {
            "active" => Ok(Self::Active),
            "ambiguous" => Ok(Self::Ambiguous),
            "failed" => Ok(Self::Failed),
            "hubspot_gone" => Ok(Self::HubSpotGone),
            "provider_gone" => Ok(Self::ProviderGone),
            "unlinked" => Ok(Self::Unlinked),
            _ => Err(Error::Row),
        }
    }
}

/// A stored link.
#[derive(Debug, Clone)]
pub struct Link {
    /// HubSpot's id; none while not linked.
    pub hubspot_id: Option<String>,
    /// What it is worth.
    pub state: LinkState,
    /// A code, for every state but active.
    pub reason: Option<String>,
    /// Fingerprints of both sides after the last write, as the core made them.
    pub base: Option<String>,
    /// How often in a row it was refused.
    pub attempts: i64,
    /// Writes that were begun, and never committed.
    pub begun: Option<Begun>,
    /// HubSpot's record is in the list that is the object's door, where there is one.
    pub listed: bool,
}

/// The columns of a link `l`, with what was begun on it, and whether its HubSpot record is in the object's list.
const STORED: &str = "l.provider_id, l.hubspot_id, l.state, l.reason, l.base, l.attempts, b.hubspot, b.provider, \
     EXISTS (SELECT 1 FROM list_members m WHERE m.connection_id = l.connection_id AND m.object = l.object \
       AND m.hubspot_id = l.hubspot_id)";
/// What was begun on a link `l`.
const BEGUN: &str = "LEFT JOIN begun_writes b ON b.connection_id = l.connection_id AND b.object = l.object \
     AND b.provider_id = l.provider_id";

/// A link and its provider id.
fn stored(row: Vec<SqlValue>) -> Result<(String, Link)> {
    let mut row = Columns::of(row);
    let id = row.text()?;
    let link = Link {
        hubspot_id: row.optional_text()?,
        state: LinkState::parse(&row.text()?)?,
        reason: row.optional_text()?,
        // Empty where it is forgotten.
        base: row.optional_text()?.filter(|base| !base.is_empty()),
        attempts: row.integer()?,
        begun: begun(&mut row)?,
        listed: row.integer()? != 0,
    };
    Ok((id, link))
}

impl<P: Ports> Store<'_, P> {
    /// The links of these provider ids.
    pub async fn links(
        &self,
        connection: &str,
        object: &str,
        ids: &[&str],
    ) -> Result<HashMap<String, Link>> {
        let rows = self
            .execute(
                &format!(
                    "SELECT {STORED} FROM json_each (?3) j \
                     CROSS JOIN links l ON l.connection_id = ?1 AND l.object = ?2 AND l.provider_id = j.value {BEGUN}"
                ),
                &[connection.into(), object.into(), json_list(ids)?],
            )
            .await?;
        rows.into_iter().map(stored).collect()
    }

    /// The links of these HubSpot ids: `(provider id, link)` by HubSpot id.
    pub async fn links_by_hubspot(
        &self,
        connection: &str,
        object: &str,
        hubspot_ids: &[&str],
    ) -> Result<HashMap<String, (String, Link)>> {
        let rows = self
            .execute(
                &format!(
                    "SELECT {STORED} FROM json_each (?3) j \
                     CROSS JOIN links l ON l.connection_id = ?1 AND l.object = ?2 AND l.hubspot_id = j.value {BEGUN}"
                ),
                &[connection.into(), object.into(), json_list(hubspot_ids)?],
            )
            .await?;
        let mut links = HashMap::new();
        for row in rows {
            let (id, link) = stored(row)?;
            if let Some(hubspot_id) = link.hubspot_id.clone() {
                links.insert(hubspot_id, (id, link));
            }
        }
        Ok(links)
    }

    /// Which of these HubSpot ids belong to a record already: provider id by HubSpot id.
    pub async fn owners(
        &self,
        connection: &str,
        object: &str,
        hubspot_ids: &[&str],
    ) -> Result<HashMap<String, String>> {
        let pairs = self
            .pairs(
                "SELECT l.hubspot_id, l.provider_id FROM json_each (?3) j \
                 CROSS JOIN links l ON l.connection_id = ?1 AND l.object = ?2 AND l.hubspot_id = j.value",
                &[connection.into(), object.into(), json_list(hubspot_ids)?],
            )
            .await?;
        Ok(pairs.into_iter().collect())
    }

    /// Failed records whose time has come, oldest first; those that have a link only if `linked`.
    pub async fn retries(
        &self,
        connection: &str,
        object: &str,
        linked: bool,
        limit: i64,
    ) -> Result<Vec<String>> {
        self.texts(
            "SELECT provider_id FROM links WHERE connection_id = ?1 AND object = ?2 AND retry_at <= ?3 AND (?5 OR hubspot_id IS NULL) \
             ORDER BY retry_at LIMIT ?4",
            &[
                connection.into(),
                object.into(),
                self.ports().now().into(),
                limit.into(),
                i64::from(linked).into(),
            ],
        )
        .await
    }

    /// Failed links whose time has come, oldest first, with their provider ids.
    pub async fn failed_links(
        &self,
        connection: &str,
        object: &str,
        limit: i64,
    ) -> Result<Vec<(String, Link)>> {
        let rows = self
            .execute(
                &format!(
                    "SELECT {STORED} FROM links l {BEGUN} WHERE l.connection_id = ?1 AND l.object = ?2 AND l.retry_at <= ?3 \
                       AND l.hubspot_id IS NOT NULL ORDER BY l.retry_at LIMIT ?4"
                ),
                &[
                    connection.into(),
                    object.into(),
                    self.ports().now().into(),
                    limit.into(),
                ],
            )
            .await?;
        rows.into_iter().map(stored).collect()
    }

    /// HubSpot's records of these links may be gone: the next run reads them again.
    pub async fn doubt_links(
        &self,
        connection: &Connection,
        object: &str,
        ids: &[&str],
    ) -> Result<()> {
        self.execute(
            &format!(
                "UPDATE links SET state = 'failed', reason = 'association_refused', retry_at = ?3 \
                 WHERE connection_id = ?1 AND object = ?4 AND state = 'active' \
                   AND provider_id IN (SELECT value FROM json_each (?5)) AND {FENCE}"
            ),
            &[
                connection.id.as_str().into(),
                connection.epoch.into(),
                self.ports().now().into(),
                object.into(),
                json_list(ids)?,
            ],
        )
        .await?;
        Ok(())
    }
}
