//! What an admin may choose for a connection. A run works by the snapshot it started with (S0-23).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::core::{catalog, mapping};

/// Settings of one connection.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// By object name; an object that is not named here has the defaults.
    #[serde(default)]
    pub objects: BTreeMap<String, ObjectSettings>,
}

/// Settings of one object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectSettings {
    /// A disabled object is never created, updated or deleted in HubSpot.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Mappings instead of the connector's defaults.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<Vec<Rule>>,
}

impl Default for ObjectSettings {
    fn default() -> Self {
        Self {
            enabled: true,
            rules: None,
        }
    }
}

fn yes() -> bool {
    true
}

/// One mapping, as stored; see `catalog.rule` of the core.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Dot path in the provider's record.
    pub source: String,
    /// HubSpot property.
    pub property: String,
    /// Transform by name.
    pub transform: String,
    /// Read when `source` has no value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback: Option<String>,
}

impl Settings {
    /// The settings of an object.
    pub fn object(&self, name: &str) -> ObjectSettings {
        self.objects.get(name).cloned().unwrap_or_default()
    }

    /// The objects of a connector that are switched on, in the order in which they must be synced.
    pub fn enabled<'c>(&self, connector: &'c catalog::Connector) -> Vec<&'c catalog::Object> {
        connector
            .objects
            .iter()
            .filter(|object| self.object(&object.name).enabled)
            .collect()
    }
}

impl From<&Rule> for mapping::Rule {
    fn from(rule: &Rule) -> Self {
        Self {
            source: rule.source.clone(),
            property: rule.property.clone(),
            transform: rule.transform.clone(),
            fallback: rule.fallback.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// S0-20: without any choice made, everything is on with the defaults.
    #[test]
    fn nothing_chosen_means_the_defaults() {
        let settings: Settings = serde_json::from_str("{}").unwrap();
        assert_eq!(
            settings.object("contacts"),
            ObjectSettings {
                enabled: true,
                rules: None
            }
        );
    }

    #[test]
    fn an_unknown_setting_is_refused() {
        assert!(
            serde_json::from_str::<Settings>(r#"{"objects":{"contacts":{"enabeld":false}}}"#)
                .is_err()
        );
    }
}
