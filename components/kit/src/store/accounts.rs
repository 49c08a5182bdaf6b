//! The accounts at providers that connections belong to, and what becomes of a connection when one is connected,
//! connected again, exchanged or let go.

use super::{Columns, Store, first};
use crate::error::Result;
use crate::ports::Ports;
use crate::secret::Secret;
use crate::vault::{Purpose, Vault};

/// Tables that hold how far a connection's records are in step. They belong to one account at the provider: its ids mean
/// nothing at another.
const SYNC_STATE: [&str; 19] = [
    "links",
    "claims",
    "claimants",
    "candidates",
    "relations",
    "associations",
    "released",
    "missing",
    "brakes",
    "passed_over",
    "companion_choices",
    "list_members",
    "provider_webhooks",
    "suspects",
    "turns",
    "pauses",
    "intents",
    "begun_writes",
    "streams",
];

/// A portal's connection to a connector, whoever's account it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Connection id.
    pub id: String,
    /// Region id.
    pub region: String,
    /// `active`, `expired`, `paused`, `disconnected`.
    pub status: String,
    /// The provider's id of the organization; none where it was never told.
    pub account: Option<String>,
}

/// A connection as its portal's users see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Connection id.
    pub id: String,
    /// Connector id.
    pub connector: String,
    /// Region id.
    pub region: String,
    /// `active`, `expired`, `paused`, `disconnected`.
    pub status: String,
    /// A code.
    pub reason: Option<String>,
    /// Unix milliseconds.
    pub connected_at: Option<i64>,
    /// When the last run ended, in unix milliseconds.
    pub last_run_at: Option<i64>,
    /// `succeeded` or `failed`.
    pub last_run: Option<String>,
    /// A code, where that run has something to say.
    pub last_run_reason: Option<String>,
}

/// An account that waits for an answer: is it to take the old one's place?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// Connection id.
    pub connection: String,
    /// The provider's id of the other organization.
    pub account: String,
    /// Region id.
    pub region: String,
    /// HubSpot user who is asked.
    pub user: i64,
}

