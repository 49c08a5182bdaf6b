//! What HubSpot accepts as a property's value, and what it makes of it.

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};

use super::error::InvalidValue;
use super::model::Property;

/// Longest value of a string property.
const MAX_CHARACTERS: usize = 65_536;
/// `sourceId`-like references and phone numbers aside, e-mail addresses end here.
const MAX_EMAIL_BYTES: usize = 254;

/// Validates one value and normalises it as HubSpot does.
pub(super) fn normalise(property: &Property, value: &str) -> Result<String, InvalidValue> {
    let refuse = |error: &'static str, message: String| InvalidValue {
        name: property.name.clone(),
        error,
        message,
    };
    if property.modification_metadata.read_only_value {
        let message = format!(
            "\"{}\" is a read only property; its value cannot be set.",
            property.name
        );
        return Err(refuse("READ_ONLY_VALUE", message));
    }
    if value.is_empty() {
        return Ok(String::new());
    }
    if value.chars().count() > MAX_CHARACTERS {
        let message =
            format!("Property value is too long, the maximum is {MAX_CHARACTERS} characters");
        return Err(refuse("PROPERTY_VALUE_TOO_LONG", message));
    }
    match (property.name.as_str(), property.kind.as_str()) {
        ("email", _) => email(value)
            .ok_or_else(|| refuse("INVALID_EMAIL", format!("Email address {value} is invalid"))),
        ("domain", _) => Ok(value.trim().to_lowercase()),
        (_, "number") => match value.trim().parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(value.trim().to_owned()),
            _ => Err(refuse(
                "INVALID_FLOAT",
                format!("{value} was not a valid number."),
            )),
        },
        (_, "bool") => match value {
            "true" | "false" => Ok(value.to_owned()),
            _ => Err(refuse(
                "INVALID_BOOLEAN",
                format!("{value} was not a valid boolean."),
            )),
        },
        (_, "date") => date(value).map_err(|(error, message)| refuse(error, message)),
        (_, "datetime") => match datetime(value) {
            Some(time) => Ok(time.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
            None => Err(refuse(
                "INVALID_LONG",
                format!("{value} was not a valid long."),
            )),
        },
        (_, "enumeration") if !is_stage(&property.name) => options(property, value),
        _ => Ok(value.to_owned()),
    }
}

/// Stages and pipelines depend on each other and are checked together elsewhere.
fn is_stage(name: &str) -> bool {
    matches!(
        name,
        "pipeline" | "dealstage" | "hs_pipeline" | "hs_pipeline_stage"
    )
}

/// Trimmed and in lower case. The rules are HubSpot's as far as they are known: one `@`, a dotted
/// ASCII domain, no blanks.
fn email(value: &str) -> Option<String> {
    let value = value.trim().to_lowercase();
    let (local, domain) = value.split_once('@')?;
    let local_ok = !local.is_empty()
        && local.is_ascii()
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && local
            .chars()
            .all(|c| c.is_ascii_graphic() && !"()<>[],;:\\\"@".contains(c));
    let domain_ok = domain.contains('.')
        && domain.split('.').all(|label| {
            !label.is_empty()
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        });
    (local_ok && domain_ok && value.len() <= MAX_EMAIL_BYTES).then_some(value)
}

/// `YYYY-MM-DD`, from itself or from midnight UTC in milliseconds.
fn date(value: &str) -> Result<String, (&'static str, String)> {
    if let Ok(date) = NaiveDate::parse_from_str(value, "%Y-%m-%d") {
        return Ok(date.format("%Y-%m-%d").to_string());
    }
    let time = datetime(value)
        .ok_or_else(|| ("INVALID_LONG", format!("{value} was not a valid long.")))?;
    if time.timestamp_millis().rem_euclid(86_400_000) != 0 {
        return Err((
            "INVALID_DATE",
            format!(
                "{value} is at {}, not midnight!",
                time.format("%H:%M:%S%.f UTC")
            ),
        ));
    }
    Ok(time.format("%Y-%m-%d").to_string())
}

/// ISO 8601 with a zone, a bare date, or milliseconds.
pub(super) fn datetime(value: &str) -> Option<DateTime<Utc>> {
    if let Ok(ms) = value.parse::<i64>() {
        return DateTime::from_timestamp_millis(ms);
    }
    if let Ok(date) = NaiveDate::parse_from_str(value, "%Y-%m-%d") {
        return Some(date.and_time(chrono::NaiveTime::MIN).and_utc());
    }
    DateTime::parse_from_rfc3339(value)
        .ok()
        .map(|time| time.to_utc())
}

/// Every chosen option must exist; several are joined with `;`.
fn options(property: &Property, value: &str) -> Result<String, InvalidValue> {
    let allowed = |chosen: &str| property.options.iter().any(|option| option.value == chosen);
    let many = property.field_type == "checkbox";
    let chosen: Vec<&str> = if many {
        value
            .split(';')
            .map(str::trim)
            .filter(|choice| !choice.is_empty())
            .collect()
    } else {
        vec![value]
    };
    match chosen.iter().find(|choice| !allowed(choice)) {
        None => Ok(chosen.join(";")),
        Some(wrong) => {
            let labels: Vec<&str> = property
                .options
                .iter()
                .map(|option| option.value.as_str())
                .collect();
            Err(InvalidValue {
                name: property.name.clone(),
                error: "INVALID_OPTION",
                message: format!(
                    "{wrong} was not one of the allowed options: [{}]",
                    labels.join(", ")
                ),
            })
        }
    }
}
