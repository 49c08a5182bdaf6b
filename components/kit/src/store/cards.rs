//! What cards and settings pages read: how a record stands, and a connection as it is held.

use serde::Serialize;

use super::connections::Provisioned;
use super::{Columns, Store, first, json_list};
use crate::error::{Error, Result};
use crate::ports::{Ports, SqlError};
use crate::settings::Settings;

/// A connection, read outside a run.
#[derive(Debug, Clone)]
pub struct Held {
    /// Connection id.
    pub id: String,
    /// HubSpot portal.
    pub portal: i64,
    /// Connector id.
    pub connector: String,
    /// Region id.
    pub region: String,
    /// `active`, `expired`, `paused`, `disconnected`.
    pub status: String,
    /// A code.
    pub reason: Option<String>,
    /// What the admin chose.
    pub settings: Settings,
    /// The same, as it lies there: what a change is compared with.
    pub stored: String,
    /// Minutes between scheduled runs; 0 = manual only.
    pub frequency: i64,
    /// When the next slice may begin, in unix milliseconds.
    pub due_at: Option<i64>,
    /// A sync was asked for, and no run has begun since.
    pub requested: bool,
    /// A run is under way.
    pub running: bool,
    /// What HubSpot was given.
    pub provisioned: Option<Provisioned>,
    /// The sealed fingerprint key.
    pub fingerprint_key: String,
}

/// How a HubSpot record stands with one connection. Times are unix milliseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Connection id.
    pub connection: String,
    /// Connector id.
    pub connector: String,
    /// The connection's status.
    pub status: String,
    /// A code.
    pub status_reason: Option<String>,
    /// Minutes between scheduled runs; 0 = manual only.
    pub frequency: i64,
    /// A sync was asked for, and no run has begun since.
    pub requested: bool,
    /// A run is under way.
    pub running: bool,
    /// Object name in the connector.
    pub object: String,
    /// Whether the object is switched on.
    pub enabled: bool,
    /// The link's state; none without a link.
    pub link: Option<String>,
    /// A code.
    pub link_reason: Option<String>,
    /// The record at the provider; none without a link.
    pub provider_id: Option<String>,
    /// When the link was last written.
    pub linked_at: Option<i64>,
    /// When the record is to be looked at again.
    pub retry_at: Option<i64>,
    /// Records at the provider that may be this one, while that is undecided.
    pub claims: i64,
    /// Its object has a list, and it was not in it when that was read last.
    pub outside: bool,
    /// The last run that ended.
    pub last_run: Option<Ended>,
    /// When a run last succeeded.
    pub succeeded_at: Option<i64>,
}

/// A run that ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// When, in unix milliseconds.
    pub at: i64,
    /// Whether it succeeded.
    pub succeeded: bool,
    /// A code.
    pub reason: Option<String>,
    /// The list that the reason concerns.
    pub object: Option<String>,
}

/// How a portal's record stands with all its connections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortalStanding {
    /// `active`, `restricted` or `uninstalled`.
    pub portal: String,
    /// By connection, in the order in which they were made.
    pub connections: Vec<Standing>,
}

/// A connector's object that may be the record's.
#[derive(Serialize)]
struct Asked {
    connector: &'static str,
    object: &'static str,
}

