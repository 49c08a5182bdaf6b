//! What is connected, and how it ends.

use serde_json::Value;

use crate::support::*;

/// S0-11, S0-95, S0-101: who is connected, how it stands and what to do; for everyone of the portal.
#[test]
fn everyone_sees_what_is_connected() {
    let app = App::new();
    let browser = app.browser();
    browser.install();
    browser.connect("eu");
    let reply = body(&app.signed("GET", "/account", "", PORTAL, MEMBER));
    assert_eq!(
        (&reply["ok"], &reply["admin"]),
        (&Value::Bool(true), &Value::Bool(false))
    );
    let connection = &reply["connections"][0];
    assert_eq!(connection["account"], "Firm & <Partners>");
    assert_eq!(connection["status"], "active");
    assert_eq!(connection["advice"], Value::Null);
    assert_eq!(reply["available"], Value::Array(Vec::new()));

    app.execute("UPDATE connections SET status = 'expired', status_reason = 'token_expired'");
    let reply = body(&app.signed("GET", "/account", "", PORTAL, MEMBER));
    assert!(
        reply["connections"][0]["advice"]
            .as_str()
            .unwrap()
            .contains("reconnect")
    );
    let page = browser.get("/account");
    assert_eq!(page.status, 200);
    for text in [
        "Reconnect",
        "Firm &amp; &lt;Partners&gt;",
        "/account/disconnect",
        "/account/uninstall",
    ] {
        assert!(page.body.contains(text), "{text}");
    }
}

/// S1-45, S0-82: disconnecting deletes the credentials at once, then gives the token back.
#[test]
fn disconnecting_deletes_the_credentials() {
    let app = App::new();
    let browser = app.browser();
    browser.install();
    browser.connect("us");
    let id = app.text("SELECT connection_id FROM connections");
    let page = browser.post("/account/disconnect", &format!("connection={id}"));
    assert_eq!(page.status, 200, "{}", page.body);
    assert_eq!(app.count("credentials WHERE connection_id <> ''"), 0);
    assert_eq!(
        app.count("connections WHERE status = 'disconnected' AND due_at IS NULL"),
        1
    );
    assert_eq!(app.services.count("POST app.clio.com/oauth/deauthorize"), 1);
    assert_eq!(
        app.count("audit WHERE action = 'connection_disconnected'"),
        1
    );
    assert_eq!(app.count("credentials WHERE connection_id = ''"), 2);
}

/// A provider that is out of reach does not keep anyone from disconnecting.
#[test]
fn disconnecting_needs_no_provider() {
    let app = App::new();
    let browser = app.browser();
    browser.install();
    browser.connect("us");
    *app.services.fault.borrow_mut() = Some(("deauthorize", 500, ""));
    let id = app.text("SELECT connection_id FROM connections");
    let reply = app.signed(
        "POST",
        "/account/disconnect",
        &format!("{{\"connection\":\"{id}\"}}"),
        PORTAL,
        INSTALLER,
    );
    assert_eq!(body(&reply)["ok"], true);
    assert_eq!(app.count("credentials WHERE connection_id <> ''"), 0);
}

/// Uninstalling calls HubSpot first; all access is deleted and the deletion clock starts.
#[test]
fn uninstalling_starts_the_deletion_clock() {
    let app = App::new();
    let browser = app.browser();
    browser.install();
    browser.connect("us");
    *app.services.fault.borrow_mut() = Some(("external-install", 500, ""));
    assert_eq!(browser.post("/account/uninstall", "").status, 503);
    assert_eq!(app.count("portals WHERE status = 'active'"), 1);
    assert_eq!(app.count("credentials WHERE purpose = 'access_token'"), 2);

    *app.services.fault.borrow_mut() = None;
    let page = browser.post("/account/uninstall", "");
    assert_eq!(page.status, 200, "{}", page.body);
    assert_eq!(
        app.services
            .count("DELETE api.hubapi.com/appinstalls/2026-03/external-install"),
        4
    );
    assert_eq!(app.count("portals WHERE status = 'uninstalled'"), 1);
    assert_eq!(app.count("credentials"), 0);
    assert_eq!(app.count("sessions"), 0);
    let thirty_days = 2_592_000_000_i64;
    assert!(
        app.count(&format!(
            "installs WHERE erase_at - uninstalled_at = {thirty_days}"
        )) == 1
    );
    assert_eq!(
        app.count("audit WHERE action = 'app_uninstalled' AND user_id = 1"),
        1
    );
    assert_eq!(browser.get("/account").status, 401);
}

