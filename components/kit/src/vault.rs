//! Secrets at rest: AES-256-GCM, with the key ring outside the database.
//!
//! An envelope is `v1.<key id>.<base64url(nonce ‖ ciphertext ‖ tag)>`. The associated data binds it to its
//! portal, connection and purpose, so that a ciphertext moved to another row does not open.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use crate::ports::Random;
use crate::secret::Secret;

/// Bytes of a nonce (NIST SP 800-38D recommends 96 bits).
const NONCE_BYTES: usize = 12;

/// Why the vault refuses. Texts hold neither key nor plaintext.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// No key ring is configured.
    #[error("no vault key is configured")]
    NoKey,
    /// The key ring is not `id:base64(32 bytes)[,…]`.
    #[error("the vault key ring is malformed: expected id:base64 of 32 bytes, separated by commas")]
    MalformedKeys,
    /// The envelope is not one of ours.
    #[error("a sealed value is malformed")]
    MalformedEnvelope,
    /// The envelope was sealed by a key that is no longer in the ring.
    #[error("a sealed value needs a key that is not in the ring")]
    UnknownKey,
    /// Changed, truncated, or moved from another row.
    #[error("a sealed value does not open")]
    DoesNotOpen,
    /// No randomness for the nonce.
    #[error("no randomness available")]
    NoRandomness,
}

/// What a sealed value belongs to.
#[derive(Debug, Clone, Copy)]
pub struct Purpose<'a> {
    /// HubSpot portal id.
    pub portal: i64,
    /// Connection id; empty for the portal's own HubSpot credentials.
    pub connection: &'a str,
    /// E.g. `access_token`.
    pub name: &'a str,
}

impl Purpose<'_> {
    fn associated_data(&self) -> String {
        format!(
            "sync300/v1/{}/{}/{}",
            self.portal, self.connection, self.name
        )
    }
}

/// The key ring: the first key seals, all open.
pub struct Vault {
    keys: Vec<(String, Aes256Gcm)>,
}

impl Vault {
    /// Reads a key ring of the form `id:base64(32 bytes)[,id:base64…]`, newest first.
    pub fn from_ring(ring: Option<&Secret>) -> Result<Self, VaultError> {
        let ring = ring.ok_or(VaultError::NoKey)?;
        let mut keys: Vec<(String, Aes256Gcm)> = Vec::new();
        for entry in ring.expose().split(',') {
            let (id, key) = entry
                .trim()
                .split_once(':')
                .ok_or(VaultError::MalformedKeys)?;
            let usable = !id.is_empty()
                && id
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
            if !usable || keys.iter().any(|(known, _)| known == id) {
                return Err(VaultError::MalformedKeys);
            }
            let key = STANDARD
                .decode(key.trim())
                .map_err(|_| VaultError::MalformedKeys)?;
            let cipher = Aes256Gcm::new_from_slice(&key).map_err(|_| VaultError::MalformedKeys)?;
            keys.push((id.to_owned(), cipher));
        }
        Ok(Self { keys })
    }

