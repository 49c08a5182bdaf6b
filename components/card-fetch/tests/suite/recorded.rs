//! What the pages inside HubSpot are tested with: our own answers, as they are. They lie with the pages, and this holds them
//! against what is answered today; `SYNC300_RECORD=1` writes them anew.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};
use sync300_fakes::hubspot::{ObjectType, Processing};
use sync300_fakes::{Effect, Fault};
use sync300_kit::oauth::{OPTIONAL_SCOPES, SCOPES};
use sync300_kit::surface::{Answer, Incoming};
use sync300_kit::{billing, connect};
use sync300_native_ports::firm::{ADMIN, Firm, MEMBER, PORTAL, at_once};

use crate::support::*;

/// Holds an answer against the recorded one.
fn recorded(firm: &Firm, name: &str, answer: &Value) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../hubspot-app/tests/answers");
    let file = folder.join(format!("{name}.json"));
    // What differs from one run to the next, and nothing depends on.
    let mut text = serde_json::to_string_pretty(answer).unwrap();
    text = text.replace(&firm.connection, "connection-1");
    text = text.replace(&firm.services.clio.url(), "https://app.clio.com");
    if let Some(reference) = answer["request_id"].as_str() {
        text = text.replace(reference, "reference-1");
    }
    text.push('\n');
    if std::env::var_os("SYNC300_RECORD").is_some() {
        fs::create_dir_all(folder).unwrap();
        fs::write(file, text).unwrap();
        return;
    }
    let known = fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(
        known, text,
        "{name}: an answer has changed. Record it with SYNC300_RECORD=1, and run the tests of components/hubspot-app"
    );
}

fn seen(firm: &Firm, route: &str, more: &str) -> Value {
    let connection = &firm.connection;
    get(
        firm,
        &format!("/cards/{route}?connection={connection}{more}"),
    )
}

fn request(firm: &Firm, target: &str, user: i64) -> Incoming {
    firm.signed("GET", target, &Value::Null, PORTAL, user)
}

/// `GET /account`, as another component answers it.
fn account(firm: &Firm, user: i64) -> Value {
    let request = request(firm, "/account", user);
    told(&at_once(connect::view(&firm.ports, &request)).unwrap())
}

/// `GET /billing`, as another component answers it.
fn plan(firm: &Firm) -> Value {
    let request = request(firm, "/billing", ADMIN);
    told(&at_once(billing::view(&firm.ports, &request)).unwrap())
}

/// HubSpot's proxy shows the body of a 200, and of nothing else.
fn told(answer: &Answer) -> Value {
    assert_eq!(answer.status, 200, "{}", answer.body);
    body(answer)
}

fn expire(firm: &Firm) {
    let expired = "UPDATE connections SET status = 'expired', status_reason = 'provider_token_expired', due_at = NULL";
    firm.sql(expired).unwrap();
}

/// S0-62 to S0-68: both cards, in every state that they show.
#[test]
fn the_cards() {
    let (firm, _, id) = with_ada();
    let number: u64 = id.parse().unwrap();
    firm.pass(180_000);
    recorded(&firm, "status-synced", &status_of(&firm, "0-1", &id));
    recorded(&firm, "record-synced", &record_of(&firm, "0-1", &id));
    recorded(&firm, "status-not-linked", &status_of(&firm, "0-1", "999"));
    recorded(&firm, "record-not-linked", &record_of(&firm, "0-1", "999"));

    let edits = [("firstname", "Augusta"), ("jobtitle", "Countess")];
    let edited = firm.portal.edit(ObjectType::Contacts, number, &edits);
    edited.unwrap();
    recorded(&firm, "record-differs", &record_of(&firm, "0-1", &id));
    recorded(&firm, "sync-queued", &sync_now(&firm, "0-1", &id));
    recorded(&firm, "status-queued", &status_of(&firm, "0-1", &id));

    let down = Fault::once("/api/v4/contacts.json", Effect::answer(503, "{}"));
    firm.services.clio.fail(down.times(100));
    recorded(&firm, "record-unreadable", &record_of(&firm, "0-1", &id));
    firm.services.clio.clear_faults();

    let failed =
        "UPDATE runs SET status = 'failed', reason = 'provider_limited', reason_object = 'matters'";
    firm.sql(failed).unwrap();
    recorded(&firm, "status-failed", &status_of(&firm, "0-1", &id));
    expire(&firm);
    recorded(&firm, "status-expired", &status_of(&firm, "0-1", &id));
    recorded(&firm, "record-expired", &record_of(&firm, "0-1", &id));
    recorded(&firm, "sync-refused", &sync_now(&firm, "0-1", &id));
    firm.sql("DELETE FROM connections").unwrap();
    recorded(&firm, "status-unconnected", &status_of(&firm, "0-1", &id));
    recorded(&firm, "record-unconnected", &record_of(&firm, "0-1", &id));
    let stranger = get_as(&firm, "/cards/status?objectType=0-1&objectId=1", 815, ADMIN);
    recorded(&firm, "status-not-installed", &stranger);
}

