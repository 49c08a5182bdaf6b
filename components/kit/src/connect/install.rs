//! `GET /oauth/hubspot/start` and `/callback`: a portal gets the app.

use maud::{Markup, html};

use super::places;
use super::{code, exchange_problem, refused_there, state_problem, vault};
use crate::audit::{self, Action};
use crate::caller::refuse;
use crate::config;
use crate::oauth::hubspot::{self, App};
use crate::oauth::{self, AUTOMATION, LISTS, OPTIONAL_SCOPES, SCOPES};
use crate::page::Page;
use crate::ports::Ports;
use crate::secret::Secret;
use crate::session;
use crate::store::Store;
use crate::store::installs::Install;
use crate::store::portals::Portal;
use crate::store::sessions::{Flow, Holder, OauthState};
use crate::surface::{Answer, Incoming, Problem};
use crate::tokens;

/// What the scopes are for, in words for people, in the order in which they are shown.
const PURPOSES: [(&str, &[&str]); 8] = [
    (
        "Read and write contacts, and their properties",
        &[
            "crm.objects.contacts.read",
            "crm.objects.contacts.write",
            "crm.schemas.contacts.read",
            "crm.schemas.contacts.write",
        ],
    ),
    (
        "Read and write companies, and their properties",
        &[
            "crm.objects.companies.read",
            "crm.objects.companies.write",
            "crm.schemas.companies.read",
            "crm.schemas.companies.write",
        ],
    ),
    (
        "Read and write deals, their properties and pipelines",
        &[
            "crm.objects.deals.read",
            "crm.objects.deals.write",
            "crm.schemas.deals.read",
            "crm.schemas.deals.write",
        ],
    ),
    (
        "Read and write tickets, their properties and pipelines",
        &["tickets"],
    ),
    (
        "See which users are super admins, who may change settings here",
        &["settings.users.read"],
    ),
    ("Be connected to your HubSpot account", &["oauth"]),
    (
        "See who is in a list, if only a list's members are to sync; HubSpot lets you leave this out",
        &[LISTS],
    ),
    (
        "Tell workflows how an action ended that took longer; HubSpot lets you leave this out",
        &[AUTOMATION],
    ),
];

/// Where HubSpot sends the browser back to. Must be among the app's redirect URLs at HubSpot.
fn redirect_uri<P: Ports>(ports: &P) -> Result<String, Problem> {
    Ok(format!(
        "{}/oauth/hubspot/callback",
        config::public_url(ports)?
    ))
}

/// Shows what is asked for (S0-05), and leads on to HubSpot, where the portal is chosen (S0-04).
pub async fn start<P: Ports>(ports: &P, incoming: &Incoming) -> Answer {
    match begin(ports, incoming).await {
        Ok(answer) => answer,
        Err(problem) => refuse(ports, incoming, &problem),
    }
}

async fn begin<P: Ports>(ports: &P, incoming: &Incoming) -> Result<Answer, Problem> {
    // Nothing is begun that could not be finished.
    vault(ports)?;
    let state = OauthState {
        return_to: places::return_to(ports, &incoming.query()?)?,
        ..OauthState::default()
    };
    let app = App::from_variables(ports)?;
    let back = redirect_uri(ports)?;
    let begun = session::begin(ports, incoming, Flow::Install, &state).await?;
    let authorize = hubspot::authorize_url(
        &config::hubspot_app_url(ports)?,
        &app.client.id,
        &back,
        SCOPES,
        OPTIONAL_SCOPES,
        &begun.state,
    );
    let content = html! {
        p {
            "300Sync keeps your HubSpot account and your other systems in step. You choose the HubSpot account in the next \
             step; to install there, you must be a super admin or have App Marketplace access."
        }
        h2 { "What 300Sync asks HubSpot for" }
        (scopes(&[SCOPES, OPTIONAL_SCOPES].concat()))
        p {
            "Records only pass through: what is kept is described in "
            a href="/account/privacy" { "what we keep" } "."
        }
        p { a.button href=(authorize) { "Connect app" } }
    };
    let page = Page::new("Install 300Sync in HubSpot", content);
    Ok(page.answer(200, incoming, ports).with_cookie(begun.cookie))
}

/// Finishes an install: the portal is stored, or revived, and the admin goes on in HubSpot (S0-06).
pub async fn callback<P: Ports>(ports: &P, incoming: &Incoming) -> Answer {
    match finish(ports, incoming).await {
        Ok(answer) => answer,
        Err(problem) => {
            let again = html! { p { a.button href="/oauth/hubspot/start" { "Start again" } } };
            super::told(ports, incoming, &problem, again)
        }
    }
}

