//! HubSpot's rate limits for an OAuth app: per portal, over a rolling window.

use std::collections::VecDeque;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::error::correlation_id;
use crate::server;

/// How many calls a portal takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// Calls of all kinds but search within ten seconds; None: no limit.
    pub per_ten_seconds: Option<usize>,
    /// Searches within a second; None: no limit.
    pub searches_per_second: Option<usize>,
}

impl Default for RateLimit {
    fn default() -> Self {
        Self {
            per_ten_seconds: Some(110),
            searches_per_second: Some(5),
        }
    }
}

impl RateLimit {
    /// No limits.
    pub const NONE: Self = Self {
        per_ten_seconds: None,
        searches_per_second: None,
    };
}

const TEN_SECONDS: Duration = Duration::from_secs(10);

/// The calls of late.
#[derive(Debug, Default)]
pub(super) struct Limits {
    calls: VecDeque<DateTime<Utc>>,
    searches: VecDeque<DateTime<Utc>>,
}

impl Limits {
    /// Counts a call; the headers of its answer, or the refusal.
    pub(super) fn take(
        &mut self,
        limit: RateLimit,
        search: bool,
        now: DateTime<Utc>,
    ) -> Result<HeaderMap, Box<Response>> {
        if search {
            // Answers of the search carry no rate limit headers.
            return match limit.searches_per_second {
                Some(max)
                    if room(&mut self.searches, max, Duration::from_secs(1), now).is_none() =>
                {
                    Err(Box::new(refusal("secondly", "SECONDLY")))
                }
                _ => Ok(HeaderMap::new()),
            };
        }
        let Some(max) = limit.per_ten_seconds else {
            return Ok(HeaderMap::new());
        };
        match room(&mut self.calls, max, TEN_SECONDS, now) {
            Some(remaining) => Ok(headers(max, remaining)),
            None => {
                let mut response = refusal("ten_secondly_rolling", "TEN_SECONDLY_ROLLING");
                response.headers_mut().extend(headers(max, 0));
                Err(Box::new(response))
            }
        }
    }
}

/// Takes a place in the window; how many are left, None where it was full.
fn room(
    window: &mut VecDeque<DateTime<Utc>>,
    max: usize,
    length: Duration,
    now: DateTime<Utc>,
) -> Option<usize> {
    let start = now - TimeDelta::from_std(length).unwrap_or_default();
    while window.front().is_some_and(|at| *at <= start) {
        window.pop_front();
    }
    if window.len() >= max {
        return None;
    }
    window.push_back(now);
    Some(max - window.len())
}

fn headers(max: usize, remaining: usize) -> HeaderMap {
    [
        ("x-hubspot-ratelimit-max", max),
        ("x-hubspot-ratelimit-remaining", remaining),
        ("x-hubspot-ratelimit-interval-milliseconds", 10_000),
    ]
    .into_iter()
    .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from(value)))
    .collect()
}

/// No `Retry-After`: HubSpot sends none. It is the gateway's body, without a category.
fn refusal(words: &str, policy: &str) -> Response {
    server::json(
        StatusCode::TOO_MANY_REQUESTS,
        &json!({
            "status": "error",
            "message": format!("You have reached your {words} limit."),
            "errorType": "RATE_LIMIT",
            "correlationId": correlation_id(),
            "policyName": policy,
            "groupName": "publicapi:app:portal",
        }),
    )
}
