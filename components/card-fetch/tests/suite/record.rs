//! The card on the record's tab.

use serde_json::{Value, json};
use sync300_fakes::clio::Resource;
use sync300_fakes::hubspot::ObjectType;
use sync300_fakes::{Effect, Fault};
use sync300_kit::ports::Clock as _;

use crate::support::*;

fn field<'v>(card: &'v Value, property: &str) -> &'v Value {
    let fields = card["connections"][0]["fields"].as_array().unwrap();
    fields
        .iter()
        .find(|field| field["property"] == property)
        .unwrap()
}

/// S0-61 to S0-64, S0-91: every mapped value of both sides, read live, side by side with the property's name; the link to
/// that very record on the host of the connection's region; one call to each side.
#[test]
fn both_sides_are_shown_live() {
    let (firm, ada, id) = with_ada();
    firm.calls();
    let card = record_of(&firm, "0-1", &id);
    assert_eq!(firm.calls(), (1, 1));
    let connection = &card["connections"][0];
    assert_eq!(connection["status"], "synced", "{card}");
    assert_eq!(connection["fields"].as_array().unwrap().len(), 9);
    assert_eq!(connection["differing"], 0);
    let email = field(&card, "email");
    assert_eq!(email["provider"], "ada@example.org");
    assert_eq!(email["hubspot"], "ada@example.org");
    assert_eq!(email["source"], "primary_email_address");
    assert_eq!(email["differs"], false);
    let link = connection["link"].as_str().unwrap();
    assert_eq!(
        link,
        format!("{}/nc/#/contacts/{ada}", firm.services.clio.url())
    );
}

/// S0-62: what differs is marked, whichever side changed, and what is only written differently is not.
#[test]
fn differing_values_are_marked() {
    let (firm, ada, id) = with_ada();
    let number: u64 = id.parse().unwrap();
    firm.portal
        .edit(
            ObjectType::Contacts,
            number,
            &[("firstname", "Augusta"), ("jobtitle", "Countess")],
        )
        .unwrap();
    firm.account
        .edit(Resource::Contacts, ada, &json!({ "last_name": " Byron " }))
        .unwrap();
    let card = record_of(&firm, "0-1", &id);
    assert_eq!(card["connections"][0]["differing"], 2, "{card}");
    let first = field(&card, "firstname");
    assert_eq!(
        (first["provider"].as_str(), first["hubspot"].as_str()),
        (Some("Ada"), Some("Augusta"))
    );
    assert_eq!(first["differs"], true);
    let title = field(&card, "jobtitle");
    assert_eq!(
        (title["provider"].as_str(), title["hubspot"].as_str()),
        (None, Some("Countess"))
    );
    assert_eq!(field(&card, "lastname")["differs"], false);
}

/// S0-61, S0-64: a matter on its deal, with the stage by its name, and its own link.
#[test]
fn a_matter_shows_on_its_deal() {
    let (firm, ada, _) = with_ada();
    let matter = firm.matter("Byron v. Babbage", ada).unwrap();
    firm.pass(60_000);
    firm.sync_again().unwrap();
    let deal = firm.hubspot_id("matters", matter).unwrap().unwrap();
    let card = record_of(&firm, "deals", &deal);
    let stage = field(&card, "dealstage");
    assert_eq!(
        (stage["provider"].as_str(), stage["hubspot"].as_str()),
        (Some("Open"), Some("Open")),
        "{card}"
    );
    let number = field(&card, "sync300_clio_matter_number");
    assert_eq!(number["label"], "Clio matter number");
    assert!(
        card["connections"][0]["link"]
            .as_str()
            .unwrap()
            .ends_with(&format!("/nc/#/matters/{matter}"))
    );
}

/// A side that is down, slow, refuses or no longer has the record: told in words, with the status that is known, and none of
/// the other side's values.
#[test]
fn a_side_that_fails_is_told() {
    let (firm, ada, id) = with_ada();
    let problem = |card: &Value| {
        assert_eq!(card["ok"], true);
        let connection = &card["connections"][0];
        assert_eq!(connection["fields"], json!([]));
        connection["problem"].clone()
    };
    for (status, code) in [
        (503, "provider_unavailable"),
        (401, "provider_unauthorized"),
        (429, "provider_rate_limited"),
    ] {
        let effect = Effect::answer(status, "{}");
        firm.services
            .clio
            .fail(Fault::once("/api/v4/contacts.json", effect).times(100));
        let told = problem(&record_of(&firm, "0-1", &id));
        assert_eq!(told["code"], code);
        assert!(told["message"].as_str().unwrap().contains("Clio"), "{told}");
        firm.services.clio.clear_faults();
    }
    firm.account.delete(Resource::Contacts, ada).unwrap();
    assert_eq!(
        problem(&record_of(&firm, "0-1", &id))["code"],
        "provider_gone"
    );
    let (firm, _, id) = with_ada();
    firm.portal
        .archive(ObjectType::Contacts, id.parse().unwrap())
        .unwrap();
    assert_eq!(
        problem(&record_of(&firm, "0-1", &id))["code"],
        "hubspot_gone"
    );
}

/// A provider that does not answer is not waited for: HubSpot's proxy gives up after 15 s, and the card says what is wrong
/// before that.
#[test]
fn a_side_that_hangs_is_told_in_time() {
    let (firm, _, id) = with_ada();
    firm.ports.hang(&["/contacts"]);
    let asked_at = firm.ports.now();
    let card = record_of(&firm, "0-1", &id);
    let took = firm.ports.now() - asked_at;
    assert_eq!(
        card["connections"][0]["problem"]["code"],
        "provider_network"
    );
    assert!(took < 13_000, "{took} ms");
}

/// A record that is not linked, or whose connection does not stand, costs no call.
#[test]
fn what_is_not_linked_is_not_asked_for() {
    let (firm, _, ada) = with_ada();
    firm.calls();
    let card = record_of(&firm, "0-1", "999999");
    assert_eq!(card["connections"][0]["status"], "not_synced");
    firm.sql("UPDATE connections SET status = 'disconnected'")
        .unwrap();
    assert_eq!(
        record_of(&firm, "0-1", &ada)["connections"][0]["code"],
        "disconnected"
    );
    assert_eq!(firm.calls(), (0, 0));
}
