//! What each action does.

use serde_json::{Value, json};
use sync300_fakes::clio::Resource;
use sync300_fakes::hubspot::ObjectType;
use sync300_native_ports::firm::{Firm, START};

use crate::support::*;

/// S0-58, S0-69, S0-70: no inputs; everything is read again; from workflows and agents; twice asked is once done.
#[test]
fn trigger_sync_starts_a_full_sync() {
    let firm = Firm::new().unwrap();
    firm.person("Ada", "Byron", "ada@example.org").unwrap();
    firm.sync().unwrap();
    let full = || {
        firm.number("SELECT count(*) FROM streams WHERE version IS NULL")
            .unwrap()
    };
    assert_eq!(full(), Some(0));
    let mut agent = request("agent-1", &json!({}));
    agent["context"] = json!({ "source": "AGENTS" });
    let first = send(&firm, "/actions/trigger_sync", &agent);
    let told = outputs(&first);
    assert_eq!(told["hs_execution_state"], "SUCCESS");
    assert!(
        told["sync_status"]
            .as_str()
            .unwrap()
            .contains("full sync with Clio")
    );
    assert_eq!(full(), Some(5));
    firm.sync().unwrap();
    assert_eq!(
        send(&firm, "/actions/trigger_sync", &agent).body,
        first.body
    );
    assert_eq!(firm.number("SELECT count(*) FROM runs").unwrap(), Some(2));
    assert_eq!(
        firm.number("SELECT count(*) FROM connections WHERE requested_at IS NOT NULL")
            .unwrap(),
        Some(0)
    );
}

/// S0-71, S0-72, S0-75, S0-81: a contact in Clio, linked to the HubSpot record by the sync id; asked again, it is the same
/// one; and the next sync makes no second on either side.
#[test]
fn create_contact_links_the_record() {
    let firm = Firm::new().unwrap();
    firm.sync().unwrap();
    let ada = firm
        .portal
        .create_by_hand(
            ObjectType::Contacts,
            &[
                ("firstname", "Ada"),
                ("lastname", "Byron"),
                ("email", "ada@example.org"),
            ],
        )
        .unwrap();
    let inputs = json!({ "first_name": "Ada", "last_name": "Byron", "email": "ada@example.org", "phone": "+1 212 555 0100" });
    let asked = on_record("cb-1", &inputs, "CONTACT", &ada.to_string());
    let first = outputs(&send(&firm, "/actions/clio/create_contact", &asked));
    let id = done(&first, "clio_contact_id");
    let record = clio(&firm, Resource::Contacts, id);
    assert_eq!(
        (
            record["first_name"].as_str(),
            record["primary_email_address"].as_str()
        ),
        (Some("Ada"), Some("ada@example.org"))
    );
    let linked = firm.portal.record(ObjectType::Contacts, ada).unwrap();
    assert_eq!(
        linked.value("sync300_clio_id"),
        Some(id.to_string().as_str())
    );

    for callback in ["cb-1", "cb-1"] {
        let again = on_record(callback, &inputs, "CONTACT", &ada.to_string());
        assert_eq!(
            outputs(&send(&firm, "/actions/clio/create_contact", &again)),
            first
        );
    }
    firm.pass(60_000);
    firm.sync_again().unwrap();
    assert_eq!(firm.account.count(Resource::Contacts), 1);
    assert_eq!(firm.portal.count(ObjectType::Contacts), 1);
    assert_eq!(
        firm.hubspot_id("contacts", id).unwrap(),
        Some(ada.to_string())
    );

    // Another execution on a record that has its other side already finds that one.
    let other = on_record("cb-2", &inputs, "CONTACT", &ada.to_string());
    let other = outputs(&send(&firm, "/actions/clio/create_contact", &other));
    assert_eq!(done(&other, "clio_contact_id"), id);
    assert_eq!(firm.account.count(Resource::Contacts), 1);
}

