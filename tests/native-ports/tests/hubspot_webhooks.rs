//! HubSpot's webhooks: every event that can be read counts, whatever stands beside it; what is erased for privacy is erased.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where something is not as it must be"
)]

use serde_json::{Value, json};
use sync300_kit::settings::{Direction, ObjectSettings, Settings};
use sync300_kit::webhooks;
use sync300_native_ports::firm::{Firm, PORTAL, at_once};

/// Contacts go both ways.
fn firm() -> Firm {
    let mut settings = Settings::default();
    let both = ObjectSettings {
        direction: Direction::Both,
        ..ObjectSettings::default()
    };
    settings.objects.insert("contacts".to_owned(), both);
    let firm = Firm::with(&settings).unwrap();
    firm.person("Ada", "Byron", "ada@example.org").unwrap();
    firm.sync().unwrap();
    firm
}

fn deliver(firm: &Firm, events: &Value) -> u16 {
    let incoming = firm.signed_raw("POST", "/hubspot/webhooks", &events.to_string());
    let answer = at_once(webhooks::receive(&firm.ports, &incoming)).unwrap();
    answer.status
}

fn event(what: &str, id: &Value, number: u64) -> Value {
    json!({
        "eventId": number, "portalId": PORTAL, "appId": 99, "occurredAt": 1_800_000_000_000_u64,
        "subscriptionType": what, "objectId": id, "changeSource": "CRM_UI", "sourceId": "userId:9",
    })
}

fn due(firm: &Firm) -> bool {
    firm.number("SELECT count(*) FROM connections WHERE requested_at IS NOT NULL")
        .unwrap()
        == Some(1)
}

/// An event of another shape refuses none of the others, and is logged without what it says.
#[test]
fn what_cannot_be_read_keeps_nothing_back() {
    let firm = firm();
    assert!(!due(&firm));
    let mut strange = event("contact.propertyChange", &json!({ "of": "Canary" }), 1);
    strange["propertyValue"] = "Countess Canary".into();
    let events = json!([
        strange,
        "Canary",
        null,
        event("contact.propertyChange", &json!("1"), 2),
    ]);
    assert_eq!(deliver(&firm, &events), 204);
    assert!(due(&firm));
    let log = firm.ports.log_lines().join("\n");
    assert!(
        log.contains(r#""event":"webhook_unreadable","events":3"#),
        "{log}"
    );
    assert!(!log.contains("Canary"), "{log}");
}

/// Ids and sources come as numbers, as texts and as nothing.
#[test]
fn events_come_in_several_forms() {
    for (id, source) in [
        (json!(1), json!("userId:9")),
        (json!("1"), json!(null)),
        (json!(1), json!(9)),
    ] {
        let firm = firm();
        let mut event = event("contact.propertyChange", &id, 1);
        event["sourceId"] = source;
        event["mergedObjectIds"] = Value::Null;
        assert_eq!(deliver(&firm, &json!([event])), 204, "{event}");
        assert!(due(&firm), "{event}");
    }
}

/// What is made or associated in HubSpot is due at once, where its kind goes both ways.
#[test]
fn what_is_made_or_associated_is_due_at_once() {
    let firm = firm();
    assert_eq!(
        deliver(&firm, &json!([event("company.creation", &json!(1), 1)])),
        204
    );
    assert!(!due(&firm), "companies go one way");
    assert_eq!(
        deliver(&firm, &json!([event("contact.creation", &json!(1), 2)])),
        204
    );
    assert!(due(&firm));
    firm.sync().unwrap();
    assert!(!due(&firm));
    let mut associated = event("company.associationChange", &Value::Null, 3);
    associated["associationType"] = "COMPANY_TO_CONTACT".into();
    associated["fromObjectId"] = 1.into();
    associated["toObjectId"] = 2.into();
    assert_eq!(deliver(&firm, &json!([associated])), 204);
    assert!(due(&firm));
}

/// S1-51: of a record that is erased for privacy nothing is kept that was begun with it, and of others everything.
#[test]
fn what_was_begun_with_an_erased_record_is_erased() {
    let firm = firm();
    let other = firm.person("Grace", "Hopper", "grace@example.org").unwrap();
    firm.pass(60_000);
    firm.sync_again().unwrap();
    let id = firm.hubspot_id("contacts", other).unwrap().unwrap();
    firm.sql("DELETE FROM begun_writes").unwrap();
    firm.sql("INSERT INTO begun_writes (connection_id, object, provider_id, hubspot) SELECT connection_id, object, provider_id, '{}' FROM links WHERE object = 'contacts'")
        .unwrap();
    firm.sql("INSERT INTO intents SELECT connection_id, object, hubspot_id, 1, 1, '[]' FROM links WHERE object = 'contacts'")
        .unwrap();
    let count = |table: &str| {
        let statement = format!("SELECT count(*) FROM {table}");
        firm.number(&statement).unwrap()
    };
    assert_eq!(
        (count("begun_writes"), count("intents")),
        (Some(2), Some(2))
    );
    let erased = event("contact.privacyDeletion", &json!(id), 1);
    assert_eq!(deliver(&firm, &json!([erased])), 204);
    assert_eq!(
        (count("begun_writes"), count("intents")),
        (Some(1), Some(1))
    );
    let left = format!("intents WHERE hubspot_id = '{id}'");
    assert_eq!(count(&left), Some(0));
    let left = format!("begun_writes WHERE provider_id = '{other}'");
    assert_eq!(count(&left), Some(0));
}
