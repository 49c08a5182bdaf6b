//! The clients of HubSpot's and Clio's sign-in, by the requests they send and the answers they take.

use futures_executor::block_on;
use sync300_kit::oauth::hubspot::{self, AccountDetails, App};
use sync300_kit::oauth::pkce;
use sync300_kit::secret::Secret;
use sync300_kit::{Class, Error};

use crate::support::*;

/// S0-06: the code becomes tokens; S0-82: in a form body, once.
#[test]
fn hubspots_code_is_exchanged_once() {
    let (ports, script) = ports();
    let app = App::from_variables(&ports).unwrap();
    let exchange = || {
        let code = Secret::new("the-code");
        block_on(hubspot::exchange(
            &ports,
            &budget(),
            &app,
            "https://sync.example.com/oauth/hubspot/callback",
            &code,
        ))
    };
    script.answer(200, GOOD);
    let got = exchange().unwrap();
    assert_eq!(
        got,
        tokens("new-access", Some("new-refresh"), Some(1_800_000))
    );
    assert_eq!(
        script.shown(0),
        "POST https://api.hubapi.com/oauth/2026-03/token\naccept: application/json\n\
         content-type: application/x-www-form-urlencoded\nclient_id=our-app&client_secret=our-hubspot-secret\
         &grant_type=authorization_code&redirect_uri=https%3A%2F%2Fsync.example.com%2Foauth%2Fhubspot%2Fcallback&code=the-code"
    );
    for (status, body, class) in [
        (
            400,
            r#"{"status":"BAD_AUTH_CODE","message":"the-code is expired"}"#,
            Class::Revoked,
        ),
        (400, r#"{"status":"BAD_REDIRECT_URI"}"#, Class::Fatal),
        (500, "<html>", Class::Transient),
        (200, "<html>", Class::Transient),
    ] {
        let before = script.calls();
        script.answer(status, body);
        let error = exchange().unwrap_err();
        assert_eq!(error.class(), class, "{body}");
        assert_eq!(script.calls() - before, 1, "{body}: a code is sent once");
        assert!(!format!("{error} {error:?}").contains("the-code"));
    }
    script.fail();
    assert_eq!(exchange().unwrap_err().code(), "network");
}

/// S0-102: what a token stands for is asked of HubSpot, and taken from nowhere else.
#[test]
fn hubspot_tells_what_a_token_stands_for() {
    let (ports, script) = ports();
    let app = App::from_variables(&ports).unwrap();
    let introspect = || {
        block_on(hubspot::introspect(
            &ports,
            &budget(),
            &app,
            &Secret::new("access"),
        ))
    };
    script.answer(
        200,
        r#"{"active":true,"hub_id":4711,"user_id":12,"user":"anna@smith.example","hub_domain":"smith.example",
            "scopes":["oauth","tickets"],"app_id":1,"client_id":"our-app","expires_in":1799,"token_use":"access_token",
            "token":"access","token_type":"access","is_private_distribution":false,"signed_access_token":{}}"#,
    );
    let told = introspect().unwrap();
    assert!(told.active && told.portal == PORTAL && told.user == 12);
    assert!(told.missing_scopes().contains(&"crm.objects.contacts.read"));
    assert!(
        !format!("{told:?}").contains("anna"),
        "S1-06: no more than ids is taken"
    );
    assert!(
        script
            .shown(0)
            .starts_with("POST https://api.hubapi.com/oauth/2026-03/token/introspect\n")
    );
    assert!(
        script
            .shown(0)
            .ends_with("&token=access&token_type_hint=access_token")
    );
    script.answer(200, r#"{"active":false}"#);
    assert!(!introspect().unwrap().active);
    for body in ["{}", r#"{"active":true}"#, "<html>"] {
        script.answer(200, body);
        assert_eq!(
            introspect().unwrap_err().class(),
            Class::Transient,
            "{body}"
        );
    }
}

/// S0-06: where the portal's pages are; only HubSpot's own hosts are taken.
#[test]
fn hubspot_tells_where_the_portal_lives() {
    let (ports, script) = ports();
    let app = App::from_variables(&ports).unwrap();
    let details = || {
        let token = Secret::new("access");
        block_on(hubspot::account_details(&ports, &budget(), &app, &token))
    };
    let body = r#"{"portalId":4711,"accountType":"STANDARD","timeZone":"US/Eastern","companyCurrency":"USD",
        "additionalCurrencies":[],"utcOffset":"-05:00","utcOffsetMilliseconds":-18000000,"uiDomain":"app-eu1.hubspot.com",
        "dataHostingLocation":"eu1"}"#;
    script.answer(200, body);
    assert_eq!(
        details().unwrap(),
        AccountDetails {
            portal: PORTAL,
            ui_domain: "app-eu1.hubspot.com".to_owned(),
            hublet: Some("eu1".to_owned()),
            time_zone: Some("US/Eastern".to_owned()),
            utc_offset: Some(-300),
        }
    );
    assert!(script.shown(0).starts_with(
        "GET https://api.hubapi.com/account-info/2026-03/details\nauthorization: Bearer access\n"
    ));
    script.answer(200, &body.replace("app-eu1.hubspot.com", "evil.example"));
    assert!(details().is_err(), "no link leads anywhere else");
}

