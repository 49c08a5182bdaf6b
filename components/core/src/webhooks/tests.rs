use super::*;

const BASE: &str = "https://app.clio.com";

fn asked(wish: &Wish) -> Request {
    request_for("clio", BASE, wish).unwrap()
}

/// Everything that is sent, as it is sent.
#[test]
fn asks_in_the_providers_words() {
    let wishes = [
        Wish::Create(NewWebhook {
            model: "contact".to_owned(),
            address: "https://sync.example.com/provider/webhooks/token".to_owned(),
            expires_at: 1_800_000_000_999,
        }),
        Wish::Read("77".to_owned()),
        Wish::ReadSecret("77".to_owned()),
        Wish::List,
        Wish::Renew(Renewal {
            id: "77".to_owned(),
            expires_at: 1_802_592_000_000,
        }),
        Wish::Activate(Activation {
            id: "77".to_owned(),
            secret: "a-secret".to_owned(),
        }),
        Wish::Delete("77".to_owned()),
    ];
    let mut shown = String::new();
    for wish in &wishes {
        let request = asked(wish);
        shown += &format!("{} {}\n", request.method, request.url);
        for (name, value) in &request.headers {
            shown += &format!("{name}: {value}\n");
        }
        shown += &format!("{}\n\n", String::from_utf8_lossy(&request.body));
    }
    insta::assert_snapshot!(shown);
}

/// The secret is asked for only where it is needed.
#[test]
fn a_webhook_is_read_without_its_secret() {
    assert!(!asked(&Wish::Read("7".to_owned())).url.contains("secret"));
    assert!(!asked(&Wish::List).url.contains("secret"));
}

#[test]
fn what_cannot_be_sent_is_refused() {
    let refused = |wish: Wish| request_for("clio", BASE, &wish).unwrap_err();
    for id in ["", "7/../contacts", "7?x=1"] {
        assert!(refused(Wish::Delete(id.to_owned())).contains("id"), "{id}");
    }
    for secret in ["", "two\r\nlines", "a b"] {
        let activation = Activation {
            id: "7".to_owned(),
            secret: secret.to_owned(),
        };
        let error = refused(Wish::Activate(activation));
        assert_eq!(error, "the secret cannot stand in a header");
    }
    let bill = NewWebhook {
        model: "bill".to_owned(),
        address: BASE.to_owned(),
        expires_at: 0,
    };
    assert!(refused(Wish::Create(bill)).contains("bill"));
    assert!(request_for("clio", "https://app.clio.com/x", &Wish::List).is_err());
    assert!(request_for("test_api_key", BASE, &Wish::List).is_err());
    assert_eq!(describe("test_api_key"), Ok(None));
}

#[test]
fn reads_one_webhook_and_many() {
    let one = br#"{"data":{"id":77,"url":"https://a.example/b","status":"enabled","expires_at":"2027-01-15T08:00:00Z","shared_secret":"s"}}"#;
    let read = read_webhooks("clio", one);
    assert_eq!(
        read,
        [Webhook {
            id: "77".to_owned(),
            address: Some("https://a.example/b".to_owned()),
            status: Status::Active,
            expires_at: Some(1_800_000_000_000),
            secret: Some("s".to_owned()),
        }]
    );
    let many = br#"{"data":[{"id":1,"status":"pending"},{"id":2,"status":"suspended"},{"status":"enabled"}],"meta":{}}"#;
    let states: Vec<Status> = read_webhooks("clio", many)
        .iter()
        .map(|webhook| webhook.status)
        .collect();
    assert_eq!(states, [Status::Pending, Status::Ended]);
    assert!(read_webhooks("clio", b"<html>").is_empty());
}

/// An event tells which record, and nothing of what it holds.
#[test]
fn an_event_is_an_id_and_what_happened() {
    let event = |name: &str| {
        let body = format!(
            r#"{{"data":{{"id":12,"etag":"\"e\"","name":"Ada Byron"}},"meta":{{"event":"{name}","webhook_id":77}}}}"#
        );
        read_event("clio", body.as_bytes())
    };
    let changed = event("updated").unwrap();
    assert_eq!(
        changed,
        Event {
            kind: EventKind::Changed,
            id: "12".to_owned(),
            webhook: Some("77".to_owned()),
        }
    );
    assert_eq!(event("created").unwrap().kind, EventKind::Changed);
    assert_eq!(event("deleted").unwrap().kind, EventKind::Deleted);
    assert_eq!(event("matter_closed"), None);
    assert_eq!(read_event("clio", br#"{"meta":{"event":"updated"}}"#), None);
    assert_eq!(read_event("clio", b"not json"), None);
}

#[test]
fn a_handshake_may_name_its_webhook() {
    for body in [
        r#"{"webhook_id":77}"#,
        r#"{"data":{"webhook_id":"77"}}"#,
        r#"{"data":{"id":77}}"#,
        r#"{"meta":{"webhook_id":77}}"#,
    ] {
        let id = read_handshake("clio", body.as_bytes());
        assert_eq!(id.as_deref(), Some("77"), "{body}");
    }
    assert_eq!(read_handshake("clio", b""), None);
    assert_eq!(read_handshake("clio", b"{}"), None);
}
