//! OAuth 2.0 (RFC 6749) as a client: of HubSpot, and of the providers by what their connectors declare.
//!
//! Nothing here is stored: see [`crate::tokens`]. No error, log line or `Debug` shows a token, a code or a secret.

pub mod hubspot;
pub mod pkce;
pub mod provider;

use crate::budget::Budget;
use crate::call::Caller;
use crate::core::{auth, classifying};
use crate::error::{Error, Result, Side};
use crate::ports::{Clock, HttpRequest, HttpResponse, Ports};
use crate::secret::Secret;

/// HubSpot's scopes that our calls need, and no more. The app's configuration at HubSpot must name exactly these.
pub const SCOPES: &[&str] = &[
    // Tokens, account details, uninstalling.
    "oauth",
    // Batch reads, upserts, updates and searches; associations between them.
    "crm.objects.contacts.read",
    "crm.objects.contacts.write",
    "crm.objects.companies.read",
    "crm.objects.companies.write",
    "crm.objects.deals.read",
    "crm.objects.deals.write",
    // The same for tickets, with their properties and pipelines.
    "tickets",
    // The property group, properties and pipelines that provisioning makes.
    "crm.schemas.contacts.read",
    "crm.schemas.contacts.write",
    "crm.schemas.companies.read",
    "crm.schemas.companies.write",
    "crm.schemas.deals.read",
    "crm.schemas.deals.write",
    // Whether a user is a super admin, who may change settings.
    "settings.users.read",
];

/// Lets us complete workflow actions that HubSpot was told to wait for. Only accounts with workflows can grant it.
pub const AUTOMATION: &str = "automation";

/// Lets us read lists, for those whose members alone are to sync.
pub const LISTS: &str = "crm.lists.read";

/// Scopes that are asked for and may be refused: without one of them, what it is for cannot be chosen. The app's
/// configuration at HubSpot must name exactly these as optional.
pub const OPTIONAL_SCOPES: &[&str] = &[AUTOMATION, LISTS];

/// Wait on a rate limit of a token endpoint that names no time.
const PACE_MILLIS: i64 = 10_000;

/// Our app, as registered at HubSpot or at a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// Public: it stands in authorize URLs.
    pub id: String,
    /// The app's secret.
    pub secret: Secret,
}

/// What a token endpoint gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenSet {
    /// What every call carries; of a connector with API keys, what the headers of every call are made of.
    pub access_token: Secret,
    /// What a new access token is got for; of client credentials, the parameters that were typed in. None: the access
    /// token is all there is, or the refresh token held so far stays valid.
    pub refresh_token: Option<Secret>,
    /// Seconds from now; none = it does not end by itself.
    pub expires_in: Option<i64>,
}

/// What a step of connecting may spend: a person waits for it.
pub fn budget(clock: &impl Clock) -> Budget {
    let end = clock.now() + 20_000;
    Budget::new(end, end, 12)
}

/// Sends a token request and reads the answer.
///
/// `again`: whether it may be sent twice; a code or a password may not.
async fn tokens<P: Ports>(
    ports: &P,
    budget: &Budget,
    side: Side,
    request: HttpRequest,
    again: bool,
) -> Result<TokenSet> {
    let caller = caller(ports, budget, side);
    let response = if again {
        caller.send(request, &judge).await?
    } else {
        caller.once(request, &judge).await?
    };
    let tokens = auth::read_tokens(&response.body).ok_or_else(|| Error::no_json(side))?;
    Ok(TokenSet {
        access_token: Secret::new(tokens.access_token),
        refresh_token: tokens.refresh_token.map(Secret::new),
        expires_in: tokens
            .expires_in
            .map(|seconds| i64::try_from(seconds).unwrap_or(i64::MAX)),
    })
}

fn caller<'a, P: Ports>(ports: &'a P, budget: &'a Budget, side: Side) -> Caller<'a, P> {
    Caller {
        ports,
        budget,
        side,
        pace: PACE_MILLIS,
    }
}

fn judge(answer: &HttpResponse) -> classifying::Verdict {
    classifying::token(answer.status, &answer.headers, &answer.body)
}

/// A POST of `application/x-www-form-urlencoded` fields.
fn post_form(url: String, fields: &[(&str, &str)]) -> HttpRequest {
    let mut form = form_urlencoded::Serializer::new(String::new());
    for (name, value) in fields {
        form.append_pair(name, value);
    }
    HttpRequest {
        method: "POST",
        url,
        headers: vec![
            ("accept".to_owned(), "application/json".to_owned()),
            (
                "content-type".to_owned(),
                "application/x-www-form-urlencoded".to_owned(),
            ),
        ],
        body: form.finish().into_bytes(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// S0-90, S1-37: no `Debug` shows a token.
    #[test]
    fn debug_shows_no_token() {
        let tokens = TokenSet {
            access_token: Secret::new("canary-a"),
            refresh_token: Some(Secret::new("canary-r")),
            expires_in: Some(1_800),
        };
        let client = Client {
            id: "app".to_owned(),
            secret: Secret::new("canary-s"),
        };
        let request = post_form("https://a/canary-u".to_owned(), &[("code", "canary-c")]);
        let shown = format!("{tokens:?} {client:?} {request:?}");
        assert!(!shown.contains("canary"), "{shown}");
    }

    #[test]
    fn a_form_keeps_every_character_of_a_secret() {
        let request = post_form(String::new(), &[("client_secret", "a+b&c=d e/é")]);
        assert_eq!(
            request.body,
            b"client_secret=a%2Bb%26c%3Dd+e%2F%C3%A9".to_vec()
        );
    }

    #[test]
    fn scopes_are_asked_for_once() {
        let mut scopes = [SCOPES, OPTIONAL_SCOPES].concat();
        scopes.sort_unstable();
        scopes.dedup();
        assert_eq!(scopes.len(), SCOPES.len() + OPTIONAL_SCOPES.len());
    }
}
