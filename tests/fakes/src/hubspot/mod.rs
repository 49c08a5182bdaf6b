//! HubSpot's API, version 2026-03: objects, properties, pipelines, associations, search; installing the app, its tokens
//! and its life; the proxy that signs what cards ask for, and the automation that executes workflow actions.

mod account;
mod app;
mod associations;
mod associations_api;
mod authorize;
mod batch;
mod callbacks;
mod checks;
mod context;
mod defaults;
mod error;
mod fetch;
mod groups;
mod journal;
mod limits;
mod lists;
mod merge;
mod model;
mod objects;
mod people;
mod people_lists;
mod pipelines;
mod portal;
mod properties;
mod routes;
mod scopes;
mod search;
mod token_api;
mod tokens;
mod users;
mod values;
mod workflows;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use axum::Router;
use axum::http::request::Parts;
use axum::http::{self, HeaderMap, Request, StatusCode};
use axum::response::{IntoResponse, Response};

pub use app::{AppConfig, User};
pub use associations::AssociationType;
pub use callbacks::Executed;
pub use fetch::{Fetch, Fetched, Signatures, sign};
pub use limits::RateLimit;
pub use lists::Processing;
pub use model::{
    ModificationMetadata, ObjectType, Pipeline, Property, PropertyGroup, PropertyOption, Record,
    Source, Stage, Version,
};
pub use people::{AssociationRow, PortalHandle};
pub use workflows::{Execution, OptionsQuery};

use crate::calls::CallLog;
use crate::clock::Clock;
use crate::error::FakeError;
use crate::faults::Fault;
use crate::server::{Front, Gate, Server, answer_in_process, locked};
use context::Tenant;
use error::ApiError;
use journal::Journal;
use portal::Portal;
use tokens::{AccessToken, Tokens};

/// How a fake HubSpot is set up.
#[derive(Debug, Clone, Default)]
pub struct HubSpotConfig {
    /// Port on loopback; 0: any free one.
    pub port: u16,
    /// The app that portals install.
    pub app: AppConfig,
    /// The portals that exist. None at all: one with the defaults.
    pub portals: Vec<PortalConfig>,
    /// Time that every call takes.
    pub latency: Duration,
    /// Keep the bodies of all calls in the log.
    pub record: bool,
    /// The time; share one clock to move several fakes at once.
    pub clock: Clock,
}

/// How a portal is set up.
#[derive(Debug, Clone)]
pub struct PortalConfig {
    /// Portal id (`hub_id`).
    pub id: u64,
    /// Bearer tokens that open it from the start, for everything and for ever. Others come by installing the app.
    pub tokens: Vec<String>,
    /// Who uses it.
    pub users: Vec<User>,
    /// Scopes that are not granted here, whatever the user allows.
    pub withheld_scopes: Vec<String>,
    /// The app that the tokens belong to; shows as `sourceId` of its writes.
    pub app_id: u64,
    /// Host of the portal's pages, for record links.
    pub ui_domain: String,
    /// Where its data lies: `na1`, `eu1`, ….
    pub hublet: String,
    /// Its time zone, by its name in the IANA database.
    pub time_zone: String,
    /// Minutes that its clocks are ahead of UTC.
    pub utc_offset: i64,
    /// How many calls it takes.
    pub rate_limit: RateLimit,
    /// How long writes take to become searchable.
    pub search_lag: Duration,
    /// Whether pipelines may be added.
    pub pipelines: PipelineRights,
    /// A merge gives the survivor a new id.
    pub merge_creates_new_id: bool,
    /// Whether trace ids let inputs of updates and upserts fail alone, as is documented for creates only.
    pub traces_for_all: bool,
}

impl Default for PortalConfig {
    fn default() -> Self {
        Self::numbered(4_200_001)
    }
}

impl PortalConfig {
    /// A portal of this id, with a super admin, someone who may install apps, and someone who may not.
    pub fn numbered(id: u64) -> Self {
        Self {
            id,
            tokens: vec!["hubspot-access-token".to_owned()],
            users: vec![
                User::super_admin(9_001, format!("admin@portal-{id}.example")),
                User::installer(9_002, format!("installer@portal-{id}.example")),
                User::member(9_003, format!("member@portal-{id}.example")),
            ],
            withheld_scopes: Vec::new(),
            app_id: AppConfig::default().app_id,
            ui_domain: "app.hubspot.com".to_owned(),
            hublet: "na1".to_owned(),
            time_zone: "US/Eastern".to_owned(),
            utc_offset: -300,
            rate_limit: RateLimit::default(),
            search_lag: Duration::ZERO,
            pipelines: PipelineRights::Allowed,
            merge_creates_new_id: false,
            traces_for_all: true,
        }
    }
}

/// Whether a portal may have more pipelines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PipelineRights {
    /// It may.
    Allowed,
    /// 403.
    Forbidden,
    /// 400, as the limit is reached.
    LimitReached,
}

struct Service {
    gate: Gate,
    portals: BTreeMap<u64, Tenant>,
    app: Mutex<AppConfig>,
    tokens: Mutex<Tokens>,
    journal: Mutex<Journal>,
    /// Where the journal's files lie, once they do.
    journal_url: OnceLock<String>,
}

impl Service {
    fn journal_url(&self) -> &str {
        self.journal_url.get().map_or("", String::as_str)
    }

    /// The app leaves a portal: all its tokens are void, and the journal tells.
    fn uninstall(&self, portal: u64) {
        if locked(&self.tokens).forget(portal) {
            journal::note(self, journal::UNINSTALLED, portal);
        }
    }
}

