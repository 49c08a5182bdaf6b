//! Who may call at all.

use sync300_kit::secret::Secret;
use sync300_kit::signature::{Signed, sign_v3};

use crate::support::*;

/// Every route that needs a caller, with its method.
const GUARDED: [(&str, &str); 10] = [
    ("POST", "/oauth/clio/ticket"),
    ("GET", "/oauth/clio/start"),
    ("GET", "/oauth/clio/start?region=us"),
    ("POST", "/oauth/clio/account"),
    ("GET", "/account"),
    ("POST", "/account/ticket"),
    ("GET", "/account/audit"),
    ("POST", "/account/disconnect"),
    ("POST", "/account/uninstall"),
    ("POST", "/account/disconnect?portalId=4711&userId=1"),
];

/// S0-87, S1-36, S1-41: without a signature or a session nobody is let in, on any route; what the query says counts for
/// nothing.
#[test]
fn nobody_is_let_in_unknown() {
    let app = App::new();
    app.browser().install();
    let before = app.dump();
    for (method, target) in GUARDED {
        let json = [("content-type", "application/json")];
        let answer = app.call(&request(method, target, &json, "{}"));
        assert_eq!(answer.status, 401, "{method} {target}: {}", answer.body);
        let stranger = app.browser();
        stranger
            .cookies
            .borrow_mut()
            .insert("__Host-sync300-session".to_owned(), "A".repeat(43));
        let origin = [("origin", BASE)];
        let headers = if method == "POST" { &origin[..] } else { &[] };
        assert_eq!(
            stranger.send(method, target, headers, "").status,
            401,
            "{method} {target}"
        );
    }
    assert_eq!(app.dump(), before);
}

/// S0-87: a signature over another request, another time, by another secret, or doubled is refused with a 401, and changes
/// nothing.
#[test]
fn a_signature_is_over_this_very_request() {
    let app = App::new();
    app.browser().install();
    let target = "/oauth/clio/ticket?portalId=4711&userId=1&userEmail=a%40b.example";
    let right = || signed_request("POST", target, "{}", NOON);
    assert_eq!(body(&app.call(&right()))["ok"], true);
    let tickets = app.count("sessions WHERE kind = 'ticket'");

    let mut forged = Vec::new();
    forged.push((
        "stale",
        signed_request("POST", target, "{}", NOON - 300_001),
    ));
    forged.push((
        "future",
        signed_request("POST", target, "{}", NOON + 300_001),
    ));
    let mut request = right();
    request.target = target.replace("4711", "815");
    forged.push(("other portal", request));
    let mut request = right();
    request.target = "/account/uninstall?portalId=4711&userId=1&userEmail=a%40b.example".to_owned();
    forged.push(("other route", request));
    let mut request = right();
    request.body = b"{ }".to_vec();
    forged.push(("other body", request));
    let mut request = right();
    let doubled = request.headers[1].clone();
    request.headers.push(doubled);
    forged.push(("doubled", request));
    let mut request = right();
    request.headers[2].1 = b"now".to_vec();
    forged.push(("no number", request));
    let mut request = right();
    request.headers.pop();
    forged.push(("no time", request));
    let mut request = right();
    request.headers[1].1 = b"AAAA".to_vec();
    forged.push(("malformed", request));
    for (what, request) in forged {
        let answer = app.call(&request);
        assert_eq!(answer.status, 401, "{what}: {}", answer.body);
        assert!(body(&answer)["error"]["request_id"].is_string());
    }
    assert_eq!(app.count("sessions WHERE kind = 'ticket'"), tickets);
}

/// Identity is what HubSpot signed, once: a card that puts a portal of its own into the address gets nobody's data.
#[test]
fn two_portals_in_one_request_are_none() {
    let app = App::new();
    app.browser().install();
    for query in [
        "portalId=815&portalId=4711&userId=1",
        "portalId=4711&userId=1&userId=2",
        "portalId=4711",
        "userId=1",
        "portalId=4711x&userId=1",
        "portalId=-4711&userId=1",
        "portalId=99999999999999999999&userId=1",
    ] {
        let answer = app.call(&signed_request(
            "GET",
            &format!("/account?{query}"),
            "",
            NOON,
        ));
        assert_eq!(answer.status, 401, "{query}");
    }
}

