//! Completing executions: who may, what it takes, and once.

use serde_json::{Value, json};
use sync300_fakes::hubspot::{Executed, PortalConfig};
use sync300_fakes::{HubSpot, HubSpotConfig};

use crate::client::Api;

const BASE: &str = "/automation/actions/callbacks/2026-03";
const BLOCK: &[u8] =
    br#"{"outputFields":{"hs_execution_state":"BLOCK","hs_expiration_duration":"PT1H"}}"#;

fn body(state: &str) -> Value {
    json!({ "outputFields": { "hs_execution_state": state, "clio_contact_id": "7" }, "typedOutputs": {} })
}

#[tokio::test]
async fn what_waits_is_completed_once() {
    let hubspot = HubSpot::start(HubSpotConfig::default()).await.unwrap();
    let portal = hubspot.portal(PortalConfig::default().id).unwrap();
    let api = Api::new(hubspot.url(), "hubspot-access-token");
    for id in ["a", "b", "c"] {
        let told = portal.executed(id, 200, BLOCK).unwrap();
        assert!(matches!(told, Executed::Waits(_)), "{told:?}");
    }
    let api = &api;
    let complete = async |id: &str, body| api.post(&format!("{BASE}/{id}/complete"), body).await;
    for wrong in [
        body("BLOCK"),
        json!({ "outputFields": { "hs_execution_state": "SUCCESS" } }),
        json!({ "outputFields": { "hs_execution_state": "SUCCESS", "n": 7 }, "typedOutputs": {} }),
        json!({ "outputFields": {}, "typedOutputs": {} }),
        json!({ "outputFields": { "hs_execution_state": "SUCCESS" }, "typedOutputs": {}, "more": 1 }),
    ] {
        assert_eq!(complete("a", wrong.clone()).await.status, 400, "{wrong}");
    }
    assert_eq!(complete("unknown", body("SUCCESS")).await.status, 404);
    assert_eq!(complete("a", body("SUCCESS")).await.status, 204);
    assert_eq!(complete("a", body("SUCCESS")).await.status, 404);
    let Some(Executed::Ended(outputs)) = portal.execution_state("a") else {
        panic!("it does not end");
    };
    assert_eq!(outputs["clio_contact_id"], "7");

    // All of a batch, or none.
    let input = |id: &str| {
        let mut input = body("FAIL_CONTINUE");
        input["callbackId"] = id.into();
        input
    };
    let batch = async |ids: &[&str]| {
        let inputs: Vec<Value> = ids.iter().map(|id| input(id)).collect();
        api.post(&format!("{BASE}/complete"), json!({ "inputs": inputs }))
            .await
    };
    assert_eq!(batch(&["b", "a"]).await.status, 404);
    assert!(matches!(
        portal.execution_state("b"),
        Some(Executed::Waits(_))
    ));
    assert_eq!(batch(&["b", "c"]).await.status, 204);
    assert!(matches!(
        portal.execution_state("c"),
        Some(Executed::Ended(_))
    ));
}

#[tokio::test]
async fn a_workflow_goes_on_when_nobody_completes_it() {
    let hubspot = HubSpot::start(HubSpotConfig::default()).await.unwrap();
    let portal = hubspot.portal(PortalConfig::default().id).unwrap();
    let api = Api::new(hubspot.url(), "hubspot-access-token");
    portal.executed("a", 200, BLOCK).unwrap();
    hubspot.clock().set_offset_ms(3_600_001);
    let late = api
        .post(&format!("{BASE}/a/complete"), body("SUCCESS"))
        .await;
    assert_eq!(late.status, 404);
    assert_eq!(portal.executed("b", 503, b"").unwrap(), Executed::Again);
    assert!(
        portal
            .executed("c", 200, b"{\"outputFields\":{\"a\":1}}")
            .is_err()
    );
}
