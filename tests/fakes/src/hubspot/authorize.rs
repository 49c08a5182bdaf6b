//! The authorize page: `https://app.hubspot.com/oauth/authorize`.
//!
//! Who may install what is decided here, in HubSpot's words as far as they are known. A faulty address ends on a page of
//! HubSpot's and never at the app, since the address to send the browser to may be what is faulty.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use axum::extract::{Path, RawPathParams, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::Service;
use super::app::User;
use super::tokens::Grant;
use crate::form::Form;
use crate::page::{choice, escaped, hidden, page, redirect, refusal};
use crate::query::Query;
use crate::server::locked;

const TITLE: &str = "Authorization failed";

/// What an install URL asks for.
struct Asked {
    redirect_uri: String,
    required: BTreeSet<String>,
    optional: BTreeSet<String>,
    state: Option<String>,
}

fn scopes(text: Option<&str>) -> BTreeSet<String> {
    let words = text.unwrap_or_default().split_whitespace();
    words.map(str::to_owned).collect()
}

/// Checks an install URL against the app's configuration.
fn asked(service: &Service, query: &Query) -> Result<Asked, Box<Response>> {
    let fail = |message: &str| Err(Box::new(refusal(StatusCode::BAD_REQUEST, TITLE, message)));
    let app = locked(&service.app);
    if query.get("client_id") != Some(app.client_id.as_str()) {
        return fail(
            "An invalid application client_id was provided. Please contact the app developer.",
        );
    }
    let Some(redirect_uri) = query.get("redirect_uri") else {
        return fail("The redirect_uri is missing. Please contact the app developer.");
    };
    if !app.redirect_urls.iter().any(|url| url == redirect_uri) {
        return fail(
            "Authorization failed because the redirect URL doesn't match the app's registered redirect URL.",
        );
    }
    let (required, optional) = (
        scopes(query.get("scope")),
        scopes(query.get("optional_scope")),
    );
    let configured: BTreeSet<String> = app.required_scopes.iter().cloned().collect();
    let offered: BTreeSet<String> = app.optional_scopes.iter().cloned().collect();
    if required != configured || !optional.is_subset(&offered) {
        return fail(
            "Authorization failed because there is a mismatch between the scopes in the install URL and the app's \
             configured scopes.",
        );
    }
    Ok(Asked {
        redirect_uri: redirect_uri.to_owned(),
        required,
        optional,
        state: query.get("state").map(str::to_owned),
    })
}

/// `GET /oauth/authorize` and `GET /oauth/{version}/authorize`, where the portal stands in the version's place: which account, and is it allowed?
pub(super) async fn show(
    State(service): State<Arc<Service>>,
    params: RawPathParams,
    RawQuery(query): RawQuery,
) -> Response {
    let query = Query::parse(query.as_deref().unwrap_or_default());
    let asked = match asked(&service, &query) {
        Ok(asked) => asked,
        Err(refusal) => return *refusal,
    };
    let only = params
        .iter()
        .find(|(name, _)| *name == "version")
        .map(|(_, id)| id);
    let mut form = String::new();
    for name in [
        "client_id",
        "redirect_uri",
        "scope",
        "optional_scope",
        "state",
    ] {
        if let Some(value) = query.get(name) {
            form.push_str(&hidden(name, value));
        }
    }
    form.push_str("<h2>Choose an account</h2>");
    let mut first = true;
    for (id, tenant) in &service.portals {
        if only.is_some_and(|only| only != id.to_string()) {
            continue;
        }
        for user in &locked(&tenant.0).config.users {
            let label = format!("Account {id}, as {}", user.email);
            form.push_str(&choice(
                "account",
                &format!("{id}:{}", user.id),
                &label,
                first,
            ));
            first = false;
        }
    }
    form.push_str("<h2>This app may</h2><ul>");
    for scope in asked.required.iter().chain(&asked.optional) {
        // Writing to a String does not fail.
        write!(form, "<li><code>{}</code></li>", escaped(scope)).ok();
    }
    let name = escaped(&locked(&service.app).name);
    page(
        StatusCode::OK,
        "Connect an app to HubSpot",
        &format!(
            "<p>{name} wants to connect.</p><form method=\"post\" action=\"/oauth/authorize\">{form}</ul>\
             <button name=\"decision\" value=\"connect\">Connect app</button>\
             <button name=\"decision\" value=\"cancel\">Cancel</button></form>"
        ),
    )
}

/// `POST /oauth/authorize`: the page's form.
pub(super) async fn decide(State(service): State<Arc<Service>>, form: Form) -> Response {
    let asked = match asked(&service, &form.0) {
        Ok(asked) => asked,
        Err(refusal) => return *refusal,
    };
    let state = asked.state.as_deref().map(|state| ("state", state));
    match form.get("decision") {
        Some("connect") => {}
        Some("cancel") => {
            let mut parameters = vec![
                ("error", "access_denied"),
                ("error_description", "The user denied the authorization"),
            ];
            parameters.extend(state);
            return redirect(&asked.redirect_uri, &parameters);
        }
        _ => {
            return refusal(
                StatusCode::BAD_REQUEST,
                TITLE,
                "Choose to connect or to cancel.",
            );
        }
    }
    let chosen = form.get("account").and_then(|text| text.split_once(':'));
    let chosen = chosen.and_then(|(portal, user)| Some((portal.parse().ok()?, user.parse().ok()?)));
    let Some((portal, user)) = chosen.and_then(|(portal, user)| user_of(&service, portal, user))
    else {
        return refusal(
            StatusCode::FORBIDDEN,
            TITLE,
            "You don't have access to this account.",
        );
    };
    if !user.super_admin && !user.marketplace_access {
        let message =
            "You don't have permission to connect apps in this account. Ask a super admin.";
        return refusal(StatusCode::FORBIDDEN, TITLE, message);
    }
    let withheld = service
        .portals
        .get(&portal)
        .map(|tenant| locked(&tenant.0).config.withheld_scopes.clone())
        .unwrap_or_default();
    let mut granted: Vec<String> = asked.required.union(&asked.optional).cloned().collect();
    granted.retain(|scope| !withheld.contains(scope));
    let grant = Grant {
        portal,
        user: user.id,
        scopes: granted,
    };
    let now = service.gate.clock.now();
    let code = locked(&service.tokens).code(grant, &asked.redirect_uri, now);
    let mut parameters = vec![("code", code.as_str())];
    parameters.extend(state);
    redirect(&asked.redirect_uri, &parameters)
}

/// The installed app's page in HubSpot, in which the app's own settings page would be.
pub(super) async fn settings_page(
    State(service): State<Arc<Service>>,
    Path((portal, app_id)): Path<(u64, u64)>,
) -> Response {
    let app = locked(&service.app);
    if app.app_id != app_id || !service.portals.contains_key(&portal) {
        return refusal(StatusCode::NOT_FOUND, "Not found", "There is no such app.");
    }
    let text = format!("{} in account {portal}", app.name);
    refusal(StatusCode::OK, "Connected apps", &text)
}

fn user_of(service: &Service, portal: u64, user: u64) -> Option<(u64, User)> {
    let tenant = service.portals.get(&portal)?;
    let users = &locked(&tenant.0).config.users;
    let user = users.iter().find(|known| known.id == user)?;
    Some((portal, user.clone()))
}
