//! The requests.

use url::Url;
use url::form_urlencoded::byte_serialize;

use super::{AuthError, Client, Place, Request, SignIn, form, parameters};
use crate::declaration::{self, Auth, Connector};
use crate::provider::origin;
use crate::template::Template;

/// What a person typed in, by name.
type Parameters = [(String, String)];

pub(super) fn authorize(
    place: &Place,
    redirect_uri: &str,
    state: &str,
    challenge: Option<&str>,
) -> Result<String, AuthError> {
    let Auth::OAuth2Code {
        authorize_path,
        scopes,
        ..
    } = &find(place)?.declaration.auth
    else {
        return Err(other_kind(place));
    };
    let scope = scopes.join(" ");
    let mut fields = vec![
        ("response_type", "code"),
        ("client_id", client(place)?.id.as_str()),
        ("redirect_uri", redirect_uri),
        ("state", state),
    ];
    if !scope.is_empty() {
        fields.push(("scope", &scope));
    }
    if let Some(challenge) = challenge {
        fields.push(("code_challenge", challenge));
        fields.push(("code_challenge_method", "S256"));
    }
    let mut url = url(place, authorize_path)?;
    // A plus means a space in forms alone; in a URL not every server reads it so.
    url.set_query(Some(&form(&fields).replace('+', "%20")));
    Ok(url.into())
}

pub(super) fn code(
    place: &Place,
    redirect_uri: &str,
    code: &str,
    verifier: Option<&str>,
) -> Result<Request, AuthError> {
    let Auth::OAuth2Code { token_path, .. } = &find(place)?.declaration.auth else {
        return Err(other_kind(place));
    };
    let client = client(place)?;
    let mut fields = vec![
        ("grant_type", "authorization_code"),
        ("client_id", &client.id),
        ("client_secret", &client.secret),
        ("redirect_uri", redirect_uri),
        ("code", code),
    ];
    if let Some(verifier) = verifier {
        fields.push(("code_verifier", verifier));
    }
    token_request(place, token_path, &fields)
}

pub(super) fn sign_in(place: &Place, given: &Parameters) -> Result<SignIn, AuthError> {
    let connector = find(place)?;
    let kept = parameters::keep(given);
    let (request, keep) = match &connector.declaration.auth {
        Auth::OAuth2Code { .. } => return Err(other_kind(place)),
        Auth::ClientCredentials { token_path, .. } => (
            Some(grant(place, token_path, "client_credentials", given)?),
            Some(kept),
        ),
        // DX-03: nothing of a password is kept.
        Auth::Password { token_path, .. } => {
            (Some(grant(place, token_path, "password", given)?), None)
        }
        Auth::ApiKey { .. } => {
            // That the headers can be made is known before anything is stored.
            headers(place, &kept)?;
            (None, Some(kept))
        }
    };
    Ok(SignIn { request, keep })
}

pub(super) fn refresh(place: &Place, refresh_token: &str) -> Result<Request, AuthError> {
    let auth = &find(place)?.declaration.auth;
    let (token_path, client) = match auth {
        Auth::OAuth2Code { token_path, .. } => (token_path, Some(client(place)?)),
        Auth::Password { token_path, .. } => (token_path, place.client.as_ref()),
        Auth::ClientCredentials { token_path, .. } => {
            let kept = parameters::kept(refresh_token).ok_or(AuthError::Kept)?;
            return grant(place, token_path, "client_credentials", &kept);
        }
        Auth::ApiKey { .. } => return Err(other_kind(place)),
    };
    let mut fields = vec![
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token),
    ];
    if let Some(client) = client {
        fields.push(("client_id", &client.id));
        fields.push(("client_secret", &client.secret));
    }
    token_request(place, token_path, &fields)
}

pub(super) fn revoke(place: &Place, access_token: &str) -> Result<Option<Request>, AuthError> {
    let Auth::OAuth2Code {
        revoke_path: Some(path),
        ..
    } = &find(place)?.declaration.auth
    else {
        return Ok(None);
    };
    Ok(Some(Request {
        method: "POST".to_owned(),
        url: url(place, path)?.into(),
        headers: headers(place, access_token)?,
        body: Vec::new(),
    }))
}

