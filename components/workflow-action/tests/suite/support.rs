//! A firm, and HubSpot that runs its workflows.

use serde_json::{Value, json};
use sync300_fakes::clio::Resource;
use sync300_kit::surface::{Answer, Incoming};
use sync300_native_ports::firm::{Firm, PORTAL, at_once};

use crate::routes;

/// The answer, and all that goes on behind it.
pub fn answer(firm: &Firm, incoming: &Incoming) -> Answer {
    let mut answer = None;
    at_once(routes::handle(
        &firm.ports,
        incoming,
        |_| (),
        async |told| {
            answer = Some(told);
        },
    ))
    .unwrap();
    answer.unwrap()
}

/// The answer of an instance that its host ends then.
pub fn killed_behind_answer(firm: &Firm, incoming: &Incoming) -> Answer {
    let mut answer = None;
    let waits = at_once(routes::handle(
        &firm.ports,
        incoming,
        |_| (),
        async |told| {
            answer = Some(told);
            std::future::pending::<()>().await;
        },
    ));
    assert!(waits.is_err(), "it ended by itself");
    answer.unwrap()
}

/// A request as HubSpot sends it; `callback` names the execution.
pub fn request(callback: &str, inputs: &Value) -> Value {
    json!({
        "callbackId": callback,
        "origin": { "portalId": PORTAL, "actionDefinitionId": 1, "actionDefinitionVersion": 1 },
        "context": { "source": "WORKFLOWS", "workflowId": 7 },
        "inputFields": inputs,
    })
}

/// As [`request`], run on a record.
pub fn on_record(callback: &str, inputs: &Value, kind: &str, id: &str) -> Value {
    let mut request = request(callback, inputs);
    request["object"] =
        json!({ "objectId": id.parse::<u64>().unwrap(), "objectType": kind, "properties": {} });
    request
}

pub fn send(firm: &Firm, path: &str, body: &Value) -> Answer {
    answer(firm, &firm.signed_raw("POST", path, &body.to_string()))
}

/// The outputs of an execution that HubSpot takes as ended.
pub fn outputs(answer: &Answer) -> Value {
    assert_eq!(answer.status, 200, "{}", answer.body);
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    body["outputFields"].clone()
}

pub fn act(firm: &Firm, action: &str, callback: &str, inputs: &Value) -> Value {
    outputs(&send(
        firm,
        &format!("/actions/clio/{action}"),
        &request(callback, inputs),
    ))
}

pub fn done(outputs: &Value, name: &str) -> u64 {
    assert_eq!(outputs["hs_execution_state"], "SUCCESS", "{outputs}");
    outputs[name].as_str().unwrap().parse().unwrap()
}

/// What HubSpot shows of an action: the words for each code are among it.
const DEFINITION: &str =
    include_str!("../../../hubspot-app/src/app/workflow-actions/clio-create-contact-hsmeta.json");

/// The codes that HubSpot has words for.
pub fn codes() -> Vec<String> {
    let definition: Value = serde_json::from_str(DEFINITION).unwrap();
    let labels = &definition["config"]["labels"]["en"]["executionRules"];
    labels.as_object().unwrap().keys().cloned().collect()
}

/// `FAIL_CONTINUE` with this code, which HubSpot has words for, and words of our own.
pub fn failed(outputs: &Value, code: &str) -> String {
    assert_eq!(outputs["hs_execution_state"], "FAIL_CONTINUE", "{outputs}");
    assert_eq!(outputs["errorCode"], code, "{outputs}");
    let known = codes().iter().any(|known| known == code);
    assert!(known, "HubSpot has no words for {code}");
    outputs["message"].as_str().unwrap().to_owned()
}

pub fn clio(firm: &Firm, resource: Resource, id: u64) -> Value {
    firm.account.record(resource, id).unwrap()
}
