//! Bearer tokens, and comparisons in constant time.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::answer::Answer;
use super::incoming::Incoming;
use crate::secret::Secret;

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

/// Lets in a `POST` that carries the expected token, which comes back; answers everything else: 405, 401, and 503 where
/// no token is configured.
pub fn let_in(incoming: &Incoming, expected: Option<Secret>) -> Result<Secret, Answer> {
    let request_id = incoming.request_id.as_str();
    if incoming.method != "POST" {
        return Err(Answer::method_not_allowed("POST", request_id));
    }
    check_bearer(incoming.text("authorization"), expected.as_ref())
        .and_then(|()| expected.ok_or(BearerError::NotConfigured))
        .map_err(|error| {
            let status = match error {
                BearerError::NotConfigured => 503,
                BearerError::Missing | BearerError::Wrong => 401,
            };
            Answer::error(status, "unauthorized", &error.to_string(), request_id)
        })
}

/// Compares without telling by time how much is alike: both are hashed under one key, and digests compared in
/// constant time.
pub fn same(given: &str, expected: &str) -> bool {
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
