//! `POST /account/disconnect`: a connection's credentials are deleted at once (S1-45), then given back.

use maud::html;
use serde_json::{Map, json};

use super::question::give_back;
use super::{connector, vault};
use crate::audit::{self, Action};
use crate::caller::{Caller, Reply, as_admin};
use crate::page::Page;
use crate::ports::Ports;
use crate::secret::Secret;
use crate::store::Store;
use crate::store::accounts::Listed;
use crate::surface::{Answer, Incoming, Problem};
use crate::vault::{Purpose, Vault};

/// Ends the connection that `connection` names.
pub async fn disconnect<P: Ports>(ports: &P, incoming: &Incoming) -> Answer {
    as_admin(ports, incoming, async |caller| {
        let fields = incoming.fields()?;
        let wanted = fields.get("connection").unwrap_or_default();
        ended(ports, caller, wanted).await
    })
    .await
}

async fn ended<P: Ports>(ports: &P, caller: &Caller, wanted: &str) -> Result<Reply, Problem> {
    let store = Store::new(ports);
    let connections = store.list_connections(caller.portal).await?;
    let listed = connections
        .iter()
        .find(|listed| listed.id == wanted)
        .ok_or_else(|| {
            Problem::new(
                404,
                "connection_unknown",
                "This HubSpot account has no such connection.",
            )
        })?;
    let connector = connector(&listed.connector)?;
    // Read before it is deleted; one that does not open cannot be given back, and must go all the same.
    let token = match vault(ports) {
        Ok(vault) => access_token(ports, &vault, caller, listed).await,
        Err(_) => None,
    };
    end(ports, caller, listed, "disconnected").await?;
    if let Some(token) = token {
        give_back(ports, &connector, &listed.region, &token).await;
    }
    let label = &connector.declared.label;
    let mut reply = Map::new();
    reply.insert("connection".to_owned(), json!(listed.id));
    let content = html! {
        p { "The access to " (label) " was deleted. Nothing is synced any more; records stay where they are." }
        p { a.button href={ "/oauth/" (listed.connector) "/start" } { "Connect again" } " " a href="/account" { "Back" } }
    };
    Ok(Reply {
        json: reply,
        page: Page::new(format!("{label} is disconnected"), content),
    })
}

/// Stops a connection and deletes its credentials, and writes who did it.
pub(super) async fn end<P: Ports>(
    ports: &P,
    caller: &Caller,
    listed: &Listed,
    reason: &str,
) -> Result<(), Problem> {
    let store = Store::new(ports);
    store.end_connection(&listed.id, reason).await?;
    store.delete_credentials(caller.portal, &listed.id).await?;
    audit::write(
        &store,
        caller.portal,
        Some(caller.user),
        Action::Disconnected,
        Some(&listed.id),
        Some(reason),
    )
    .await?;
    Ok(())
}

/// A connection's access token as it lies there, to be given back.
pub(super) async fn access_token<P: Ports>(
    ports: &P,
    vault: &Vault,
    caller: &Caller,
    listed: &Listed,
) -> Option<Secret> {
    let purpose = Purpose {
        portal: caller.portal,
        connection: &listed.id,
        name: "access_token",
    };
    let found = Store::new(ports).credential(vault, purpose).await.ok()??;
    Some(found.0)
}
