use serde_json::json;

use super::*;

/// S0-24, S0-26: a person as Clio answers it.
#[test]
fn maps_a_contact() {
    let plan = plan("contacts");
    let record = mapped(
        &plan,
        json!({
            "id": 344117, "etag": "\"x\"", "type": "Person", "name": "Anna Müller",
            "first_name": " Anna ", "last_name": "Müller", "title": null,
            "primary_email_address": "Anna.Mueller@Example.com",
            "primary_phone_number": "(415) 555-2671",
            "created_at": "2024-01-01T00:00:00-08:00", "updated_at": "2024-02-29T23:30:00-08:00",
            "company": { "id": 99, "name": "Acme" },
            "primary_address": { "id": 1, "street": "1 Main St", "city": "Oakland",
                "province": "CA", "postal_code": "94607", "country": "US" },
            "email_addresses": [{ "id": 2, "address": "x@example.com", "primary": true }],
        }),
    );
    insta::assert_json_snapshot!(shown(&plan, &record));
    assert!(record.fields.iter().all(|f| f.fingerprint.is_some()));
}

/// Without fingerprints, which hold a key of the test's own.
fn shown(plan: &Plan, record: &MappedRecord) -> Value {
    let names = plan_fields(plan);
    let fields: Value = names
        .iter()
        .zip(&record.fields)
        .map(|(name, field)| (name.clone(), json!(field.value)))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let keys: Vec<_> = record
        .keys
        .iter()
        .map(|key| json!([key.tier, key.value, key.guard.is_some()]))
        .collect();
    let relations: Vec<_> = record
        .relations
        .iter()
        .map(|set| json!([set.kind, set.reverse, set.others]))
        .collect();
    json!({
        "id": record.id, "updated_at": record.updated_at, "fields": fields, "keys": keys,
        "relations": relations, "system": record.system,
    })
}

/// S0-28, S0-30, S0-34, S0-36: a matter, with its stage as provisioning numbered it.
#[test]
fn maps_a_matter() {
    let mut plan = plan("matters");
    plan.aliases.push(Alias {
        property: "dealstage".to_owned(),
        value: "open".to_owned(),
        id: "187923".to_owned(),
    });
    let record = mapped(
        &plan,
        json!({
            "id": 7, "display_number": "00007-Müller", "description": " ", "status": "Open",
            "open_date": "2024-03-01", "close_date": "2024-04-01",
            "client": { "id": 344117, "type": "Person", "name": "Anna" },
            "practice_area": { "id": 3, "name": "Family" },
            "responsible_attorney": { "id": 4, "name": "Lee" },
            "updated_at": "2024-04-02T10:00:00Z",
        }),
    );
    insta::assert_json_snapshot!(shown(&plan, &record));
}

/// S0-29, S0-38: a task, whose page is its matter's list.
#[test]
fn maps_a_task() {
    let plan = plan("tasks");
    let record = mapped(
        &plan,
        json!({
            "id": 12, "name": "File", "description": "<p>At <b>court</b></p>", "status": "in_review",
            "priority": "Normal", "due_at": "2024-05-01", "matter": { "id": 7 },
        }),
    );
    insta::assert_json_snapshot!(shown(&plan, &record));
    let alone = mapped(&plan, json!({ "id": 13, "name": "Call", "matter": null }));
    assert_eq!(
        alone.system,
        [(
            "sync300_clio_url".to_owned(),
            "https://app.clio.com/nc/#/tasks".to_owned()
        )]
    );
}

/// S0-27, S0-37, S0-64: of a company its domain is the key, and the name is guarded by it.
#[test]
fn keys_a_company_by_domain_then_name() {
    let plan = plan("companies");
    let record = mapped(
        &plan,
        json!({ "id": 99, "name": "Acme, Inc.", "primary_web_site": { "address": "www.acme.com" } }),
    );
    let keys: Vec<(&str, &str)> = record
        .keys
        .iter()
        .map(|key| (key.tier.as_str(), key.value.as_str()))
        .collect();
    assert_eq!(keys, [("domain", "acme.com"), ("name", "acme")]);
    assert_eq!(record.keys[1].guard, Some(record.keys[0].digest));
}

