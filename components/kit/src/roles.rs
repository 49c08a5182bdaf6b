//! Who may change things: the user who installed the app, and the portal's super admins. Everyone else reads (S1-39,
//! S1-40).

use crate::error::Result;
use crate::oauth;
use crate::oauth::hubspot::{self, App};
use crate::ports::Ports;
use crate::store::Store;
use crate::tokens::{self, Owner};
use crate::vault::Vault;

/// How long HubSpot's word about a user counts.
pub const ROLE_MILLIS: i64 = 600_000;

/// Whether a user of a portal administers. Where HubSpot cannot be asked, that is an error and never a yes.
pub async fn is_admin<P: Ports>(ports: &P, portal: i64, user: i64) -> Result<bool> {
    let store = Store::new(ports);
    let now = ports.now();
    if let Some(admin) = store.is_admin(portal, user, now - ROLE_MILLIS).await? {
        return Ok(admin);
    }
    let admin = ask(ports, portal, user).await?;
    store.put_role(portal, user, admin).await?;
    Ok(admin)
}

async fn ask<P: Ports>(ports: &P, portal: i64, user: i64) -> Result<bool> {
    let vault = Vault::from_ring(ports.variable("vault_keys").as_ref())?;
    let app = App::from_variables(ports)?;
    let budget = oauth::budget(ports);
    let token = tokens::access(ports, &budget, &vault, portal, Owner::HubSpot).await?;
    hubspot::portal(ports, &budget, &app, &token)
        .is_super_admin(user)
        .await
}
