//! What settings pages read and write: settings under optimistic locking, runs with their counts and errors.

use super::cards::{Ended, Held};
use super::runs::Counts;
use super::{Columns, Store, first, json_list};
use crate::error::Result;
use crate::ports::{Ports, SqlValue};

/// A run in the history.
#[derive(Debug, Clone)]
pub struct HistoryRow {
    /// Run id.
    pub id: i64,
    /// `scheduled` or `requested`.
    pub cause: String,
    /// `running`, `succeeded` or `failed`.
    pub status: String,
    /// A code.
    pub reason: Option<String>,
    /// The list that the reason concerns.
    pub reason_object: Option<String>,
    /// Unix milliseconds.
    pub started_at: i64,
    /// Unix milliseconds.
    pub finished_at: Option<i64>,
}

/// What became of one kind of record in a run.
#[derive(Debug, Clone)]
pub struct ObjectRow {
    /// Run id.
    pub run: i64,
    /// Object name.
    pub object: String,
    /// How many.
    pub counts: Counts,
}

/// Records of a run that failed for one reason.
#[derive(Debug, Clone)]
pub struct Failures {
    /// Run id.
    pub run: i64,
    /// Object name.
    pub object: String,
    /// A code.
    pub code: String,
    /// The property concerned; empty = the record as a whole.
    pub property: String,
    /// How many records.
    pub count: i64,
}

