//! `POST /oauth/{connector}/ticket` and `GET /oauth/{connector}/start`: from HubSpot into the pop-up, and on to the provider.
//!
//! The page in between names the HubSpot account, and going on takes a click on it, which a link from elsewhere cannot
//! stand for: nobody is led to connect their account to a stranger's portal. (A form would do as well, but browsers hold
//! `form-action` against every redirect behind it, and providers sign in on hosts of their own.)

use maud::{Markup, html};

use super::{Connector, connector, door, places, region, require_room, told, vault};
use crate::caller::{Caller, as_admin};
use crate::config;
use crate::core::auth::Kind;
use crate::core::catalog;
use crate::oauth::pkce;
use crate::oauth::provider::Server;
use crate::page::Page;
use crate::ports::Ports;
use crate::secret::Secret;
use crate::session;
use crate::store::sessions::{Flow, OauthState};
use crate::surface::{Answer, Incoming, Problem, encode, same};
use crate::vault::Purpose;

/// A one-time link for the pop-up (S0-10): `{"ok","url","expires_in"}`, `expires_in` in seconds. For an admin's signed call;
/// the body may name `region` and `return_to`.
pub async fn ticket<P: Ports>(ports: &P, incoming: &Incoming, id: &str) -> Answer {
    as_admin(ports, incoming, async |caller| {
        door::require_signature(caller)?;
        vault(ports)?;
        let connector = connector(id)?;
        require_room(ports, caller.portal, id).await?;
        let fields = incoming.fields()?;
        let mut url = format!("{}/oauth/{id}/start?", config::public_url(ports)?);
        if fields.get("region").is_some() {
            let region = region(&connector.declared, &fields)?;
            url.push_str(&format!("region={}&", encode(&region.id)));
        }
        if let Some(place) = places::return_to(ports, &fields)? {
            url.push_str(&format!("return_to={}&", encode(&place)));
        }
        door::ticketed(ports, caller, url).await
    })
    .await
}

/// Lets the person choose the region and go on to the provider. A ticket is changed for a session first.
pub async fn start<P: Ports>(ports: &P, incoming: &Incoming, id: &str) -> Answer {
    match started(ports, incoming, id).await {
        Ok(answer) => answer,
        Err(problem) => told(ports, incoming, &problem, html! {}),
    }
}

async fn started<P: Ports>(ports: &P, incoming: &Incoming, id: &str) -> Result<Answer, Problem> {
    let connector = connector(id)?;
    let query = incoming.query()?;
    let return_to = places::return_to(ports, &query)?;
    if let Some(ticket) = query.get("ticket") {
        return redeem(ports, id, ticket, query.get("region"), return_to.as_deref()).await;
    }
    let caller = Caller::admin_of(ports, incoming).await?;
    require_room(ports, caller.portal, id).await?;
    if connector.scheme.kind != Kind::OauthCode {
        return Ok(Answer::redirect(format!("/oauth/{id}/parameters")));
    }
    let regions: Vec<_> = match query.get("region") {
        Some(_) => vec![region(&connector.declared, &query)?],
        None => connector.declared.regions.iter().collect(),
    };
    let click = session::click(incoming).ok_or_else(Problem::not_found)?;
    if let (Some(given), [region]) = (query.get("click"), regions.as_slice())
        && same(given, &click)
    {
        return go(ports, incoming, &caller, &connector, region, return_to).await;
    }
    let label = &connector.declared.label;
    let return_to = return_to.map_or_else(String::new, |place| {
        format!("&return_to={}", encode(&place))
    });
    let content = html! {
        (invitation(&caller, &connector))
        @if regions.len() > 1 { p { "Where is your " (label) " account? The address of " (label) " in your browser tells." } }
        @for region in &regions {
            p {
                a.button href={ "/oauth/" (id) "/start?region=" (region.id) "&click=" (click) (return_to) } {
                    "Sign in to " (label) " (" (region.label) ")"
                }
                br;
                span.help { (region.url) }
            }
        }
        @if regions.len() < connector.declared.regions.len() {
            p { a href={ "/oauth/" (id) "/start" } { "Another region" } }
        }
    };
    Ok(Page::new(format!("Connect {label}"), content).answer(200, incoming, ports))
}

/// What is about to be connected to what, and what that takes (S3-01).
pub(super) fn invitation(caller: &Caller, connector: &Connector) -> Markup {
    html! {
        p {
            "You are connecting " strong { (connector.declared.label) } " to the HubSpot account "
            strong { (caller.portal) } " at " (caller.ui_domain)
            ". If that is not your account, close this window."
        }
        @if !connector.scheme.requirements.is_empty() {
            h2 { "What it takes" }
            ul { @for requirement in &connector.scheme.requirements { li { (requirement) } } }
        }
    }
}

/// Changes a ticket for a session, and gets it out of the address.
async fn redeem<P: Ports>(
    ports: &P,
    id: &str,
    ticket: &str,
    region: Option<&str>,
    return_to: Option<&str>,
) -> Result<Answer, Problem> {
    let cookie = door::enter(ports, ticket).await?;
    let mut onward = format!("/oauth/{id}/start");
    let mut separator = '?';
    for (name, value) in [("region", region), ("return_to", return_to)] {
        if let Some(value) = value {
            onward.push_str(&format!("{separator}{name}={}", encode(value)));
            separator = '&';
        }
    }
    Ok(Answer::redirect(onward).with_cookie(cookie))
}

/// Begins the authorization, and sends the browser to the provider.
async fn go<P: Ports>(
    ports: &P,
    incoming: &Incoming,
    caller: &Caller,
    connector: &Connector,
    region: &catalog::Region,
    return_to: Option<String>,
) -> Result<Answer, Problem> {
    let id = connector.declared.id.as_str();
    let vault = vault(ports)?;
    let server = Server::new(ports, &connector.declared, &region.id)?;
    let verifier = match connector.scheme.pkce {
        true => Some(pkce::verifier(ports)?),
        false => None,
    };
    let sealed = verifier
        .as_ref()
        .map(|verifier: &Secret| {
            vault.seal(
                ports,
                verifier_purpose(caller.portal, id),
                verifier.expose().as_bytes(),
            )
        })
        .transpose()
        .map_err(crate::Error::from)?;
    let state = OauthState {
        portal: Some(caller.portal),
        user: Some(caller.user),
        connector: Some(id.to_owned()),
        region: Some(region.id.clone()),
        verifier: sealed,
        return_to,
    };
    let begun = session::begin(ports, incoming, Flow::Connect, &state).await?;
    let url = server.authorize_url(&redirect_uri(ports, id)?, &begun.state, verifier.as_ref())?;
    Ok(Answer::redirect(url).with_cookie(begun.cookie))
}

/// Where the provider sends the browser back to. Must be registered there.
pub(super) fn redirect_uri<P: Ports>(ports: &P, id: &str) -> Result<String, Problem> {
    Ok(format!(
        "{}/oauth/{id}/callback",
        config::public_url(ports)?
    ))
}

/// What a PKCE verifier is sealed for.
pub(super) fn verifier_purpose(portal: i64, connector: &str) -> Purpose<'_> {
    Purpose {
        portal,
        connection: connector,
        name: "pkce_verifier",
    }
}
