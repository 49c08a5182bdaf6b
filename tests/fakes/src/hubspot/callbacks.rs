//! Executions of workflow actions that wait to be completed: `POST /automation/actions/callbacks/{version}/…`.
//!
//! What completing an execution that does not wait is answered with is in no document: here it is a 404.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use axum::response::IntoResponse;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::PortalHandle;
use super::context::{Answer, Ctx, Json};
use super::error::ApiError;
use super::portal::Portal;
use crate::error::FakeError;
use crate::server::locked;

/// How long a workflow waits where it is not told.
const WEEK: TimeDelta = TimeDelta::weeks(1);

/// How an execution stands with its workflow.
#[derive(Debug, Clone, PartialEq)]
pub enum Executed {
    /// It ended, with these outputs.
    Ended(BTreeMap<String, String>),
    /// The workflow waits, up to then.
    Waits(DateTime<Utc>),
    /// HubSpot asks again: it was told to, or had no answer that it takes.
    Again,
}

/// Executions by `callbackId`.
pub(super) type Callbacks = BTreeMap<String, Executed>;

#[derive(Deserialize)]
struct Told {
    #[serde(rename = "outputFields")]
    output_fields: BTreeMap<String, String>,
}

impl PortalHandle {
    /// What a workflow makes of the answer to an execution.
    pub fn executed(
        &self,
        callback_id: &str,
        status: u16,
        body: &[u8],
    ) -> Result<Executed, FakeError> {
        let executed = match status {
            200..300 => {
                let told: Told = serde_json::from_slice(body)
                    .map_err(|error| FakeError::Refused(format!("outputFields: {error}")))?;
                self.told(told.output_fields)?
            }
            429 | 500.. => Executed::Again,
            // Failed, and not asked again.
            _ => Executed::Ended(BTreeMap::new()),
        };
        let mut portal = locked(&self.tenant.0);
        let callbacks = &mut portal.callbacks;
        // One that was completed meanwhile is over.
        if !matches!(callbacks.get(callback_id), Some(Executed::Ended(_))) {
            callbacks.insert(callback_id.to_owned(), executed.clone());
        }
        Ok(executed)
    }

    fn told(&self, outputs: BTreeMap<String, String>) -> Result<Executed, FakeError> {
        if outputs.get(STATE).map(String::as_str) != Some("BLOCK") {
            return Ok(Executed::Ended(outputs));
        }
        let waits = match outputs.get("hs_expiration_duration") {
            None => WEEK,
            Some(text) => duration(text).ok_or_else(|| {
                FakeError::Refused(format!(
                    "hs_expiration_duration is no ISO 8601 duration: {text}"
                ))
            })?,
        };
        Ok(Executed::Waits(locked(&self.tenant.0).clock.now() + waits))
    }

    /// How an execution stands; None: it is not known, or was not answered yet.
    pub fn execution_state(&self, callback_id: &str) -> Option<Executed> {
        locked(&self.tenant.0).callbacks.get(callback_id).cloned()
    }
}

const STATE: &str = "hs_execution_state";

/// Weeks, days, hours, minutes and seconds of an ISO 8601 duration.
fn duration(text: &str) -> Option<TimeDelta> {
    let (date, time) = match text.strip_prefix('P')?.split_once('T') {
        Some((date, time)) => (date, time),
        None => (text.strip_prefix('P')?, ""),
    };
    let units = [(date, 'W', 604_800), (date, 'D', 86_400)];
    let units = units
        .into_iter()
        .chain([(time, 'H', 3_600), (time, 'M', 60), (time, 'S', 1)]);
    let mut seconds = 0;
    for (part, letter, length) in units {
        let Some((before, _)) = part.split_once(letter) else {
            continue;
        };
        let start = before.rfind(|c: char| !c.is_ascii_digit());
        let digits = before.get(start.map_or(0, |at| at + 1)..)?;
        seconds += digits.parse::<i64>().ok()? * length;
    }
    (seconds > 0).then(|| TimeDelta::seconds(seconds))
}

/// What completes one.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Completion {
    callback_id: Option<String>,
    output_fields: BTreeMap<String, String>,
    #[serde(rename = "typedOutputs")]
    _typed_outputs: Map<String, Value>,
    #[serde(rename = "failureReasonType")]
    _failure_reason_type: Option<String>,
    #[serde(rename = "requestContext")]
    _request_context: Option<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Batch {
    inputs: Vec<Completion>,
}

/// `POST /automation/actions/callbacks/{version}/{callbackId}/complete`.
pub(super) async fn complete(ctx: Ctx, Json(completion): Json<Completion>) -> Answer {
    if completion.callback_id.is_some() {
        return Err(ApiError::validation("Unrecognized field \"callbackId\""));
    }
    // As it stands in the path: an id that is encoded without need names no execution.
    let callback = ctx.sent.rsplit('/').nth(1).unwrap_or_default();
    let named = [(callback.to_owned(), completion.output_fields)];
    all(&mut ctx.portal(), named.into())
}

/// `POST /automation/actions/callbacks/{version}/complete`.
pub(super) async fn complete_batch(ctx: Ctx, Json(batch): Json<Batch>) -> Answer {
    let mut named = Vec::new();
    for completion in batch.inputs {
        let id = completion.callback_id;
        let id = id.ok_or_else(|| {
            ApiError::validation("Some required fields were not set: [callbackId]")
        })?;
        named.push((id, completion.output_fields));
    }
    all(&mut ctx.portal(), named)
}

/// All of them, or none.
fn all(portal: &mut Portal, named: Vec<(String, BTreeMap<String, String>)>) -> Answer {
    let now = portal.clock.now();
    for (id, outputs) in &named {
        let state = outputs.get(STATE).map(String::as_str);
        if !matches!(state, Some("SUCCESS" | "FAIL_CONTINUE")) {
            return Err(ApiError::validation(
                "hs_execution_state must be SUCCESS or FAIL_CONTINUE",
            ));
        }
        match portal.callbacks.get(id) {
            Some(Executed::Waits(until)) if *until > now => {}
            _ => return Err(ApiError::not_found(format!("No blocked execution {id}"))),
        }
    }
    for (id, outputs) in named {
        portal.callbacks.insert(id, Executed::Ended(outputs));
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read() {
        for (text, seconds) in [("P1D", 86_400), ("P1WT1H", 608_400), ("PT1M30S", 90)] {
            assert_eq!(duration(text), Some(TimeDelta::seconds(seconds)), "{text}");
        }
        for text in ["", "P", "1D", "PTxH", "PD"] {
            assert_eq!(duration(text), None, "{text}");
        }
    }
}
