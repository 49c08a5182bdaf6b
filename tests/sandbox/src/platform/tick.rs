//! What a tick answers with, as far as it is looked at here.

use std::collections::BTreeMap;

use serde::Deserialize;

/// What a tick answers with, as far as it is looked at here.
#[derive(Debug, Clone, Deserialize)]
pub struct Tick {
    /// The slices worked.
    pub slices: Vec<Slice>,
    /// Connections that were not reached.
    pub waiting: i64,
}

/// A slice of a tick.
#[derive(Debug, Clone, Deserialize)]
pub struct Slice {
    /// Connection id.
    pub connection: String,
    /// Run id.
    pub run: Option<i64>,
    /// `succeeded`, `failed`, `running`, `limited`, `retrying`, `waiting`, `lost`.
    pub status: String,
    /// The list that a failure concerns.
    pub reason_object: Option<String>,
    /// A code.
    pub reason: Option<String>,
    /// When the connection is due again, in unix milliseconds.
    pub due_at: Option<i64>,
    /// Calls in this slice.
    pub hubspot_calls: i64,
    /// Calls in this slice.
    pub provider_calls: i64,
    /// The run's counts so far.
    pub objects: BTreeMap<String, serde_json::Value>,
}
