//! One kind of record in the settings: what is chosen, and what could be.

use serde::Serialize;

use super::lists::ListView;
use crate::core::catalog;
use crate::settings::{Direction, OnDelete, Rule, Settings, Strategy};

/// What is chosen for one kind of record.
#[derive(Debug, Serialize)]
pub(super) struct ObjectView {
    name: String,
    label: String,
    plural: String,
    hubspot_object: String,
    hubspot_type_id: String,
    enabled: bool,
    /// Whether HubSpot's edits may travel back at all (S0-42, S0-43).
    bidirectional: bool,
    direction: Direction,
    /// What decides where both sides changed a field: as chosen, else as the connector declares.
    strategy: Strategy,
    /// What becomes of HubSpot's record of one that is deleted at the provider (DX-04).
    on_delete: OnDelete,
    /// Whether records that HubSpot alone has can be made at the provider, once both ways are chosen (S4-10).
    creatable: bool,
    /// Whether they are.
    create: bool,
    /// The HubSpot list whose members alone sync; none = all records (S3-10).
    inclusion_list: Option<ListView>,
    /// Whether the mappings are an admin's own.
    custom: bool,
    mappings: Vec<MappingView>,
}

/// One mapping.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct MappingView {
    source: String,
    property: String,
    /// The property's name for people.
    label: String,
    transform: String,
    fallback: Option<String>,
    /// Which way it travels where its object travels both ways (S4-17).
    direction: Direction,
    /// The ways that can be chosen.
    directions: &'static [Direction],
    /// It is one of the connector's own.
    default: bool,
    /// Without it HubSpot takes no new record, so it cannot be removed.
    required: bool,
}

/// What is chosen for an object, and what could be.
pub(super) fn object_view(
    settings: &Settings,
    connector: &catalog::Connector,
    object: &catalog::Object,
    inclusion_list: Option<ListView>,
) -> ObjectView {
    let chosen = settings.object(&object.name);
    let mappings = match &chosen.rules {
        Some(rules) => rules.iter().map(|rule| custom(object, rule)).collect(),
        None => object
            .rules
            .iter()
            .map(|rule| default(object, rule, None))
            .collect(),
    };
    ObjectView {
        name: object.name.clone(),
        label: object.label.clone(),
        plural: object.plural.clone(),
        hubspot_object: object.hubspot_object.clone(),
        hubspot_type_id: object.hubspot_type_id.clone(),
        enabled: chosen.enabled,
        bidirectional: object.bidirectional,
        direction: chosen.direction,
        strategy: chosen.strategy(connector),
        on_delete: chosen.on_delete,
        creatable: object.creatable,
        create: chosen.create,
        inclusion_list,
        custom: chosen.rules.is_some(),
        mappings,
    }
}

fn default(
    object: &catalog::Object,
    rule: &catalog::Rule,
    chosen: Option<Direction>,
) -> MappingView {
    let directions = ways(rule.direction);
    MappingView {
        source: rule.source.clone(),
        property: rule.property.clone(),
        label: super::record::label(object, &rule.property),
        transform: rule.transform.clone(),
        fallback: rule.fallback.clone(),
        direction: chosen
            .filter(|way| directions.contains(way))
            .or(directions.first().copied())
            .unwrap_or_default(),
        directions,
        default: true,
        required: object.required.contains(&rule.property),
    }
}

fn custom(object: &catalog::Object, rule: &Rule) -> MappingView {
    let declared = object.rules.iter().find(|known| same(rule, known));
    match declared {
        Some(declared) => default(object, declared, rule.direction),
        None => MappingView {
            source: rule.source.clone(),
            property: rule.property.clone(),
            label: super::record::label(object, &rule.property),
            transform: rule.transform.clone(),
            fallback: rule.fallback.clone(),
            direction: Direction::ToHubspot,
            // How a field is written back is the connector's to say.
            directions: ways(catalog::Direction::ToHubspot),
            default: false,
            required: object.required.contains(&rule.property),
        },
    }
}

/// The ways that a field may travel, the farthest first.
fn ways(farthest: catalog::Direction) -> &'static [Direction] {
    match farthest {
        catalog::Direction::ToHubspot => &[Direction::ToHubspot],
        catalog::Direction::ToProvider => &[Direction::ToProvider],
        catalog::Direction::Both => &[Direction::Both, Direction::ToHubspot, Direction::ToProvider],
    }
}

/// Whether a rule is the connector's own.
pub(super) fn same(rule: &Rule, declared: &catalog::Rule) -> bool {
    rule.source == declared.source
        && rule.property == declared.property
        && rule.transform == declared.transform
        && rule.fallback == declared.fallback
}

/// A conflict strategy.
#[derive(Debug, Serialize)]
pub(super) struct StrategyChoice {
    value: Strategy,
    label: String,
}

/// The strategies in words (S0-53 to S0-55).
pub(super) fn strategies(label: &str) -> [StrategyChoice; 3] {
    [
        (Strategy::LastWriteWins, "The newer change wins".to_owned()),
        (Strategy::HubspotWins, "HubSpot wins".to_owned()),
        (Strategy::ProviderWins, format!("{label} wins")),
    ]
    .map(|(value, label)| StrategyChoice { value, label })
}