/// The client is one of the two: which it is no longer is told as an empty set.
#[test]
fn tells_both_kinds_of_clients() {
    let record = mapped(
        &plan("matters"),
        json!({ "id": 7, "client": { "id": 99, "type": "Company" } }),
    );
    let sets: Vec<(&str, bool, usize)> = record
        .relations
        .iter()
        .map(|set| (set.kind.as_str(), set.reverse, set.others.len()))
        .collect();
    assert_eq!(
        sets,
        [
            ("matter_client", true, 0),
            ("matter_client_company", true, 1)
        ]
    );
}

/// S0-35: null removes a relation; a value that cannot be read proves nothing.
#[test]
fn a_broken_relation_is_not_told() {
    let plan = plan("contacts");
    let gone = mapped(&plan, json!({ "id": 1, "company": null }));
    assert_eq!(gone.relations[0].others, [""; 0]);
    let broken = mapped(&plan, json!({ "id": 1, "company": "Acme" }));
    assert_eq!(broken.relations, []);
}

/// S0-21, S0-22: custom mappings, with dot paths and elements of lists.
#[test]
fn maps_by_custom_rules() {
    let mut plan = plan("contacts");
    let mut nick = rule("middle_name", "nickname", "trim");
    nick.fallback = Some("first_name".to_owned());
    plan.rules = Some(vec![
        rule("address.city", "city", "trim"),
        rule(
            "email_addresses[primary].address",
            "work_email",
            "email_normalise",
        ),
        rule(
            "phone_numbers[name=Mobile].number",
            "mobilephone",
            "phone_e164_or_raw",
        ),
        rule(
            "custom_field_values[field_name=Referred by].value",
            "referrer",
            "trim",
        ),
        rule(
            "custom_field_values[field_name=Score].value",
            "score",
            "trim",
        ),
        rule("is_client", "is_client", "trim"),
        nick,
    ]);
    let record = mapped(
        &plan,
        json!({
            "id": 1, "is_client": true, "first_name": "Anna", "last_name": "Lee",
            "primary_address": { "city": "Oakland" },
            "email_addresses": [
                { "address": "b@example.com", "primary": false },
                { "address": "A@example.com", "primary": true },
                { "address": "c@example.com", "primary": true },
            ],
            "phone_numbers": [{ "number": "1" }, { "name": "Mobile", "number": "415 555 2671" }],
            "custom_field_values": [
                { "field_name": "Score", "value": 4.5 },
                { "value": "Bob", "field_name": "Referred by" },
            ],
        }),
    );
    for (property, expected) in [
        ("city", "Oakland"),
        ("work_email", "a@example.com"),
        ("mobilephone", "+14155552671"),
        ("referrer", "Bob"),
        ("score", "4.5"),
        ("is_client", "true"),
        ("nickname", "Anna"),
    ] {
        assert_eq!(
            value(&plan, &record, property),
            Some(expected),
            "{property}"
        );
    }
    // The name is no longer mapped, and still a key.
    assert_eq!(record.keys[0].value, "anna lee");
    assert_eq!(record.fields.len(), 7);
}

/// S0-22: what is absent anywhere on a path is no value, and no error.
#[test]
fn absent_and_null_are_no_value() {
    let plan = plan("contacts");
    for record in [
        json!({ "id": 1 }),
        json!({ "id": 1, "primary_address": null, "first_name": null }),
        json!({ "id": 1, "primary_address": {}, "first_name": "" }),
        json!({ "id": 1, "primary_address": { "city": null } }),
    ] {
        let record = mapped(&plan, record);
        assert_eq!(record.errors, []);
        for field in &record.fields {
            assert_eq!((&field.value, field.fingerprint), (&None, Some((0, 0))));
        }
    }
}

