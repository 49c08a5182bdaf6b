//! The fakes keep to the vendors' OpenAPI documents. Skipped, with a word about it, where
//! `SYNC300_SPECS` does not name their folder.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "clippy.toml allows them in tests, but not in what tests share"
)]

mod clio;
mod hubspot;
mod negative;

use reqwest::Method;
use serde_json::Value;

/// Sends a request; the status and the body, `Null` where it is no JSON.
async fn send(
    url: &str,
    token: &str,
    method: Method,
    path: &str,
    body: Option<Value>,
) -> (u16, Value) {
    let mut request = reqwest::Client::new()
        .request(method, format!("{url}{path}"))
        .bearer_auth(token);
    if let Some(body) = body {
        request = request.json(&body);
    }
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let bytes = response.bytes().await.unwrap();
    (
        status,
        serde_json::from_slice(&bytes).unwrap_or(Value::Null),
    )
}
