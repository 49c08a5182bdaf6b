//! What workflows asked for: an execution is done once, however often HubSpot asks.

use super::streams::MEMBERS;
use super::{Columns, Store, first, json_list};
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

    /// It is done, with this output. What it wrote counts as a record of the month, within the same statement; what was
    /// there already does not, which is why its row is replaced (`migrations/0021_billing_and_erasure.sql`).
    pub async fn finish_action(
        &self,
        execution: Execution<'_>,
        output: &str,
        wrote: bool,
    ) -> Result<()> {
        let statement = match wrote {
            true => {
                "UPDATE action_calls SET state = 'done', output_id = ?4, at = ?5 \
                 WHERE portal_id = ?1 AND callback_id = ?2 AND action = ?3"
            }
            false => {
                "REPLACE INTO action_calls (portal_id, callback_id, action, state, output_id, at) \
                 SELECT portal_id, callback_id, action, 'done', ?4, ?5 FROM action_calls \
                 WHERE portal_id = ?1 AND callback_id = ?2 AND action = ?3"
            }
        };
        self.execute(
            statement,
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

    /// The provider's record is gone, and HubSpot's gets another side: it is the gone one's no more.
    pub async fn unlink_gone(
        &self,
        connection: &str,
        object: &str,
        provider_id: &str,
        hubspot_id: &str,
    ) -> Result<()> {
        self.execute(
            "UPDATE links SET hubspot_id = NULL, base = NULL, state = 'provider_gone', reason = 'provider_gone', \
               attempts = 0, retry_at = NULL \
             WHERE connection_id = ?1 AND object = ?2 AND provider_id = ?3 AND hubspot_id = ?4",
            &[
                connection.into(),
                object.into(),
                provider_id.into(),
                hubspot_id.into(),
            ],
        )
        .await?;
        Ok(())
    }

    /// Links a record that an action created to the HubSpot record it was created for, where neither has another side, and
    /// the portal is here. The next run compares both.
    pub async fn link_created(
        &self,
        connection: &str,
        object: &str,
        provider_id: &str,
        hubspot_id: &str,
    ) -> Result<()> {
        self.execute(
            "INSERT INTO links (connection_id, object, provider_id, hubspot_id, state, reason, synced_at, attempts, retry_at) \
             SELECT ?1, ?2, ?3, ?4, 'failed', 'created_by_action', ?5, 0, ?5 WHERE NOT EXISTS \
               (SELECT 1 FROM links WHERE connection_id = ?1 AND object = ?2 AND hubspot_id = ?4) \
             AND EXISTS (SELECT 1 FROM connections c JOIN portals p ON p.portal_id = c.portal_id \
               WHERE c.connection_id = ?1 AND p.status <> 'uninstalled') \
             ON CONFLICT DO NOTHING",
            &[
                connection.into(),
                object.into(),
                provider_id.into(),
                hubspot_id.into(),
                self.ports().now().into(),
            ],
        )
        .await?;
        Ok(())
    }

    /// Of these records of a provider, those that have a HubSpot record by now; and whether an action may be creating one
    /// of its records just now. One statement: what an action has created is either linked by it, or still under way.
    pub async fn created_meanwhile(
        &self,
        portal: i64,
        connector: &str,
        (connection, object): (&str, &str),
        ids: &[&str],
    ) -> Result<(Vec<String>, bool)> {
        let under_way = "EXISTS (SELECT 1 FROM action_calls WHERE portal_id = ?1 AND state = 'sent' AND at > ?2 - ?3 \
             AND substr (action, 1, length (?4) + 1) = ?4 || '/')";
        let rows = self
            .execute(
                &format!(
                    "SELECT {under_way}, NULL UNION ALL \
                     SELECT 0, l.provider_id FROM json_each (?7) j \
                     CROSS JOIN links l ON l.connection_id = ?5 AND l.object = ?6 AND l.provider_id = j.value \
                     WHERE l.hubspot_id IS NOT NULL"
                ),
                &[
                    portal.into(),
                    self.ports().now().into(),
                    (2 * WORK_MILLIS).into(),
                    connector.into(),
                    connection.into(),
                    object.into(),
                    json_list(ids)?,
                ],
            )
            .await?;
        let (mut linked, mut creating) = (Vec::new(), false);
        for row in rows {
            let mut row = Columns::of(row);
            creating |= row.integer()? != 0;
            linked.extend(row.optional_text()?);
        }
        Ok((linked, creating))
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

    /// Asks for a sync of everything, changed or not, of all of a portal's connections; the ids of those that will. What a
    /// run knows of a list that is a door stays: it may be shut, and every run reads it anew.
    pub async fn request_full_sync(&self, portal: i64) -> Result<Vec<String>> {
        let active =
            "SELECT connection_id FROM connections WHERE portal_id = ?1 AND status = 'active'";
        self.execute(
            &format!(
                "UPDATE streams SET version = NULL, full_at = NULL WHERE connection_id IN ({active}) \
                 AND substr (stream, -length (?2)) <> ?2"
            ),
            &[portal.into(), MEMBERS.into()],
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
