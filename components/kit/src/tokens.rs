//! Tokens at rest and in use: sealed, renewed before they end by one instance at a time, told apart when they fail.

use std::time::Duration;

use crate::budget::Budget;
use crate::error::{Class, Error, Result, Side};
use crate::oauth::provider::Server;
use crate::oauth::{self, TokenSet};
use crate::ports::Ports;
use crate::secret::Secret;
use crate::store::Store;
use crate::store::credentials::Held;
use crate::store::token_leases::Pause;
use crate::vault::{Purpose, Vault};

/// A token that ends within this time is not used any more: longer than an invocation may take.
const LAST_MILLIS: i64 = 60_000;
/// A token that can be renewed is, from this time before its end; the one held serves on while that fails.
const EARLY_MILLIS: i64 = 5 * 60_000;
/// How often, and how many times, another instance's renewal is waited for.
const WAIT_MILLIS: i64 = 300;
const WAITS: u32 = 15;
/// After a failure nobody tries for this time; doubles with each one in a row, up to 16 times.
const PAUSE_MILLIS: i64 = 5_000;
/// Tries to store what a token endpoint gave: it may have taken back what is stored.
const STORE_TRIES: u32 = 3;

/// Purposes under which tokens are sealed.
pub(crate) const ACCESS_TOKEN: &str = "access_token";
pub(crate) const REFRESH_TOKEN: &str = "refresh_token";

/// Whose tokens.
#[derive(Debug, Clone, Copy)]
pub enum Owner<'a> {
    /// The portal's at HubSpot.
    HubSpot,
    /// A connection's at its provider.
    Provider {
        /// Connection id.
        connection: &'a str,
        /// The provider in the connection's region.
        server: &'a Server,
    },
}

impl Owner<'_> {
    fn connection(&self) -> &str {
        match self {
            Self::HubSpot => "",
            Self::Provider { connection, .. } => connection,
        }
    }

    fn side(&self) -> Side {
        match self {
            Self::HubSpot => Side::HubSpot,
            Self::Provider { .. } => Side::Provider,
        }
    }
}

/// Seals and stores what a sign-in gave, in place of whatever was there. `connection` is empty for HubSpot's.
pub async fn store<P: Ports>(
    ports: &P,
    vault: &Vault,
    portal: i64,
    connection: &str,
    tokens: &TokenSet,
) -> Result<()> {
    if tokens.refresh_token.is_none() {
        // One of another sign-in must not outlive it.
        Store::new(ports)
            .delete_refresh_token(portal, connection)
            .await?;
    }
    put(ports, vault, portal, connection, tokens, None).await?;
    Ok(())
}

/// An access token that holds for an invocation at least: the one held, or a new one.
///
/// # Errors
/// Class `Revoked`: the portal is marked uninstalled, or the connection expired. A provider or HubSpot that is out of reach,
/// or a wrong configuration of ours, is no revocation and changes nothing.
pub async fn access<P: Ports>(
    ports: &P,
    budget: &Budget,
    vault: &Vault,
    portal: i64,
    owner: Owner<'_>,
) -> Result<Secret> {
    let store = Store::new(ports);
    let side = owner.side();
    for _ in 0..WAITS {
        let held = store.tokens(portal, owner.connection()).await?;
        let held = held.ok_or(Error::TokenExpired { side })?;
        let left = held
            .expires_at
            .map_or(i64::MAX, |at| at.saturating_sub(ports.now()));
        let serves = left > LAST_MILLIS;
        let Some(refresh_token) = held
            .refresh_token
            .as_deref()
            .filter(|_| left <= early(&held))
        else {
            return match serves {
                true => current(&store, vault, portal, owner, &held).await,
                false => Err(Error::TokenExpired { side }),
            };
        };
        let renewed = renew(ports, budget, vault, portal, owner, &held, refresh_token).await;
        match renewed {
            Ok(Some(token)) => return Ok(token),
            Err(error) if !serves || error.class() == Class::Revoked => return Err(error),
            // Somebody else renews it, or nobody can just now: the one held is still good.
            _ if serves => return current(&store, vault, portal, owner, &held).await,
            _ => {}
        }
        if !budget.allows_wait(ports, WAIT_MILLIS) {
            break;
        }
        ports
            .sleep(Duration::from_millis(WAIT_MILLIS.unsigned_abs()))
            .await;
    }
    Err(Error::TokenBusy { side })
}