impl<P: Ports> Store<'_, P> {
    /// Stores settings where those read before are still the stored ones. A new frequency counts from now on; what was asked
    /// for or is under way stays due; `at_once` asks for a sync, as [`Store::request_sync`] does. False where somebody else came
    /// first.
    pub async fn change_settings(
        &self,
        held: &Held,
        settings: &str,
        frequency: i64,
        at_once: bool,
    ) -> Result<bool> {
        let rows = self
            .execute(
                "UPDATE connections SET settings = ?4, frequency = ?5, \
                   requested_at = CASE WHEN ?7 AND status = 'active' THEN coalesce (requested_at, ?6) ELSE requested_at END, \
                   due_at = CASE \
                   WHEN ?7 AND status = 'active' THEN min (coalesce (due_at, ?6), ?6) \
                   WHEN frequency = ?5 OR requested_at IS NOT NULL OR status <> 'active' OR EXISTS ( \
                     SELECT 1 FROM runs r WHERE r.connection_id = ?1 AND r.status = 'running') THEN due_at \
                   WHEN ?5 = 0 THEN NULL \
                   ELSE min (coalesce (due_at, ?6 + ?5 * 60000), ?6 + ?5 * 60000) END \
                 WHERE connection_id = ?1 AND settings = ?2 AND frequency = ?3 RETURNING 1",
                &[
                    held.id.as_str().into(),
                    held.stored.as_str().into(),
                    held.frequency.into(),
                    settings.into(),
                    frequency.into(),
                    self.ports().now().into(),
                    i64::from(at_once).into(),
                ],
            )
            .await?;
        Ok(!rows.is_empty())
    }

    /// The last run that ended.
    pub async fn last_ended(&self, connection: &str) -> Result<Option<Ended>> {
        let rows = self
            .execute(
                "SELECT finished_at, status = 'succeeded', reason, reason_object FROM runs \
                 WHERE connection_id = ?1 AND finished_at IS NOT NULL ORDER BY started_at DESC LIMIT 1",
                &[connection.into()],
            )
            .await?;
        first(rows)
            .map(|mut row| {
                Ok(Ended {
                    at: row.integer()?,
                    succeeded: row.integer()? != 0,
                    reason: row.optional_text()?,
                    object: row.optional_text()?,
                })
            })
            .transpose()
    }

    /// A linked pair of provider id and HubSpot id: of this HubSpot record, or the one that was written last.
    pub async fn linked_pair(
        &self,
        connection: &str,
        object: &str,
        record: Option<&str>,
    ) -> Result<Option<(String, String)>> {
        let rows = self
            .execute(
                "SELECT provider_id, hubspot_id FROM links WHERE connection_id = ?1 AND object = ?2 AND state = 'active' \
                 AND hubspot_id = coalesce (?3, hubspot_id) ORDER BY synced_at DESC LIMIT 1",
                &[connection.into(), object.into(), record.map(str::to_owned).into()],
            )
            .await?;
        first(rows)
            .map(|mut row| Ok((row.text()?, row.text()?)))
            .transpose()
    }

    /// Runs before this id, newest first.
    pub async fn history(
        &self,
        connection: &str,
        before: i64,
        limit: i64,
    ) -> Result<Vec<HistoryRow>> {
        let rows = self
            .execute(
                "SELECT run_id, cause, status, reason, reason_object, started_at, finished_at FROM runs \
                 WHERE connection_id = ?1 AND run_id < ?2 ORDER BY run_id DESC LIMIT ?3",
                &[connection.into(), before.into(), limit.into()],
            )
            .await?;
        rows.into_iter()
            .map(|row| {
                let mut row = Columns::of(row);
                Ok(HistoryRow {
                    id: row.integer()?,
                    cause: row.text()?,
                    status: row.text()?,
                    reason: row.optional_text()?,
                    reason_object: row.optional_text()?,
                    started_at: row.integer()?,
                    finished_at: row.optional_integer()?,
                })
            })
            .collect()
    }

    /// The counts of these runs.
    pub async fn history_counts(&self, runs: &[i64]) -> Result<Vec<ObjectRow>> {
        let rows = self
            .execute(
                "SELECT run_id, object, read, created, updated, linked, unchanged, ambiguous, failed FROM run_counts \
                 WHERE run_id IN (SELECT value FROM json_each (?1)) ORDER BY run_id, object",
                &[json_list(runs)?],
            )
            .await?;
        rows.into_iter()
            .map(|row| {
                let mut row = Columns::of(row);
                Ok(ObjectRow {
                    run: row.integer()?,
                    object: row.text()?,
                    counts: Counts {
                        read: row.integer()?,
                        created: row.integer()?,
                        updated: row.integer()?,
                        linked: row.integer()?,
                        unchanged: row.integer()?,
                        ambiguous: row.integer()?,
                        failed: row.integer()?,
                    },
                })
            })
            .collect()
    }

    /// What failed in these runs, by reason, most first.
    pub async fn history_errors(&self, runs: &[i64]) -> Result<Vec<Failures>> {
        let rows = self
            .execute(
                "SELECT run_id, object, code, property, count(*) FROM run_errors \
                 WHERE run_id IN (SELECT value FROM json_each (?1)) GROUP BY run_id, object, code, property \
                 ORDER BY run_id, count(*) DESC, object, code, property",
                &[json_list(runs)?],
            )
            .await?;
        rows.into_iter()
            .map(|row| {
                let mut row = Columns::of(row);
                Ok(Failures {
                    run: row.integer()?,
                    object: row.text()?,
                    code: row.text()?,
                    property: row.text()?,
                    count: row.integer()?,
                })
            })
            .collect()
    }

    /// The history line by line, newest first: run and kind of record with its counts and error codes, as text. Times are
    /// ISO 8601 in UTC.
    pub async fn history_lines(&self, connection: &str, limit: i64) -> Result<Vec<Vec<String>>> {
        let rows = self
            .execute(
                "SELECT r.run_id, strftime ('%Y-%m-%dT%H:%M:%SZ', r.started_at / 1000, 'unixepoch'), \
                   strftime ('%Y-%m-%dT%H:%M:%SZ', r.finished_at / 1000, 'unixepoch'), r.status, r.cause, r.reason, c.object, \
                   c.read, c.created, c.updated, c.linked, c.unchanged, c.ambiguous, c.failed, \
                   (SELECT group_concat (code || ' ' || many, '; ') FROM (SELECT code, count(*) AS many FROM run_errors e \
                     WHERE e.run_id = r.run_id AND e.object = c.object GROUP BY code ORDER BY code)) \
                 FROM runs r LEFT JOIN run_counts c ON c.run_id = r.run_id \
                 WHERE r.connection_id = ?1 ORDER BY r.run_id DESC, c.object LIMIT ?2",
                &[connection.into(), limit.into()],
            )
            .await?;
        let text = |value| match value {
            SqlValue::Text(text) => text,
            SqlValue::Integer(number) => number.to_string(),
            _ => String::new(),
        };
        Ok(rows
            .into_iter()
            .map(|row| row.into_iter().map(text).collect())
            .collect())
    }
}
