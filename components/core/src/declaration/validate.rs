//! What a declaration must hold to, beyond its shape.

use std::collections::HashSet;

use url::Url;

use super::{Connector, Declaration, Object, Paging, Problem, Property, Region, Relation, Stream};
use crate::selection::Selection;
use crate::transform;

mod action;
mod auth;
mod object;
mod webhooks;

/// Place and problem.
pub(super) type Finding = (String, Problem);

pub(super) fn check(id: &str, declaration: Declaration) -> Result<Connector, Finding> {
    if declaration.id != id {
        return Err(("id".to_owned(), Problem::Id(id.to_owned())));
    }
    check_paths(&declaration)?;
    auth::check(&declaration)?;
    check_paging(&declaration)?;
    for region in &declaration.regions {
        check_region(region).map_err(|p| (format!("region {}", region.id), p))?;
    }
    non_empty("requirements", declaration.requirements.len())?;
    non_empty("regions", declaration.regions.len())?;
    non_empty("objects", declaration.objects.len())?;
    unique("regions", declaration.regions.iter().map(|r| r.id.as_str()))?;
    unique(
        "relations",
        declaration.relations.iter().map(|r| r.kind.as_str()),
    )?;
    let names = declaration.objects.iter().map(|o| o.name.as_str());
    let streams = declaration.relation_streams.iter().map(|s| s.name.as_str());
    unique("objects", names.chain(streams))?;
    check_system(&declaration).map_err(|p| ("system".to_owned(), p))?;

    let streams = load_streams(&declaration)?;
    let connector = Connector {
        declaration,
        streams,
    };
    for object in &connector.declaration.objects {
        object::check(&connector, object)
            .map_err(|(place, p)| (format!("object {}, {place}", object.name), p))?;
    }
    action::check(&connector)?;
    webhooks::check(&connector)?;
    for relation in &connector.declaration.relations {
        check_relation(&connector, relation)
            .map_err(|p| (format!("relation {}", relation.kind), p))?;
    }
    Ok(connector)
}

fn check_paths(declaration: &Declaration) -> Result<(), Finding> {
    url_path(&declaration.api.root).map_err(|p| ("api".to_owned(), p))
}

fn check_paging(declaration: &Declaration) -> Result<(), Finding> {
    let Paging::NextLink { next, size, .. } = &declaration.paging;
    let place = || "paging".to_owned();
    if *size == 0 {
        return Err((place(), Problem::Bound("`size` must be at least 1")));
    }
    crate::path::SourcePath::parse(next)
        .map_err(|error| Problem::Path {
            path: next.clone(),
            error,
        })
        .map_err(|p| (place(), p))?;
    if declaration.limits.reserve >= declaration.limits.requests {
        let problem = Problem::Bound("`reserve` must be less than `requests`");
        return Err(("limits".to_owned(), problem));
    }
    Ok(())
}

fn check_region(region: &Region) -> Result<(), Problem> {
    let origin = Url::parse(&region.url).map(|u| u.origin().ascii_serialization());
    if !region.url.starts_with("https://") || origin.as_deref() != Ok(region.url.as_str()) {
        return Err(Problem::Url(region.url.clone()));
    }
    if !transform::is_phone_country(&region.phone_country) {
        return Err(Problem::Country(region.phone_country.clone()));
    }
    Ok(())
}

