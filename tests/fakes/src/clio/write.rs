//! Making, changing and deleting records.

use serde_json::{Map, Value, json};

use super::account::{Account, Resource};
use super::contact;
use super::error::ApiError;
use super::webhooks;
use super::writable::{Kind, check, writable};

/// Makes a record as `POST` does; its id.
pub(super) fn create(
    account: &mut Account,
    resource: Resource,
    data: &Map<String, Value>,
) -> Result<u64, ApiError> {
    let written = check(resource, data, false)?;
    check_required(resource, &written)?;
    let mut row = defaults(account, resource, &written);
    apply(account, resource, &mut row, written)?;
    check_complete(account, resource, &row)?;
    let id = account.insert(resource, row);
    match resource {
        Resource::Webhooks => webhooks::made(account, id),
        _ => {
            let after = webhooks::payloads(account, resource, id);
            webhooks::tell(account, "created", id, &after, &after);
        }
    }
    Ok(id)
}

/// Changes a record as `PATCH` does.
pub(super) fn update(
    account: &mut Account,
    resource: Resource,
    id: u64,
    data: &Map<String, Value>,
) -> Result<(), ApiError> {
    let written = check(resource, data, true)?;
    let before = account
        .row(resource, id)
        .ok_or_else(ApiError::not_found)?
        .data
        .clone();
    let mut after = before.clone();
    apply(account, resource, &mut after, written)?;
    check_complete(account, resource, &after)?;
    let now = account.clock.now();
    let shown = webhooks::payloads(account, resource, id);
    if let Some(row) = account.row_mut(resource, id).filter(|_| before != after) {
        row.data = after;
        row.version += 1;
        row.updated_at = now;
        let shows = webhooks::payloads(account, resource, id);
        webhooks::tell(account, "updated", id, &shown, &shows);
    }
    Ok(())
}

/// Deletes a record with what cannot be without it.
pub(super) fn delete(account: &mut Account, resource: Resource, id: u64) -> Result<(), ApiError> {
    if resource == Resource::Contacts && super::render::is_client(account, id) {
        return Err(ApiError::forbidden(
            "A contact with matters cannot be deleted",
        ));
    }
    let shown = webhooks::payloads(account, resource, id);
    account
        .remove(resource, id)
        .ok_or_else(ApiError::not_found)?;
    webhooks::tell(account, "deleted", id, &shown, &shown);
    let reference = match resource {
        Resource::Contacts => "contact",
        Resource::Matters => "matter",
        _ => return Ok(()),
    };
    account.remove_where(Resource::Relationships, |row| {
        row.reference(reference) == Some(id)
    });
    Ok(())
}

/// Without these a record cannot be made.
fn check_required(resource: Resource, data: &Map<String, Value>) -> Result<(), ApiError> {
    let required: &[&str] = match resource {
        Resource::Contacts => &["type"],
        Resource::Matters => &["client", "description"],
        Resource::Tasks => &["name", "description", "assignee"],
        Resource::Relationships => &["contact", "matter"],
        Resource::PracticeAreas => &["name"],
        Resource::Webhooks => &["url", "model", "fields"],
        Resource::Notes => match data.get("type").and_then(Value::as_str) {
            Some("Contact") => &["contact"],
            Some(_) => &["matter"],
            None => &["type"],
        },
        Resource::Users => return Err(ApiError::not_found()),
    };
    match required.iter().find(|name| !data.contains_key(**name)) {
        Some(missing) => Err(ApiError::unprocessable(format!("{missing} is required"))),
        None => Ok(()),
    }
}

/// A record must still be whole after the write.
fn check_complete(
    account: &Account,
    resource: Resource,
    data: &Map<String, Value>,
) -> Result<(), ApiError> {
    let blank = |name: &str| {
        data.get(name)
            .and_then(Value::as_str)
            .is_none_or(|text| text.trim().is_empty())
    };
    let person = data.get("type").and_then(Value::as_str) == Some("Person");
    match resource {
        Resource::Contacts if person && blank("first_name") && blank("last_name") => Err(
            ApiError::unprocessable("First name or last name can't be blank"),
        ),
        Resource::Contacts if !person && blank("name") => {
            Err(ApiError::unprocessable("Name can't be blank"))
        }
        Resource::Tasks | Resource::PracticeAreas if blank("name") => {
            Err(ApiError::unprocessable("Name can't be blank"))
        }
        Resource::Webhooks => webhooks::check(account, data),
        _ => Ok(()),
    }
}

