//! Batches of records: limits, multi-status answers, matching by unique values.

use serde_json::{Value, json};
use sync300_fakes::hubspot::ObjectType;

use crate::hubspot::{CONTACTS, start, unique_id};

fn inputs(count: usize) -> Value {
    let inputs: Vec<Value> = (0..count).map(|n| json!({ "id": n.to_string() })).collect();
    json!({ "inputs": inputs })
}

#[tokio::test]
async fn batches_hold_a_hundred_inputs() {
    let (_hubspot, api, _) = start().await;
    for path in ["read", "archive"] {
        let path = format!("{CONTACTS}/batch/{path}");
        assert!(api.post(&path, inputs(100)).await.status < 300, "{path}");
        assert_eq!(api.post(&path, inputs(101)).await.status, 400, "{path}");
        assert_eq!(api.post(&path, inputs(0)).await.status, 400, "{path}");
    }
    let many: Vec<Value> = (0..101)
        .map(|n| json!({ "properties": { "city": n.to_string() } }))
        .collect();
    assert_eq!(
        api.post(
            &format!("{CONTACTS}/batch/create"),
            json!({ "inputs": many })
        )
        .await
        .status,
        400
    );
}

/// S0-97: the read by e-mail that matching relies on.
#[tokio::test]
async fn batch_read_finds_by_email_and_reports_what_is_missing() {
    let (_hubspot, api, portal) = start().await;
    let id = portal
        .create_by_hand(ObjectType::Contacts, &[("email", " Ada@Example.com ")])
        .unwrap();
    let body = json!({
        "idProperty": "email",
        "properties": ["email", "city", "no_such_property"],
        "inputs": [{ "id": "ADA@example.com" }, { "id": "nobody@example.com" }],
    });
    let reply = api.post(&format!("{CONTACTS}/batch/read"), body).await;
    assert_eq!(reply.status, 207);
    assert_eq!(reply.body["results"][0]["id"], id.to_string());
    assert_eq!(
        reply.body["results"][0]["properties"]["email"],
        "ada@example.com"
    );
    assert_eq!(reply.body["results"][0]["properties"]["city"], Value::Null);
    assert!(
        reply.body["results"][0]["properties"]
            .get("no_such_property")
            .is_none()
    );
    assert_eq!(reply.body["numErrors"], 1);
    assert_eq!(reply.body["errors"][0]["category"], "OBJECT_NOT_FOUND");
    assert_eq!(
        reply.body["errors"][0]["context"]["ids"],
        json!(["nobody@example.com"])
    );

    let body = json!({ "idProperty": "city", "inputs": [{ "id": "Basel" }] });
    assert_eq!(
        api.post(&format!("{CONTACTS}/batch/read"), body)
            .await
            .status,
        400
    );
}

