//! What can be written, as Clio's OpenAPI document has it; a contract test compares the names.

use chrono::{DateTime, NaiveDate};
use serde_json::{Map, Value};

use super::account::Resource;
use super::error::ApiError;

/// The type of a writable field.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// A text.
    Text,
    /// A whole number.
    Integer,
    /// True or false.
    Bool,
    /// `2026-03-01`; a time of day is cut off.
    Date,
    /// One of these texts.
    OneOf(&'static [&'static str]),
    /// Another record of the account: `{"id": 1}`.
    Ref(&'static str),
    /// A user or a contact: `{"id": 1, "type": "User"}`.
    Assignee,
    /// Parts of a contact, such as e-mail addresses: what their fields are called.
    Parts(&'static [&'static str]),
    /// Taken as it is; the product does not write it.
    Other,
}

/// A writable field and its type.
pub type Field = (&'static str, Kind);

const CONTACT: &[Field] = &[
    ("type", Kind::OneOf(&["Person", "Company"])),
    ("name", Kind::Text),
    ("first_name", Kind::Text),
    ("middle_name", Kind::Text),
    ("last_name", Kind::Text),
    ("prefix", Kind::Text),
    ("title", Kind::Text),
    ("date_of_birth", Kind::Date),
    ("clio_connect_email", Kind::Text),
    ("ledes_client_id", Kind::Text),
    ("sales_tax_number", Kind::Text),
    ("company", Kind::Ref("Contact")),
    (
        "addresses",
        Kind::Parts(&[
            "name",
            "street",
            "city",
            "province",
            "postal_code",
            "country",
        ]),
    ),
    (
        "email_addresses",
        Kind::Parts(&["name", "address", "default_email"]),
    ),
    (
        "phone_numbers",
        Kind::Parts(&["name", "number", "default_number"]),
    ),
    (
        "web_sites",
        Kind::Parts(&["name", "address", "default_web_site"]),
    ),
    ("instant_messengers", Kind::Parts(&["name", "address"])),
    ("custom_field_values", Kind::Other),
    ("custom_field_set_associations", Kind::Other),
    ("avatar", Kind::Other),
    ("co_counsel_rate", Kind::Other),
    ("currency", Kind::Other),
];

const MATTER: &[Field] = &[
    ("client", Kind::Ref("Contact")),
    ("description", Kind::Text),
    ("display_number", Kind::Text),
    ("status", Kind::OneOf(&["open", "closed", "pending"])),
    ("location", Kind::Text),
    ("client_reference", Kind::Text),
    ("billable", Kind::Bool),
    ("open_date", Kind::Date),
    ("pending_date", Kind::Date),
    ("close_date", Kind::Date),
    ("practice_area", Kind::Ref("PracticeArea")),
    ("responsible_attorney", Kind::Ref("User")),
    ("originating_attorney", Kind::Ref("User")),
    ("reset_matter_number", Kind::Bool),
    ("matter_stage", Kind::Other),
    ("group", Kind::Other),
    ("custom_field_values", Kind::Other),
    ("custom_field_set_associations", Kind::Other),
    ("custom_rate", Kind::Other),
    ("evergreen_retainer", Kind::Other),
    ("matter_budget", Kind::Other),
    ("relationships", Kind::Other),
    ("split_invoice_payers", Kind::Other),
    ("statute_of_limitations", Kind::Other),
    ("task_template_list_instances", Kind::Other),
    ("currency", Kind::Other),
];

const TASK: &[Field] = &[
    ("name", Kind::Text),
    ("description", Kind::Text),
    (
        "description_text_type",
        Kind::OneOf(&["plain_text", "rich_text"]),
    ),
    (
        "status",
        Kind::OneOf(&["pending", "in_progress", "in_review", "complete"]),
    ),
    ("priority", Kind::OneOf(&["High", "Normal", "Low"])),
    ("due_at", Kind::Date),
    ("permission", Kind::OneOf(&["private", "public"])),
    ("assignee", Kind::Assignee),
    ("matter", Kind::Ref("Matter")),
    ("notify_assignee", Kind::Bool),
    ("notify_completion", Kind::Bool),
    ("statute_of_limitations", Kind::Bool),
    ("time_estimated", Kind::Integer),
    ("task_type", Kind::Other),
    ("cascading", Kind::Other),
    ("cascading_offset", Kind::Other),
    ("cascading_offset_polarity", Kind::Other),
    ("cascading_offset_type", Kind::Other),
    ("cascading_source", Kind::Other),
];

const RELATIONSHIP: &[Field] = &[
    ("contact", Kind::Ref("Contact")),
    ("matter", Kind::Ref("Matter")),
    ("description", Kind::Text),
];

const PRACTICE_AREA: &[Field] = &[
    ("name", Kind::Text),
    ("code", Kind::Text),
    ("category", Kind::Text),
];

const NOTE: &[Field] = &[
    ("type", Kind::OneOf(&["Matter", "Contact"])),
    ("contact", Kind::Ref("Contact")),
    ("matter", Kind::Ref("Matter")),
    ("subject", Kind::Text),
    ("detail", Kind::Text),
    ("detail_text_type", Kind::Text),
    ("date", Kind::Date),
    ("notification_event_subscribers", Kind::Other),
];

const WEBHOOK: &[Field] = &[
    ("url", Kind::Text),
    ("model", Kind::OneOf(super::webhooks::MODELS)),
    ("events", Kind::Other),
    ("fields", Kind::Text),
    ("expires_at", Kind::Text),
];

/// What can be written of a resource; nothing of users.
pub fn writable(resource: Resource) -> &'static [Field] {
    match resource {
        Resource::Contacts => CONTACT,
        Resource::Matters => MATTER,
        Resource::Tasks => TASK,
        Resource::Relationships => RELATIONSHIP,
        Resource::PracticeAreas => PRACTICE_AREA,
        Resource::Notes => NOTE,
        Resource::Webhooks => WEBHOOK,
        Resource::Users => &[],
    }
}