impl<P: Ports> Store<'_, P> {
    /// Opens a sealed credential, with its end in unix milliseconds; none where there is none.
    pub async fn credential(
        &self,
        vault: &Vault,
        purpose: Purpose<'_>,
    ) -> Result<Option<(Secret, Option<i64>)>> {
        let rows = self
            .execute(
                "SELECT sealed, expires_at FROM credentials WHERE portal_id = ?1 AND connection_id = ?2 AND purpose = ?3",
                &[
                    purpose.portal.into(),
                    purpose.connection.into(),
                    purpose.name.into(),
                ],
            )
            .await?;
        let Some(mut row) = first(rows) else {
            return Ok(None);
        };
        let value = vault.open_text(purpose, &row.text()?)?;
        Ok(Some((value, row.optional_integer()?)))
    }

    /// A portal's connection to a connector.
    pub async fn known_connection(&self, portal: i64, connector: &str) -> Result<Option<Known>> {
        let rows = self
            .execute(
                "SELECT c.connection_id, c.region, c.status, a.account_id FROM connections c \
                 LEFT JOIN accounts a ON a.connection_id = c.connection_id WHERE c.portal_id = ?1 AND c.connector = ?2",
                &[portal.into(), connector.into()],
            )
            .await?;
        first(rows).map(known).transpose()
    }

    /// A portal's connections, in the order in which they were made.
    pub async fn list_connections(&self, portal: i64) -> Result<Vec<Listed>> {
        let rows = self
            .execute(
                "SELECT c.connection_id, c.connector, c.region, c.status, c.status_reason, a.connected_at, \
                   r.finished_at, r.status, r.reason FROM connections c \
                 LEFT JOIN accounts a ON a.connection_id = c.connection_id \
                 LEFT JOIN runs r ON r.run_id = (SELECT max (run_id) FROM runs \
                   WHERE runs.connection_id = c.connection_id AND finished_at IS NOT NULL) \
                 WHERE c.portal_id = ?1 ORDER BY c.created_at, c.connection_id",
                &[portal.into()],
            )
            .await?;
        rows.into_iter()
            .map(|row| listed(Columns::of(row)))
            .collect()
    }

    /// Remembers whose account a connection belongs to; a question about another one is answered by it.
    pub async fn put_account(&self, connection: &str, account: &str, user: i64) -> Result<()> {
        self.execute(
            "INSERT INTO accounts (connection_id, account_id, connected_by, connected_at) VALUES (?1, ?2, ?3, ?4) \
             ON CONFLICT (connection_id) DO UPDATE SET account_id = excluded.account_id, connected_by = excluded.connected_by, \
             connected_at = excluded.connected_at, disconnected_at = NULL, pending_id = NULL, pending_region = NULL, \
             pending_by = NULL, pending_until = NULL",
            &[
                connection.into(),
                account.into(),
                user.into(),
                self.ports().now().into(),
            ],
        )
        .await?;
        Ok(())
    }

    /// Makes a connection active and due at once, where it stands.
    pub async fn revive_connection(&self, connection: &str, region: &str) -> Result<()> {
        self.execute(
            "UPDATE connections SET status = 'active', status_reason = NULL, failures = 0, region = ?2, due_at = ?3, \
             requested_at = coalesce (requested_at, ?3) WHERE connection_id = ?1",
            &[connection.into(), region.into(), self.ports().now().into()],
        )
        .await?;
        Ok(())
    }

    /// Makes a portal's connections due that stopped because HubSpot's access was gone. One whose provider does not take
    /// its credentials any more stops again by itself.
    pub async fn revive_connections(&self, portal: i64) -> Result<()> {
        self.execute(
            "UPDATE connections SET status = 'active', status_reason = NULL, failures = 0, due_at = ?2, \
             requested_at = coalesce (requested_at, ?2) WHERE portal_id = ?1 AND status IN ('active', 'expired') \
             AND EXISTS (SELECT 1 FROM credentials WHERE credentials.connection_id = connections.connection_id)",
            &[portal.into(), self.ports().now().into()],
        )
        .await?;
        Ok(())
    }

    /// Ends a connection: nobody works on it any more. Its credentials are deleted apart.
    pub async fn end_connection(&self, connection: &str, reason: &str) -> Result<()> {
        let now = self.ports().now();
        self.execute(
            "UPDATE connections SET status = 'disconnected', status_reason = ?2, due_at = NULL, requested_at = NULL, \
             lease_epoch = lease_epoch + 1, lease_until = 0 WHERE connection_id = ?1",
            &[connection.into(), reason.into()],
        )
        .await?;
        self.execute(
            "UPDATE accounts SET disconnected_at = ?2, pending_id = NULL, pending_region = NULL, pending_by = NULL, \
             pending_until = NULL WHERE connection_id = ?1",
            &[connection.into(), now.into()],
        )
        .await?;
        Ok(())
    }

    /// Another account signed in: it waits for an answer until then.
    pub async fn put_pending(&self, pending: &Pending, until: i64) -> Result<()> {
        self.execute(
            "UPDATE accounts SET pending_id = ?2, pending_region = ?3, pending_by = ?4, pending_until = ?5 \
             WHERE connection_id = ?1",
            &[
                pending.connection.as_str().into(),
                pending.account.as_str().into(),
                pending.region.as_str().into(),
                pending.user.into(),
                until.into(),
            ],
        )
        .await?;
        Ok(())
    }

    /// The account that waits for an answer, in time.
    pub async fn pending(&self, portal: i64, connector: &str) -> Result<Option<Pending>> {
        let rows = self
            .execute(
                "SELECT c.connection_id, a.pending_id, a.pending_region, a.pending_by FROM connections c \
                 JOIN accounts a ON a.connection_id = c.connection_id \
                 WHERE c.portal_id = ?1 AND c.connector = ?2 AND a.pending_until > ?3",
                &[
                    portal.into(),
                    connector.into(),
                    self.ports().now().into(),
                ],
            )
            .await?;
        first(rows).map(pending).transpose()
    }

    /// The question is answered, or taken back.
    pub async fn clear_pending(&self, connection: &str) -> Result<()> {
        self.execute(
            "DELETE FROM credentials WHERE connection_id = ?1 AND purpose LIKE 'pending%'",
            &[connection.into()],
        )
        .await?;
        self.execute(
            "UPDATE accounts SET pending_id = NULL, pending_region = NULL, pending_by = NULL, pending_until = NULL \
             WHERE connection_id = ?1",
            &[connection.into()],
        )
        .await?;
        Ok(())
    }

    /// Forgets how far a connection's records are in step, with nobody working on it meanwhile. The connection is left
    /// `paused`; where this is interrupted it stays so until somebody connects again.
    pub async fn forget_sync_state(&self, connection: &str) -> Result<()> {
        self.execute(
            "UPDATE connections SET status = 'paused', status_reason = 'account_switched', due_at = NULL, \
             lease_epoch = lease_epoch + 1, lease_until = 0 WHERE connection_id = ?1",
            &[connection.into()],
        )
        .await?;
        self.execute(
            "UPDATE runs SET status = 'failed', reason = 'account_switched', finished_at = ?2 \
             WHERE connection_id = ?1 AND status = 'running'",
            &[connection.into(), self.ports().now().into()],
        )
        .await?;
        for table in SYNC_STATE {
            self.execute(
                &format!("DELETE FROM {table} WHERE connection_id = ?1"),
                &[connection.into()],
            )
            .await?;
        }
        Ok(())
    }
}

fn known(mut row: Columns) -> Result<Known> {
    Ok(Known {
        id: row.text()?,
        region: row.text()?,
        status: row.text()?,
        account: row.optional_text()?,
    })
}

fn listed(mut row: Columns) -> Result<Listed> {
    Ok(Listed {
        id: row.text()?,
        connector: row.text()?,
        region: row.text()?,
        status: row.text()?,
        reason: row.optional_text()?,
        connected_at: row.optional_integer()?,
        last_run_at: row.optional_integer()?,
        last_run: row.optional_text()?,
        last_run_reason: row.optional_text()?,
    })
}

fn pending(mut row: Columns) -> Result<Pending> {
    Ok(Pending {
        connection: row.text()?,
        account: row.text()?,
        region: row.text()?,
        user: row.integer()?,
    })
}
