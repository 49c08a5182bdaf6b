//! The parts of a contact: e-mail addresses and the like are written as lists, and what is called
//! primary is read from them.

use serde_json::{Map, Value, json};

use super::account::Account;
use super::error::ApiError;

/// List, flag of the default one when written, the same when read.
const PARTS: &[(&str, &str, &str)] = &[
    ("email_addresses", "default_email", "primary"),
    ("phone_numbers", "default_number", "primary"),
    ("addresses", "", "primary"),
    ("web_sites", "default_web_site", "default_web_site"),
    ("instant_messengers", "", ""),
];

/// Merges written parts into those that are there: no id makes one, an id changes one, an id with
/// `_destroy` removes one.
pub(super) fn merge_parts(
    account: &mut Account,
    data: &mut Map<String, Value>,
    written: &mut Map<String, Value>,
) -> Result<(), ApiError> {
    for (list, default_flag, flag) in PARTS {
        let Some(Value::Array(changes)) = written.remove(*list) else {
            continue;
        };
        let mut parts: Vec<Map<String, Value>> = match data.remove(*list) {
            Some(Value::Array(parts)) => parts
                .into_iter()
                .filter_map(|part| part.as_object().cloned())
                .collect(),
            _ => Vec::new(),
        };
        for change in changes {
            let Value::Object(mut change) = change else {
                continue;
            };
            let destroy = change.remove("_destroy").is_some_and(|value| value == true);
            let default = change
                .remove(*default_flag)
                .is_some_and(|value| value == true);
            let id = change.remove("id").and_then(|id| id.as_u64());
            let position = match id {
                None => {
                    change.insert("id".to_owned(), account.next_id().into());
                    change.entry("name").or_insert("Work".into());
                    parts.push(change);
                    parts.len() - 1
                }
                Some(id) => {
                    let position = parts
                        .iter()
                        .position(|part| part.get("id") == Some(&json!(id)));
                    let Some(position) = position else {
                        return Err(ApiError::unprocessable(format!(
                            "{list} has no element {id}"
                        )));
                    };
                    if destroy {
                        parts.remove(position);
                        continue;
                    }
                    if let Some(part) = parts.get_mut(position) {
                        part.extend(change);
                    }
                    position
                }
            };
            if default && !flag.is_empty() {
                for (index, part) in parts.iter_mut().enumerate() {
                    part.insert((*flag).to_owned(), (index == position).into());
                }
            }
        }
        if !flag.is_empty() {
            ensure_one_default(&mut parts, flag);
        }
        data.insert(
            (*list).to_owned(),
            parts.into_iter().map(Value::Object).collect(),
        );
    }
    Ok(())
}

fn ensure_one_default(parts: &mut [Map<String, Value>], flag: &str) {
    let chosen = parts
        .iter()
        .position(|part| part.get(flag) == Some(&json!(true)))
        .unwrap_or(0);
    for (index, part) in parts.iter_mut().enumerate() {
        part.insert(flag.to_owned(), (index == chosen).into());
    }
}

/// Sets what Clio derives from a contact's names and parts.
pub(super) fn derive(data: &mut Map<String, Value>) {
    let text = |data: &Map<String, Value>, name: &str| {
        data.get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .trim()
            .to_owned()
    };
    if text(data, "type") == "Person" {
        let names = ["first_name", "middle_name", "last_name"].map(|name| text(data, name));
        let names: Vec<&str> = names
            .iter()
            .map(String::as_str)
            .filter(|name| !name.is_empty())
            .collect();
        let initials: String = names
            .iter()
            .filter_map(|name| name.chars().next())
            .collect();
        data.insert("name".to_owned(), names.join(" ").into());
        data.insert("initials".to_owned(), initials.into());
    }
    let part = |data: &Map<String, Value>, list: &str, flag: &str, wanted: bool| {
        let parts = data.get(list).and_then(Value::as_array)?;
        parts
            .iter()
            .find(|part| part.get(flag) == Some(&json!(wanted)))
            .cloned()
    };
    let field = |part: Option<Value>, name: &str| {
        part.and_then(|part| part.get(name).cloned())
            .unwrap_or(Value::Null)
    };
    let derived = [
        (
            "primary_email_address",
            field(part(data, "email_addresses", "primary", true), "address"),
        ),
        (
            "secondary_email_address",
            field(part(data, "email_addresses", "primary", false), "address"),
        ),
        (
            "primary_phone_number",
            field(part(data, "phone_numbers", "primary", true), "number"),
        ),
        (
            "secondary_phone_number",
            field(part(data, "phone_numbers", "primary", false), "number"),
        ),
        (
            "primary_address",
            part(data, "addresses", "primary", true).unwrap_or(Value::Null),
        ),
        (
            "secondary_address",
            part(data, "addresses", "primary", false).unwrap_or(Value::Null),
        ),
        (
            "primary_web_site",
            part(data, "web_sites", "default_web_site", true).unwrap_or(Value::Null),
        ),
    ];
    for (name, value) in derived {
        data.insert(name.to_owned(), value);
    }
}
