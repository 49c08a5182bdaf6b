//! Properties, groups, pipelines, associations.

use serde_json::{Value, json};
use sync300_fakes::hubspot::{ObjectType, PipelineRights};

use crate::hubspot::{CONTACTS, start, unique_id};

const PROPERTIES: &str = "/crm/properties/2026-03/contacts";
const PIPELINES: &str = "/crm/pipelines/2026-03/deals";
const CONTACT_COMPANY: &str = "/crm/associations/2026-03/contacts/companies";

fn property(name: &str) -> Value {
    json!({ "name": name, "label": name, "groupName": "contactinformation", "type": "string", "fieldType": "text" })
}

fn pipeline(label: &str) -> Value {
    let stage = |label: &str, order: i32, probability: &str| json!({ "label": label, "displayOrder": order, "metadata": { "probability": probability } });
    json!({ "label": label, "displayOrder": 1, "stages": [stage("Open", 0, "0.5"), stage("Closed", 1, "1.0")] })
}

#[tokio::test]
async fn a_batch_of_properties_reports_those_that_exist() {
    let (_hubspot, api, portal) = start().await;
    let body = json!({ "inputs": [property("one"), property("email"), property("two")] });
    let reply = api
        .post(&format!("{PROPERTIES}/batch/create"), body.clone())
        .await;
    assert_eq!(reply.status, 207);
    assert_eq!(reply.body["results"].as_array().unwrap().len(), 2);
    assert_eq!(reply.body["errors"][0]["category"], "OBJECT_ALREADY_EXISTS");
    assert_eq!(reply.body["errors"][0]["context"]["name"], json!(["email"]));
    assert!(portal.properties(ObjectType::Contacts).contains_key("two"));
    assert_eq!(api.post(PROPERTIES, property("one")).await.status, 409);
}

#[tokio::test]
async fn definitions_are_checked() {
    let (_hubspot, api, _) = start().await;
    let with = |changes: Value| {
        let mut body = property("fine");
        body.as_object_mut()
            .unwrap()
            .extend(changes.as_object().unwrap().clone());
        body
    };
    for wrong in [
        json!({ "name": "Upper" }),
        json!({ "name": "hs_mine" }),
        json!({ "groupName": "nowhere" }),
        json!({ "type": "text" }),
        json!({ "fieldType": "number" }),
        json!({ "type": "enumeration", "fieldType": "select" }),
        json!({ "type": "date", "fieldType": "date", "hasUniqueValue": true }),
        json!({ "colour": "red" }),
    ] {
        assert_eq!(
            api.post(PROPERTIES, with(wrong.clone())).await.status,
            400,
            "{wrong}"
        );
    }
    assert_eq!(api.post(PROPERTIES, with(json!({}))).await.status, 201);
    // Unique from the beginning or never.
    assert_eq!(
        api.patch(
            &format!("{PROPERTIES}/fine"),
            json!({ "hasUniqueValue": true })
        )
        .await
        .status,
        400
    );
    assert_eq!(
        api.patch(&format!("{PROPERTIES}/fine"), json!({ "label": "Fine" }))
            .await
            .body["label"],
        "Fine"
    );
    assert_eq!(
        api.patch(&format!("{PROPERTIES}/email"), json!({ "label": "Mail" }))
            .await
            .status,
        400
    );
    assert_eq!(api.delete(&format!("{PROPERTIES}/email")).await.status, 400);
    assert_eq!(api.delete(&format!("{PROPERTIES}/fine")).await.status, 204);
    assert_eq!(api.get(&format!("{PROPERTIES}/fine")).await.status, 404);
}

#[tokio::test]
async fn ten_unique_properties_and_no_more() {
    let (_hubspot, api, _) = start().await;
    for n in 0..11 {
        let mut body = property(&format!("unique_{n}"));
        body["hasUniqueValue"] = true.into();
        assert_eq!(
            api.post(PROPERTIES, body).await.status,
            if n < 10 { 201 } else { 400 }
        );
    }
}

/// S0-33.
#[tokio::test]
async fn pipelines_come_with_stages_and_their_meaning() {
    let (_hubspot, api, portal) = start().await;
    let made = api.post(PIPELINES, pipeline("Clio Matters")).await;
    assert_eq!(made.status, 201);
    assert_eq!(
        made.body["stages"][1]["metadata"],
        json!({ "probability": "1.0", "isClosed": "true" })
    );
    let (id, stage) = (
        made.body["id"].as_str().unwrap(),
        made.body["stages"][0]["id"].as_str().unwrap(),
    );
    let deal = [("dealname", "D"), ("pipeline", id), ("dealstage", stage)];
    portal.create_by_hand(ObjectType::Deals, &deal).unwrap();
    assert_eq!(
        api.get(PIPELINES).await.body["results"]
            .as_array()
            .unwrap()
            .len(),
        2
    );

    assert_eq!(
        api.post(PIPELINES, pipeline("Clio Matters")).await.status,
        409
    );
    let mut lacking = pipeline("Other");
    lacking["stages"][0]["metadata"] = json!({});
    assert_eq!(api.post(PIPELINES, lacking).await.status, 400);
    let mut twice = pipeline("Other");
    twice["stages"][1]["label"] = "open".into();
    assert_eq!(api.post(PIPELINES, twice).await.status, 400);
    let used = api
        .delete(&format!(
            "{PIPELINES}/{id}?validateReferencesBeforeDelete=true"
        ))
        .await;
    assert_eq!(used.status, 400);
}

