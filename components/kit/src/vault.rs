//! Secrets at rest: AES-256-GCM, with the key ring outside the database.
//!
//! An envelope is `v1.<key id>.<base64url(nonce ‖ ciphertext ‖ tag)>`. The associated data binds it to its
//! portal, connection and purpose, so that a ciphertext moved to another row does not open.
//!
//! Nonces are random: a key may seal some four thousand million values (NIST SP 800-38D, 8.3) before it must be
//! replaced. A new key is put in front of the ring; values are sealed anew as they are used, or all at once by
//! [`crate::operator::reseal`], and then the old key can go.

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
    /// Longer than AES-GCM seals in one piece (64 GiB).
    #[error("a value is too long to seal")]
    TooLong,
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
    /// Different for every two purposes: the connection's length says where it ends.
    fn associated_data(&self) -> String {
        format!(
            "sync300/v1/{}/{}:{}/{}",
            self.portal,
            self.connection.len(),
            self.connection,
            self.name
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
        let sealed = encrypt(cipher, nonce, purpose.associated_data().as_bytes(), value)?;
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
        decrypt(cipher, *nonce, purpose.associated_data().as_bytes(), sealed)
    }

    /// Whether an envelope was sealed by another key than the newest.
    pub fn needs_reseal(&self, envelope: &str) -> bool {
        !envelope.starts_with(&self.newest_prefix())
    }

    /// How every envelope begins that the newest key sealed.
    pub fn newest_prefix(&self) -> String {
        let id = self.keys.first().map_or("", |(id, _)| id.as_str());
        format!("v1.{id}.")
    }

    /// Opens an envelope that holds text.
    pub fn open_text(&self, purpose: Purpose<'_>, envelope: &str) -> Result<Secret, VaultError> {
        let bytes = self.open(purpose, envelope)?;
        String::from_utf8(bytes)
            .map(Secret::new)
            .map_err(|_| VaultError::DoesNotOpen)
    }
}

/// AES-256-GCM as it is used here: a 96-bit nonce, and the 128-bit tag behind the ciphertext.
fn encrypt(
    cipher: &Aes256Gcm,
    nonce: [u8; NONCE_BYTES],
    aad: &[u8],
    value: &[u8],
) -> Result<Vec<u8>, VaultError> {
    let payload = Payload { msg: value, aad };
    cipher
        .encrypt(&Nonce::from(nonce), payload)
        .map_err(|_| VaultError::TooLong)
}

fn decrypt(
    cipher: &Aes256Gcm,
    nonce: [u8; NONCE_BYTES],
    aad: &[u8],
    sealed: &[u8],
) -> Result<Vec<u8>, VaultError> {
    let payload = Payload { msg: sealed, aad };
    cipher
        .decrypt(&Nonce::from(nonce), payload)
        .map_err(|_| VaultError::DoesNotOpen)
}

#[cfg(test)]
mod tests;
