//! HubSpot's request signatures (HubSpot, "Validating requests").
//!
//! - v3: `X-HubSpot-Signature-v3` is base64 of HMAC-SHA256, keyed with the app's client secret, over method, URI, body and
//!   the time in `X-HubSpot-Request-Timestamp` (unix milliseconds), without separators.
//! - v2: `X-HubSpot-Signature` is hex of SHA-256 over client secret, method, URI and body. It knows no time, so it is
//!   accepted only where HubSpot sends nothing better (workflow actions), and only where no v3 signature came along.
//! - v1 covers neither URI nor method, and is accepted nowhere.
//!
//! HubSpot's documentation has the URI of v3 decoded by a table before it is signed, its own tools sign it as it is: either
//! is accepted.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::ports::Variables;
use crate::secret::{Secret, Secrets};
use crate::surface::{Header, Incoming, same};

/// How far a request's time may lie from ours, either way.
pub const TOLERANCE_MILLIS: i64 = 300_000;

/// What HubSpot's documentation has decoded in the URI of v3, case-insensitively, and nothing else.
const DECODED: [(&str, char); 12] = [
    ("%3A", ':'),
    ("%2F", '/'),
    ("%3F", '?'),
    ("%40", '@'),
    ("%21", '!'),
    ("%24", '$'),
    ("%27", '\''),
    ("%28", '('),
    ("%29", ')'),
    ("%2A", '*'),
    ("%2C", ','),
    ("%3B", ';'),
];

/// Why a signature is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// No client secret is configured, so nobody is believed.
    #[error("no client secret is configured")]
    NotConfigured,
    /// The request carries no signature of a version that is accepted here.
    #[error("the request is not signed")]
    Missing,
    /// The signature or its time stands there more than once, or is not text.
    #[error("the signature is doubled or unreadable")]
    Unclear,
    /// The signature is not the base64 or hex that it must be.
    #[error("the signature is malformed")]
    Malformed,
    /// The time is missing or is not thirteen digits.
    #[error("the time of the signature is missing or malformed")]
    Timestamp,
    /// The time lies too far back.
    #[error("the signature is too old")]
    Stale,
    /// The time lies too far ahead.
    #[error("the signature is from the future")]
    Future,
    /// The signature is not over this request, or not by our secret.
    #[error("the signature does not match")]
    Mismatch,
}

impl SignatureError {
    /// A bare word for logs.
    pub fn code(self) -> &'static str {
        match self {
            Self::NotConfigured => "signature_not_configured",
            Self::Missing => "signature_missing",
            Self::Unclear => "signature_unclear",
            Self::Malformed => "signature_malformed",
            Self::Timestamp => "signature_timestamp",
            Self::Stale => "signature_stale",
            Self::Future => "signature_future",
            Self::Mismatch => "signature_mismatch",
        }
    }
}

/// Which versions a route accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepts {
    /// v3 alone.
    V3,
    /// v3, or v2 where no v3 signature came along: workflow actions.
    V3OrV2,
}

/// What is signed.
#[derive(Clone, Copy)]
pub struct Signed<'a> {
    /// Upper case.
    pub method: &'a str,
    /// Scheme, host, path and query as received; never re-serialised.
    pub uri: &'a str,
    /// The raw body.
    pub body: &'a [u8],
}

/// Verifies requests by the app's client secret, or one of its last two while it is being rotated.
#[derive(Debug)]
pub struct Verifier {
    secrets: Secrets,
}

impl Verifier {
    /// By these secrets, all of which count.
    pub fn new(secrets: Vec<Secret>) -> Result<Self, SignatureError> {
        Secrets::new(secrets)
            .map(|secrets| Self { secrets })
            .ok_or(SignatureError::NotConfigured)
    }

    /// By `hubspot_client_secret`, and `hubspot_client_secret_previous` while HubSpot still signs with it.
    pub fn from_variables(variables: &impl Variables) -> Result<Self, SignatureError> {
        let current = variables
            .variable("hubspot_client_secret")
            .ok_or(SignatureError::NotConfigured)?;
        let previous = variables.variable("hubspot_client_secret_previous");
        Self::new(std::iter::once(current).chain(previous).collect())
    }

