//! `/oauth/authorize`, `/oauth/token`, `/oauth/deauthorize`.
//!
//! Clio's OAuth is Doorkeeper, a library for Rails: error bodies and what ends on a page rather than at the app are as
//! there. What `/oauth/deauthorize` answers is unverified.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::Service;
use super::error::invalid_token;
use super::tokens::ACCESS_TOKEN_SECONDS;
use crate::form::Form;
use crate::page::{choice, escaped, hidden, page, redirect, refusal};
use crate::query::Query;
use crate::server::{self, Tenanted, locked};

/// How the app is registered at Clio.
#[derive(Debug, Clone)]
pub struct AppConfig {
    /// Client id ("App key").
    pub client_id: String,
    /// Client secret ("App secret").
    pub client_secret: String,
    /// The app's name.
    pub name: String,
    /// Where authorizations may end, compared as they are. None at all: nobody can connect.
    pub redirect_uris: Vec<String>,
}

impl Default for AppConfig {
    fn default() -> Self {
        Self {
            client_id: "fake-clio-app-key".to_owned(),
            client_secret: "fake-clio-app-secret".to_owned(),
            name: "300Sync".to_owned(),
            redirect_uris: Vec::new(),
        }
    }
}

const TITLE: &str = "An error has occurred";

/// What an authorize URL asks for, once it is known where to answer.
struct Asked {
    redirect_uri: String,
    state: Option<String>,
}

impl Asked {
    /// Sends the browser back to the app.
    fn back(&self, parameters: &[(&str, &str)]) -> Response {
        let mut parameters = parameters.to_vec();
        parameters.extend(self.state.as_deref().map(|state| ("state", state)));
        redirect(&self.redirect_uri, &parameters)
    }
}

fn asked(service: &Service, query: &Query) -> Result<Asked, Box<Response>> {
    let app = &service.app;
    if query.get("client_id") != Some(app.client_id.as_str()) {
        let message = "Client authentication failed due to unknown client, no client authentication included, or \
                       unsupported authentication method.";
        return Err(Box::new(refusal(StatusCode::UNAUTHORIZED, TITLE, message)));
    }
    let redirect_uri = query.get("redirect_uri").unwrap_or_default();
    if !app.redirect_uris.iter().any(|uri| uri == redirect_uri) {
        let message =
            "The requested redirect uri is malformed or doesn't match client redirect URI.";
        return Err(Box::new(refusal(StatusCode::BAD_REQUEST, TITLE, message)));
    }
    let asked = Asked {
        redirect_uri: redirect_uri.to_owned(),
        state: query.get("state").map(str::to_owned),
    };
    if query.get("response_type") != Some("code") {
        return Err(Box::new(asked.back(&[
            ("error", "unsupported_response_type"),
            (
                "error_description",
                "The authorization server does not support this response type.",
            ),
        ])));
    }
    Ok(asked)
}

/// `GET /oauth/authorize`: who signs in, and is it allowed?
pub(super) async fn show(
    State(service): State<Arc<Service>>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = Query::parse(query.as_deref().unwrap_or_default());
    if let Err(refusal) = asked(&service, &query) {
        return *refusal;
    }
    let mut form = String::new();
    for name in ["client_id", "redirect_uri", "response_type", "state"] {
        if let Some(value) = query.get(name) {
            form.push_str(&hidden(name, value));
        }
    }
    form.push_str("<h2>Sign in as</h2>");
    for (at, (id, tenant)) in service.accounts.iter().enumerate() {
        let name = locked(&tenant.0).config.name.clone();
        let label = format!("Morgan Keller of {name}");
        form.push_str(&choice("account", &id.to_string(), &label, at == 0));
    }
    let name = escaped(&service.app.name);
    page(
        StatusCode::OK,
        "Sign in to Clio",
        &format!(
            "<p>{name} would like access to your Clio account.</p>\
             <form method=\"post\" action=\"/oauth/authorize\">{form}\
             <button name=\"decision\" value=\"allow\">Allow access</button>\
             <button name=\"decision\" value=\"deny\">Deny access</button></form>"
        ),
    )
}

