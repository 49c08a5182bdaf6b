//! What an admin may choose for a connection. A run works by the snapshot it started with (S0-23).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::core::{catalog, mapping, reconciling};

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
    /// Whether HubSpot's edits travel to the provider (S0-15, S0-41).
    #[serde(default, skip_serializing_if = "Direction::is_one_way")]
    pub direction: Direction,
    /// What decides where both sides changed a field; none = as the connector declares.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strategy: Option<Strategy>,
    /// What becomes of HubSpot's record of one that is deleted at the provider (DX-04).
    #[serde(default, skip_serializing_if = "OnDelete::is_mark")]
    pub on_delete: OnDelete,
    /// Whether records that HubSpot alone has are made at the provider (S4-10).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub create: bool,
    /// The HubSpot list whose members alone sync, both ways (S3-10): its id; none = all records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inclusion_list: Option<String>,
}

/// What becomes of HubSpot's record of one that is deleted at the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnDelete {
    /// It stays, and says so in its status.
    #[default]
    Mark,
    /// It goes to HubSpot's recycle bin.
    Archive,
}

impl OnDelete {
    fn is_mark(&self) -> bool {
        *self == Self::Mark
    }
}

impl Default for ObjectSettings {
    fn default() -> Self {
        Self {
            enabled: true,
            rules: None,
            direction: Direction::ToHubspot,
            strategy: None,
            on_delete: OnDelete::Mark,
            create: false,
            inclusion_list: None,
        }
    }
}

/// Which way values travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// From the provider to HubSpot.
    #[default]
    ToHubspot,
    /// From HubSpot to the provider; for single fields.
    ToProvider,
    /// Either way.
    Both,
}

impl Direction {
    fn is_one_way(&self) -> bool {
        *self == Self::ToHubspot
    }
}

/// Whose value is taken where both sides changed a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// The newer one (S0-53).
    LastWriteWins,
    /// HubSpot's (S0-54).
    HubspotWins,
    /// The provider's (S0-55).
    ProviderWins,
}

impl Strategy {
    /// From a connector's declaration, which is checked when it is compiled in.
    fn declared(name: &str) -> Self {
        match name {
            "hubspot-wins" => Self::HubspotWins,
            "provider-wins" => Self::ProviderWins,
            _ => Self::LastWriteWins,
        }
    }
}

impl From<Strategy> for reconciling::Strategy {
    fn from(strategy: Strategy) -> Self {
        match strategy {
            Strategy::LastWriteWins => Self::LastWriteWins,
            Strategy::HubspotWins => Self::HubspotWins,
            Strategy::ProviderWins => Self::ProviderWins,
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
    /// Which way this field travels where its object travels both ways (S4-17); none = as far as the connector lets it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<Direction>,
}

/// Why settings are refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// No such object.
    #[error("{0} is not an object of this connector")]
    Object(String),
    /// Both ways for what goes one way (S0-43).
    #[error("{0} go from the provider to HubSpot alone")]
    OneWay(String),
    /// An object as a whole goes to HubSpot, or both ways.
    #[error("{0} go to HubSpot or both ways: choose the way of single fields in their mappings")]
    Direction(String),
    /// Made at the provider, where that cannot be or changes would not follow.
    #[error(
        "{0} of HubSpot's cannot be created there: only what goes both ways, and what the connector can create"
    )]
    Create(String),
}

impl Settings {
    /// Whether a connector can do what is asked.
    ///
    /// # Errors
    /// Names the first object that cannot be synced so.
    pub fn check(&self, connector: &catalog::Connector) -> Result<(), SettingsError> {
        for (name, chosen) in &self.objects {
            let declared = connector.objects.iter().find(|object| object.name == *name);
            let Some(object) = declared else {
                return Err(SettingsError::Object(name.clone()));
            };
            match chosen.direction {
                Direction::ToHubspot => {}
                Direction::ToProvider => {
                    return Err(SettingsError::Direction(object.plural.clone()));
                }
                Direction::Both if object.bidirectional => {}
                Direction::Both => return Err(SettingsError::OneWay(object.plural.clone())),
            }
            let both = chosen.direction == Direction::Both;
            if chosen.create && !(both && object.creatable) {
                return Err(SettingsError::Create(object.plural.clone()));
            }
        }
        Ok(())
    }

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

impl ObjectSettings {
    /// What decides where both sides changed a field: as chosen, else as the connector declares.
    pub fn strategy(&self, connector: &catalog::Connector) -> Strategy {
        self.strategy
            .unwrap_or_else(|| Strategy::declared(&connector.default_strategy))
    }

    /// The mapped properties of a plan, and the ways they travel.
    pub fn fields(&self, planned: Vec<mapping::PlanField>) -> Vec<reconciling::Field> {
        planned
            .into_iter()
            .enumerate()
            .map(|(at, field)| reconciling::Field {
                direction: self.direction_of(at, field.direction),
                property: field.property,
            })
            .collect()
    }

