//! What an answer that is no success means, so that the engine can act on its class alone.

mod hubspot_answer;
mod provider_answer;
mod token_answer;

pub use hubspot_answer::hubspot;
pub use provider_answer::provider;
pub use sync300_core_bindings::classifying::{Class, Verdict};
pub use token_answer::token;

/// A header's value; names in any case.
fn header<'h>(headers: &'h [(String, String)], name: &str) -> Option<&'h str> {
    headers
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim())
}

/// `Retry-After` in seconds, as both HubSpot and the providers send it, in milliseconds.
fn retry_after(headers: &[(String, String)]) -> Option<u64> {
    let seconds: u64 = header(headers, "retry-after")?.parse().ok()?;
    seconds.checked_mul(1000)
}

fn verdict(class: Class, code: &str) -> Verdict {
    Verdict {
        class,
        code: code.to_owned(),
        category: None,
    }
}

/// What a status means everywhere. Statuses that one side uses in its own way never get here.
fn by_status(status: u16) -> Verdict {
    match status {
        401 => verdict(Class::Revoked, "unauthorized"),
        403 => verdict(Class::Fatal, "missing_scope"),
        404 => verdict(Class::Invalid, "not_found"),
        405 | 410 | 501 => verdict(Class::Fatal, "gone"),
        409 => verdict(Class::Invalid, "conflict"),
        412 => verdict(Class::Invalid, "stale"),
        413 | 414 | 431 => verdict(Class::Invalid, "too_large"),
        408 | 421 | 425 => verdict(Class::Transient, "timeout"),
        400..=499 => verdict(Class::Invalid, "invalid"),
        500..=599 => verdict(Class::Transient, "unavailable"),
        300..=399 => verdict(Class::Fatal, "redirected"),
        _ => verdict(Class::Transient, "unexpected"),
    }
}

/// OAuth's errors (RFC 6749 §5.2), and HubSpot's names for them.
fn oauth(word: &str) -> Option<Verdict> {
    match word {
        "invalid_grant" | "access_denied" | "invalid_token" | "BAD_REFRESH_TOKEN" | "BAD_HUB"
        | "BAD_AUTH_CODE" => Some(verdict(Class::Revoked, "revoked")),
        "invalid_client"
        | "unauthorized_client"
        | "invalid_scope"
        | "unsupported_grant_type"
        | "BAD_CLIENT_ID"
        | "BAD_CLIENT_SECRET"
        | "BAD_REDIRECT_URI"
        | "BAD_CODE_VERIFIER"
        | "BAD_SCOPES" => Some(verdict(Class::Fatal, "misconfigured")),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
