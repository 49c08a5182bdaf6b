//! How an account is connected, and how it is recognised.
//!
//! Templates are texts with names in braces: of the person's parameters, or `{app_id}` and `{app_secret}` of the app
//! that the operator registered at the provider.

use std::collections::BTreeMap;

use serde::Deserialize;

/// See `Declaration::auth`. Paths are under a region's URL.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, tag = "kind", rename_all = "kebab-case")]
pub enum Auth {
    /// OAuth 2.0 authorization code (RFC 6749 §4.1): the person signs in at the provider.
    #[serde(rename = "oauth2-code")]
    OAuth2Code {
        /// Where the user consents.
        authorize_path: String,
        /// Where codes and refresh tokens become access tokens.
        token_path: String,
        /// Where a token is given back, if the provider has such a place.
        revoke_path: Option<String>,
        /// Whether the provider takes a PKCE challenge (RFC 7636).
        pkce: bool,
        /// Whether every refresh answers a new refresh token that replaces the old one.
        rotates_refresh_token: bool,
        /// What is asked for; empty where the provider keeps permissions with the app.
        #[serde(default)]
        scopes: Vec<String>,
        /// Headers of every request beside the bearer token: templates.
        #[serde(default)]
        headers: BTreeMap<String, String>,
    },
    /// OAuth 2.0 client credentials (RFC 6749 §4.4): the person types in what a client of their own is called by.
    ClientCredentials {
        /// Where the credentials become an access token, time and again.
        token_path: String,
        /// Fields of the token request beside `grant_type`: templates.
        form: BTreeMap<String, String>,
        /// What the person is asked for.
        parameters: Vec<Parameter>,
        /// As of `oauth2-code`.
        #[serde(default)]
        headers: BTreeMap<String, String>,
    },
    /// A user name and a password (RFC 6749 §4.3): exchanged for a token at once, and not kept.
    Password {
        /// Where the password becomes a token, and a refresh token a new one.
        token_path: String,
        /// Fields of the token request beside `grant_type`: templates.
        form: BTreeMap<String, String>,
        /// What the person is asked for.
        parameters: Vec<Parameter>,
        /// As of `oauth2-code`.
        #[serde(default)]
        headers: BTreeMap<String, String>,
    },
    /// Keys that every request carries.
    ApiKey {
        /// Headers of every request: templates.
        headers: BTreeMap<String, String>,
        /// What the person is asked for.
        parameters: Vec<Parameter>,
    },
}

impl Auth {
    /// What the person is asked for.
    #[must_use]
    pub fn parameters(&self) -> &[Parameter] {
        match self {
            Self::OAuth2Code { .. } => &[],
            Self::ClientCredentials { parameters, .. }
            | Self::Password { parameters, .. }
            | Self::ApiKey { parameters, .. } => parameters,
        }
    }

    /// Templates of the headers of every request.
    #[must_use]
    pub fn headers(&self) -> &BTreeMap<String, String> {
        match self {
            Self::OAuth2Code { headers, .. }
            | Self::ClientCredentials { headers, .. }
            | Self::Password { headers, .. }
            | Self::ApiKey { headers, .. } => headers,
        }
    }

    /// Templates of the fields of a sign-in.
    pub fn form(&self) -> impl Iterator<Item = (&String, &String)> {
        match self {
            Self::ClientCredentials { form, .. } | Self::Password { form, .. } => Some(form),
            Self::OAuth2Code { .. } | Self::ApiKey { .. } => None,
        }
        .into_iter()
        .flatten()
    }
}

/// Something that the person who connects an account types in (an "App Parameter").
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// Lower case letters, digits and `_`.
    pub name: String,
    /// For people, in the provider's words, e.g. `API key`.
    pub label: String,
    /// Where the person finds it.
    pub help: String,
    /// Not to be shown while it is typed, and never in a URL.
    pub secret: bool,
}

/// See `Declaration::account`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// Path under the API's root that tells whose account it is: a template. That it answers shows that the account
    /// is connected.
    pub path: String,
    /// Query parameters.
    #[serde(default)]
    pub parameters: BTreeMap<String, String>,
    /// Dot path of the organization's id in the answer, or `{parameter}`.
    pub id: String,
    /// Dot path of its name in the answer, or `{parameter}`.
    pub name: String,
}

/// The parameter that a path of [`Account`] stands for: `{organization}`.
#[must_use]
pub fn parameter_of(path: &str) -> Option<&str> {
    path.strip_prefix('{')?.strip_suffix('}')
}
