//! Which field fills which property.

use serde_json::{Value, json};
use sync300_fakes::clio::Resource;
use sync300_fakes::hubspot::ObjectType;
use sync300_native_ports::firm::Firm;

use crate::support::*;

fn settings(firm: &Firm) -> Value {
    get(
        firm,
        &format!("/cards/settings?connection={}", firm.connection),
    )
}

fn fields(firm: &Firm, object: &str, source: &str) -> Value {
    let mut target = format!(
        "/cards/fields?connection={}&object={object}",
        firm.connection
    );
    if !source.is_empty() {
        target += &format!("&source={source}");
    }
    get(firm, &target)
}

fn property<'v>(answer: &'v Value, name: &str) -> &'v Value {
    let all = answer["properties"].as_array().unwrap();
    all.iter()
        .find(|property| property["name"] == name)
        .unwrap_or(&Value::Null)
}

/// The default mappings of contacts, as a change sends them.
fn rules(firm: &Firm) -> Vec<Value> {
    let view = settings(firm);
    let contacts = view["objects"][0]["mappings"].as_array().unwrap();
    let rule = |mapping: &Value| json!({ "source": mapping["source"], "property": mapping["property"], "transform": mapping["transform"] });
    contacts.iter().map(rule).collect()
}

fn save(firm: &Firm, rules: &Value) -> Value {
    let version = settings(firm)["version"].clone();
    let body = json!({ "connection": firm.connection, "version": version, "object": "contacts", "rules": rules });
    post(firm, "/cards/mappings", &body)
}

/// S2-23 to S2-26, S2-45, S2-68, S2-69: properties and fields with their names and types, by one call; what is mapped or not
/// supported is shown, disabled, with the reason.
#[test]
fn properties_and_fields_are_offered_with_types() {
    let (firm, _, _) = with_ada();
    firm.calls();
    let offered = fields(&firm, "contacts", "");
    assert_eq!(firm.calls(), (1, 0));
    let email = property(&offered, "email");
    assert_eq!(
        (email["type"].as_str(), email["disabled"].as_bool()),
        (Some("Text"), Some(true)),
        "{email}"
    );
    assert_eq!(email["mapped"], "primary_email_address");
    assert_eq!(email["reason"], "This property is mapped already.");
    let city = property(&offered, "website");
    assert_eq!(
        (city["label"].as_str(), city["disabled"].as_bool()),
        (Some("Website URL"), Some(false))
    );
    for calculated in ["createdate", "hs_object_id"] {
        let property = property(&offered, calculated);
        assert_eq!(
            property["reason"], "This field isn't supported and won't be imported.",
            "{property}"
        );
    }
    // What the sync writes for itself is nobody's choice.
    assert_eq!(property(&offered, "sync300_clio_id"), &Value::Null);
    let sources = offered["sources"].as_array().unwrap();
    let birthday = sources
        .iter()
        .find(|source| source["path"] == "date_of_birth")
        .unwrap();
    assert_eq!(
        (birthday["label"].as_str(), birthday["type"].as_str()),
        (Some("Date of birth"), Some("Date"))
    );
    assert!(sources.iter().any(|source| source["mapped"] == true));
}

/// S2-61 to S2-67: for a chosen field, each property says whether it fits, and how the value gets in.
#[test]
fn a_chosen_field_tells_what_fits_it() {
    let (firm, _, _) = with_ada();
    let text = fields(&firm, "contacts", "middle_name");
    assert_eq!(property(&text, "website")["transform"], "trim");
    assert_eq!(
        property(&text, "mobilephone")["transform"],
        "phone_e164_or_raw"
    );
    let date = fields(&firm, "contacts", "date_of_birth");
    assert_eq!(
        property(&date, "mobilephone")["reason"],
        "Only a text can be a phone number."
    );
    assert_eq!(property(&date, "mobilephone")["disabled"], true);
    assert_eq!(
        fields(&firm, "contacts", "nobody")["code"],
        "source_unknown"
    );
    assert_eq!(fields(&firm, "bills", "")["code"], "object_unknown");
}

/// S0-19, S0-21 to S0-23, S2-29, S2-44: a field is mapped to another property, at any time and without connecting
/// again; the next sync fills it, also where the record did not change; removed and reset again.
#[test]
fn a_mapping_is_added_and_reset() {
    let (firm, ada, id) = with_ada();
    firm.account
        .edit(Resource::Contacts, ada, &json!({ "middle_name": "King" }))
        .unwrap();
    firm.pass(10 * 60_000);
    firm.sync_again().unwrap();
    let mut more = rules(&firm);
    more.push(json!({ "source": "middle_name", "property": "website", "transform": "trim" }));
    let saved = save(&firm, &json!(more));
    assert_eq!(saved["objects"][0]["custom"], true, "{saved}");
    let last = saved["objects"][0]["mappings"]
        .as_array()
        .unwrap()
        .last()
        .unwrap()
        .clone();
    assert_eq!(
        (last["property"].as_str(), last["default"].as_bool()),
        (Some("website"), Some(false))
    );
    firm.pass(10 * 60_000);
    firm.sync_again().unwrap();
    let website = || {
        let record = firm
            .portal
            .record(ObjectType::Contacts, id.parse().unwrap())
            .unwrap();
        record.value("website").map(str::to_owned)
    };
    assert_eq!(website().as_deref(), Some("King"));

    let reset = save(&firm, &Value::Null);
    assert_eq!(reset["objects"][0]["custom"], false);
    assert_eq!(reset["objects"][0]["mappings"].as_array().unwrap().len(), 9);
    assert_eq!(
        firm.number("SELECT count(*) FROM audit WHERE action = 'settings_changed'")
            .unwrap(),
        Some(2)
    );
}

