//! A token endpoint's answers, HubSpot's or a provider's.

use serde_json::Value;

use super::{Class, Verdict, oauth, retry_after, verdict};
use crate::hubspot_error::{ErrorBody, bare_word};

/// Judges an answer of a token endpoint (RFC 6749 §5.2).
///
/// Revoked is only what OAuth has a word for: anything else that refuses is a matter of configuration, which concerns
/// every account alike and must disconnect none. What is not even JSON comes from something in between.
#[must_use]
pub fn token(status: u16, headers: &[(String, String)], body: &[u8]) -> Verdict {
    let error = ErrorBody::read(body);
    let mut verdict = match status {
        429 => verdict(Class::RateLimited(retry_after(headers)), "rate_limited"),
        // HubSpot: locked, and moving between data centres (up to a day).
        423 => verdict(Class::Transient, "locked"),
        477 => verdict(Class::RateLimited(retry_after(headers)), "migrating"),
        408 | 421 | 425 => verdict(Class::Transient, "timeout"),
        300..=399 => verdict(Class::Fatal, "redirected"),
        400..=499 if serde_json::from_slice::<Value>(body).is_ok() => error
            .oauth()
            .into_iter()
            .flatten()
            .find_map(oauth)
            .unwrap_or_else(|| verdict(Class::Fatal, "misconfigured")),
        503 if retry_after(headers).is_some() => {
            verdict(Class::RateLimited(retry_after(headers)), "unavailable")
        }
        _ => verdict(Class::Transient, "unavailable"),
    };
    verdict.category = error.oauth().into_iter().flatten().find_map(bare_word);
    verdict
}
