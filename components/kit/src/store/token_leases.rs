//! Who renews a token: one instance at a time, and nobody for a while after a failure.

use super::credentials::VERSION;
use super::{Store, first};
use crate::error::Result;
use crate::ports::Ports;

/// A lease ends by itself after this time; what its holder gets afterwards is still stored, if nothing newer was.
const LEASE_MILLIS: i64 = 30_000;
/// Most doublings of a pause.
const MAX_DOUBLINGS: i64 = 4;

/// What follows a try to renew a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pause {
    /// Nothing: the next one may try at once.
    None,
    /// Nobody tries for so many milliseconds.
    Millis(i64),
    /// The same, doubled with every failure in a row.
    Growing(i64),
}

impl<P: Ports> Store<'_, P> {
    /// Takes the lease on an owner's tokens, if these are still the ones held and nobody else has it; its epoch.
    pub async fn lease_token(
        &self,
        portal: i64,
        connection: &str,
        version: i64,
    ) -> Result<Option<i64>> {
        let now = self.ports().now();
        let statement = [
            "INSERT INTO token_leases (portal_id, connection_id, epoch, lease_until) SELECT ?1, ?2, 1, ?4 WHERE ?5 = ",
            VERSION,
            " ON CONFLICT (portal_id, connection_id) DO UPDATE SET epoch = epoch + 1, lease_until = excluded.lease_until \
             WHERE lease_until <= ?3 RETURNING epoch",
        ];
        let rows = self
            .execute(
                &statement.concat(),
                &[
                    portal.into(),
                    connection.into(),
                    now.into(),
                    (now + LEASE_MILLIS).into(),
                    version.into(),
                ],
            )
            .await?;
        first(rows).map(|mut row| row.integer()).transpose()
    }

    /// Gives the lease back, if it is still held.
    pub async fn release_token(
        &self,
        portal: i64,
        connection: &str,
        epoch: i64,
        pause: Pause,
    ) -> Result<()> {
        let (millis, doublings) = match pause {
            Pause::None => (0, 0),
            Pause::Millis(millis) => (millis, 0),
            Pause::Growing(millis) => (millis, MAX_DOUBLINGS),
        };
        self.execute(
            "UPDATE token_leases SET lease_until = ?4 + (?5 << min (failures, ?6)), failures = iif (?5 > 0, failures + 1, 0) \
             WHERE portal_id = ?1 AND connection_id = ?2 AND epoch = ?3",
            &[
                portal.into(),
                connection.into(),
                epoch.into(),
                self.ports().now().into(),
                millis.into(),
                doublings.into(),
            ],
        )
        .await?;
        Ok(())
    }

    /// The provider took the account back: no more calls until someone reconnects. Tokens of a newer sign-in are not
    /// concerned.
    pub async fn expire_revoked(&self, portal: i64, connection: &str, version: i64) -> Result<()> {
        let statement = [
            "UPDATE connections SET status = 'expired', status_reason = 'provider_revoked', due_at = NULL \
             WHERE portal_id = ?1 AND connection_id = ?2 AND status = 'active' AND ?3 = ",
            VERSION,
        ];
        self.execute(
            &statement.concat(),
            &[portal.into(), connection.into(), version.into()],
        )
        .await?;
        Ok(())
    }
}
