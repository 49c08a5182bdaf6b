//! A provider's API, driven by its connector: the core builds the requests and reads the answers, this sends them.

use std::cell::Cell;

use crate::call::{self, Caller};
use crate::core::{catalog, classifying, mapping, provider as requests, webhooks};
use crate::error::{Class, Error, Result, Side};
use crate::ports::{HttpRequest, HttpResponse, Ports};

/// Wait on a rate limit that names no time: providers count by the minute.
pub const PACE_MILLIS: i64 = 60_000;
/// So long before a window ends, the calls kept back in it are used up…
const LATE_MILLIS: i64 = 15_000;
/// … but for these.
const ALWAYS_LEFT: i64 = 2;

/// A connected account at a provider.
pub struct Provider<'a, P> {
    caller: Caller<'a, P>,
    connector: &'a catalog::Connector,
    base_url: &'a str,
    /// What every call carries to be let in.
    credentials: Vec<(String, String)>,
    /// Unix milliseconds before which nothing more is sent.
    pause_until: Cell<i64>,
    /// Milliseconds that our clock is ahead of the provider's, as its last answer told.
    ahead: Cell<i64>,
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
            ahead: Cell::new(0),
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

    /// A page of all ids, or the one behind `cursor`. None where there is no way to look for what is gone.
    pub async fn all_ids(&self, stream: &str, cursor: Option<&str>) -> Result<Option<RawPage>> {
        let target = self.target(stream, &[]);
        let request = match cursor {
            Some(cursor) => requests::next_request(&target, cursor).map(Some),
            None => requests::sweep_request(&target),
        };
        match request.map_err(Error::Config)? {
            Some(request) => self.send(Ok(request)).await.map(Some),
            None => Ok(None),
        }
    }

    /// Whether the provider says of a record that it is not there.
    pub async fn is_gone(&self, stream: &str, id: &str) -> Result<bool> {
        let request = requests::record_request(&self.target(stream, &[]), id);
        match self.send(request).await {
            Ok(_) => Ok(false),
            Err(Error::Api { status: 404, .. }) => Ok(true),
            // Not shown to this user: that is no proof.
            Err(Error::Api { status: 403, .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// A page that a look-up names.
    pub async fn look_up(&self, lookup: &mapping::Lookup) -> Result<RawPage> {
        self.call("GET", &lookup.url, lookup.headers.clone(), Vec::new())
            .await
    }

    /// Changes a record; the answer holds it as it is now. Sent again it is refused, or changes nothing.
    pub async fn change(&self, request: &mapping::ProviderRequest) -> Result<RawPage> {
        let method = match request.method.as_str() {
            "PUT" => "PUT",
            "POST" => "POST",
            _ => "PATCH",
        };
        let mut headers = request.headers.clone();
        headers.push(("content-type".to_owned(), "application/json".to_owned()));
        self.call(method, &request.url, headers, request.body.clone())
            .await
    }

    /// Makes a record; the answer holds it. Sent once: whoever sends it again has another one.
    pub async fn create(&self, request: &mapping::ProviderRequest) -> Result<RawPage> {
        let mut headers = request.headers.clone();
        headers.push(("content-type".to_owned(), "application/json".to_owned()));
        self.exchange("POST", &request.url, headers, request.body.clone(), true)
            .await
    }

    /// Asks something about the provider's webhooks, and reads those that the answer tells. A new one is asked for once:
    /// whoever asks again has two.
    pub async fn webhooks(&self, wish: &webhooks::Wish) -> Result<Vec<webhooks::Webhook>> {
        let request = webhooks::request_for(&self.connector.id, self.base_url, wish)
            .map_err(Error::Config)?;
        let method = match request.method.as_str() {
            "POST" => "POST",
            "PATCH" => "PATCH",
            "PUT" => "PUT",
            "DELETE" => "DELETE",
            _ => "GET",
        };
        let once = method == "POST";
        let answer = self
            .exchange(method, &request.url, request.headers, request.body, once)
            .await?;
        Ok(webhooks::read_webhooks(&self.connector.id, &answer.body))
    }

    /// A time of the provider's (unix milliseconds) by our clock.
    pub fn by_our_clock(&self, millis: u64) -> u64 {
        millis.saturating_add_signed(self.ahead.get())
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
        self.call("GET", &request.url, request.headers, Vec::new())
            .await
    }

    async fn call(
        &self,
        method: &'static str,
        url: &str,
        headers: Vec<(String, String)>,
        body: Vec<u8>,
    ) -> Result<RawPage> {
        self.exchange(method, url, headers, body, false).await
    }

    async fn exchange(
        &self,
        method: &'static str,
        url: &str,
        mut headers: Vec<(String, String)>,
        body: Vec<u8>,
        once: bool,
    ) -> Result<RawPage> {
        let wait = self.pause_until.get() - self.caller.ports.now();
        if wait > 0 {
            return Err(self.limited(wait));
        }
        headers.extend_from_slice(&self.credentials);
        let request = HttpRequest {
            method,
            url: url.to_owned(),
            headers,
            body,
        };
        let connector = &self.connector.id;
        let judge = |answer: &HttpResponse| judge(connector, answer);
        let response = match once {
            true => self.caller.once(request, &judge).await?,
            false => self.caller.send(request, &judge).await?,
        };
        self.mind_the_limit(&response);
        let at = call::date(&response);
        if let Some(at) = at {
            self.ahead.set(self.caller.ports.now() - at);
        }
        Ok(RawPage {
            at,
            body: response.body,
        })
    }

    /// Leaves the last calls of a window to cards and workflow actions, until it is so old that nobody will want them
    /// all: what is left over is gone with the window.
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
        let now = self.caller.ports.now();
        let ends = number(&self.connector.reset_header)
            .map_or(now + PACE_MILLIS, |seconds| seconds.saturating_mul(1_000));
        let reserve = i64::from(self.connector.reserve);
        self.pause_until.set(pause(remaining, reserve, now, ends));
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

/// Before when nothing more is sent (unix milliseconds, 0 = go on), with so many calls left in a window that ends then.
fn pause(remaining: i64, reserve: i64, now: i64, ends: i64) -> i64 {
    let late = ends - LATE_MILLIS;
    if remaining > reserve || (now >= late && remaining > ALWAYS_LEFT) {
        0
    } else if now < late && remaining > ALWAYS_LEFT {
        late
    } else {
        ends
    }
}

fn judge(connector: &str, answer: &HttpResponse) -> classifying::Verdict {
    classifying::provider(connector, answer.status, &answer.headers, &answer.body)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten calls of fifty are kept back while a window is young; whoever never pauses for longer than asked uses 48 of them.
    #[test]
    fn what_is_kept_back_is_used_up_late() {
        let (limit, reserve, window) = (50, 10, 60_000);
        let (mut now, mut used, mut used_early) = (0, 0, 0);
        while now < window {
            used += 1;
            used_early += i64::from(now < window - LATE_MILLIS);
            now += 100;
            now = now.max(pause(limit - used, reserve, now, window));
        }
        assert_eq!((used_early, used), (limit - reserve, limit - ALWAYS_LEFT));
        assert_eq!(pause(2, reserve, 1_000, window), window);
        assert_eq!(pause(0, reserve, 59_000, window), window);
        assert_eq!(pause(11, reserve, 1_000, window), 0);
    }
}