/// A fake HubSpot; it ends when this is dropped.
pub struct HubSpot {
    service: Arc<Service>,
    router: Router,
    /// None: no socket, requests come by [`HubSpot::answer`].
    server: Option<Server>,
    /// The journal's files.
    files: Option<Server>,
}

impl std::fmt::Debug for HubSpot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HubSpot")
            .field("url", &self.url())
            .finish_non_exhaustive()
    }
}

impl HubSpot {
    /// Starts on loopback.
    pub async fn start(config: HubSpotConfig) -> Result<Self, FakeError> {
        let port = config.port;
        let mut fake = Self::in_process(config);
        let server = Server::start(port, fake.router.clone()).await?;
        fake.server = Some(server);
        let files = Server::start(0, journal::files(fake.service.clone())).await?;
        fake.service
            .journal_url
            .get_or_init(|| format!("http://{}", files.address));
        fake.files = Some(files);
        Ok(fake)
    }

    /// Without a socket: requests come by [`HubSpot::answer`].
    pub fn in_process(config: HubSpotConfig) -> Self {
        let portals = if config.portals.is_empty() {
            vec![PortalConfig::default()]
        } else {
            config.portals
        };
        let mut tokens = Tokens::default();
        for portal in &portals {
            for token in &portal.tokens {
                let opens = AccessToken::unlimited(portal.id);
                tokens.access.insert(token.clone(), opens);
            }
        }
        let clock = config.clock;
        let portals = portals.into_iter().map(|portal| {
            (
                portal.id,
                Tenant(Arc::new(Mutex::new(Portal::new(portal, clock.clone())))),
            )
        });
        let service = Arc::new(Service {
            portals: portals.collect(),
            app: Mutex::new(config.app),
            tokens: Mutex::new(tokens),
            journal: Mutex::default(),
            journal_url: OnceLock::new(),
            gate: Gate::new(clock.clone(), config.record, config.latency),
        });
        let router = routes::router(service.clone());
        Self {
            service,
            router,
            server: None,
            files: None,
        }
    }

    /// Answers a request that came without a socket; None where the connection would have been dropped.
    pub async fn answer(&self, request: Request<Vec<u8>>) -> Option<http::Response<Vec<u8>>> {
        answer_in_process(&self.router, request).await
    }

    /// Scheme, host and port, without a trailing slash.
    pub fn url(&self) -> String {
        match &self.server {
            Some(server) => format!("http://{}", server.address),
            None => "http://hubspot.example".to_owned(),
        }
    }

    /// As [`HubSpot::url`], of the files of its journal, which lie elsewhere.
    pub fn journal_url(&self) -> String {
        self.service.journal_url().to_owned()
    }

    /// A portal from the inside.
    pub fn portal(&self, id: u64) -> Result<PortalHandle, FakeError> {
        let tenant = self.service.portals.get(&id).cloned();
        let tenant = tenant.ok_or(FakeError::Unknown { kind: "portal", id })?;
        Ok(PortalHandle {
            id,
            tenant,
            service: self.service.clone(),
        })
    }

    /// Every code, access token and refresh token that was ever handed out.
    pub fn issued(&self) -> Vec<String> {
        locked(&self.service.tokens).issued().to_vec()
    }

    /// Sets which scopes the app's configuration requires.
    pub fn set_required_scopes(&self, scopes: Vec<String>) {
        locked(&self.service.app).required_scopes = scopes;
    }

    /// Lets a refresh void the refresh token that it was made with, and give a new one.
    pub fn set_rotates_refresh_tokens(&self, rotates: bool) {
        locked(&self.service.app).rotates_refresh_tokens = rotates;
    }

    /// The calls of all portals.
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
        locked(&self.tokens).access.get(bearer)?.portal()
    }

    fn admit(&self, parts: &mut Parts, bearer: Option<&str>) -> Result<HeaderMap, Box<Response>> {
        let path = parts.uri.path();
        let open = ["/oauth/", "/integrations-settings/"];
        if open.iter().any(|prefix| path.starts_with(prefix)) {
            // No bearer token: the app shows its secret in the body, a browser its user.
            return Ok(HeaderMap::new());
        }
        let token = bearer.and_then(|bearer| locked(&self.tokens).access.get(bearer).cloned());
        let Some(token) = token else {
            return Err(unauthorized(
                "INVALID_AUTHENTICATION",
                "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can \
                 find more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview",
            ));
        };
        if let Some(seconds) = token.expired_for(self.gate.clock.now()) {
            return Err(unauthorized(
                "EXPIRED_AUTHENTICATION",
                format!(
                    "The OAuth token used to make this call expired {} second(s) ago.",
                    seconds.max(1)
                ),
            ));
        }
        let missing = token.lacks(scopes::needed(parts.method.as_str(), path));
        let of_app = path.starts_with("/webhooks-journal/");
        if !missing.is_empty() || of_app != (token.owner == tokens::Owner::App) {
            return Err(Box::new(ApiError::missing_scopes(&missing).into_response()));
        }
        let Some(tenant) = token.portal().and_then(|id| self.portals.get(&id)) else {
            return Ok(HeaderMap::new());
        };
        // Searches of records have a limit of their own.
        let search = path.starts_with("/crm/objects/") && path.ends_with("/search");
        let headers = {
            let mut portal = locked(&tenant.0);
            let (limit, now) = (portal.config.rate_limit, portal.clock.now());
            portal.limits.take(limit, search, now)?
        };
        parts.extensions.insert(tenant.clone());
        Ok(headers)
    }
}

fn unauthorized(category: &'static str, message: impl Into<String>) -> Box<Response> {
    Box::new(ApiError::new(StatusCode::UNAUTHORIZED, category, message).into_response())
}
