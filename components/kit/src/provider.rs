//! A provider's API, driven by its connector: the core builds the requests and reads the answers, this sends them.

use std::cell::Cell;
use std::time::UNIX_EPOCH;

use crate::call::Caller;
use crate::core::{catalog, classifying, provider as requests};
use crate::error::{Class, Error, Result, Side};
use crate::ports::{HttpRequest, HttpResponse, Ports};

/// Wait on a rate limit that names no time: providers count by the minute.
pub const PACE_MILLIS: i64 = 60_000;

/// A connected account at a provider.
pub struct Provider<'a, P> {
    caller: Caller<'a, P>,
    connector: &'a catalog::Connector,
    base_url: &'a str,
    /// What every call carries to be let in.
    credentials: Vec<(String, String)>,
    /// Unix milliseconds before which nothing more is sent.
    pause_until: Cell<i64>,
}

/// A page as it came.
pub struct RawPage {
    /// The body.
    pub body: Vec<u8>,
    /// The provider's own time, in unix milliseconds, from its `Date` header.
    pub at: Option<i64>,
}

impl<'a, P: Ports> Provider<'a, P> {
    /// An account at `base_url` with these headers, as [`crate::oauth::provider::Server::headers`] gives them.
    pub fn new(
        caller: Caller<'a, P>,
        connector: &'a catalog::Connector,
        base_url: &'a str,
        credentials: Vec<(String, String)>,
    ) -> Self {
        Self {
            caller,
            connector,
            base_url,
            credentials,
            pause_until: Cell::new(0),
        }
    }

    /// The first page of a list, or the one behind `cursor`.
    pub async fn page(
        &self,
        stream: &str,
        extra_paths: &[String],
        since: Option<i64>,
        cursor: Option<&str>,
    ) -> Result<RawPage> {
        let target = self.target(stream, extra_paths);
        let request = match cursor {
            Some(cursor) => requests::next_request(&target, cursor),
            None => requests::list_request(&target, since.map(i64::unsigned_abs)),
        };
        self.send(request).await
    }

    /// Records by id, at most a page of them.
    pub async fn by_ids(
        &self,
        stream: &str,
        extra_paths: &[String],
        ids: &[String],
    ) -> Result<RawPage> {
        let target = self.target(stream, extra_paths);
        self.send(requests::ids_request(&target, ids)).await
    }

    fn target(&self, stream: &str, extra_paths: &[String]) -> requests::Target {
        requests::Target {
            connector: self.connector.id.clone(),
            base_url: self.base_url.to_owned(),
            stream: stream.to_owned(),
            extra_paths: extra_paths.to_vec(),
        }
    }

    async fn send(&self, request: Result<requests::Request, String>) -> Result<RawPage> {
        let request = request.map_err(Error::Config)?;
        let wait = self.pause_until.get() - self.caller.ports.now();
        if wait > 0 {
            return Err(self.limited(wait));
        }
        let mut headers = request.headers;
        headers.extend_from_slice(&self.credentials);
        let request = HttpRequest {
            method: "GET",
            url: request.url,
            headers,
            body: Vec::new(),
        };
        let connector = &self.connector.id;
        let response = self
            .caller
            .send(request, &|answer| judge(connector, answer))
            .await?;
        self.mind_the_limit(&response);
        let at = response
            .header("date")
            .and_then(|date| httpdate::parse_http_date(date).ok())
            .and_then(|date| date.duration_since(UNIX_EPOCH).ok())
            .and_then(|elapsed| i64::try_from(elapsed.as_millis()).ok());
        Ok(RawPage {
            body: response.body,
            at,
        })
    }

    /// Leaves the last calls of a window to cards and workflow actions.
    fn mind_the_limit(&self, response: &HttpResponse) {
        let number = |name: &Option<String>| -> Option<i64> {
            response
                .header(&name.as_ref()?.to_ascii_lowercase())?
                .trim()
                .parse()
                .ok()
        };
        let Some(remaining) = number(&self.connector.remaining_header) else {
            return;
        };
        if remaining <= i64::from(self.connector.reserve) {
            let until = number(&self.connector.reset_header)
                .map_or(self.caller.ports.now() + PACE_MILLIS, |seconds| {
                    seconds.saturating_mul(1_000)
                });
            self.pause_until.set(until);
        }
    }

    fn limited(&self, wait: i64) -> Error {
        Error::Api {
            side: Side::Provider,
            status: 429,
            class: Class::RateLimited { after: wait },
            code: "rate_limited".to_owned(),
        }
    }
}

fn judge(connector: &str, answer: &HttpResponse) -> classifying::Verdict {
    classifying::provider(connector, answer.status, &answer.headers, &answer.body)
}
