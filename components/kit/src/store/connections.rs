//! Connections: a portal's link to one account at a provider; whose turn it is, and who works on it.

use std::cell::Cell;

use serde::{Deserialize, Serialize};

use super::{Columns, Store, first};
use crate::core::mapping;
use crate::engine::Part;
use crate::error::{Error, Result};
use crate::ports::{Ports, SqlValue};
use crate::settings::Settings;

/// A lease ends by itself after this time; every commit extends it. Longer than any single call may take.
pub const LEASE_MILLIS: i64 = 60_000;

/// Holds while the caller's lease does; parameters 1 to 3 are connection, epoch and now.
pub(super) const FENCE: &str = "EXISTS (SELECT 1 FROM connections WHERE connection_id = ?1 AND lease_epoch = ?2 AND lease_until > ?3)";

/// Connections whose turn it is, as `c`; parameter 1 is now.
const DUE: &str = "FROM connections c JOIN portals p ON p.portal_id = c.portal_id \
     WHERE c.due_at <= ?1 AND c.status = 'active' AND c.lease_until <= ?1 AND p.status = 'active'";

/// The part that the run of `c` is in.
const TURN: &str = "coalesce ((SELECT t.part FROM turns t JOIN runs r ON r.run_id = t.run_id \
     WHERE t.connection_id = c.connection_id AND r.status = 'running'), 0)";

/// A connection under lease.
#[derive(Debug, Clone)]
pub struct Connection {
    /// Random id, 128 bits in hex.
    pub id: String,
    /// The fence: grows with every lease.
    pub epoch: i64,
    /// HubSpot portal.
    pub portal: i64,
    /// Connector id.
    pub connector: String,
    /// Region id.
    pub region: String,
    /// What the admin chose.
    pub settings: Settings,
    /// Minutes between scheduled runs; 0 = manual only.
    pub frequency: i64,
    /// Consecutive slices that ended in an error.
    pub failures: i64,
    /// A sync was asked for, and no run has begun since.
    pub requested: bool,
    /// What HubSpot was given.
    pub provisioned: Option<Provisioned>,
    /// The sealed fingerprint key.
    pub fingerprint_key: String,
    /// Minutes that the portal's clocks are ahead of UTC.
    pub utc_offset: Option<i64>,
    /// Records that the plan still has for this slice; none = no limit. Each commit takes away what it wrote.
    pub records_left: Cell<Option<i64>>,
}

/// What HubSpot was given for a connection, and the ids it gave back.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provisioned {
    /// Of the connector's declaration and the enabled objects; another version provisions anew.
    pub version: String,
    /// Stage values by HubSpot's stage ids.
    pub aliases: Vec<Alias>,
    /// Properties every new record gets, e.g. the pipeline's id: `(object, property, value)`.
    pub constants: Vec<(String, String, String)>,
    /// What a person should know, as codes: `(object, code)`.
    pub notes: Vec<(String, String)>,
}

/// A mapped value and the id that stands for it in this portal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alias {
    /// Object name.
    pub object: String,
    /// HubSpot property.
    pub property: String,
    /// The mapped value, e.g. `open`.
    pub value: String,
    /// HubSpot's id, e.g. of the stage.
    pub id: String,
}

impl From<&Alias> for mapping::Alias {
    fn from(alias: &Alias) -> Self {
        Self {
            property: alias.property.clone(),
            value: alias.value.clone(),
            id: alias.id.clone(),
        }
    }
}

/// A connection to be added.
#[derive(Debug, Clone)]
pub struct NewConnection<'a> {
    /// Random id, 128 bits in hex.
    pub id: &'a str,
    /// HubSpot portal.
    pub portal: i64,
    /// Connector id.
    pub connector: &'a str,
    /// Region id.
    pub region: &'a str,
    /// What the admin chose.
    pub settings: &'a Settings,
    /// Minutes between scheduled runs; 0 = manual only.
    pub frequency: i64,
    /// The sealed fingerprint key.
    pub fingerprint_key: &'a str,
}

/// How a slice leaves its connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// The run goes on at this time.
    At(i64),
    /// The run is over; the next one begins at this time, or at once if it was asked for meanwhile.
    Scheduled(Option<i64>),
}

