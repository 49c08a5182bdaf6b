//! What ends by its age: run logs, audit entries, sessions, authorizations that nobody finished (S1-44).

use super::erase::{EMPTY_PORTALS, erasure};
use super::{Columns, Store, json_list};
use crate::error::Result;
use crate::ports::Ports;

/// Rows that one statement deletes: enough to get on, few enough to hold the database for a moment only.
const ROWS: usize = 2_000;

/// Runs that began more than 90 days ago (S1-44), but for those under way.
macro_rules! old_runs {
    () => {
        "started_at < ?1 - 90 * 86400000 AND (status <> 'running' OR connection_id NOT IN \
         (SELECT connection_id FROM connections WHERE status = 'active'))"
    };
}

/// The runs' own rows, which go before them.
const OF_OLD_RUNS: &str = concat!(
    "run_id IN (SELECT run_id FROM runs WHERE ",
    old_runs!(),
    ")"
);

/// Portals that are gone: what an instance stored while they were being erased is nobody's. An hour later it is not just
/// being stored either.
macro_rules! nobodys {
    ($time: literal) => {
        concat!(
            $time,
            " < ?1 - 3600000 AND portal_id NOT IN (SELECT portal_id FROM portals)"
        )
    };
}

/// Table, primary key, and the condition under which a row is past its time at `?1`.
static PAST: [(&str, &str, &str); 20] = [
    (
        "run_errors",
        "run_id, object, provider_id, code, property",
        OF_OLD_RUNS,
    ),
    ("run_counts", "run_id, object", OF_OLD_RUNS),
    ("runs", "run_id", old_runs!()),
    // A year, and time to look back on it.
    ("audit", "audit_id", "at < ?1 - 400 * 86400000"),
    // HubSpot asks again for three days.
    (
        "action_calls",
        "portal_id, callback_id, action",
        "at < ?1 - 90 * 86400000",
    ),
    // HubSpot has gone on by itself.
    (
        "action_waiting",
        "portal_id, callback_id, action",
        "until < ?1 - 3 * 3600000",
    ),
    ("oauth_states", "state_digest", "expires_at <= ?1"),
    ("sessions", "session_digest", "expires_at <= ?1"),
    // An account that nobody said yes to.
    (
        "credentials",
        "portal_id, connection_id, purpose",
        "purpose LIKE 'pending_%' AND connection_id IN (SELECT connection_id FROM accounts WHERE pending_until <= ?1)",
    ),
    (
        "credentials",
        "portal_id, connection_id, purpose",
        nobodys!("updated_at"),
    ),
    // The same of connections (S1-45).
    (
        "credentials",
        "portal_id, connection_id, purpose",
        "updated_at < ?1 - 3600000 AND connection_id <> '' \
         AND connection_id NOT IN (SELECT connection_id FROM connections WHERE status <> 'disconnected')",
    ),
    (
        "token_leases",
        "portal_id, connection_id",
        nobodys!("lease_until"),
    ),
    ("roles", "portal_id, user_id", nobodys!("checked_at")),
    // Seven years after the end (S1-47), two of them leap years; the events go with them.
    (
        "billing_customers",
        "customer_id",
        "ended_at < ?1 - (7 * 365 + 2) * 86400000",
    ),
    // Whose portal is erased, and who was never heard of again: a checkout is open for a day.
    (
        "billing_customers",
        "customer_id",
        "portal_id IS NULL AND plan IS NULL AND changed_at < ?1 - 2 * 86400000",
    ),
    (
        "usage_by_month",
        "portal_id, month",
        "month < strftime ('%Y-%m', ?1 / 1000 - 400 * 86400, 'unixepoch')",
    ),
    // Only the last seconds count.
    (
        "portal_calls",
        "portal_id, second",
        "second < ?1 / 1000 - 3600",
    ),
    (
        "portal_limits",
        "portal_id",
        "portal_id NOT IN (SELECT portal_id FROM portals) AND ?1",
    ),
    // One step of the index for each connection, however many links it has.
    (
        "links",
        "connection_id, object, provider_id",
        "connection_id IN (WITH RECURSIVE c (id) AS (SELECT min (connection_id) FROM links UNION ALL \
           SELECT (SELECT min (connection_id) FROM links WHERE connection_id > c.id) FROM c WHERE c.id IS NOT NULL) \
           SELECT id FROM c WHERE id IS NOT NULL AND id NOT IN (SELECT connection_id FROM connections)) AND ?1",
    ),
    // HubSpot repeats itself for a day.
    (
        "hubspot_events",
        "portal_id, event",
        "received_at < ?1 - 2 * 86400000",
    ),
];

/// The question about an account is over.
const NO_ANSWER: &str = "UPDATE accounts SET pending_id = NULL, pending_region = NULL, pending_by = NULL, pending_until = NULL \
    WHERE pending_until <= ?1";

/// A statement that deletes at most `ROWS` rows, and gives a row for each.
pub(super) fn deletion(table: &str, key: &str, condition: &str) -> String {
    format!(
        "DELETE FROM {table} WHERE ({key}) IN (SELECT {key} FROM {table} WHERE {condition} LIMIT {ROWS}) RETURNING 1"
    )
}

impl<P: Ports> Store<'_, P> {
    /// Takes those of the chores (name, milliseconds until it is due again) that are due, and makes them due again after
    /// that time. Of many instances one gets each.
    pub async fn claim_chores(&self, chores: &[(&str, i64)]) -> Result<Vec<String>> {
        let rows = self
            .execute(
                "INSERT INTO chores (chore, due_at) \
                 SELECT value ->> 0, ?2 + (value ->> 1) FROM json_each (?1) WHERE true \
                 ON CONFLICT (chore) DO UPDATE SET due_at = excluded.due_at WHERE due_at <= ?2 RETURNING chore",
                &[json_list(chores)?, self.ports().now().into()],
            )
            .await?;
        rows.into_iter()
            .map(|row| Columns::of(row).text())
            .collect()
    }

    /// Makes a chore due at once, because there is more to do.
    pub async fn hurry_chore(&self, chore: &str) -> Result<()> {
        self.execute("DELETE FROM chores WHERE chore = ?1", &[chore.into()])
            .await?;
        Ok(())
    }

    /// Deletes the portals whose deletion clock is due, and what is past its time; the portals that are gone now, or none
    /// where the deadline (unix milliseconds) came first.
    pub async fn delete_past(&self, deadline: i64) -> Result<Option<Vec<i64>>> {
        let now = self.ports().now();
        let mut rows = Vec::new();
        for statement in statements() {
            // Each until it finds less than it might delete.
            while {
                rows = self.execute(&statement, &[now.into()]).await?;
                rows.len() == ROWS
            } {
                if self.ports().now() >= deadline {
                    return Ok(None);
                }
            }
        }
        let gone = rows.into_iter().map(|row| Columns::of(row).integer());
        gone.collect::<Result<_>>().map(Some)
    }
}

/// In their order; `?1` is now. The last one answers with the portals that are gone.
fn statements() -> Vec<String> {
    let mut statements = erasure();
    for (table, key, condition) in &PAST {
        statements.push(deletion(table, key, condition));
    }
    statements.push(NO_ANSWER.to_owned());
    statements.push(EMPTY_PORTALS.to_owned());
    statements
}
