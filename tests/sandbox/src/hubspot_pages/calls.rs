//! What pages ask HubSpot for, and HubSpot the application.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sync300_fakes::hubspot::{Executed, Execution, Fetch, ObjectType, OptionsQuery};
use sync300_kit::ports::Random as _;

use super::{PagesError, Shared};
use crate::Platform;

/// `hubspot.fetch` of an extension.
#[derive(Debug, Deserialize)]
pub(super) struct FetchRequest {
    portal: u64,
    user: u64,
    method: String,
    url: String,
    body: Option<Value>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
}

/// Passes on what an extension asks for. What the proxy does not take is refused here, as it refuses it.
pub(super) async fn fetch(State(pages): Shared, body: Bytes) -> Result<Response, PagesError> {
    let asked: FetchRequest = read(&body)?;
    if !pages.definitions.permits(&asked.url) {
        return Err(PagesError::Refused(
            "the address is not one of the app's permittedUrls",
        ));
    }
    let mut headers = asked.headers.into_iter();
    let authorization = match (headers.next(), headers.next()) {
        (None, _) => None,
        (Some((name, value)), None) if name.eq_ignore_ascii_case("authorization") => Some(value),
        _ => {
            return Err(PagesError::Refused(
                "the one header that may be set is Authorization",
            ));
        }
    };
    let fetch = Fetch {
        user: asked.user,
        method: asked.method,
        url: asked.url,
        body: asked.body,
        authorization,
    };
    let fetched = pages.platform.fetch(asked.portal, &fetch).await?;
    let hidden = || json!({ "status": "error", "category": "BAD_GATEWAY" });
    let body = fetched.body.unwrap_or_else(hidden).to_string();
    Ok(written(&json!({ "status": fetched.status, "body": body })))
}

/// A record as pages name it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Place {
    object_id: u64,
    object_type_id: String,
}

/// How often, and how many times, a form looks whether what it waits for has ended.
const WAIT: Duration = Duration::from_millis(500);
const WAITS: u32 = 240;

/// A form of an action that was sent.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ActionRequest {
    uid: String,
    portal: u64,
    record: Option<Place>,
    #[serde(default)]
    input_fields: BTreeMap<String, String>,
}

/// Executes an action once, under an id of its own.
pub(super) async fn action(State(pages): Shared, body: Bytes) -> Result<Response, PagesError> {
    let asked: ActionRequest = read(&body)?;
    let action = pages.definitions.action(&asked.uid)?;
    let record = asked.record.and_then(|place| {
        ObjectType::parse(&place.object_type_id).map(|kind| (kind, place.object_id))
    });
    let execution = Execution {
        url: text(action.pointer("/config/actionUrl")),
        callback_id: format!("ap-{}-{}-7-0", asked.portal, nonce(&pages.platform)?),
        record,
        inputs: asked.input_fields,
    };
    let portal = pages.platform.hubspot.portal(asked.portal)?;
    let request = portal.execution(&execution)?;
    let (answer, running) = pages.platform.send_and_leave(request).await?;
    tokio::spawn(running.ended());
    let status = answer.status().as_u16();
    let id = execution.callback_id.as_str();
    let mut executed = portal.executed(id, status, answer.body())?;
    // As a workflow waits; a tick completes it.
    for _ in 0..WAITS {
        if !matches!(executed, Executed::Waits(_)) {
            break;
        }
        tokio::time::sleep(WAIT).await;
        executed = portal.execution_state(id).unwrap_or(Executed::Again);
    }
    Ok(written(&match executed {
        Executed::Ended(outputs) if !outputs.is_empty() => {
            json!({ "status": 200, "outputFields": outputs })
        }
        _ => json!({ "status": status }),
    }))
}

/// An input that is searched.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OptionsRequest {
    uid: String,
    portal: u64,
    input_field_name: String,
    q: Option<String>,
}

/// Lists what an input may be chosen from.
pub(super) async fn options(State(pages): Shared, body: Bytes) -> Result<Response, PagesError> {
    let asked: OptionsRequest = read(&body)?;
    let action = pages.definitions.action(&asked.uid)?;
    let fields = action.pointer("/config/inputFields");
    let fields = fields.and_then(Value::as_array).into_iter().flatten();
    let named = |field: &&Value| {
        let name = field.pointer("/typeDefinition/name");
        name.and_then(Value::as_str) == Some(&asked.input_field_name)
    };
    let url = fields
        .filter(named)
        .map(|field| text(field.pointer("/typeDefinition/optionsUrl")))
        .next();
    let query = OptionsQuery {
        url: url.ok_or_else(|| PagesError::Unknown(format!("input {}", asked.input_field_name)))?,
        input: asked.input_field_name,
        q: asked.q.filter(|q| !q.is_empty()),
        after: None,
    };
    let portal = pages.platform.hubspot.portal(asked.portal)?;
    let answer = pages.platform.send(portal.options(&query)?).await?;
    let body: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
    Ok(written(&match answer.status().is_success() {
        true => body,
        false => json!({ "options": [] }),
    }))
}

/// A number that no other execution has.
fn nonce(platform: &Platform) -> Result<u64, PagesError> {
    let mut bytes = [0_u8; 8];
    let filled = platform.ports()?.fill(&mut bytes);
    filled.map_err(|_| PagesError::Refused("there is no randomness"))?;
    Ok(u64::from_le_bytes(bytes))
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, PagesError> {
    serde_json::from_slice(body).map_err(|_| PagesError::Refused("the body is not as it must be"))
}

fn written(value: &Value) -> Response {
    ([(CONTENT_TYPE, "application/json")], value.to_string()).into_response()
}

fn text(value: Option<&Value>) -> String {
    value.and_then(Value::as_str).unwrap_or_default().to_owned()
}