/// What a new record has without being told.
fn defaults(
    account: &Account,
    resource: Resource,
    written: &Map<String, Value>,
) -> Map<String, Value> {
    let today = account.clock.now().format("%Y-%m-%d").to_string();
    let data = match resource {
        Resource::Matters => {
            let number = account.len(resource) + 1;
            let client = written
                .get("client")
                .and_then(|client| client.get("id"))
                .and_then(Value::as_u64);
            let client = client.and_then(|id| account.row(Resource::Contacts, id));
            let client = client.and_then(|row| row.text("last_name").or_else(|| row.text("name")));
            json!({
                "number": number,
                "display_number": format!("{number:05}-{}", client.unwrap_or("Client")),
                "status": "Open",
                "open_date": today,
                "billable": true,
                "billing_method": "hourly",
                "shared": true,
            })
        }
        Resource::Tasks => json!({
            "status": "pending",
            "priority": "Normal",
            "permission": "public",
            "description_text_type": "plain_text",
            "assigner": { "id": account.me },
        }),
        Resource::Notes => json!({
            "date": today,
            "detail_text_type": "plain_text",
            "author": { "id": account.me },
        }),
        Resource::Webhooks => webhooks::defaults(account),
        _ => json!({}),
    };
    data.as_object().cloned().unwrap_or_default()
}

/// Puts checked values into a record's data.
fn apply(
    account: &mut Account,
    resource: Resource,
    data: &mut Map<String, Value>,
    mut written: Map<String, Value>,
) -> Result<(), ApiError> {
    for (name, kind) in writable(resource) {
        let target = match (kind, written.get(*name)) {
            (Kind::Ref(schema), Some(Value::Object(reference))) => {
                Resource::of_schema(schema).zip(reference.get("id").and_then(Value::as_u64))
            }
            (Kind::Assignee, Some(Value::Object(reference))) => {
                let user = reference.get("type").and_then(Value::as_str) == Some("User");
                let resource = if user {
                    Resource::Users
                } else {
                    Resource::Contacts
                };
                reference
                    .get("id")
                    .and_then(Value::as_u64)
                    .map(|id| (resource, id))
            }
            _ => None,
        };
        if target.is_some_and(|(resource, id)| account.row(resource, id).is_none()) {
            return Err(ApiError::unprocessable(format!("{name} does not exist")));
        }
    }
    match resource {
        Resource::Contacts => contact::merge_parts(account, data, &mut written)?,
        Resource::Matters => {
            // Written in lower case, read with a capital.
            if let Some(Value::String(status)) = written.get_mut("status") {
                *status = status
                    .chars()
                    .take(1)
                    .flat_map(char::to_uppercase)
                    .chain(status.chars().skip(1))
                    .collect();
            }
            let today = account.clock.now().format("%Y-%m-%d").to_string();
            for (status, date) in [("Closed", "close_date"), ("Pending", "pending_date")] {
                let now = written.get("status").and_then(Value::as_str) == Some(status);
                if now && !written.contains_key(date) && data.get(date).is_none_or(Value::is_null) {
                    written.insert(date.to_owned(), today.clone().into());
                }
            }
        }
        Resource::Tasks => {
            if let Some(status) = written.get("status").and_then(Value::as_str) {
                let done = status == "complete";
                let at = super::render::time(account.clock.now());
                data.insert(
                    "completed_at".to_owned(),
                    if done { at.into() } else { Value::Null },
                );
            }
        }
        _ => {}
    }
    data.extend(written);
    if resource == Resource::Contacts {
        contact::derive(data);
    }
    Ok(())
}