/// S2-19, S2-30: what is mapped is synced at once; what is only left out, or stored as it was, waits for the schedule.
#[test]
fn what_is_mapped_is_synced_at_once() {
    let (firm, _, _) = with_ada();
    let due = || {
        let asked = "SELECT count(*) FROM connections WHERE requested_at IS NOT NULL";
        let asked = firm.number(asked).unwrap();
        firm.pass(1_000);
        firm.sync().unwrap();
        asked == Some(1)
    };
    let all = rules(&firm);
    let fewer: Vec<Value> = all.iter().skip(1).cloned().collect();
    let mut more = all.clone();
    more.push(json!({ "source": "middle_name", "property": "website", "transform": "trim" }));
    let turned: Vec<Value> = more
        .iter()
        .map(|rule| json!({ "source": rule["source"], "property": rule["property"], "transform": rule["transform"], "fallback": "title" }))
        .collect();
    for (rules, at_once) in [
        (json!(fewer), false),
        (json!(all), true),
        (json!(more), true),
        (json!(all), false),
        (json!(fewer), false),
        (Value::Null, true),
        (json!(all), false),
        (Value::Null, false),
        (json!(turned), true),
    ] {
        assert_eq!(save(&firm, &rules)["ok"], true, "{rules}");
        assert_eq!(due(), at_once, "{rules}");
    }
}

/// S2-26 to S2-30, S2-44, S2-45: several fields are imported by one change: each gets a property of its own, of its name and a
/// type that takes it, and is filled at once; asked for again, none is made twice.
#[test]
fn fields_are_imported_with_properties_of_their_own() {
    let (firm, ada, id) = with_ada();
    let born = json!({ "middle_name": "King", "date_of_birth": "1815-12-10" });
    firm.account.edit(Resource::Contacts, ada, &born).unwrap();
    let import = |version: &Value, rules: Option<Vec<Value>>, imports: Value| {
        let body = json!({ "connection": firm.connection, "version": version, "object": "contacts", "rules": rules, "imports": imports });
        post(&firm, "/cards/mappings", &body)
    };
    let seen = settings(&firm);
    let fields_of = |view: &Value| {
        let mappings = view["objects"][0]["mappings"].as_array().unwrap();
        let properties = mappings
            .iter()
            .skip(9)
            .map(|mapping| mapping["property"].clone());
        properties.collect::<Vec<_>>()
    };
    let all = json!(["middle_name", "date_of_birth", "is_client", "created_at"]);
    let names = [
        "sync300_clio_middle_name",
        "sync300_clio_date_of_birth",
        "sync300_clio_is_client",
        "sync300_clio_created_at",
    ];

    // Made from settings that are not these any more: nothing is made, nor stored.
    let lost = import(&json!("0"), None, all.clone());
    assert_eq!(lost["code"], "settings_changed");
    assert_eq!(
        property(&fields(&firm, "contacts", ""), names[0]),
        &Value::Null
    );
    for (imports, code) in [
        (json!(["nobody"]), "source_unknown"),
        (json!(["middle_name", "middle_name"]), "mapping_refused"),
    ] {
        let refused = import(&seen["version"], None, imports);
        assert_eq!(refused["code"], code, "{refused}");
    }
    assert_eq!(
        property(&fields(&firm, "contacts", ""), names[0]),
        &Value::Null
    );

    let rules_of_contacts = rules(&firm);
    let saved = import(&seen["version"], Some(rules_of_contacts.clone()), all);
    assert_eq!(fields_of(&saved), names, "{saved}");
    assert_eq!(saved["syncing"], "queued");
    let offered = fields(&firm, "contacts", "");
    for (name, label, kind) in [
        (names[0], "Middle name", "Text"),
        (names[1], "Date of birth", "Date"),
        (names[2], "Is client", "Yes/No"),
        (names[3], "Created at", "Date and time"),
    ] {
        let property = property(&offered, name);
        assert_eq!(
            (property["label"].as_str(), property["type"].as_str()),
            (Some(label), Some(kind)),
            "{property}"
        );
        assert_eq!(property["disabled"], true);
    }
    firm.sync().unwrap();
    let record = firm
        .portal
        .record(ObjectType::Contacts, id.parse().unwrap())
        .unwrap();
    assert_eq!(record.value(names[0]), Some("King"));
    assert_eq!(record.value(names[1]), Some("1815-12-10"));

    // Left out, and imported again: the property is there, and is taken.
    assert_eq!(save(&firm, &Value::Null)["ok"], true);
    firm.calls();
    let version = settings(&firm)["version"].clone();
    let again = import(&version, None, json!(["middle_name"]));
    assert_eq!(fields_of(&again), [names[0]], "{again}");
    assert_eq!(firm.calls(), (1, 0));

    // The proxy tries once more where the answer was lost.
    assert_eq!(save(&firm, &Value::Null)["ok"], true);
    let version = settings(&firm)["version"].clone();
    for _ in 0..2 {
        let told = import(
            &version,
            Some(rules_of_contacts.clone()),
            json!(["is_client"]),
        );
        assert_eq!(fields_of(&told), [names[2]], "{told}");
    }
}

