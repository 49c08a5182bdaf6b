//! The review queue: what waits for a person, and what a person decides.

use serde_json::{Value, json};
use sync300_fakes::hubspot::ObjectType;
use sync300_native_ports::firm::{ADMIN, Firm, MEMBER, OTHER_PORTAL, PORTAL};

use crate::support::*;

/// A firm with two people of one name, and a HubSpot contact of that name made by hand.
pub fn with_namesakes() -> (Firm, [u64; 2], u64) {
    let firm = Firm::new().unwrap();
    let names = [("firstname", "Ada"), ("lastname", "Byron")];
    let contact = firm.portal.create_by_hand(ObjectType::Contacts, &names);
    firm.pass(120_000);
    let person = || firm.person("Ada", "Byron", "").unwrap();
    let people = [person(), person()];
    firm.sync().unwrap();
    (firm, people, contact.unwrap())
}

pub fn queue(firm: &Firm) -> Value {
    get(
        firm,
        &format!("/cards/review?connection={}", firm.connection),
    )
}

fn decide(firm: &Firm, body: Value) -> Value {
    let mut body = body;
    body["connection"] = json!(firm.connection);
    body["object"] = json!("contacts");
    post(firm, "/cards/review", &body)
}

/// S0-103, S2-11, S2-34, S2-35: what is unclear waits with its reason, by name on both sides; linked by hand, it is in
/// step, and the link can be taken away again.
#[test]
fn a_person_decides_who_is_who() {
    let (firm, people, contact) = with_namesakes();
    let waiting = queue(&firm);
    let records = waiting["records"].as_array().unwrap();
    assert_eq!(records.len(), 2, "{waiting}");
    for (record, person) in records.iter().zip(people) {
        assert_eq!(record["id"], person.to_string());
        assert_eq!(record["label"], "Contact");
        assert_eq!(record["name"], "Ada Byron");
        assert_eq!(record["code"], "several_claimants");
        assert!(
            record["message"]
                .as_str()
                .unwrap()
                .contains("More than one")
        );
        let candidate = json!({ "id": contact.to_string(), "name": "Ada Byron" });
        assert_eq!(record["candidates"], json!([candidate]));
        let link = record["link"].as_str().unwrap();
        assert!(link.ends_with(&person.to_string()), "{link}");
    }
    let link = json!({ "id": people[0].to_string(), "decision": "link", "hubspot_id": contact.to_string() });
    let answer = decide(&firm, link.clone());
    assert_eq!(answer["ok"], true, "{answer}");
    // The proxy tries once more where it lost the answer.
    assert_eq!(decide(&firm, link)["ok"], true);
    firm.sync().unwrap();
    let linked = firm.hubspot_id("contacts", people[0]).unwrap();
    assert_eq!(linked, Some(contact.to_string()));

    let other = json!({ "id": people[1].to_string(), "decision": "link", "hubspot_id": contact.to_string() });
    assert_eq!(decide(&firm, other)["code"], "linked_to_another");
    let unlink = json!({ "id": people[0].to_string(), "decision": "unlink" });
    assert_eq!(decide(&firm, unlink)["ok"], true);
    firm.sync().unwrap();
    let waiting = queue(&firm);
    let left_out = waiting["records"].as_array().unwrap();
    let taken_out = people[0].to_string();
    let left_out = left_out.iter().find(|record| record["id"] == taken_out);
    assert_eq!(left_out.unwrap()["code"], "unlinked_by_user", "{waiting}");
}

/// S1-40: everyone looks, admins decide; nobody decides about another portal's; nobody is linked to what is not there.
#[test]
fn what_cannot_be_decided_is_refused() {
    let (firm, people, contact) = with_namesakes();
    let body = json!({
        "connection": firm.connection, "object": "contacts", "id": people[0].to_string(), "decision": "link",
        "hubspot_id": contact.to_string(),
    });
    let target = format!("/cards/review?connection={}", firm.connection);
    assert_eq!(get_as(&firm, &target, PORTAL, MEMBER)["ok"], true);
    let refused = |body: &Value, portal, user| {
        post_as(&firm, "/cards/review", body, portal, user)["code"].clone()
    };
    assert_eq!(refused(&body, PORTAL, MEMBER), "not_admin");
    assert_eq!(refused(&body, OTHER_PORTAL, ADMIN), "connection_unknown");
    assert_eq!(
        get_as(&firm, &target, OTHER_PORTAL, ADMIN)["code"],
        "connection_unknown"
    );
    for (member, value, code) in [
        ("hubspot_id", json!("987654321"), "hubspot_record_unknown"),
        ("hubspot_id", json!("1 OR 1=1"), "hubspot_record_unknown"),
        ("hubspot_id", json!(""), "hubspot_record_unknown"),
        ("id", json!("42"), "record_unknown"),
        ("object", json!("tables"), "record_unknown"),
        ("decision", json!("approve_deletions"), "nothing_waits"),
        ("decision", json!("burn"), "bad_json"),
    ] {
        let mut wrong = body.clone();
        wrong[member] = value;
        assert_eq!(refused(&wrong, PORTAL, ADMIN), code, "{wrong}");
    }
    assert_eq!(queue(&firm)["records"].as_array().unwrap().len(), 2);
}

/// Where the provider does not answer, the queue is still there, without names.
#[test]
fn a_queue_without_names_is_a_queue() {
    let (firm, _, _) = with_namesakes();
    let down = sync300_fakes::Fault::once(
        "/api/v4/contacts.json",
        sync300_fakes::Effect::answer(503, "{}"),
    );
    firm.services.clio.fail(down.times(100));
    let waiting = queue(&firm);
    assert_eq!(waiting["records"].as_array().unwrap().len(), 2);
    assert!(waiting["records"][0]["name"].is_null());
}