#[tokio::test]
async fn a_portal_may_have_no_right_to_more_pipelines() {
    let (_hubspot, api, portal) = start().await;
    for (rights, status) in [
        (PipelineRights::Forbidden, 403),
        (PipelineRights::LimitReached, 400),
    ] {
        portal.set_pipeline_rights(rights);
        assert_eq!(api.post(PIPELINES, pipeline("More")).await.status, status);
    }
    assert_eq!(portal.pipelines(ObjectType::Deals).len(), 1);
}

/// S0-35, S0-37.
#[tokio::test]
async fn associations_go_both_ways_and_do_not_double() {
    let (_hubspot, api, portal) = start().await;
    let person = portal
        .create_by_hand(ObjectType::Contacts, &[("city", "Bern")])
        .unwrap();
    let firm = portal
        .create_by_hand(ObjectType::Companies, &[("name", "Firm")])
        .unwrap();
    let types = json!([{ "associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279 }]);
    let pair = |to: &str| json!({ "from": { "id": person.to_string() }, "to": { "id": to }, "types": types });
    let create = format!("{CONTACT_COMPANY}/batch/create");
    let body = json!({ "inputs": [pair(&firm.to_string()), pair("1")] });
    for _ in 0..2 {
        let reply = api.post(&create, body.clone()).await;
        assert_eq!(reply.status, 207);
        assert_eq!(reply.body["results"].as_array().unwrap().len(), 1);
        assert_eq!(reply.body["errors"][0]["context"]["ids"], json!(["1"]));
    }
    let there = portal.associations(ObjectType::Contacts, ObjectType::Companies);
    let back = portal.associations(ObjectType::Companies, ObjectType::Contacts);
    assert_eq!(
        there.iter().map(|row| row.type_id).collect::<Vec<_>>(),
        [279]
    );
    assert_eq!(
        back.iter()
            .map(|row| (row.from, row.to, row.type_id))
            .collect::<Vec<_>>(),
        [(firm, person, 280)]
    );

    let mut foreign = pair(&firm.to_string());
    foreign["types"][0]["associationTypeId"] = 4.into();
    assert_eq!(
        api.post(&create, json!({ "inputs": [foreign] }))
            .await
            .status,
        400
    );

    let inputs = json!({ "inputs": [{ "id": person.to_string() }, { "id": "1" }] });
    let read = api
        .post(&format!("{CONTACT_COMPANY}/batch/read"), inputs)
        .await;
    assert_eq!(read.status, 207);
    assert_eq!(
        read.body["results"][0]["to"][0]["toObjectId"],
        firm.to_string()
    );
    assert_eq!(
        read.body["results"][0]["to"][0]["associationTypes"][0]["typeId"],
        279
    );
    assert_eq!(
        read.body["errors"][0]["subCategory"],
        "crm.associations.NO_ASSOCIATIONS_FOUND"
    );

    let gone = json!({ "inputs": [{ "from": { "id": person.to_string() }, "to": [{ "id": firm.to_string() }] }] });
    assert_eq!(
        api.post(&format!("{CONTACT_COMPANY}/batch/archive"), gone)
            .await
            .status,
        200
    );
    assert!(
        portal
            .associations(ObjectType::Companies, ObjectType::Contacts)
            .is_empty()
    );
}

#[tokio::test]
async fn labels_can_be_taken_away_alone() {
    let (_hubspot, api, portal) = start().await;
    let person = portal
        .create_by_hand(ObjectType::Contacts, &[("city", "Bern")])
        .unwrap()
        .to_string();
    let firm = portal
        .create_by_hand(ObjectType::Companies, &[("name", "Firm")])
        .unwrap()
        .to_string();
    let label = json!({ "label": "Employer", "name": "employer", "inverseLabel": "Employee" });
    let made = api.post(&format!("{CONTACT_COMPANY}/labels"), label).await;
    let type_id = made.body["results"][0]["typeId"].clone();
    assert_eq!(
        api.put(&format!(
            "{CONTACTS}/{person}/associations/default/companies/{firm}"
        ))
        .await
        .status,
        200
    );
    let own = json!([{ "associationCategory": "USER_DEFINED", "associationTypeId": type_id }]);
    let body =
        json!({ "inputs": [{ "from": { "id": person }, "to": { "id": firm }, "types": own }] });
    let created = api
        .post(&format!("{CONTACT_COMPANY}/batch/create"), body.clone())
        .await;
    assert_eq!(created.body["results"][0]["labels"], json!(["Employer"]));
    assert_eq!(
        portal
            .associations(ObjectType::Contacts, ObjectType::Companies)
            .len(),
        2
    );
    api.post(&format!("{CONTACT_COMPANY}/batch/labels/archive"), body)
        .await;
    let left = portal.associations(ObjectType::Contacts, ObjectType::Companies);
    assert_eq!(
        left.iter().map(|row| row.type_id).collect::<Vec<_>>(),
        [279]
    );
}

#[tokio::test]
async fn association_batches_have_their_own_limits() {
    let (_hubspot, api, _) = start().await;
    unique_id(&api, "contacts").await;
    let ids: Vec<Value> = (0..1_001).map(|n| json!({ "id": n.to_string() })).collect();
    assert_eq!(
        api.post(
            &format!("{CONTACT_COMPANY}/batch/read"),
            json!({ "inputs": ids })
        )
        .await
        .status,
        400
    );
    let pair = json!({ "from": { "id": "1" }, "to": { "id": "2" }, "types": [] });
    let body = json!({ "inputs": vec![pair; 2_001] });
    assert_eq!(
        api.post(&format!("{CONTACT_COMPANY}/batch/create"), body)
            .await
            .status,
        400
    );
}
