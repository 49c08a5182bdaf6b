use super::*;

fn headers(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    pairs.iter().map(owned).collect()
}

fn judged(verdict: &Verdict) -> (Class, &str) {
    (verdict.class, verdict.code.as_str())
}

/// S0-101, S0-102, S0-103
#[test]
fn judges_hubspots_answers() {
    let limited = |ms| Class::RateLimited(Some(ms));
    for (status, headers_of, body, class, code) in [
        (
            400,
            &[][..],
            r#"{"error":"invalid_grant","status":"BAD_REFRESH_TOKEN"}"#,
            Class::Revoked,
            "revoked",
        ),
        (
            400,
            &[],
            r#"{"status":"BAD_HUB","error":"access_denied"}"#,
            Class::Revoked,
            "revoked",
        ),
        (
            400,
            &[],
            r#"{"status":"BAD_CLIENT_SECRET"}"#,
            Class::Fatal,
            "misconfigured",
        ),
        (
            400,
            &[],
            r#"{"status":"error","category":"VALIDATION_ERROR"}"#,
            Class::Invalid,
            "invalid",
        ),
        (
            401,
            &[],
            r#"{"status":"error","category":"EXPIRED_AUTHENTICATION"}"#,
            Class::Revoked,
            "unauthorized",
        ),
        (
            403,
            &[],
            r#"{"status":"error","category":"MISSING_SCOPES"}"#,
            Class::Fatal,
            "missing_scope",
        ),
        (404, &[], "", Class::Invalid, "not_found"),
        (
            409,
            &[],
            r#"{"category":"CONFLICT"}"#,
            Class::Invalid,
            "conflict",
        ),
        (423, &[], "", limited(2_000), "locked"),
        (423, &[("Retry-After", "9")], "", limited(9_000), "locked"),
        (
            477,
            &[("retry-after", "3600")],
            "",
            limited(3_600_000),
            "migrating",
        ),
        (477, &[], "", Class::RateLimited(None), "migrating"),
        (
            429,
            &[],
            r#"{"policyName":"TEN_SECONDLY_ROLLING"}"#,
            limited(10_000),
            "rate_limited",
        ),
        (
            429,
            &[],
            r#"{"policyName":"SECONDLY"}"#,
            limited(1_000),
            "rate_limited",
        ),
        (
            429,
            &[],
            r#"{"message":"You have reached your secondly limit."}"#,
            limited(1_000),
            "rate_limited",
        ),
        (
            429,
            &[],
            r#"{"message":"You have reached your ten_secondly_rolling limit."}"#,
            limited(10_000),
            "rate_limited",
        ),
        (
            429,
            &[],
            r#"{"policyName":"DAILY"}"#,
            Class::RateLimited(None),
            "daily_limit",
        ),
        (
            429,
            &[("Retry-After", "3")],
            r#"{"policyName":"SECONDLY"}"#,
            limited(3_000),
            "rate_limited",
        ),
        (
            429,
            &[("X-HubSpot-RateLimit-Interval-Milliseconds", "10000")],
            "",
            limited(10_000),
            "rate_limited",
        ),
        (500, &[], "<html>", Class::Transient, "unavailable"),
        (524, &[], "", Class::Transient, "unavailable"),
        (302, &[], "", Class::Fatal, "redirected"),
    ] {
        let verdict = hubspot(status, &headers(headers_of), body.as_bytes());
        assert_eq!(judged(&verdict), (class, code), "{status} {body}");
    }
}

/// S0-101, S0-103
#[test]
fn judges_a_providers_answers() {
    let limited = |seconds: u64| Class::RateLimited(Some(seconds * 1_000));
    for (status, headers_of, body, class, code) in [
        (
            400,
            &[][..],
            r#"{"error":{"type":"ArgumentError","message":"SECRET"}}"#,
            Class::Invalid,
            "invalid",
        ),
        (
            400,
            &[],
            r#"{"error":"invalid_grant"}"#,
            Class::Revoked,
            "revoked",
        ),
        (
            401,
            &[],
            r#"{"error":"invalid_token","error_description":"x"}"#,
            Class::Revoked,
            "revoked",
        ),
        (
            401,
            &[],
            r#"{"error":"invalid_client"}"#,
            Class::Fatal,
            "misconfigured",
        ),
        (
            401,
            &[],
            r#"{"error":{"type":"UnauthorizedError"}}"#,
            Class::Revoked,
            "unauthorized",
        ),
        (
            403,
            &[],
            r#"{"error":{"type":"ForbiddenError"}}"#,
            Class::Fatal,
            "missing_scope",
        ),
        (404, &[], "", Class::Invalid, "not_found"),
        (410, &[], "", Class::Fatal, "gone"),
        (412, &[], "", Class::Invalid, "stale"),
        (422, &[], "", Class::Invalid, "invalid"),
        (
            429,
            &[("Retry-After", "17")],
            "",
            limited(17),
            "rate_limited",
        ),
        (
            429,
            &[
                ("X-RateLimit-Reset", "1709164860"),
                ("Date", "Thu, 29 Feb 2024 00:00:00 GMT"),
            ],
            "",
            limited(60),
            "rate_limited",
        ),
        (429, &[], "", Class::RateLimited(None), "rate_limited"),
        (503, &[("Retry-After", "5")], "", limited(5), "unavailable"),
        (503, &[], "", Class::Transient, "unavailable"),
    ] {
        let verdict = provider("clio", status, &headers(headers_of), body.as_bytes());
        assert_eq!(judged(&verdict), (class, code), "{status} {body}");
        assert!(!format!("{verdict:?}").contains("SECRET"));
    }
}

