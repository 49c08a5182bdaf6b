//! Checks exchanges against the vendors' OpenAPI documents: what the fakes answer, and what the
//! product sends.
//!
//! The documents are not part of this project. [`specs`] finds them by the environment variable
//! `SYNC300_SPECS`; without it, tests that need them say so and do nothing.

mod clio;
mod document;
mod hubspot;

use std::path::{Path, PathBuf};

use serde_json::Value;

pub use clio::ClioContract;
pub use hubspot::HubSpotContract;

use crate::calls::Call;

/// Why a contract cannot be checked, or how an exchange breaks it.
#[derive(Debug, thiserror::Error)]
pub enum ContractError {
    /// A document is not there.
    #[error("cannot read {path}: {source}")]
    Read {
        /// Where it was looked for.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A document is not what it should be.
    #[error("{path} is no OpenAPI document: {reason}")]
    Document {
        /// Where it lies.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// No document has the endpoint.
    #[error("{method} {path} is in no document")]
    NoSuchOperation {
        /// HTTP method.
        method: String,
        /// Path without the query.
        path: String,
    },
    /// The document has no such status and no default.
    #[error("{method} {path} has no answer with status {status}")]
    NoSuchStatus {
        /// HTTP method.
        method: String,
        /// Path without the query.
        path: String,
        /// HTTP status.
        status: u16,
    },
    /// A body that is not as the document says.
    #[error("{side} of {method} {path} ({status}): {problems}")]
    Body {
        /// `request` or `response`.
        side: &'static str,
        /// HTTP method.
        method: String,
        /// Path without the query.
        path: String,
        /// HTTP status.
        status: u16,
        /// Where and what.
        problems: String,
    },
}

/// The folder of the OpenAPI documents; None, and a word about it, where it is not given.
pub fn specs() -> Option<PathBuf> {
    let folder = std::env::var_os("SYNC300_SPECS").map(PathBuf::from);
    if folder.is_none() {
        eprintln!("skipped: SYNC300_SPECS does not name the folder of the OpenAPI documents");
    }
    folder
}

/// What both contracts can do.
pub trait Contract {
    /// Checks one exchange. `path` is without the query.
    fn validate_exchange(
        &self,
        method: &str,
        path: &str,
        request: &[u8],
        status: u16,
        response: &[u8],
    ) -> Result<(), ContractError>;

    /// Checks the recorded calls of a log. Answers that faults made or changed are passed over, and
    /// so are calls without bodies: start the fake with `record`.
    fn violations(&self, calls: &[Call]) -> Vec<ContractError> {
        let exchanges = calls
            .iter()
            .filter_map(|call| Some((call, call.exchange.as_ref()?)));
        exchanges
            .filter(|(_, exchange)| !exchange.faulty)
            .filter_map(|(call, exchange)| {
                let (request, response) = (&exchange.request, &exchange.response);
                self.validate_exchange(&call.method, &call.path, request, call.status, response)
                    .err()
            })
            .collect()
    }
}

fn read(path: &Path) -> Result<Value, ContractError> {
    let text = std::fs::read(path).map_err(|source| ContractError::Read {
        path: path.to_owned(),
        source,
    })?;
    serde_json::from_slice(&text).map_err(|error| ContractError::Document {
        path: path.to_owned(),
        reason: error.to_string(),
    })
}

/// The documents say nothing about null, which both vendors answer for what has no value.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let kept = map.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(
                kept.map(|(key, value)| (key, without_nulls(value)))
                    .collect(),
            )
        }
        Value::Array(list) => list.into_iter().map(without_nulls).collect(),
        other => other,
    }
}