/// Checks names and types of what is written; dates lose their time of day.
pub(super) fn check(
    resource: Resource,
    data: &Map<String, Value>,
    update: bool,
) -> Result<Map<String, Value>, ApiError> {
    let mut checked = Map::new();
    for (name, value) in data {
        let field = writable(resource).iter().find(|(known, _)| known == name);
        let Some((_, kind)) = field else {
            return Err(ApiError::bad_request(format!(
                "{name} is not a valid parameter"
            )));
        };
        checked.insert(name.clone(), checked_value(name, *kind, value, update)?);
    }
    Ok(checked)
}

fn checked_value(name: &str, kind: Kind, value: &Value, update: bool) -> Result<Value, ApiError> {
    let fits = match (kind, value) {
        (Kind::Other, _) => true,
        (_, Value::Null) => update,
        (Kind::Text, Value::String(_)) | (Kind::Bool, Value::Bool(_)) => true,
        (Kind::Integer, Value::Number(number)) => number.is_i64(),
        (Kind::OneOf(choices), Value::String(text)) => choices.contains(&text.as_str()),
        (Kind::Date, Value::String(text)) => return date(name, text),
        (Kind::Ref(_), Value::Object(object)) => {
            object.keys().all(|key| key == "id") && object.get("id").is_some_and(Value::is_u64)
        }
        (Kind::Assignee, Value::Object(object)) => {
            object.keys().all(|key| key == "id" || key == "type")
                && object.get("id").is_some_and(Value::is_u64)
                && matches!(
                    object.get("type").and_then(Value::as_str),
                    Some("User" | "Contact")
                )
        }
        (Kind::Parts(fields), Value::Array(parts)) => parts.iter().all(|part| {
            part.as_object().is_some_and(|part| {
                part.keys().all(|key| {
                    fields.contains(&key.as_str())
                        || update && matches!(key.as_str(), "id" | "_destroy")
                })
            })
        }),
        _ => false,
    };
    if fits {
        Ok(value.clone())
    } else {
        Err(ApiError::unprocessable(format!("{name} is invalid")))
    }
}

fn date(name: &str, text: &str) -> Result<Value, ApiError> {
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
    let date = date.or_else(|| {
        DateTime::parse_from_rfc3339(text)
            .ok()
            .map(|time| time.date_naive())
    });
    match date {
        Some(date) => Ok(date.format("%Y-%m-%d").to_string().into()),
        None => Err(ApiError::unprocessable(format!(
            "{name} is not a valid date"
        ))),
    }
}
