//! Revoked, misconfigured and out of reach are three things: only the first disconnects anybody.

use futures_executor::block_on;
use sync300_kit::engine::Part;
use sync300_kit::error::Class;
use sync300_kit::ports::SqlValue;
use sync300_kit::store::Store;

use crate::support::*;

const DAY: i64 = 24 * 60 * MINUTE;

fn status(ports: &sync300_native_ports::NativePorts) -> (String, String) {
    (
        text(ports, "SELECT status FROM portals"),
        text(ports, "SELECT status FROM connections"),
    )
}

/// S1-46: HubSpot says that the app is gone: the portal's sync stops, and everything about it goes in 30 days.
#[test]
fn a_portal_that_uninstalled_is_marked_so() {
    let (ports, script) = ports();
    install(&ports, "clio");
    store(&ports, "", &tokens("t", Some("r"), Some(0)));
    script.answer(400, REVOKED);
    let error = hubspot(&ports).unwrap_err();
    assert_eq!((error.class(), error.code()), (Class::Revoked, "revoked"));
    assert_eq!(
        status(&ports),
        ("uninstalled".to_owned(), "active".to_owned())
    );
    assert_eq!(
        value(&ports, "SELECT erase_at FROM installs"),
        SqlValue::Integer(NOON + 30 * DAY)
    );
    assert!(
        block_on(Store::new(&ports).lease_due(Part::ToHubspot))
            .unwrap()
            .is_none(),
        "its sync has stopped"
    );
    assert_eq!(
        text(&ports, "SELECT action || ' ' || detail FROM audit"),
        "app_uninstalled token_revoked"
    );
    assert!(hubspot(&ports).is_err());
    assert_eq!(script.calls(), 1, "no call is made any more");
}

