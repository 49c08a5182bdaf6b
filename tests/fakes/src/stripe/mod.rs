//! Stripe's API as far as subscriptions go: customers, prices by lookup key, checkout, the customer portal,
//! subscriptions; and its webhooks, signed, retried, doubled and out of order.
//!
//! Objects are shaped as in Stripe's published fixtures, of API version 2026-10-28.endive. Parameters that Stripe does not
//! know are refused as it refuses them.
#![allow(
    clippy::indexing_slicing,
    reason = "the objects are JSON that is made here, of which a name that is not there reads as null"
)]

mod api;
mod error;
mod objects;
mod pages;
mod routes;
mod webhooks;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::Value;

pub use webhooks::{Delivery, Disorder};

use crate::calls::CallLog;
use crate::clock::Clock;
use crate::error::FakeError;
use crate::faults::Fault;
use crate::server::{Front, Gate, Server, locked};

/// The API version that is spoken.
pub const VERSION: &str = "2026-10-28.endive";
/// How long a page of the customer portal can be opened, in seconds: Stripe says that it is short-lived, and to be made when
/// it is asked for.
const PORTAL_SECONDS: i64 = 300;
/// Length of a month's period, in seconds.
const MONTH: i64 = 30 * 86_400;

/// How a fake Stripe is set up.
#[derive(Debug, Clone)]
pub struct StripeConfig {
    /// Port on loopback; 0: any free one.
    pub port: u16,
    /// The secret key that opens the API.
    pub secret_key: String,
    /// Signing secrets of the webhook endpoint; more than one while one is rolled.
    pub webhook_secrets: Vec<String>,
    /// Lookup keys of the recurring prices that exist.
    pub prices: Vec<String>,
    /// Time that every call takes.
    pub latency: Duration,
    /// Keep the bodies of all calls in the log.
    pub record: bool,
    /// The time; share one clock to move several fakes at once.
    pub clock: Clock,
}

impl Default for StripeConfig {
    fn default() -> Self {
        let plans = ["starter", "professional", "enterprise"];
        let prices = plans.iter().flat_map(|plan| {
            ["monthly", "yearly"].map(|interval| format!("sync300_{plan}_{interval}"))
        });
        Self {
            port: 0,
            secret_key: "sk_test_fake".to_owned(),
            webhook_secrets: vec!["whsec_fake".to_owned()],
            prices: prices.collect(),
            latency: Duration::ZERO,
            record: false,
            clock: Clock::default(),
        }
    }
}

/// What Stripe holds. Objects are kept as they are answered.
#[derive(Debug, Default)]
struct State {
    customers: BTreeMap<String, Value>,
    prices: BTreeMap<String, Value>,
    subscriptions: BTreeMap<String, Value>,
    checkouts: BTreeMap<String, Value>,
    portals: BTreeMap<String, Value>,
    /// By idempotency key: path and parameters, and the answer.
    remembered: BTreeMap<String, (String, StatusCode, Value)>,
    events: Vec<Value>,
    /// Ids of events that were acknowledged.
    acknowledged: Vec<String>,
    serial: u64,
}

struct Service {
    config: StripeConfig,
    state: Mutex<State>,
    gate: Gate,
}

/// A Stripe that runs.
pub struct Stripe {
    service: Arc<Service>,
    server: Server,
}

impl Stripe {
    /// Starts it.
    pub async fn start(config: StripeConfig) -> Result<Self, FakeError> {
        let mut state = State::default();
        for key in &config.prices {
            state.add_price(key, config.clock.now().timestamp());
        }
        let service = Arc::new(Service {
            gate: Gate::new(config.clock.clone(), config.record, config.latency),
            state: Mutex::new(state),
            config: config.clone(),
        });
        let server = Server::start(config.port, routes::router(service.clone())).await?;
        Ok(Self { service, server })
    }

    /// Scheme, host and port, without a trailing slash.
    pub fn url(&self) -> String {
        format!("http://{}", self.server.address)
    }

