//! What `connectors/clio.toml` asks for, held against Clio's OpenAPI document.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of a test: clippy.toml frees test functions alone"
)]

use std::path::PathBuf;

use serde_json::Value;
use sync300_core::declaration::{self, Stream};

/// The document, where the environment says that there is one.
fn spec() -> Option<Value> {
    let Some(folder) = std::env::var_os("SYNC300_SPECS") else {
        eprintln!("skipped: SYNC300_SPECS does not name the folder of the OpenAPI documents");
        return None;
    };
    let file = PathBuf::from(folder).join("clio/openapi.json");
    Some(serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap())
}

/// A schema's properties, with those of the schemas it is made of.
fn properties(spec: &Value, schema: &Value) -> serde_json::Map<String, Value> {
    let mut all = serde_json::Map::new();
    if let Some(reference) = schema["$ref"].as_str() {
        let schema = spec.pointer(reference.trim_start_matches('#')).unwrap();
        return properties(spec, schema);
    }
    for key in ["allOf", "oneOf", "anyOf"] {
        for part in schema[key].as_array().into_iter().flatten() {
            all.extend(properties(spec, part));
        }
    }
    all.extend(
        schema["properties"]
            .as_object()
            .cloned()
            .unwrap_or_default(),
    );
    all
}

/// `id,company{id,name}` as pairs of a field and what is asked for within it.
fn fields(rendered: &str) -> Vec<(&str, Vec<&str>)> {
    let mut fields = Vec::new();
    let mut rest = rendered;
    while !rest.is_empty() {
        let end = rest.find([',', '{']).unwrap_or(rest.len());
        let (name, tail) = rest.split_at(end);
        let mut inner = Vec::new();
        rest = tail;
        if let Some(list) = tail.strip_prefix('{') {
            let (list, after) = list.split_once('}').unwrap();
            inner = list.split(',').collect();
            rest = after;
        }
        rest = rest.strip_prefix(',').unwrap_or(rest);
        fields.push((name, inner));
    }
    fields
}

fn check(spec: &Value, schema: &str, stream: &Stream) {
    let top = properties(spec, &spec["components"]["schemas"][schema]);
    for (name, inner) in fields(&stream.selectable.render()) {
        let field = top
            .get(name)
            .unwrap_or_else(|| panic!("{schema} has no {name}"));
        let element = if field["items"].is_object() {
            &field["items"]
        } else {
            field
        };
        let known = properties(spec, element);
        for name in inner {
            // Clio's document leaves the schemas of participants and custom field values empty.
            let untold = known.is_empty();
            assert!(
                untold || known.contains_key(name),
                "{schema}.{field} has no {name}"
            );
        }
    }
    let list = &spec["paths"][&stream.path]["get"];
    let parameters: Vec<&str> = list["parameters"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| match p["$ref"].as_str() {
            Some(reference) => spec.pointer(reference.trim_start_matches('#')).unwrap(),
            None => p,
        })
        .filter_map(|p| p["name"].as_str())
        .collect();
    let used = stream.parameters.iter().map(|(name, _)| name.as_str());
    for name in used.chain(["fields", "limit", "updated_since", &stream.ids_parameter]) {
        assert!(
            parameters.contains(&name),
            "{} takes no {name}",
            stream.path
        );
    }
}

#[test]
fn asks_only_for_what_clio_documents() {
    let Some(spec) = spec() else { return };
    let clio = declaration::find("clio").unwrap();
    for (stream, schema) in [
        ("contacts", "Contact"),
        ("companies", "Contact"),
        ("matters", "Matter"),
        ("tasks", "Task"),
        ("relationships", "Relationship"),
    ] {
        check(&spec, schema, clio.stream(stream).unwrap());
    }
}