/// S0-95, S0-101: the provider took the account back: the connection is expired and waits for a person.
#[test]
fn an_account_that_was_taken_back_is_expired() {
    for (status_code, body) in [
        (401, r#"{"error":"invalid_token","error_description":"x"}"#),
        (400, r#"{"error":"invalid_grant"}"#),
        (400, r#"{"error":"access_denied"}"#),
    ] {
        let (ports, script) = ports();
        install(&ports, "clio");
        store(&ports, CONNECTION, &tokens("t", Some("r"), Some(0)));
        script.answer(status_code, body);
        assert_eq!(clio(&ports).unwrap_err().class(), Class::Revoked, "{body}");
        assert_eq!(status(&ports), ("active".to_owned(), "expired".to_owned()));
        assert_eq!(
            text(&ports, "SELECT status_reason FROM connections"),
            "provider_revoked"
        );
        assert_eq!(
            value(&ports, "SELECT due_at FROM connections"),
            SqlValue::Null
        );
    }
}

/// Our own misconfiguration concerns every portal alike, and disconnects none.
#[test]
fn a_wrong_configuration_disconnects_nobody() {
    for (status_code, body) in [
        (
            400,
            r#"{"status":"BAD_CLIENT_ID","error":"invalid_client"}"#,
        ),
        (400, r#"{"status":"BAD_CLIENT_SECRET"}"#),
        (401, r#"{"error":"invalid_client"}"#),
        (400, r#"{"status":"BAD_REDIRECT_URI"}"#),
        (403, r#"{"message":"blocked"}"#),
        (404, "{}"),
    ] {
        let (ports, script) = ports();
        install(&ports, "clio");
        store(&ports, "", &tokens("t", Some("r"), Some(0)));
        script.answer(status_code, body);
        let error = hubspot(&ports).unwrap_err();
        assert_eq!(
            (error.class(), error.code()),
            (Class::Fatal, "misconfigured"),
            "{body}"
        );
        assert_eq!(status(&ports), ("active".to_owned(), "active".to_owned()));
        script.answer(200, GOOD);
        assert_eq!(
            hubspot(&ports).unwrap(),
            "new-access",
            "put right, it goes on"
        );
    }
}

/// A token endpoint that answers HTML, fails or does not answer at all is tried again, and disconnects nobody.
#[test]
fn an_outage_is_waited_for() {
    type Answer = fn(&Script);
    let outages: [(&str, Answer); 6] = [
        ("html", |script| {
            script.answer(200, "<html>Sign in to the network</html>")
        }),
        ("html 400", |script| {
            (0..3).for_each(|_| script.answer(400, "<html>"))
        }),
        ("500", |script| {
            (0..3).for_each(|_| script.answer(500, REVOKED))
        }),
        ("no tokens", |script| {
            script.answer(200, r#"{"status":"ok"}"#)
        }),
        ("cut off", |script| {
            script.answer(200, r#"{"access_token":"new"#)
        }),
        ("timeout", |script| (0..3).for_each(|_| script.fail())),
    ];
    for (name, outage) in outages {
        let (ports, script) = ports();
        install(&ports, "clio");
        store(&ports, "", &tokens("t", Some("r"), Some(0)));
        outage(&script);
        assert_eq!(
            hubspot(&ports).unwrap_err().class(),
            Class::Transient,
            "{name}"
        );
        assert_eq!(status(&ports), ("active".to_owned(), "active".to_owned()));
        let calls = script.calls();
        let busy = hubspot(&ports).unwrap_err();
        assert_eq!(
            (busy.code(), script.calls()),
            ("token_busy", calls),
            "{name}: a pause first"
        );
        ports.set_now(NOON + 10 * MINUTE);
        script.answer(200, GOOD);
        assert_eq!(hubspot(&ports).unwrap(), "new-access", "{name}");
    }
}

/// S0-86: renewing early leaves time: while it fails for any reason but a revocation, the token held serves.
#[test]
fn a_good_token_outlives_an_outage() {
    let (ports, script) = ports();
    install(&ports, "clio");
    store(&ports, "", &tokens("good", Some("r"), Some(30 * MINUTE)));
    ports.set_now(NOON + 27 * MINUTE);
    (0..3).for_each(|_| script.answer(502, "<html>"));
    assert_eq!(hubspot(&ports).unwrap(), "good");
    assert_eq!(
        hubspot(&ports).unwrap(),
        "good",
        "in the pause, without a call"
    );
    assert_eq!(script.calls(), 3);
    ports.set_now(NOON + 28 * MINUTE);
    script.answer(400, r#"{"status":"BAD_CLIENT_SECRET"}"#);
    assert_eq!(hubspot(&ports).unwrap(), "good");
    script.answer(400, REVOKED);
    assert_eq!(hubspot(&ports).unwrap_err().class(), Class::Revoked);
}

/// A failure that lasts is asked about less and less often, and a success ends that.
#[test]
fn pauses_grow_and_end() {
    let (ports, script) = ports();
    install(&ports, "clio");
    store(&ports, "", &tokens("t", Some("r"), Some(0)));
    let mut now = NOON;
    for doublings in [0, 1, 2, 3, 4, 4] {
        script.answer(200, "<html>");
        assert_eq!(hubspot(&ports).unwrap_err().code(), "malformed_answer");
        let until = now + (5_000 << doublings);
        assert_eq!(
            value(&ports, "SELECT lease_until FROM token_leases"),
            SqlValue::Integer(until)
        );
        now = until;
        ports.set_now(now);
    }
    script.answer(200, GOOD);
    hubspot(&ports).unwrap();
    assert_eq!(
        value(&ports, "SELECT failures FROM token_leases"),
        SqlValue::Integer(0)
    );
}

/// An install or a reconnect while an old token is refused: the new sign-in is not undone.
#[test]
fn a_revocation_of_an_earlier_sign_in_undoes_no_newer_one() {
    let (ports, _) = ports();
    install(&ports, "clio");
    let now = Store::new(&ports);
    for connection in ["", CONNECTION] {
        store(&ports, connection, &tokens("old", Some("r"), Some(0)));
        let seen = block_on(now.tokens(PORTAL, connection))
            .unwrap()
            .unwrap()
            .version;
        store(&ports, connection, &tokens("new", Some("r"), None));
        match connection {
            "" => assert!(!block_on(now.uninstall_portal(PORTAL, Some((seen, "x")))).unwrap()),
            _ => block_on(now.expire_revoked(PORTAL, connection, seen)).unwrap(),
        }
    }
    assert_eq!(status(&ports), ("active".to_owned(), "active".to_owned()));
    assert_eq!(
        (hubspot(&ports).unwrap(), clio(&ports).unwrap()),
        ("new".to_owned(), "new".to_owned())
    );
}

/// A deployment without our app's credentials refuses, and changes nothing.
#[test]
fn a_missing_app_is_a_refusal() {
    let ports = sync300_native_ports::NativePorts::in_memory()
        .unwrap()
        .with_variable("hubspot_api_url", "https://api.hubapi.com")
        .with_variable("hubspot_client_id", "our-app");
    ports.set_now(NOON);
    install(&ports, "clio");
    store(&ports, "", &tokens("t", Some("r"), Some(0)));
    let error = hubspot(&ports).unwrap_err();
    assert_eq!(
        (error.class(), error.code()),
        (Class::Fatal, "configuration")
    );
    assert_eq!(status(&ports), ("active".to_owned(), "active".to_owned()));
}
