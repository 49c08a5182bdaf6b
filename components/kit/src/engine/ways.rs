//! What a walk over HubSpot's side of an object depends on.

use crate::core::reconciling::{Direction, Field};

/// Of a walk over HubSpot's changes: it begins anew where other fields travel, or records are mapped otherwise.
pub(crate) fn version(mapping: &str, fields: &[Field]) -> String {
    let ways = fields.iter().map(|field| match field.direction {
        Direction::ToHubspot => '0',
        Direction::ToProvider => '1',
        Direction::Both => '2',
    });
    mapping.chars().chain(ways).collect()
}

/// Of a walk over what HubSpot alone has. What is found does not depend on the mappings, so there is one version; where a
/// list is the door, another: who was outside is new to a walk without.
pub(crate) fn version_of_new(list: Option<&str>) -> &'static str {
    match list {
        None => "1",
        Some(_) => "listed",
    }
}