/// A field that cannot be transformed fails alone, and says nothing of its value.
#[test]
fn a_broken_field_fails_alone() {
    let plan = plan("contacts");
    let record = mapped(
        &plan,
        json!({
            "id": 1, "first_name": { "x": 1 }, "last_name": ["x"], "title": "Judge",
            "primary_email_address": "SECRET not an address", "primary_address": "SECRET street",
        }),
    );
    let errors: Vec<(&str, &str)> = record
        .errors
        .iter()
        .map(|error| (error.property.as_str(), error.code.as_str()))
        .collect();
    assert_eq!(
        errors,
        [
            ("firstname", "wrong_type"),
            ("lastname", "wrong_type"),
            ("email", "invalid_email"),
            ("address", "wrong_type"),
            ("city", "wrong_type"),
            ("state", "wrong_type"),
            ("zip", "wrong_type"),
        ]
    );
    assert_eq!(value(&plan, &record, "jobtitle"), Some("Judge"));
    assert_eq!(record.fields[0].fingerprint, None);
    assert!(!format!("{:?}", record.errors).contains("SECRET"));
}

#[test]
fn a_record_without_an_id_is_counted() {
    let body = page_of(json!([
        { "id": 1 }, { "name": "x" }, { "id": null }, { "id": {} }, { "id": "" }, 5, null, "x", [1],
        { "id": "2" },
    ]));
    let page = map_page(&plan("contacts"), &body).unwrap();
    let ids: Vec<&str> = page.records.iter().map(|r| r.id.as_str()).collect();
    assert_eq!((ids, page.unreadable), (vec!["1", "2"], 8));
}

#[test]
fn tells_the_next_page() {
    let body = |next: &str| {
        json!({ "meta": { "paging": { "next": next } }, "data": [] })
            .to_string()
            .into_bytes()
    };
    let next = "https://app.clio.com/api/v4/contacts.json?page_token=x";
    let page = map_page(&plan("contacts"), &body(next)).unwrap();
    assert_eq!(page.cursor.as_deref(), Some(next));
    assert_eq!(map_page(&plan("contacts"), &body("")).unwrap().cursor, None);
    for foreign in [
        "https://evil.example/api/v4/contacts.json",
        "http://app.clio.com/api/v4/contacts.json",
        "https://app.clio.com:8443/x",
        "https://app.clio.com.evil.example/x",
        "https://app.clio.com@evil.example/x",
        "https://user@app.clio.com/x",
        "//app.clio.com/x",
        "/api/v4/contacts.json",
    ] {
        let refused = map_page(&plan("contacts"), &body(foreign));
        assert_eq!(refused, Err(PageError::ForeignCursor), "{foreign}");
    }
}

#[test]
fn says_what_is_wrong_with_a_page() {
    let plan = plan("contacts");
    let unexpected = |what: &str| Err(PageError::Unexpected(what.to_owned()));
    for (body, error) in [
        (&b""[..], Err(PageError::Malformed(0))),
        (b"{\"data\":[{\"id\":1}", Err(PageError::Malformed(17))),
        (b"{\n\"data\":[]\n} x", Err(PageError::Malformed(15))),
        (b"{\"data\":\xff}", Err(PageError::Malformed(8))),
        (b"[]", unexpected("the page is no object")),
        (b"null", unexpected("the page is no object")),
        (b"{}", unexpected("`data` is no list")),
        (b"{\"data\":null}", unexpected("`data` is no list")),
    ] {
        let text = String::from_utf8_lossy(body);
        assert_eq!(map_page(&plan, body), error, "{text}");
    }
}

/// The walk goes no deeper than its paths: what lies beneath is skipped without recursion.
#[test]
fn takes_any_depth() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let body = format!("{{\"data\":[{deep},{{\"id\":1,\"first_name\":{deep},\"x\":{deep}}}]}}");
    let page = map_page(&plan("contacts"), body.as_bytes()).unwrap();
    assert_eq!((page.records.len(), page.unreadable), (1, 1));
    assert_eq!(page.records[0].errors[0].code, "wrong_type");
}

#[test]
fn takes_huge_fields_and_null_characters() {
    let plan = plan("contacts");
    let huge = "x".repeat(10 << 20);
    let record = mapped(
        &plan,
        json!({ "id": 1, "first_name": huge, "last_name": "a\0b" }),
    );
    assert_eq!(record.errors[0].code, "too_long");
    assert_eq!(value(&plan, &record, "lastname"), Some("ab"));
}
