//! `POST /account/uninstall`: HubSpot takes the app away on an admin's wish, all access is deleted, and the deletion
//! clock starts.

use maud::html;
use serde_json::{Map, json};

use super::closing::{access_token, end};
use super::question::give_back;
use super::{connector, vault};
use crate::audit::{self, Action};
use crate::caller::{Caller, Reply, as_admin};
use crate::error::Class;
use crate::oauth;
use crate::oauth::hubspot::{self, App};
use crate::page::Page;
use crate::ports::Ports;
use crate::secret::Secret;
use crate::store::Store;
use crate::store::accounts::Listed;
use crate::store::installs::ERASE_AFTER_MILLIS;
use crate::surface::{Answer, Incoming, Problem};
use crate::tokens::{self, Owner};
use crate::vault::Vault;

/// Uninstalls the app from the caller's portal.
pub async fn uninstall<P: Ports>(ports: &P, incoming: &Incoming) -> Answer {
    as_admin(ports, incoming, async |caller| {
        uninstalled(ports, caller).await
    })
    .await
}

/// Takes the app away from a portal that is erased next, whatever HubSpot says: all access is given back in any case. Whether
/// HubSpot was told.
pub(crate) async fn left<P: Ports>(ports: &P, caller: &Caller) -> bool {
    let store = Store::new(ports);
    // Read before anything is deleted; what does not open cannot be given back.
    let held = match (vault(ports), store.list_connections(caller.portal).await) {
        (Ok(vault), Ok(connections)) => held(ports, &vault, caller, connections).await,
        _ => Vec::new(),
    };
    if uninstalled(ports, caller).await.is_ok() {
        return true;
    }
    for (listed, token) in held {
        if let Ok(connector) = connector(&listed.connector) {
            give_back(ports, &connector, &listed.region, &token).await;
        }
    }
    false
}

/// The connections that have an access token, with it.
async fn held<P: Ports>(
    ports: &P,
    vault: &Vault,
    caller: &Caller,
    connections: Vec<Listed>,
) -> Vec<(Listed, Secret)> {
    let mut held = Vec::new();
    for listed in connections {
        if let Some(token) = access_token(ports, vault, caller, &listed).await {
            held.push((listed, token));
        }
    }
    held
}

/// Takes the app away from a portal. Where HubSpot does not answer, nothing is changed.
async fn uninstalled<P: Ports>(ports: &P, caller: &Caller) -> Result<Reply, Problem> {
    let vault = vault(ports)?;
    let app = App::from_variables(ports)?;
    let store = Store::new(ports);
    let budget = oauth::budget(ports);
    let connections = store.list_connections(caller.portal).await?;

    // HubSpot comes first: where it does not answer, nothing is changed and the admin tries again.
    let gone = match tokens::access(ports, &budget, &vault, caller.portal, Owner::HubSpot).await {
        Ok(token) => hubspot::uninstall(ports, &budget, &app, &token).await,
        Err(error) => Err(error),
    };
    match gone {
        // Uninstalled over there already.
        Err(error) if error.class() == Class::Revoked => {}
        gone => gone?,
    }

    let held = held(ports, &vault, caller, connections.clone()).await;
    let renews = store
        .customer_of(caller.portal)
        .await?
        .and_then(|customer| customer.subscription)
        .is_some_and(|bought| bought.renews > 0);
    store.uninstall_portal(caller.portal, None).await?;
    for listed in &connections {
        if listed.status != "disconnected" {
            end(ports, caller, listed, "app_uninstalled").await?;
        }
    }
    audit::write(
        &store,
        caller.portal,
        Some(caller.user),
        Action::Uninstalled,
        None,
        None,
    )
    .await?;
    for (listed, token) in held {
        give_back(
            ports,
            &connector(&listed.connector)?,
            &listed.region,
            &token,
        )
        .await;
    }
    let mut reply = Map::new();
    let erased_at = ports.now() + ERASE_AFTER_MILLIS;
    reply.insert("erased_at".to_owned(), json!(erased_at));
    reply.insert("subscription_ends".to_owned(), json!(renews));
    let content = html! {
        p { "All access to HubSpot and the connected systems was deleted. HubSpot tells your admins by mail." }
        p {
            "What is left (settings, links, logs without content) is deleted after 30 days. Install 300Sync again before, and it \
             goes on where it stood."
        }
        @if renews {
            p { "The subscription ends with the period that is paid: within minutes Stripe is told to charge nothing more." }
        }
        p { a.button.plain href="/oauth/hubspot/start" { "Install again" } }
    };
    Ok(Reply {
        json: reply,
        page: Page::new("300Sync is uninstalled", content),
    })
}
