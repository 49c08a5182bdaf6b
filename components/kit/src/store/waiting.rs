//! Actions that HubSpot waits for, with what a workflow gave, sealed.

use super::actions::Execution;
use super::{Columns, Store, json_list};
use crate::error::Result;
use crate::ports::Ports;

/// A tick that took an action is done with it within this time, or gone.
const LEASE_MILLIS: i64 = 60_000;

/// An action that HubSpot waits for.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// HubSpot portal.
    pub portal: i64,
    /// HubSpot's id of the execution.
    pub callback: String,
    /// E.g. `clio/create_contact`.
    pub action: String,
    /// The vault's envelope of what was given; none once it is known how it ended.
    pub sealed: Option<String>,
    /// What HubSpot is to be told, as JSON; none while that is not known.
    pub outcome: Option<String>,
    /// Up to when it is tried, in unix milliseconds.
    pub until: i64,
    /// How often in a row a tick has taken it.
    pub attempts: i64,
}

impl Waiting {
    /// What names it.
    pub fn execution(&self) -> Execution<'_> {
        Execution {
            portal: self.portal,
            callback: &self.callback,
            action: &self.action,
        }
    }
}

impl<P: Ports> Store<'_, P> {
    /// Whether HubSpot waits for this execution.
    pub async fn is_waiting(&self, execution: Execution<'_>) -> Result<bool> {
        let rows = self
            .execute(
                "SELECT 1 FROM action_waiting WHERE portal_id = ?1 AND callback_id = ?2 AND action = ?3",
                &[
                    execution.portal.into(),
                    execution.callback.into(),
                    execution.action.into(),
                ],
            )
            .await?;
        Ok(!rows.is_empty())
    }

    /// Puts an execution aside, for a tick to take from `due_at` on and to give up at `until` (unix milliseconds). False
    /// where the portal has not granted the scope `automation`: nobody could complete it.
    pub async fn put_action_aside(
        &self,
        execution: Execution<'_>,
        sealed: &str,
        due_at: i64,
        until: i64,
    ) -> Result<bool> {
        let rows = self
            .execute(
                "INSERT INTO action_waiting (portal_id, callback_id, action, sealed, until, due_at, attempts) \
                 SELECT portal_id, ?2, ?3, ?4, ?5, ?6, 0 FROM installs \
                 WHERE portal_id = ?1 AND instr (' ' || scopes || ' ', ' automation ') > 0 \
                 ON CONFLICT (portal_id, callback_id, action) DO UPDATE SET due_at = due_at RETURNING 1",
                &[
                    execution.portal.into(),
                    execution.callback.into(),
                    execution.action.into(),
                    sealed.into(),
                    until.into(),
                    due_at.into(),
                ],
            )
            .await?;
        Ok(!rows.is_empty())
    }

    /// Whether a tick has to look at any.
    pub async fn waiting_due(&self) -> Result<bool> {
        let rows = self
            .execute(
                "SELECT 1 FROM action_waiting WHERE due_at <= ?1 LIMIT 1",
                &[self.ports().now().into()],
            )
            .await?;
        Ok(!rows.is_empty())
    }

    /// Takes those that are due, for a while: of many ticks each gets others.
    pub async fn take_waiting(&self, limit: i64) -> Result<Vec<Waiting>> {
        let now = self.ports().now();
        let rows = self
            .execute(
                "UPDATE action_waiting SET due_at = ?1 + ?2, attempts = attempts + 1 \
                 WHERE (portal_id, callback_id, action) IN (SELECT portal_id, callback_id, action FROM action_waiting \
                   WHERE due_at <= ?1 ORDER BY due_at LIMIT ?3) \
                 RETURNING portal_id, callback_id, action, sealed, outcome, until, attempts",
                &[now.into(), LEASE_MILLIS.into(), limit.into()],
            )
            .await?;
        rows.into_iter()
            .map(|row| waiting(Columns::of(row)))
            .collect()
    }

    /// It is known how it ended: what was given is deleted.
    pub async fn decide_waiting(&self, execution: Execution<'_>, outcome: &str) -> Result<()> {
        self.execute(
            "UPDATE action_waiting SET sealed = NULL, outcome = ?4, attempts = 0 \
             WHERE portal_id = ?1 AND callback_id = ?2 AND action = ?3 AND outcome IS NULL",
            &[
                execution.portal.into(),
                execution.callback.into(),
                execution.action.into(),
                outcome.into(),
            ],
        )
        .await?;
        Ok(())
    }

    /// Has it taken again from a time on (unix milliseconds); `sealed` takes the envelope's place.
    pub async fn put_off(
        &self,
        waiting: &Waiting,
        due_at: i64,
        sealed: Option<&str>,
    ) -> Result<()> {
        self.execute(
            "UPDATE action_waiting SET due_at = ?4, sealed = iif (sealed IS NULL, NULL, coalesce (?5, sealed)) \
             WHERE portal_id = ?1 AND callback_id = ?2 AND action = ?3",
            &[
                waiting.portal.into(),
                waiting.callback.as_str().into(),
                waiting.action.as_str().into(),
                due_at.into(),
                sealed.into(),
            ],
        )
        .await?;
        Ok(())
    }

    /// HubSpot does not wait for these any more.
    pub async fn end_waiting(&self, waiting: &[&Waiting]) -> Result<()> {
        let keys: Vec<(i64, &str, &str)> = waiting
            .iter()
            .map(|one| (one.portal, one.callback.as_str(), one.action.as_str()))
            .collect();
        self.execute(
            "DELETE FROM action_waiting WHERE (portal_id, callback_id, action) IN \
             (SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each (?1))",
            &[json_list(&keys)?],
        )
        .await?;
        Ok(())
    }
}

fn waiting(mut row: Columns) -> Result<Waiting> {
    Ok(Waiting {
        portal: row.integer()?,
        callback: row.text()?,
        action: row.text()?,
        sealed: row.optional_text()?,
        outcome: row.optional_text()?,
        until: row.integer()?,
        attempts: row.integer()?,
    })
}
