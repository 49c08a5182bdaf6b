//! `/oauth/{version}/token` with `introspect` and `revoke`, and `/appinstalls/{version}/external-install`.
//!
//! Errors are RFC 6749's with HubSpot's `status` beside. Of the words in `status`, `BAD_REFRESH_TOKEN` is documented; the
//! others were seen by users of the API, and which of them come with which `error` is partly unverified.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::context::{Answer, Ctx, VERSIONS, no_content, no_such_endpoint};
use super::error::correlation_id;
use super::tokens::{AccessToken, CodeError, Grant, Owner, Tokens};
use super::{Service, journal};
use crate::form::Form;
use crate::server::{Tenanted, json as answer, locked};

/// A refusal.
struct Refused {
    error: &'static str,
    status: &'static str,
    message: &'static str,
}

impl Refused {
    const fn new(error: &'static str, status: &'static str, message: &'static str) -> Self {
        Self {
            error,
            status,
            message,
        }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let body = json!({
            "error": self.error,
            "error_description": self.message,
            "status": self.status,
            "message": self.message,
            "correlationId": correlation_id(),
        });
        answer(StatusCode::BAD_REQUEST, &body)
    }
}

const BAD_REFRESH_TOKEN: Refused = Refused::new(
    "invalid_grant",
    "BAD_REFRESH_TOKEN",
    "refresh token is invalid, expired or revoked",
);

type Outcome = Result<Response, Refused>;

/// Client id and secret, in the body alone.
fn client(service: &Service, form: &Form) -> Result<(), Refused> {
    let app = locked(&service.app);
    if form.get("client_id") != Some(app.client_id.as_str()) {
        let message = "missing or invalid client id";
        return Err(Refused::new("invalid_client", "BAD_CLIENT_ID", message));
    }
    if form.get("client_secret") != Some(app.client_secret.as_str()) {
        let message = "missing or invalid client secret";
        return Err(Refused::new("invalid_client", "BAD_CLIENT_SECRET", message));
    }
    Ok(())
}

fn version_exists(version: &str) -> bool {
    VERSIONS.contains(&version)
}

/// `POST /oauth/{version}/token`.
pub(super) async fn token(
    State(service): State<Arc<Service>>,
    Path(version): Path<String>,
    uri: Uri,
    form: Form,
) -> Response {
    if !version_exists(&version) {
        return no_such_endpoint(uri.path());
    }
    let outcome = client(&service, &form).and_then(|()| match form.get("grant_type") {
        Some("authorization_code") => exchange(&service, &form),
        Some("refresh_token") => refresh(&service, &form),
        Some("client_credentials") => client_credentials(&service, &form),
        _ => {
            let message = "missing or unknown grant type";
            Err(Refused::new(
                "unsupported_grant_type",
                "BAD_GRANT_TYPE",
                message,
            ))
        }
    });
    outcome.into_response()
}

fn exchange(service: &Service, form: &Form) -> Outcome {
    let now = service.gate.clock.now();
    let mut tokens = locked(&service.tokens);
    let code = form.get("code").unwrap_or_default();
    let grant = tokens.take_code(code, form.get("redirect_uri"), now);
    let grant = grant.map_err(|error| match error {
        CodeError::Unknown => Refused::new(
            "invalid_grant",
            "BAD_AUTH_CODE",
            "missing or unknown auth code",
        ),
        CodeError::RedirectUri => {
            let message = "missing or invalid redirect uri";
            Refused::new("invalid_request", "BAD_REDIRECT_URI", message)
        }
    })?;
    let refresh_token = tokens.refresh_token(grant.clone());
    let response = tokens_of(&mut tokens, &grant, &refresh_token, service);
    drop(tokens);
    journal::note(service, journal::INSTALLED, grant.portal);
    Ok(response)
}

fn refresh(service: &Service, form: &Form) -> Outcome {
    let mut tokens = locked(&service.tokens);
    let mut refresh_token = form.get("refresh_token").unwrap_or_default().to_owned();
    let grant = tokens.refresh.get(&refresh_token).cloned();
    let grant = grant.ok_or(BAD_REFRESH_TOKEN)?;
    if locked(&service.app).rotates_refresh_tokens {
        tokens.refresh.remove(&refresh_token);
        refresh_token = tokens.refresh_token(grant.clone());
    }
    Ok(tokens_of(&mut tokens, &grant, &refresh_token, service))
}

fn tokens_of(
    tokens: &mut Tokens,
    grant: &Grant,
    refresh_token: &str,
    service: &Service,
) -> Response {
    let owner = Owner::Portal {
        id: grant.portal,
        user: grant.user,
    };
    let now = service.gate.clock.now();
    let access_token = tokens.access_token(owner, grant.scopes.clone(), now);
    let body = json!({
        "access_token": access_token,
        "refresh_token": refresh_token,
        "expires_in": super::tokens::ACCESS_TOKEN_SECONDS,
        "token_type": "bearer",
        "token_use": "access_token",
        "hub_id": grant.portal,
        "user_id": grant.user,
        "scopes": grant.scopes,
    });
    let mut response = answer(StatusCode::OK, &body);
    response.extensions_mut().insert(Tenanted(grant.portal));
    response
}