/// S0-87: a portal that never installed, or uninstalled, is not served, however well it is signed; and it is told so in the
/// one form that HubSpot's proxy passes on.
#[test]
fn a_portal_without_the_app_is_refused() {
    let app = App::new();
    app.browser().install();
    let refused = |method: &str, target: &str, portal: i64| {
        let answer = app.signed(method, target, "", portal, 1);
        assert_eq!(answer.status, 200, "{target}: {}", answer.body);
        let answer = body(&answer);
        assert_eq!(answer["ok"], false, "{target}: {answer}");
        assert_eq!(answer["code"], "portal_unknown", "{target}");
    };
    refused("GET", "/account", 815);
    app.execute("UPDATE portals SET status = 'uninstalled'");
    for (method, target) in [
        ("GET", "/account"),
        ("GET", "/account/audit"),
        ("POST", "/account/ticket"),
        ("POST", "/account/uninstall"),
        ("POST", "/oauth/clio/ticket"),
    ] {
        refused(method, target, PORTAL);
    }
    app.execute("UPDATE portals SET status = 'restricted'");
    assert_eq!(
        body(&app.signed("GET", "/account", "", PORTAL, 1))["restricted"],
        true
    );
}

/// DX-12: verification cannot be switched off; without a secret every signed call is refused.
#[test]
fn without_a_secret_nobody_is_believed() {
    let app = App::with(&[("hubspot_client_secret", "")]);
    let answer = app.signed("GET", "/account", "", PORTAL, 1);
    assert_eq!(answer.status, 503);
}

/// While HubSpot's client secret is being replaced, both count.
#[test]
fn the_previous_secret_counts_while_it_is_configured() {
    let rotating = [
        ("hubspot_client_secret", "new"),
        ("hubspot_client_secret_previous", CLIENT_SECRET),
    ];
    let app = App::with(&rotating);
    app.browser().install();
    assert_eq!(
        body(&app.signed("GET", "/account", "", PORTAL, 1))["ok"],
        true
    );
}

/// Forms by cookie come from our own pages alone.
#[test]
fn a_form_from_elsewhere_changes_nothing() {
    let app = App::new();
    let browser = app.browser();
    browser.install();
    for headers in [
        &[][..],
        &[("origin", "https://evil.example")][..],
        &[("origin", "null")][..],
        &[("origin", "http://sync.example.com")][..],
        &[("origin", BASE), ("origin", BASE)][..],
    ] {
        let answer = browser.send("POST", "/account/uninstall", headers, "");
        assert_eq!(answer.status, 403, "{headers:?}");
    }
    assert_eq!(app.count("portals WHERE status = 'active'"), 1);
}

/// A session ends after an hour.
#[test]
fn a_session_ends() {
    let app = App::new();
    let browser = app.browser();
    browser.install();
    assert_eq!(browser.get("/account").status, 200);
    app.ports.set_now(NOON + 3_600_000);
    for target in ["/account", "/oauth/clio/start"] {
        let page = browser.get(target);
        assert_eq!(page.status, 401);
        assert!(page.body.contains("Sign in through HubSpot"), "{target}");
    }
}

/// Wrong methods, types and bodies have their own answers, and change nothing.
#[test]
fn what_is_not_understood_is_refused() {
    let app = App::new();
    let browser = app.browser();
    browser.install();
    for (method, target, status) in [
        ("POST", "/oauth/hubspot/start", 405),
        ("GET", "/oauth/clio/ticket", 405),
        ("DELETE", "/account", 405),
        ("PUT", "/account/uninstall", 405),
        ("GET", "/account/uninstall", 405),
        ("GET", "/", 404),
        ("GET", "//account", 404),
        ("GET", "/account/", 404),
        ("GET", "/account/../account", 404),
        ("GET", "/Account", 404),
    ] {
        let answer = browser.send(method, target, &[("origin", BASE)], "");
        assert_eq!(answer.status, status, "{method} {target}");
    }
    let target = "/account/disconnect?portalId=4711&userId=1";
    let mut request = signed_request("POST", target, "connection=1", NOON);
    request.headers[0].1 = b"text/plain".to_vec();
    assert_eq!(body(&app.call(&request))["code"], "unsupported_media_type");
    let request = signed_request("POST", target, "[1", NOON);
    assert_eq!(body(&app.call(&request))["code"], "bad_json");
}

/// A body that is not UTF-8, however well it is signed.
#[test]
fn a_body_that_is_not_utf_8_is_refused() {
    let app = App::new();
    app.browser().install();
    let target = "/account/disconnect?portalId=4711&userId=1";
    let at = NOON.to_string();
    let over = Signed {
        method: "POST",
        uri: &format!("{BASE}{target}"),
        body: b"{\"connection\":\"\xff\"}",
    };
    let signature = sign_v3(&Secret::new(CLIENT_SECRET), over, &at).unwrap();
    let mut request = signed_request("POST", target, "", NOON);
    request.body = over.body.to_vec();
    request.headers[1].1 = signature.into_bytes();
    assert_eq!(body(&app.call(&request))["code"], "not_utf8");
}