/// `POST /oauth/authorize`: the page's form.
pub(super) async fn decide(State(service): State<Arc<Service>>, form: Form) -> Response {
    let asked = match asked(&service, &form.0) {
        Ok(asked) => asked,
        Err(refusal) => return *refusal,
    };
    match form.get("decision") {
        Some("allow") => {}
        Some("deny") => {
            return asked.back(&[
                ("error", "access_denied"),
                (
                    "error_description",
                    "The resource owner or authorization server denied the request.",
                ),
            ]);
        }
        _ => {
            return refusal(
                StatusCode::BAD_REQUEST,
                TITLE,
                "Choose to allow or to deny.",
            );
        }
    }
    let account = form.get("account").and_then(|id| id.parse().ok());
    let Some(account) = account.filter(|id| service.accounts.contains_key(id)) else {
        return refusal(
            StatusCode::UNAUTHORIZED,
            TITLE,
            "Invalid email or password.",
        );
    };
    let now = service.gate.clock.now();
    let code = locked(&service.tokens).code(account, &asked.redirect_uri, now);
    asked.back(&[("code", &code)])
}

fn refused(status: StatusCode, error: &str, description: &str) -> Response {
    let body = json!({ "error": error, "error_description": description });
    server::json(status, &body)
}

/// `POST /oauth/token`.
pub(super) async fn token(State(service): State<Arc<Service>>, form: Form) -> Response {
    let app = &service.app;
    if form.get("client_id") != Some(app.client_id.as_str())
        || form.get("client_secret") != Some(app.client_secret.as_str())
    {
        let message = "Client authentication failed due to unknown client, no client authentication included, or \
                       unsupported authentication method.";
        return refused(StatusCode::UNAUTHORIZED, "invalid_client", message);
    }
    let now = service.gate.clock.now();
    let mut tokens = locked(&service.tokens);
    let field = |name| form.get(name).unwrap_or_default();
    let granted = match form.get("grant_type") {
        Some("authorization_code") => tokens
            .take_code(field("code"), field("redirect_uri"), now)
            .map(|account| (account, tokens.refresh_token(account), true)),
        Some("refresh_token") => {
            let refresh = field("refresh_token");
            let account = tokens.refresh.get(refresh).copied();
            account.map(|account| (account, refresh.to_owned(), false))
        }
        _ => {
            let message =
                "The authorization grant type is not supported by the authorization server.";
            return refused(StatusCode::BAD_REQUEST, "unsupported_grant_type", message);
        }
    };
    let Some((account, refresh, new)) = granted else {
        let message = "The provided authorization grant is invalid, expired, revoked, does not match the redirection \
                       URI used in the authorization request, or was issued to another client.";
        return refused(StatusCode::BAD_REQUEST, "invalid_grant", message);
    };
    let access = tokens.access_token(account, &refresh, now);
    let mut body = json!({
        "token_type": "bearer",
        "access_token": access,
        "expires_in": ACCESS_TOKEN_SECONDS,
    });
    // A refresh leaves the refresh token as it is, and does not repeat it.
    if let (true, Some(body)) = (new, body.as_object_mut()) {
        body.insert("refresh_token".to_owned(), refresh.into());
    }
    let mut response = server::json(StatusCode::OK, &body);
    response.extensions_mut().insert(Tenanted(account));
    response
}

/// `POST /oauth/deauthorize`, with the bearer token that is given back.
pub(super) async fn deauthorize(
    State(service): State<Arc<Service>>,
    headers: HeaderMap,
) -> Response {
    let bearer = server::bearer(&headers);
    let mut tokens = locked(&service.tokens);
    match bearer.filter(|token| tokens.access.contains_key(token)) {
        Some(token) => {
            tokens.deauthorize(&token);
            StatusCode::OK.into_response()
        }
        None => invalid_token(),
    }
}
