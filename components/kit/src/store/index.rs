//! The index of HubSpot's records that are not linked yet, and the claims on them.

use serde::Serialize;

use super::connections::{Connection, FENCE};
use super::{Columns, Store, json_list};
use crate::core::{mapping, matching};
use crate::error::Result;
use crate::ports::Ports;

/// One key of one HubSpot record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IndexEntry {
    /// Tier name.
    pub tier: String,
    /// Keyed digest in hex.
    pub digest: String,
    /// HubSpot id.
    pub hubspot_id: String,
    /// Digest of the stronger key in hex, if the record has one.
    pub guard: Option<String>,
}

impl IndexEntry {
    /// One key of a record that HubSpot listed.
    pub fn of(record: &mapping::HubspotRecord, key: &mapping::MatchKey) -> Self {
        Self {
            tier: key.tier.clone(),
            digest: hex(key.digest),
            hubspot_id: record.id.clone(),
            guard: key.guard.map(hex),
        }
    }
}

/// A digest as it is stored: 32 hex digits.
pub fn hex(digest: mapping::Fingerprint) -> String {
    format!("{:016x}{:016x}", digest.0, digest.1)
}

/// The digest of such a text.
pub fn unhex(text: &str) -> Option<mapping::Fingerprint> {
    let (high, low) = text.split_at_checked(16)?;
    let part = |digits| u64::from_str_radix(digits, 16).ok();
    Some((part(high)?, part(low)?))
}

/// Where an index walk stands after a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IndexProgress {
    /// More follows behind this HubSpot id.
    After(String),
    /// Up to date with HubSpot as of this time (unix milliseconds).
    UpTo(i64),
}