/// S0-73, S0-74, S0-76 to S0-80: one action's output is the next one's input: a client, their matter, a task and notes on it,
/// and its end.
#[test]
fn outputs_chain() {
    let firm = Firm::new().unwrap();
    let attorney = firm.account.add_user("Grace", "Hopper");
    let area = firm
        .account
        .add(Resource::PracticeAreas, &json!({ "name": "Torts" }))
        .unwrap();
    let client = done(
        &act(
            &firm,
            "create_contact",
            "1",
            &json!({ "last_name": "Byron" }),
        ),
        "clio_contact_id",
    );
    let inputs = json!({ "name": "Byron v. Babbage", "clio_contact_id": client.to_string(), "practice_area": "Torts" });
    let matter = done(&act(&firm, "create_matter", "2", &inputs), "clio_matter_id");
    let record = clio(&firm, Resource::Matters, matter);
    assert_eq!(
        (
            record["client"]["id"].as_u64(),
            record["practice_area"]["id"].as_u64()
        ),
        (Some(client), Some(area)),
        "{record}"
    );

    firm.account
        .edit(
            Resource::Matters,
            matter,
            &json!({ "responsible_attorney": { "id": attorney } }),
        )
        .unwrap();
    let inputs = json!({ "name": "Call", "clio_matter_id": matter.to_string(), "due_date": START.to_string() });
    let task = done(&act(&firm, "create_task", "3", &inputs), "clio_task_id");
    let record = clio(&firm, Resource::Tasks, task);
    assert_eq!(
        (
            record["assignee"]["id"].as_u64(),
            record["matter"]["id"].as_u64()
        ),
        (Some(attorney), Some(matter)),
        "{record}"
    );
    assert_eq!(record["due_at"], "2027-01-15");

    // DX-14: without a matter it is the connected user's.
    let task = done(
        &act(&firm, "create_task", "4", &json!({ "name": "Tidy up" })),
        "clio_task_id",
    );
    let assignee = clio(&firm, Resource::Tasks, task)["assignee"]["id"].as_u64();
    assert!(assignee.is_some() && assignee != Some(attorney));

    let inputs = json!({ "note": "Called.\nWill call again.", "clio_contact_id": client.to_string(), "clio_matter_id": matter.to_string() });
    let told = act(&firm, "log_activity", "5", &inputs);
    let note = done(&told, "clio_activity_id");
    // DX-14: of both, the matter is preferred, and the answer says so.
    assert_eq!(
        told["message"],
        "Done in Clio. A contact and a matter were given: the note is the matter's."
    );
    let record = clio(&firm, Resource::Notes, note);
    assert_eq!(
        (record["type"].as_str(), record["matter"]["id"].as_u64()),
        (Some("Matter"), Some(matter)),
        "{record}"
    );

    let inputs = json!({ "clio_matter_id": matter.to_string(), "status": "closed" });
    assert_eq!(
        done(
            &act(&firm, "update_matter_status", "6", &inputs),
            "clio_matter_id"
        ),
        matter
    );
    assert_eq!(clio(&firm, Resource::Matters, matter)["status"], "Closed");
}

/// S0-71: a company that Clio does not have, or has twice, is left out, and the message says so; one that it has is not
/// mentioned.
#[test]
fn a_company_that_is_left_out_is_told() {
    let firm = Firm::new().unwrap();
    let company = json!({ "type": "Company", "name": "Byron Ltd" });
    firm.account.add(Resource::Contacts, &company).unwrap();
    for (callback, name, message) in [
        (
            "1",
            "Babbage Ltd",
            "Done in Clio. Clio has no company of that name, or several, so the contact was created without one.",
        ),
        ("2", "Byron Ltd", "Done in Clio."),
    ] {
        let inputs = json!({ "last_name": "Byron", "company": name });
        let told = act(&firm, "create_contact", callback, &inputs);
        done(&told, "clio_contact_id");
        assert_eq!(told["message"], message);
    }
}

/// The older form of a request, inputs that nobody asked for, and ids as numbers are taken as well; what is `null` is not
/// given.
#[test]
fn requests_come_in_several_forms() {
    let firm = Firm::new().unwrap();
    let client = firm.person("Ada", "Byron", "ada@example.org").unwrap();
    let mut old = request("1", &Value::Null);
    old.as_object_mut().unwrap().remove("inputFields");
    old["fields"] = json!({ "name": { "type": "STATIC_VALUE", "value": "Byron" }, "clio_contact_id": { "value": client }, "more": { "value": null } });
    let made = outputs(&send(&firm, "/actions/clio/create_matter", &old));
    assert!(done(&made, "clio_matter_id") > 0);
    let mut bare = request(
        "2",
        &json!({ "last_name": "Byron", "email": null, "phone": { "value": null } }),
    );
    bare["context"] = Value::Null;
    let made = outputs(&send(&firm, "/actions/clio/create_contact", &bare));
    assert!(done(&made, "clio_contact_id") > 0);
}
