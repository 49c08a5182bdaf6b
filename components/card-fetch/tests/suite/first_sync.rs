//! What people look at behind a first sync, and what they find there (S3-16 to S3-20).

use std::collections::BTreeSet;

use serde_json::{Value, json};
use sync300_fakes::hubspot::ObjectType;
use sync300_kit::ports::{Clock as _, Http as _, HttpRequest};
use sync300_native_ports::firm::{Firm, PORTAL, at_once};

use crate::review::queue;
use crate::support::*;

const CONTACTS: ObjectType = ObjectType::Contacts;

/// What HubSpot finds by these filters, as people make them there: ids.
fn filtered(firm: &Firm, filters: Value) -> BTreeSet<String> {
    let request = HttpRequest {
        method: "POST",
        url: format!(
            "{}/crm/objects/2026-03/contacts/search",
            firm.services.hubspot.url()
        ),
        headers: vec![
            (
                "authorization".to_owned(),
                format!("Bearer hubspot-token-{PORTAL}"),
            ),
            ("content-type".to_owned(), "application/json".to_owned()),
        ],
        body: json!({ "filterGroups": [{ "filters": filters }], "limit": 100 })
            .to_string()
            .into_bytes(),
    };
    let answer = at_once(firm.ports.send(request)).unwrap().unwrap();
    assert_eq!(answer.status, 200);
    let found: Value = serde_json::from_slice(&answer.body).unwrap();
    let results = found["results"].as_array().unwrap().iter();
    results
        .map(|record| record["id"].as_str().unwrap().to_owned())
        .collect()
}

/// What a run did with a kind of record.
fn object<'v>(run: &'v Value, name: &str) -> &'v Value {
    let mut objects = run["objects"].as_array().unwrap().iter();
    objects.find(|object| object["object"] == name).unwrap()
}

fn hubspot_ids(firm: &Firm, people: &[u64]) -> BTreeSet<String> {
    let id = |id: &u64| firm.hubspot_id("contacts", *id).unwrap().unwrap();
    people.iter().map(id).collect()
}

/// S3-16: everybody of Clio's has arrived, or is named with the reason and with the HubSpot record of the same e-mail.
#[test]
fn whoever_was_not_made_is_named_with_the_record_of_the_same_email() {
    let firm = Firm::new().unwrap();
    let email = [("email", "family@example.org"), ("firstname", "Ralph")];
    let existing = firm.portal.create_by_hand(CONTACTS, &email).unwrap();
    firm.pass(120_000);
    let arriving = [
        firm.person("Grace", "Hopper", "grace@example.org").unwrap(),
        firm.person("Mary", "Shelley", "").unwrap(),
    ];
    let waiting = ["Ada", "Annabella"]
        .map(|first| firm.person(first, "Byron", "family@example.org").unwrap());
    firm.sync().unwrap();

    let history = get(
        &firm,
        &format!("/cards/history?connection={}", firm.connection),
    );
    let contacts = object(&history["runs"][0], "contacts");
    assert_eq!(
        (
            &contacts["read"],
            &contacts["created"],
            &contacts["ambiguous"]
        ),
        (&json!(4), &json!(2), &json!(2)),
        "{history}"
    );
    hubspot_ids(&firm, &arriving);
    let queue = queue(&firm);
    let records = queue["records"].as_array().unwrap();
    let ids: Vec<Value> = records.iter().map(|record| record["id"].clone()).collect();
    assert_eq!(ids, waiting.map(|id| json!(id.to_string())), "{queue}");
    for record in records {
        assert_eq!(record["code"], "several_claimants");
        assert!(
            record["message"]
                .as_str()
                .unwrap()
                .contains("More than one Clio record")
        );
        assert!(
            record["name"]
                .as_str()
                .unwrap()
                .contains("family@example.org")
        );
        let candidate = &record["candidates"][0];
        assert_eq!(candidate["id"], existing.to_string());
        assert!(
            candidate["name"]
                .as_str()
                .unwrap()
                .contains("family@example.org"),
            "{candidate}"
        );
    }
}

