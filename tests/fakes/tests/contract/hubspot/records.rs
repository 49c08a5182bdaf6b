//! Records, searches, merges, associations.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Drive, KINDS};

pub async fn records(drive: &Drive) {
    for (kind, name, value, more) in KINDS {
        let path = format!("/crm/objects/2026-03/{kind}");
        let more: Value = serde_json::from_str(more).unwrap();
        let with = |changes: Value| {
            let mut properties = more.clone();
            properties
                .as_object_mut()
                .unwrap()
                .extend(changes.as_object().unwrap().clone());
            properties
        };
        let id = drive.id(&path, with(json!({ name: value }))).await;
        let other = drive
            .id(
                &path,
                with(json!({ name: "Other", "sync300_clio_id": "5" })),
            )
            .await;
        drive
            .post(
                &path,
                400,
                json!({ "properties": { "no_such_property": "x" } }),
            )
            .await;
        drive
            .get(&format!(
                "{path}?limit=1&properties={name}&propertiesWithHistory={name}"
            ))
            .await;
        drive
            .get(&format!(
                "{path}/{id}?properties={name}&propertiesWithHistory={name}"
            ))
            .await;
        drive
            .get(&format!("{path}/5?idProperty=sync300_clio_id"))
            .await;
        drive.send(Method::GET, &format!("{path}/1"), None).await;
        drive
            .send(
                Method::PATCH,
                &format!("{path}/{id}"),
                Some(json!({ "properties": { name: "Changed" } })),
            )
            .await;

        let trace = |id: &str, trace: &str, properties: Value| json!({ "id": id, "objectWriteTraceId": trace, "properties": properties });
        let read = |ids: [&str; 2]| json!({ "properties": [name], "propertiesWithHistory": [name], "inputs": [{ "id": ids[0] }, { "id": ids[1] }] });
        drive
            .post(&format!("{path}/batch/read"), 200, read([&id, &other]))
            .await;
        drive
            .post(&format!("{path}/batch/read"), 207, read([&id, "1"]))
            .await;
        let update = [
            trace(&id, "a", json!({ name: "Again" })),
            trace("1", "b", json!({})),
            trace(&other, "c", json!({ "none": "x" })),
        ];
        drive
            .post(
                &format!("{path}/batch/update"),
                207,
                json!({ "inputs": update }),
            )
            .await;
        drive
            .post(
                &format!("{path}/batch/update"),
                200,
                json!({ "inputs": [update[0]] }),
            )
            .await;
        let create = |trace: &str, properties: Value| json!({ "objectWriteTraceId": trace, "properties": properties });
        let inputs = [
            create("a", with(json!({ name: "New" }))),
            create("b", json!({ "none": "x" })),
        ];
        drive
            .post(
                &format!("{path}/batch/create"),
                207,
                json!({ "inputs": inputs }),
            )
            .await;
        drive
            .post(
                &format!("{path}/batch/create"),
                201,
                json!({ "inputs": [inputs[0]] }),
            )
            .await;
        let upsert = |id: &str, trace: &str, properties: Value| json!({ "id": id, "idProperty": "sync300_clio_id", "objectWriteTraceId": trace, "properties": properties });
        let inputs = [
            upsert("5", "a", with(json!({}))),
            upsert("6", "b", with(json!({ name: "Six" }))),
            upsert("7", "c", json!({ "none": "x" })),
        ];
        drive
            .post(
                &format!("{path}/batch/upsert"),
                207,
                json!({ "inputs": inputs }),
            )
            .await;
        drive
            .post(
                &format!("{path}/batch/upsert"),
                200,
                json!({ "inputs": [inputs[0], inputs[1]] }),
            )
            .await;
        drive
            .post(
                &format!("{path}/batch/upsert"),
                400,
                json!({ "inputs": vec![inputs[0].clone(); 101] }),
            )
            .await;

        let search = json!({
            "filterGroups": [{ "filters": [
                { "propertyName": "sync300_clio_id", "operator": "NOT_HAS_PROPERTY" },
                { "propertyName": "hs_object_id", "operator": "GT", "value": "0" },
            ]}],
            "sorts": ["hs_object_id"], "properties": [name], "limit": 1,
        });
        drive.post(&format!("{path}/search"), 200, search).await;
        drive
            .post(&format!("{path}/search"), 400, json!({ "limit": 1_000 }))
            .await;

        let merge = json!({ "primaryObjectId": id, "objectIdToMerge": other });
        drive
            .post(&format!("{path}/merge"), 200, merge.clone())
            .await;
        drive.post(&format!("{path}/merge"), 404, merge).await;
        drive
            .send(Method::DELETE, &format!("{path}/{id}"), None)
            .await;
        drive.get(&format!("{path}/{id}?archived=true")).await;
        drive
            .post(
                &format!("{path}/batch/archive"),
                204,
                json!({ "inputs": [{ "id": id }] }),
            )
            .await;
    }
    drive
        .post(
            "/crm/objects/2026-03/contacts/gdpr-delete",
            204,
            json!({ "objectId": "1" }),
        )
        .await;
}