    /// The calls so far.
    pub fn calls(&self) -> &CallLog {
        &self.service.gate.calls
    }

    /// Lets the next matching calls fail.
    pub fn fail(&self, fault: Fault) {
        self.service.gate.faults.add(fault);
    }

    /// The time that it believes in.
    pub fn clock(&self) -> &Clock {
        &self.service.gate.clock
    }

    /// A person pays on the page of a checkout, given by its address; where the browser is sent.
    pub fn pay(&self, url: &str) -> Result<String, FakeError> {
        let id = url.rsplit('/').next().unwrap_or_default();
        let now = self.service.now();
        locked(&self.service.state).pay(id, now).ok_or_else(|| {
            FakeError::Refused("there is no open checkout of this address".to_owned())
        })
    }

    /// Changes the customer's newest subscription to another price, as a person does in the customer portal.
    pub fn change(&self, customer: &str, lookup_key: &str) -> Result<(), FakeError> {
        let now = self.service.now();
        let mut state = locked(&self.service.state);
        state
            .change(customer, lookup_key, now)
            .ok_or_else(|| FakeError::Refused("there is no such subscription or price".to_owned()))
    }

    /// Ends the customer's newest subscription at once.
    pub fn cancel(&self, customer: &str) -> Result<(), FakeError> {
        self.set_status(customer, "canceled")
    }

    /// Deletes a customer, as one does in Stripe's dashboard.
    pub fn delete_customer(&self, customer: &str) -> Result<(), FakeError> {
        let now = self.service.now();
        locked(&self.service.state)
            .delete_customer(customer, now)
            .ok_or_else(|| FakeError::Refused("there is no such customer".to_owned()))
    }

    /// Brings the customer's newest subscription into a status, with the events that go with it.
    pub fn set_status(&self, customer: &str, status: &str) -> Result<(), FakeError> {
        let now = self.service.now();
        locked(&self.service.state)
            .set_status(customer, status, now)
            .ok_or_else(|| FakeError::Refused("there is no such subscription".to_owned()))
    }

    /// Lets the periods pass that are over by the clock: what is to end, ends. How many subscriptions were charged anew.
    pub fn pass_periods(&self) -> usize {
        let now = self.service.now();
        locked(&self.service.state).pass_periods(now)
    }

    /// The customers' ids, oldest first.
    pub fn customers(&self) -> Vec<String> {
        locked(&self.service.state)
            .customers
            .keys()
            .cloned()
            .collect()
    }

    /// An object by its id, as the API gives it.
    pub fn object(&self, id: &str) -> Option<Value> {
        let state = locked(&self.service.state);
        [
            &state.customers,
            &state.prices,
            &state.subscriptions,
            &state.checkouts,
            &state.portals,
        ]
        .into_iter()
        .find_map(|objects| objects.get(id))
        .cloned()
    }
}

impl Service {
    fn now(&self) -> i64 {
        self.gate.clock.now().timestamp()
    }
}

impl Front for Service {
    fn gate(&self) -> &Gate {
        &self.gate
    }

    fn tenant(&self, bearer: &str) -> Option<u64> {
        (bearer == self.config.secret_key).then_some(1)
    }

    fn admit(&self, parts: &mut Parts, bearer: Option<&str>) -> Result<HeaderMap, Box<Response>> {
        if !parts.uri.path().starts_with("/v1/") {
            // What people see needs no key.
            return Ok(HeaderMap::new());
        }
        match bearer {
            Some(key) if key == self.config.secret_key => {}
            Some(_) => return Err(Box::new(error::unauthorized("Invalid API Key provided."))),
            None => {
                let message = "You did not provide an API key.";
                return Err(Box::new(error::unauthorized(message)));
            }
        }
        let version = parts.headers.get("stripe-version");
        if version.is_some_and(|version| version.as_bytes() != VERSION.as_bytes()) {
            return Err(Box::new(error::invalid(
                "Invalid Stripe API version.",
                None,
                None,
            )));
        }
        Ok(HeaderMap::new())
    }
}
