//! Clio Manage's API v4: contacts, matters, tasks, relationships, practice areas, users, notes; webhooks; and signing in. One fake is
//! one region: what it issues opens nothing at another.

mod account;
mod api;
mod contact;
mod error;
mod fields;
mod list;
mod oauth;
mod people;
mod render;
mod routes;
mod shapes;
mod tokens;
mod webhooks;
mod writable;
mod write;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::http::request::Parts;
use axum::http::{self, HeaderMap, HeaderValue, Request};
use axum::response::{IntoResponse, Response};

pub use account::Resource;
pub use oauth::AppConfig;
pub use people::AccountHandle;
pub use shapes::{SHAPES, Shape};
pub use webhooks::Delivery;
pub use writable::{Field, Kind, writable};

use crate::calls::CallLog;
use crate::clock::Clock;
use crate::error::FakeError;
use crate::faults::Fault;
use crate::server::{Front, Gate, Server, answer_in_process, locked};
use account::Account;
use api::Tenant;
use error::{ApiError, invalid_token};
use tokens::{Token, Tokens};

/// The minor version that answers have unless another is asked for.
const DEFAULT_VERSION: &str = "4.0.9";
/// The minor versions that exist: `4.0.4` to `4.0.13`.
const PATCHES: std::ops::RangeInclusive<u8> = 4..=13;

/// How a fake Clio is set up.
#[derive(Debug, Clone, Default)]
pub struct ClioConfig {
    /// Port on loopback; 0: any free one.
    pub port: u16,
    /// The app that asks for access.
    pub app: AppConfig,
    /// The accounts that exist. None at all: one with the defaults.
    pub accounts: Vec<AccountConfig>,
    /// Time that every call takes.
    pub latency: Duration,
    /// Keep the bodies of all calls in the log.
    pub record: bool,
    /// The time; share one clock to move several fakes at once.
    pub clock: Clock,
}

/// How an account is set up.
#[derive(Debug, Clone)]
pub struct AccountConfig {
    /// Account id.
    pub id: u64,
    /// Name of the firm.
    pub name: String,
    /// Bearer tokens that open it from the start and for ever. Others come by signing in.
    pub tokens: Vec<String>,
    /// How many calls a token has.
    pub rate_limit: RateLimit,
}

impl Default for AccountConfig {
    fn default() -> Self {
        Self {
            id: 350_001,
            name: "Keller & Partners".to_owned(),
            tokens: vec!["clio-access-token".to_owned()],
            rate_limit: RateLimit::default(),
        }
    }
}

/// Calls that a token has within a minute; None: no limit, though the headers speak of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit(pub Option<u32>);

impl Default for RateLimit {
    /// What Clio grants at peak time.
    fn default() -> Self {
        Self(Some(50))
    }
}

struct Service {
    gate: Gate,
    app: AppConfig,
    accounts: BTreeMap<u64, Tenant>,
    tokens: Mutex<Tokens>,
}

/// A fake Clio; it ends when this is dropped.
pub struct Clio {
    service: Arc<Service>,
    router: Router,
    /// None: no socket, requests come by [`Clio::answer`].
    server: Option<Server>,
}

impl std::fmt::Debug for Clio {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Clio")
            .field("url", &self.url())
            .finish_non_exhaustive()
    }
}

impl Clio {
    /// Starts on loopback.
    pub async fn start(config: ClioConfig) -> Result<Self, FakeError> {
        let port = config.port;
        let mut fake = Self::in_process(config);
        fake.server = Some(Server::start(port, fake.router.clone()).await?);
        Ok(fake)
    }

    /// Without a socket: requests come by [`Clio::answer`].
    pub fn in_process(config: ClioConfig) -> Self {
        let accounts = if config.accounts.is_empty() {
            vec![AccountConfig::default()]
        } else {
            config.accounts
        };
        let mut tokens = Tokens::default();
        for account in &accounts {
            for token in &account.tokens {
                let opens = Token::unlimited(account.id);
                tokens.access.insert(token.clone(), opens);
            }
        }
        let clock = config.clock;
        let accounts = accounts.into_iter().map(|account| {
            (
                account.id,
                Tenant(Arc::new(Mutex::new(Account::new(account, clock.clone())))),
            )
        });
        let service = Arc::new(Service {
            app: config.app,
            accounts: accounts.collect(),
            tokens: Mutex::new(tokens),
            gate: Gate::new(clock.clone(), config.record, config.latency),
        });
        let router = routes::router(service.clone());
        Self {
            service,
            router,
            server: None,
        }
    }

