//! HubSpot's answers.

use super::{Class, Verdict, by_status, header, oauth, retry_after, verdict};
use crate::hubspot_error::ErrorBody;

/// A locked record or portal: HubSpot asks for at least two seconds.
const LOCKED_MS: u64 = 2_000;

/// Judges an answer of HubSpot.
#[must_use]
pub fn hubspot(status: u16, headers: &[(String, String)], body: &[u8]) -> Verdict {
    let error = ErrorBody::read(body);
    let mut verdict = match status {
        423 => {
            let wait = retry_after(headers).unwrap_or(0).max(LOCKED_MS);
            verdict(Class::RateLimited(Some(wait)), "locked")
        }
        // A portal that moves between data centres: up to a day.
        477 => verdict(Class::RateLimited(retry_after(headers)), "migrating"),
        429 => too_many(&error, headers),
        400 | 401 | 403 => error
            .oauth()
            .into_iter()
            .flatten()
            .find_map(oauth)
            .unwrap_or_else(|| refused(status, &error)),
        _ => by_status(status),
    };
    verdict.category = error.category_word();
    verdict
}

fn refused(status: u16, error: &ErrorBody) -> Verdict {
    match (status, error.code()) {
        (_, "missing_scope") => verdict(Class::Fatal, "missing_scope"),
        (400, code @ ("conflict" | "not_found" | "required" | "missing_property")) => {
            verdict(Class::Invalid, code)
        }
        _ => by_status(status),
    }
}

fn too_many(error: &ErrorBody, headers: &[(String, String)]) -> Verdict {
    let told = retry_after(headers);
    let window = || {
        header(headers, "x-hubspot-ratelimit-interval-milliseconds")?
            .parse()
            .ok()
    };
    match error.policy() {
        // Until midnight of the portal's time zone, which is not known here.
        Some("DAILY") => verdict(Class::RateLimited(told), "daily_limit"),
        Some("SECONDLY") => verdict(Class::RateLimited(told.or(Some(1_000))), "rate_limited"),
        Some("TEN_SECONDLY_ROLLING") => {
            verdict(Class::RateLimited(told.or(Some(10_000))), "rate_limited")
        }
        // Searches have a limit of their own and name no policy.
        _ if error.message().contains("ten_secondly") => {
            verdict(Class::RateLimited(told.or(Some(10_000))), "rate_limited")
        }
        _ if error.message().contains("secondly") => {
            verdict(Class::RateLimited(told.or(Some(1_000))), "rate_limited")
        }
        _ if error.message().contains("daily") => verdict(Class::RateLimited(told), "daily_limit"),
        _ => verdict(Class::RateLimited(told.or_else(window)), "rate_limited"),
    }
}
