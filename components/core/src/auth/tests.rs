use super::*;

/// S0-90: what must never be seen in an error.
const CANARY: &str = "canary-7f3a";

fn place(connector: &str) -> Place {
    Place {
        connector: connector.to_owned(),
        base_url: "https://provider.example.com".to_owned(),
        client: Some(Client {
            id: "our app".to_owned(),
            secret: format!("{CANARY}+our&secret"),
        }),
    }
}

fn given(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn credentials() -> Vec<(String, String)> {
    given(&[
        ("organization", "smith & co"),
        ("client_id", "theirs"),
        ("client_secret", "their/secret=1"),
    ])
}

/// The parts of a request, decoded.
fn shown(request: &Request) -> String {
    let url = url::Url::parse(&request.url).unwrap();
    let mut text = format!("{} {}\n", request.method, url.path());
    for (name, value) in url.query_pairs() {
        text += &format!("  {name} = {value}\n");
    }
    for (name, value) in &request.headers {
        text += &format!("{name}: {value}\n");
    }
    for (name, value) in url::form_urlencoded::parse(&request.body) {
        text += &format!("| {name} = {value}\n");
    }
    text
}

/// S0-82, S3-05: a person signs in at the provider; what the browser carries is no secret.
#[test]
fn an_authorize_url_carries_the_state_and_no_secret() {
    let callback = "https://sync.example.com/oauth/clio/callback";
    let url = authorize_url(&place("clio"), callback, "st&te", None).unwrap();
    assert_eq!(
        url,
        "https://provider.example.com/oauth/authorize?response_type=code&client_id=our%20app\
         &redirect_uri=https%3A%2F%2Fsync.example.com%2Foauth%2Fclio%2Fcallback&state=st%26te"
    );
    let challenged = authorize_url(&place("clio"), callback, "s", Some("xyz")).unwrap();
    assert!(challenged.ends_with("&code_challenge=xyz&code_challenge_method=S256"));
}

/// S0-82, S0-86: codes and refresh tokens go into the body, form-encoded.
#[test]
fn asks_for_every_grant_as_declared() {
    let code = code_request(&place("clio"), "https://s/c", "c+de", Some("verifier")).unwrap();
    let refresh = refresh_request(&place("clio"), "r&t").unwrap();
    let client_credentials =
        sign_in_request(&place("test_client_credentials"), &credentials()).unwrap();
    let password = sign_in_request(
        &place("test_password"),
        &given(&[("user_name", "a@b.example"), ("password", "p w&d")]),
    )
    .unwrap();
    let renewed = refresh_request(&place("test_password"), "r").unwrap();
    let revoke = revoke_request(&place("clio"), "token").unwrap().unwrap();
    let all = [
        code,
        refresh,
        client_credentials.request.unwrap(),
        password.request.unwrap(),
        renewed,
        revoke,
    ];
    insta::assert_snapshot!(all.map(|request| shown(&request)).join("\n"));
    assert_eq!(revoke_request(&place("test_password"), "t"), Ok(None));
}

/// S0-84, S1-07, S3-04: what is kept of parameters renews the token, or makes the headers of every request.
#[test]
fn what_is_kept_of_parameters_signs_in_again() {
    let place = place("test_client_credentials");
    let first = sign_in_request(&place, &credentials()).unwrap();
    let again = refresh_request(&place, &first.keep.unwrap()).unwrap();
    assert_eq!(Some(again), first.request);
    assert!(refresh_request(&place, "a refresh token").is_err());

    let place = self::place("test_api_key");
    let keys = given(&[("domain", "smith"), ("api_key", "k-1")]);
    let signed_in = sign_in_request(&place, &keys).unwrap();
    assert_eq!(signed_in.request, None, "there is no token to ask for");
    let expected = given(&[
        ("authorization", &format!("KEY {CANARY}+our&secret/k-1")),
        ("x-domain", "smith"),
    ]);
    assert_eq!(headers(&place, &signed_in.keep.unwrap()), Ok(expected));
    assert!(headers(&place, "no json").is_err());
}

/// DX-03, S0-82, S1-02: a password is exchanged for a token, and nothing of it is kept.
#[test]
fn nothing_of_a_password_is_kept() {
    let parameters = given(&[("user_name", "anna"), ("password", CANARY)]);
    let signed_in = sign_in_request(&place("test_password"), &parameters).unwrap();
    assert_eq!(signed_in.keep, None);
    assert!(signed_in.request.is_some());
}

#[test]
fn every_request_carries_its_token_and_what_is_declared() {
    assert_eq!(
        headers(&place("clio"), "t"),
        Ok(given(&[("authorization", "Bearer t")]))
    );
    assert_eq!(
        headers(&place("test_client_credentials"), "t"),
        Ok(given(&[
            ("authorization", "Bearer t"),
            ("x-app-key", "our app")
        ]))
    );
}

/// S3-07, S3-08: the parameters are the connector's own, listed in its order, with what is secret.
#[test]
fn says_what_a_person_is_asked_for() {
    let scheme = describe("test_client_credentials").unwrap();
    assert_eq!(scheme.kind, Kind::ClientCredentials);
    let asked: Vec<(&str, &str, bool)> = scheme
        .parameters
        .iter()
        .map(|p| (p.name.as_str(), p.label.as_str(), p.secret))
        .collect();
    assert_eq!(
        asked,
        [
            ("organization", "Organization name", false),
            ("client_id", "Client ID", false),
            ("client_secret", "Client secret", true)
        ]
    );
    assert!(scheme.needs_client && !scheme.requirements.is_empty());
    let clio = describe("clio").unwrap();
    assert_eq!(
        (clio.kind, clio.pkce, clio.needs_client),
        (Kind::OauthCode, false, true)
    );
    assert!(clio.parameters.is_empty() && clio.requirements.len() == 2);
    assert!(describe("none").is_err());
}

/// S3-07: parameters are checked before anything is sent, and no error tells a value.
#[test]
fn refuses_parameters_that_are_not_as_asked() {
    let place = place("test_api_key");
    let refusal = |pairs: &[(&str, &str)]| sign_in_request(&place, &given(pairs)).unwrap_err();
    let long = "k".repeat(2_049);
    for (pairs, error) in [
        (
            &[("domain", "d")][..],
            ParameterError::Missing("api_key".to_owned()),
        ),
        (
            &[("domain", "  "), ("api_key", CANARY)],
            ParameterError::Missing("domain".to_owned()),
        ),
        (
            &[("domain", "d"), ("api_key", "k\r\nX-Admin: canary-7f3a")],
            ParameterError::Malformed("api_key".to_owned()),
        ),
        (
            &[("domain", "d"), ("api_key", &long)],
            ParameterError::Malformed("api_key".to_owned()),
        ),
        (
            &[("domain", "d"), ("domain", "e"), ("api_key", CANARY)],
            ParameterError::Malformed("domain".to_owned()),
        ),
        (
            &[("domain", "d"), ("api_key", "k"), (CANARY, "x")],
            ParameterError::Unknown,
        ),
    ] {
        let refused = refusal(pairs);
        assert_eq!(refused, error);
        assert!(!format!("{refused:?}").contains(CANARY));
    }
    let of_oauth = sign_in_request(&self::place("clio"), &[]);
    assert!(matches!(of_oauth, Err(ParameterError::Unusable(_))));
}

#[test]
fn a_step_of_another_kind_and_a_missing_app_are_refused() {
    for connector in ["test_client_credentials", "test_password", "test_api_key"] {
        assert!(authorize_url(&place(connector), "https://s/c", "s", None).is_err());
        assert!(code_request(&place(connector), "https://s/c", "c", None).is_err());
    }
    assert!(refresh_request(&place("test_api_key"), "r").is_err());
    let nobody = Place {
        client: None,
        ..place("clio")
    };
    let error = authorize_url(&nobody, "https://s/c", "s", None).unwrap_err();
    assert_eq!(error, "the app registered at `clio` is not configured");
    let elsewhere = Place {
        base_url: "https://provider.example.com/path".to_owned(),
        ..place("clio")
    };
    let error = refresh_request(&elsewhere, CANARY).unwrap_err();
    assert!(!error.contains(CANARY), "{error}");
}

/// S0-11, S1-06: whose account it is; no more is asked for than the organization.
#[test]
fn asks_whose_account_it_is() {
    let request = account_request(&place("clio"), &[]).unwrap();
    assert_eq!(
        shown(&request),
        "GET /api/v4/users/who_am_i.json\n  fields = id,account{id,name}\n\
         Accept: application/json\nX-API-VERSION: 4.0.9\n"
    );
    let of_organization =
        account_request(&place("test_client_credentials"), &credentials()).unwrap();
    assert!(
        of_organization
            .url
            .ends_with("/v1/organizations/smith%20%26%20co"),
        "{}",
        of_organization.url
    );
    assert!(account_request(&place("test_client_credentials"), &[]).is_err());
    let upwards = given(&[("organization", "..")]);
    assert!(account_request(&place("test_client_credentials"), &upwards).is_err());
}

#[test]
fn reads_whose_account_it_is() {
    let read = |connector, parameters: &[(String, String)], body: &str| {
        read_account(connector, parameters, body.as_bytes()).map(|a| (a.id, a.name))
    };
    let pair = |id: &str, name: &str| Some((id.to_owned(), name.to_owned()));
    assert_eq!(
        read(
            "clio",
            &[],
            r#"{"data":{"id":7,"account":{"id":42,"name":" Smith & Co "}}}"#
        ),
        pair("42", "Smith & Co")
    );
    let keys = given(&[("domain", "smith"), ("api_key", "k")]);
    assert_eq!(
        read("test_api_key", &keys, r#"{"data":[]}"#),
        pair("smith", "smith")
    );
    for body in [
        "<html>",
        "{}",
        r#"{"data":{"account":{"id":{},"name":"x"}}}"#,
        r#"{"data":{"account":{"id":1,"name":""}}}"#,
    ] {
        assert_eq!(read("clio", &[], body), None, "{body}");
    }
    assert_eq!(read("test_api_key", &keys, "<html>"), None);
}

/// RFC 6749 §5.1, and what providers make of it.
#[test]
fn reads_tokens() {
    let read = |body: &str| {
        read_tokens(body.as_bytes()).map(|t| (t.access_token, t.refresh_token, t.expires_in))
    };
    let tokens = |refresh: Option<&str>, seconds| {
        Some(("a".to_owned(), refresh.map(str::to_owned), seconds))
    };
    for (body, expected) in [
        (
            r#"{"access_token":"a","refresh_token":"r","expires_in":1800,"token_type":"bearer"}"#,
            tokens(Some("r"), Some(1_800)),
        ),
        (r#"{"access_token":"a"}"#, tokens(None, None)),
        (
            r#"{"access_token":"a","refresh_token":"","expires_in":"60"}"#,
            tokens(None, Some(60)),
        ),
        (
            r#"{"access_token":"a","refresh_token":null,"expires_in":null}"#,
            tokens(None, None),
        ),
        (
            r#"{"access_token":"a","expires_in":-5}"#,
            tokens(None, Some(0)),
        ),
        (
            r#"{"access_token":"a","expires_in":18446744073709551615}"#,
            tokens(None, Some(315_360_000)),
        ),
        ("<html>Sign in</html>", None),
        (r#"{"access_token":""}"#, None),
        (r#"{"access_token":"a\r\nb"}"#, None),
        (r#"{"access_token":5}"#, None),
        (r#"{"error":"invalid_grant"}"#, None),
        ("", None),
    ] {
        assert_eq!(read(body), expected, "{body}");
    }
}

proptest::proptest! {
    /// No answer, however odd, ends the reader, and no token breaks out of its header.
    #[test]
    fn reads_anything(body: Vec<u8>) {
        if let Some(tokens) = read_tokens(&body) {
            proptest::prop_assert!(tokens.access_token.bytes().all(|b| b.is_ascii_graphic()));
        }
        proptest::prop_assert!(read_account("clio", &[], &body).is_none_or(|a| !a.id.is_empty()));
    }

    /// What a person types in comes back as it was, whatever it holds.
    #[test]
    fn keeps_parameters_as_they_are(secret in "[^\\p{Cc}]{1,40}") {
        let pairs = given(&[("client_secret", &secret), ("organization", "o")]);
        let mut kept = parameters::kept(&parameters::keep(&pairs)).unwrap();
        kept.sort();
        proptest::prop_assert_eq!(kept, pairs);
    }
}
