//! Installing the app.

use sync300_kit::oauth;

use crate::support::*;

/// S0-04 to S0-06, S1-06: scopes are shown first; the portal that HubSpot names is stored with who installed, and the
/// browser goes on in HubSpot.
#[test]
fn an_install_ends_in_hubspot() {
    let app = App::new();
    let browser = app.browser();
    let page = browser.get("/oauth/hubspot/start");
    for scope in [oauth::SCOPES, oauth::OPTIONAL_SCOPES].concat() {
        assert!(page.body.contains(scope), "{scope}");
    }
    let authorize = link(&page, "/oauth/authorize?");
    assert!(authorize.starts_with("https://app.hubspot.com/oauth/authorize?client_id=our-app&"));
    let state = parameter(&authorize, "state");
    let done = browser.get(&format!("/oauth/hubspot/callback?code=c&state={state}"));
    assert_eq!(done.status, 303, "{}", done.body);
    assert_eq!(
        location(&done),
        "https://app-eu1.hubspot.com/integrations-settings/4711/installed/framework/99/general-settings"
    );
    assert_eq!(
        app.count(
            "portals WHERE portal_id = 4711 AND status = 'active' AND time_zone = 'Europe/Berlin'"
        ),
        1
    );
    assert_eq!(
        app.count("installs WHERE installed_by = 1 AND hublet = 'eu1' AND erase_at IS NULL"),
        1
    );
    assert_eq!(app.count("credentials WHERE connection_id = ''"), 2);
    assert_eq!(
        app.count("audit WHERE action = 'app_installed' AND user_id = 1"),
        1
    );
    let dump = app.dump();
    for secret in ["hubspot-access", "hubspot-refresh", &state] {
        assert!(!dump.contains(secret), "{secret}");
    }
}

/// Re-install revives the portal without doubles: settings and connections stay, the deletion clock stops.
#[test]
fn an_install_after_an_uninstall_revives() {
    let app = App::new();
    let browser = app.browser();
    browser.install();
    browser.connect("eu");
    assert_eq!(browser.post("/account/uninstall", "").status, 200);
    assert_eq!(app.count("portals WHERE status = 'uninstalled'"), 1);
    assert_eq!(browser.install().status, 303);
    assert_eq!(app.count("portals"), 1);
    assert_eq!(app.count("portals WHERE status = 'active'"), 1);
    assert_eq!(
        app.count("installs WHERE erase_at IS NULL AND uninstalled_at IS NULL"),
        1
    );
    assert_eq!(app.count("connections WHERE status = 'disconnected'"), 1);
    assert_eq!(browser.connect("eu").status, 200);
    assert_eq!(app.count("connections"), 1);
    assert_eq!(app.count("connections WHERE status = 'active'"), 1);
}

/// A connection that stopped because HubSpot's access was gone is due again after a re-install.
#[test]
fn an_install_makes_expired_connections_due() {
    let app = App::new();
    let browser = app.browser();
    browser.install();
    browser.connect("us");
    app.execute(
        "UPDATE connections SET status = 'expired', status_reason = 'token_expired', due_at = NULL",
    );
    browser.install();
    assert_eq!(
        app.count("connections WHERE status = 'active' AND due_at IS NOT NULL"),
        1
    );
}

/// S0-102: what was not granted is named; nothing is stored.
#[test]
fn missing_scopes_are_named() {
    let app = App::new();
    app.services
        .scopes
        .borrow_mut()
        .retain(|scope| scope != "tickets");
    let page = app.browser().install();
    assert_eq!(page.status, 403);
    assert!(page.body.contains("tickets") && page.body.contains("Authorize again"));
    assert!(!page.body.contains("crm.objects.deals.read"));
    assert_eq!(app.count("portals"), 0);
    assert_eq!(app.count("credentials"), 0);
}

/// S0-105: refusing at HubSpot is told in words, with a way forward and a reference.
#[test]
fn a_refusal_at_hubspot_is_told() {
    let app = App::new();
    let browser = app.browser();
    let state = browser.begin_install();
    let page = browser.get(&format!(
        "/oauth/hubspot/callback?error=access_denied&error_description=%3Cscript%3E&state={state}"
    ));
    assert_eq!(page.status, 400);
    for text in [
        "was not allowed",
        "access_denied",
        "0123456789abcdef",
        "/oauth/hubspot/start",
    ] {
        assert!(page.body.contains(text), "{text}");
    }
    assert!(!page.body.contains("<script>"));
    assert_eq!(app.count("portals"), 0);
}

/// A token endpoint that answers HTML, an error, or a used code: told apart, and nothing is stored.
#[test]
fn a_token_endpoint_may_fail() {
    for (status, answer, expected) in [
        (200, "<html>", 503),
        (500, "{}", 503),
        (429, "{}", 503),
        (
            400,
            r#"{"error":"invalid_grant","status":"BAD_AUTH_CODE","message":"x"}"#,
            400,
        ),
        (
            400,
            r#"{"error":"invalid_client","status":"BAD_CLIENT_SECRET","message":"x"}"#,
            500,
        ),
    ] {
        let app = App::new();
        *app.services.fault.borrow_mut() = Some(("oauth/2026-03/token", status, answer));
        let page = app.browser().install();
        assert_eq!(page.status, expected, "{status} {answer}: {}", page.body);
        assert!(page.body.contains("Start again"));
        assert_eq!(app.count("portals") + app.count("credentials"), 0);
    }
}

/// Without a key ring or an app at HubSpot, nothing is begun.
#[test]
fn a_missing_configuration_is_a_refusal() {
    for name in [
        "vault_keys",
        "public_url",
        "hubspot_client_id",
        "hubspot_client_secret",
    ] {
        let app = App::with(&[(name, "")]);
        let page = app.browser().get("/oauth/hubspot/start");
        assert_eq!(page.status, 500, "{name}");
        assert_eq!(app.count("oauth_states"), 0, "{name}");
    }
}

/// Open redirects: HubSpot's own pages are returned to, others are refused before anything begins.
#[test]
fn only_hubspots_pages_are_returned_to() {
    let app = App::new();
    let browser = app.browser();
    for place in [
        "https%3A%2F%2Fevil.example",
        "%2F%2Fevil.example",
        "https%3A%2F%2Fapp.hubspot.com.evil.example%2F",
    ] {
        let page = browser.get(&format!("/oauth/hubspot/start?return_to={place}"));
        assert_eq!(page.status, 400, "{place}");
        assert_eq!(app.count("oauth_states"), 0);
    }
    let page =
        browser.get("/oauth/hubspot/start?returnUrl=https%3A%2F%2Fapp-eu1.hubspot.com%2Fx%3Fy%3D1");
    let state = parameter(&link(&page, "/oauth/authorize?"), "state");
    let done = browser.get(&format!("/oauth/hubspot/callback?code=c&state={state}"));
    assert_eq!(location(&done), "https://app-eu1.hubspot.com/x?y=1");
}