#[test]
fn hubspot_is_told_to_uninstall_and_to_take_a_token_back() {
    let (ports, script) = ports();
    let app = App::from_variables(&ports).unwrap();
    script.answer(204, "");
    block_on(hubspot::uninstall(
        &ports,
        &budget(),
        &app,
        &Secret::new("access"),
    ))
    .unwrap();
    assert!(script.shown(0).starts_with(
        "DELETE https://api.hubapi.com/appinstalls/2026-03/external-install\nauthorization: Bearer access\n"
    ));
    script.answer(200, "");
    block_on(hubspot::revoke(
        &ports,
        &budget(),
        &app,
        &Secret::new("refresh"),
    ))
    .unwrap();
    assert!(
        script
            .shown(1)
            .starts_with("POST https://api.hubapi.com/oauth/2026-03/token/revoke\n")
    );
    assert!(
        script
            .shown(1)
            .ends_with("&token=refresh&token_type_hint=refresh_token")
    );
    script.answer(
        200,
        r#"{"access_token":"app","expires_in":1800,"token_use":"client_credentials"}"#,
    );
    let scopes = ["developer.webhooks_journal.read"];
    let app_token = block_on(hubspot::client_credentials(
        &ports,
        &budget(),
        &app,
        &scopes,
    ))
    .unwrap();
    assert_eq!(app_token, tokens("app", None, Some(1_800_000)));
    assert!(
        script
            .shown(2)
            .ends_with("&grant_type=client_credentials&scope=developer.webhooks_journal.read")
    );
}

/// S0-10, S0-11: a person connects Clio, and sees whose account it is.
#[test]
fn clio_is_connected_by_its_declaration() {
    let (ports, script) = ports();
    let clio = server(&ports, "clio");
    let callback = "https://sync.example.com/oauth/clio/callback";
    let url = clio.authorize_url(callback, "state", None).unwrap();
    assert!(url.starts_with(
        "https://app.clio.com/oauth/authorize?response_type=code&client_id=clio-app&"
    ));
    assert!(!url.contains("secret"));
    script.answer(
        200,
        r#"{"access_token":"a","refresh_token":"r","expires_in":2592000,"token_type":"bearer"}"#,
    );
    let verifier = pkce::verifier(&ports).unwrap();
    let exchanged = block_on(clio.exchange(
        &ports,
        &budget(),
        callback,
        &Secret::new("code"),
        Some(&verifier),
    ));
    assert_eq!(
        exchanged.unwrap(),
        tokens("a", Some("r"), Some(2_592_000_000))
    );
    assert!(script.shown(0).contains("&code=code&code_verifier="));
    script.answer(
        200,
        r#"{"data":{"id":1,"account":{"id":42,"name":"Smith & Co"}}}"#,
    );
    let account = block_on(clio.account(&ports, &budget(), &Secret::new("a"), &[])).unwrap();
    assert_eq!(
        (account.id.as_str(), account.name.expose()),
        ("42", "Smith & Co")
    );
    assert!(!format!("{account:?}").contains("Smith"));
    assert_eq!(
        script.shown(1),
        "GET https://app.clio.com/api/v4/users/who_am_i.json?fields=id%2Caccount%7Bid%2Cname%7D\nAccept: application/json\n\
         X-API-VERSION: 4.0.9\nauthorization: Bearer a\n"
    );
    script.answer(200, "<html>");
    let odd = block_on(clio.account(&ports, &budget(), &Secret::new("a"), &[]));
    assert_eq!(odd.unwrap_err().class(), Class::Transient);
}

/// S1-45: giving a token back is tried once, and its failure is the caller's to shrug at.
#[test]
fn clio_is_told_to_take_a_token_back() {
    let (ports, script) = ports();
    let clio = server(&ports, "clio");
    script.answer(500, "");
    let refused = block_on(clio.deauthorize(&ports, &budget(), &Secret::new("a")));
    assert!(matches!(refused, Err(Error::Api { status: 500, .. })));
    assert_eq!(
        script.shown(0),
        "POST https://app.clio.com/oauth/deauthorize\nauthorization: Bearer a\n"
    );
    assert_eq!(script.calls(), 1);
    let password = server(&ports, "test_password");
    block_on(password.deauthorize(&ports, &budget(), &Secret::new("a"))).unwrap();
    assert_eq!(
        script.calls(),
        1,
        "a provider without such a place is not asked"
    );
}

/// S3-08: a region that is not the connector's is refused.
#[test]
fn a_region_is_one_of_the_connectors() {
    let (ports, _) = ports();
    let clio = sync300_kit::core::catalog::describe("clio").unwrap();
    assert!(sync300_kit::oauth::provider::Server::new(&ports, &clio, "mars").is_err());
    assert_eq!(
        sync300_kit::oauth::provider::Server::new(&ports, &clio, "eu")
            .unwrap()
            .base_url,
        "https://eu.app.clio.com"
    );
}
