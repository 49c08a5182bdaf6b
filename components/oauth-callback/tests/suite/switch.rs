//! Another account signs in on reconnect: the person is asked.

use crate::support::*;

/// Connected with one account, then signed in with another.
fn asked(app: &App) -> Browser<'_> {
    let browser = app.browser();
    browser.install();
    browser.connect("us");
    let id = app.text("SELECT connection_id FROM connections");
    app.execute(&format!(
        "INSERT INTO links (connection_id, object, provider_id, state, synced_at) VALUES ('{id}', 'contacts', '1', 'active', 1)"
    ));
    *app.services.clio_account.borrow_mut() = (88, "Other Firm");
    let page = browser.connect("us");
    assert_eq!(page.status, 409);
    for text in [
        "Firm &amp; &lt;Partners&gt;",
        "Other Firm",
        "/oauth/clio/account",
    ] {
        assert!(page.body.contains(text), "{text}");
    }
    assert_eq!(
        app.count("accounts WHERE account_id = '77' AND pending_id = '88'"),
        1
    );
    assert_eq!(app.count("connections WHERE status = 'active'"), 1);
    let dump = app.dump();
    assert!(!dump.contains("Other Firm") && !dump.contains("clio-access"));
    browser
}

/// S0-105: a wrong account is noticed; keeping the old one changes nothing and gives the other's token back.
#[test]
fn the_old_account_can_stay() {
    let app = App::new();
    let browser = asked(&app);
    assert_eq!(
        browser.post("/oauth/clio/account", "answer=keep").status,
        200
    );
    assert_eq!(
        app.count("accounts WHERE account_id = '77' AND pending_id IS NULL"),
        1
    );
    assert_eq!(app.count("credentials WHERE purpose LIKE 'pending%'"), 0);
    assert_eq!(app.count("links"), 1);
    assert_eq!(app.services.count("POST app.clio.com/oauth/deauthorize"), 1);
    assert_eq!(
        browser.post("/oauth/clio/account", "answer=switch").status,
        409
    );
}

/// Switching forgets what was matched with the old account, keeps connection and settings, and begins at once.
#[test]
fn the_other_account_can_take_its_place() {
    let app = App::new();
    let browser = asked(&app);
    let id = app.text("SELECT connection_id FROM connections");
    app.execute("UPDATE connections SET lease_epoch = 5, lease_until = 9999999999999");
    let page = browser.post("/oauth/clio/account", "answer=switch");
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(page.body.contains("Other Firm"));
    assert_eq!(
        app.count("accounts WHERE account_id = '88' AND pending_id IS NULL"),
        1
    );
    assert_eq!(app.count("credentials WHERE purpose LIKE 'pending%'"), 0);
    assert_eq!(app.count("links"), 0);
    assert_eq!(
        app.text("SELECT connection_id FROM connections WHERE status = 'active' AND lease_epoch > 5 AND lease_until = 0"),
        id
    );
    assert_eq!(
        app.count("audit WHERE action = 'connection_account_switched'"),
        1
    );
}

/// The question is the asked person's, on our page, for ten minutes.
#[test]
fn only_who_was_asked_answers() {
    let app = App::new();
    let browser = asked(&app);
    let foreign = [("origin", "https://evil.example")];
    let form = "answer=switch";
    assert_eq!(
        browser
            .send("POST", "/oauth/clio/account", &foreign, form)
            .status,
        403
    );
    assert_eq!(
        browser
            .send("POST", "/oauth/clio/account", &[], form)
            .status,
        403
    );
    assert_eq!(app.browser().post("/oauth/clio/account", form).status, 401);
    assert_eq!(
        browser.post("/oauth/clio/account", "answer=both").status,
        400
    );
    let url = body(&app.signed("POST", "/oauth/clio/ticket", "{}", PORTAL, SUPER_ADMIN))["url"]
        .as_str()
        .unwrap()
        .to_owned();
    let other = app.browser();
    other.get(&url);
    other.get("/account");
    assert_eq!(other.post("/oauth/clio/account", form).status, 409);
    app.ports.set_now(NOON + 600_000);
    assert_eq!(browser.post("/oauth/clio/account", form).status, 409);
    assert_eq!(app.count("accounts WHERE account_id = '77'"), 1);
    assert_eq!(app.count("links"), 1);
}

/// Another region is another account, even under the same id.
#[test]
fn another_region_is_another_account() {
    let app = App::new();
    let browser = app.browser();
    browser.install();
    browser.connect("us");
    assert_eq!(browser.connect("eu").status, 409);
    browser.post("/oauth/clio/account", "answer=switch");
    assert_eq!(
        app.count("connections WHERE region = 'eu' AND status = 'active'"),
        1
    );
}

/// Every table that belongs to a connection is either forgotten on a switch, or kept for a reason.
#[test]
fn every_table_of_a_connection_is_thought_of() {
    let app = App::new();
    app.browser().get("/account");
    let forgotten = [
        "links",
        "claims",
        "claimants",
        "candidates",
        "relations",
        "associations",
        "released",
        "missing",
        "brakes",
        "passed_over",
        "companion_choices",
        "list_members",
        "provider_webhooks",
        "suspects",
        "turns",
        "pauses",
        "intents",
        "begun_writes",
        "streams",
    ];
    // Settings and leases; who is connected; sealed, and replaced; what happened.
    let kept = [
        "connections",
        "accounts",
        "credentials",
        "token_leases",
        "runs",
        "audit",
    ];
    let tables = "SELECT group_concat (name) FROM (SELECT DISTINCT m.name FROM sqlite_master m \
                  JOIN pragma_table_info (m.name) c WHERE m.type = 'table' AND c.name = 'connection_id' ORDER BY 1)";
    let mut known: Vec<&str> = forgotten.iter().chain(&kept).copied().collect();
    known.sort_unstable();
    assert_eq!(app.text(tables).split(',').collect::<Vec<_>>(), known);
}
