//! HubSpot's API: dated paths, batch endpoints, and no more calls than needed.

pub mod associations;
pub mod callbacks;
pub mod lists;
pub mod objects;
pub mod pipelines;
pub mod properties;
pub mod rate;
pub mod search;
pub mod users;

use std::cell::Cell;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::call::{self, Caller};
use crate::core::{classifying, mapping};
use crate::error::{Error, Result, Side};
use crate::ports::{HttpRequest, HttpResponse, Ports};
use crate::secret::Secret;

/// The API version in every path (HubSpot supports a dated version for 18 months).
pub const VERSION: &str = "2026-03";
/// Inputs of a batch read, create, update or upsert.
pub const BATCH: usize = 100;
/// Wait on a rate limit that names no time: the burst limit counts over ten seconds.
pub const PACE_MILLIS: i64 = 10_000;

/// Property with the time of our last write.
pub(crate) const LAST_SYNCED: &str = "sync300_last_synced_at";
/// Property with the record's status: whoever has it was ever ours.
pub(crate) const STATUS: &str = "sync300_sync_status";

/// Key in the cache of the time (unix milliseconds, as text) until which HubSpot has asked a portal's calls to wait.
pub fn pause_key(portal: i64) -> String {
    format!("hubspot-pause/{portal}")
}

/// One portal's HubSpot.
pub struct HubSpot<'a, P> {
    caller: Caller<'a, P>,
    base_url: &'a str,
    token: Secret,
    /// Milliseconds that our clock is ahead of HubSpot's, as its last answer told.
    ahead: Cell<i64>,
    /// None: calls are not taken from anywhere.
    rate: Option<rate::Rate<'a, P>>,
}

impl<'a, P: Ports> HubSpot<'a, P> {
    /// The API at `base_url`, with a portal's access token.
    pub fn new(caller: Caller<'a, P>, base_url: &'a str, token: Secret) -> Self {
        Self {
            caller,
            base_url,
            token,
            ahead: Cell::new(0),
            rate: None,
        }
    }

    /// Takes its calls from here.
    #[must_use]
    pub fn paced(mut self, rate: rate::Rate<'a, P>) -> Self {
        self.rate = Some(rate);
        self
    }

    /// A time of HubSpot's (unix milliseconds) by our clock.
    fn by_our_clock(&self, millis: u64) -> u64 {
        millis.saturating_add_signed(self.ahead.get())
    }

    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        let response = self.call("GET", path, Vec::new()).await?;
        read(&response)
    }

    pub(crate) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T> {
        let body = serde_json::to_vec(body).map_err(|_| unexpected("request"))?;
        let response = self.call("POST", path, body).await?;
        read(&response)
    }

    /// An answer as it came: one that may be empty.
    pub(crate) async fn fetch(&self, path: &str) -> Result<HttpResponse> {
        self.call("GET", path, Vec::new()).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Result<()> {
        self.call("DELETE", path, Vec::new()).await?;
        Ok(())
    }

    /// Sends a call, and gives the answer of any success (200, 201, 204, 207).
    async fn call(&self, method: &'static str, path: &str, body: Vec<u8>) -> Result<HttpResponse> {
        self.ask(method, path, body, &judge).await
    }

    /// The same, with a judge that may look closer.
    async fn ask(
        &self,
        method: &'static str,
        path: &str,
        body: Vec<u8>,
        judge: call::Judge<'_>,
    ) -> Result<HttpResponse> {
        if let Some(rate) = &self.rate {
            rate.take(&self.caller).await?;
        }
        let mut headers = vec![
            (
                "authorization".to_owned(),
                format!("Bearer {}", self.token.expose()),
            ),
            ("accept".to_owned(), "application/json".to_owned()),
        ];
        if !body.is_empty() {
            headers.push(("content-type".to_owned(), "application/json".to_owned()));
        }
        let request = HttpRequest {
            method,
            url: format!("{}{path}", self.base_url),
            headers,
            body,
        };
        let response = self.caller.send(request, judge).await?;
        if let Some(at) = call::date(&response) {
            self.ahead.set(self.caller.ports.now() - at);
        }
        Ok(response)
    }
}

fn judge(answer: &HttpResponse) -> classifying::Verdict {
    classifying::hubspot(answer.status, &answer.headers, &answer.body)
}

/// Reads an answer. Serde's own text may quote what it read, so only the place is kept.
fn read<T: DeserializeOwned>(response: &HttpResponse) -> Result<T> {
    serde_json::from_slice(&response.body).map_err(|error| {
        if error.is_data() {
            return unexpected("answer");
        }
        Error::Answer {
            side: Side::HubSpot,
            error: mapping::PageError::Malformed(error.column() as u64),
        }
    })
}

fn unexpected(part: &str) -> Error {
    Error::Answer {
        side: Side::HubSpot,
        error: mapping::PageError::Unexpected(part.to_owned()),
    }
}
