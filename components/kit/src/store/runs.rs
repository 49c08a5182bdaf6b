//! Runs: one pass over a connection, in as many slices as it takes; counts and error codes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::connections::{Connection, FENCE};
use super::{Columns, Store, first};
use crate::budget::Calls;
use crate::engine::Part;
use crate::error::{Error, Result};
use crate::ports::Ports;
use crate::settings::Settings;

/// A run under way.
#[derive(Debug, Clone)]
pub struct Run {
    /// Its id.
    pub id: i64,
    /// The settings it works by, as they were when it began.
    pub settings: Settings,
    /// Unix milliseconds.
    pub started_at: i64,
}

/// What became of the records of one object.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Read from the provider.
    pub read: i64,
    /// Created in HubSpot.
    pub created: i64,
    /// Changed in HubSpot.
    pub updated: i64,
    /// Attached to a record that HubSpot had already.
    pub linked: i64,
    /// Nothing to write.
    pub unchanged: i64,
    /// Waiting in the review queue.
    pub ambiguous: i64,
    /// Refused, with a code.
    pub failed: i64,
}

impl<P: Ports> Store<'_, P> {
    /// The run under way, or a new one that takes up any request for a sync.
    pub async fn run(&self, connection: &Connection) -> Result<Run> {
        let rows = self
            .execute(
                "SELECT run_id, settings, started_at FROM runs WHERE connection_id = ?1 AND status = 'running'",
                &[connection.id.as_str().into()],
            )
            .await?;
        if let Some(mut row) = first(rows) {
            let id = row.integer()?;
            let settings = serde_json::from_str(&row.text()?)
                .map_err(|_| Error::Config("a run's settings are not readable".to_owned()))?;
            return Ok(Run {
                id,
                settings,
                started_at: row.integer()?,
            });
        }
        let now = self.ports().now();
        let settings = serde_json::to_string(&connection.settings).map_err(|_| Error::Row)?;
        let cause = if connection.requested {
            "requested"
        } else {
            "scheduled"
        };
        let rows = self
            .execute(
                &format!(
                    "INSERT INTO runs (connection_id, cause, status, settings, started_at) \
                     SELECT ?1, ?4, 'running', ?5, ?3 WHERE {FENCE} RETURNING run_id"
                ),
                &[
                    connection.id.as_str().into(),
                    connection.epoch.into(),
                    now.into(),
                    cause.into(),
                    settings.into(),
                ],
            )
            .await?;
        let id = first(rows).ok_or(Error::LeaseLost)?.integer()?;
        self.fenced(
            &format!("UPDATE connections SET requested_at = NULL WHERE connection_id = ?1 AND {FENCE} RETURNING 1"),
            &[connection.id.as_str().into(), connection.epoch.into(), now.into()],
        )
        .await?;
        Ok(Run {
            id,
            settings: connection.settings.clone(),
            started_at: now,
        })
    }

    /// Adds a slice to a run, and the calls that came with no page.
    pub async fn add_slice(&self, connection: &Connection, run: i64, calls: Calls) -> Result<()> {
        self.fenced(
            &format!(
                "UPDATE runs SET slices = slices + 1, hubspot_calls = hubspot_calls + ?5, provider_calls = provider_calls + ?6 \
                 WHERE run_id = ?4 AND {FENCE} RETURNING 1"
            ),
            &[
                connection.id.as_str().into(),
                connection.epoch.into(),
                self.ports().now().into(),
                run.into(),
                calls.hubspot.into(),
                calls.provider.into(),
            ],
        )
        .await
    }

    /// The run goes on in another part.
    pub async fn hand_over(&self, connection: &Connection, run: i64, to: Part) -> Result<()> {
        self.fenced(
            &format!(
                "INSERT INTO turns (connection_id, run_id, part) SELECT ?1, ?4, ?5 WHERE {FENCE} \
                 ON CONFLICT (connection_id) DO UPDATE SET run_id = excluded.run_id, part = excluded.part RETURNING 1"
            ),
            &[
                connection.id.as_str().into(),
                connection.epoch.into(),
                self.ports().now().into(),
                run.into(),
                to.code().into(),
            ],
        )
        .await
    }

    /// Ends a run. `failure` is `(object, code)`.
    pub async fn finish_run(
        &self,
        connection: &Connection,
        run: i64,
        failure: Option<(Option<&str>, &str)>,
    ) -> Result<()> {
        let (status, object, reason) = match failure {
            None => ("succeeded", None, None),
            Some((object, code)) => ("failed", object, Some(code)),
        };
        self.fenced(
            &format!(
                "UPDATE runs SET status = ?5, reason_object = ?6, reason = ?7, finished_at = ?3 \
                 WHERE run_id = ?4 AND status = 'running' AND {FENCE} RETURNING 1"
            ),
            &[
                connection.id.as_str().into(),
                connection.epoch.into(),
                self.ports().now().into(),
                run.into(),
                status.into(),
                object.into(),
                reason.into(),
            ],
        )
        .await
    }

    /// The counts of a run by object.
    pub async fn counts(&self, run: i64) -> Result<BTreeMap<String, Counts>> {
        let rows = self
            .execute(
                "SELECT object, read, created, updated, linked, unchanged, ambiguous, failed FROM run_counts WHERE run_id = ?1",
                &[run.into()],
            )
            .await?;
        rows.into_iter()
            .map(|row| {
                let mut row = Columns::of(row);
                let object = row.text()?;
                let counts = Counts {
                    read: row.integer()?,
                    created: row.integer()?,
                    updated: row.integer()?,
                    linked: row.integer()?,
                    unchanged: row.integer()?,
                    ambiguous: row.integer()?,
                    failed: row.integer()?,
                };
                Ok((object, counts))
            })
            .collect()
    }
}