#[tokio::test]
async fn with_trace_ids_every_input_fails_alone() {
    let (_hubspot, api, portal) = start().await;
    unique_id(&api, "contacts").await;
    let body = json!({ "inputs": [
        { "id": "1", "idProperty": "sync300_clio_id", "objectWriteTraceId": "a",
          "properties": { "firstname": "Ada", "email": "ada@example.com" } },
        { "id": "2", "idProperty": "sync300_clio_id", "objectWriteTraceId": "b",
          "properties": { "email": "not an address" } },
        { "id": "3", "idProperty": "sync300_clio_id", "objectWriteTraceId": "c",
          "properties": { "email": "ADA@example.com" } },
    ]});
    let reply = api.post(&format!("{CONTACTS}/batch/upsert"), body).await;
    assert_eq!(reply.status, 207);
    assert_eq!(reply.body["results"].as_array().unwrap().len(), 1);
    assert_eq!(reply.body["results"][0]["new"], true);
    assert_eq!(reply.body["results"][0]["objectWriteTraceId"], "a");
    assert_eq!(
        reply.body["results"][0]["properties"]["sync300_clio_id"],
        "1"
    );
    let traces: Vec<&Value> = reply.body["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| &e["context"]["objectWriteTraceId"])
        .collect();
    assert_eq!(traces, [&json!(["b"]), &json!(["c"])]);
    assert!(
        reply.body["errors"][0]["message"]
            .as_str()
            .unwrap()
            .contains("INVALID_EMAIL")
    );
    assert_eq!(reply.body["errors"][1]["category"], "CONFLICT");
    assert_eq!(portal.count(ObjectType::Contacts), 1);
}

#[tokio::test]
async fn without_trace_ids_one_bad_input_refuses_all() {
    let (_hubspot, api, portal) = start().await;
    let body = json!({ "inputs": [
        { "properties": { "email": "ada@example.com" } },
        { "properties": { "no_such_property": "x" } },
    ]});
    let reply = api.post(&format!("{CONTACTS}/batch/create"), body).await;
    assert_eq!(reply.status, 400);
    assert!(
        reply
            .message()
            .starts_with("Property values were not valid: [{")
    );
    assert!(reply.message().contains("PROPERTY_DOESNT_EXIST"));
    assert_eq!(portal.count(ObjectType::Contacts), 0);
}

#[tokio::test]
async fn upsert_creates_then_updates_by_the_unique_property() {
    let (_hubspot, api, portal) = start().await;
    unique_id(&api, "contacts").await;
    let body = |city: &str| json!({ "inputs": [{ "id": "77", "idProperty": "sync300_clio_id", "properties": { "city": city } }] });
    let path = format!("{CONTACTS}/batch/upsert");
    let first = api.post(&path, body("Basel")).await;
    let second = api.post(&path, body("Bern")).await;
    assert_eq!((first.status, second.status), (200, 200));
    assert_eq!(
        (
            &first.body["results"][0]["new"],
            &second.body["results"][0]["new"]
        ),
        (&json!(true), &json!(false))
    );
    assert_eq!(
        first.body["results"][0]["id"],
        second.body["results"][0]["id"]
    );
    assert_eq!(
        portal.records(ObjectType::Contacts)[0].value("city"),
        Some("Bern")
    );
}

#[tokio::test]
async fn upsert_needs_a_unique_property() {
    let (_hubspot, api, _) = start().await;
    let by = |property: &str| json!({ "inputs": [{ "id": "1", "idProperty": property, "properties": {} }] });
    let reply = api
        .post(&format!("{CONTACTS}/batch/upsert"), by("city"))
        .await;
    assert_eq!(reply.status, 400);
    assert!(
        reply
            .message()
            .starts_with("Unable to perform update/upsert by non-unique 0-1 property city")
    );
    // The upsert takes e-mail addresses, the update does not.
    let by_email = json!({ "inputs": [{ "id": "ada@example.com", "idProperty": "email", "properties": { "city": "Bern" } }] });
    assert_eq!(
        api.post(&format!("{CONTACTS}/batch/upsert"), by_email.clone())
            .await
            .status,
        200
    );
    assert_eq!(
        api.post(&format!("{CONTACTS}/batch/update"), by_email)
            .await
            .status,
        400
    );
}

#[tokio::test]
async fn ids_and_trace_ids_must_not_repeat() {
    let (_hubspot, api, portal) = start().await;
    let id = portal
        .create_by_hand(ObjectType::Contacts, &[("city", "Bern")])
        .unwrap()
        .to_string();
    let input = |id: &str, trace: &str| json!({ "id": id, "objectWriteTraceId": trace, "properties": { "city": "Basel" } });
    let path = format!("{CONTACTS}/batch/update");
    for inputs in [
        [input(&id, "a"), input(&id, "b")],
        [input(&id, "a"), input("1", "a")],
    ] {
        assert_eq!(
            api.post(&path, json!({ "inputs": inputs })).await.status,
            400
        );
    }
    assert_eq!(
        portal
            .record(ObjectType::Contacts, id.parse().unwrap())
            .unwrap()
            .value("city"),
        Some("Bern")
    );
}

/// S0-99: what the product must be prepared for after a merge.
#[tokio::test]
async fn after_a_merge_the_old_id_works_alone_but_not_in_batches() {
    let (_hubspot, api, portal) = start().await;
    let one = portal
        .create_by_hand(ObjectType::Contacts, &[("email", "one@example.com")])
        .unwrap();
    let two = portal
        .create_by_hand(
            ObjectType::Contacts,
            &[("email", "two@example.com"), ("city", "Bern")],
        )
        .unwrap();
    assert_eq!(portal.merge(ObjectType::Contacts, one, two).unwrap(), one);

    let read = api
        .get(&format!(
            "{CONTACTS}/{two}?properties=city,hs_merged_object_ids"
        ))
        .await;
    assert_eq!(
        (read.status, &read.body["id"]),
        (200, &json!(one.to_string()))
    );
    assert_eq!(read.body["properties"]["city"], "Bern");
    assert_eq!(
        read.body["properties"]["hs_merged_object_ids"],
        two.to_string()
    );
    let patched = api
        .patch(
            &format!("{CONTACTS}/{two}"),
            json!({ "properties": { "city": "Basel" } }),
        )
        .await;
    assert_eq!(patched.body["id"], one.to_string());

    let body = json!({ "inputs": [{ "id": two.to_string(), "objectWriteTraceId": "a", "properties": { "city": "Chur" } }] });
    let batch = api.post(&format!("{CONTACTS}/batch/update"), body).await;
    assert_eq!(batch.status, 207);
    assert_eq!(batch.body["errors"][0]["category"], "OBJECT_NOT_FOUND");
    assert_eq!(
        batch.body["errors"][0]["context"],
        json!({ "ids": [two.to_string()], "objectWriteTraceId": ["a"] })
    );

    let by_mail = json!({ "idProperty": "email", "inputs": [{ "id": "two@example.com" }] });
    let found = api.post(&format!("{CONTACTS}/batch/read"), by_mail).await;
    assert_eq!(found.body["results"][0]["id"], one.to_string());
}

#[tokio::test]
async fn a_merge_may_make_a_new_id() {
    let (_hubspot, api, portal) = start().await;
    unique_id(&api, "contacts").await;
    portal.set_merge_creates_new_id(true);
    let one = portal
        .create_by_hand(ObjectType::Contacts, &[("sync300_clio_id", "5")])
        .unwrap();
    let two = portal
        .create_by_hand(ObjectType::Contacts, &[("sync300_clio_id", "6")])
        .unwrap();
    let body = json!({ "primaryObjectId": one.to_string(), "objectIdToMerge": two.to_string() });
    let reply = api.post(&format!("{CONTACTS}/merge"), body).await;
    let survivor: u64 = reply.body["id"].as_str().unwrap().parse().unwrap();
    assert!(survivor != one && survivor != two);
    assert_eq!(portal.survivor(ObjectType::Contacts, one), survivor);
    assert_eq!(portal.survivor(ObjectType::Contacts, two), survivor);
    // The loser's unique value is free again, the winner's leads to the survivor.
    let by_id =
        json!({ "idProperty": "sync300_clio_id", "inputs": [{ "id": "5" }, { "id": "6" }] });
    let found = api.post(&format!("{CONTACTS}/batch/read"), by_id).await;
    assert_eq!(found.body["results"][0]["id"], survivor.to_string());
    assert_eq!(found.body["errors"][0]["context"]["ids"], json!(["6"]));
}