fn check_system(declaration: &Declaration) -> Result<(), Problem> {
    let system = &declaration.system;
    type Fits = fn(&Property) -> bool;
    let needs: [(&str, &'static str, Fits); 3] = [
        (&system.id, "a `unique` `string`", |p| {
            p.unique && p.kind == "string"
        }),
        (&system.url, "a `string`", |p| p.kind == "string"),
        (&system.updated_at, "a `datetime`", |p| p.kind == "datetime"),
    ];
    for (name, must, fits) in needs {
        if !declaration
            .properties
            .iter()
            .any(|p| p.name == name && fits(p))
        {
            return Err(Problem::System {
                name: name.to_owned(),
                must,
            });
        }
    }
    Ok(())
}

fn load_streams(declaration: &Declaration) -> Result<Vec<Stream>, Finding> {
    let mut streams = Vec::new();
    for object in &declaration.objects {
        let stream =
            object_stream(object).map_err(|p| (format!("object {}, fields", object.name), p))?;
        streams.push(stream);
    }
    for declared in &declaration.relation_streams {
        let place = || format!("relation stream {}", declared.name);
        let selection =
            Selection::parse(&declared.fields).map_err(|e| (place(), Problem::Selection(e)))?;
        let stream = Stream {
            name: declared.name.clone(),
            path: declared.path.clone(),
            parameters: pairs(&declared.parameters),
            ids_parameter: declared.ids_parameter.clone(),
            id: declared.id.clone(),
            selectable: selection.clone(),
            selection,
            aliases: Vec::new(),
        };
        url_path(&stream.path).map_err(|p| (place(), p))?;
        selected(&stream, &stream.id).map_err(|p| (place(), p))?;
        streams.push(stream);
    }
    Ok(streams)
}

fn object_stream(object: &Object) -> Result<Stream, Problem> {
    let all: Vec<&String> = object
        .fields
        .iter()
        .chain(&object.optional_fields)
        .collect();
    let stream = Stream {
        name: object.name.clone(),
        path: object.path.clone(),
        parameters: pairs(&object.parameters),
        ids_parameter: object.ids_parameter.clone(),
        id: object.id.clone(),
        selection: Selection::parse(&object.fields)?,
        selectable: Selection::parse(&all)?,
        aliases: pairs(&object.aliases),
    };
    url_path(&stream.path)?;
    for (alias, name) in &object.aliases {
        let opens = |field: &String, key: &str| field.split('{').next() == Some(key);
        if !object.fields.iter().any(|f| opens(f, name)) || all.iter().any(|f| opens(f, alias)) {
            return Err(Problem::Alias(alias.clone()));
        }
    }
    Ok(stream)
}

fn check_relation(connector: &Connector, relation: &Relation) -> Result<(), Problem> {
    let stream = connector
        .stream(&relation.stream)
        .ok_or_else(|| Problem::UnknownStream(relation.stream.clone()))?;
    for end in [&relation.from, &relation.to] {
        if connector.object(&end.object).is_none() {
            return Err(Problem::UnknownObject(end.object.clone()));
        }
        selected(stream, &end.path)?;
    }
    if let Some(condition) = &relation.when {
        selected(stream, &condition.path)?;
    }
    let own = [&relation.from, &relation.to]
        .into_iter()
        .filter(|end| end.path == stream.id)
        .map(|end| end.object.as_str())
        .collect::<Vec<_>>();
    // An object's list tells of its own records; a relation stream's records are no end at all.
    let expected: &[&str] = match connector.object(&stream.name) {
        Some(object) => &[object.name.as_str()],
        None => &[],
    };
    if own == expected {
        Ok(())
    } else {
        Err(Problem::RelationEnd(stream.name.clone()))
    }
}

/// A path that every list request asks for.
fn selected(stream: &Stream, text: &str) -> Result<(), Problem> {
    let path = stream.resolve(text)?;
    if stream.selection.holds(&path) {
        Ok(())
    } else {
        Err(Problem::NotSelected(text.to_owned()))
    }
}

fn url_path(path: &str) -> Result<(), Problem> {
    if path.starts_with('/') {
        Ok(())
    } else {
        Err(Problem::UrlPath(path.to_owned()))
    }
}

fn non_empty(what: &'static str, len: usize) -> Result<(), Finding> {
    if len == 0 {
        return Err((what.to_owned(), Problem::Empty(what)));
    }
    Ok(())
}

fn unique<'a>(place: &str, names: impl Iterator<Item = &'a str>) -> Result<(), Finding> {
    let mut seen = HashSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err((place.to_owned(), Problem::Duplicate(name.to_owned())));
        }
    }
    Ok(())
}

fn pairs(map: &std::collections::BTreeMap<String, String>) -> Vec<(String, String)> {
    map.iter().map(|(k, v)| (k.clone(), v.clone())).collect()
}
