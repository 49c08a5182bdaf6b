//! Records as the API shows them: what was asked for and no more.

use serde_json::{Map, Value, json};

use super::account::{Account, Resource, Row};
use super::fields::Selected;
use super::shapes::shape;

/// `2026-03-01T09:30:00Z`; Clio's times have no fractions of a second.
pub(super) fn time(time: chrono::DateTime<chrono::Utc>) -> String {
    time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

/// The selected fields of a record.
pub(super) fn record(
    account: &Account,
    resource: Resource,
    row: &Row,
    fields: &[Selected],
) -> Value {
    let shown = fields.iter().map(|field| {
        let nested = resource
            .shape()
            .nested
            .iter()
            .find(|(name, ..)| *name == field.name);
        let value = match nested {
            Some((name, schema, many)) => {
                nested_value(account, resource, row, name, schema, *many, &field.inner)
            }
            None => scalar(account, resource, row, &field.name),
        };
        (field.name.clone(), value)
    });
    Value::Object(shown.collect())
}

/// A plain field; null where it has no value.
pub(super) fn scalar(account: &Account, resource: Resource, row: &Row, name: &str) -> Value {
    match (resource, name) {
        (_, "id") => row.id.into(),
        (_, "etag") => row.etag().into(),
        (_, "created_at") => time(row.created_at).into(),
        (_, "updated_at") => time(row.updated_at).into(),
        (Resource::Contacts, "is_client") => is_client(account, row.id).into(),
        (Resource::Matters, "client_id") => row.reference("client").into(),
        (Resource::Matters, "has_tasks") => account
            .rows(Resource::Tasks)
            .any(|task| task.reference("matter") == Some(row.id))
            .into(),
        // These are records' own; a list or object under the same name is no plain field.
        _ => row.data.get(name).cloned().unwrap_or(Value::Null),
    }
}

pub(super) fn is_client(account: &Account, contact: u64) -> bool {
    account
        .rows(Resource::Matters)
        .any(|matter| matter.reference("client") == Some(contact))
}

fn nested_value(
    account: &Account,
    resource: Resource,
    row: &Row,
    name: &str,
    schema: &str,
    many: bool,
    inner: &[Selected],
) -> Value {
    if (resource, name) == (Resource::Matters, "relationships") {
        let of_matter = account.rows(Resource::Relationships);
        let of_matter =
            of_matter.filter(|relationship| relationship.reference("matter") == Some(row.id));
        return of_matter
            .map(|relationship| record(account, Resource::Relationships, relationship, inner))
            .collect();
    }
    if (resource, name) == (Resource::Users, "account") {
        let (id, label) = (account.config.id, account.config.name.as_str());
        let own = json!({ "id": id, "etag": format!("\"{id:016x}\""), "name": label });
        return object(own.as_object().unwrap_or(&Map::new()), inner);
    }
    let value = row.data.get(name);
    match (value, many) {
        (Some(Value::Array(parts)), true) => parts
            .iter()
            .filter_map(Value::as_object)
            .map(|part| object(part, inner))
            .collect(),
        (_, true) => json!([]),
        (Some(Value::Object(reference)), false) => match schema {
            "Participant" => participant(account, reference, inner),
            _ => match Resource::of_schema(schema) {
                None => object(reference, inner),
                Some(target) => {
                    let id = reference.get("id").and_then(Value::as_u64);
                    let found = id.and_then(|id| account.row(target, id));
                    found.map_or(Value::Null, |found| record(account, target, found, inner))
                }
            },
        },
        _ => Value::Null,
    }
}

/// The selected fields of a part or a referenced record that is no resource of its own.
fn object(part: &Map<String, Value>, inner: &[Selected]) -> Value {
    let fields = inner.iter().map(|field| {
        let value = part.get(&field.name).cloned().unwrap_or(Value::Null);
        (field.name.clone(), value)
    });
    Value::Object(fields.collect())
}

/// Who a task is assigned to: a user, a person or a company.
fn participant(account: &Account, reference: &Map<String, Value>, inner: &[Selected]) -> Value {
    let Some(id) = reference.get("id").and_then(Value::as_u64) else {
        return Value::Null;
    };
    let (resource, kind) = match reference.get("type").and_then(Value::as_str) {
        Some("User") => (Resource::Users, Some("User")),
        _ => (Resource::Contacts, None),
    };
    let Some(row) = account.row(resource, id) else {
        return Value::Null;
    };
    let fields = inner.iter().map(|field| {
        let value = match (field.name.as_str(), kind) {
            ("type", Some(kind)) => kind.into(),
            (name, _) => scalar(account, resource, row, name),
        };
        (field.name.clone(), value)
    });
    Value::Object(fields.collect())
}

/// All plain fields and nested records with theirs, as tests see a record.
pub(super) fn whole(account: &Account, resource: Resource, row: &Row) -> Value {
    let plain = |name: &&str| Selected {
        name: (*name).to_owned(),
        inner: Vec::new(),
    };
    let mut fields: Vec<Selected> = resource.shape().scalars.iter().map(plain).collect();
    for (name, schema, _) in resource.shape().nested {
        let inner = shape(schema).map(|shape| shape.scalars.iter().map(plain).collect());
        fields.push(Selected {
            name: (*name).to_owned(),
            inner: inner.unwrap_or_default(),
        });
    }
    record(account, resource, row, &fields)
}
