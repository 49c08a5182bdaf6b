//! `GET /oauth/{connector}/callback`: an account at a provider becomes a connection.

use maud::{Markup, html};

use super::begin::{redirect_uri, verifier_purpose};
use super::places;
use super::{
    Connector, code, connector, exchange_problem, refused_there, state_problem, told, vault,
};
use crate::audit::{self, Action};
use crate::caller::{Caller, Means};
use crate::oauth::provider::{Account, Server};
use crate::oauth::{self, TokenSet};
use crate::page::Page;
use crate::ports::Ports;
use crate::secret::Secret;
use crate::session;
use crate::settings::Settings;
use crate::store::Store;
use crate::store::accounts::{Known, Pending};
use crate::store::connections::NewConnection;
use crate::store::sessions::{Flow, Holder};
use crate::surface::{Answer, Incoming, Problem};
use crate::tokens;
use crate::vault::{Purpose, Vault};

/// Minutes between scheduled runs of a new connection.
const FREQUENCY: i64 = 15;
/// How long another account's tokens wait for an answer.
const PENDING_MILLIS: i64 = session::STATE_MILLIS;

/// What a new or reconnected connection's credentials are sealed for, beside its tokens.
pub(super) const ACCOUNT_NAME: &str = "account_name";

/// Tells the window that opened this one, which it names by its origin, and closes.
const TELL_AND_CLOSE: &str = "\
const told=document.getElementById('told').dataset;\
if(window.opener){window.opener.postMessage({source:'sync300',connector:told.connector,status:told.status},told.origin);window.close()}";

/// What a sign-in gave.
pub(super) struct SignedIn<'a> {
    /// What calls carry.
    pub tokens: TokenSet,
    /// Whose it is.
    pub account: Account,
    /// Region id.
    pub region: &'a str,
}

/// What became of a sign-in.
pub(super) enum Settled {
    /// The account is connected.
    Connected,
    /// It is another account than before: the person is asked.
    Another,
}

/// Finishes a sign-in at a provider, and says so in words.
pub async fn callback<P: Ports>(ports: &P, incoming: &Incoming, id: &str) -> Answer {
    match finish(ports, incoming, id).await {
        Ok(answer) => answer,
        Err(problem) => told(ports, incoming, &problem, start_again(id)),
    }
}

/// The way forward after a failure.
pub(super) fn start_again(id: &str) -> Markup {
    html! { p { a.button href={ "/oauth/" (id) "/start" } { "Start again" } } }
}

async fn finish<P: Ports>(ports: &P, incoming: &Incoming, id: &str) -> Result<Answer, Problem> {
    let connector = connector(id)?;
    let vault = vault(ports)?;
    let query = incoming.query()?;
    let state = session::finish(ports, incoming, query.get("state"), Flow::Connect, Some(id))
        .await?
        .ok_or_else(state_problem)?;
    let (Some(portal), Some(user), Some(region)) = (state.portal, state.user, &state.region) else {
        return Err(state_problem());
    };
    let caller = Caller::in_portal(ports, Holder { portal, user }, Means::Session).await?;
    caller.require_admin(ports).await?;
    if let Some(code) = refused_there(&query) {
        let label = &connector.declared.label;
        return Err(Problem {
            detail: Some(code.to_owned()),
            ..Problem::new(
                400,
                "connect_refused",
                format!("{label} did not connect: the access was not allowed."),
            )
            .action(format!(
                "Start again, and allow the access at {label}. If signing in fails there, check user name and password."
            ))
        });
    }
    let server = Server::new(ports, &connector.declared, region)?;
    let verifier = state
        .verifier
        .as_deref()
        .map(|sealed| vault.open_text(verifier_purpose(portal, id), sealed))
        .transpose()
        .map_err(crate::Error::from)?;
    let budget = oauth::budget(ports);
    let tokens = server
        .exchange(
            ports,
            &budget,
            &redirect_uri(ports, id)?,
            &Secret::new(code(&query)?),
            verifier.as_ref(),
        )
        .await
        .map_err(exchange_problem)?;
    let account = server
        .account(ports, &budget, &tokens.access_token, &[])
        .await?;
    let name = account.name.clone();
    let signed_in = SignedIn {
        tokens,
        account,
        region,
    };
    match settle(ports, &vault, &caller, &connector, signed_in).await? {
        Settled::Connected => {
            let page = connected(ports, &caller, &connector, &name, state.return_to)?;
            Ok(page.answer(200, incoming, ports))
        }
        Settled::Another => Ok(super::question::page(ports, &vault, &caller, &connector)
            .await?
            .answer(409, incoming, ports)),
    }
}