impl<P: Ports> Store<'_, P> {
    /// Takes entries out of the index that these HubSpot records, as they are now, have no more.
    pub async fn correct_candidates(
        &self,
        connection: &Connection,
        object: &str,
        hubspot_ids: &[&str],
        entries: &[IndexEntry],
    ) -> Result<()> {
        self.execute(
            &format!(
                "DELETE FROM candidates WHERE connection_id = ?1 AND object = ?4 AND {FENCE} \
                 AND hubspot_id IN (SELECT value FROM json_each (?5)) AND (tier, digest, hubspot_id) NOT IN \
                   (SELECT value ->> 'tier', value ->> 'digest', value ->> 'hubspot_id' FROM json_each (?6))"
            ),
            &[
                connection.id.as_str().into(),
                connection.epoch.into(),
                self.ports().now().into(),
                object.into(),
                json_list(hubspot_ids)?,
                json_list(entries)?,
            ],
        )
        .await?;
        Ok(())
    }

    /// Adds a page of HubSpot's unlinked records to the index and moves its cursor.
    pub async fn add_candidates(
        &self,
        connection: &Connection,
        object: &str,
        run: i64,
        entries: &[IndexEntry],
        progress: &IndexProgress,
    ) -> Result<()> {
        let now = self.ports().now();
        if !entries.is_empty() {
            self.execute(
                &format!(
                    "INSERT INTO candidates (connection_id, object, tier, digest, hubspot_id, guard) \
                     SELECT ?1, ?4, value ->> 'tier', value ->> 'digest', value ->> 'hubspot_id', value ->> 'guard' \
                     FROM json_each (?5) WHERE {FENCE} AND NOT EXISTS (SELECT 1 FROM links l WHERE l.connection_id = ?1 \
                       AND l.object = ?4 AND l.hubspot_id = value ->> 'hubspot_id') \
                     ON CONFLICT DO UPDATE SET guard = excluded.guard"
                ),
                &[
                    connection.id.as_str().into(),
                    connection.epoch.into(),
                    now.into(),
                    object.into(),
                    json_list(entries)?,
                ],
            )
            .await?;
        }
        let (after, up_to) = match progress {
            IndexProgress::After(id) => (Some(id.as_str()), None),
            IndexProgress::UpTo(time) => (None, Some(*time)),
        };
        self.fenced(
            &format!(
                "UPDATE streams SET index_after = ?5, index_since = coalesce (?6, index_since), \
                 index_run = iif (?6 IS NULL, index_run, ?7) \
                 WHERE connection_id = ?1 AND stream = ?4 AND {FENCE} RETURNING 1"
            ),
            &[
                connection.id.as_str().into(),
                connection.epoch.into(),
                now.into(),
                object.into(),
                after.into(),
                up_to.into(),
                run.into(),
            ],
        )
        .await
    }

    /// Takes records out of the index that HubSpot no longer has.
    pub async fn forget_candidates(
        &self,
        connection: &Connection,
        object: &str,
        hubspot_ids: &[&str],
    ) -> Result<()> {
        self.correct_candidates(connection, object, hubspot_ids, &[])
            .await
    }

    /// The index entries with any of these `(tier, digest)` keys.
    pub async fn candidates(
        &self,
        connection: &str,
        object: &str,
        keys: &[(&str, String)],
    ) -> Result<Vec<IndexEntry>> {
        let rows = self
            .execute(
                "SELECT DISTINCT c.tier, c.digest, c.hubspot_id, c.guard FROM json_each (?3) j \
                 CROSS JOIN candidates c ON c.connection_id = ?1 AND c.object = ?2 \
                   AND c.tier = j.value ->> 0 AND c.digest = j.value ->> 1",
                &[connection.into(), object.into(), json_list(keys)?],
            )
            .await?;
        rows.into_iter()
            .map(|row| {
                let mut row = Columns::of(row);
                Ok(IndexEntry {
                    tier: row.text()?,
                    digest: row.text()?,
                    hubspot_id: row.text()?,
                    guard: row.optional_text()?,
                })
            })
            .collect()
    }

    /// Up to `limit` provider records with open claims of this tier, with everything that a decision on them needs:
    /// all their claims, and all claims of others on the same candidates.
    pub async fn open_claims(
        &self,
        connection: &str,
        object: &str,
        tier: i64,
        limit: i64,
    ) -> Result<OpenClaims> {
        let rows = self
            .execute(
                "WITH sources AS (SELECT DISTINCT provider_id FROM claims \
                   WHERE connection_id = ?1 AND object = ?2 AND tier = ?3 AND open = 1 ORDER BY provider_id LIMIT ?4), \
                 own AS (SELECT provider_id, hubspot_id FROM claims \
                   WHERE connection_id = ?1 AND object = ?2 AND provider_id IN (SELECT provider_id FROM sources)) \
                 SELECT c.provider_id, c.hubspot_id, c.provider_id IN (SELECT provider_id FROM sources), \
                   EXISTS (SELECT 1 FROM links l WHERE l.connection_id = ?1 AND l.object = ?2 AND l.hubspot_id = c.hubspot_id) \
                 FROM claims c WHERE c.connection_id = ?1 AND c.object = ?2 \
                   AND c.hubspot_id IN (SELECT hubspot_id FROM own)",
                &[connection.into(), object.into(), tier.into(), limit.into()],
            )
            .await?;
        let mut open = OpenClaims::default();
        for row in rows {
            let mut row = Columns::of(row);
            let claim = matching::Claim {
                source: row.text()?,
                candidate: row.text()?,
            };
            if row.integer()? != 0 && !open.sources.contains(&claim.source) {
                open.sources.push(claim.source.clone());
            }
            if row.integer()? != 0 && !open.linked.contains(&claim.candidate) {
                open.linked.push(claim.candidate.clone());
            }
            open.claims.push(claim);
        }
        Ok(open)
    }
}

/// Claims to decide.
#[derive(Debug, Clone, Default)]
pub struct OpenClaims {
    /// The provider records to decide on.
    pub sources: Vec<String>,
    /// Their claims, and those of others on the same candidates.
    pub claims: Vec<matching::Claim>,
    /// Candidates that belong to a record already.
    pub linked: Vec<String>,
}