impl<P: Ports> Store<'_, P> {
    /// Adds a connection, due at once.
    pub async fn add_connection(&self, new: &NewConnection<'_>) -> Result<()> {
        let now = self.ports().now();
        self.execute(
            "INSERT INTO connections (connection_id, portal_id, connector, region, status, settings, frequency, due_at, \
             requested_at, fingerprint_key, created_at) VALUES (?1, ?2, ?3, ?4, 'active', ?5, ?6, ?7, ?7, ?8, ?7)",
            &[
                new.id.into(),
                new.portal.into(),
                new.connector.into(),
                new.region.into(),
                serde_json::to_string(new.settings).map_err(|_| Error::Row)?.into(),
                new.frequency.into(),
                now.into(),
                new.fingerprint_key.into(),
            ],
        )
        .await?;
        Ok(())
    }

    /// Asks for a sync outside the schedule. Requests coalesce; one of a person's is tried at once also where a side did not
    /// answer, and waits where a limit was reached. False where the connection is not active.
    pub async fn request_sync(&self, connection: &str) -> Result<bool> {
        self.execute(
            "DELETE FROM pauses WHERE connection_id = ?1 \
             AND EXISTS (SELECT 1 FROM connections c WHERE c.connection_id = ?1 AND c.failures > 0)",
            &[connection.into()],
        )
        .await?;
        let rows = self
            .execute(
                "UPDATE connections SET requested_at = coalesce (requested_at, ?2), due_at = min (coalesce (due_at, ?2), ?2) \
                 WHERE connection_id = ?1 AND status = 'active' RETURNING 1",
                &[connection.into(), self.ports().now().into()],
            )
            .await?;
        Ok(!rows.is_empty())
    }

    /// The part of its run that the connection is in which is due for longest; none where nothing is due.
    pub async fn part_due(&self) -> Result<Option<Part>> {
        let rows = self
            .execute(
                &format!("SELECT {TURN} {DUE} ORDER BY c.due_at LIMIT 1"),
                &[self.ports().now().into()],
            )
            .await?;
        let part = first(rows).map(|mut row| Ok(Part::of(row.integer()?)));
        part.transpose()
    }

    /// Takes a lease on the connection that is due for longest in this part of its run, if any is.
    ///
    /// A slice that ends unfinished makes its connection due anew from then on, so others come first.
    pub async fn lease_due(&self, part: Part) -> Result<Option<Connection>> {
        let now = self.ports().now();
        let rows = self
            .execute(
                &format!(
                    "UPDATE connections SET lease_epoch = lease_epoch + 1, lease_until = ?2 WHERE connection_id = ( \
                       SELECT c.connection_id {DUE} AND {TURN} = ?3 ORDER BY c.due_at LIMIT 1) \
                     AND lease_until <= ?1 \
                     RETURNING connection_id, lease_epoch, portal_id, connector, region, settings, frequency, failures, \
                       requested_at IS NOT NULL, provisioned, fingerprint_key, \
                       (SELECT utc_offset FROM portal_limits WHERE portal_limits.portal_id = connections.portal_id)"
                ),
                &[
                    now.into(),
                    (now + LEASE_MILLIS).into(),
                    part.code().into(),
                ],
            )
            .await?;
        first(rows).map(connection).transpose()
    }

    /// How many connections are due now and not under lease.
    pub async fn count_due(&self) -> Result<i64> {
        let rows = self
            .execute(
                &format!("SELECT count(*) {DUE}"),
                &[self.ports().now().into()],
            )
            .await?;
        first(rows).ok_or(Error::Row)?.integer()
    }

    /// Gives the lease back and says when it goes on. Where "manual only" was chosen meanwhile, no run is scheduled; where a
    /// side does not answer, an ask that came meanwhile waits for the schedule.
    pub async fn release(&self, connection: &Connection, next: Next, failures: i64) -> Result<()> {
        let (over, at) = match next {
            Next::At(at) => (0_i64, Some(at)),
            Next::Scheduled(at) => (1, at),
        };
        self.fenced(
            "UPDATE connections SET lease_until = 0, failures = ?5, \
             due_at = CASE WHEN ?6 AND requested_at IS NOT NULL AND ?5 = 0 THEN ?3 WHEN ?6 AND frequency = 0 THEN NULL ELSE ?4 END \
             WHERE connection_id = ?1 AND lease_epoch = ?2 RETURNING 1",
            &[
                connection.id.as_str().into(),
                connection.epoch.into(),
                self.ports().now().into(),
                at.into(),
                failures.into(),
                over.into(),
            ],
        )
        .await
    }

    /// The provider or HubSpot no longer accepts the credentials: no more calls until someone reconnects.
    pub async fn expire(&self, connection: &Connection, reason: &str) -> Result<()> {
        self.fenced(
            "UPDATE connections SET status = 'expired', status_reason = ?3, due_at = NULL, lease_until = 0 \
             WHERE connection_id = ?1 AND lease_epoch = ?2 RETURNING 1",
            &[connection.id.as_str().into(), connection.epoch.into(), reason.into()],
        )
        .await
    }

    /// Remembers what HubSpot was given; none makes the next run provision anew.
    pub async fn set_provisioned(
        &self,
        connection: &Connection,
        provisioned: Option<&Provisioned>,
    ) -> Result<()> {
        let text = provisioned
            .map(serde_json::to_string)
            .transpose()
            .map_err(|_| Error::Row)?;
        self.fenced(
            &format!("UPDATE connections SET provisioned = ?4 WHERE connection_id = ?1 AND {FENCE} RETURNING 1"),
            &[
                connection.id.as_str().into(),
                connection.epoch.into(),
                self.ports().now().into(),
                SqlValue::from(text),
            ],
        )
        .await
    }
}

fn connection(mut row: Columns) -> Result<Connection> {
    Ok(Connection {
        id: row.text()?,
        epoch: row.integer()?,
        portal: row.integer()?,
        connector: row.text()?,
        region: row.text()?,
        settings: serde_json::from_str(&row.text()?)
            .map_err(|_| Error::Config("a connection's settings are not readable".to_owned()))?,
        frequency: row.integer()?,
        failures: row.integer()?,
        requested: row.integer()? != 0,
        provisioned: row
            .optional_text()?
            .and_then(|text| serde_json::from_str(&text).ok()),
        fingerprint_key: row.text()?,
        utc_offset: row.optional_integer()?,
        records_left: Cell::new(None),
    })
}
