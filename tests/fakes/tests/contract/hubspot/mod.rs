//! Every endpoint of the fake HubSpot, driven once with success and, where it can, with refusals.

mod app;
mod definitions;
mod records;

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};
use sync300_fakes::contract::{Contract, HubSpotContract, specs};
use sync300_fakes::hubspot::{AppConfig, PortalConfig, PortalHandle, RateLimit};
use sync300_fakes::{HubSpot, HubSpotConfig};

/// The routes of the fake, a method and a path each, the four kinds of records taken as one.
const ENDPOINTS: usize = 64;

struct Drive {
    hubspot: HubSpot,
    portal: PortalHandle,
}

impl Drive {
    async fn start() -> Self {
        let portal = PortalConfig {
            rate_limit: RateLimit::NONE,
            ..PortalConfig::default()
        };
        let config = HubSpotConfig {
            app: AppConfig {
                redirect_urls: vec![app::REDIRECT.to_owned()],
                ..AppConfig::default()
            },
            portals: vec![portal],
            record: true,
            ..HubSpotConfig::default()
        };
        let hubspot = HubSpot::start(config).await.unwrap();
        let portal = hubspot.portal(PortalConfig::default().id).unwrap();
        Self { hubspot, portal }
    }

    async fn send(&self, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        crate::send(
            &self.hubspot.url(),
            "hubspot-access-token",
            method,
            path,
            body,
        )
        .await
    }

    async fn get(&self, path: &str) -> Value {
        let (status, body) = self.send(Method::GET, path, None).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// Posts and expects a status.
    async fn post(&self, path: &str, status: u16, body: Value) -> Value {
        let (got, answer) = self.send(Method::POST, path, Some(body)).await;
        assert_eq!(got, status, "{path}: {answer}");
        answer
    }

    async fn id(&self, path: &str, properties: Value) -> String {
        let made = self
            .post(path, 201, json!({ "properties": properties }))
            .await;
        made["id"].as_str().unwrap().to_owned()
    }
}

/// Kind, a property, its value, what else a new record needs.
const KINDS: [(&str, &str, &str, &str); 4] = [
    ("contacts", "firstname", "Ada", "{}"),
    ("companies", "name", "Firm", "{}"),
    (
        "deals",
        "dealname",
        "Deal",
        r#"{"dealstage":"contractsent"}"#,
    ),
    (
        "tickets",
        "subject",
        "Ticket",
        r#"{"hs_pipeline_stage":"1"}"#,
    ),
];

/// Executions that wait, completed alone and together; one that does not wait.
async fn callbacks(drive: &Drive) {
    let base = "/automation/actions/callbacks/2026-03";
    let block =
        br#"{"outputFields":{"hs_execution_state":"BLOCK","hs_expiration_duration":"P1D"}}"#;
    for id in ["ap-1-2-7-0", "ap-1-2-8-0"] {
        drive.portal.executed(id, 200, block).unwrap();
    }
    let outputs = json!({ "hs_execution_state": "SUCCESS", "clio_contact_id": "7" });
    let alone = json!({ "outputFields": outputs, "typedOutputs": {} });
    drive
        .post(&format!("{base}/ap-1-2-7-0/complete"), 204, alone.clone())
        .await;
    drive
        .post(&format!("{base}/ap-1-2-7-0/complete"), 404, alone)
        .await;
    let mut one = json!({ "outputFields": outputs, "typedOutputs": {} });
    one["callbackId"] = "ap-1-2-8-0".into();
    drive
        .post(&format!("{base}/complete"), 204, json!({ "inputs": [one] }))
        .await;
}

async fn account(drive: &Drive) {
    drive.get("/account-info/2026-03/details").await;
    let owners = drive.get("/crm/owners/2026-03").await;
    let id = owners["results"][0]["id"].as_str().unwrap();
    drive.get(&format!("/crm/owners/2026-03/{id}")).await;
    drive.send(Method::GET, "/crm/owners/2026-03/1", None).await;
    drive.portal.expire_tokens();
    drive
        .send(Method::GET, "/account-info/2026-03/details", None)
        .await;
}

#[tokio::test]
async fn every_endpoint_keeps_to_the_documents() {
    let Some(specs) = specs() else { return };
    let contract = HubSpotContract::load(&specs).unwrap();
    let drive = Drive::start().await;
    definitions::properties(&drive).await;
    definitions::pipelines(&drive).await;
    records::records(&drive).await;
    records::associations(&drive).await;
    callbacks(&drive).await;
    app::app(&drive).await;
    account(&drive).await;

    let calls = drive.hubspot.calls().list();
    let broken: Vec<String> = contract
        .violations(&calls)
        .iter()
        .map(ToString::to_string)
        .collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    // Nothing is left out: as many (method, template) pairs as there are endpoints, over the kinds.
    let general = |template: &str| {
        ["contacts", "companies", "deals", "tickets"]
            .iter()
            .fold(template.to_owned(), |t, kind| t.replace(kind, "*"))
    };
    let driven: BTreeSet<(String, String)> = calls
        .iter()
        .map(|call| (call.method.clone(), general(&call.template)))
        .collect();
    assert_eq!(driven.len(), ENDPOINTS, "{driven:#?}");
}
