//! `POST /oauth/{connector}/account`: another account signed in than the connection had before. Is it to take its place?

use maud::html;

use super::finish::{ACCOUNT_NAME, SignedIn, connected, keep, start_again};
use super::{Connector, connector, told, vault};
use crate::audit::{self, Action};
use crate::caller::Caller;
use crate::oauth::provider::{Account, Server};
use crate::oauth::{self, TokenSet};
use crate::page::Page;
use crate::ports::Ports;
use crate::secret::Secret;
use crate::store::Store;
use crate::store::accounts::Pending;
use crate::surface::{Answer, Incoming, Problem};
use crate::vault::{Purpose, Vault};

/// Asks.
pub(super) async fn page<P: Ports>(
    ports: &P,
    vault: &Vault,
    caller: &Caller,
    connector: &Connector,
) -> Result<Page, Problem> {
    let store = Store::new(ports);
    let pending = store
        .pending(caller.portal, &connector.declared.id)
        .await?
        .ok_or_else(nothing_asked)?;
    let name = async |name| -> Result<String, Problem> {
        let name = store
            .credential(vault, purpose(caller, &pending.connection, name))
            .await?;
        Ok(name.map_or_else(
            || "an account whose name is not kept".to_owned(),
            |(name, _)| name.expose().to_owned(),
        ))
    };
    let (old, new) = (
        name(ACCOUNT_NAME).await?,
        name("pending_account_name").await?,
    );
    let label = &connector.declared.label;
    let content = html! {
        div.notice.trouble role="alert" {
            p { "You signed in to another " (label) " account than the one that was connected before. Nothing was changed yet." }
            dl {
                dt { "Connected before" } dd { (old) }
                dt { "Signed in now" } dd { (new) }
            }
        }
        form method="post" action={ "/oauth/" (connector.declared.id) "/account" } {
            p {
                button type="submit" name="answer" value="keep" { "Keep " (old) }
            }
            p.help { "Then sign in again, with the account that was connected before." }
            p {
                button.plain type="submit" name="answer" value="switch" { "Switch to " (new) }
            }
            p.help {
                "Then everything is matched anew with " (new) ". Records that came from " (old)
                " stay in HubSpot as they are, and are not kept in step any more. Settings stay."
            }
        }
    };
    Ok(Page::new(format!("Another {label} account"), content))
}

fn nothing_asked() -> Problem {
    Problem::new(
        409,
        "nothing_asked",
        "There is nothing to answer any more: the question was answered, or is older than ten minutes.",
    )
    .action("Connect again.")
}

fn purpose<'a>(caller: &Caller, connection: &'a str, name: &'a str) -> Purpose<'a> {
    Purpose {
        portal: caller.portal,
        connection,
        name,
    }
}

/// Takes the answer: `answer=keep` or `answer=switch`, from the person who was asked.
pub async fn answer<P: Ports>(ports: &P, incoming: &Incoming, id: &str) -> Answer {
    match answered(ports, incoming, id).await {
        Ok(page) => page.answer(200, incoming, ports),
        Err(problem) => told(ports, incoming, &problem, start_again(id)),
    }
}

async fn answered<P: Ports>(ports: &P, incoming: &Incoming, id: &str) -> Result<Page, Problem> {
    let caller = Caller::admin_of(ports, incoming).await?;
    let connector = connector(id)?;
    let vault = vault(ports)?;
    let fields = incoming.fields()?;
    let pending = Store::new(ports)
        .pending(caller.portal, id)
        .await?
        .filter(|pending| pending.user == caller.user)
        .ok_or_else(nothing_asked)?;
    match fields.get("answer") {
        Some("keep") => keep_old(ports, &vault, &caller, &connector, &pending).await,
        Some("switch") => switch(ports, &vault, &caller, &connector, &pending).await,
        _ => Err(Problem::new(
            400,
            "answer_unknown",
            "Choose one of the two accounts.",
        )),
    }
}

/// The other account's tokens are forgotten and given back.
async fn keep_old<P: Ports>(
    ports: &P,
    vault: &Vault,
    caller: &Caller,
    connector: &Connector,
    pending: &Pending,
) -> Result<Page, Problem> {
    let store = Store::new(ports);
    let token = store
        .credential(
            vault,
            purpose(caller, &pending.connection, "pending_access_token"),
        )
        .await?;
    store.clear_pending(&pending.connection).await?;
    if let Some((token, _)) = token {
        give_back(ports, connector, &pending.region, &token).await;
    }
    let label = &connector.declared.label;
    let content = html! {
        p { "The account that was connected before stays. The other one was let go." }
        p { "If " (label) " asked you to connect again, sign in with the account that was connected before: sign out of " (label)
            " first, or use a private window." }
        (start_again(&connector.declared.id))
    };
    Ok(Page::new("Nothing was changed", content))
}

/// The other account takes the old one's place: what was matched with the old one is forgotten first.
async fn switch<P: Ports>(
    ports: &P,
    vault: &Vault,
    caller: &Caller,
    connector: &Connector,
    pending: &Pending,
) -> Result<Page, Problem> {
    let store = Store::new(ports);
    let sealed = async |name| {
        store
            .credential(vault, purpose(caller, &pending.connection, name))
            .await
    };
    let (Some((access_token, expires_at)), Some((name, _))) = (
        sealed("pending_access_token").await?,
        sealed("pending_account_name").await?,
    ) else {
        return Err(nothing_asked());
    };
    let refresh_token = sealed("pending_refresh_token").await?;
    let old = sealed("access_token").await?;
    let old_region = store
        .known_connection(caller.portal, &connector.declared.id)
        .await?
        .map(|known| known.region);
    store.forget_sync_state(&pending.connection).await?;
    let signed_in = SignedIn {
        tokens: TokenSet {
            access_token,
            refresh_token: refresh_token.map(|(token, _)| token),
            expires_in: expires_at.map(|at| at.saturating_sub(ports.now()) / 1_000),
        },
        account: Account {
            id: pending.account.clone(),
            name: name.clone(),
        },
        region: &pending.region,
    };
    keep(ports, vault, caller, &pending.connection, &signed_in).await?;
    store
        .revive_connection(&pending.connection, &pending.region)
        .await?;
    audit::write(
        &store,
        caller.portal,
        Some(caller.user),
        Action::AccountSwitched,
        Some(&pending.connection),
        None,
    )
    .await?;
    if let (Some((token, _)), Some(region)) = (old, old_region) {
        give_back(ports, connector, &region, &token).await;
    }
    connected(ports, caller, connector, &name, None)
}

/// Gives a token back at the provider; one that it does not take ends by itself.
pub(super) async fn give_back<P: Ports>(
    ports: &P,
    connector: &Connector,
    region: &str,
    token: &Secret,
) {
    if let Ok(server) = Server::new(ports, &connector.declared, region) {
        server
            .deauthorize(ports, &oauth::budget(ports), token)
            .await
            .ok();
    }
}
