//! Authorizations under way, and who a browser is. Nonces are here as digests alone.

use super::{Columns, Store, first};
use crate::error::{Error, Result};
use crate::ports::{Ports, SqlValue};

/// What an authorization is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// HubSpot installs the app.
    Install,
    /// A provider's account is connected.
    Connect,
}

impl Flow {
    fn name(self) -> &'static str {
        match self {
            Self::Install => "install",
            Self::Connect => "connect",
        }
    }
}

/// An authorization under way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OauthState {
    /// HubSpot portal; none while it is still to be chosen there.
    pub portal: Option<i64>,
    /// HubSpot user.
    pub user: Option<i64>,
    /// Connector id.
    pub connector: Option<String>,
    /// Region id.
    pub region: Option<String>,
    /// PKCE verifier, sealed.
    pub verifier: Option<String>,
    /// Where the browser goes in the end.
    pub return_to: Option<String>,
}

/// How a browser proves who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionKind {
    /// A link that opens once.
    Ticket,
    /// A cookie.
    Session,
}

impl SessionKind {
    fn name(self) -> &'static str {
        match self {
            Self::Ticket => "ticket",
            Self::Session => "session",
        }
    }
}

/// Who a ticket or session stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holder {
    /// HubSpot portal.
    pub portal: i64,
    /// HubSpot user.
    pub user: i64,
}

impl<P: Ports> Store<'_, P> {
    /// Begins an authorization.
    pub async fn put_state(
        &self,
        digest: &str,
        session_digest: &str,
        flow: Flow,
        state: &OauthState,
        expires_at: i64,
    ) -> Result<()> {
        self.execute(
            "INSERT INTO oauth_states (state_digest, session_digest, flow, portal_id, user_id, connector, region, verifier, \
             return_to, created_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            &[
                digest.into(),
                session_digest.into(),
                flow.name().into(),
                state.portal.into(),
                state.user.into(),
                state.connector.clone().into(),
                state.region.clone().into(),
                state.verifier.clone().into(),
                state.return_to.clone().into(),
                self.ports().now().into(),
                expires_at.into(),
            ],
        )
        .await?;
        Ok(())
    }

    /// Takes an authorization: once, in time, by the browser it was begun in, for the flow and connector it was begun for.
    /// None where any of this does not hold; then nothing is changed.
    pub async fn take_state(
        &self,
        digest: &str,
        session_digest: &str,
        flow: Flow,
        connector: Option<&str>,
    ) -> Result<Option<OauthState>> {
        let rows = self
            .execute(
                "DELETE FROM oauth_states WHERE state_digest = ?1 AND session_digest = ?2 AND flow = ?3 AND connector IS ?4 \
                 AND expires_at > ?5 RETURNING portal_id, user_id, connector, region, verifier, return_to",
                &[
                    digest.into(),
                    session_digest.into(),
                    flow.name().into(),
                    connector.map_or(SqlValue::Null, SqlValue::from),
                    self.ports().now().into(),
                ],
            )
            .await?;
        first(rows).map(oauth_state).transpose()
    }

    /// Adds a ticket or session.
    pub async fn put_session(
        &self,
        digest: &str,
        kind: SessionKind,
        holder: Holder,
        expires_at: i64,
    ) -> Result<()> {
        self.execute(
            "INSERT INTO sessions (session_digest, kind, portal_id, user_id, created_at, expires_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            &[
                digest.into(),
                kind.name().into(),
                holder.portal.into(),
                holder.user.into(),
                self.ports().now().into(),
                expires_at.into(),
            ],
        )
        .await?;
        Ok(())
    }

    /// Takes a ticket: once, in time.
    pub async fn take_ticket(&self, digest: &str) -> Result<Option<Holder>> {
        let rows = self
            .execute(
                "DELETE FROM sessions WHERE session_digest = ?1 AND kind = 'ticket' AND expires_at > ?2 \
                 RETURNING portal_id, user_id",
                &[digest.into(), self.ports().now().into()],
            )
            .await?;
        first(rows).map(holder).transpose()
    }

    /// Whose a session is, in time.
    pub async fn session(&self, digest: &str) -> Result<Option<Holder>> {
        let rows = self
            .execute(
                "SELECT portal_id, user_id FROM sessions \
                 WHERE session_digest = ?1 AND kind = 'session' AND expires_at > ?2",
                &[digest.into(), self.ports().now().into()],
            )
            .await?;
        first(rows).map(holder).transpose()
    }

    /// Ends every session, ticket and authorization of a portal.
    pub async fn end_sessions(&self, portal: i64) -> Result<()> {
        for statement in [
            "DELETE FROM sessions WHERE portal_id = ?1",
            "DELETE FROM oauth_states WHERE portal_id = ?1",
        ] {
            self.execute(statement, &[portal.into()]).await?;
        }
        Ok(())
    }
}

fn oauth_state(mut row: Columns) -> Result<OauthState> {
    Ok(OauthState {
        portal: row.optional_integer()?,
        user: row.optional_integer()?,
        connector: row.optional_text()?,
        region: row.optional_text()?,
        verifier: row.optional_text()?,
        return_to: row.optional_text()?,
    })
}

fn holder(mut row: Columns) -> Result<Holder> {
    Ok::<_, Error>(Holder {
        portal: row.integer()?,
        user: row.integer()?,
    })
}
