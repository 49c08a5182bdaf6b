//! App Parameters: connectors that have no OAuth.

use crate::support::*;

fn app() -> App {
    App::with(&[
        ("test_password_client_id", "app-id"),
        ("test_password_client_secret", "app-secret"),
        ("test_api_key_client_id", "app-id"),
        ("test_api_key_client_secret", "app-secret"),
    ])
}

/// S3-01, S3-04, S3-07, S3-08: what is asked for is the connector's, listed with what it takes before anything begins.
#[test]
fn the_form_is_the_connectors() {
    let app = app();
    let browser = app.browser();
    browser.install();
    let sent = browser.get("/oauth/test_password/start");
    assert_eq!(location(&sent), "/oauth/test_password/parameters");
    let page = browser.get(location(&sent));
    assert_eq!(page.status, 200, "{}", page.body);
    for text in [
        "A user who may read all people.",
        "<label for=\"p-user_name\">User name</label>",
        "type=\"password\"",
        "4711",
    ] {
        assert!(page.body.contains(text), "{text}: {}", page.body);
    }
    assert_eq!(browser.get("/oauth/clio/parameters").status, 404);
}

/// S1-18, S3-01: a system beyond the plan is refused before anything begins, with the plan that has room for it; what is
/// connected may be connected again.
#[test]
fn a_system_beyond_the_plan_is_refused() {
    let app = App::with(&[
        ("billing", "stripe"),
        ("test_password_client_id", "app-id"),
        ("test_password_client_secret", "app-secret"),
    ]);
    let browser = app.browser();
    browser.install();
    let form = "region=us&user_name=ada&password=right";
    let again = |status| {
        let page = browser.post("/oauth/test_password/parameters", form);
        assert_eq!(page.status, status, "{}", page.body);
    };
    again(200);
    let refused = browser.get("/oauth/clio/start");
    assert_eq!(refused.status, 402, "{}", refused.body);
    assert!(refused.body.contains("Change to Starter"));
    let ticket = app.signed("POST", "/oauth/clio/ticket", "{}", PORTAL, INSTALLER);
    assert_eq!(body(&ticket)["code"], "plan_connections");
    again(200);
    assert_eq!(app.count("connections"), 1);

    app.execute(
        "INSERT INTO billing_customers (customer_id, portal_id, plan, status, status_since, changed_at) \
         VALUES ('cus_1', 4711, 'starter', 'active', 1, 1)",
    );
    assert_eq!(browser.get("/oauth/clio/start").status, 200);
    browser.connect("us");
    assert_eq!(app.count("connections WHERE status = 'active'"), 2);
    // Back on Free: the first goes on, the second may be let go but takes nobody's place.
    app.execute("UPDATE billing_customers SET status = 'canceled'");
    again(200);
    app.execute("UPDATE connections SET status = 'disconnected' WHERE connector = 'clio'");
    assert_eq!(browser.get("/oauth/clio/start").status, 402);
}

/// DX-03, S0-82, S1-02: a password is exchanged for a token and dropped.
#[test]
fn a_password_is_not_kept() {
    let app = app();
    let browser = app.browser();
    browser.install();
    let form = "region=us&user_name=ada&password=right%2Fcanary";
    let page = browser.post("/oauth/test_password/parameters", form);
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(page.body.contains("Organisation"));
    assert_eq!(
        app.count("connections WHERE connector = 'test_password' AND status = 'active'"),
        1
    );
    let dump = app.dump();
    for secret in ["canary", "ada", "password-access", "Organisation"] {
        assert!(!dump.contains(secret), "{secret}");
    }
    assert_eq!(
        app.count(
            "credentials WHERE connection_id <> '' AND purpose IN ('access_token', 'account_name')"
        ),
        2
    );
    assert_eq!(app.count("credentials WHERE connection_id <> ''"), 2);
}

/// S3-06: what does not work is said beside the form, to be tried again; nothing is stored and no secret is repeated.
#[test]
fn a_failed_sign_in_can_be_tried_again() {
    let app = app();
    let browser = app.browser();
    browser.install();
    for (form, text) in [
        ("region=us&user_name=ada&password=canary", "does not accept"),
        ("region=us&user_name=ada", "Password is missing"),
        (
            "region=us&user_name=ada&password=right&other=canary",
            "not asked for",
        ),
    ] {
        let page = browser.post("/oauth/test_password/parameters", form);
        assert_eq!(page.status, 422, "{form}");
        assert!(page.body.contains(text), "{form}: {}", page.body);
        assert!(page.body.contains("value=\"ada\""), "{form}");
        assert!(!page.body.contains("canary"), "{form}");
        assert_eq!(app.count("connections"), 0);
    }
    let log = app.ports.log_lines().join("\n");
    assert!(log.contains("credentials_refused") && !log.contains("canary") && !log.contains("ada"));
}

/// S0-84, DX-03: keys are tried at the provider first, and lie sealed.
#[test]
fn keys_are_tried_and_sealed() {
    let app = app();
    app.browser().install();
    let connect = |key: &str| {
        let json = format!(r#"{{"region":"us","domain":"acme","api_key":"{key}"}}"#);
        body(&app.signed(
            "POST",
            "/oauth/test_api_key/parameters",
            &json,
            PORTAL,
            INSTALLER,
        ))
    };
    assert_eq!(connect("wrong")["code"], "credentials_refused");
    assert_eq!(app.count("connections"), 0);
    assert_eq!(connect("right")["ok"], true);
    assert_eq!(app.count("connections WHERE connector = 'test_api_key'"), 1);
    assert!(!app.dump().contains("right"));
    let refused = app.signed(
        "POST",
        "/oauth/test_api_key/parameters",
        "{}",
        PORTAL,
        MEMBER,
    );
    assert_eq!(body(&refused)["ok"], false);
}
