//! HubSpot's OAuth: dated paths, form bodies, bodies' own words for errors.

use serde::Deserialize;

use super::{Client, TokenSet, caller, judge, post_form, tokens};
use crate::budget::Budget;
use crate::config;
use crate::error::{Error, Result, Side};
use crate::hubspot::{HubSpot, PACE_MILLIS, VERSION};
use crate::ports::{HttpRequest, Ports, Variables};
use crate::secret::Secret;

/// Our app at HubSpot.
#[derive(Debug, Clone)]
pub struct App {
    /// As registered.
    pub client: Client,
    /// Scheme and host of HubSpot's API.
    pub api_url: String,
}

impl App {
    /// From `hubspot_client_id`, `hubspot_client_secret` and `hubspot_api_url`.
    pub fn from_variables(variables: &impl Variables) -> Result<Self> {
        Ok(Self {
            client: config::client(variables, "hubspot")?.ok_or_else(|| {
                Error::Config("hubspot_client_id and hubspot_client_secret are not set".to_owned())
            })?,
            api_url: config::hubspot_url(variables)?,
        })
    }
}

/// What a token stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Introspection {
    /// False: it was revoked or has ended.
    pub active: bool,
    /// HubSpot portal.
    pub portal: i64,
    /// The user who installed.
    pub user: i64,
    /// Granted scopes.
    pub scopes: Vec<String>,
}

impl Introspection {
    /// Scopes that we need and that were not granted, in the order of [`super::SCOPES`].
    pub fn missing_scopes(&self) -> Vec<&'static str> {
        super::SCOPES
            .iter()
            .copied()
            .filter(|needed| !self.scopes.iter().any(|granted| granted == needed))
            .collect()
    }
}

/// What is kept of a HubSpot account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountDetails {
    /// HubSpot portal.
    pub portal: i64,
    /// Host of its user interface, e.g. `app-eu1.hubspot.com`.
    pub ui_domain: String,
    /// Data hosting location, e.g. `eu1`.
    pub hublet: Option<String>,
    /// IANA time zone name.
    pub time_zone: Option<String>,
    /// Minutes that its clocks are ahead of UTC.
    pub utc_offset: Option<i64>,
}

/// Where the admin's browser is sent: `GET /oauth/authorize` of HubSpot's pages at `app_url`, which asks for the portal
/// and shows the scopes: those that must be granted, and those that need not be. Spaces are `%20`, as in HubSpot's own examples.
pub fn authorize_url(
    app_url: &str,
    client_id: &str,
    redirect_uri: &str,
    scopes: &[&str],
    optional: &[&str],
    state: &str,
) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query
        .append_pair("client_id", client_id)
        .append_pair("redirect_uri", redirect_uri)
        .append_pair("scope", &scopes.join(" "))
        .append_pair("optional_scope", &optional.join(" "))
        .append_pair("state", state);
    format!(
        "{app_url}/oauth/authorize?{}",
        query.finish().replace('+', "%20")
    )
}

/// Exchanges an authorization code. It holds once and for a short time: this is sent once.
///
/// # Errors
/// Class `Revoked` where HubSpot does not take the code: the admin begins anew.
pub async fn exchange<P: Ports>(
    ports: &P,
    budget: &Budget,
    app: &App,
    redirect_uri: &str,
    code: &Secret,
) -> Result<TokenSet> {
    let request = app.post(
        "token",
        &[
            ("grant_type", "authorization_code"),
            ("redirect_uri", redirect_uri),
            ("code", code.expose()),
        ],
    );
    tokens(ports, budget, Side::HubSpot, request, false).await
}

/// Gets a new access token.
///
/// # Errors
/// Class `Revoked` where the app is no longer installed.
pub async fn refresh<P: Ports>(
    ports: &P,
    budget: &Budget,
    app: &App,
    refresh_token: &Secret,
) -> Result<TokenSet> {
    let request = app.post(
        "token",
        &[
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token.expose()),
        ],
    );
    tokens(ports, budget, Side::HubSpot, request, true).await
}

/// Gets a token of the app itself, for APIs that belong to no portal.
pub async fn client_credentials<P: Ports>(
    ports: &P,
    budget: &Budget,
    app: &App,
    scopes: &[&str],
) -> Result<TokenSet> {
    let request = app.post(
        "token",
        &[
            ("grant_type", "client_credentials"),
            ("scope", &scopes.join(" ")),
        ],
    );
    tokens(ports, budget, Side::HubSpot, request, true).await
}

/// Asks what an access token stands for: what is told of it is not to be taken from anywhere else.
pub async fn introspect<P: Ports>(
    ports: &P,
    budget: &Budget,
    app: &App,
    access_token: &Secret,
) -> Result<Introspection> {
    #[derive(Deserialize)]
    struct Answer {
        active: bool,
        hub_id: Option<i64>,
        user_id: Option<i64>,
        #[serde(default)]
        scopes: Vec<String>,
    }
    let request = app.post(
        "token/introspect",
        &[
            ("token", access_token.expose()),
            ("token_type_hint", "access_token"),
        ],
    );
    let response = caller(ports, budget, Side::HubSpot)
        .send(request, &judge)
        .await?;
    let answer: Answer =
        serde_json::from_slice(&response.body).map_err(|_| Error::no_json(Side::HubSpot))?;
    match (answer.active, answer.hub_id, answer.user_id) {
        (active, Some(portal), Some(user)) => Ok(Introspection {
            active,
            portal,
            user,
            scopes: answer.scopes,
        }),
        // A revoked token is told by `{"active":false}` alone.
        (false, _, _) => Ok(Introspection {
            active: false,
            portal: 0,
            user: 0,
            scopes: Vec::new(),
        }),
        _ => Err(Error::no_json(Side::HubSpot)),
    }
}

