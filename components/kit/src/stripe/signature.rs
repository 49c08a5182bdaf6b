//! The signatures of Stripe's webhooks (Stripe, "Verify webhook signatures").
//!
//! `Stripe-Signature: t=<unix seconds>,v1=<hex>[,v1=…][,v0=…]`: each `v1` is HMAC-SHA256 over `{t}.{raw body}`, keyed with
//! the whole `whsec_…` text. Several stand there while Stripe rolls a secret; other schemes count for nothing. Stripe's own
//! libraries accept times from the future; here they are bounded like the past.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::ports::Variables;
use crate::secret::{Secret, Secrets};

/// How far a signature's time may lie from ours, either way, in seconds.
pub const TOLERANCE_SECONDS: i64 = 300;

/// Signatures that are looked at; Stripe sends one for each of its secrets, two while one is rolled.
const MAX_SIGNATURES: usize = 16;

/// Why a webhook is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// No secret is configured, so nobody is believed.
    #[error("no webhook secret is configured")]
    NotConfigured,
    /// There is no signature.
    #[error("the webhook is not signed")]
    Missing,
    /// The header stands there twice, or is not text.
    #[error("the signature header is doubled or unreadable")]
    Unclear,
    /// The header has no time, two times, or one that is no number of seconds.
    #[error("the time of the signature is missing or malformed")]
    Timestamp,
    /// The header has no signature of the scheme `v1`.
    #[error("the webhook has no signature of scheme v1")]
    Scheme,
    /// No signature is over this body by a secret of ours.
    #[error("no signature matches")]
    Mismatch,
    /// The time lies too far back.
    #[error("the signature is too old")]
    Stale,
    /// The time lies too far ahead.
    #[error("the signature is from the future")]
    Future,
}

impl SignatureError {
    /// A bare word for logs.
    pub fn code(self) -> &'static str {
        match self {
            Self::NotConfigured => "signature_not_configured",
            Self::Missing => "signature_missing",
            Self::Unclear => "signature_unclear",
            Self::Timestamp => "signature_timestamp",
            Self::Scheme => "signature_scheme",
            Self::Mismatch => "signature_mismatch",
            Self::Stale => "signature_stale",
            Self::Future => "signature_future",
        }
    }
}

/// Verifies webhooks by any of the endpoint's secrets.
#[derive(Debug)]
pub struct Verifier {
    secrets: Secrets,
}

impl Verifier {
    /// By these secrets, all of which count: a rolled one goes on to be sent for up to a day.
    ///
    /// # Errors
    /// [`SignatureError::NotConfigured`] where there is none, or an empty one.
    pub fn new(secrets: Vec<Secret>) -> Result<Self, SignatureError> {
        Secrets::new(secrets)
            .map(|secrets| Self { secrets })
            .ok_or(SignatureError::NotConfigured)
    }

    /// By `stripe_webhook_secrets`: `whsec_…[,whsec_…]`.
    ///
    /// # Errors
    /// [`SignatureError::NotConfigured`] where there is none, or an empty one.
    pub fn from_variables(variables: &impl Variables) -> Result<Self, SignatureError> {
        let list = variables
            .variable("stripe_webhook_secrets")
            .ok_or(SignatureError::NotConfigured)?;
        Self::new(
            list.expose()
                .split(',')
                .map(|secret| Secret::new(secret.trim()))
                .collect(),
        )
    }

    /// Verifies the header against the raw body; `now` in unix seconds.
    ///
    /// # Errors
    /// Says what is wrong. The time is judged only where the signature matches.
    pub fn verify(&self, header: &str, body: &[u8], now: i64) -> Result<(), SignatureError> {
        let mut times = values(header, "t");
        let (Some(time), None) = (times.next(), times.next()) else {
            return Err(SignatureError::Timestamp);
        };
        let at = seconds(time).ok_or(SignatureError::Timestamp)?;
        let mut signed = false;
        let mut matches = false;
        for signature in values(header, "v1").take(MAX_SIGNATURES) {
            signed = true;
            let Some(digest) = from_hex(signature) else {
                continue;
            };
            for secret in self.secrets.iter() {
                matches |=
                    mac(secret, time, body).is_some_and(|mac| mac.verify_slice(&digest).is_ok());
            }
        }
        match (signed, matches, now.saturating_sub(at)) {
            (false, ..) => Err(SignatureError::Scheme),
            (_, false, _) => Err(SignatureError::Mismatch),
            (.., age) if age > TOLERANCE_SECONDS => Err(SignatureError::Stale),
            (.., age) if age < -TOLERANCE_SECONDS => Err(SignatureError::Future),
            _ => Ok(()),
        }
    }
}

/// The header of a webhook, as Stripe makes it; `at` in unix seconds.
pub fn sign(secret: &Secret, at: i64, body: &[u8]) -> Option<String> {
    let digest = mac(secret, &at.to_string(), body)?.finalize().into_bytes();
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    Some(format!("t={at},v1={hex}"))
}

/// The values of a scheme in the header.
fn values<'h>(header: &'h str, scheme: &'h str) -> impl Iterator<Item = &'h str> {
    header
        .split(',')
        .filter_map(|item| item.trim().split_once('='))
        .filter(move |(known, _)| *known == scheme)
        .map(|(_, value)| value)
}

/// Digits alone: a sign or a space would be signed too, but Stripe writes none.
fn seconds(text: &str) -> Option<i64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}

fn mac(secret: &Secret, time: &str, body: &[u8]) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()).ok()?;
    mac.update(time.as_bytes());
    mac.update(b".");
    mac.update(body);
    Some(mac)
}

/// Lower-case hex of 32 bytes, as Stripe writes it.
fn from_hex(text: &str) -> Option<[u8; 32]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let bytes = text.as_bytes();
    if bytes.len() != 64 {
        return None;
    }
    let mut digest = [0_u8; 32];
    for (target, pair) in digest.iter_mut().zip(bytes.chunks_exact(2)) {
        let [high, low] = pair else { return None };
        *target = (digit(*high)? << 4) | digit(*low)?;
    }
    Some(digest)
}

#[cfg(test)]
mod tests;