/// Stores what a sign-in gave: a new connection, the old one again, or a question.
///
/// Tokens are stored before the connection is due, so that no run begins without them.
pub(super) async fn settle<P: Ports>(
    ports: &P,
    vault: &Vault,
    caller: &Caller,
    connector: &Connector,
    signed_in: SignedIn<'_>,
) -> Result<Settled, Problem> {
    let store = Store::new(ports);
    let known = store
        .known_connection(caller.portal, &connector.declared.id)
        .await?;
    match known {
        None => {
            add(ports, vault, caller, connector, &signed_in).await?;
            Ok(Settled::Connected)
        }
        Some(known) if same_account(&known, &signed_in) => {
            keep(ports, vault, caller, &known.id, &signed_in).await?;
            store.revive_connection(&known.id, signed_in.region).await?;
            let action = Action::Reconnected;
            audit::write(
                &store,
                caller.portal,
                Some(caller.user),
                action,
                Some(&known.id),
                None,
            )
            .await?;
            Ok(Settled::Connected)
        }
        Some(known) => {
            ask(ports, vault, caller, &known, signed_in).await?;
            Ok(Settled::Another)
        }
    }
}

/// An account is one of its region: ids may come twice across regions.
fn same_account(known: &Known, signed_in: &SignedIn<'_>) -> bool {
    match &known.account {
        Some(account) => *account == signed_in.account.id && known.region == signed_in.region,
        None => true,
    }
}

async fn add<P: Ports>(
    ports: &P,
    vault: &Vault,
    caller: &Caller,
    connector: &Connector,
    signed_in: &SignedIn<'_>,
) -> Result<(), Problem> {
    let mut bytes = [0_u8; 16];
    ports.fill(&mut bytes).map_err(crate::Error::from)?;
    let id: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut key = [0_u8; 32];
    ports.fill(&mut key).map_err(crate::Error::from)?;
    let purpose = Purpose {
        portal: caller.portal,
        connection: &id,
        name: "fingerprint_key",
    };
    let fingerprint_key = vault
        .seal(ports, purpose, &key)
        .map_err(crate::Error::from)?;
    keep(ports, vault, caller, &id, signed_in).await?;
    let store = Store::new(ports);
    store
        .add_connection(&NewConnection {
            id: &id,
            portal: caller.portal,
            connector: &connector.declared.id,
            region: signed_in.region,
            settings: &Settings::default(),
            frequency: FREQUENCY,
            fingerprint_key: &fingerprint_key,
        })
        .await?;
    let action = Action::Connected;
    audit::write(
        &store,
        caller.portal,
        Some(caller.user),
        action,
        Some(&id),
        None,
    )
    .await?;
    Ok(())
}

/// Stores tokens and account of a connection.
pub(super) async fn keep<P: Ports>(
    ports: &P,
    vault: &Vault,
    caller: &Caller,
    connection: &str,
    signed_in: &SignedIn<'_>,
) -> Result<(), Problem> {
    let store = Store::new(ports);
    store.clear_pending(connection).await?;
    tokens::store(ports, vault, caller.portal, connection, &signed_in.tokens).await?;
    let purpose = Purpose {
        portal: caller.portal,
        connection,
        name: ACCOUNT_NAME,
    };
    store
        .put_credential(vault, purpose, &signed_in.account.name, None)
        .await?;
    store
        .put_account(connection, &signed_in.account.id, caller.user)
        .await?;
    Ok(())
}

/// Seals another account's tokens apart, until the person has answered.
async fn ask<P: Ports>(
    ports: &P,
    vault: &Vault,
    caller: &Caller,
    known: &Known,
    signed_in: SignedIn<'_>,
) -> Result<(), Problem> {
    let store = Store::new(ports);
    store.clear_pending(&known.id).await?;
    let expires_at = signed_in
        .tokens
        .expires_in
        .map(|seconds| ports.now().saturating_add(seconds.saturating_mul(1_000)));
    let TokenSet {
        access_token,
        refresh_token,
        ..
    } = signed_in.tokens;
    for (name, value, expires_at) in [
        ("pending_access_token", Some(access_token), expires_at),
        ("pending_refresh_token", refresh_token, None),
        ("pending_account_name", Some(signed_in.account.name), None),
    ] {
        let purpose = Purpose {
            portal: caller.portal,
            connection: &known.id,
            name,
        };
        if let Some(value) = value {
            store
                .put_credential(vault, purpose, &value, expires_at)
                .await?;
        }
    }
    let pending = Pending {
        connection: known.id.clone(),
        account: signed_in.account.id,
        region: signed_in.region.to_owned(),
        user: caller.user,
    };
    store
        .put_pending(&pending, ports.now() + PENDING_MILLIS)
        .await?;
    Ok(())
}

/// The page at the end (S0-11): says what is connected, tells the window that opened this one, and closes.
pub(super) fn connected<P: Ports>(
    ports: &P,
    caller: &Caller,
    connector: &Connector,
    account: &Secret,
    return_to: Option<String>,
) -> Result<Page, Problem> {
    let origin = places::hubspot_pages(ports, &caller.ui_domain)?;
    let onward = match return_to {
        Some(place) => place,
        None => places::onboarding(ports, caller.portal, &caller.ui_domain)?,
    };
    let label = &connector.declared.label;
    let content = html! {
        p.good id="told" data-connector=(connector.declared.id) data-status="connected" data-origin=(origin) {
            (label) " is connected: " strong { (account.expose()) }
        }
        p { "The first sync begins by itself. You can close this window." }
        p { a.button href=(onward) { "Back to HubSpot" } }
    };
    let mut page = Page::new(format!("{label} is connected"), content);
    page.script = Some(TELL_AND_CLOSE);
    Ok(page)
}