    /// Verifies a request that came in. `base` is scheme and host as the world knows us; `now` in unix milliseconds.
    pub fn verify(
        &self,
        incoming: &Incoming,
        base: &str,
        accepts: Accepts,
        now: i64,
    ) -> Result<(), SignatureError> {
        let uri = format!("{base}{}", incoming.target);
        let signed = Signed {
            method: &incoming.method,
            uri: &uri,
            body: &incoming.body,
        };
        match (incoming.header("x-hubspot-signature-v3"), accepts) {
            (Header::One(signature), _) => {
                let timestamp = match incoming.header("x-hubspot-request-timestamp") {
                    Header::One(timestamp) => timestamp,
                    Header::Absent => return Err(SignatureError::Timestamp),
                    Header::Unclear => return Err(SignatureError::Unclear),
                };
                check_time(timestamp, now)?;
                self.verify_v3(signed, timestamp, signature)
            }
            (Header::Unclear, _) => Err(SignatureError::Unclear),
            (Header::Absent, Accepts::V3) => Err(SignatureError::Missing),
            (Header::Absent, Accepts::V3OrV2) => match incoming.header("x-hubspot-signature") {
                Header::One(signature) => {
                    // v1 and v2 share the header; the version header says which it is.
                    match incoming.header("x-hubspot-signature-version") {
                        Header::One("v2") => self.verify_v2(signed, signature),
                        Header::Unclear => Err(SignatureError::Unclear),
                        Header::One(_) | Header::Absent => Err(SignatureError::Missing),
                    }
                }
                Header::Absent => Err(SignatureError::Missing),
                Header::Unclear => Err(SignatureError::Unclear),
            },
        }
    }

    /// Verifies a v3 signature, whatever its time.
    pub fn verify_v3(
        &self,
        signed: Signed<'_>,
        timestamp: &str,
        signature: &str,
    ) -> Result<(), SignatureError> {
        let digest = STANDARD
            .decode(signature)
            .map_err(|_| SignatureError::Malformed)?;
        if digest.len() != 32 {
            return Err(SignatureError::Malformed);
        }
        let decoded = decode(signed.uri);
        let matches = self.secrets.iter().any(|secret| {
            [signed.uri, &decoded].iter().any(|uri| {
                v3(secret, Signed { uri, ..signed }, timestamp)
                    .is_some_and(|mac| mac.verify_slice(&digest).is_ok())
            })
        });
        matches.then_some(()).ok_or(SignatureError::Mismatch)
    }

    /// Verifies a v2 signature.
    pub fn verify_v2(&self, signed: Signed<'_>, signature: &str) -> Result<(), SignatureError> {
        let lower = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if signature.len() != 64 || !signature.bytes().all(lower) {
            return Err(SignatureError::Malformed);
        }
        let matches = self
            .secrets
            .iter()
            .any(|secret| same(signature, &v2(secret, signed)));
        matches.then_some(()).ok_or(SignatureError::Mismatch)
    }
}

/// The v3 signature of a request, as HubSpot makes it: base64.
pub fn sign_v3(secret: &Secret, signed: Signed<'_>, timestamp: &str) -> Option<String> {
    let mac = v3(secret, signed, timestamp)?;
    Some(STANDARD.encode(mac.finalize().into_bytes()))
}

/// The v2 signature of a request, as HubSpot makes it: lower-case hex.
pub fn v2(secret: &Secret, signed: Signed<'_>) -> String {
    let mut hash = Sha256::new();
    for part in [secret.expose(), signed.method, signed.uri] {
        hash.update(part.as_bytes());
    }
    hash.update(signed.body);
    hash.finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The URI as HubSpot's documentation has it signed under v3.
pub fn decode(uri: &str) -> String {
    let mut decoded = String::with_capacity(uri.len());
    let mut rest = uri;
    while let Some(at) = rest.find('%') {
        let (before, after) = rest.split_at(at);
        decoded.push_str(before);
        let known = after.get(..3).and_then(|escape| {
            DECODED
                .iter()
                .find(|(known, _)| known.eq_ignore_ascii_case(escape))
        });
        match known {
            Some((_, character)) => {
                decoded.push(*character);
                rest = after.get(3..).unwrap_or_default();
            }
            None => {
                decoded.push('%');
                rest = after.get(1..).unwrap_or_default();
            }
        }
    }
    decoded.push_str(rest);
    decoded
}

fn v3(secret: &Secret, signed: Signed<'_>, timestamp: &str) -> Option<Hmac<Sha256>> {
    let parts = [
        signed.method.as_bytes(),
        signed.uri.as_bytes(),
        signed.body,
        timestamp.as_bytes(),
    ];
    mac(secret.expose().as_bytes(), &parts)
}

/// HMAC-SHA256 over the parts, one behind the other.
fn mac(key: &[u8], parts: &[&[u8]]) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    for part in parts {
        mac.update(part);
    }
    Some(mac)
}

fn check_time(timestamp: &str, now: i64) -> Result<(), SignatureError> {
    if timestamp.len() != 13 || !timestamp.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(SignatureError::Timestamp);
    }
    let at: i64 = timestamp.parse().map_err(|_| SignatureError::Timestamp)?;
    match now.saturating_sub(at) {
        age if age > TOLERANCE_MILLIS => Err(SignatureError::Stale),
        age if age < -TOLERANCE_MILLIS => Err(SignatureError::Future),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
