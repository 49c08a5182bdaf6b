//! What a person may edit of a record in Clio, and how a change of it is sent.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use sync300_fakes::clio::Resource;

use crate::form;

/// A field that can be edited.
pub(super) struct Editable {
    /// For people.
    label: &'static str,
    /// Where the record has it.
    at: At,
}

/// Where a record has a field.
enum At {
    /// A plain one.
    Plain(&'static str),
    /// A plain one that takes several lines.
    Long(&'static str),
    /// One of these.
    Choice(&'static str, &'static [&'static str]),
    /// Of the primary element of a list: the list, the element's field, and the flag that makes a new element the primary one.
    Part(&'static str, &'static str, Option<&'static str>),
}

const fn field(label: &'static str, at: At) -> Editable {
    Editable { label, at }
}

const PHONE: Editable = field(
    "Phone number",
    At::Part("phone_numbers", "number", Some("default_number")),
);
const STREET: Editable = field("Street", At::Part("addresses", "street", None));
const CITY: Editable = field("City", At::Part("addresses", "city", None));
const PROVINCE: Editable = field("Province", At::Part("addresses", "province", None));
const POSTAL_CODE: Editable = field("Postal code", At::Part("addresses", "postal_code", None));

const PERSON: &[Editable] = &[
    field("First name", At::Plain("first_name")),
    field("Last name", At::Plain("last_name")),
    field(
        "Email address",
        At::Part("email_addresses", "address", Some("default_email")),
    ),
    PHONE,
    field("Title", At::Plain("title")),
    STREET,
    CITY,
    PROVINCE,
    POSTAL_CODE,
];
const COMPANY: &[Editable] = &[
    field("Name", At::Plain("name")),
    field(
        "Web site",
        At::Part("web_sites", "address", Some("default_web_site")),
    ),
    PHONE,
    STREET,
    CITY,
    PROVINCE,
];
const MATTER: &[Editable] = &[
    field("Description", At::Long("description")),
    field(
        "Status",
        At::Choice("status", &["open", "pending", "closed"]),
    ),
    field("Open date", At::Plain("open_date")),
    field("Close date", At::Plain("close_date")),
];
const TASK: &[Editable] = &[
    field("Name", At::Plain("name")),
    field("Description", At::Long("description")),
    field(
        "Status",
        At::Choice(
            "status",
            &["pending", "in_progress", "in_review", "complete"],
        ),
    ),
    field(
        "Priority",
        At::Choice("priority", &["High", "Normal", "Low"]),
    ),
    field("Due date", At::Plain("due_at")),
];

/// What can be edited of a record.
pub(super) fn of(resource: Resource, record: &Value) -> &'static [Editable] {
    match resource {
        Resource::Matters => MATTER,
        Resource::Tasks => TASK,
        _ if record.get("type").and_then(Value::as_str) == Some("Company") => COMPANY,
        _ => PERSON,
    }
}

impl Editable {
    fn name(&self) -> String {
        match self.at {
            At::Plain(name) | At::Long(name) | At::Choice(name, _) => name.to_owned(),
            At::Part(list, member, _) => format!("{list}.{member}"),
        }
    }

    fn value(&self, record: &Value) -> String {
        let value = match self.at {
            At::Plain(name) | At::Long(name) | At::Choice(name, _) => record.get(name),
            At::Part(list, member, _) => primary(record, list).and_then(|part| part.get(member)),
        };
        let text = value.and_then(Value::as_str).unwrap_or_default();
        text.to_owned()
    }
}

/// The element of a list that Clio shows as primary.
fn primary<'r>(record: &'r Value, list: &str) -> Option<&'r Value> {
    let parts = record.get(list)?.as_array()?;
    let flagged = |part: &&Value| {
        let flags = ["primary", "default_web_site"];
        flags
            .iter()
            .any(|flag| part.get(*flag) == Some(&json!(true)))
    };
    parts.iter().find(flagged).or(parts.first())
}

/// A record's fields as a form.
pub(super) fn form(editable: &[Editable], record: &Value) -> Vec<form::Field> {
    let fields = editable.iter().map(|field| form::Field {
        name: field.name(),
        label: field.label.to_owned(),
        value: field.value(record),
        choices: match field.at {
            At::Choice(_, choices) => choices
                .iter()
                .map(|choice| ((*choice).to_owned(), choice.replace('_', " ")))
                .collect(),
            _ => Vec::new(),
        },
        long: matches!(field.at, At::Long(_)),
    });
    fields.collect()
}

/// What a `PATCH` has under `data` for these changes. An element of a list that is left without its one value is removed;
/// an address keeps the values that it has beside it.
pub(super) fn patch(
    editable: &[Editable],
    record: &Value,
    changes: &BTreeMap<String, String>,
) -> Value {
    let mut data = Map::new();
    let mut parts: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for field in editable {
        let Some(value) = changes.get(&field.name()) else {
            continue;
        };
        let value = match value.as_str() {
            "" => Value::Null,
            text => json!(text),
        };
        let (list, member, flag) = match field.at {
            At::Plain(name) | At::Long(name) | At::Choice(name, _) => {
                data.insert(name.to_owned(), value);
                continue;
            }
            At::Part(list, member, flag) => (list, member, flag),
        };
        let part = parts.entry(list).or_default();
        match (primary(record, list), flag) {
            (Some(there), Some(_)) if value.is_null() => {
                part.insert("id".to_owned(), there["id"].clone());
                part.insert("_destroy".to_owned(), json!(true));
                continue;
            }
            (Some(there), _) => part.insert("id".to_owned(), there["id"].clone()),
            (None, Some(flag)) => part.insert(flag.to_owned(), json!(true)),
            (None, None) => part.insert("name".to_owned(), json!("Work")),
        };
        part.insert(member.to_owned(), value);
    }
    data.extend(
        parts
            .into_iter()
            .map(|(list, part)| (list.to_owned(), json!([part]))),
    );
    Value::Object(data)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ada() -> Value {
        json!({
            "type": "Person", "first_name": "Ada", "last_name": "Byron", "title": null,
            "email_addresses": [
                { "id": 1, "address": "old@mail.example", "primary": false },
                { "id": 2, "address": "ada@mail.example", "primary": true },
            ],
            "phone_numbers": [],
            "addresses": [{ "id": 3, "street": "1 Square", "city": "London", "primary": true }],
        })
    }

    fn sent(changes: &[(&str, &str)]) -> Value {
        let changes = changes
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let record = ada();
        patch(of(Resource::Contacts, &record), &record, &changes.collect())
    }

    #[test]
    fn the_form_shows_what_is_primary() {
        let record = ada();
        let shown = form(of(Resource::Contacts, &record), &record);
        let value = |name: &str| {
            let field = shown.iter().find(|field| field.name == name);
            field.map(|field| field.value.as_str())
        };
        assert_eq!(value("email_addresses.address"), Some("ada@mail.example"));
        assert_eq!(value("phone_numbers.number"), Some(""));
        assert_eq!(value("addresses.city"), Some("London"));
        assert_eq!(value("title"), Some(""));
    }

    #[test]
    fn changes_are_sent_as_clio_takes_them() {
        assert_eq!(sent(&[]), json!({}));
        assert_eq!(
            sent(&[("title", "Countess"), ("last_name", "")]),
            json!({ "title": "Countess", "last_name": null })
        );
        assert_eq!(
            sent(&[("email_addresses.address", "new@mail.example")]),
            json!({ "email_addresses": [{ "id": 2, "address": "new@mail.example" }] })
        );
        assert_eq!(
            sent(&[("email_addresses.address", "")]),
            json!({ "email_addresses": [{ "id": 2, "_destroy": true }] })
        );
        assert_eq!(
            sent(&[("phone_numbers.number", "555")]),
            json!({ "phone_numbers": [{ "default_number": true, "number": "555" }] })
        );
        assert_eq!(
            sent(&[("addresses.city", ""), ("addresses.street", "2 Square")]),
            json!({ "addresses": [{ "id": 3, "city": null, "street": "2 Square" }] })
        );
    }
}
