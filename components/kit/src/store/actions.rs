//! What workflows asked for: an execution is done once, however often HubSpot asks.

use super::{Columns, Store, first};
use crate::error::{Error, Result};
use crate::ports::Ports;

/// Whoever works on an execution is done within this time, or gone: HubSpot does not wait longer either.
const WORK_MILLIS: i64 = 30_000;

/// One execution of an action.
#[derive(Debug, Clone, Copy)]
pub struct Execution<'a> {
    /// HubSpot portal.
    pub portal: i64,
    /// HubSpot's id of it.
    pub callback: &'a str,
    /// E.g. `clio/create_contact`.
    pub action: &'a str,
}

/// How an execution stands for whoever asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// It is the asker's; the time is its fence.
    Mine(i64),
    /// Somebody else works on it just now.
    Busy,
    /// It was done, with this output.
    Done(String),
    /// It was sent, and whether it was done is not known.
    Unknown,
}

impl<P: Ports> Store<'_, P> {
    /// Takes an execution: a new one, or one that was given up before anything was sent.
    pub async fn claim_action(&self, execution: Execution<'_>) -> Result<Claim> {
        let now = self.ports().now();
        let key = || {
            [
                execution.portal.into(),
                execution.callback.into(),
                execution.action.into(),
            ]
        };
        let [portal, callback, action] = key();
        let rows = self
            .execute(
                "INSERT INTO action_calls (portal_id, callback_id, action, state, at) VALUES (?1, ?2, ?3, 'begun', ?4) \
                 ON CONFLICT (portal_id, callback_id, action) DO UPDATE SET at = excluded.at \
                 WHERE state = 'begun' AND at <= ?4 - ?5 RETURNING 1",
                &[portal, callback, action, now.into(), WORK_MILLIS.into()],
            )
            .await?;
        if !rows.is_empty() {
            return Ok(Claim::Mine(now));
        }
        let rows = self
            .execute(
                "SELECT state, output_id, at FROM action_calls WHERE portal_id = ?1 AND callback_id = ?2 AND action = ?3",
                &key(),
            )
            .await?;
        let Some(mut row) = first(rows) else {
            // Given up in between.
            return Ok(Claim::Busy);
        };
        let (state, output, at) = (row.text()?, row.optional_text()?, row.integer()?);
        Ok(match (state.as_str(), output) {
            ("done", Some(output)) => Claim::Done(output),
            ("sent", _) if at <= now - WORK_MILLIS => Claim::Unknown,
            _ => Claim::Busy,
        })
    }

    /// It is about to be sent: from now on it is not known to be undone. False where it is another's by now.
    pub async fn mark_action_sent(&self, execution: Execution<'_>, fence: i64) -> Result<bool> {
        let rows = self
            .execute(
                "UPDATE action_calls SET state = 'sent' \
                 WHERE portal_id = ?1 AND callback_id = ?2 AND action = ?3 AND at = ?4 AND state = 'begun' RETURNING 1",
                &[
                    execution.portal.into(),
                    execution.callback.into(),
                    execution.action.into(),
                    fence.into(),
                ],
            )
            .await?;
        Ok(!rows.is_empty())
    }

    /// It is done, with this output.
    pub async fn finish_action(&self, execution: Execution<'_>, output: &str) -> Result<()> {
        self.execute(
            "UPDATE action_calls SET state = 'done', output_id = ?4, at = ?5 \
             WHERE portal_id = ?1 AND callback_id = ?2 AND action = ?3",
            &[
                execution.portal.into(),
                execution.callback.into(),
                execution.action.into(),
                output.into(),
                self.ports().now().into(),
            ],
        )
        .await?;
        Ok(())
    }

    /// Nothing was done: whoever asks next may try.
    pub async fn give_up_action(&self, execution: Execution<'_>, fence: i64) -> Result<()> {
        self.execute(
            "DELETE FROM action_calls WHERE portal_id = ?1 AND callback_id = ?2 AND action = ?3 AND at = ?4 AND state <> 'done'",
            &[
                execution.portal.into(),
                execution.callback.into(),
                execution.action.into(),
                fence.into(),
            ],
        )
        .await?;
        Ok(())
    }

    /// Asks for a sync of everything, changed or not, of all of a portal's connections; the ids of those that will.
    pub async fn request_full_sync(&self, portal: i64) -> Result<Vec<String>> {
        let active =
            "SELECT connection_id FROM connections WHERE portal_id = ?1 AND status = 'active'";
        self.execute(
            &format!("UPDATE streams SET version = NULL, full_at = NULL WHERE connection_id IN ({active})"),
            &[portal.into()],
        )
        .await?;
        let rows = self
            .execute(
                "UPDATE connections SET requested_at = coalesce (requested_at, ?2), due_at = min (coalesce (due_at, ?2), ?2) \
                 WHERE portal_id = ?1 AND status = 'active' RETURNING connector",
                &[portal.into(), self.ports().now().into()],
            )
            .await?;
        rows.into_iter()
            .map(|row| Columns::of(row).text())
            .collect::<Result<_, Error>>()
    }
}
