//! Custom workflow actions, as HubSpot's automation calls them: signed in version 2, as its guide says, and not by the app's
//! pages. Facts: <https://developers.hubspot.com/docs/api-reference/automation-actions-v4-v4/custom-action-guide>

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, Request};
use serde_json::{Value, json};

use super::{ObjectType, PortalHandle, sign};
use crate::error::FakeError;
use crate::server::locked;

/// One execution of an action.
#[derive(Debug, Clone)]
pub struct Execution {
    /// The action's `actionUrl`.
    pub url: String,
    /// What names the execution; asked again, it is the same one.
    pub callback_id: String,
    /// The record that the workflow runs on; agents have none.
    pub record: Option<(ObjectType, u64)>,
    /// By name. HubSpot sends texts.
    pub inputs: BTreeMap<String, String>,
}

/// What an input may be chosen from.
#[derive(Debug, Clone)]
pub struct OptionsQuery {
    /// The input's `optionsUrl`.
    pub url: String,
    /// The input's name.
    pub input: String,
    /// What is searched for.
    pub q: Option<String>,
    /// Where the next page begins.
    pub after: Option<String>,
}

impl PortalHandle {
    /// The request that executes an action.
    pub fn execution(&self, execution: &Execution) -> Result<Request<Bytes>, FakeError> {
        let mut body = json!({
            "callbackId": execution.callback_id,
            "origin": { "portalId": self.id(), "actionDefinitionId": 1, "actionDefinitionVersion": 1 },
            "context": { "source": "AGENTS" },
            "inputFields": execution.inputs,
        });
        if let (Some((kind, id)), Some(members)) = (execution.record, body.as_object_mut()) {
            self.record(kind, id).ok_or(FakeError::Unknown {
                kind: kind.plural(),
                id,
            })?;
            let object = json!({ "objectId": id, "objectType": kind.singular().to_uppercase(), "properties": {} });
            members.insert("object".to_owned(), object);
            members.insert(
                "context".to_owned(),
                json!({ "source": "WORKFLOWS", "workflowId": 1 }),
            );
        }
        self.automation(&execution.url, &body)
    }

    /// The request that lists what an input may be chosen from.
    pub fn options(&self, query: &OptionsQuery) -> Result<Request<Bytes>, FakeError> {
        let body = json!({
            "origin": { "portalId": self.id(), "actionDefinitionId": 1, "actionDefinitionVersion": 1 },
            "objectTypeId": "0-1",
            "inputFieldName": query.input,
            "inputFields": {},
            "fetchOptions": { "q": query.q, "after": query.after },
        });
        self.automation(&query.url, &body)
    }

    fn automation(&self, url: &str, body: &Value) -> Result<Request<Bytes>, FakeError> {
        let secret = locked(&self.service.app).client_secret.clone();
        let now = self.service.gate.clock.now().timestamp_millis();
        let body = body.to_string();
        let signatures = sign(&secret, "POST", url, body.as_bytes(), now);
        Request::builder()
            .method("POST")
            .uri(url)
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .header("x-hubspot-signature-version", "v2")
            .header("x-hubspot-signature", signatures.v2)
            .body(Bytes::from(body))
            .map_err(|error| FakeError::Refused(error.to_string()))
    }
}
