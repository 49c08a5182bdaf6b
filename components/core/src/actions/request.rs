//! Requests as a declaration has them: templates filled in, bodies built part by part.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use url::Url;

use super::{ActionError, Request, get, unknown};
use crate::declaration::{Connector, Set};
use crate::provider;

/// The names in a template such as `/matters/{matter_id}.json`.
pub(crate) fn names(template: &str) -> impl Iterator<Item = &str> {
    let parts = template.split('{').skip(1);
    parts.filter_map(|part| part.split_once('}').map(|(name, _)| name))
}

/// The name that a query parameter stands for, where it is `{name}` as a whole: a selection has braces too.
pub(crate) fn parameter_name(template: &str) -> Option<&str> {
    template.strip_prefix('{')?.strip_suffix('}')
}

/// A template with its names filled in; what has no value is empty.
fn filled(template: &str, values: &[(String, String)]) -> String {
    let mut text = template.to_owned();
    for name in names(template) {
        text = text.replace(
            &format!("{{{name}}}"),
            get(values, name).unwrap_or_default(),
        );
    }
    text
}

pub(super) fn address(
    connector: &Connector,
    base_url: &str,
    path: &str,
) -> Result<Url, ActionError> {
    let mut url = provider::origin(base_url).ok_or_else(unknown)?;
    url.set_path(&format!("{}{path}", connector.declaration.api.root));
    Ok(url)
}

pub(super) fn request(
    connector: &Connector,
    base_url: &str,
    method: &str,
    path: &str,
    parameters: &BTreeMap<String, String>,
    values: &[(String, String)],
) -> Result<Request, ActionError> {
    let mut url = address(connector, base_url, &filled(path, values))?;
    for (name, template) in parameters {
        let value = match parameter_name(template) {
            Some(name) => get(values, name).unwrap_or_default(),
            None => template.as_str(),
        };
        url.query_pairs_mut().append_pair(name, value);
    }
    Ok(Request {
        method: method.to_owned(),
        ..get_request(connector, url.into())
    })
}

pub(super) fn get_request(connector: &Connector, url: String) -> Request {
    let headers = connector.declaration.api.headers.iter();
    Request {
        method: "GET".to_owned(),
        url,
        headers: headers
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect(),
        body: Vec::new(),
    }
}

pub(super) fn body(set: &[Set], values: &[(String, String)]) -> Map<String, Value> {
    let mut body = Value::Object(Map::new());
    for part in set {
        let given = |name: &Option<String>| name.as_deref().and_then(|name| get(values, name));
        if part.with.is_some() && given(&part.with).is_none() || given(&part.without).is_some() {
            continue;
        }
        let value = match (given(&part.from), &part.text, part.flag) {
            (Some(text), ..) if part.number => text.parse().map(|id: u64| id.into()).ok(),
            (Some(text), ..) => Some(text.into()),
            (None, Some(text), _) => Some(text.as_str().into()),
            (None, None, true) => Some(Value::Bool(true)),
            _ => None,
        };
        if let Some(value) = value {
            place(&mut body, &part.path, value);
        }
    }
    match body {
        Value::Object(body) => body,
        _ => Map::new(),
    }
}

/// Puts a value where a path leads; a number is a place in a list.
fn place(body: &mut Value, path: &str, value: Value) {
    let mut level = body;
    for segment in path.split('.') {
        level = match segment.parse::<usize>() {
            Ok(index) => {
                if !level.is_array() {
                    *level = Value::Array(Vec::new());
                }
                let Value::Array(list) = level else { return };
                while list.len() <= index {
                    list.push(Value::Null);
                }
                let Some(element) = list.get_mut(index) else {
                    return;
                };
                element
            }
            Err(_) => {
                if !level.is_object() {
                    *level = Value::Object(Map::new());
                }
                let Value::Object(object) = level else { return };
                object.entry(segment).or_insert(Value::Null)
            }
        };
    }
    *level = value;
}

pub(super) fn at<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(value, |value, key| value.get(key))
}

pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
