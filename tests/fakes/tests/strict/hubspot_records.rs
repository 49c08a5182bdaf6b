//! Single records: what HubSpot takes, what it makes of it, what it answers.

use serde_json::{Value, json};
use sync300_fakes::hubspot::{ObjectType, Source};

use crate::hubspot::{COMPANIES, CONTACTS, DEALS, TICKETS, start, unique_id};

/// The `error` words of a refusal.
fn errors(message: &str) -> Vec<String> {
    let list = message
        .strip_prefix("Property values were not valid: ")
        .unwrap_or("[]");
    let list: Vec<Value> = serde_json::from_str(list).unwrap();
    list.iter()
        .map(|problem| problem["error"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn values_are_validated_by_type() {
    let (_hubspot, api, portal) = start().await;
    let long = "x".repeat(65_537);
    for (path, name, value, error) in [
        (CONTACTS, "no_such_property", "x", "PROPERTY_DOESNT_EXIST"),
        (CONTACTS, "email", "jane@", "INVALID_EMAIL"),
        (CONTACTS, "email", "jane@localhost", "INVALID_EMAIL"),
        (CONTACTS, "lifecyclestage", "friend", "INVALID_OPTION"),
        (CONTACTS, "createdate", "2026-01-01", "READ_ONLY_VALUE"),
        (CONTACTS, "hs_object_id", "1", "READ_ONLY_VALUE"),
        (CONTACTS, "city", long.as_str(), "PROPERTY_VALUE_TOO_LONG"),
        (COMPANIES, "numberofemployees", "many", "INVALID_FLOAT"),
        (DEALS, "closedate", "01.02.2026", "INVALID_LONG"),
    ] {
        let reply = api
            .post(path, json!({ "properties": { name: value } }))
            .await;
        assert_eq!(reply.status, 400, "{name}");
        assert_eq!(reply.body["category"], "VALIDATION_ERROR");
        assert_eq!(errors(reply.message()), [error], "{name}");
    }
    assert!(ObjectType::ALL.iter().all(|kind| portal.count(*kind) == 0));
}

#[tokio::test]
async fn values_are_normalised_as_by_hubspot() {
    let (_hubspot, api, _) = start().await;
    let contact = api
        .post(
            CONTACTS,
            json!({ "properties": { "email": " Ada@Example.COM " } }),
        )
        .await;
    assert_eq!(contact.status, 201);
    assert_eq!(contact.body["properties"]["email"], "ada@example.com");
    let company = api
        .post(
            COMPANIES,
            json!({ "properties": { "domain": " Example.COM" } }),
        )
        .await;
    assert_eq!(company.body["properties"]["domain"], "example.com");
    let deal = json!({ "properties": { "dealname": "D", "dealstage": "closedwon", "closedate": "1767225600000" } });
    assert_eq!(
        api.post(DEALS, deal).await.body["properties"]["closedate"],
        "2026-01-01T00:00:00Z"
    );
}

/// S0-102: what a record lacks is named.
#[tokio::test]
async fn what_is_required_must_be_there() {
    let (_hubspot, api, _) = start().await;
    for (path, properties, missing) in [
        (
            COMPANIES,
            json!({ "city": "Bern" }),
            json!(["name", "domain"]),
        ),
        (
            DEALS,
            json!({ "amount": "1" }),
            json!(["dealname", "dealstage"]),
        ),
        (
            TICKETS,
            json!({ "subject": "T" }),
            json!(["hs_pipeline_stage"]),
        ),
    ] {
        let reply = api.post(path, json!({ "properties": properties })).await;
        assert_eq!(reply.status, 400);
        assert_eq!(reply.body["errors"][0]["context"]["properties"], missing);
    }
}

#[tokio::test]
async fn a_stage_must_be_one_of_its_pipeline() {
    let (_hubspot, api, _) = start().await;
    let wrong = json!({ "properties": { "dealname": "D", "dealstage": "1" } });
    assert_eq!(
        errors(api.post(DEALS, wrong).await.message()),
        ["INVALID_OPTION"]
    );
    let wrong =
        json!({ "properties": { "subject": "T", "hs_pipeline": "9", "hs_pipeline_stage": "1" } });
    assert_eq!(
        errors(api.post(TICKETS, wrong).await.message()),
        ["INVALID_OPTION"]
    );
    let right = api
        .post(
            TICKETS,
            json!({ "properties": { "subject": "T", "hs_pipeline_stage": "1" } }),
        )
        .await;
    assert_eq!(right.body["properties"]["hs_pipeline"], "0");
}

#[tokio::test]
async fn closing_a_deal_fills_its_close_date_unless_it_is_given() {
    let (_hubspot, api, portal) = start().await;
    let open = [("dealname", "D"), ("dealstage", "contractsent")];
    for (properties, given) in [
        (json!({ "dealstage": "closedwon" }), false),
        (
            json!({ "dealstage": "closedlost", "closedate": "2020-02-02" }),
            true,
        ),
    ] {
        let id = portal.create_by_hand(ObjectType::Deals, &open).unwrap();
        let reply = api
            .patch(
                &format!("{DEALS}/{id}"),
                json!({ "properties": properties }),
            )
            .await;
        let date = reply.body["properties"]["closedate"]
            .as_str()
            .unwrap()
            .to_owned();
        assert_eq!(date == "2020-02-02T00:00:00Z", given, "{date}");
    }
}

#[tokio::test]
async fn emails_are_unique_in_any_case() {
    let (_hubspot, api, portal) = start().await;
    let id = portal
        .create_by_hand(ObjectType::Contacts, &[("email", "ada@example.com")])
        .unwrap();
    let reply = api
        .post(
            CONTACTS,
            json!({ "properties": { "email": "ADA@example.com" } }),
        )
        .await;
    assert_eq!(
        (reply.status, &reply.body["category"]),
        (409, &json!("CONFLICT"))
    );
    assert_eq!(
        reply.message(),
        format!("Contact already exists. Existing ID: {id}")
    );
    portal.archive(ObjectType::Contacts, id).unwrap();
    assert_eq!(
        api.post(
            CONTACTS,
            json!({ "properties": { "email": "ada@example.com" } })
        )
        .await
        .status,
        201
    );
}

#[tokio::test]
async fn unique_properties_are_unique() {
    let (_hubspot, api, portal) = start().await;
    unique_id(&api, "companies").await;
    let first = [("name", "A"), ("sync300_clio_id", "7")];
    let id = portal
        .create_by_hand(ObjectType::Companies, &first)
        .unwrap();
    let reply = api
        .post(
            COMPANIES,
            json!({ "properties": { "name": "B", "sync300_clio_id": "7" } }),
        )
        .await;
    assert_eq!(reply.status, 400);
    assert!(
        reply
            .message()
            .starts_with("Cannot set PropertyValueCoordinates{")
    );
    assert!(
        reply
            .message()
            .ends_with(&format!("{id} already has that value."))
    );
    let found = api
        .get(&format!("{COMPANIES}/7?idProperty=sync300_clio_id"))
        .await;
    assert_eq!(found.body["id"], id.to_string());
}

#[tokio::test]
async fn answers_hold_what_was_asked_and_the_defaults() {
    let (_hubspot, api, portal) = start().await;
    let id = portal
        .create_by_hand(
            ObjectType::Contacts,
            &[("firstname", "Ada"), ("city", "Bern"), ("zip", "3000")],
        )
        .unwrap();
    let reply = api
        .get(&format!(
            "{CONTACTS}/{id}?properties=city,phone&properties=state"
        ))
        .await;
    let mut names: Vec<&String> = reply.body["properties"]
        .as_object()
        .unwrap()
        .keys()
        .collect();
    names.sort();
    let expected = [
        "city",
        "createdate",
        "email",
        "firstname",
        "hs_object_id",
        "lastmodifieddate",
        "lastname",
        "phone",
        "state",
    ];
    assert_eq!(names, expected);
    assert_eq!(reply.body["properties"]["phone"], Value::Null);
    assert_eq!(reply.body["properties"]["hs_object_id"], id.to_string());
}

#[tokio::test]
async fn archived_records_show_only_when_asked_for() {
    let (_hubspot, api, portal) = start().await;
    let id = portal
        .create_by_hand(ObjectType::Contacts, &[("city", "Bern")])
        .unwrap();
    assert_eq!(api.delete(&format!("{CONTACTS}/{id}")).await.status, 204);
    assert_eq!(api.delete(&format!("{CONTACTS}/{id}")).await.status, 204);
    let gone = api.get(&format!("{CONTACTS}/{id}")).await;
    assert_eq!(
        (gone.status, &gone.body["category"]),
        (404, &json!("OBJECT_NOT_FOUND"))
    );
    let shown = api.get(&format!("{CONTACTS}/{id}?archived=true")).await;
    assert_eq!((shown.status, &shown.body["archived"]), (200, &json!(true)));
    assert!(shown.body["archivedAt"].is_string());
    portal.restore(ObjectType::Contacts, id).unwrap();
    assert_eq!(api.get(&format!("{CONTACTS}/{id}")).await.status, 200);
}

#[tokio::test]
async fn history_tells_who_wrote_what() {
    let (_hubspot, api, portal) = start().await;
    let id = portal
        .create_by_hand(ObjectType::Contacts, &[("city", "Bern")])
        .unwrap();
    api.patch(
        &format!("{CONTACTS}/{id}"),
        json!({ "properties": { "city": "Basel" } }),
    )
    .await;
    api.patch(
        &format!("{CONTACTS}/{id}"),
        json!({ "properties": { "city": "Basel" } }),
    )
    .await;
    let reply = api
        .get(&format!("{CONTACTS}/{id}?propertiesWithHistory=city"))
        .await;
    let versions = reply.body["propertiesWithHistory"]["city"]
        .as_array()
        .unwrap();
    let shown: Vec<(&Value, &Value)> = versions
        .iter()
        .map(|v| (&v["value"], &v["sourceType"]))
        .collect();
    assert_eq!(
        shown,
        [
            (&json!("Basel"), &json!("INTEGRATION")),
            (&json!("Bern"), &json!("CRM_UI"))
        ]
    );
    assert_eq!(versions[0]["sourceId"], "3000300");
    assert_eq!(
        portal
            .record(ObjectType::Contacts, id)
            .unwrap()
            .history("city")[1]
            .source,
        Source::User(9_001)
    );
}

#[tokio::test]
async fn lists_come_in_pages() {
    let (_hubspot, api, portal) = start().await;
    let ids: Vec<String> = (0..25)
        .map(|n| {
            portal
                .create_by_hand(ObjectType::Contacts, &[("city", &n.to_string())])
                .unwrap()
                .to_string()
        })
        .collect();
    let mut seen = Vec::new();
    let mut after = String::new();
    loop {
        let page = api.get(&format!("{CONTACTS}?limit=10{after}")).await;
        seen.extend(
            page.body["results"]
                .as_array()
                .unwrap()
                .iter()
                .map(|r| r["id"].as_str().unwrap().to_owned()),
        );
        match page.body["paging"]["next"]["after"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    assert_eq!(seen, ids);
    assert_eq!(api.get(&format!("{CONTACTS}?limit=101")).await.status, 400);
}

#[tokio::test]
async fn gdpr_delete_leaves_nothing() {
    let (_hubspot, api, portal) = start().await;
    let id = portal
        .create_by_hand(ObjectType::Contacts, &[("email", "ada@example.com")])
        .unwrap();
    let body = json!({ "objectId": "ada@example.com", "idProperty": "email" });
    assert_eq!(
        api.post(&format!("{CONTACTS}/gdpr-delete"), body)
            .await
            .status,
        204
    );
    assert!(portal.record(ObjectType::Contacts, id).is_none());
}