/// How long before its end a token is renewed: of a short life, a tenth.
fn early(held: &Held) -> i64 {
    let life = held
        .expires_at
        .map_or(i64::MAX, |at| at.saturating_sub(held.version));
    (life / 10).clamp(LAST_MILLIS, EARLY_MILLIS)
}

/// Opens the token held; seals anew what an older key sealed.
async fn current<P: Ports>(
    store: &Store<'_, P>,
    vault: &Vault,
    portal: i64,
    owner: Owner<'_>,
    held: &Held,
) -> Result<Secret> {
    let open = async |name, envelope: &str| {
        let purpose = Purpose {
            portal,
            connection: owner.connection(),
            name,
        };
        let token = vault.open_text(purpose, envelope)?;
        if vault.needs_reseal(envelope) {
            store.reseal(vault, purpose, &token, envelope).await?;
        }
        Ok(token)
    };
    if let Some(envelope) = &held.refresh_token
        && vault.needs_reseal(envelope)
    {
        open(REFRESH_TOKEN, envelope).await?;
    }
    open(ACCESS_TOKEN, &held.access_token).await
}

/// Renews a token if nobody else does; none where somebody does, or has.
async fn renew<P: Ports>(
    ports: &P,
    budget: &Budget,
    vault: &Vault,
    portal: i64,
    owner: Owner<'_>,
    held: &Held,
    refresh_token: &str,
) -> Result<Option<Secret>> {
    let store = Store::new(ports);
    let purpose = Purpose {
        portal,
        connection: owner.connection(),
        name: REFRESH_TOKEN,
    };
    let refresh_token = vault.open_text(purpose, refresh_token)?;
    let connection = owner.connection();
    let Some(epoch) = store.lease_token(portal, connection, held.version).await? else {
        return Ok(None);
    };
    let answer = match owner {
        Owner::HubSpot => match oauth::hubspot::App::from_variables(ports) {
            Ok(app) => oauth::hubspot::refresh(ports, budget, &app, &refresh_token).await,
            Err(error) => Err(error),
        },
        Owner::Provider { server, .. } => server.refresh(ports, budget, &refresh_token).await,
    };
    // A lease that is not given back ends by itself.
    let give_back = async |pause| {
        store
            .release_token(portal, connection, epoch, pause)
            .await
            .ok();
    };
    match answer {
        Ok(tokens) => {
            let stored = put(
                ports,
                vault,
                portal,
                connection,
                &tokens,
                Some(held.version),
            )
            .await?;
            give_back(Pause::None).await;
            Ok(stored.then_some(tokens.access_token))
        }
        Err(error) => {
            let pause = match error.class() {
                Class::Transient => Pause::Growing(PAUSE_MILLIS),
                Class::RateLimited { after } => Pause::Millis(after),
                Class::Revoked => {
                    revoked(&store, portal, owner, held.version).await?;
                    Pause::None
                }
                Class::Invalid | Class::Fatal => Pause::None,
            };
            give_back(pause).await;
            Err(error)
        }
    }
}

/// The app is no longer installed, or the account no longer connected: says so, unless there is a newer sign-in.
async fn revoked<P: Ports>(
    store: &Store<'_, P>,
    portal: i64,
    owner: Owner<'_>,
    version: i64,
) -> Result<()> {
    match owner {
        Owner::HubSpot => {
            let signal = Some((version, "token_revoked"));
            store.uninstall_portal(portal, signal).await.map(drop)
        }
        Owner::Provider { connection, .. } => {
            store.expire_revoked(portal, connection, version).await
        }
    }
}

/// Stores tokens; with a version, only where that one is still held. False where it is not.
async fn put<P: Ports>(
    ports: &P,
    vault: &Vault,
    portal: i64,
    connection: &str,
    tokens: &TokenSet,
    version: Option<i64>,
) -> Result<bool> {
    let store = Store::new(ports);
    let mut tries = 1;
    loop {
        let stored = store
            .put_tokens(vault, portal, connection, tokens, version)
            .await;
        match stored {
            Err(error) if error.class() == Class::Transient && tries < STORE_TRIES => tries += 1,
            stored => return stored,
        }
    }
}
