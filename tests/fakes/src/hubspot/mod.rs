//! HubSpot's CRM API, version 2026-03: objects, properties, pipelines, associations, search.

mod account;
mod associations;
mod associations_api;
mod batch;
mod checks;
mod context;
mod defaults;
mod error;
mod groups;
mod limits;
mod merge;
mod model;
mod objects;
mod people;
mod pipelines;
mod portal;
mod properties;
mod routes;
mod search;
mod values;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

pub use associations::AssociationType;
pub use limits::RateLimit;
pub use model::{
    ModificationMetadata, ObjectType, Pipeline, Property, PropertyGroup, PropertyOption, Record,
    Source, Stage, Version,
};
pub use people::{AssociationRow, PortalHandle};

use crate::calls::CallLog;
use crate::clock::Clock;
use crate::error::FakeError;
use crate::faults::Fault;
use crate::server::{Front, Gate, Server, locked};
use context::Tenant;
use error::ApiError;
use portal::Portal;

/// How a fake HubSpot is set up.
#[derive(Debug, Clone, Default)]
pub struct HubSpotConfig {
    /// Port on loopback; 0: any free one.
    pub port: u16,
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
    /// The bearer tokens that open it.
    pub tokens: Vec<String>,
    /// The app that the tokens belong to; shows as `sourceId` of its writes.
    pub app_id: u64,
    /// Host of the portal's pages, for record links.
    pub ui_domain: String,
    /// How many calls it takes.
    pub rate_limit: RateLimit,
    /// How long writes take to become searchable.
    pub search_lag: Duration,
    /// Whether pipelines may be added.
    pub pipelines: PipelineRights,
    /// A merge gives the survivor a new id.
    pub merge_creates_new_id: bool,
}

impl Default for PortalConfig {
    fn default() -> Self {
        Self {
            id: 4_200_001,
            tokens: vec!["hubspot-access-token".to_owned()],
            app_id: 3_000_300,
            ui_domain: "app.hubspot.com".to_owned(),
            rate_limit: RateLimit::default(),
            search_lag: Duration::ZERO,
            pipelines: PipelineRights::Allowed,
            merge_creates_new_id: false,
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

/// A bearer token.
#[derive(Debug, Clone, Copy)]
struct Token {
    portal: u64,
    expired: bool,
}

struct Service {
    gate: Gate,
    portals: BTreeMap<u64, Tenant>,
    tokens: Mutex<HashMap<String, Token>>,
}

/// A fake HubSpot; it ends when this is dropped.
pub struct HubSpot {
    service: Arc<Service>,
    server: Server,
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
        let portals = if config.portals.is_empty() {
            vec![PortalConfig::default()]
        } else {
            config.portals
        };
        let tokens = portals.iter().flat_map(|portal| {
            let token = Token {
                portal: portal.id,
                expired: false,
            };
            portal.tokens.iter().map(move |name| (name.clone(), token))
        });
        let tokens = Mutex::new(tokens.collect());
        let clock = config.clock;
        let portals = portals.into_iter().map(|portal| {
            (
                portal.id,
                Tenant(Arc::new(Mutex::new(Portal::new(portal, clock.clone())))),
            )
        });
        let service = Arc::new(Service {
            portals: portals.collect(),
            tokens,
            gate: Gate::new(clock.clone(), config.record, config.latency),
        });
        let server = Server::start(config.port, routes::router(service.clone())).await?;
        Ok(Self { service, server })
    }

    /// Scheme, host and port, without a trailing slash.
    pub fn url(&self) -> String {
        format!("http://{}", self.server.address)
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
        locked(&self.tokens).get(bearer).map(|token| token.portal)
    }

    fn admit(&self, parts: &mut Parts, bearer: Option<&str>) -> Result<HeaderMap, Box<Response>> {
        let token = bearer.and_then(|bearer| locked(&self.tokens).get(bearer).copied());
        let tenant = match token {
            Some(Token { expired: true, .. }) => {
                return Err(unauthorized(
                    "EXPIRED_AUTHENTICATION",
                    "The OAuth token used to make this call expired 1 second(s) ago.",
                ));
            }
            Some(token) => self.portals.get(&token.portal),
            None => None,
        };
        let Some(tenant) = tenant else {
            return Err(unauthorized(
                "INVALID_AUTHENTICATION",
                "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can \
                 find more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview",
            ));
        };
        let search = parts.uri.path().ends_with("/search");
        let headers = {
            let mut portal = locked(&tenant.0);
            let (limit, now) = (portal.config.rate_limit, portal.clock.now());
            portal.limits.take(limit, search, now)?
        };
        parts.extensions.insert(tenant.clone());
        Ok(headers)
    }
}

fn unauthorized(category: &'static str, message: &str) -> Box<Response> {
    Box::new(ApiError::new(StatusCode::UNAUTHORIZED, category, message).into_response())
}