/// S3-16: of two in Clio with one e-mail the first is made, and the second names it.
#[test]
fn who_shares_an_email_in_clio_names_the_record_that_was_made() {
    let firm = Firm::new().unwrap();
    let both = ["Ada", "Annabella"]
        .map(|first| firm.person(first, "Byron", "family@example.org").unwrap());
    firm.sync().unwrap();
    let made = firm.hubspot_id("contacts", both[0]).unwrap().unwrap();
    let queue = queue(&firm);
    let record = &queue["records"][0];
    assert_eq!(record["id"], both[1].to_string(), "{queue}");
    assert_eq!(record["code"], "already_linked");
    assert_eq!(record["candidates"][0]["id"], made);
}

/// S3-17: what a sync made carries where it is from and when it was made, both HubSpot's own, so that a filter finds what
/// was made today by it, and nothing else.
#[test]
fn what_the_sync_made_today_can_be_filtered() {
    let firm = Firm::new().unwrap();
    let by_hand = [("firstname", "Ada"), ("lastname", "Byron")];
    firm.portal.create_by_hand(CONTACTS, &by_hand).unwrap();
    let past = firm.person("Grace", "Hopper", "").unwrap();
    firm.pass(120_000);
    firm.sync().unwrap();
    let day = 24 * 60 * 60_000;
    firm.pass(day);
    let today = firm.ports.now() - day / 2;
    let linked = firm.person("Ada", "Byron", "ada@example.org").unwrap();
    let new = ["Mary", "Jane"].map(|first| firm.person(first, "Shelley", "").unwrap());
    firm.portal
        .create_by_hand(CONTACTS, &[("firstname", "Somebody")])
        .unwrap();
    firm.pass(60_000);
    firm.sync_again().unwrap();
    firm.pass(60_000);

    let source = json!({ "propertyName": "hs_object_source_label", "operator": "EQ", "value": "INTEGRATION" });
    let since =
        json!({ "propertyName": "createdate", "operator": "GTE", "value": today.to_string() });
    let found = filtered(&firm, json!([source, since]));
    assert_eq!(found, hubspot_ids(&firm, &new));
    let ever = filtered(&firm, json!([source]));
    let all: Vec<u64> = new.into_iter().chain([past]).collect();
    assert_eq!(ever, hubspot_ids(&firm, &all));
    // What people made stays theirs, although it is in step now.
    assert!(!ever.is_superset(&hubspot_ids(&firm, &[linked])));
}

/// S3-18: whether a field was filled is told for many by a filter in HubSpot, and for one by its card, beside Clio's value.
#[test]
fn whether_a_field_was_filled_can_be_told() {
    let firm = Firm::new().unwrap();
    let ada = firm.person("Ada", "Byron", "ada@example.org").unwrap();
    let mary = firm.person("Mary", "Shelley", "").unwrap();
    firm.sync().unwrap();
    firm.pass(60_000);
    let filled = json!([
        { "propertyName": "email", "operator": "HAS_PROPERTY" },
        { "propertyName": "sync300_clio_id", "operator": "HAS_PROPERTY" },
    ]);
    assert_eq!(filtered(&firm, filled), hubspot_ids(&firm, &[ada]));
    for (person, value) in [(ada, json!("ada@example.org")), (mary, Value::Null)] {
        let id = firm.hubspot_id("contacts", person).unwrap().unwrap();
        let card = record_of(&firm, "0-1", &id);
        let fields = card["connections"][0]["fields"].as_array().unwrap();
        let email = fields
            .iter()
            .find(|field| field["property"] == "email")
            .unwrap();
        assert_eq!(
            (&email["provider"], &email["hubspot"]),
            (&value, &value),
            "{card}"
        );
        assert_eq!(email["differs"], false);
    }
    // What somebody emptied shows as not filled.
    let id = firm.hubspot_id("contacts", ada).unwrap().unwrap();
    let number = id.parse().unwrap();
    firm.portal
        .edit(CONTACTS, number, &[("email", "")])
        .unwrap();
    let card = record_of(&firm, "0-1", &id);
    let fields = card["connections"][0]["fields"].as_array().unwrap();
    let email = fields
        .iter()
        .find(|field| field["property"] == "email")
        .unwrap();
    assert_eq!(
        (&email["hubspot"], &email["differs"]),
        (&Value::Null, &json!(true))
    );
}

