//! HubSpot's journal of the app's own life.

use futures_executor::block_on;
use sync300_kit::lifecycle::{self, Read};
use sync300_native_ports::NativePorts;

use crate::support::*;

const TOKEN: &str =
    r#"{"access_token":"app-token","expires_in":1800,"token_use":"client_credentials"}"#;
const SUBSCRIBED: &str =
    r#"{"results":[{"id":1,"subscriptionType":"APP_LIFECYCLE_EVENT","eventTypeId":"4-1916193"}]}"#;

fn read(ports: &NativePorts) -> Result<Read, sync300_kit::Error> {
    block_on(lifecycle::read(ports, NOON + 1_000_000 * MINUTE))
}

fn pointer(offset: &str) -> String {
    format!(
        r#"{{"url":"https://files.example.com/{offset}?signature=x","expiresAt":"2027-01-15T08:15:00Z","currentOffset":"{offset}"}}"#
    )
}

fn file(portal: i64, at: &str) -> String {
    format!(
        r#"{{"offset":"x","publishedAt":1,"journalEvents":[
            {{"type":"APP_LIFECYCLE_EVENT","eventTypeId":"4-1909196","portalId":{portal},"occurredAt":{at}}},
            {{"type":"APP_LIFECYCLE_EVENT","action":"APP_UNINSTALL","portalId":{portal},"occurredAt":{at}}}]}}"#
    )
}

fn status(ports: &NativePorts) -> String {
    text(ports, "SELECT status FROM portals")
}

/// S1-46: an uninstall stands in the journal: the portal's sync stops and its deletion clock starts; the next reading goes
/// on behind it.
#[test]
fn an_uninstall_in_the_journal_marks_the_portal() {
    let (ports, script) = ports();
    install(&ports, "clio");
    store(&ports, "", &tokens("t", Some("r"), None));
    script.answer(200, TOKEN);
    script.answer(200, r#"{"results":[]}"#);
    script.answer(200, r#"{"id":1,"eventTypeId":"4-1916193"}"#);
    script.answer(200, &pointer("a-1"));
    script.answer(200, &file(PORTAL, &(NOON + 1).to_string()));
    script.answer(204, "");
    let done = read(&ports).unwrap();
    assert_eq!((done.files, done.uninstalled, done.complete), (1, 1, true));
    assert_eq!(status(&ports), "uninstalled");
    assert_eq!(
        text(&ports, "SELECT action || ' ' || detail FROM audit"),
        "app_uninstalled journal"
    );
    assert!(script.shown(0).contains("grant_type=client_credentials"));
    assert!(
        script
            .shown(2)
            .starts_with("POST https://api.hubapi.com/webhooks-journal/subscriptions/2026-03\n")
    );
    assert!(script.shown(2).contains(r#""eventTypeId":"4-1916193""#));
    assert!(
        script
            .shown(3)
            .starts_with("GET https://api.hubapi.com/webhooks-journal/journal/2026-03/earliest\n")
    );
    assert!(
        !script.shown(4).contains("app-token"),
        "a file's host gets no token"
    );
    assert!(script.shown(5).starts_with(
        "GET https://api.hubapi.com/webhooks-journal/journal/2026-03/offset/a-1/next\n"
    ));

    script.answer(200, TOKEN);
    script.answer(200, SUBSCRIBED);
    script.answer(404, r#"{"status":"error","category":"OBJECT_NOT_FOUND"}"#);
    assert!(read(&ports).unwrap().complete);
    script.answer(200, TOKEN);
    script.answer(200, SUBSCRIBED);
    script.answer(204, "");
    read(&ports).unwrap();
    assert!(
        script.shown(11).contains("/earliest"),
        "an offset that is gone is forgotten"
    );
}

/// An event from before the newest sign-in is history: the portal has installed the app again since.
#[test]
fn a_portal_that_came_back_is_left_alone() {
    for at in [
        (NOON - 1).to_string(),
        "\"2027-01-15T07:59:59Z\"".to_owned(),
    ] {
        let (ports, script) = ports();
        install(&ports, "clio");
        store(&ports, "", &tokens("t", Some("r"), None));
        for answer in [TOKEN, SUBSCRIBED, &pointer("a"), &file(PORTAL, &at)] {
            script.answer(200, answer);
        }
        script.answer(204, "");
        assert_eq!(read(&ports).unwrap().uninstalled, 0, "{at}");
        assert_eq!(status(&ports), "active");
    }
    let (ports, script) = ports();
    install(&ports, "clio");
    store(&ports, "", &tokens("t", Some("r"), None));
    for answer in [
        TOKEN,
        SUBSCRIBED,
        &pointer("a"),
        &file(PORTAL, "\"2027-01-15T08:00:01.000Z\""),
    ] {
        script.answer(200, answer);
    }
    script.answer(204, "");
    assert_eq!(read(&ports).unwrap().uninstalled, 1, "after it, as a text");
}

/// Portals that are not ours, events without a time, and files that are none change nothing.
#[test]
fn odd_files_change_nothing() {
    for body in [
        file(1, &(NOON + 1).to_string()),
        format!(r#"{{"journalEvents":[{{"action":"APP_UNINSTALL","portalId":{PORTAL}}}]}}"#),
        format!(
            r#"{{"journalEvents":[{{"action":"APP_UNINSTALL","portalId":{PORTAL},"occurredAt":"soon"}}]}}"#
        ),
        "{}".to_owned(),
    ] {
        let (ports, script) = ports();
        install(&ports, "clio");
        store(&ports, "", &tokens("t", Some("r"), None));
        for answer in [TOKEN, SUBSCRIBED, &pointer("a"), &body] {
            script.answer(200, answer);
        }
        script.answer(204, "");
        assert_eq!(read(&ports).unwrap().uninstalled, 0, "{body}");
        assert_eq!(status(&ports), "active");
    }
    for (status_code, body) in [(200, "<html>"), (403, "")] {
        let (ports, script) = ports();
        install(&ports, "clio");
        for answer in [TOKEN, SUBSCRIBED, &pointer("a")] {
            script.answer(200, answer);
        }
        script.answer(status_code, body);
        assert!(read(&ports).is_err());
    }
}
