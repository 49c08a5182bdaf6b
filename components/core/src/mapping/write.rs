//! Bodies of HubSpot's batch writes.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::WriteInput;

#[derive(Serialize)]
struct Body<'a> {
    inputs: Vec<Input<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Input<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_property: Option<&'a str>,
    object_write_trace_id: &'a str,
    #[serde(serialize_with = "as_object")]
    properties: &'a [(String, String)],
}

/// The JSON body of a HubSpot batch create, update or upsert.
#[must_use]
pub fn write_body(inputs: &[WriteInput]) -> Vec<u8> {
    let body = Body {
        inputs: inputs
            .iter()
            .map(|input| Input {
                id: input.id.as_deref(),
                id_property: input.id_property.as_deref(),
                object_write_trace_id: &input.trace,
                properties: &input.properties,
            })
            .collect(),
    };
    // Strings alone, written to memory: nothing in here can fail.
    serde_json::to_vec(&body).unwrap_or_default()
}

fn as_object<S: Serializer>(
    properties: &&[(String, String)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(properties.len()))?;
    for (name, value) in *properties {
        map.serialize_entry(name, value)?;
    }
    map.end()
}
