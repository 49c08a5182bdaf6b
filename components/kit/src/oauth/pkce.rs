//! Proof Key for Code Exchange (RFC 7636): only who began an authorization can finish it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::error::Result;
use crate::ports::Random;
use crate::secret::Secret;

/// A fresh verifier: 256 random bits as 43 characters (RFC 7636 §4.1).
pub fn verifier(random: &impl Random) -> Result<Secret> {
    let mut bytes = [0_u8; 32];
    random.fill(&mut bytes)?;
    Ok(Secret::new(URL_SAFE_NO_PAD.encode(bytes)))
}

/// Its S256 challenge (RFC 7636 §4.2).
pub fn challenge(verifier: &Secret) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.expose()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::RandomError;

    struct Sevens;
    impl Random for Sevens {
        fn fill(&self, buffer: &mut [u8]) -> Result<(), RandomError> {
            buffer.fill(7);
            Ok(())
        }
    }

    struct Dry;
    impl Random for Dry {
        fn fill(&self, _: &mut [u8]) -> Result<(), RandomError> {
            Err(RandomError)
        }
    }

    /// RFC 7636, appendix B.
    #[test]
    fn the_challenge_is_that_of_the_rfc() {
        let verifier = Secret::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(
            challenge(&verifier),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }

    #[test]
    fn a_verifier_is_43_characters_and_needs_randomness() {
        assert_eq!(verifier(&Sevens).unwrap().expose().len(), 43);
        assert!(verifier(&Dry).is_err());
    }
}
