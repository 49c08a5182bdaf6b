//! Keyed fingerprints: what is remembered of a value, without the value.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// See `mapping.fingerprint` of the WIT.
pub(crate) type Fingerprint = (u64, u64);

/// The fingerprint of absent, null and empty alike.
pub(crate) const BLANK: Fingerprint = (0, 0);

/// A connection's key is of another length than 32 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the fingerprint key must have 32 bytes")]
pub(crate) struct KeyLength;

/// HMAC-SHA256 under a connection's key.
pub(crate) struct Fingerprinter(Hmac<Sha256>);

/// The same, with a field's name taken in already: two compressions are left a value.
pub(crate) struct FieldFingerprinter(Hmac<Sha256>);

impl Fingerprinter {
    pub(crate) fn new(key: &[u8]) -> Result<Self, KeyLength> {
        if key.len() != 32 {
            return Err(KeyLength);
        }
        Hmac::new_from_slice(key).map(Self).map_err(|_| KeyLength)
    }

    pub(crate) fn field(&self, name: &str) -> FieldFingerprinter {
        let mut mac = self.0.clone();
        mac.update(name.as_bytes());
        mac.update(&[0]);
        FieldFingerprinter(mac)
    }

    /// Domain-separated from every property, whose names hold no colon.
    pub(crate) fn tier(&self, name: &str) -> FieldFingerprinter {
        self.field(&format!("tier:{name}"))
    }
}

impl FieldFingerprinter {
    pub(crate) fn of(&self, value: &str) -> Fingerprint {
        if value.is_empty() {
            return BLANK;
        }
        let mut mac = self.0.clone();
        mac.update(value.as_bytes());
        let digest: [u8; 32] = mac.finalize().into_bytes().into();
        let [high, low] = halves(&digest);
        (high, low)
    }
}

/// The first 16 bytes as two numbers, most significant byte first.
fn halves(bytes: &[u8; 32]) -> [u64; 2] {
    let number = |part: &[u8]| part.iter().fold(0, |n, byte| n << 8 | u64::from(*byte));
    [number(&bytes[..8]), number(&bytes[8..16])]
}

/// As text: 22 characters of base64url.
pub(crate) fn to_text(fingerprint: Fingerprint) -> String {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&fingerprint.0.to_be_bytes());
    bytes[8..].copy_from_slice(&fingerprint.1.to_be_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Back from text.
pub(crate) fn from_text(text: &str) -> Option<Fingerprint> {
    let mut bytes = [0; 16];
    let length = URL_SAFE_NO_PAD.decode_slice(text, &mut bytes).ok()?;
    let number = u128::from_be_bytes(bytes);
    (length == 16).then_some(((number >> 64) as u64, number as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        let digit = |i: usize| u8::from_str_radix(&text[i..i + 2], 16).unwrap();
        (0..text.len()).step_by(2).map(digit).collect()
    }

    #[test]
    fn is_the_first_half_of_an_hmac_of_field_and_value() {
        // printf 'email\0a@b.co' | openssl dgst -sha256 -mac HMAC -macopt hexkey:0001…1f
        let key: Vec<u8> = (0..32).collect();
        let print = Fingerprinter::new(&key)
            .unwrap()
            .field("email")
            .of("a@b.co");
        let mut expected: Hmac<Sha256> = Hmac::new_from_slice(&key).unwrap();
        expected.update(b"email\0a@b.co");
        let expected = expected.finalize().into_bytes();
        assert_eq!(print.0.to_be_bytes(), expected[..8]);
        assert_eq!(print.1.to_be_bytes(), expected[8..16]);
        assert_eq!(expected[..16], hex("9da5364415635937c31137d2d8ac1dd4")[..]);
    }

    #[test]
    fn separates_keys_fields_and_tiers() {
        let one = Fingerprinter::new(&[1; 32]).unwrap();
        let two = Fingerprinter::new(&[2; 32]).unwrap();
        let print = one.field("email").of("x");
        assert_ne!(print, two.field("email").of("x"));
        assert_ne!(print, one.field("phone").of("x"));
        assert_ne!(print, one.tier("email").of("x"));
        assert_eq!(one.field("email").of(""), BLANK);
        assert!(Fingerprinter::new(&[0; 31]).is_err());
    }

    #[test]
    fn reads_its_own_text() {
        let print = (u64::MAX - 7, 42);
        assert_eq!(from_text(&to_text(print)), Some(print));
        for other in ["", "AAAA", "!", &"A".repeat(23), &"A".repeat(44)] {
            assert_eq!(from_text(other), None, "{other}");
        }
    }
}
