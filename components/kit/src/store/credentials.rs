//! Sealed credentials. What is stored is the vault's envelope, never a secret.

use serde::Serialize;

use super::{Columns, Store, first, json_list};
use crate::error::Result;
use crate::oauth::TokenSet;
use crate::ports::{Ports, SqlValue};
use crate::secret::Secret;
use crate::tokens::{ACCESS_TOKEN, REFRESH_TOKEN};
use crate::vault::{Purpose, Vault};

/// The version of the tokens held; parameters 1 and 2 are portal and connection.
pub(super) const VERSION: &str = "(SELECT updated_at FROM credentials \
     WHERE portal_id = ?1 AND connection_id = ?2 AND purpose = 'access_token')";

/// The tokens of an owner, sealed.
#[derive(Debug, Clone)]
pub struct Held {
    /// Envelope of the access token.
    pub access_token: String,
    /// Unix milliseconds; none = it does not end by itself.
    pub expires_at: Option<i64>,
    /// Envelope of the refresh token.
    pub refresh_token: Option<String>,
    /// When they were stored, in unix milliseconds; grows with every storing, and not with sealing anew.
    pub version: i64,
}

/// A credential as the statement reads it.
#[derive(Serialize)]
struct Row<'a> {
    purpose: &'a str,
    sealed: String,
    expires_at: Option<i64>,
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
        let row = self.sealed(vault, purpose, value, expires_at)?;
        self.put_rows(purpose.portal, purpose.connection, &[row], None)
            .await?;
        Ok(())
    }

    /// Seals and stores tokens in one statement. With a version, only where that one is still held: false where it is
    /// not, be it that newer ones are, or that the account was disconnected.
    pub async fn put_tokens(
        &self,
        vault: &Vault,
        portal: i64,
        connection: &str,
        tokens: &TokenSet,
        version: Option<i64>,
    ) -> Result<bool> {
        let purpose = |name| Purpose {
            portal,
            connection,
            name,
        };
        let expires_at = tokens.expires_in.map(|seconds| {
            self.ports()
                .now()
                .saturating_add(seconds.saturating_mul(1_000))
        });
        let access = purpose(ACCESS_TOKEN);
        let mut rows = vec![self.sealed(vault, access, &tokens.access_token, expires_at)?];
        if let Some(token) = &tokens.refresh_token {
            rows.push(self.sealed(vault, purpose(REFRESH_TOKEN), token, None)?);
        }
        self.put_rows(portal, connection, &rows, version).await
    }

    fn sealed<'p>(
        &self,
        vault: &Vault,
        purpose: Purpose<'p>,
        value: &Secret,
        expires_at: Option<i64>,
    ) -> Result<Row<'p>> {
        Ok(Row {
            purpose: purpose.name,
            sealed: vault.seal(self.ports(), purpose, value.expose().as_bytes())?,
            expires_at,
        })
    }

    async fn put_rows(
        &self,
        portal: i64,
        connection: &str,
        rows: &[Row<'_>],
        version: Option<i64>,
    ) -> Result<bool> {
        let statement = [
            "INSERT INTO credentials (portal_id, connection_id, purpose, sealed, expires_at, updated_at) \
             SELECT ?1, ?2, value ->> 'purpose', value ->> 'sealed', value ->> 'expires_at', ?4 FROM json_each (?3) \
             WHERE ?5 IS NULL OR ?5 = ",
            VERSION,
            " ON CONFLICT (portal_id, connection_id, purpose) DO UPDATE SET sealed = excluded.sealed, \
             expires_at = excluded.expires_at, updated_at = max (excluded.updated_at, updated_at + 1) RETURNING 1",
        ];
        let stored = self
            .execute(
                &statement.concat(),
                &[
                    portal.into(),
                    connection.into(),
                    json_list(rows)?,
                    self.ports().now().into(),
                    version.into(),
                ],
            )
            .await?;
        Ok(!stored.is_empty())
    }

    /// The tokens of an owner; none where there is no access token. `connection` is empty for HubSpot's.
    pub async fn tokens(&self, portal: i64, connection: &str) -> Result<Option<Held>> {
        let rows = self
            .execute(
                "SELECT sealed, expires_at, updated_at, (SELECT sealed FROM credentials \
                   WHERE portal_id = ?1 AND connection_id = ?2 AND purpose = 'refresh_token') \
                 FROM credentials WHERE portal_id = ?1 AND connection_id = ?2 AND purpose = 'access_token'",
                &[portal.into(), connection.into()],
            )
            .await?;
        first(rows).map(held).transpose()
    }

    /// The version of a portal's tokens at HubSpot, if they were stored before a time: unix milliseconds, or ISO 8601.
    pub async fn hubspot_tokens_before(&self, portal: i64, at: SqlValue) -> Result<Option<i64>> {
        let rows = self
            .execute(
                "SELECT updated_at FROM credentials WHERE portal_id = ?1 AND connection_id = '' \
                 AND purpose = 'access_token' AND updated_at < iif (typeof (?2) = 'text', unixepoch (?2) * 1000, ?2)",
                &[portal.into(), at],
            )
            .await?;
        first(rows).map(|mut row| row.integer()).transpose()
    }

    /// Seals a value anew, in place of the envelope it was opened from.
    pub async fn reseal(
        &self,
        vault: &Vault,
        purpose: Purpose<'_>,
        value: &Secret,
        envelope: &str,
    ) -> Result<()> {
        let sealed = vault.seal(self.ports(), purpose, value.expose().as_bytes())?;
        self.execute(
            "UPDATE credentials SET sealed = ?4 WHERE portal_id = ?1 AND connection_id = ?2 AND purpose = ?3 AND sealed = ?5",
            &[
                purpose.portal.into(),
                purpose.connection.into(),
                purpose.name.into(),
                sealed.into(),
                envelope.into(),
            ],
        )
        .await?;
        Ok(())
    }

    /// Forgets the refresh token of an owner.
    pub async fn delete_refresh_token(&self, portal: i64, connection: &str) -> Result<()> {
        self.delete_where(portal, connection, REFRESH_TOKEN).await
    }

    /// Forgets one credential of a connection.
    pub async fn delete_credential(
        &self,
        portal: i64,
        connection: &str,
        purpose: &str,
    ) -> Result<()> {
        self.delete_where(portal, connection, purpose).await
    }

    /// Forgets all credentials of a connection, or with an empty one of the portal at HubSpot (S1-45). A renewal that is
    /// under way stores nothing any more.
    pub async fn delete_credentials(&self, portal: i64, connection: &str) -> Result<()> {
        self.delete_where(portal, connection, "%").await
    }

    async fn delete_where(&self, portal: i64, connection: &str, purpose: &str) -> Result<()> {
        self.execute(
            "DELETE FROM credentials WHERE portal_id = ?1 AND connection_id = ?2 AND purpose LIKE ?3",
            &[portal.into(), connection.into(), SqlValue::from(purpose)],
        )
        .await?;
        Ok(())
    }
}

fn held(mut row: Columns) -> Result<Held> {
    Ok(Held {
        access_token: row.text()?,
        expires_at: row.optional_integer()?,
        version: row.integer()?,
        refresh_token: row.optional_text()?,
    })
}
