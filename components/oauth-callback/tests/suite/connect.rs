//! Connecting a provider's account, and the states that tie a callback to its browser.

use crate::support::*;

/// S0-10, S0-11, S0-20, S1-35: from a signed request by a one-time link into the pop-up, on to the provider, and back to a
/// page that names the account, tells the window that opened it, and closes.
#[test]
fn a_connection_is_made_in_a_pop_up() {
    let app = App::new();
    app.browser().install();
    let answer = app.signed(
        "POST",
        "/oauth/clio/ticket",
        r#"{"region":"eu"}"#,
        PORTAL,
        INSTALLER,
    );
    let reply = body(&answer);
    assert_eq!(
        (answer.status, &reply["ok"]),
        (200, &true.into()),
        "{reply}"
    );
    assert_eq!(reply["expires_in"], 600);

    let browser = app.browser();
    let opened = browser.get(reply["url"].as_str().unwrap());
    assert_eq!(location(&opened), "/oauth/clio/start?region=eu");
    let page = browser.get(location(&opened));
    for text in ["4711", "app-eu1.hubspot.com", "Clio"] {
        assert!(page.body.contains(text), "{text}");
    }
    let sent = browser.get(&link(&page, "region=eu"));
    let authorize = location(&sent);
    assert!(
        authorize.starts_with("https://eu.app.clio.com/oauth/authorize?"),
        "{authorize}"
    );
    assert_eq!(
        parameter(authorize, "redirect_uri"),
        "https%3A%2F%2Fsync.example.com%2Foauth%2Fclio%2Fcallback"
    );
    let state = parameter(authorize, "state");
    let done = browser.get(&format!("/oauth/clio/callback?code=c&state={state}"));
    assert_eq!(done.status, 200, "{}", done.body);
    assert!(done.body.contains("Firm &amp; &lt;Partners&gt;"));
    assert!(
        done.body
            .contains("data-origin=\"https://app-eu1.hubspot.com\"")
    );
    let policy = done.header("content-security-policy").unwrap();
    assert!(policy.contains("script-src 'nonce-") && policy.contains("frame-ancestors 'none'"));

    assert_eq!(app.count("connections WHERE status = 'active' AND region = 'eu' AND due_at IS NOT NULL AND frequency = 15"), 1);
    assert_eq!(
        app.count("accounts WHERE account_id = '77' AND connected_by = 1"),
        1
    );
    assert_eq!(
        app.count("audit WHERE action = 'connection_connected' AND user_id = 1"),
        1
    );
    let dump = app.dump();
    for secret in ["clio-access", "clio-refresh", "Firm", "Partners"] {
        assert!(!dump.contains(secret), "{secret}");
    }
}

/// A link opens once, and not after ten minutes.
#[test]
fn a_ticket_opens_once() {
    let app = App::new();
    app.browser().install();
    let ticket = || {
        let answer = app.signed("POST", "/oauth/clio/ticket", "{}", PORTAL, INSTALLER);
        body(&answer)["url"].as_str().unwrap().to_owned()
    };
    let url = ticket();
    assert_eq!(app.browser().get(&url).status, 303);
    assert_eq!(app.browser().get(&url).status, 401);
    let late = ticket();
    app.ports.set_now(NOON + 600_000);
    assert_eq!(app.browser().get(&late).status, 401);
    let forged = format!("/oauth/clio/start?ticket={}", "A".repeat(43));
    assert_eq!(app.browser().get(&forged).status, 401);
    assert_eq!(app.browser().get("/oauth/clio/start?ticket=x").status, 401);
}

/// Going on takes a click on our page: a link from elsewhere shows it, and no more.
#[test]
fn a_link_from_elsewhere_goes_no_further_than_the_page() {
    let app = App::new();
    let browser = app.browser();
    browser.install();
    for click in ["", "&click=", "&click=x"] {
        let page = browser.get(&format!("/oauth/clio/start?region=us{click}"));
        assert_eq!(page.status, 200, "{click}");
        assert_eq!(app.count("oauth_states"), 0);
    }
    assert_eq!(browser.get("/oauth/clio/start?region=moon").status, 400);
    assert_eq!(browser.get("/oauth/nothing/start").status, 404);
}

