//! Properties, groups, pipelines.

use reqwest::Method;
use serde_json::json;
use sync300_fakes::hubspot::PipelineRights;

use super::{Drive, KINDS};

pub async fn properties(drive: &Drive) {
    for (kind, ..) in KINDS {
        let path = format!("/crm/properties/2026-03/{kind}");
        let group = json!({ "name": "sync300_clio", "label": "Clio", "displayOrder": 3 });
        drive
            .post(&format!("{path}/groups"), 201, group.clone())
            .await;
        drive.post(&format!("{path}/groups"), 409, group).await;
        drive.get(&format!("{path}/groups")).await;
        drive.get(&format!("{path}/groups/sync300_clio")).await;
        drive
            .send(
                Method::PATCH,
                &format!("{path}/groups/sync300_clio"),
                Some(json!({ "label": "Clio!" })),
            )
            .await;
        let property = |name: &str, unique: bool| {
            json!({ "name": name, "label": name, "groupName": "sync300_clio", "type": "string",
                    "fieldType": "text", "hasUniqueValue": unique, "description": "d" })
        };
        drive
            .post(&path, 201, property("sync300_clio_id", true))
            .await;
        drive
            .post(&path, 409, property("sync300_clio_id", true))
            .await;
        let choice = json!({
            "name": "choice", "label": "Choice", "groupName": "sync300_clio", "type": "enumeration", "fieldType": "select",
            "options": [{ "label": "A", "value": "a", "displayOrder": 0, "hidden": false }],
        });
        let inputs = json!({ "inputs": [property("one", false), choice] });
        drive
            .post(&format!("{path}/batch/create"), 201, inputs.clone())
            .await;
        drive
            .post(&format!("{path}/batch/create"), 207, inputs)
            .await;
        let read = json!({ "inputs": [{ "name": "one" }, { "name": "none" }], "archived": false, "dataSensitivity": "non_sensitive" });
        drive.post(&format!("{path}/batch/read"), 207, read).await;
        drive.get(&path).await;
        drive.get(&format!("{path}/one")).await;
        drive.send(Method::GET, &format!("{path}/none"), None).await;
        drive
            .send(
                Method::PATCH,
                &format!("{path}/one"),
                Some(json!({ "label": "One" })),
            )
            .await;
        drive
            .send(Method::DELETE, &format!("{path}/one"), None)
            .await;
        drive
            .post(
                &format!("{path}/batch/archive"),
                204,
                json!({ "inputs": [{ "name": "choice" }] }),
            )
            .await;
        drive
            .send(Method::DELETE, &format!("{path}/groups/none"), None)
            .await;
        drive
            .post(
                &format!("{path}/groups"),
                201,
                json!({ "name": "spare", "label": "Spare" }),
            )
            .await;
        let (status, _) = drive
            .send(Method::DELETE, &format!("{path}/groups/spare"), None)
            .await;
        assert_eq!(status, 204);
    }
}

pub async fn pipelines(drive: &Drive) {
    for (kind, open, closed) in [
        (
            "deals",
            json!({ "probability": "0.5" }),
            json!({ "probability": "1.0" }),
        ),
        (
            "tickets",
            json!({ "ticketState": "OPEN" }),
            json!({ "ticketState": "CLOSED" }),
        ),
    ] {
        let path = format!("/crm/pipelines/2026-03/{kind}");
        let body = json!({ "label": "Clio", "displayOrder": 1, "stages": [
            { "label": "Open", "displayOrder": 0, "metadata": open },
            { "label": "Closed", "displayOrder": 1, "metadata": closed },
        ]});
        let id = drive.post(&path, 201, body.clone()).await["id"]
            .as_str()
            .unwrap()
            .to_owned();
        drive.post(&path, 409, body.clone()).await;
        drive.portal.set_pipeline_rights(PipelineRights::Forbidden);
        drive.post(&path, 403, body.clone()).await;
        drive
            .portal
            .set_pipeline_rights(PipelineRights::LimitReached);
        drive.post(&path, 400, body).await;
        drive.portal.set_pipeline_rights(PipelineRights::Allowed);
        drive.get(&path).await;
        drive.get(&format!("{path}/{id}")).await;
        drive.get(&format!("{path}/{id}/stages")).await;
        drive
            .send(
                Method::PATCH,
                &format!("{path}/{id}"),
                Some(json!({ "label": "Clio!" })),
            )
            .await;
        drive
            .send(Method::DELETE, &format!("{path}/{id}"), None)
            .await;
        drive.send(Method::GET, &format!("{path}/{id}"), None).await;
    }
}