/// Gives a refresh token back. Access tokens that were made of it live on until they end.
pub async fn revoke<P: Ports>(
    ports: &P,
    budget: &Budget,
    app: &App,
    refresh_token: &Secret,
) -> Result<()> {
    let request = app.post(
        "token/revoke",
        &[
            ("token", refresh_token.expose()),
            ("token_type_hint", "refresh_token"),
        ],
    );
    caller(ports, budget, Side::HubSpot)
        .send(request, &judge)
        .await?;
    Ok(())
}

/// Asks for the portal that an access token belongs to.
pub async fn account_details<P: Ports>(
    ports: &P,
    budget: &Budget,
    app: &App,
    access_token: &Secret,
) -> Result<AccountDetails> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Answer {
        portal_id: i64,
        ui_domain: String,
        data_hosting_location: Option<String>,
        time_zone: Option<String>,
        utc_offset_milliseconds: Option<i64>,
    }
    let answer: Answer = portal(ports, budget, app, access_token)
        .get(&format!("/account-info/{VERSION}/details"))
        .await?;
    // It becomes part of links and redirects.
    if !is_hubspot_host(&answer.ui_domain) {
        return Err(Error::no_json(Side::HubSpot));
    }
    Ok(AccountDetails {
        portal: answer.portal_id,
        ui_domain: answer.ui_domain,
        hublet: answer.data_hosting_location,
        time_zone: answer.time_zone,
        utc_offset: answer.utc_offset_milliseconds.map(|millis| millis / 60_000),
    })
}

/// Uninstalls the app from a portal; HubSpot tells its admins by mail.
pub async fn uninstall<P: Ports>(
    ports: &P,
    budget: &Budget,
    app: &App,
    access_token: &Secret,
) -> Result<()> {
    portal(ports, budget, app, access_token)
        .delete(&format!("/appinstalls/{VERSION}/external-install"))
        .await
}

/// A portal's API with this token.
pub fn portal<'a, P: Ports>(
    ports: &'a P,
    budget: &'a Budget,
    app: &'a App,
    access_token: &Secret,
) -> HubSpot<'a, P> {
    let mut caller = caller(ports, budget, Side::HubSpot);
    caller.pace = PACE_MILLIS;
    HubSpot::new(caller, &app.api_url, access_token.clone())
}

/// A host of HubSpot's user interface: `app.hubspot.com`, `app-eu1.hubspot.com`.
fn is_hubspot_host(host: &str) -> bool {
    let label = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    host.strip_suffix(".hubspot.com")
        .is_some_and(|name| !name.is_empty() && name.bytes().all(label))
}

impl App {
    /// A form for an OAuth endpoint, with our credentials in the body: HubSpot takes them nowhere else.
    fn post(&self, endpoint: &str, fields: &[(&str, &str)]) -> HttpRequest {
        let mut all = vec![
            ("client_id", self.client.id.as_str()),
            ("client_secret", self.client.secret.expose()),
        ];
        all.extend_from_slice(fields);
        post_form(
            [self.api_url.as_str(), "/oauth/", VERSION, "/", endpoint].concat(),
            &all,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oauth::SCOPES;

    /// S0-05: exactly the scopes that are needed; nothing of the app but its public id.
    #[test]
    fn the_authorize_url_asks_for_the_scopes() {
        let url = authorize_url(
            "https://app.hubspot.com",
            "our-app",
            "https://sync.example.com/oauth/hubspot/callback",
            &["oauth", "tickets"],
            &["crm.lists.read"],
            "n0nce",
        );
        assert_eq!(
            url,
            "https://app.hubspot.com/oauth/authorize?client_id=our-app\
             &redirect_uri=https%3A%2F%2Fsync.example.com%2Foauth%2Fhubspot%2Fcallback\
             &scope=oauth%20tickets&optional_scope=crm.lists.read&state=n0nce"
        );
    }

    /// S0-102: what was not granted is named.
    #[test]
    fn says_which_scopes_are_missing() {
        let mut told = Introspection {
            active: true,
            portal: 1,
            user: 2,
            scopes: SCOPES.iter().map(|scope| (*scope).to_owned()).collect(),
        };
        assert!(told.missing_scopes().is_empty());
        told.scopes.retain(|scope| scope != "tickets");
        assert_eq!(told.missing_scopes(), ["tickets"]);
    }

    #[test]
    fn only_hubspots_hosts_are_linked_to() {
        for host in ["app.hubspot.com", "app-eu1.hubspot.com"] {
            assert!(is_hubspot_host(host), "{host}");
        }
        for host in [
            "hubspot.com",
            ".hubspot.com",
            "app.hubspot.com.evil.example",
            "evil.example/app.hubspot.com",
            "a.b.hubspot.com",
            "app.hubspot.com:8443",
        ] {
            assert!(!is_hubspot_host(host), "{host}");
        }
    }
}