pub async fn associations(drive: &Drive) {
    let person = drive
        .id("/crm/objects/2026-03/contacts", json!({ "city": "Bern" }))
        .await;
    let firm = drive
        .id("/crm/objects/2026-03/companies", json!({ "name": "Firm" }))
        .await;
    let deal = json!({
        "properties": { "dealname": "D", "dealstage": "contractsent" },
        "associations": [{ "to": { "id": person }, "types": [{ "associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 3 }] }],
    });
    let deal = drive.post("/crm/objects/2026-03/deals", 201, deal).await["id"]
        .as_str()
        .unwrap()
        .to_owned();
    drive
        .get(&format!(
            "/crm/objects/2026-03/deals/{deal}?associations=contacts"
        ))
        .await;

    let path = "/crm/associations/2026-03/contacts/companies";
    let types = json!([{ "associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279 }]);
    let pair = |from: &str, to: &str| json!({ "from": { "id": from }, "to": { "id": to } });
    let typed = |from: &str, to: &str| json!({ "from": { "id": from }, "to": { "id": to }, "types": types });
    drive
        .post(
            &format!("{path}/batch/create"),
            201,
            json!({ "inputs": [typed(&person, &firm)] }),
        )
        .await;
    drive
        .post(
            &format!("{path}/batch/create"),
            207,
            json!({ "inputs": [typed(&person, &firm), typed("1", &firm)] }),
        )
        .await;
    drive
        .post(
            &format!("{path}/batch/associate/default"),
            200,
            json!({ "inputs": [pair(&person, &firm)] }),
        )
        .await;
    drive
        .post(
            &format!("{path}/batch/read"),
            200,
            json!({ "inputs": [{ "id": person }] }),
        )
        .await;
    drive
        .post(
            &format!("{path}/batch/read"),
            207,
            json!({ "inputs": [{ "id": person }, { "id": "1" }] }),
        )
        .await;
    drive.get(&format!("{path}/labels")).await;
    drive
        .post(
            &format!("{path}/labels"),
            200,
            json!({ "label": "Employer", "name": "employer" }),
        )
        .await;
    let one = format!("/crm/objects/2026-03/contacts/{person}/associations");
    drive.get(&format!("{one}/companies")).await;
    let (status, _) = drive
        .send(
            Method::PUT,
            &format!("{one}/default/companies/{firm}"),
            None,
        )
        .await;
    assert_eq!(status, 200);
    let (status, _) = drive
        .send(
            Method::PUT,
            &format!("{one}/companies/{firm}"),
            Some(types.clone()),
        )
        .await;
    assert_eq!(status, 201);
    drive
        .post(
            &format!("{path}/batch/labels/archive"),
            200,
            json!({ "inputs": [typed(&person, &firm)] }),
        )
        .await;
    let gone = json!({ "from": { "id": person }, "to": [{ "id": firm }] });
    drive
        .post(
            &format!("{path}/batch/archive"),
            200,
            json!({ "inputs": [gone] }),
        )
        .await;
    drive
        .send(Method::DELETE, &format!("{one}/companies/{firm}"), None)
        .await;
}