/// S1-37: a category is a word of the service's own, never a sentence that may quote a value.
#[test]
fn keeps_bare_words_only() {
    let of = |body: &str| hubspot(400, &[], body.as_bytes()).category;
    assert_eq!(
        of(r#"{"category":"VALIDATION_ERROR"}"#).as_deref(),
        Some("VALIDATION_ERROR")
    );
    assert_eq!(of(r#"{"category":"anna@example.com is invalid"}"#), None);
    assert_eq!(of(r#"{"category":5}"#), None);
    let verdict = provider("clio", 422, &[], br#"{"error":{"type":"ArgumentError"}}"#);
    assert_eq!(verdict.category.as_deref(), Some("ArgumentError"));
}

/// S0-86, S0-101: only what OAuth calls so is a revocation; a wrong client or an odd answer disconnects nobody.
#[test]
fn judges_a_token_endpoints_answers() {
    let limited = |seconds: u64| Class::RateLimited(Some(seconds * 1_000));
    for (status, headers_of, body, class, code) in [
        (
            400,
            &[][..],
            r#"{"error":"invalid_grant","error_description":"refresh token is invalid, expired or revoked","status":"BAD_REFRESH_TOKEN","message":"of Smith"}"#,
            Class::Revoked,
            "revoked",
        ),
        (
            400,
            &[],
            r#"{"status":"BAD_REFRESH_TOKEN"}"#,
            Class::Revoked,
            "revoked",
        ),
        (
            400,
            &[],
            r#"{"status":"BAD_HUB","error":"access_denied"}"#,
            Class::Revoked,
            "revoked",
        ),
        (
            400,
            &[],
            r#"{"status":"BAD_AUTH_CODE"}"#,
            Class::Revoked,
            "revoked",
        ),
        (
            401,
            &[],
            r#"{"error":"invalid_grant"}"#,
            Class::Revoked,
            "revoked",
        ),
        (
            401,
            &[],
            r#"{"error":"invalid_token","error_description":"x"}"#,
            Class::Revoked,
            "revoked",
        ),
        (
            400,
            &[],
            r#"{"status":"BAD_CLIENT_ID","error":"invalid_client"}"#,
            Class::Fatal,
            "misconfigured",
        ),
        (
            400,
            &[],
            r#"{"status":"BAD_CLIENT_SECRET"}"#,
            Class::Fatal,
            "misconfigured",
        ),
        (
            401,
            &[],
            r#"{"error":"invalid_client"}"#,
            Class::Fatal,
            "misconfigured",
        ),
        (
            400,
            &[],
            r#"{"status":"BAD_REDIRECT_URI"}"#,
            Class::Fatal,
            "misconfigured",
        ),
        (
            400,
            &[],
            r#"{"status":"BAD_CODE_VERIFIER"}"#,
            Class::Fatal,
            "misconfigured",
        ),
        (
            400,
            &[],
            r#"{"status":"BAD_SCOPES"}"#,
            Class::Fatal,
            "misconfigured",
        ),
        (
            400,
            &[],
            r#"{"error":"unsupported_grant_type"}"#,
            Class::Fatal,
            "misconfigured",
        ),
        (
            400,
            &[],
            r#"{"error":"something_new"}"#,
            Class::Fatal,
            "misconfigured",
        ),
        (
            401,
            &[],
            r#"{"status":"error","category":"INVALID_AUTHENTICATION"}"#,
            Class::Fatal,
            "misconfigured",
        ),
        (403, &[], r#"{}"#, Class::Fatal, "misconfigured"),
        (
            404,
            &[],
            r#"{"message":"no such path"}"#,
            Class::Fatal,
            "misconfigured",
        ),
        (
            400,
            &[],
            "<html>Sign in to the network</html>",
            Class::Transient,
            "unavailable",
        ),
        (401, &[], "", Class::Transient, "unavailable"),
        (403, &[], "<html>", Class::Transient, "unavailable"),
        (302, &[], "<html>", Class::Fatal, "redirected"),
        (408, &[], "", Class::Transient, "timeout"),
        (
            423,
            &[],
            r#"{"error":"invalid_grant"}"#,
            Class::Transient,
            "locked",
        ),
        (429, &[("Retry-After", "7")], "", limited(7), "rate_limited"),
        (429, &[], "", Class::RateLimited(None), "rate_limited"),
        (
            477,
            &[("Retry-After", "3600")],
            "",
            limited(3_600),
            "migrating",
        ),
        (
            500,
            &[],
            r#"{"error":"invalid_grant"}"#,
            Class::Transient,
            "unavailable",
        ),
        (502, &[], "<html>", Class::Transient, "unavailable"),
        (503, &[("Retry-After", "5")], "", limited(5), "unavailable"),
        (504, &[], "", Class::Transient, "unavailable"),
    ] {
        let verdict = token(status, &headers(headers_of), body.as_bytes());
        assert_eq!(judged(&verdict), (class, code), "{status} {body}");
        assert!(!format!("{verdict:?}").contains("Smith"));
    }
}

proptest::proptest! {
    /// Whatever a token endpoint answers, nothing but OAuth's own words disconnects an account.
    #[test]
    fn no_odd_answer_is_a_revocation(status in 200_u16..600, body in "[a-z{}\":, <>]{0,60}") {
        let verdict = token(status, &[], body.as_bytes());
        proptest::prop_assert!(verdict.class != Class::Revoked);
    }
}