pub(super) fn account(place: &Place, given: &Parameters) -> Result<Request, AuthError> {
    let declared = &find(place)?.declaration;
    let path = fill(place, &declared.account.path, |name| {
        value(place, given, name).and_then(|value| segment(&value))
    })?;
    let mut url = url(place, &format!("{}{path}", declared.api.root))?;
    if !declared.account.parameters.is_empty() {
        url.query_pairs_mut()
            .extend_pairs(&declared.account.parameters);
    }
    let headers = &declared.api.headers;
    Ok(Request {
        method: "GET".to_owned(),
        url: url.into(),
        headers: headers
            .iter()
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect(),
        body: Vec::new(),
    })
}

pub(super) fn headers(
    place: &Place,
    access_token: &str,
) -> Result<Vec<(String, String)>, AuthError> {
    let auth = &find(place)?.declaration.auth;
    let mut headers = Vec::new();
    let mut kept = Vec::new();
    if let Auth::ApiKey { .. } = auth {
        kept = parameters::kept(access_token).ok_or(AuthError::Kept)?;
    } else {
        headers.push(("authorization".to_owned(), format!("Bearer {access_token}")));
    }
    for (name, template) in auth.headers() {
        let value = fill(place, template, |name| value(place, &kept, name))?;
        headers.push((name.to_ascii_lowercase(), value));
    }
    Ok(headers)
}

/// A token request with the fields that the connector declares.
fn grant(
    place: &Place,
    token_path: &str,
    grant_type: &str,
    given: &Parameters,
) -> Result<Request, AuthError> {
    let mut filled = Vec::new();
    for (field, template) in find(place)?.declaration.auth.form() {
        let value = fill(place, template, |name| value(place, given, name))?;
        filled.push((field.as_str(), value));
    }
    let mut fields = vec![("grant_type", grant_type)];
    fields.extend(filled.iter().map(|(field, value)| (*field, value.as_str())));
    token_request(place, token_path, &fields)
}

fn token_request(place: &Place, path: &str, fields: &[(&str, &str)]) -> Result<Request, AuthError> {
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    Ok(Request {
        method: "POST".to_owned(),
        url: url(place, path)?.into(),
        headers: vec![
            header("accept", "application/json"),
            header("content-type", "application/x-www-form-urlencoded"),
        ],
        body: form(fields).into_bytes(),
    })
}

fn fill(
    place: &Place,
    template: &str,
    value: impl Fn(&str) -> Option<String>,
) -> Result<String, AuthError> {
    let missing = |name: &str| AuthError::Value {
        connector: place.connector.clone(),
        name: name.to_owned(),
    };
    let read = Template::parse(template).ok_or_else(|| missing(template))?;
    match read.names().find(|name| value(name).is_none()) {
        Some(name) => Err(missing(name)),
        None => read.fill(value).ok_or_else(|| missing(template)),
    }
}

/// What a name in a template stands for.
fn value(place: &Place, given: &Parameters, name: &str) -> Option<String> {
    let client = place.client.as_ref();
    match name {
        "app_id" => client.map(|client| client.id.clone()),
        "app_secret" => client.map(|client| client.secret.clone()),
        _ => given
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.clone()),
    }
}

/// A value as one segment of a path; none where it would lead to another one.
fn segment(value: &str) -> Option<String> {
    let encoded: String = byte_serialize(value.as_bytes()).collect();
    (value != "." && value != "..").then(|| encoded.replace('+', "%20"))
}

fn find(place: &Place) -> Result<&'static Connector, AuthError> {
    Ok(declaration::find(&place.connector)?)
}

fn client(place: &Place) -> Result<&Client, AuthError> {
    place
        .client
        .as_ref()
        .ok_or_else(|| AuthError::NoClient(place.connector.clone()))
}

fn other_kind(place: &Place) -> AuthError {
    AuthError::OtherKind(place.connector.clone())
}

fn url(place: &Place, path: &str) -> Result<Url, AuthError> {
    let mut url = origin(&place.base_url).ok_or(AuthError::BaseUrl)?;
    url.set_path(path);
    Ok(url)
}
