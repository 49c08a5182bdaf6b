//! The HTTP surface that every component shares: security headers, uniform errors, bearer tokens.

use hmac::{Hmac, KeyInit, Mac};
use serde::Serialize;
use serde_json::json;
use sha2::Sha256;

use crate::ports::Random;
use crate::secret::Secret;

/// Headers of every answer (S0-89, S1-38). Nothing here is a page, so nothing may frame, run or load anything.
pub const SECURITY_HEADERS: [(&str, &str); 7] = [
    (
        "strict-transport-security",
        "max-age=63072000; includeSubDomains",
    ),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    (
        "permissions-policy",
        "camera=(), geolocation=(), microphone=()",
    ),
    (
        "content-security-policy",
        "default-src 'none'; frame-ancestors 'none'",
    ),
    ("cache-control", "no-store"),
];

/// An answer of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// Names in lower case, and values.
    pub headers: Vec<(&'static str, String)>,
    /// JSON text.
    pub body: String,
}

impl Answer {
    /// A JSON answer with the security headers.
    pub fn json(status: u16, body: &impl Serialize) -> Self {
        let mut headers: Vec<(&'static str, String)> = SECURITY_HEADERS
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()))
            .collect();
        headers.push(("content-type", "application/json".to_owned()));
        match serde_json::to_string(body) {
            Ok(body) => Self {
                status,
                headers,
                body,
            },
            Err(_) => Self {
                status: 500,
                headers,
                body:
                    r#"{"error":{"code":"internal","message":"The answer could not be written."}}"#
                        .to_owned(),
            },
        }
    }

    /// An error: `{"error":{"code","message","request_id"}}`.
    pub fn error(status: u16, code: &str, message: &str, request_id: &str) -> Self {
        Self::json(
            status,
            &json!({ "error": { "code": code, "message": message, "request_id": request_id } }),
        )
    }

    /// The only methods that a route knows.
    pub fn method_not_allowed(allow: &str, request_id: &str) -> Self {
        let mut answer = Self::error(
            405,
            "method_not_allowed",
            &format!("Only {allow} is allowed here."),
            request_id,
        );
        answer.headers.push(("allow", allow.to_owned()));
        answer
    }

    /// What a later version does.
    pub fn not_implemented(what: &str, request_id: &str) -> Self {
        Self::error(
            501,
            "not_implemented",
            &format!("{what} is not part of this version."),
            request_id,
        )
    }
}

/// An id to quote when asking for help: 64 random bits in hex.
pub fn request_id(random: &impl Random) -> String {
    let mut bytes = [0_u8; 8];
    match random.fill(&mut bytes) {
        Ok(()) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        Err(_) => "none".to_owned(),
    }
}

/// Why a bearer token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BearerError {
    /// No token is configured, so nobody is let in.
    #[error("no token is configured")]
    NotConfigured,
    /// The request carries none.
    #[error("the request carries no bearer token")]
    Missing,
    /// It carries another.
    #[error("the bearer token is wrong")]
    Wrong,
}

/// Checks an `Authorization` header (RFC 6750) against the expected token, in constant time.
pub fn check_bearer(header: Option<&str>, expected: Option<&Secret>) -> Result<(), BearerError> {
    let expected = expected.ok_or(BearerError::NotConfigured)?;
    let header = header.ok_or(BearerError::Missing)?;
    let (scheme, token) = header.split_once(' ').ok_or(BearerError::Missing)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(BearerError::Missing);
    }
    if same(token.trim(), expected.expose()) {
        Ok(())
    } else {
        Err(BearerError::Wrong)
    }
}

/// Compares without telling by time how much is alike: both are hashed under one key, and digests compared in
/// constant time.
fn same(given: &str, expected: &str) -> bool {
    let mac = |text: &str| {
        Hmac::<Sha256>::new_from_slice(b"sync300 bearer").map(|mut mac| {
            mac.update(text.as_bytes());
            mac
        })
    };
    match (mac(given), mac(expected)) {
        (Ok(given), Ok(expected)) => given.verify(&expected.finalize().into_bytes()).is_ok(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// S0-89, S1-38: the header set is on errors too.
    #[test]
    fn every_answer_carries_the_security_headers() {
        for answer in [
            Answer::json(200, &json!({})),
            Answer::method_not_allowed("POST", "1"),
            Answer::not_implemented("It", "1"),
        ] {
            for (name, value) in SECURITY_HEADERS {
                assert!(
                    answer
                        .headers
                        .iter()
                        .any(|(known, set)| *known == name && set == value),
                    "{name}"
                );
            }
        }
    }

    #[test]
    fn a_bearer_token_is_needed_configured_and_right() {
        let secret = Secret::new("s3cret");
        assert_eq!(check_bearer(Some("Bearer s3cret"), Some(&secret)), Ok(()));
        assert_eq!(check_bearer(Some("bearer s3cret"), Some(&secret)), Ok(()));
        assert_eq!(
            check_bearer(Some("Bearer s3cre"), Some(&secret)),
            Err(BearerError::Wrong)
        );
        assert_eq!(
            check_bearer(Some("Bearer "), Some(&secret)),
            Err(BearerError::Wrong)
        );
        assert_eq!(
            check_bearer(Some("Basic s3cret"), Some(&secret)),
            Err(BearerError::Missing)
        );
        assert_eq!(check_bearer(None, Some(&secret)), Err(BearerError::Missing));
        assert_eq!(
            check_bearer(Some("Bearer "), None),
            Err(BearerError::NotConfigured)
        );
    }
}