    /// Answers a request that came without a socket; None where the connection would have been dropped.
    pub async fn answer(&self, request: Request<Vec<u8>>) -> Option<http::Response<Vec<u8>>> {
        answer_in_process(&self.router, request).await
    }

    /// Scheme, host and port, without a trailing slash and without `/api/v4`.
    pub fn url(&self) -> String {
        match &self.server {
            Some(server) => format!("http://{}", server.address),
            None => "http://clio.example".to_owned(),
        }
    }

    /// An account from the inside.
    pub fn account(&self, id: u64) -> Result<AccountHandle, FakeError> {
        let tenant = self.service.accounts.get(&id).cloned();
        let tenant = tenant.ok_or(FakeError::Unknown {
            kind: "account",
            id,
        })?;
        Ok(AccountHandle {
            id,
            tenant,
            service: self.service.clone(),
        })
    }

    /// Every code, access token and refresh token that was ever handed out.
    pub fn issued(&self) -> Vec<String> {
        locked(&self.service.tokens).issued().to_vec()
    }

    /// The calls of all accounts.
    pub fn calls(&self) -> &CallLog {
        &self.service.gate.calls
    }

    /// Lets the next matching calls fail.
    pub fn fail(&self, fault: Fault) {
        self.service.gate.faults.add(fault);
    }

    /// Forgets the faults that still wait.
    pub fn clear_faults(&self) {
        self.service.gate.faults.clear();
    }

    /// The time that it believes in.
    pub fn clock(&self) -> &Clock {
        &self.service.gate.clock
    }

    /// Sets the time that every call takes.
    pub fn set_latency(&self, latency: Duration) {
        self.service.gate.set_latency(latency);
    }
}

impl Front for Service {
    fn gate(&self) -> &Gate {
        &self.gate
    }

    fn tenant(&self, bearer: &str) -> Option<u64> {
        Some(locked(&self.tokens).access.get(bearer)?.account)
    }

    fn admit(&self, parts: &mut Parts, bearer: Option<&str>) -> Result<HeaderMap, Box<Response>> {
        if parts.uri.path().starts_with("/oauth/") {
            // The app shows its secret in the body, a browser its user.
            return Ok(HeaderMap::new());
        }
        let version = parts
            .headers
            .get("x-api-version")
            .map(|version| version.to_str().unwrap_or_default());
        let version = version.unwrap_or(DEFAULT_VERSION);
        let patch = version
            .strip_prefix("4.0.")
            .and_then(|patch| patch.parse().ok());
        if !patch.is_some_and(|patch| PATCHES.contains(&patch)) {
            return Err(Box::new(ApiError::gone(version).into_response()));
        }
        let mut tokens = locked(&self.tokens);
        let now = self.gate.clock.now();
        let token = bearer.and_then(|bearer| tokens.access.get_mut(bearer));
        let token = token.filter(|token| token.expires_at.is_none_or(|end| now < end));
        let Some((token, tenant)) = token.and_then(|token| {
            let tenant = self.accounts.get(&token.account)?;
            Some((token, tenant))
        }) else {
            return Err(Box::new(invalid_token()));
        };
        let limit = locked(&tenant.0).config.rate_limit;
        let (mut headers, over) = token.take(limit, now);
        if let Ok(version) = HeaderValue::from_str(version) {
            headers.insert("x-api-version", version);
        }
        if over {
            let mut response = ApiError::too_many_requests().into_response();
            response.headers_mut().extend(headers);
            return Err(Box::new(response));
        }
        parts.extensions.insert(tenant.clone());
        Ok(headers)
    }
}