/// S3-19: who waits and has no e-mail address, by which people are usually told, is told so in words.
#[test]
fn a_missing_email_is_named() {
    let firm = Firm::new().unwrap();
    let twins = [("firstname", "Ada"), ("lastname", "Byron")];
    for _ in 0..2 {
        firm.portal.create_by_hand(CONTACTS, &twins).unwrap();
    }
    firm.pass(120_000);
    let emails = ["", "ada@example.org"];
    let adas = emails.map(|email| firm.person("Ada", "Byron", email).unwrap());
    firm.sync().unwrap();
    let queue = queue(&firm);
    let message = |id: u64| {
        let id = id.to_string();
        let mut records = queue["records"].as_array().unwrap().iter();
        let record = records.find(|record| record["id"] == id);
        record.unwrap()["message"].as_str().unwrap().to_owned()
    };
    let lacking = "It has no e-mail address in Clio";
    assert!(message(adas[0]).contains(lacking), "{queue}");
    assert!(!message(adas[1]).contains(lacking), "{queue}");
}

/// S3-20: what came by accident is found by its run, and stays out once somebody deletes it; and no sync touches whether, and
/// on what ground, somebody may be written to.
#[test]
fn accidental_records_are_found_and_no_consent_is_touched() {
    let firm = Firm::new().unwrap();
    let consent = [
        ("email", "ada@example.org"),
        ("hs_legal_basis", "Not applicable"),
    ];
    let by_hand = firm.portal.create_by_hand(CONTACTS, &consent).unwrap();
    firm.pass(120_000);
    let ada = firm.person("Ada", "Byron", "ada@example.org").unwrap();
    firm.sync().unwrap();
    firm.pass(24 * 60 * 60_000);
    let test_data = firm.person("Test", "Test", "test@example.org").unwrap();
    firm.sync_again().unwrap();

    // The run that brought it, by its count and its time: HubSpot's record was made while it went on.
    let history = get(
        &firm,
        &format!("/cards/history?connection={}", firm.connection),
    );
    let run = &history["runs"][0];
    let contacts = object(run, "contacts");
    assert_eq!(contacts["created"], 1, "{history}");
    let between = json!([
        { "propertyName": "createdate", "operator": "GTE", "value": run["started"]["at"].to_string() },
        { "propertyName": "hs_object_source_label", "operator": "EQ", "value": "INTEGRATION" },
    ]);
    firm.pass(60_000);
    let found = filtered(&firm, between);
    assert_eq!(found, hubspot_ids(&firm, &[test_data]));

    // Somebody takes it out of HubSpot, and it does not come back.
    let id = found.into_iter().next().unwrap().parse().unwrap();
    firm.portal.archive(CONTACTS, id).unwrap();
    firm.account
        .edit(
            sync300_fakes::clio::Resource::Contacts,
            test_data,
            &json!({ "title": "Tester" }),
        )
        .unwrap();
    firm.pass(60_000);
    firm.sync_again().unwrap();
    assert_eq!(firm.portal.count(CONTACTS), 1);

    // What says whether somebody may be written to is as it was, where people set it and where nobody did.
    let record = firm.portal.record(CONTACTS, by_hand).unwrap();
    assert_eq!(
        record.value("sync300_clio_id"),
        Some(ada.to_string().as_str())
    );
    assert_eq!(record.value("hs_legal_basis"), Some("Not applicable"));
    assert_eq!(record.history("hs_legal_basis").len(), 1);
    let made = firm.portal.record(CONTACTS, id).unwrap();
    for name in ["hs_legal_basis", "hs_email_optout", "hs_marketable_status"] {
        assert!(made.history(name).is_empty(), "{name}");
    }
}