/// S0-12, S0-45: the settings, and what changing them answers.
#[test]
fn the_settings() {
    let (firm, _, _) = with_ada();
    firm.pass(180_000);
    let settings = seen(&firm, "settings", "");
    recorded(&firm, "settings", &settings);
    recorded(
        &firm,
        "settings-member",
        &get_as(
            &firm,
            &format!("/cards/settings?connection={}", firm.connection),
            PORTAL,
            MEMBER,
        ),
    );
    recorded(&firm, "fields", &seen(&firm, "fields", "&object=contacts"));
    let fields = seen(&firm, "fields", "&object=contacts&source=title");
    recorded(&firm, "fields-of-title", &fields);
    let test = json!({ "connection": firm.connection, "object": "contacts" });
    recorded(&firm, "tested", &post(&firm, "/cards/test", &test));

    let change = |version: &Value| json!({ "connection": firm.connection, "version": version, "frequency": 60 });
    let stored = post(&firm, "/cards/settings", &change(&settings["version"]));
    recorded(&firm, "settings-hourly", &stored);
    let lost =
        json!({ "connection": firm.connection, "version": settings["version"], "frequency": 30 });
    recorded(
        &firm,
        "settings-lost",
        &post(&firm, "/cards/settings", &lost),
    );
    let rules: Vec<Value> = stored["objects"][0]["mappings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|mapping| mapping["property"] != "jobtitle")
        .map(|mapping| {
            json!({ "source": mapping["source"], "property": mapping["property"],
                "transform": mapping["transform"], "fallback": mapping["fallback"] })
        })
        .collect();
    let fewer = json!({ "connection": firm.connection, "version": stored["version"], "object": "contacts", "rules": rules });
    let own = post(&firm, "/cards/mappings", &fewer);
    recorded(&firm, "settings-own-fields", &own);
    expire(&firm);
    recorded(&firm, "settings-expired", &seen(&firm, "settings", ""));
    recorded(&firm, "account-expired", &account(&firm, ADMIN));
}

/// S0-15, S4-10: what goes both ways, and what is then created at the provider.
#[test]
fn the_ways() {
    let (firm, _, _) = with_ada();
    firm.pass(180_000);
    let choose = |chosen: Value| {
        let version = seen(&firm, "settings", "")["version"].clone();
        let change = json!({ "connection": firm.connection, "version": version, "objects": { "contacts": chosen } });
        post(&firm, "/cards/settings", &change)
    };
    let both = choose(json!({ "direction": "both" }));
    recorded(&firm, "settings-both", &both);
    let creating = choose(json!({ "create": true }));
    recorded(&firm, "settings-creating", &creating);
}

/// S0-59, S0-106: the history, and its file.
#[test]
fn the_history() {
    let (firm, _, _) = with_ada();
    firm.sql("INSERT INTO run_errors VALUES (1, 'contacts', '7', 'invalid_email', 'email', 1), (1, 'contacts', '8', 'invalid_email', 'email', 1)").unwrap();
    firm.pass(3_600_000);
    firm.sync_again().unwrap();
    firm.sql("UPDATE runs SET status = 'failed', reason = 'missing_property', reason_object = 'matters' WHERE run_id = 2").unwrap();
    firm.pass(180_000);
    recorded(&firm, "history", &seen(&firm, "history", ""));
    recorded(&firm, "history-csv", &seen(&firm, "history.csv", ""));
    let next = seen(&firm, "history", "&before=1");
    recorded(&firm, "history-empty", &next);
}

/// S0-95, S1-18: who is connected, and what the plan has.
#[test]
fn account_and_plan() {
    let mut firm = Firm::new().unwrap();
    recorded(&firm, "account", &account(&firm, ADMIN));
    recorded(&firm, "account-member", &account(&firm, MEMBER));
    recorded(&firm, "billing-off", &plan(&firm));
    firm.ports = firm.ports.with_variable("billing", "stripe");
    recorded(&firm, "billing-free", &plan(&firm));
    recorded(&firm, "settings-free", &seen(&firm, "settings", ""));
    firm.sql(&format!(
        "INSERT INTO usage_by_month (portal_id, month, records) VALUES ({PORTAL}, '2027-01', 1000)"
    ))
    .unwrap();
    firm.sql("UPDATE connections SET status_reason = 'plan_records'")
        .unwrap();
    recorded(&firm, "billing-full", &plan(&firm));
    recorded(&firm, "settings-full", &seen(&firm, "settings", ""));
    firm.sql("DELETE FROM connections").unwrap();
    recorded(&firm, "account-unconnected", &account(&firm, ADMIN));
    // Erased, or uninstalled in HubSpot.
    firm.sql("UPDATE portals SET status = 'uninstalled'")
        .unwrap();
    recorded(&firm, "account-not-installed", &account(&firm, ADMIN));
    assert_eq!(plan(&firm)["code"], "portal_unknown");
}

/// The app's configuration at HubSpot names exactly these.
#[test]
fn the_scopes() {
    let firm = Firm::new().unwrap();
    recorded(&firm, "scopes", &json!(SCOPES));
    recorded(&firm, "scopes-optional", &json!(OPTIONAL_SCOPES));
}

/// S3-10, S3-21: lists to choose from, one that is chosen, and one that is gone.
#[test]
fn the_lists() {
    let firm = Firm::new().unwrap();
    for n in 1..=21 {
        let name = format!("Clients of office {n}");
        let list = firm.portal.create_list(
            ObjectType::Contacts,
            &name,
            [Processing::Dynamic, Processing::Manual][n % 2],
        );
        assert_eq!(list, n as u64);
    }
    let ada = [("firstname", "Ada"), ("lastname", "Byron")];
    let ada = firm.portal.create_by_hand(ObjectType::Contacts, &ada);
    firm.portal.add_to_list(2, &[ada.unwrap()]).unwrap();
    firm.pass(180_000);
    recorded(&firm, "lists", &seen(&firm, "lists", "&object=contacts"));
    recorded(
        &firm,
        "lists-more",
        &seen(&firm, "lists", "&object=contacts&after=20"),
    );
    let chosen = crate::lists::choose(&firm, "contacts", json!("2"));
    recorded(&firm, "settings-list", &chosen);
    recorded(
        &firm,
        "settings-list-refused",
        &crate::lists::choose(&firm, "companies", json!("2")),
    );
    firm.portal.delete_list(2).unwrap();
    firm.sync().unwrap();
    recorded(&firm, "settings-list-gone", &seen(&firm, "settings", ""));
    let forbidden = r#"{"status":"error","message":"x","category":"MISSING_SCOPES"}"#;
    let fault = Fault::once("/crm/lists/", Effect::answer(403, forbidden));
    firm.services.hubspot.fail(fault);
    recorded(
        &firm,
        "lists-forbidden",
        &seen(&firm, "lists", "&object=contacts"),
    );
}

/// S2-34: the review queue, and what deciding answers.
#[test]
fn the_review_queue() {
    let (firm, people, contact) = crate::review::with_namesakes();
    firm.pass(180_000);
    recorded(&firm, "review", &seen(&firm, "review", ""));
    let link = json!({ "connection": firm.connection, "object": "contacts", "id": people[0].to_string(), "decision": "link",
        "hubspot_id": contact.to_string() });
    recorded(&firm, "review-linked", &post(&firm, "/cards/review", &link));
    let mut wrong = link.clone();
    wrong["hubspot_id"] = json!("4711");
    recorded(
        &firm,
        "review-refused",
        &post(&firm, "/cards/review", &wrong),
    );
}

/// What a run would do.
#[test]
fn the_preview() {
    let firm = crate::preview::with_every_fate();
    recorded(
        &firm,
        "preview",
        &seen(&firm, "preview", "&object=contacts"),
    );
    firm.sync().unwrap();
    recorded(
        &firm,
        "preview-nothing",
        &seen(&firm, "preview", "&object=contacts"),
    );
}
