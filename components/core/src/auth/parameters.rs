//! What a person typed in.

use super::ParameterError;
use crate::declaration::Parameter;

/// Longest value, in bytes: API keys and signed client secrets stay well below.
const MAX_BYTES: usize = 2_048;

/// All that is asked for is there, fit to be sent, and nothing else is.
pub(super) fn check(asked: &[Parameter], given: &[(String, String)]) -> Result<(), ParameterError> {
    for parameter in asked {
        let mut values = given.iter().filter(|(name, _)| *name == parameter.name);
        let value = match (values.next(), values.next()) {
            (Some((_, value)), None) => value,
            (Some(_), Some(_)) => return Err(ParameterError::Malformed(parameter.name.clone())),
            (None, _) => return Err(ParameterError::Missing(parameter.name.clone())),
        };
        if value.trim().is_empty() {
            return Err(ParameterError::Missing(parameter.name.clone()));
        }
        if value.len() > MAX_BYTES || value.chars().any(char::is_control) {
            return Err(ParameterError::Malformed(parameter.name.clone()));
        }
    }
    match given
        .iter()
        .find(|(name, _)| !asked.iter().any(|parameter| parameter.name == *name))
    {
        // A name that was not asked for is the sender's own text: no more than its place is told.
        Some(_) => Err(ParameterError::Unknown),
        None => Ok(()),
    }
}

/// As one text, to be kept.
pub(super) fn keep(given: &[(String, String)]) -> String {
    let map: serde_json::Map<String, serde_json::Value> = given
        .iter()
        .map(|(name, value)| (name.clone(), value.as_str().into()))
        .collect();
    serde_json::Value::Object(map).to_string()
}

/// What was kept; none where it is something else.
pub(super) fn kept(text: &str) -> Option<Vec<(String, String)>> {
    let map: std::collections::BTreeMap<String, String> = serde_json::from_str(text).ok()?;
    Some(map.into_iter().collect())
}
