//! Sealed credentials. What is stored is the vault's envelope, never a secret.

use super::{Store, first};
use crate::error::Result;
use crate::ports::Ports;
use crate::secret::Secret;
use crate::vault::{Purpose, Vault};

/// An access token and when it ends.
#[derive(Debug, Clone)]
pub struct AccessToken {
    /// The token.
    pub token: Secret,
    /// Unix milliseconds; none = it does not end by itself.
    pub expires_at: Option<i64>,
}

impl<P: Ports> Store<'_, P> {
    /// Seals and stores a credential.
    pub async fn put_credential(
        &self,
        vault: &Vault,
        purpose: Purpose<'_>,
        value: &Secret,
        expires_at: Option<i64>,
    ) -> Result<()> {
        let sealed = vault.seal(self.ports(), purpose, value.expose().as_bytes())?;
        self.execute(
            "INSERT INTO credentials (portal_id, connection_id, purpose, sealed, expires_at, updated_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (portal_id, connection_id, purpose) DO UPDATE SET \
             sealed = excluded.sealed, expires_at = excluded.expires_at, updated_at = excluded.updated_at",
            &[
                purpose.portal.into(),
                purpose.connection.into(),
                purpose.name.into(),
                sealed.into(),
                expires_at.into(),
                self.ports().now().into(),
            ],
        )
        .await?;
        Ok(())
    }

    /// Opens a stored access token; none where there is none.
    pub async fn access_token(
        &self,
        vault: &Vault,
        portal: i64,
        connection: &str,
    ) -> Result<Option<AccessToken>> {
        let purpose = Purpose {
            portal,
            connection,
            name: "access_token",
        };
        let rows = self
            .execute(
                "SELECT sealed, expires_at FROM credentials WHERE portal_id = ?1 AND connection_id = ?2 AND purpose = ?3",
                &[portal.into(), connection.into(), purpose.name.into()],
            )
            .await?;
        let Some(mut row) = first(rows) else {
            return Ok(None);
        };
        let token = vault.open_text(purpose, &row.text()?)?;
        Ok(Some(AccessToken {
            token,
            expires_at: row.optional_integer()?,
        }))
    }
}
