use serde_json::json;

use super::*;

fn read(object: &str, body: Value) -> HubspotPage {
    read_hubspot(&plan(object), body.to_string().as_bytes(), false).unwrap()
}

/// F3: what HubSpot made of our values compares equal to them.
#[test]
fn equal_values_have_equal_fingerprints_and_keys_on_both_sides() {
    let ours = mapped(
        &plan("contacts"),
        json!({
            "id": 1, "first_name": "Anna", "last_name": "Lee",
            "primary_email_address": "Anna@Example.com", "primary_phone_number": "415 555 2671",
        }),
    );
    let page = read(
        "contacts",
        json!({ "status": "COMPLETE", "results": [{
            "id": "501", "createdAt": "2024-01-01T00:00:00Z", "archived": false,
            "properties": {
                "sync300_clio_id": "1", "firstname": "Anna ", "lastname": "Lee",
                "email": "anna@example.com", "phone": "(415) 555-2671", "jobtitle": null,
                "address": "", "createdate": "2024-01-01T00:00:00Z",
            },
        }]}),
    );
    let [theirs] = &page.records[..] else {
        panic!()
    };
    assert_eq!(
        (theirs.id.as_str(), theirs.source_id.as_deref()),
        ("501", Some("1"))
    );
    for at in 0..6 {
        assert_eq!(theirs.fields[at], ours.fields[at].fingerprint, "field {at}");
    }
    // Not in the answer: unknown, which is not blank.
    assert_eq!(theirs.fields[6..], [None, None, None]);
    assert_eq!(theirs.keys, ours.keys);
}

#[test]
fn times_compare_in_either_of_hubspots_forms() {
    let ours = mapped(
        &plan("matters"),
        json!({ "id": 1, "close_date": "2024-02-29" }),
    );
    let at = index_of(&plan("matters"), "closedate");
    for (theirs, equal) in [
        ("2024-02-29T00:00:00Z", true),
        ("2024-02-29T00:00:00.000Z", true),
        ("1709164800000", true),
        ("2024-02-29T15:00:00Z", false),
    ] {
        let page = read(
            "matters",
            json!({ "results": [{ "id": "1", "properties": { "closedate": theirs } }] }),
        );
        let is_equal = page.records[0].fields[at] == ours.fields[at].fingerprint;
        assert_eq!(is_equal, equal, "{theirs}");
    }
}

#[test]
fn reads_an_upsert_answer() {
    let page = read(
        "contacts",
        json!({ "results": [
            { "id": "1", "new": true, "objectWriteTraceId": "t1", "properties": {} },
            { "id": "2", "new": false, "properties": null },
            { "properties": {} },
        ], "total": 2 }),
    );
    let seen: Vec<(&str, bool, Option<&str>)> = page
        .records
        .iter()
        .map(|r| (r.id.as_str(), r.created, r.trace.as_deref()))
        .collect();
    assert_eq!(seen, [("1", true, Some("t1")), ("2", false, None)]);
    assert_eq!(page.total, Some(2));
}

fn error_of(error: Value) -> HubspotError {
    let mut page = read(
        "contacts",
        json!({ "results": [], "numErrors": 1, "errors": [error] }),
    );
    assert_eq!(page.errors.len(), 1);
    page.errors.remove(0)
}

/// S0-100, S3-22: one input that is refused says which, and why, without its value.
#[test]
fn reads_what_a_batch_refused() {
    let conflict = error_of(json!({
        "status": "error", "category": "CONFLICT",
        "message": "Contact already exists. Existing ID: 4711",
        "context": { "objectWriteTraceId": ["t1"] },
    }));
    assert_eq!(conflict.code, "conflict");
    assert_eq!(conflict.traces, ["t1"]);
    assert_eq!(conflict.existing_id.as_deref(), Some("4711"));

    let missing = error_of(json!({
        "category": "OBJECT_NOT_FOUND", "message": "Could not get some CONTACT objects",
        "context": { "ids": ["1", "2"] },
    }));
    assert_eq!((missing.code.as_str(), missing.ids.len()), ("not_found", 2));

    let invalid = error_of(json!({
        "category": "VALIDATION_ERROR",
        "message": "Property values were not valid: [{\"isValid\":false,\"message\":\"Email address \
            SECRET is invalid\",\"error\":\"INVALID_EMAIL\",\"name\":\"email\"}]",
        "context": { "objectWriteTraceId": ["t2"] },
    }));
    assert_eq!(invalid.code, "invalid_value");
    assert_eq!(invalid.property.as_deref(), Some("email"));
    assert!(!format!("{invalid:?}").contains("SECRET"));

    let unknown = error_of(json!({
        "category": "VALIDATION_ERROR", "message": "x",
        "errors": [{ "message": "Property \"foo\" does not exist", "code": "PROPERTY_DOESNT_EXIST",
            "context": { "propertyName": ["foo"] } }],
    }));
    assert_eq!(
        (unknown.code.as_str(), unknown.property.as_deref()),
        ("missing_property", Some("foo"))
    );

    let required = error_of(json!({
        "category": "VALIDATION_ERROR",
        "message": "Error creating DEAL. Some required properties were not set.",
        "context": { "properties": ["dealname"] },
    }));
    assert_eq!(required.code, "required");
}

#[test]
fn takes_errors_of_any_shape() {
    for odd in [
        json!(null),
        json!("x"),
        json!(5),
        json!([]),
        json!({ "context": "x", "errors": 1 }),
    ] {
        assert_eq!(error_of(odd).code, "refused");
    }
    let page = read(
        "contacts",
        json!({ "results": [], "errors": "x", "total": "many" }),
    );
    assert_eq!((page.errors.len(), page.total), (0, None));
}

#[test]
fn says_what_is_no_answer() {
    let plan = plan("contacts");
    let unexpected = read_hubspot(&plan, b"{\"status\":\"error\"}", false);
    assert_eq!(
        unexpected,
        Err(PageError::Unexpected("`results` is no list".to_owned()))
    );
    assert_eq!(
        read_hubspot(&plan, b"<html>", false),
        Err(PageError::Malformed(1))
    );
}

/// The wire bodies of batch create, update and upsert.
#[test]
fn writes_batch_bodies() {
    let properties = vec![
        ("firstname".to_owned(), "Anna \"A\" Lee".to_owned()),
        ("jobtitle".to_owned(), String::new()),
    ];
    let input = |id: Option<&str>, id_property: Option<&str>| WriteInput {
        id: id.map(str::to_owned),
        id_property: id_property.map(str::to_owned),
        trace: "t".to_owned(),
        properties: properties.clone(),
    };
    let body = write_body(&[
        input(None, None),
        input(Some("501"), None),
        input(Some("344117"), Some("sync300_clio_id")),
    ]);
    let body: Value = serde_json::from_slice(&body).unwrap();
    insta::assert_json_snapshot!(body);
}
