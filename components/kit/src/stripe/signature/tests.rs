use proptest::prelude::*;
use serde::Deserialize;

use super::*;

const NOW: i64 = 1_700_000_000;
const BODY: &[u8] = b"{\n  \"id\": \"evt_test_webhook\",\n  \"object\": \"event\"\n}";

fn secret() -> Secret {
    Secret::new("whsec_test_secret")
}

fn verifier() -> Verifier {
    Verifier::new(vec![secret()]).unwrap()
}

fn header() -> String {
    sign(&secret(), NOW, BODY).unwrap()
}

/// What Stripe's own libraries accept and refuse.
#[test]
fn agrees_with_stripe_s_libraries() {
    #[derive(Deserialize)]
    struct Case {
        id: String,
        secret: String,
        payload: String,
        header: String,
        now_unix: i64,
        tolerance: i64,
        sdk_accepts: bool,
    }
    let cases: Vec<Case> = serde_json::from_str(include_str!(
        "../../../tests/vectors/stripe_signatures.json"
    ))
    .unwrap();
    assert!(cases.len() >= 7);
    for case in cases {
        assert_eq!(case.tolerance, TOLERANCE_SECONDS);
        let verifier = Verifier::new(vec![Secret::new(case.secret)]).unwrap();
        let result = verifier.verify(&case.header, case.payload.as_bytes(), case.now_unix);
        // The one place where we are stricter than they are.
        if case.id.starts_with("future") {
            assert_eq!(result, Err(SignatureError::Future), "{}", case.id);
        } else {
            assert_eq!(result.is_ok(), case.sdk_accepts, "{}: {result:?}", case.id);
        }
    }
}

#[test]
fn signs_as_stripe_does() {
    assert_eq!(
        header(),
        "t=1700000000,v1=4f1cd7feda9826e746b7d482c4badebb657398df1099e1046364f6196a230150"
    );
}

/// 300 seconds either way, and not one more.
#[test]
fn the_tolerance_is_bounded_both_ways() {
    let at = |now| verifier().verify(&header(), BODY, now);
    assert_eq!(at(NOW + 300), Ok(()));
    assert_eq!(at(NOW - 300), Ok(()));
    assert_eq!(at(NOW + 301), Err(SignatureError::Stale));
    assert_eq!(at(NOW - 301), Err(SignatureError::Future));
    // Replayed a year later.
    assert_eq!(at(NOW + 31_536_000), Err(SignatureError::Stale));
    assert_eq!(at(i64::MIN), Err(SignatureError::Future));
}

/// Missing, doubled and malformed parts each have their own error, and none passes.
#[test]
fn what_is_malformed_is_refused() {
    let good = header();
    let hex = good.split_once("v1=").unwrap().1;
    for (header, error) in [
        (String::new(), SignatureError::Timestamp),
        ("nonsense".to_owned(), SignatureError::Timestamp),
        (format!("v1={hex}"), SignatureError::Timestamp),
        (format!("t=,v1={hex}"), SignatureError::Timestamp),
        (format!("t=+1700000000,v1={hex}"), SignatureError::Timestamp),
        (
            format!("t=99999999999999999999,v1={hex}"),
            SignatureError::Timestamp,
        ),
        (format!("t=1700000000,{good}"), SignatureError::Timestamp),
        (format!("t=1700000000,v0={hex}"), SignatureError::Scheme),
        (format!("t=1700000000,v2={hex}"), SignatureError::Scheme),
        (format!("t=1700000000,V1={hex}"), SignatureError::Scheme),
        ("t=1700000000,v1=".to_owned(), SignatureError::Mismatch),
        (
            format!("t=1700000000,v1={}", hex.to_uppercase()),
            SignatureError::Mismatch,
        ),
        (
            format!("t=1700000000,v1={}", &hex[1..]),
            SignatureError::Mismatch,
        ),
        (format!("t=1700000001,v1={hex}"), SignatureError::Mismatch),
        (
            format!("t=1700000000,v1={}", "é".repeat(32)),
            SignatureError::Mismatch,
        ),
    ] {
        assert_eq!(
            verifier().verify(&header, BODY, NOW),
            Err(error),
            "{header}"
        );
    }
}

/// While a secret is rolled, either is believed, whichever side rolls.
#[test]
fn a_secret_can_be_rolled() {
    let old = Secret::new("whsec_old");
    let both = Verifier::new(vec![secret(), old.clone()]).unwrap();
    let by_old = sign(&old, NOW, BODY).unwrap();
    assert_eq!(both.verify(&by_old, BODY, NOW), Ok(()));
    assert_eq!(both.verify(&header(), BODY, NOW), Ok(()));
    assert_eq!(
        verifier().verify(&by_old, BODY, NOW),
        Err(SignatureError::Mismatch)
    );
    let sent_both = format!("{by_old},{}", header().split_once(',').unwrap().1);
    assert_eq!(verifier().verify(&sent_both, BODY, NOW), Ok(()));
}

/// Without a secret nobody is believed; an empty one would let anybody sign.
#[test]
fn without_a_secret_nobody_is_believed() {
    struct Given(Option<&'static str>);
    impl Variables for Given {
        fn variable(&self, _: &str) -> Option<Secret> {
            self.0.map(Secret::new)
        }
    }
    for list in [None, Some(""), Some("whsec_a,"), Some(",")] {
        let refused = Verifier::from_variables(&Given(list)).unwrap_err();
        assert_eq!(refused, SignatureError::NotConfigured, "{list:?}");
    }
    let two = Verifier::from_variables(&Given(Some("whsec_new, whsec_test_secret"))).unwrap();
    assert_eq!(two.verify(&header(), BODY, NOW), Ok(()));
}

proptest! {
    /// A body that differs in one byte is not the one that was signed.
    #[test]
    fn one_byte_matters(at in 0..BODY.len(), bit in 0_u8..8) {
        let mut body = BODY.to_vec();
        body[at] ^= 1 << bit;
        prop_assert_eq!(verifier().verify(&header(), &body, NOW), Err(SignatureError::Mismatch));
    }

    /// No header makes it panic, and none passes but by the secret.
    #[test]
    fn headers_at_random_are_refused(header in "\\PC{0,120}") {
        prop_assert!(verifier().verify(&header, BODY, NOW).is_err());
    }
}
