//! One outgoing call: within the budget, judged by the core, tried again where that may help.

use std::time::{Duration, UNIX_EPOCH};

use crate::budget::Budget;
use crate::core::classifying;
use crate::error::{Class, Error, Result, Side};
use crate::ports::{HttpError, HttpRequest, HttpResponse, Ports};

/// Pauses before the second and third try of a transient failure.
const BACKOFF_MILLIS: [i64; 2] = [250, 1_000];
/// A rate limit that ends within this time is waited for; a longer one ends the slice.
pub(crate) const WAIT_MILLIS: i64 = 3_000;

/// The core's classification of an answer. Not a generic: the code that sends exists once for all sides.
pub type Judge<'a> = &'a dyn Fn(&HttpResponse) -> classifying::Verdict;

/// Sends requests of one side.
pub struct Caller<'a, P> {
    /// The ports.
    pub ports: &'a P,
    /// What may be spent.
    pub budget: &'a Budget,
    /// Whose API it is.
    pub side: Side,
    /// Milliseconds to wait on a rate limit that names no time.
    pub pace: i64,
}

/// The time at which the other side answered, in unix milliseconds, from its `Date` header.
pub fn date(response: &HttpResponse) -> Option<i64> {
    let date = httpdate::parse_http_date(response.header("date")?).ok()?;
    i64::try_from(date.duration_since(UNIX_EPOCH).ok()?.as_millis()).ok()
}

impl<P: Ports> Caller<'_, P> {
    /// Sends a request that may be sent twice without harm.
    ///
    /// Any 2xx is a success. `judge` is the core's classification for this side.
    pub async fn send(&self, request: HttpRequest, judge: Judge<'_>) -> Result<HttpResponse> {
        let mut backoff = BACKOFF_MILLIS.into_iter();
        loop {
            let error = match self.once(request.clone(), judge).await {
                Ok(response) => return Ok(response),
                Err(error) => error,
            };
            let wait = match error.class() {
                Class::Transient if retries(&error) => match backoff.next() {
                    Some(wait) => wait,
                    None => return Err(error),
                },
                Class::RateLimited { after } if after <= WAIT_MILLIS => match backoff.next() {
                    Some(_) => after,
                    None => return Err(error),
                },
                _ => return Err(error),
            };
            if !self.budget.allows_wait(self.ports, wait) {
                return Err(error);
            }
            self.ports
                .sleep(Duration::from_millis(wait.unsigned_abs()))
                .await;
        }
    }

    /// Sends a request that must not be sent twice.
    pub async fn once(&self, request: HttpRequest, judge: Judge<'_>) -> Result<HttpResponse> {
        self.budget.take(self.ports, self.side)?;
        match self.ports.send(request).await {
            Ok(response) if (200..300).contains(&response.status) => Ok(response),
            Ok(response) => Err(self.error(&response, &judge(&response))),
            Err(error) => Err(Error::Http {
                side: self.side,
                error,
            }),
        }
    }

    fn error(&self, response: &HttpResponse, verdict: &classifying::Verdict) -> Error {
        Error::Api {
            side: self.side,
            status: response.status,
            class: Class::from_verdict(&verdict.class, self.pace),
            code: verdict.code.clone(),
        }
    }
}

/// Whether trying again within the slice is worth a call.
fn retries(error: &Error) -> bool {
    matches!(
        error,
        Error::Api { .. }
            | Error::Http {
                error: HttpError::Network | HttpError::Unreached,
                ..
            }
    )
}
