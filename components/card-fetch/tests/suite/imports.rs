//! What an admin imports: a field of the provider, mapped to a property that HubSpot has.

use serde_json::{Value, json};
use sync300_fakes::clio::Resource;
use sync300_fakes::hubspot::ObjectType;
use sync300_native_ports::firm::{Firm, at_once};

use crate::support::*;

const TOKEN: &str = "of-the-portals-admin";

/// What an admin of the portal does in HubSpot's own settings of properties, by the API that is behind them.
fn in_hubspot(firm: &Firm, method: &str, path: &str, body: &Value) -> (u16, Value) {
    firm.portal.add_token(TOKEN);
    let request = http::Request::builder()
        .method(method)
        .uri(format!("/crm/properties/2026-03/contacts{path}"))
        .header("authorization", format!("Bearer {TOKEN}"))
        .header("content-type", "application/json")
        .body(body.to_string().into_bytes())
        .unwrap();
    let answer = at_once(firm.services.hubspot.answer(request)).unwrap();
    let answer = answer.unwrap();
    let status = answer.status().as_u16();
    (status, serde_json::from_slice(answer.body()).unwrap())
}

/// A dropdown of the portal's own.
fn dropdown() -> Value {
    let option =
        |value: &str| json!({ "label": value, "value": value, "displayOrder": 0, "hidden": false });
    json!({
        "name": "salutation_kind", "label": "Kind of salutation", "groupName": "contactinformation",
        "type": "enumeration", "fieldType": "select", "options": [option("Dr."), option("Prof.")],
    })
}

fn settings(firm: &Firm) -> Value {
    get(
        firm,
        &format!("/cards/settings?connection={}", firm.connection),
    )
}

/// Maps one more field of contacts.
fn import(firm: &Firm, rule: Value) -> Value {
    let view = settings(firm);
    let mapped = view["objects"][0]["mappings"].as_array().unwrap();
    let mut rules: Vec<Value> = mapped
        .iter()
        .map(|mapping| {
            json!({ "source": mapping["source"], "property": mapping["property"],
                "transform": mapping["transform"], "fallback": mapping["fallback"] })
        })
        .collect();
    rules.push(rule);
    let body = json!({ "connection": firm.connection, "version": view["version"], "object": "contacts", "rules": rules });
    post(firm, "/cards/mappings", &body)
}

fn imported(view: &Value) -> Value {
    let mappings = view["objects"][0]["mappings"].as_array().unwrap();
    mappings.last().unwrap().clone()
}

fn edit(firm: &Firm, person: u64, fields: &Value) {
    firm.account
        .edit(Resource::Contacts, person, fields)
        .unwrap();
}

fn next_sync(firm: &Firm) {
    firm.pass(10 * 60_000);
    firm.sync_again().unwrap();
}

fn value(firm: &Firm, id: &str, property: &str) -> Option<String> {
    let record = firm
        .portal
        .record(ObjectType::Contacts, id.parse().unwrap());
    record.unwrap().value(property).map(str::to_owned)
}

/// S2-31, S2-38, S2-77: HubSpot has no properties that an app makes read-only: `readOnlyValue` is in what it answers of a
/// property, and not among what it takes. So what is imported is held read-only by the sync, from the moment it is mapped
/// and whatever way its object goes: no other way is offered or taken, what is written over it in HubSpot never reaches the
/// provider, and the provider's next change goes over it.
#[test]
fn an_imported_field_is_the_providers_alone() {
    let (firm, ada, id) = with_ada();
    let mut own = dropdown();
    own["modificationMetadata"] =
        json!({ "archivable": true, "readOnlyDefinition": false, "readOnlyValue": true });
    assert_eq!(in_hubspot(&firm, "POST", "", &own).0, 400);
    let (status, made) = in_hubspot(&firm, "POST", "", &dropdown());
    assert_eq!(status, 201, "{made}");
    assert_eq!(made["modificationMetadata"]["readOnlyValue"], false);

    let both = json!({ "connection": firm.connection, "version": settings(&firm)["version"],
        "objects": { "contacts": { "direction": "both" } } });
    assert_eq!(post(&firm, "/cards/settings", &both)["ok"], true);
    let rule = json!({ "source": "middle_name", "property": "website", "transform": "trim", "direction": "both" });
    let stored = import(&firm, rule);
    assert_eq!(imported(&stored)["direction"], "to_hubspot", "{stored}");
    assert_eq!(imported(&stored)["directions"], json!(["to_hubspot"]));

    edit(&firm, ada, &json!({ "middle_name": "King" }));
    next_sync(&firm);
    assert_eq!(value(&firm, &id, "website").as_deref(), Some("King"));
    let number = id.parse().unwrap();
    firm.portal
        .edit(ObjectType::Contacts, number, &[("website", "Edited")])
        .unwrap();
    next_sync(&firm);
    let person = firm.account.record(Resource::Contacts, ada).unwrap();
    assert_eq!(person["middle_name"], "King");
    edit(&firm, ada, &json!({ "middle_name": "Noel" }));
    next_sync(&firm);
    assert_eq!(value(&firm, &id, "website").as_deref(), Some("Noel"));
}

/// S2-46, S2-47, S2-85: what HubSpot calls a property, and its options, are taken when it is mapped: the sync does not read
/// them again, and a mapping stays what it is. A value that is no option any more fails its record with a reason; whoever
/// opens the fields sees names and options as they are now, which is how an admin refreshes them.
#[test]
fn names_and_options_are_those_of_the_import() {
    let (firm, ada, id) = with_ada();
    assert_eq!(in_hubspot(&firm, "POST", "", &dropdown()).0, 201);
    let rule = json!({ "source": "prefix", "property": "salutation_kind", "transform": "trim" });
    let mapping = imported(&import(&firm, rule));
    assert_eq!(mapping["property"], "salutation_kind");
    edit(&firm, ada, &json!({ "prefix": "Dr." }));
    next_sync(&firm);
    assert_eq!(value(&firm, &id, "salutation_kind").as_deref(), Some("Dr."));

    let mut later = dropdown();
    let later = json!({ "label": "Form of address", "options": [later["options"][0].take()] });
    assert_eq!(
        in_hubspot(&firm, "PATCH", "/salutation_kind", &later).0,
        200
    );
    firm.calls();
    edit(&firm, ada, &json!({ "prefix": "Prof." }));
    firm.pass(10 * 60_000);
    firm.sync_again().unwrap();
    let calls = firm.services.hubspot.calls().list();
    assert!(
        calls.iter().all(|call| !call.path.contains("/properties/")),
        "{calls:?}"
    );
    assert_eq!(imported(&settings(&firm)), mapping);
    assert_eq!(value(&firm, &id, "salutation_kind").as_deref(), Some("Dr."));
    let refused = status_of(&firm, "0-1", &id);
    assert_eq!(
        refused["connections"][0]["code"], "invalid_value",
        "{refused}"
    );

    let target = format!(
        "/cards/fields?connection={}&object=contacts",
        firm.connection
    );
    let offered = get(&firm, &target);
    let known = offered["properties"].as_array().unwrap();
    let now = known
        .iter()
        .find(|property| property["name"] == "salutation_kind");
    assert_eq!(now.unwrap()["label"], "Form of address");
}
