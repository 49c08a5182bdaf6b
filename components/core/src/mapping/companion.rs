//! Records beside the linked one: what an object takes of them.

use std::collections::HashMap;

use serde::Deserialize;

use super::plan::Compiled;
use super::{Companion, PageError, Plan};
use crate::transform;

/// Reads companions from the body of a batch read.
///
/// # Errors
/// Where the body is no JSON or holds no results, or the plan is not usable.
pub fn read_companions(plan: &Plan, body: &[u8]) -> Result<Vec<Companion>, PageError> {
    #[derive(Deserialize)]
    struct Body {
        results: Vec<Record>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Record {
        id: String,
        created_at: Option<String>,
        #[serde(default)]
        properties: HashMap<String, Option<String>>,
    }
    let plan = Compiled::new(plan).map_err(|error| PageError::Plan(error.to_string()))?;
    let body: Body = serde_json::from_slice(body).map_err(|error| {
        if error.is_data() {
            PageError::Unexpected("companions".to_owned())
        } else {
            PageError::Malformed(error.column() as u64)
        }
    })?;
    let millis = |text: &str| {
        let time = transform::parse_instant(text)?;
        u64::try_from(time.timestamp_millis()).ok()
    };
    Ok(body
        .results
        .into_iter()
        .map(|record| Companion {
            created_at: record.created_at.as_deref().and_then(millis),
            fields: (0..)
                .zip(plan.fields())
                .filter_map(|(index, rule)| {
                    let value = record.properties.get(plan.of_companion(rule)?)?.as_deref();
                    let value = rule
                        .transform
                        .canonical(value.unwrap_or_default(), plan.country)
                        .into_owned();
                    Some((index, rule.fingerprinter.of(&value), value))
                })
                .collect(),
            id: record.id,
        })
        .collect())
}
