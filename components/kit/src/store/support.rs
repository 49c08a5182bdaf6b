//! What support may see of a portal: its status, its connections and recent runs, without content and names (S1-21).

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Columns, Store, first};
use crate::error::Result;
use crate::ports::Ports;

/// Runs that are shown.
const RUNS: i64 = 20;

/// A portal as support sees it. Times are unix milliseconds.
#[derive(Debug, Clone, Serialize)]
pub struct PortalView {
    /// HubSpot portal id.
    pub portal_id: i64,
    /// `active`, `restricted` or `uninstalled`.
    pub status: String,
    /// When it is erased, if it is to be.
    pub erase_at: Option<i64>,
    /// Its connections.
    pub connections: Vec<ConnectionView>,
    /// Recent runs of all connections, newest first.
    pub runs: Vec<RunView>,
}

/// A connection as support sees it.
#[derive(Debug, Clone, Serialize)]
pub struct ConnectionView {
    /// Connection id.
    pub connection_id: String,
    /// Connector id.
    pub connector: String,
    /// Region id.
    pub region: String,
    /// `active`, `expired`, `paused` or `disconnected`.
    pub status: String,
    /// A code.
    pub status_reason: Option<String>,
    /// Minutes between scheduled runs; 0 = manual only.
    pub frequency: i64,
    /// When the next slice may begin.
    pub due_at: Option<i64>,
    /// Consecutive slices that ended in an error.
    pub failures: i64,
    /// When the last run succeeded.
    pub last_sync_at: Option<i64>,
}

/// A run as support sees it.
#[derive(Debug, Clone, Serialize)]
pub struct RunView {
    /// Run id.
    pub run_id: i64,
    /// Connection id.
    pub connection_id: String,
    /// `scheduled` or `requested`.
    pub cause: String,
    /// `running`, `succeeded` or `failed`.
    pub status: String,
    /// A code.
    pub reason: Option<String>,
    /// The list that the reason concerns.
    pub reason_object: Option<String>,
    /// When it began.
    pub started_at: i64,
    /// When it ended.
    pub finished_at: Option<i64>,
    /// Invocations that it took.
    pub slices: i64,
    /// Calls to HubSpot.
    pub hubspot_calls: i64,
    /// Calls to the provider.
    pub provider_calls: i64,
    /// Records read, in all lists.
    pub read: i64,
    /// Records created in HubSpot.
    pub created: i64,
    /// Records changed in HubSpot.
    pub updated: i64,
    /// Records that failed.
    pub failed: i64,
    /// How many of them, by code.
    pub errors: BTreeMap<String, i64>,
}

impl<P: Ports> Store<'_, P> {
    /// A portal as support sees it; none where there is no such portal.
    pub async fn portal_view(&self, portal: i64) -> Result<Option<PortalView>> {
        let rows = self
            .execute(
                "SELECT portal_id, status, (SELECT erase_at FROM installs i WHERE i.portal_id = p.portal_id) \
                 FROM portals p WHERE portal_id = ?1",
                &[portal.into()],
            )
            .await?;
        let Some(mut row) = first(rows) else {
            return Ok(None);
        };
        Ok(Some(PortalView {
            portal_id: row.integer()?,
            status: row.text()?,
            erase_at: row.optional_integer()?,
            connections: self.connection_views(portal).await?,
            runs: self.run_views(portal).await?,
        }))
    }

    async fn connection_views(&self, portal: i64) -> Result<Vec<ConnectionView>> {
        let rows = self
            .execute(
                "SELECT connection_id, connector, region, status, status_reason, frequency, due_at, failures, \
                 (SELECT max (finished_at) FROM runs r WHERE r.connection_id = c.connection_id AND r.status = 'succeeded') \
                 FROM connections c WHERE portal_id = ?1 ORDER BY connector",
                &[portal.into()],
            )
            .await?;
        rows.into_iter()
            .map(|row| {
                let mut row = Columns::of(row);
                Ok(ConnectionView {
                    connection_id: row.text()?,
                    connector: row.text()?,
                    region: row.text()?,
                    status: row.text()?,
                    status_reason: row.optional_text()?,
                    frequency: row.integer()?,
                    due_at: row.optional_integer()?,
                    failures: row.integer()?,
                    last_sync_at: row.optional_integer()?,
                })
            })
            .collect()
    }

    async fn run_views(&self, portal: i64) -> Result<Vec<RunView>> {
        let rows = self
            .execute(
                "WITH recent AS (SELECT * FROM runs WHERE connection_id IN \
                   (SELECT connection_id FROM connections WHERE portal_id = ?1) ORDER BY started_at DESC, run_id DESC LIMIT ?2) \
                 SELECT r.run_id, connection_id, cause, status, reason, reason_object, started_at, finished_at, slices, \
                   hubspot_calls, provider_calls, coalesce (sum (read), 0), coalesce (sum (created), 0), \
                   coalesce (sum (updated), 0), coalesce (sum (failed), 0) \
                 FROM recent r LEFT JOIN run_counts c ON c.run_id = r.run_id GROUP BY r.run_id \
                 ORDER BY started_at DESC, r.run_id DESC",
                &[portal.into(), RUNS.into()],
            )
            .await?;
        let mut runs = rows
            .into_iter()
            .map(|row| run_view(Columns::of(row)))
            .collect::<Result<Vec<RunView>>>()?;
        let ids: Vec<i64> = runs.iter().map(|run| run.run_id).collect();
        let rows = self
            .execute(
                "SELECT run_id, code, count(*) FROM run_errors WHERE run_id IN (SELECT value FROM json_each (?1)) \
                 GROUP BY run_id, code",
                &[super::json_list(&ids)?],
            )
            .await?;
        for row in rows {
            let mut row = Columns::of(row);
            let (id, code, count) = (row.integer()?, row.text()?, row.integer()?);
            if let Some(run) = runs.iter_mut().find(|run| run.run_id == id) {
                run.errors.insert(code, count);
            }
        }
        Ok(runs)
    }
}

fn run_view(mut row: Columns) -> Result<RunView> {
    Ok(RunView {
        run_id: row.integer()?,
        connection_id: row.text()?,
        cause: row.text()?,
        status: row.text()?,
        reason: row.optional_text()?,
        reason_object: row.optional_text()?,
        started_at: row.integer()?,
        finished_at: row.optional_integer()?,
        slices: row.integer()?,
        hubspot_calls: row.integer()?,
        provider_calls: row.integer()?,
        read: row.integer()?,
        created: row.integer()?,
        updated: row.integer()?,
        failed: row.integer()?,
        errors: BTreeMap::new(),
    })
}
