//! Records that are not in step, and what people decide about them. See `migrations/0011_link_decisions.sql`.

use serde::Serialize;

use super::connections::{Connection, FENCE};
use super::{Columns, Store, json_list};
use crate::error::Result;
use crate::ports::{Ports, SqlError};
use crate::review::{Filter, Record};

/// One of the provider's records that is not in step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Waiting {
    /// Object name.
    pub object: String,
    /// Provider id.
    pub id: String,
    /// HubSpot id; none while not linked.
    pub hubspot_id: Option<String>,
    /// As [`super::links::LinkState`] names it.
    pub state: String,
    /// A code.
    pub reason: String,
    /// HubSpot ids that it may be, strongest tier first.
    pub candidates: Vec<String>,
    /// Unix milliseconds.
    pub since: i64,
    /// When it is tried again; none where it waits for a change, or for a person.
    pub retry_at: Option<i64>,
}

/// What became of a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It holds, and the next run carries it out.
    Taken,
    /// Of another portal, disconnected, or none.
    UnknownConnection,
    /// No run has seen the record.
    UnknownRecord,
    /// The HubSpot record is linked to another one.
    LinkedToAnother,
}

impl<P: Ports> Store<'_, P> {
    /// Records that are not in step, in the order of object and provider id. None where the portal has no such connection.
    pub async fn waiting(
        &self,
        portal: i64,
        connection: &str,
        filter: Filter<'_>,
        limit: usize,
    ) -> Result<Option<Vec<Waiting>>> {
        let (after_object, after_id) = filter.after.unwrap_or_default();
        let rows = self
            .execute(
                "SELECT l.object, l.provider_id, l.hubspot_id, l.state, coalesce (l.reason, ''), l.synced_at, l.retry_at, \
                   (SELECT group_concat (c.hubspot_id) FROM (SELECT hubspot_id FROM claims WHERE connection_id = l.connection_id \
                     AND object = l.object AND provider_id = l.provider_id ORDER BY tier, hubspot_id) c) \
                 FROM connections n LEFT JOIN links l ON l.connection_id = n.connection_id AND l.state <> 'active' \
                   AND coalesce (l.reason, '') <> 'not_listed' AND (l.object, l.provider_id) > (?3, ?4) AND l.object = coalesce (?5, l.object) AND l.state = coalesce (?6, l.state) \
                 WHERE n.connection_id = ?2 AND n.portal_id = ?1 ORDER BY l.object, l.provider_id LIMIT ?7",
                &[
                    portal.into(),
                    connection.into(),
                    after_object.into(),
                    after_id.into(),
                    filter.object.into(),
                    filter.state.into(),
                    i64::try_from(limit).unwrap_or(i64::MAX).into(),
                ],
            )
            .await?;
        if rows.is_empty() {
            return Ok(None);
        }
        let mut records = Vec::new();
        for row in rows {
            let mut row = Columns::of(row);
            // The connection's own row, where nothing waits.
            let Some(object) = row.optional_text()? else {
                continue;
            };
            records.push(Waiting {
                object,
                id: row.text()?,
                hubspot_id: row.optional_text()?,
                state: row.text()?,
                reason: row.text()?,
                since: row.integer()?,
                retry_at: row.optional_integer()?,
                candidates: row
                    .optional_text()?
                    .map(|ids| ids.split(',').map(str::to_owned).collect())
                    .unwrap_or_default(),
            });
        }
        Ok(Some(records))
    }

    /// Links a record to this HubSpot record, or to none, with this companion, or the most recently created one.
    pub async fn decide_link(
        &self,
        record: Record<'_>,
        hubspot_id: Option<&str>,
        companion: Option<&str>,
    ) -> Result<Decision> {
        let taken = self
            .ports()
            .execute(
                "INSERT INTO companion_decision \
                   (portal_id, connection_id, object, provider_id, user_id, now, hubspot_id, companion_id) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                &[
                    record.portal.into(),
                    record.connection.into(),
                    record.object.into(),
                    record.id.into(),
                    record.user.into(),
                    self.ports().now().into(),
                    hubspot_id.into(),
                    companion.into(),
                ],
            )
            .await;
        let refused = [
            ("unknown connection", Decision::UnknownConnection),
            ("unknown record", Decision::UnknownRecord),
            ("linked to another", Decision::LinkedToAnother),
        ];
        match taken {
            Ok(_) => Ok(Decision::Taken),
            Err(SqlError::Failed(message)) => refused
                .into_iter()
                .find(|(text, _)| message.contains(text))
                .map(|(_, decision)| decision)
                .ok_or_else(|| SqlError::Failed(message).into()),
            Err(error) => Err(error.into()),
        }
    }

    /// HubSpot records of an object that still name a provider's record to which they are not linked any more.
    pub async fn released(
        &self,
        connection: &str,
        object: &str,
        limit: i64,
    ) -> Result<Vec<String>> {
        self.texts(
            "SELECT r.hubspot_id FROM released r WHERE r.connection_id = ?1 AND r.object = ?2 AND NOT EXISTS ( \
               SELECT 1 FROM links l WHERE l.connection_id = ?1 AND l.object = ?2 AND l.hubspot_id = r.hubspot_id \
               AND l.state = 'active') LIMIT ?3",
            &[connection.into(), object.into(), limit.into()],
        )
        .await
    }

    /// They name nobody any more.
    pub async fn forget_released(
        &self,
        connection: &Connection,
        object: &str,
        hubspot_ids: &[String],
    ) -> Result<()> {
        self.execute(
            &format!(
                "DELETE FROM released WHERE connection_id = ?1 AND object = ?4 \
                 AND hubspot_id IN (SELECT value FROM json_each (?5)) AND {FENCE}"
            ),
            &[
                connection.id.as_str().into(),
                connection.epoch.into(),
                self.ports().now().into(),
                object.into(),
                json_list(hubspot_ids)?,
            ],
        )
        .await?;
        Ok(())
    }
}