    /// Seals a value with the newest key.
    pub fn seal(
        &self,
        random: &impl Random,
        purpose: Purpose<'_>,
        value: &[u8],
    ) -> Result<String, VaultError> {
        let (id, cipher) = self.keys.first().ok_or(VaultError::NoKey)?;
        let mut nonce = [0_u8; NONCE_BYTES];
        random
            .fill(&mut nonce)
            .map_err(|_| VaultError::NoRandomness)?;
        let aad = purpose.associated_data();
        let sealed = cipher
            .encrypt(
                &Nonce::from(nonce),
                Payload {
                    msg: value,
                    aad: aad.as_bytes(),
                },
            )
            .map_err(|_| VaultError::DoesNotOpen)?;
        let mut bytes = nonce.to_vec();
        bytes.extend_from_slice(&sealed);
        Ok(format!("v1.{id}.{}", URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// Opens an envelope that was sealed for this purpose.
    pub fn open(&self, purpose: Purpose<'_>, envelope: &str) -> Result<Vec<u8>, VaultError> {
        let mut parts = envelope.splitn(3, '.');
        let (Some("v1"), Some(id), Some(body)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(VaultError::MalformedEnvelope);
        };
        let bytes = URL_SAFE_NO_PAD
            .decode(body)
            .map_err(|_| VaultError::MalformedEnvelope)?;
        let (nonce, sealed) = bytes
            .split_first_chunk::<NONCE_BYTES>()
            .ok_or(VaultError::MalformedEnvelope)?;
        let (_, cipher) = self
            .keys
            .iter()
            .find(|(known, _)| known == id)
            .ok_or(VaultError::UnknownKey)?;
        let aad = purpose.associated_data();
        cipher
            .decrypt(
                &Nonce::from(*nonce),
                Payload {
                    msg: sealed,
                    aad: aad.as_bytes(),
                },
            )
            .map_err(|_| VaultError::DoesNotOpen)
    }

    /// Opens an envelope that holds text.
    pub fn open_text(&self, purpose: Purpose<'_>, envelope: &str) -> Result<Secret, VaultError> {
        let bytes = self.open(purpose, envelope)?;
        String::from_utf8(bytes)
            .map(Secret::new)
            .map_err(|_| VaultError::DoesNotOpen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counter;
    impl Random for Counter {
        fn fill(&self, buffer: &mut [u8]) -> Result<(), crate::ports::RandomError> {
            buffer
                .iter_mut()
                .enumerate()
                .for_each(|(at, byte)| *byte = at as u8);
            Ok(())
        }
    }

    const OLD: &str = "old:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    const NEW: &str = "new:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

    fn purpose(connection: &str) -> Purpose<'_> {
        Purpose {
            portal: 1,
            connection,
            name: "access_token",
        }
    }

    fn vault(ring: &str) -> Vault {
        Vault::from_ring(Some(&Secret::new(ring))).unwrap()
    }

    /// S0-83, S1-31: what is stored is AES-256-GCM; the newest key seals and every key of the ring opens.
    #[test]
    fn rotation_keeps_old_envelopes_open() {
        let old = vault(OLD).seal(&Counter, purpose("a"), b"token").unwrap();
        let ring = vault(&format!("{NEW},{OLD}"));
        assert_eq!(ring.open(purpose("a"), &old).unwrap(), b"token");
        let new = ring.seal(&Counter, purpose("a"), b"token").unwrap();
        assert!(new.starts_with("v1.new."));
        assert_eq!(
            vault(OLD).open(purpose("a"), &new),
            Err(VaultError::UnknownKey)
        );
    }

    #[test]
    fn a_swapped_truncated_or_changed_envelope_does_not_open() {
        let vault = vault(OLD);
        let sealed = vault.seal(&Counter, purpose("a"), b"token").unwrap();
        assert_eq!(
            vault.open(purpose("b"), &sealed),
            Err(VaultError::DoesNotOpen)
        );
        assert!(
            vault
                .open(purpose("a"), &sealed[..sealed.len() - 2])
                .is_err()
        );
        assert_eq!(
            vault.open(purpose("a"), "v1.old.AAAA"),
            Err(VaultError::MalformedEnvelope)
        );
        let flipped = sealed.replace(&sealed[sealed.len() - 5..], "AAAAA");
        assert!(vault.open(purpose("a"), &flipped).is_err());
    }

    #[test]
    fn a_missing_or_malformed_ring_is_refused() {
        assert_eq!(Vault::from_ring(None).err(), Some(VaultError::NoKey));
        for ring in ["", "x", "k:AAAA", "k:%%", ":AAAA", &format!("{OLD},{OLD}")] {
            assert_eq!(
                Vault::from_ring(Some(&Secret::new(ring))).err(),
                Some(VaultError::MalformedKeys),
                "{ring}"
            );
        }
    }
}
