//! Records that a list of all ids did not name. See `migrations/0012_deletions.sql`.

use super::connections::{Connection, FENCE};
use super::{Columns, Store, first, json_list};
use crate::error::{Error, Result};
use crate::ports::Ports;

/// So many are believed at once, and a tenth of what is linked; more wait for somebody's word.
const BELIEVED: i64 = 20;

/// A record that a list of all ids did not name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// Provider id.
    pub id: String,
    /// HubSpot's record, where there is a link.
    pub hubspot_id: Option<String>,
    /// A write to HubSpot was begun to whose end nobody knows.
    pub begun: bool,
}

impl<P: Ports> Store<'_, P> {
    /// Notes the linked or waiting records with ids in these spans, `(behind, up to)` in texts of one length, that are not
    /// among `ids`; and those that were about to be written to HubSpot and have no link.
    pub async fn add_missing(
        &self,
        connection: &Connection,
        object: &str,
        spans: &[(String, String)],
        ids: &[&str],
    ) -> Result<()> {
        self.execute(
            &format!(
                "INSERT INTO missing (connection_id, object, provider_id) SELECT ?1, ?4, l.provider_id FROM json_each (?5) s \
                 CROSS JOIN links l ON l.connection_id = ?1 AND l.object = ?4 AND l.provider_id > s.value ->> 0 \
                   AND l.provider_id <= s.value ->> 1 AND length (l.provider_id) = length (s.value ->> 1) \
                 WHERE l.state IN ('active', 'failed', 'ambiguous') AND {FENCE} \
                   AND (l.hubspot_id IS NOT NULL OR coalesce (l.reason, '') <> 'not_listed') \
                   AND l.provider_id NOT IN (SELECT value FROM json_each (?6)) \
                 UNION ALL SELECT ?1, ?4, b.provider_id FROM json_each (?5) s \
                 CROSS JOIN begun_writes b ON b.connection_id = ?1 AND b.object = ?4 AND b.provider_id > s.value ->> 0 \
                   AND b.provider_id <= s.value ->> 1 AND length (b.provider_id) = length (s.value ->> 1) \
                 LEFT JOIN links l ON l.connection_id = ?1 AND l.object = ?4 AND l.provider_id = b.provider_id \
                 WHERE b.hubspot IS NOT NULL AND l.provider_id IS NULL AND {FENCE} \
                   AND b.provider_id NOT IN (SELECT value FROM json_each (?6)) ON CONFLICT DO NOTHING"
            ),
            &[
                connection.id.as_str().into(),
                connection.epoch.into(),
                self.ports().now().into(),
                object.into(),
                json_list(spans)?,
                json_list(ids)?,
            ],
        )
        .await?;
        Ok(())
    }

    /// How many records are missing where that is too much to believe: more than 20 and more than a tenth of those linked,
    /// and nobody has said yes to so many. Remembers that it asks.
    pub async fn held_back(&self, connection: &Connection, object: &str) -> Result<Option<i64>> {
        let rows = self
            .execute(
                "SELECT (SELECT count(*) FROM missing WHERE connection_id = ?1 AND object = ?2), \
                   (SELECT count(*) FROM links WHERE connection_id = ?1 AND object = ?2 AND hubspot_id IS NOT NULL \
                     AND (state = 'active' OR reason = 'not_listed')), \
                   coalesce ((SELECT approved FROM brakes WHERE connection_id = ?1 AND object = ?2), 0)",
                &[connection.id.as_str().into(), object.into()],
            )
            .await?;
        let mut row = first(rows).ok_or(Error::Row)?;
        let (missing, linked, approved) = (row.integer()?, row.integer()?, row.integer()?);
        if missing <= BELIEVED.max(linked / 10).max(approved) {
            return Ok(None);
        }
        self.execute(
            &format!(
                "INSERT INTO brakes (connection_id, object, missing, held_at, approved) SELECT ?1, ?4, ?5, ?3, 0 WHERE {FENCE} \
                 ON CONFLICT (connection_id, object) DO UPDATE SET missing = excluded.missing, held_at = excluded.held_at, approved = 0"
            ),
            &[
                connection.id.as_str().into(),
                connection.epoch.into(),
                self.ports().now().into(),
                object.into(),
                missing.into(),
            ],
        )
        .await?;
        Ok(Some(missing))
    }

    /// Objects with deletions that wait for somebody's word, and how many: `(object, missing, since)`. None where the portal
    /// has no such connection.
    pub async fn brakes(
        &self,
        portal: i64,
        connection: &str,
    ) -> Result<Option<Vec<(String, i64, i64)>>> {
        let rows = self
            .execute(
                "SELECT b.object, b.missing, b.held_at FROM connections n \
                 LEFT JOIN brakes b ON b.connection_id = n.connection_id AND b.approved = 0 \
                 WHERE n.connection_id = ?2 AND n.portal_id = ?1 ORDER BY b.object",
                &[portal.into(), connection.into()],
            )
            .await?;
        if rows.is_empty() {
            return Ok(None);
        }
        let mut brakes = Vec::new();
        for row in rows {
            let mut row = Columns::of(row);
            if let Some(object) = row.optional_text()? {
                brakes.push((object, row.integer()?, row.integer()?));
            }
        }
        Ok(Some(brakes))
    }

    /// Somebody says yes to the deletions that wait: the next run looks anew, and believes as many. False where none wait.
    pub async fn release_brake(
        &self,
        portal: i64,
        connection: &str,
        object: &str,
        user: i64,
    ) -> Result<bool> {
        let rows = self
            .execute(
                "UPDATE brakes SET approved = missing WHERE connection_id = ?1 AND object = ?2 AND approved = 0 \
                 AND connection_id IN (SELECT connection_id FROM connections WHERE portal_id = ?3) RETURNING missing",
                &[connection.into(), object.into(), portal.into()],
            )
            .await?;
        if rows.is_empty() {
            return Ok(false);
        }
        // Looked for at once, not in a day.
        self.execute(
            "UPDATE streams SET full_at = NULL WHERE connection_id = ?1 AND stream = ?2",
            &[connection.into(), super::streams::sweep_of(object).into()],
        )
        .await?;
        self.add_audit(
            portal,
            Some(user),
            "deletions_approved",
            Some(connection),
            Some(object),
        )
        .await?;
        self.request_sync(connection).await?;
        Ok(true)
    }

    /// Missing records of an object.
    pub async fn missing(
        &self,
        connection: &str,
        object: &str,
        limit: i64,
    ) -> Result<Vec<Missing>> {
        let rows = self
            .execute(
                "SELECT m.provider_id, l.hubspot_id, b.hubspot IS NOT NULL FROM missing m \
                 LEFT JOIN links l ON l.connection_id = ?1 AND l.object = ?2 AND l.provider_id = m.provider_id \
                 LEFT JOIN begun_writes b ON b.connection_id = ?1 AND b.object = ?2 AND b.provider_id = m.provider_id WHERE m.connection_id = ?1 AND m.object = ?2 ORDER BY m.provider_id LIMIT ?3",
                &[connection.into(), object.into(), limit.into()],
            )
            .await?;
        rows.into_iter()
            .map(|row| {
                let mut row = Columns::of(row);
                Ok(Missing {
                    id: row.text()?,
                    hubspot_id: row.optional_text()?,
                    begun: row.integer()? != 0,
                })
            })
            .collect()
    }

    /// Forgets missing records, or all of an object; with the last of them goes what was said to them.
    pub async fn forget_missing(
        &self,
        connection: &Connection,
        object: &str,
        ids: Option<&[&str]>,
    ) -> Result<()> {
        let ids = ids.map(json_list).transpose()?;
        self.execute(
            &format!(
                "DELETE FROM missing WHERE connection_id = ?1 AND object = ?4 AND {FENCE} \
                 AND (?5 IS NULL OR provider_id IN (SELECT value FROM json_each (?5)))"
            ),
            &[
                connection.id.as_str().into(),
                connection.epoch.into(),
                self.ports().now().into(),
                object.into(),
                ids.into(),
            ],
        )
        .await?;
        Ok(())
    }

    /// The word that was given is used up.
    pub async fn forget_brake(&self, connection: &Connection, object: &str) -> Result<()> {
        self.execute(
            &format!("DELETE FROM brakes WHERE connection_id = ?1 AND object = ?4 AND {FENCE}"),
            &[
                connection.id.as_str().into(),
                connection.epoch.into(),
                self.ports().now().into(),
                object.into(),
            ],
        )
        .await?;
        Ok(())
    }
}
