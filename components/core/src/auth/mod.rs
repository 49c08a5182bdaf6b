//! How accounts are connected: what to ask a person for, and the requests and answers of signing in, refreshing and
//! giving back. Credentials pass through; nothing is kept, and no error names one.

mod answer;
mod parameters;
mod request;

use url::form_urlencoded::Serializer;

pub use answer::{read_account, read_tokens};
pub use sync300_core_bindings::auth::{
    Account, Client, Kind, Parameter, ParameterError, Place, Request, Scheme, SignIn, TokenSet,
};

use crate::declaration::{self, Auth, DeclarationError};

/// Why there is no request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum AuthError {
    #[error(transparent)]
    Connector(#[from] DeclarationError),
    #[error("the base URL must be scheme and host, without a trailing slash")]
    BaseUrl,
    #[error("the app registered at `{0}` is not configured")]
    NoClient(String),
    #[error("connector `{0}` is not connected in this way")]
    OtherKind(String),
    #[error("what was kept of the sign-in is not readable")]
    Kept,
    #[error("connector `{connector}` needs `{name}`")]
    Value { connector: String, name: String },
}

/// How a connector's accounts are connected.
///
/// # Errors
/// Where there is no such connector, or why it does not load.
pub fn describe(connector: &str) -> Result<Scheme, String> {
    let connector = declaration::find(connector).map_err(|error| error.to_string())?;
    let auth = &connector.declaration.auth;
    let kind = match auth {
        Auth::OAuth2Code { .. } => Kind::OauthCode,
        Auth::ClientCredentials { .. } => Kind::ClientCredentials,
        Auth::Password { .. } => Kind::Password,
        Auth::ApiKey { .. } => Kind::ApiKey,
    };
    let parameters = auth.parameters().iter().map(|declared| Parameter {
        name: declared.name.clone(),
        label: declared.label.clone(),
        help: declared.help.clone(),
        secret: declared.secret,
    });
    let mut templates = auth
        .headers()
        .values()
        .chain(auth.form().map(|(_, template)| template));
    Ok(Scheme {
        kind,
        parameters: parameters.collect(),
        pkce: matches!(auth, Auth::OAuth2Code { pkce: true, .. }),
        needs_client: kind == Kind::OauthCode || templates.any(|t| t.contains("{app_")),
        requirements: connector.declaration.requirements.clone(),
    })
}

/// Where the person's browser is sent (RFC 6749 §4.1.1); `challenge` is PKCE's S256 challenge (RFC 7636 §4.3).
///
/// # Errors
/// Where the connector is not connected by OAuth, or the app or the base URL is not configured.
pub fn authorize_url(
    place: &Place,
    redirect_uri: &str,
    state: &str,
    challenge: Option<&str>,
) -> Result<String, String> {
    request::authorize(place, redirect_uri, state, challenge).map_err(|error| error.to_string())
}

/// Exchanges an authorization code (RFC 6749 §4.1.3).
///
/// # Errors
/// As [`authorize_url`].
pub fn code_request(
    place: &Place,
    redirect_uri: &str,
    code: &str,
    verifier: Option<&str>,
) -> Result<Request, String> {
    request::code(place, redirect_uri, code, verifier).map_err(|error| error.to_string())
}

/// Signs in with what a person typed in.
///
/// # Errors
/// Names the parameter that is missing, malformed or not asked for; or says why there is nothing to sign in with.
pub fn sign_in_request(
    place: &Place,
    parameters: &[(String, String)],
) -> Result<SignIn, ParameterError> {
    let connector = declaration::find(&place.connector)
        .map_err(|error| ParameterError::Unusable(error.to_string()))?;
    parameters::check(connector.declaration.auth.parameters(), parameters)?;
    request::sign_in(place, parameters).map_err(|error| ParameterError::Unusable(error.to_string()))
}

/// Gets a new access token for a refresh token (RFC 6749 §6), or for what [`sign_in_request`] kept in its place.
///
/// # Errors
/// As [`authorize_url`]; or where nothing that can be renewed was kept.
pub fn refresh_request(place: &Place, refresh_token: &str) -> Result<Request, String> {
    request::refresh(place, refresh_token).map_err(|error| error.to_string())
}

/// Gives a token back: a POST with the token as bearer; none where the provider has no place for it.
///
/// # Errors
/// Where there is no such connector, or the app or the base URL is not configured.
pub fn revoke_request(place: &Place, access_token: &str) -> Result<Option<Request>, String> {
    request::revoke(place, access_token).map_err(|error| error.to_string())
}

/// Asks whose account it is, without credentials, which the caller adds.
///
/// # Errors
/// As [`revoke_request`]; or where a parameter of the path was not given.
pub fn account_request(place: &Place, parameters: &[(String, String)]) -> Result<Request, String> {
    request::account(place, parameters).map_err(|error| error.to_string())
}

/// The headers of every request: from an access token, or from what [`sign_in_request`] kept in its place.
///
/// # Errors
/// Where there is no such connector, what was kept is not readable, or the app is not configured.
pub fn headers(place: &Place, access_token: &str) -> Result<Vec<(String, String)>, String> {
    request::headers(place, access_token).map_err(|error| error.to_string())
}

/// `application/x-www-form-urlencoded`.
fn form(fields: &[(&str, &str)]) -> String {
    Serializer::new(String::new()).extend_pairs(fields).finish()
}

#[cfg(test)]
mod tests;