async fn finish<P: Ports>(ports: &P, incoming: &Incoming) -> Result<Answer, Problem> {
    let vault = vault(ports)?;
    let query = incoming.query()?;
    let state = session::finish(ports, incoming, query.get("state"), Flow::Install, None)
        .await?
        .ok_or_else(state_problem)?;
    if let Some(code) = refused_there(&query) {
        return Err(Problem {
            detail: Some(code.to_owned()),
            ..Problem::new(
                400,
                "install_refused",
                "HubSpot did not install 300Sync: the access was not allowed.",
            )
            .action("Start again, and choose \"Connect app\" at HubSpot.")
        });
    }
    let app = App::from_variables(ports)?;
    let budget = oauth::budget(ports);
    let code = Secret::new(code(&query)?);
    let tokens = hubspot::exchange(ports, &budget, &app, &redirect_uri(ports)?, &code)
        .await
        .map_err(exchange_problem)?;
    let granted = hubspot::introspect(ports, &budget, &app, &tokens.access_token).await?;
    if !granted.active {
        return Err(exchange_problem(crate::Error::TokenExpired {
            side: crate::error::Side::HubSpot,
        }));
    }
    let missing = granted.missing_scopes();
    if !missing.is_empty() {
        return Ok(missing_scopes(&missing).answer(403, incoming, ports));
    }
    let details = hubspot::account_details(ports, &budget, &app, &tokens.access_token).await?;
    if details.portal != granted.portal {
        return Err(Problem::new(
            502,
            "portal_differs",
            "HubSpot's answers name different accounts.",
        )
        .action("Start again."));
    }

    let store = Store::new(ports);
    let portal = Portal {
        id: granted.portal,
        ui_domain: details.ui_domain,
        time_zone: details.time_zone,
    };
    store.put_portal(&portal).await?;
    store.set_utc_offset(portal.id, details.utc_offset).await?;
    store
        .put_install(&Install {
            portal: portal.id,
            hublet: details.hublet.as_deref(),
            scopes: &granted.scopes.join(" "),
            user: granted.user,
        })
        .await?;
    tokens::store(ports, &vault, portal.id, "", &tokens).await?;
    store.revive_connections(portal.id).await?;
    audit::write(
        &store,
        portal.id,
        Some(granted.user),
        Action::Installed,
        None,
        None,
    )
    .await?;
    let holder = Holder {
        portal: portal.id,
        user: granted.user,
    };
    let cookie = session::open(ports, holder).await?;
    let onward = match state.return_to {
        Some(place) => place,
        None => places::onboarding(ports, portal.id, &portal.ui_domain)?,
    };
    Ok(Answer::redirect(onward).with_cookie(cookie))
}

/// Scopes by what they are for.
fn scopes(asked: &[&str]) -> Markup {
    let of = |group: &[&'static str]| -> Vec<&'static str> {
        let asked = group.iter().filter(|scope| asked.contains(scope));
        asked.copied().collect()
    };
    html! {
        ul {
            @for (purpose, group) in PURPOSES {
                @let names = of(group);
                @if !names.is_empty() { li { (purpose) br; span.help { (names.join(", ")) } } }
            }
        }
    }
}

/// Names what was not granted (S0-102); nothing is stored.
fn missing_scopes(missing: &[&str]) -> Page {
    let content = html! {
        div.notice.trouble role="alert" {
            p { "HubSpot did not grant all that 300Sync needs. Nothing was changed. Missing:" }
            (scopes(missing))
        }
        p { "Authorize again, and leave everything allowed. If it happens again, ask a super admin of the account to do it." }
        p { a.button href="/oauth/hubspot/start" { "Authorize again" } }
    };
    Page::new("Some access is missing", content)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// S0-05: every scope that is asked for is shown, with what it is for.
    #[test]
    fn every_scope_is_explained() {
        let mut explained: Vec<&str> = PURPOSES
            .iter()
            .flat_map(|(_, group)| group.iter().copied())
            .collect();
        explained.sort_unstable();
        let mut asked = [SCOPES, OPTIONAL_SCOPES].concat();
        asked.sort_unstable();
        assert_eq!(explained, asked);
        let shown = scopes(&asked).into_string();
        for scope in asked {
            assert!(shown.contains(scope), "{scope}");
        }
    }
}
