//! A provider's answers.

use chrono::DateTime;
use serde::Deserialize;

use super::{Class, Verdict, by_status, header, oauth, retry_after, verdict};
use crate::declaration;
use crate::hubspot_error::bare_word;

/// `{"error":{"type","message"}}` of the API, or `{"error":"…"}` of its OAuth layer.
#[derive(Deserialize)]
struct Body {
    error: ErrorField,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum ErrorField {
    Word(String),
    Typed {
        #[serde(rename = "type")]
        kind: Option<String>,
    },
}

/// Judges an answer of a provider.
#[must_use]
pub fn provider(
    connector: &str,
    status: u16,
    headers: &[(String, String)],
    body: &[u8],
) -> Verdict {
    let word = match serde_json::from_slice(body) {
        Ok(Body {
            error: ErrorField::Word(word),
        }) => Some(word),
        Ok(Body {
            error: ErrorField::Typed { kind },
        }) => kind,
        Err(_) => None,
    };
    let by_word = || word.as_deref().and_then(oauth);
    let mut verdict = match status {
        429 => {
            let wait = retry_after(headers).or_else(|| until_reset(connector, headers));
            verdict(Class::RateLimited(wait), "rate_limited")
        }
        503 if retry_after(headers).is_some() => {
            verdict(Class::RateLimited(retry_after(headers)), "unavailable")
        }
        // A version of the API that is no longer served.
        410 => verdict(Class::Fatal, "gone"),
        423 => verdict(Class::Transient, "locked"),
        400 => by_word().unwrap_or_else(|| by_status(status)),
        // OAuth answers a wrong client like this too: that is not the user's doing.
        401 => by_word().unwrap_or_else(|| by_status(status)),
        _ => by_status(status),
    };
    verdict.category = word.as_deref().and_then(bare_word);
    verdict
}

/// From the provider's own clock to its next window, in milliseconds.
fn until_reset(connector: &str, headers: &[(String, String)]) -> Option<u64> {
    let limits = &declaration::find(connector).ok()?.declaration.limits;
    let reset: i64 = header(headers, limits.reset_header.as_deref()?)?
        .parse()
        .ok()?;
    let now = DateTime::parse_from_rfc2822(header(headers, "date")?).ok()?;
    let seconds = reset.checked_sub(now.timestamp())?;
    u64::try_from(seconds.max(1)).ok()?.checked_mul(1000)
}