/// S1-39, S1-40: who neither installed nor is a super admin changes nothing, by no route; HubSpot is asked once in ten
/// minutes.
#[test]
fn only_admins_change_things() {
    let app = App::new();
    let browser = app.browser();
    browser.install();
    browser.connect("us");
    let id = app.text("SELECT connection_id FROM connections");
    let before = app.count("audit");
    for (path, form) in [
        ("/oauth/clio/ticket", "{}".to_owned()),
        (
            "/account/disconnect",
            format!("{{\"connection\":\"{id}\"}}"),
        ),
        ("/account/uninstall", "{}".to_owned()),
    ] {
        let answer = app.signed("POST", path, &form, PORTAL, MEMBER);
        let reply = body(&answer);
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(
            (&reply["ok"], &reply["code"]),
            (&Value::Bool(false), &"not_admin".into()),
            "{path}"
        );
    }
    assert_eq!(
        app.services
            .count("GET api.hubapi.com/settings/users/2026-03/2"),
        1
    );
    assert_eq!(app.count("audit"), before);
    assert_eq!(app.count("sessions WHERE kind = 'ticket'"), 0);
    assert_eq!(app.count("connections WHERE status = 'active'"), 1);
    let reply = body(&app.signed("POST", "/oauth/clio/ticket", "{}", PORTAL, SUPER_ADMIN));
    assert_eq!(reply["ok"], true, "{reply}");
}

/// Where HubSpot cannot be asked about a user, that is no yes.
#[test]
fn an_unknown_role_is_no_admin() {
    let app = App::new();
    app.browser().install();
    *app.services.fault.borrow_mut() = Some(("2026-03/3", 500, ""));
    let reply = body(&app.signed("POST", "/oauth/clio/ticket", "{}", PORTAL, SUPER_ADMIN));
    assert_eq!(
        (&reply["ok"], &reply["code"]),
        (&Value::Bool(false), &"try_again".into())
    );
    *app.services.fault.borrow_mut() = Some(("2026-03/3", 404, "{}"));
    let reply = body(&app.signed("POST", "/oauth/clio/ticket", "{}", PORTAL, SUPER_ADMIN));
    assert_eq!(reply["code"], "not_admin");
}

/// A portal's admin reaches nothing of another portal.
#[test]
fn portals_do_not_see_each_other() {
    let app = App::new();
    let browser = app.browser();
    browser.install();
    browser.connect("us");
    let id = app.text("SELECT connection_id FROM connections");
    app.services.portal.set(815);
    let other = app.browser();
    other.install();
    let page = other.get("/account");
    assert!(page.body.contains("815") && !page.body.contains(&id) && !page.body.contains("4711"));
    let refused = other.post("/account/disconnect", &format!("connection={id}"));
    assert_eq!(refused.status, 404);
    assert_eq!(app.count("connections WHERE status = 'active'"), 1);
}

/// S0-94: who did what when can be read by admins, and by nobody else.
#[test]
fn admins_see_who_did_what() {
    let app = App::new();
    let browser = app.browser();
    browser.install();
    browser.connect("us");
    let reply = body(&app.signed("GET", "/account/audit", "", PORTAL, SUPER_ADMIN));
    let actions: Vec<&str> = reply["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["action"].as_str().unwrap())
        .collect();
    assert_eq!(actions, ["connection_connected", "app_installed"]);
    assert_eq!(reply["entries"][0]["user"], INSTALLER);
    assert!(browser.get("/account/audit").body.contains("app_installed"));
    let refused = body(&app.signed("GET", "/account/audit", "", PORTAL, MEMBER));
    assert_eq!(refused["code"], "not_admin");
}

/// S0-45: inside HubSpot no file can be saved, so the settings lead an admin to our own page: by a link that opens once, in
/// a browser that is signed in by it, and that nobody else is given.
#[test]
fn the_settings_lead_to_the_account() {
    let app = App::new();
    let browser = app.browser();
    browser.install();
    let asked = |user| body(&app.signed("POST", "/account/ticket", "{}", PORTAL, user));
    assert_eq!(asked(MEMBER)["code"], "not_admin");
    let answer = browser.send("POST", "/account/ticket", &[("origin", BASE)], "");
    assert_eq!(answer.status, 403, "{}", answer.body);

    let reply = asked(INSTALLER);
    assert_eq!(reply["expires_in"], 600);
    let url = reply["url"].as_str().unwrap();
    assert!(
        url.starts_with("https://sync.example.com/account?ticket="),
        "{url}"
    );
    let other = app.browser();
    let opened = other.get(url);
    assert_eq!((opened.status, location(&opened)), (303, "/account"));
    let page = other.get("/account");
    assert_eq!(page.status, 200);
    assert!(
        page.body.contains("/account/export?format=csv"),
        "{}",
        page.body
    );
    let again = app.browser().get(url);
    assert_eq!(again.status, 401, "{}", again.body);
}