/// S0-85, S1-35: a state that is forged, expired, used, missing, doubled, of another browser or of another flow is refused,
/// and nothing is changed; the right browser still gets through afterwards.
#[test]
fn a_state_counts_once_in_time_and_in_its_browser() {
    let app = App::new();
    let browser = app.browser();
    browser.install();
    let state = browser.begin_connect("us");
    let stranger = app.browser();
    stranger.begin_install();
    let without_cookie = app.browser();
    let right = format!("/oauth/clio/callback?code=c&state={state}");
    let before = app.dump();
    for (who, target) in [
        (
            &browser,
            format!("/oauth/clio/callback?code=c&state={}", "A".repeat(43)),
        ),
        (&browser, "/oauth/clio/callback?code=c&state=x".to_owned()),
        (&browser, "/oauth/clio/callback?code=c".to_owned()),
        (&browser, format!("{right}&state={state}")),
        (
            &browser,
            format!("/oauth/hubspot/callback?code=c&state={state}"),
        ),
        (&stranger, right.clone()),
        (&without_cookie, right.clone()),
    ] {
        let page = who.get(&target);
        assert_eq!(page.status, 400, "{target}");
        assert!(page.body.contains("not valid any more"), "{target}");
        assert_eq!(app.dump(), before, "{target}");
    }
    assert_eq!(browser.get(&right).status, 200);
    assert_eq!(browser.get(&right).status, 400);
    assert_eq!(app.count("connections"), 1);

    let late = browser.begin_connect("us");
    app.ports.set_now(NOON + 600_000);
    let page = browser.get(&format!("/oauth/clio/callback?code=c&state={late}"));
    assert_eq!(page.status, 400);
}

/// Two windows do not undo each other.
#[test]
fn two_authorizations_at_once_both_end() {
    let app = App::new();
    let browser = app.browser();
    browser.install();
    let (first, second) = (browser.begin_connect("us"), browser.begin_connect("us"));
    for state in [first, second] {
        let page = browser.get(&format!("/oauth/clio/callback?code=c&state={state}"));
        assert_eq!(page.status, 200, "{}", page.body);
    }
    assert_eq!(app.count("connections"), 1);
}

/// S0-95: connecting again keeps the connection, its settings and its links, and makes it due at once.
#[test]
fn a_reconnect_keeps_what_was_there() {
    let app = App::new();
    let browser = app.browser();
    browser.install();
    browser.connect("us");
    let id = app.text("SELECT connection_id FROM connections");
    app.execute("UPDATE connections SET status = 'expired', status_reason = 'revoked', due_at = NULL, settings = '{\"objects\":{}}'");
    app.execute(&format!(
        "INSERT INTO links (connection_id, object, provider_id, state, synced_at) VALUES ('{id}', 'contacts', '1', 'active', 1)"
    ));
    assert_eq!(browser.connect("us").status, 200);
    assert_eq!(
        app.text(
            "SELECT connection_id FROM connections WHERE status = 'active' AND due_at IS NOT NULL"
        ),
        id
    );
    assert_eq!(app.count("links"), 1);
    assert_eq!(
        app.count("audit WHERE action = 'connection_reconnected'"),
        1
    );
}

/// S0-105, S3-06: what goes wrong at the provider is told in words, with a way to try again; nothing is stored.
#[test]
fn a_failure_at_the_provider_is_told() {
    let app = App::new();
    let browser = app.browser();
    browser.install();
    let state = browser.begin_connect("us");
    let page = browser.get(&format!(
        "/oauth/clio/callback?error=access_denied&state={state}"
    ));
    assert_eq!(page.status, 400);
    for text in [
        "Clio did not connect",
        "user name and password",
        "/oauth/clio/start",
        "0123456789abcdef",
    ] {
        assert!(page.body.contains(text), "{text}");
    }
    for (end, status, answer, expected) in [
        ("oauth/token", 200, "<html>", 503),
        ("oauth/token", 500, "", 503),
        ("oauth/token", 400, r#"{"error":"invalid_grant"}"#, 400),
        ("oauth/token", 401, r#"{"error":"invalid_client"}"#, 500),
        ("who_am_i.json", 500, "", 503),
        ("who_am_i.json", 200, "{}", 503),
    ] {
        *app.services.fault.borrow_mut() = Some((end, status, answer));
        let page = browser.connect("us");
        assert_eq!(
            page.status, expected,
            "{end} {status} {answer}: {}",
            page.body
        );
        assert!(page.body.contains("Start again"));
        assert_eq!(app.count("connections") + app.count("accounts"), 0);
        assert_eq!(app.count("credentials WHERE connection_id <> ''"), 0);
    }
}

/// A value that comes back in a callback is nowhere repeated as markup.
#[test]
fn nothing_is_reflected_unescaped() {
    let app = App::new();
    let browser = app.browser();
    browser.install();
    let evil = "%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E";
    for target in [
        format!("/oauth/clio/callback?error={evil}&state={evil}"),
        format!("/oauth/clio/start?region={evil}"),
        format!("/oauth/clio/start?ticket={evil}"),
        format!("/oauth/{evil}/start"),
        format!("/{evil}"),
        "/oauth/clio/callback?state=%FF".to_owned(),
    ] {
        let page = browser.get(&target);
        assert!(page.status >= 400, "{target}");
        assert!(!page.body.contains("alert(1)"), "{target}");
    }
    let state = browser.begin_connect("us");
    let page = browser.get(&format!("/oauth/clio/callback?error={evil}&state={state}"));
    assert!(!page.body.contains("alert(1)"));
}