/// For what belongs to the app over all portals; `scope` is what the token is for.
fn client_credentials(service: &Service, form: &Form) -> Outcome {
    let scopes: Vec<String> = form
        .get("scope")
        .unwrap_or_default()
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    let known = |scope: &String| scope.starts_with("developer.webhooks_journal.");
    if scopes.is_empty() || !scopes.iter().all(known) {
        let message = "missing or unknown scopes";
        return Err(Refused::new("invalid_scope", "BAD_SCOPES", message));
    }
    let now = service.gate.clock.now();
    let access_token = locked(&service.tokens).access_token(Owner::App, scopes.clone(), now);
    let body = json!({
        "access_token": access_token,
        "expires_in": super::tokens::ACCESS_TOKEN_SECONDS,
        "token_type": "bearer",
        "token_use": "client_credentials",
        "scopes": scopes,
    });
    Ok(answer(StatusCode::OK, &body))
}

/// `POST /oauth/{version}/token/introspect`.
pub(super) async fn introspect(
    State(service): State<Arc<Service>>,
    Path(version): Path<String>,
    uri: Uri,
    form: Form,
) -> Response {
    if !version_exists(&version) {
        return no_such_endpoint(uri.path());
    }
    if let Err(refused) = client(&service, &form) {
        return refused.into_response();
    }
    let token = form.get("token").unwrap_or_default();
    let (access, grant) = {
        let tokens = locked(&service.tokens);
        let access = tokens.access.get(token).cloned();
        (access, tokens.refresh.get(token).cloned())
    };
    let body = match (access, grant) {
        (Some(access), _) => access_info(&service, token, &access),
        (None, Some(grant)) => Some(refresh_info(&service, token, &grant)),
        (None, None) => None,
    };
    answer(
        StatusCode::OK,
        &body.unwrap_or_else(|| json!({ "active": false })),
    )
}

/// None: it is not active.
fn access_info(service: &Service, token: &str, access: &AccessToken) -> Option<Value> {
    let now = service.gate.clock.now();
    let Owner::Portal { id: portal, user } = access.owner else {
        return None;
    };
    if access.expired_for(now).is_some() {
        return None;
    }
    let expires_at = access.expires_at.unwrap_or(now);
    let scopes = access.scopes.clone().unwrap_or_default();
    let (domain, email, hublet) = describe(service, portal, user);
    let app = locked(&service.app);
    Some(json!({
        "active": true,
        "token": token,
        "token_type": "bearer",
        "token_use": "access_token",
        "client_id": app.client_id,
        "app_id": app.app_id,
        "hub_id": portal,
        "hub_domain": domain,
        "user_id": user,
        "user": email,
        "scopes": scopes,
        "expires_in": (expires_at - now).num_seconds(),
        "is_private_distribution": false,
        "signed_access_token": {
            "expiresAt": expires_at.timestamp_millis(),
            "scopes": "AAEAAQ==",
            "hubId": portal,
            "userId": user,
            "appId": app.app_id,
            "signature": "AAAA",
            "newSignature": "AAAA",
            "scopeToScopeGroupPks": "",
            "hublet": hublet,
            "trialScopes": "",
            "trialScopeToScopeGroupPks": "",
            "isUserLevel": false,
            "installingUserId": user,
            "isServiceAccount": false,
            "isPrivateDistribution": false,
            "audience": "hubspot",
            "appInstallId": format!("{}-{portal}", app.app_id),
        },
    }))
}

fn refresh_info(service: &Service, token: &str, grant: &Grant) -> Value {
    let (domain, email, _) = describe(service, grant.portal, grant.user);
    let app = locked(&service.app);
    json!({
        "active": true,
        "token": token,
        "token_type": "bearer",
        "token_use": "refresh_token",
        "client_id": app.client_id,
        "app_id": app.app_id,
        "hub_id": grant.portal,
        "hub_domain": domain,
        "user_id": grant.user,
        "user": email,
        "scopes": grant.scopes,
    })
}

/// The customer's domain, the user's address, and where the portal's data lies.
fn describe(service: &Service, portal: u64, user: u64) -> (String, Option<String>, String) {
    let domain = format!("portal-{portal}.example");
    let Some(tenant) = service.portals.get(&portal) else {
        return (domain, None, String::new());
    };
    let config = &locked(&tenant.0).config;
    let email = config.users.iter().find(|known| known.id == user);
    let email = email.map(|user| user.email.clone());
    (domain, email, config.hublet.clone())
}

/// `POST /oauth/{version}/token/revoke`. An access token that was issued already lives on (seen by users of the API), and
/// an unknown token is none of the caller's business (RFC 7009, 2.2).
pub(super) async fn revoke(
    State(service): State<Arc<Service>>,
    Path(version): Path<String>,
    uri: Uri,
    form: Form,
) -> Response {
    if !version_exists(&version) {
        return no_such_endpoint(uri.path());
    }
    if let Err(refused) = client(&service, &form) {
        return refused.into_response();
    }
    locked(&service.tokens)
        .refresh
        .remove(form.get("token").unwrap_or_default());
    StatusCode::OK.into_response()
}

/// `DELETE /appinstalls/{version}/external-install`: the app leaves the portal of the token.
pub(super) async fn uninstall(State(service): State<Arc<Service>>, ctx: Ctx) -> Answer {
    let portal = ctx.portal().config.id;
    service.uninstall(portal);
    no_content()
}
