//! What waits because of its candidates, and what tells whether they are what they were. See `migrations/0020_claimants.sql`.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::connections::{Connection, FENCE};
use super::index::hex;
use super::{Columns, Store, json_list};
use crate::core::mapping::MatchKey;
use crate::error::{Error, Result};
use crate::ports::Ports;
use crate::webhooks::Notice;

/// A key as it is stored: tier, digest, and the digest of the stronger key if the record has one, in hex.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredKey(pub String, pub String, pub Option<String>);

impl StoredKey {
    /// What is stored of a key.
    pub fn of(key: &MatchKey) -> Self {
        Self(key.tier.clone(), hex(key.digest), key.guard.map(hex))
    }

    /// Both are the same, and no stronger keys contradict it.
    pub fn matches(&self, other: &Self) -> bool {
        let contradicts =
            matches!((&self.2, &other.2), (Some(ours), Some(theirs)) if ours != theirs);
        (&self.0, &self.1) == (&other.0, &other.1) && !contradicts
    }
}

/// A record that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Provider id.
    pub id: String,
    /// What it is known by; nothing where it matches by something else, or that was not stored yet.
    pub keys: Vec<StoredKey>,
    /// Why.
    pub reason: Option<String>,
    /// Its candidates: HubSpot id, and the tier of the match.
    pub claims: Vec<(String, i64)>,
    /// How many of them belong to another record.
    pub linked: usize,
}

impl Waiting {
    /// What it waits for is not so any more, whatever HubSpot says: candidates were erased, or let go by another record.
    pub fn is_over(&self) -> bool {
        match self.reason.as_deref() {
            Some("several_candidates") => self.claims.len() < 2,
            Some("already_linked") => self.linked == 0,
            _ => self.claims.is_empty(),
        }
    }
}

impl<P: Ports> Store<'_, P> {
    /// Up to `limit` records that wait because of their candidates, those first whose turn was longest ago.
    pub async fn waiting_matches(
        &self,
        connection: &str,
        object: &str,
        limit: i64,
    ) -> Result<Vec<Waiting>> {
        let rows = self
            .execute(
                "WITH turns AS (SELECT k.provider_id, k.keys, k.looked_at, l.reason FROM claimants k \
                   CROSS JOIN links l ON l.connection_id = ?1 AND l.object = ?2 AND l.provider_id = k.provider_id \
                   WHERE k.connection_id = ?1 AND k.object = ?2 \
                     AND l.state = 'ambiguous' AND l.hubspot_id IS NULL AND l.retry_at IS NULL \
                     AND NOT EXISTS (SELECT 1 FROM claims o WHERE o.connection_id = ?1 AND o.object = ?2 \
                       AND o.provider_id = k.provider_id AND o.open = 1) \
                   ORDER BY k.looked_at, k.provider_id LIMIT ?3) \
                 SELECT t.provider_id, t.keys, t.reason, c.hubspot_id, c.tier, EXISTS (SELECT 1 FROM links o \
                     WHERE o.connection_id = ?1 AND o.object = ?2 AND o.hubspot_id = c.hubspot_id) \
                 FROM turns t LEFT JOIN claims c ON c.connection_id = ?1 AND c.object = ?2 AND c.provider_id = t.provider_id \
                 ORDER BY t.looked_at, t.provider_id, c.hubspot_id",
                &[connection.into(), object.into(), limit.into()],
            )
            .await?;
        let mut waiting: Vec<Waiting> = Vec::new();
        for row in rows {
            let mut row = Columns::of(row);
            let (id, keys, reason) = (row.text()?, row.text()?, row.optional_text()?);
            let claim = row.optional_text()?.zip(row.optional_integer()?);
            let linked = row.integer()? != 0;
            if waiting.last().is_none_or(|last| last.id != id) {
                waiting.push(Waiting {
                    id,
                    keys: serde_json::from_str(&keys).map_err(|_| Error::Row)?,
                    reason,
                    claims: Vec::new(),
                    linked: 0,
                });
            }
            if let Some(last) = waiting.last_mut() {
                last.claims.extend(claim);
                last.linked += usize::from(linked);
            }
        }
        Ok(waiting)
    }

    /// These have had their turn.
    pub async fn looked_at(
        &self,
        connection: &Connection,
        object: &str,
        ids: &[&str],
    ) -> Result<()> {
        self.execute(
            &format!(
                "UPDATE claimants SET looked_at = ?3 WHERE connection_id = ?1 AND object = ?4 AND {FENCE} \
                 AND provider_id IN (SELECT value FROM json_each (?5))"
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

    /// These are matched anew, each from its time on (unix milliseconds), and with them all that claim what they do: who
    /// claims what is known when all have been.
    ///
    /// Each statement can be repeated; what tells the first one what to do is taken away last.
    pub async fn match_anew(
        &self,
        connection: &Connection,
        object: &str,
        due: &BTreeMap<&str, i64>,
    ) -> Result<()> {
        let statements = [
            format!(
                "UPDATE links SET retry_at = coalesce ((SELECT j.value ->> 1 FROM json_each (?5) j WHERE j.value ->> 0 = provider_id), ?3) \
                 WHERE connection_id = ?1 AND object = ?4 AND state = 'ambiguous' AND hubspot_id IS NULL AND {FENCE} \
                   AND provider_id IN (SELECT value ->> 0 FROM json_each (?5) UNION \
                     SELECT o.provider_id FROM json_each (?5) j \
                       CROSS JOIN claims c ON c.connection_id = ?1 AND c.object = ?4 AND c.provider_id = j.value ->> 0 \
                       CROSS JOIN claims o ON o.connection_id = ?1 AND o.object = ?4 AND o.hubspot_id = c.hubspot_id)"
            ),
            format!(
                "DELETE FROM claims WHERE connection_id = ?1 AND object = ?4 AND {FENCE} \
                 AND provider_id IN (SELECT value ->> 0 FROM json_each (?5))"
            ),
        ];
        let due: Vec<(&&str, &i64)> = due.iter().collect();
        let params = [
            connection.id.as_str().into(),
            connection.epoch.into(),
            self.ports().now().into(),
            object.into(),
            json_list(&due)?,
        ];
        for statement in statements {
            self.execute(&statement, &params).await?;
        }
        Ok(())
    }

    /// HubSpot tells of records: where somebody waits because of one, it is the next to be looked at, at once.
    pub async fn look_again(&self, notices: &[Notice]) -> Result<()> {
        let rows = self
            .execute(
                "UPDATE claimants SET looked_at = 0 WHERE (connection_id, object, provider_id) IN ( \
                   SELECT c.connection_id, c.object, c.provider_id FROM json_each (?1) n \
                   CROSS JOIN claims c ON c.connection_id = n.value ->> 'connection' AND c.object = n.value ->> 'object' \
                     AND c.hubspot_id = n.value ->> 'id' AND c.open = 0) \
                 RETURNING connection_id",
                &[json_list(notices)?],
            )
            .await?;
        let connections: Result<BTreeSet<String>> = rows
            .into_iter()
            .map(|row| Columns::of(row).text())
            .collect();
        for connection in connections? {
            self.request_sync(&connection).await?;
        }
        Ok(())
    }
}
