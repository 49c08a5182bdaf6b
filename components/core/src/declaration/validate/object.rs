//! What an object's declaration must hold to.

use std::collections::HashSet;

use super::{Finding, non_empty, selected, unique};
use crate::declaration::{Connector, Direction, KeyKind, Object, Problem, Rule, Stream, Tier};
use crate::mapping::LinkTemplate;
use crate::path::SourcePath;
use crate::transform::Transform;

pub(super) fn check(connector: &Connector, object: &Object) -> Result<(), Finding> {
    let stream = connector.stream(&object.name).ok_or_else(|| {
        (
            "list".to_owned(),
            Problem::UnknownStream(object.name.clone()),
        )
    })?;
    for path in [&object.id, &object.updated_at] {
        selected(stream, path).map_err(|p| ("identity".to_owned(), p))?;
    }
    for path in object.types.keys() {
        if !stream.names(path) {
            let problem = Problem::NotSelectable(path.clone());
            return Err(("types".to_owned(), problem));
        }
    }
    non_empty("deep_links", object.deep_links.len())?;
    for template in &object.deep_links {
        check_link(stream, template).map_err(|p| ("deep_links".to_owned(), p))?;
    }
    non_empty("rules", object.rules.len())?;
    unique("rules", object.rules.iter().map(|r| r.property.as_str()))?;
    for rule in &object.rules {
        check_rule(object, stream, rule).map_err(|p| (format!("rule {}", rule.property), p))?;
    }
    check_properties(connector, object).map_err(|p| ("properties".to_owned(), p))?;
    for property in &object.required {
        mapped(object, property).map_err(|p| ("required".to_owned(), p))?;
    }
    unique("tiers", object.tiers.iter().map(|t| t.name.as_str()))?;
    for (index, tier) in object.tiers.iter().enumerate() {
        check_tier(object, object.tiers.get(..index).unwrap_or_default(), tier)
            .map_err(|p| (format!("tier {}", tier.name), p))?;
    }
    check_pipeline(object).map_err(|p| ("pipeline".to_owned(), p))
}

fn check_link(stream: &Stream, template: &str) -> Result<(), Problem> {
    let link =
        LinkTemplate::parse(template).ok_or_else(|| Problem::Template(template.to_owned()))?;
    link.paths().try_for_each(|path| selected(stream, path))
}

fn check_rule(object: &Object, stream: &Stream, rule: &Rule) -> Result<(), Problem> {
    Transform::parse(&rule.transform)?;
    selected(stream, &rule.source)?;
    if let Some(fallback) = &rule.fallback {
        selected(stream, fallback)?;
    }
    match (&rule.write, rule.direction) {
        (Some(_), Direction::ToHubspot) => return Err(Problem::WriteUnused),
        (None, Direction::Both | Direction::ToProvider) => return Err(Problem::WriteMissing),
        (Some(path), Direction::Both | Direction::ToProvider) => {
            SourcePath::parse(path).map_err(|error| Problem::Path {
                path: path.clone(),
                error,
            })?;
        }
        (None, Direction::ToHubspot) => {}
    }
    if rule.direction != Direction::ToHubspot && !object.bidirectional {
        return Err(Problem::OneWay);
    }
    Ok(())
}

/// Names that only we give: HubSpot has no such property until provisioning makes it.
fn ours(property: &str) -> bool {
    property.starts_with("sync300_")
}

fn check_properties(connector: &Connector, object: &Object) -> Result<(), Problem> {
    let common = &connector.declaration.properties;
    let mut names = HashSet::new();
    for property in common.iter().chain(&object.properties) {
        if !names.insert(property.name.as_str()) {
            return Err(Problem::Duplicate(property.name.clone()));
        }
    }
    for rule in object.rules.iter().filter(|r| ours(&r.property)) {
        if !object.properties.iter().any(|p| p.name == rule.property) {
            return Err(Problem::PropertyMissing(rule.property.clone()));
        }
    }
    for property in &object.properties {
        if !object.rules.iter().any(|r| r.property == property.name) {
            return Err(Problem::PropertyUnused(property.name.clone()));
        }
    }
    Ok(())
}

fn mapped(object: &Object, property: &str) -> Result<(), Problem> {
    if object.rules.iter().any(|r| r.property == property) {
        Ok(())
    } else {
        Err(Problem::Unmapped(property.to_owned()))
    }
}

fn check_tier(object: &Object, stronger: &[Tier], tier: &Tier) -> Result<(), Problem> {
    for property in &tier.properties {
        mapped(object, property)?;
    }
    let (parts, kind, words) = match tier.key {
        KeyKind::Email => (1, "email", "one property"),
        KeyKind::Domain => (1, "domain", "one property"),
        KeyKind::CompanyName => (1, "company-name", "one property"),
        KeyKind::Title => (1, "title", "one property"),
        KeyKind::PersonName => (2, "person-name", "two properties, first and last name"),
    };
    if tier.properties.len() != parts {
        return Err(Problem::KeyParts(kind, words));
    }
    match &tier.guard {
        Some(guard) if !stronger.iter().any(|t| t.name == *guard) => {
            Err(Problem::Guard(guard.clone()))
        }
        _ => Ok(()),
    }
}

fn check_pipeline(object: &Object) -> Result<(), Problem> {
    let Some(pipeline) = &object.pipeline else {
        return Ok(());
    };
    let rule = object
        .rules
        .iter()
        .find(|r| r.property == pipeline.stage_property)
        .ok_or_else(|| Problem::Unmapped(pipeline.stage_property.clone()))?;
    let Transform::Enumeration(options) = Transform::parse(&rule.transform)? else {
        return Err(Problem::StageRule(pipeline.stage_property.clone()));
    };
    let values: HashSet<&str> = options.targets().collect();
    let stages: HashSet<&str> = pipeline.stages.iter().map(|s| s.value.as_str()).collect();
    match values.symmetric_difference(&stages).next() {
        Some(odd) => Err(Problem::Stage((*odd).to_owned())),
        None => Ok(()),
    }
}
