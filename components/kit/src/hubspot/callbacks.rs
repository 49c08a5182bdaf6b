//! Completing executions of workflow actions that HubSpot was told to wait for (HubSpot, "Automation callbacks"; scope
//! `automation`).

use serde::Serialize;
use serde_json::{Map, Value};

use super::{HubSpot, VERSION, unexpected};
use crate::error::Result;
use crate::ports::Ports;
use crate::surface::encode;

/// How one execution ended.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Completion<'a> {
    /// In a batch; one alone is named by its path.
    #[serde(skip_serializing_if = "Option::is_none")]
    callback_id: Option<&'a str>,
    /// Texts by name, with `hs_execution_state` (`SUCCESS` or `FAIL_CONTINUE`) among them.
    output_fields: &'a Map<String, Value>,
    /// Needed, and described nowhere: what we output are texts, which `outputFields` holds.
    typed_outputs: Map<String, Value>,
}

impl<'a> Completion<'a> {
    /// Of the execution that HubSpot named so.
    pub fn new(callback: &'a str, outputs: &'a Map<String, Value>) -> Self {
        Self {
            callback_id: Some(callback),
            output_fields: outputs,
            typed_outputs: Map::new(),
        }
    }
}

#[derive(Serialize)]
struct Batch<'a> {
    inputs: &'a [Completion<'a>],
}

impl<P: Ports> HubSpot<'_, P> {
    /// Completes executions: all of them, or none.
    ///
    /// # Errors
    /// Class `Invalid` where HubSpot does not wait for one of them.
    pub async fn complete_callbacks(&self, completions: &[Completion<'_>]) -> Result<()> {
        let base = format!("/automation/actions/callbacks/{VERSION}");
        let (path, body) = match completions {
            [] => return Ok(()),
            [
                Completion {
                    callback_id: Some(callback),
                    output_fields,
                    ..
                },
            ] => {
                let alone = Completion {
                    callback_id: None,
                    output_fields,
                    typed_outputs: Map::new(),
                };
                // Hyphens stay: HubSpot's ids are full of them.
                let callback = encode(callback);
                (
                    format!("{base}/{callback}/complete"),
                    serde_json::to_vec(&alone),
                )
            }
            several => (
                format!("{base}/complete"),
                serde_json::to_vec(&Batch { inputs: several }),
            ),
        };
        let body = body.map_err(|_| unexpected("request"))?;
        self.call("POST", &path, body).await?;
        Ok(())
    }
}