    /// Whether any of these fields is written to the provider.
    pub fn travels_back(&self, fields: &[reconciling::Field]) -> bool {
        let mut ways = fields.iter().map(|field| field.direction);
        self.direction == Direction::Both
            && ways.any(|way| way != reconciling::Direction::ToHubspot)
    }

    /// Which way a field travels: never farther than the connector allows, nor than its object.
    pub fn direction_of(&self, at: usize, allowed: mapping::Direction) -> reconciling::Direction {
        let chosen = self
            .rules
            .as_ref()
            .and_then(|rules| rules.get(at)?.direction);
        match (self.direction, allowed, chosen) {
            // Never towards HubSpot; and as long as its object goes one way, nowhere.
            (_, mapping::Direction::ToProvider, _) => reconciling::Direction::ToProvider,
            (Direction::ToHubspot | Direction::ToProvider, _, _)
            | (_, mapping::Direction::ToHubspot, _)
            | (_, mapping::Direction::Both, Some(Direction::ToHubspot)) => {
                reconciling::Direction::ToHubspot
            }
            (_, _, Some(Direction::ToProvider)) => reconciling::Direction::ToProvider,
            (_, _, Some(Direction::Both) | None) => reconciling::Direction::Both,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clio() -> catalog::Connector {
        catalog::describe("clio").unwrap()
    }

    fn settings(text: &str) -> Settings {
        serde_json::from_str(text).unwrap()
    }

    /// S0-16, S0-41, S0-42: each of these objects may be switched to both ways.
    #[test]
    fn people_companies_and_matters_go_both_ways() {
        for object in ["contacts", "companies", "matters"] {
            let both = format!(r#"{{"objects":{{"{object}":{{"direction":"both"}}}}}}"#);
            assert_eq!(settings(&both).check(&clio()), Ok(()));
        }
    }

    /// S0-43: tasks are refused, and so is what nobody offers.
    #[test]
    fn what_cannot_be_is_refused() {
        let refused = |text: &str| settings(text).check(&clio()).unwrap_err();
        assert_eq!(
            refused(r#"{"objects":{"tasks":{"direction":"both"}}}"#),
            SettingsError::OneWay("Tasks".to_owned())
        );
        assert_eq!(
            refused(r#"{"objects":{"bills":{}}}"#),
            SettingsError::Object("bills".to_owned())
        );
        assert_eq!(
            refused(r#"{"objects":{"matters":{"direction":"both","create":true}}}"#),
            SettingsError::Create("Matters".to_owned())
        );
        assert_eq!(
            refused(r#"{"objects":{"contacts":{"create":true}}}"#),
            SettingsError::Create("Contacts".to_owned())
        );
        assert_eq!(
            refused(r#"{"objects":{"contacts":{"direction":"to_provider"}}}"#),
            SettingsError::Direction("Contacts".to_owned())
        );
    }

    /// S4-14 to S4-18: each field its own way, both where nothing is said, and never farther than the connector allows.
    #[test]
    fn a_field_goes_the_way_that_was_chosen() {
        let mut object = ObjectSettings {
            direction: Direction::Both,
            ..ObjectSettings::default()
        };
        let allowed = mapping::Direction::Both;
        assert_eq!(
            object.direction_of(0, allowed),
            reconciling::Direction::Both
        );
        assert_eq!(
            object.direction_of(0, mapping::Direction::ToHubspot),
            reconciling::Direction::ToHubspot
        );
        let rule = |direction| Rule {
            source: "title".to_owned(),
            property: "jobtitle".to_owned(),
            transform: "trim".to_owned(),
            fallback: None,
            direction,
        };
        object.rules = Some(vec![
            rule(Some(Direction::ToHubspot)),
            rule(Some(Direction::ToProvider)),
            rule(None),
        ]);
        let ways: Vec<_> = (0..3).map(|at| object.direction_of(at, allowed)).collect();
        assert_eq!(
            ways,
            [
                reconciling::Direction::ToHubspot,
                reconciling::Direction::ToProvider,
                reconciling::Direction::Both
            ]
        );
        object.direction = Direction::ToHubspot;
        assert_eq!(
            object.direction_of(1, allowed),
            reconciling::Direction::ToHubspot
        );
    }

    /// S0-20: without any choice made, everything is on with the defaults.
    #[test]
    fn nothing_chosen_means_the_defaults() {
        let settings: Settings = serde_json::from_str("{}").unwrap();
        assert_eq!(
            settings.object("contacts"),
            ObjectSettings {
                enabled: true,
                rules: None,
                direction: Direction::ToHubspot,
                strategy: None,
                on_delete: OnDelete::Mark,
                create: false,
                inclusion_list: None,
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