impl<P: Ports> Store<'_, P> {
    /// How a HubSpot record stands; none where the portal is not known. One statement.
    ///
    /// A record's id counts within this portal alone: another portal's record has no link here.
    pub async fn standing(
        &self,
        portal: i64,
        type_id: &str,
        record: &str,
    ) -> Result<Option<PortalStanding>> {
        let objects: Vec<Asked> = crate::objects::of_type(type_id)
            .map(|object| Asked {
                connector: object.connector,
                object: object.name,
            })
            .collect();
        let answer = self
            .ports
            .execute(
                "SELECT p.status, c.connection_id, c.connector, c.status, c.status_reason, c.frequency, c.requested_at IS NOT NULL, \
                   EXISTS (SELECT 1 FROM runs r WHERE r.connection_id = c.connection_id AND r.status = 'running'), \
                   o.value ->> 'object', \
                   coalesce (json_extract (c.settings, '$.objects.' || (o.value ->> 'object') || '.enabled'), 1), \
                   l.state, l.reason, l.provider_id, l.synced_at, l.retry_at, \
                   (SELECT count(*) FROM claims k WHERE k.connection_id = c.connection_id AND k.object = o.value ->> 'object' \
                     AND k.hubspot_id = ?2), \
                   EXISTS (SELECT 1 FROM streams d WHERE d.connection_id = c.connection_id \
                     AND d.stream = (o.value ->> 'object') || '/members' AND d.phase = 'done' \
                     AND d.version = json_extract (c.settings, '$.objects.' || (o.value ->> 'object') || '.inclusion_list')) \
                   AND NOT EXISTS (SELECT 1 FROM list_members m WHERE m.connection_id = c.connection_id \
                     AND m.object = o.value ->> 'object' AND m.hubspot_id = ?2), \
                   e.finished_at, e.status, e.reason, e.reason_object, \
                   (SELECT s.finished_at FROM runs s WHERE s.connection_id = c.connection_id AND s.status = 'succeeded' \
                     ORDER BY s.started_at DESC LIMIT 1) \
                 FROM portals p LEFT JOIN connections c ON c.portal_id = p.portal_id \
                 LEFT JOIN json_each (?3) o ON o.value ->> 'connector' = c.connector \
                 LEFT JOIN links l ON l.connection_id = c.connection_id AND l.object = o.value ->> 'object' AND l.hubspot_id = ?2 \
                 LEFT JOIN runs e ON e.run_id = (SELECT n.run_id FROM runs n WHERE n.connection_id = c.connection_id \
                   AND n.finished_at IS NOT NULL ORDER BY n.started_at DESC LIMIT 1) \
                 WHERE p.portal_id = ?1 ORDER BY c.created_at, c.connection_id",
                &[portal.into(), record.into(), json_list(&objects)?],
            )
            .await;
        let rows = match answer {
            Ok(rows) => rows,
            // The database is new: nobody has installed yet.
            Err(SqlError::Failed(message)) if message.contains("no such table") => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let mut found = None;
        for row in rows {
            let mut row = Columns::of(row);
            let portal = row.text()?;
            let found = found.get_or_insert(PortalStanding {
                portal,
                connections: Vec::new(),
            });
            found.connections.extend(standing(row)?);
        }
        Ok(found)
    }

    /// A portal's connection.
    pub async fn held_connection(&self, portal: i64, connection: &str) -> Result<Option<Held>> {
        let rows = self
            .execute(
                "SELECT connection_id, connector, region, status, status_reason, settings, frequency, due_at, \
                   requested_at IS NOT NULL, \
                   EXISTS (SELECT 1 FROM runs r WHERE r.connection_id = c.connection_id AND r.status = 'running'), \
                   provisioned, fingerprint_key FROM connections c WHERE portal_id = ?1 AND connection_id = ?2",
                &[portal.into(), connection.into()],
            )
            .await?;
        first(rows).map(|row| held(portal, row)).transpose()
    }

    /// Queues a record that was refused, so that the next run tries it again before its time. One that is in step needs
    /// nothing: what changed since is in the next run anyway.
    pub async fn queue_record(
        &self,
        connection: &str,
        object: &str,
        hubspot_id: &str,
    ) -> Result<bool> {
        let rows = self
            .execute(
                "UPDATE links SET retry_at = min (coalesce (retry_at, ?4), ?4) \
                 WHERE connection_id = ?1 AND object = ?2 AND hubspot_id = ?3 AND state = 'failed' RETURNING 1",
                &[
                    connection.into(),
                    object.into(),
                    hubspot_id.into(),
                    self.ports().now().into(),
                ],
            )
            .await?;
        Ok(!rows.is_empty())
    }
}

/// None where the portal has no connection, or the connector no such object.
fn standing(mut row: Columns) -> Result<Option<Standing>> {
    let Some(connection) = row.optional_text()? else {
        return Ok(None);
    };
    let (connector, status, status_reason) = (row.text()?, row.text()?, row.optional_text()?);
    let frequency = row.integer()?;
    let (requested, running) = (row.integer()? != 0, row.integer()? != 0);
    let Some(object) = row.optional_text()? else {
        return Ok(None);
    };
    Ok(Some(Standing {
        connection,
        connector,
        status,
        status_reason,
        frequency,
        requested,
        running,
        object,
        enabled: row.integer()? != 0,
        link: row.optional_text()?,
        link_reason: row.optional_text()?,
        provider_id: row.optional_text()?,
        linked_at: row.optional_integer()?,
        retry_at: row.optional_integer()?,
        claims: row.integer()?,
        outside: row.integer()? != 0,
        last_run: ended(&mut row)?,
        succeeded_at: row.optional_integer()?,
    }))
}

fn ended(row: &mut Columns) -> Result<Option<Ended>> {
    let (at, status) = (row.optional_integer()?, row.optional_text()?);
    let (reason, object) = (row.optional_text()?, row.optional_text()?);
    Ok(at.zip(status).map(|(at, status)| Ended {
        at,
        succeeded: status == "succeeded",
        reason,
        object,
    }))
}

fn held(portal: i64, mut row: Columns) -> Result<Held> {
    let (id, connector, region) = (row.text()?, row.text()?, row.text()?);
    let (status, reason, stored) = (row.text()?, row.optional_text()?, row.text()?);
    Ok(Held {
        id,
        portal,
        connector,
        region,
        status,
        reason,
        settings: serde_json::from_str(&stored)
            .map_err(|_| Error::Config("a connection's settings are not readable".to_owned()))?,
        stored,
        frequency: row.integer()?,
        due_at: row.optional_integer()?,
        requested: row.integer()? != 0,
        running: row.integer()? != 0,
        provisioned: row
            .optional_text()?
            .and_then(|text| serde_json::from_str(&text).ok()),
        fingerprint_key: row.text()?,
    })
}
