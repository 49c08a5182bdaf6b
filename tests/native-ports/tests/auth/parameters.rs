//! S3-04, S3-07, DX-03: connectors that are connected by what a person types in, of every kind.

use futures_executor::block_on;
use sync300_kit::Class;
use sync300_kit::oauth::provider::{ParameterError, Server, SignInError};
use sync300_kit::oauth::{Client, TokenSet};
use sync300_kit::ports::{Sql as _, SqlValue};
use sync300_kit::secret::Secret;
use sync300_kit::tokens::Owner;
use sync300_kit::vault::Purpose;
use sync300_native_ports::NativePorts;

use crate::support::*;

fn given(pairs: &[(&str, &str)]) -> Vec<(String, Secret)> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), Secret::new(*value)))
        .collect()
}

fn sign_in(
    ports: &NativePorts,
    server: &Server,
    pairs: &[(&str, &str)],
) -> Result<TokenSet, SignInError> {
    block_on(server.sign_in(ports, &budget(), &given(pairs)))
}

fn headers(ports: &NativePorts, server: &Server) -> Vec<(String, String)> {
    let owner = Owner::Provider {
        connection: CONNECTION,
        server,
    };
    let token = access(ports, OLD_KEY, owner).unwrap();
    server.headers(&Secret::new(token)).unwrap()
}

fn pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

/// With the operator's app at the provider.
fn with_app(ports: &NativePorts, connector: &str) -> Server {
    Server {
        client: Some(Client {
            id: "app".to_owned(),
            secret: Secret::new("app-secret"),
        }),
        ..server(ports, connector)
    }
}

