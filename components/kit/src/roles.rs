//! Who may change things: the user who installed the app, and the portal's super admins. Everyone else reads (S1-39,
//! S1-40).

use crate::budget::Budget;
use crate::call::Caller;
use crate::config;
use crate::error::{Error, Result, Side};
use crate::hubspot::{self, HubSpot};
use crate::ports::Ports;
use crate::store::Store;
use crate::vault::Vault;

/// How long HubSpot's word about a user counts.
pub const ROLE_MILLIS: i64 = 600_000;
/// Milliseconds that asking HubSpot may take.
const ASK_MILLIS: i64 = 8_000;

/// Whether a user of a portal administers. Where HubSpot cannot be asked, that is an error and never a yes.
pub async fn is_admin<P: Ports>(ports: &P, portal: i64, user: i64) -> Result<bool> {
    let store = Store::new(ports);
    let now = ports.now();
    if let Some(admin) = store.is_admin(portal, user, now - ROLE_MILLIS).await? {
        return Ok(admin);
    }
    let admin = ask(ports, &store, portal, user).await?;
    store.put_role(portal, user, admin).await?;
    Ok(admin)
}

async fn ask<P: Ports>(ports: &P, store: &Store<'_, P>, portal: i64, user: i64) -> Result<bool> {
    let vault = Vault::from_ring(ports.variable("vault_keys").as_ref())?;
    let token = store
        .access_token(&vault, portal, "")
        .await?
        .ok_or(Error::TokenExpired {
            side: Side::HubSpot,
        })?;
    let url = config::hubspot_url(ports)?;
    let until = ports.now() + ASK_MILLIS;
    let budget = Budget::new(until, until, 3);
    let caller = Caller {
        ports,
        budget: &budget,
        side: Side::HubSpot,
        pace: hubspot::PACE_MILLIS,
    };
    HubSpot::new(caller, &url, token.token)
        .is_super_admin(user)
        .await
}
