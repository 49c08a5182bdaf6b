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
    check_writing(connector, object, stream).map_err(|p| ("writing".to_owned(), p))?;
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
            check_write_path(object, stream, path)?;
        }
        (None, Direction::ToHubspot) => {}
    }
    if rule.direction != Direction::ToHubspot && !object.bidirectional {
        return Err(Problem::OneWay);
    }
    if rule.property.contains('.') {
        let companion = object.companion.as_ref();
        let known = companion.is_some_and(|one| one.property(&rule.property).is_some());
        if !known || rule.direction != Direction::ToProvider {
            return Err(Problem::Companion(rule.property.clone()));
        }
    }
    Ok(())
}

/// `key`, `key.sub` or `list[flag].key`; a list must be declared, and what finds its elements selectable.
fn check_write_path(object: &Object, stream: &Stream, text: &str) -> Result<(), Problem> {
    let path = SourcePath::parse(text).map_err(|error| Problem::Path {
        path: text.to_owned(),
        error,
    })?;
    match path.segments() {
        [only] if only.element.is_none() => Ok(()),
        [first, last] if last.element.is_none() => {
            if first.element.is_none() {
                return Ok(());
            }
            if !object.lists.iter().any(|list| list.key == first.key) {
                return Err(Problem::ListMissing(first.key.clone()));
            }
            let id = text.replace(&format!(".{}", last.key), ".id");
            stream.source(text).and_then(|_| stream.source(&id))?;
            Ok(())
        }
        _ => Err(Problem::WritePath(text.to_owned())),
    }
}

/// An object that travels back needs to say how.
fn check_writing(connector: &Connector, object: &Object, stream: &Stream) -> Result<(), Problem> {
    let written = |key: &str| {
        let paths = object.rules.iter().filter_map(|rule| rule.write.as_deref());
        let mut heads = paths.filter_map(|path| path.split_once('[').map(|(head, _)| head));
        heads.any(|head| head == key)
    };
    if let Some(unused) = object.lists.iter().find(|list| !written(&list.key)) {
        return Err(Problem::ListUnused(unused.key.clone()));
    }
    for rule in &object.rules {
        if let Some(transform) = &rule.write_transform {
            Transform::parse(transform)?;
        }
        if let Some(lookup) = &rule.lookup {
            super::url_path(&lookup.path)?;
        }
    }
    if let Some(etag) = &object.etag {
        selected(stream, etag)?;
    }
    if let Some(path) = &object.record_path {
        if !path.contains("{id}") {
            return Err(Problem::WritingMissing("record_path"));
        }
        super::url_path(path)?;
    }
    check_create(object)?;
    if !object.bidirectional {
        return Ok(());
    }
    let Some(writing) = &connector.declaration.writing else {
        return Err(Problem::WritingMissing("[writing]"));
    };
    if object.record_path.is_none() {
        return Err(Problem::WritingMissing("record_path"));
    }
    if writing.precondition.is_some() && object.etag.is_none() {
        return Err(Problem::WritingMissing("etag"));
    }
    Ok(())
}

/// What is made at the provider travels back as well, and can have what it needs.
fn check_create(object: &Object) -> Result<(), Problem> {
    let Some(create) = &object.create else {
        return Ok(());
    };
    if !object.bidirectional {
        return Err(Problem::OneWayCreate);
    }
    super::url_path(&create.path)?;
    let written = |path: &&String| {
        let mut paths = object.rules.iter().filter_map(|rule| rule.write.as_ref());
        paths.any(|written| written == *path)
    };
    match create.needs.iter().flatten().find(|path| !written(path)) {
        Some(path) => Err(Problem::NeedUnwritten(path.clone())),
        None => Ok(()),
    }
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