/// S0-84, S0-86, S1-07: client credentials are sealed, and get a new token whenever the last one ends.
#[test]
fn client_credentials_sign_in_again_and_again() {
    let (ports, script) = ports();
    install(&ports, "test_client_credentials");
    let server = with_app(&ports, "test_client_credentials");
    let typed = [
        ("organization", "smith"),
        ("client_id", "theirs"),
        ("client_secret", "canary-secret"),
    ];
    script.answer(200, r#"{"access_token":"one","expires_in":900}"#);
    let signed_in = sign_in(&ports, &server, &typed).unwrap();
    script.answer(200, r#"{"slug":"smith","name":"Smith & Co"}"#);
    let account =
        block_on(server.account(&ports, &budget(), &signed_in.access_token, &given(&typed)))
            .unwrap();
    assert_eq!(
        (account.id.as_str(), account.name.expose()),
        ("smith", "Smith & Co")
    );
    assert_eq!(
        script.shown(1),
        "GET https://test-client-credentials.example.com/v1/organizations/smith\nAccept: application/json\n\
         authorization: Bearer one\nx-app-key: app\n"
    );
    store(&ports, CONNECTION, &signed_in);
    assert_eq!(
        headers(&ports, &server),
        [
            pair("authorization", "Bearer one"),
            pair("x-app-key", "app")
        ]
    );
    ports.set_now(NOON + 15 * MINUTE);
    script.answer(200, r#"{"access_token":"two","expires_in":900}"#);
    assert_eq!(
        headers(&ports, &server)[0],
        pair("authorization", "Bearer two")
    );
    assert!(script.shown(2).ends_with(
        "grant_type=client_credentials&client_id=theirs&client_secret=canary-secret&scope=people.read+people.write"
    ));
    ports.set_now(NOON + 30 * MINUTE);
    script.answer(200, r#"{"access_token":"three","expires_in":900}"#);
    assert_eq!(
        headers(&ports, &server)[0],
        pair("authorization", "Bearer three")
    );
}

/// DX-03, S0-82, S1-02, S1-34: a password is sent once, to the provider, and nothing that is stored opens to it.
#[test]
fn a_password_is_exchanged_and_dropped() {
    let (ports, script) = ports();
    install(&ports, "test_password");
    let server = with_app(&ports, "test_password");
    script.answer(
        200,
        r#"{"access_token":"token","refresh_token":"refresh","expires_in":60}"#,
    );
    let typed = [
        ("user_name", "anna@smith.example"),
        ("password", "canary-password"),
    ];
    let signed_in = sign_in(&ports, &server, &typed).unwrap();
    assert!(script.shown(0).contains("password=canary-password"));
    store(&ports, CONNECTION, &signed_in);
    let rows = block_on(ports.execute("SELECT purpose, sealed FROM credentials", &[])).unwrap();
    assert_eq!(rows.len(), 2);
    for row in rows {
        let [SqlValue::Text(purpose), SqlValue::Text(sealed)] = row.as_slice() else {
            panic!("{row:?}")
        };
        let purpose = Purpose {
            portal: PORTAL,
            connection: CONNECTION,
            name: purpose,
        };
        let opened = vault(OLD_KEY).open_text(purpose, sealed).unwrap();
        assert!(["token", "refresh"].contains(&opened.expose()));
    }
    ports.set_now(NOON + 5 * MINUTE);
    script.answer(200, r#"{"access_token":"newer","expires_in":3600}"#);
    assert_eq!(
        headers(&ports, &server),
        [pair("authorization", "Bearer newer")]
    );
    assert!(
        script
            .shown(1)
            .contains("grant_type=refresh_token&refresh_token=refresh")
    );
}

/// S3-06: a wrong password is told from an outage, is not sent twice, and its error shows nothing of it.
#[test]
fn a_wrong_password_is_told_as_such() {
    let typed = [("user_name", "anna"), ("password", "canary-password")];
    for (status, body, class) in [
        (400, r#"{"error":"invalid_grant"}"#, Class::Revoked),
        (
            401,
            r#"{"error":"invalid_grant","error_description":"canary-password is wrong"}"#,
            Class::Revoked,
        ),
        (401, r#"{"error":"invalid_client"}"#, Class::Fatal),
        (503, "", Class::Transient),
        (200, "<html>", Class::Transient),
    ] {
        let (ports, script) = ports();
        let server = with_app(&ports, "test_password");
        script.answer(status, body);
        let Err(SignInError::Call(error)) = sign_in(&ports, &server, &typed) else {
            panic!("{body} was taken")
        };
        assert_eq!(error.class(), class, "{body}");
        assert!(
            !format!("{error} {error:?}").contains("canary"),
            "{error:?}"
        );
        assert_eq!(script.calls(), 1, "{body}: sent once");
    }
}

/// S0-84, S1-07: API keys are kept sealed as they are, and become the headers of every call.
#[test]
fn api_keys_become_headers() {
    let (ports, script) = ports();
    install(&ports, "test_api_key");
    let server = with_app(&ports, "test_api_key");
    let typed = [("domain", "smith"), ("api_key", "canary-key")];
    let signed_in = sign_in(&ports, &server, &typed).unwrap();
    assert_eq!(script.calls(), 0, "there is no token to ask for");
    script.answer(401, r#"{"error":{"type":"UnauthorizedError"}}"#);
    let refused =
        block_on(server.account(&ports, &budget(), &signed_in.access_token, &given(&typed)));
    assert_eq!(
        refused.unwrap_err().class(),
        Class::Revoked,
        "checked before anything is stored"
    );
    script.answer(200, r#"{"data":[]}"#);
    let account =
        block_on(server.account(&ports, &budget(), &signed_in.access_token, &given(&typed)));
    assert_eq!(account.unwrap().id, "smith");
    store(&ports, CONNECTION, &signed_in);
    ports.set_now(NOON + 1_000_000 * MINUTE);
    assert_eq!(
        headers(&ports, &server),
        [
            pair("authorization", "KEY app-secret/canary-key"),
            pair("x-domain", "smith")
        ]
    );
    assert!(!format!("{signed_in:?} {server:?}").contains("canary"));
}

/// S3-07: what is missing or cannot be used is named before anything is sent.
#[test]
fn parameters_are_checked_before_anything_is_sent() {
    let (ports, script) = ports();
    let server = with_app(&ports, "test_api_key");
    for (typed, error) in [
        (
            &[("domain", "smith")][..],
            ParameterError::Missing("api_key".to_owned()),
        ),
        (
            &[("domain", "smith"), ("api_key", "a\nb")],
            ParameterError::Malformed("api_key".to_owned()),
        ),
        (
            &[("domain", "smith"), ("api_key", "k"), ("x", "y")],
            ParameterError::Unknown,
        ),
    ] {
        match sign_in(&ports, &server, typed) {
            Err(SignInError::Parameter(refused)) => assert_eq!(refused, error),
            other => panic!("{other:?}"),
        }
    }
    let without_app = crate::support::server(&ports, "test_api_key");
    let refused = sign_in(&ports, &without_app, &[("domain", "d"), ("api_key", "k")]);
    assert!(matches!(refused, Err(SignInError::Call(error)) if error.code() == "configuration"));
    assert_eq!(script.calls(), 0);
}