/// Mappings that could not be worked with are refused with property and reason, and change nothing.
#[test]
fn what_cannot_be_mapped_is_refused() {
    let (firm, _, _) = with_ada();
    let before = settings(&firm);
    let with = |rule: Value| {
        let mut all = rules(&firm);
        all.push(rule);
        json!(all)
    };
    for (bad, named) in [
        (json!([]), "at least one"),
        (
            with(json!({ "source": "title", "property": "jobtitle", "transform": "trim" })),
            "jobtitle",
        ),
        (
            with(json!({ "source": "nobody", "property": "website", "transform": "trim" })),
            "nobody",
        ),
        (
            with(json!({ "source": "a..b", "property": "website", "transform": "trim" })),
            "a..b",
        ),
        (
            with(json!({ "source": "title", "property": "website", "transform": "rot13" })),
            "rot13",
        ),
        (
            with(json!({ "source": "title", "property": "no_such_property", "transform": "trim" })),
            "no_such_property",
        ),
        (
            with(json!({ "source": "title", "property": "Web Site", "transform": "trim" })),
            "Web Site",
        ),
        (
            with(json!({ "source": "title", "property": "hs_object_id", "transform": "trim" })),
            "isn't supported",
        ),
        (
            with(json!({ "source": "title", "property": "sync300_clio_id", "transform": "trim" })),
            "sync300_clio_id",
        ),
    ] {
        let refused = save(&firm, &bad);
        assert_eq!(
            (refused["ok"].as_bool(), refused["code"].as_str()),
            (Some(false), Some("mapping_refused")),
            "{bad}"
        );
        assert!(
            refused["message"].as_str().unwrap().contains(named),
            "{refused}"
        );
    }
    assert_eq!(settings(&firm), before);
}

/// A kind of record that HubSpot takes only with certain properties keeps them mapped.
#[test]
fn a_required_property_stays_mapped() {
    let (firm, _, _) = with_ada();
    let view = settings(&firm);
    let name = view["objects"][1]["mappings"][0].clone();
    assert_eq!(
        (name["property"].as_str(), name["required"].as_bool()),
        (Some("name"), Some(true))
    );
    let body = json!({
        "connection": firm.connection, "version": view["version"], "object": "companies",
        "rules": [{ "source": "primary_phone_number", "property": "phone", "transform": "phone_e164_or_raw" }],
    });
    let refused = post(&firm, "/cards/mappings", &body);
    assert_eq!(refused["code"], "mapping_refused");
    assert!(
        refused["message"]
            .as_str()
            .unwrap()
            .contains("without name"),
        "{refused}"
    );
}

/// A mapping is tried on a live record before it is stored: one call to each side, and nothing changes.
#[test]
fn a_mapping_is_tried_on_a_live_record() {
    let (firm, ada, id) = with_ada();
    firm.account
        .edit(Resource::Contacts, ada, &json!({ "middle_name": "King" }))
        .unwrap();
    let rules = json!([{ "source": "middle_name", "property": "website", "transform": "trim" },
                       { "source": "last_name", "property": "lastname", "transform": "trim" }]);
    let before = settings(&firm);
    firm.calls();
    let body = json!({ "connection": firm.connection, "object": "contacts", "rules": rules });
    let tested = post(&firm, "/cards/test", &body);
    assert_eq!(tested["record"], id, "{tested}");
    assert_eq!(tested["fields"][0]["provider"], "King");
    assert_eq!(tested["fields"][0]["differs"], true);
    assert_eq!(tested["fields"][1]["differs"], false);
    assert_eq!(firm.calls(), (2, 1));
    assert_eq!(settings(&firm), before);
    let nobody = json!({ "connection": firm.connection, "object": "contacts", "record": "999" });
    assert_eq!(post(&firm, "/cards/test", &nobody)["code"], "not_linked");
}
