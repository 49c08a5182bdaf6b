//! Links: one record at the provider, one in HubSpot.

use std::collections::HashMap;

use super::{Columns, Store, json_list};
use crate::error::{Error, Result};
use crate::ports::{Ports, SqlValue};

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
}

impl LinkState {
    /// As stored.
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Ambiguous => "ambiguous",
            Self::Failed => "failed",
            Self::HubSpotGone => "hubspot_gone",
        }
    }

    fn parse(name: &str) -> Result<Self> {
        match name {
            "active" => Ok(Self::Active),
            "ambiguous" => Ok(Self::Ambiguous),
            "failed" => Ok(Self::Failed),
            "hubspot_gone" => Ok(Self::HubSpotGone),
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
    /// Fingerprints of both sides after the last write, as the core made them.
    pub base: Option<String>,
    /// How often in a row it was refused.
    pub attempts: i64,
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
                "SELECT l.provider_id, l.hubspot_id, l.state, l.base, l.attempts FROM json_each (?3) j \
                 CROSS JOIN links l ON l.connection_id = ?1 AND l.object = ?2 AND l.provider_id = j.value",
                &[connection.into(), object.into(), json_list(ids)?],
            )
            .await?;
        rows.into_iter()
            .map(|row| {
                let mut row = Columns::of(row);
                let id = row.text()?;
                let link = Link {
                    hubspot_id: row.optional_text()?,
                    state: LinkState::parse(&row.text()?)?,
                    base: row.optional_text()?,
                    attempts: row.integer()?,
                };
                Ok((id, link))
            })
            .collect()
    }

    /// Which of these HubSpot ids belong to a record already: provider id by HubSpot id.
    pub async fn owners(
        &self,
        connection: &str,
        object: &str,
        hubspot_ids: &[&str],
    ) -> Result<HashMap<String, String>> {
        let rows = self
            .execute(
                "SELECT l.hubspot_id, l.provider_id FROM json_each (?3) j \
                 CROSS JOIN links l ON l.connection_id = ?1 AND l.object = ?2 AND l.hubspot_id = j.value",
                &[connection.into(), object.into(), json_list(hubspot_ids)?],
            )
            .await?;
        rows.into_iter()
            .map(|row| {
                let mut row = Columns::of(row);
                Ok((row.text()?, row.text()?))
            })
            .collect()
    }

    /// Failed records whose time has come, oldest first.
    pub async fn retries(&self, connection: &str, object: &str, limit: i64) -> Result<Vec<String>> {
        self.texts(
            "SELECT provider_id FROM links WHERE connection_id = ?1 AND object = ?2 AND retry_at <= ?3 ORDER BY retry_at LIMIT ?4",
            &[connection.into(), object.into(), self.ports().now().into(), limit.into()],
        )
        .await
    }

    /// A statement that selects one column of text.
    pub(super) async fn texts(&self, statement: &str, params: &[SqlValue]) -> Result<Vec<String>> {
        let rows = self.execute(statement, params).await?;
        rows.into_iter()
            .map(|row| Columns::of(row).text())
            .collect()
    }
}
