//! Which HubSpot property takes which field of a provider, and by which transform (S2-25, S2-61 to S2-69).

use crate::core::catalog::FieldType;
use crate::hubspot::properties::Described;

/// Said of what cannot be mapped at all (S2-69).
pub(super) const UNSUPPORTED: &str = "This field isn't supported and won't be imported.";

/// What a HubSpot property holds, for people and for [`transform`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    Text,
    LongText,
    Number,
    Date,
    DateTime,
    /// One of a list.
    One,
    /// Some of a list.
    Many,
    YesNo,
    Phone,
}

impl Holds {
    /// For people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Text => "Text",
            Self::LongText => "Multi-line text",
            Self::Number => "Number",
            Self::Date => "Date",
            Self::DateTime => "Date and time",
            Self::One => "Dropdown",
            Self::Many => "Multi-select",
            Self::YesNo => "Yes/No",
            Self::Phone => "Phone number",
        }
    }
}

/// A provider's type for people.
pub(super) fn type_label(kind: FieldType) -> &'static str {
    match kind {
        FieldType::Text => "Text",
        FieldType::Number => "Number",
        FieldType::Boolean => "Yes/No",
        FieldType::Date => "Date",
        FieldType::DateTime => "Date and time",
        FieldType::Html => "Formatted text",
    }
}

/// What a property holds; none where it cannot be mapped: files, calculations and scores, users, stages and pipelines, and
/// what HubSpot itself writes (S2-68), and what people consented to.
pub(super) fn holds(property: &Described) -> Option<Holds> {
    let ours = property.calculated
        || property.hidden
        || property.modification_metadata.read_only_value
        || property.referenced_object_type.is_some()
        || property.field_type.starts_with("calculation")
        || is_stage(&property.name)
        || is_consent(&property.name);
    if ours {
        return None;
    }
    Some(
        match (property.kind.as_str(), property.field_type.as_str()) {
            (_, "file" | "score") => return None,
            ("string", "phonenumber") | ("phone_number", _) => Holds::Phone,
            ("string", "textarea" | "html") => Holds::LongText,
            ("string", "text") => Holds::Text,
            ("number", _) => Holds::Number,
            ("date", _) => Holds::Date,
            ("datetime", _) => Holds::DateTime,
            ("bool", _) | ("enumeration", "booleancheckbox") => Holds::YesNo,
            ("enumeration", "checkbox") => Holds::Many,
            ("enumeration", "select" | "radio") => Holds::One,
            _ => return None,
        },
    )
}

/// A stage's ids are the pipeline's, and users are HubSpot's: the sync itself writes the ones it needs.
fn is_stage(name: &str) -> bool {
    matches!(
        name,
        "dealstage" | "pipeline" | "hs_pipeline" | "hs_pipeline_stage" | "hubspot_owner_id"
    )
}

/// Whether, and on what ground, people may be written to is theirs and HubSpot's: a sync could only get it wrong (S3-20).
fn is_consent(name: &str) -> bool {
    let consent = ["hs_legal_basis", "hs_marketable_", "hs_email_optout"];
    consent.iter().any(|beginning| name.starts_with(beginning))
}

/// How a field gets into a property; the reason in words where it cannot.
pub(super) fn transform(
    field: FieldType,
    property: &Described,
) -> Result<&'static str, &'static str> {
    let Some(holds) = holds(property) else {
        return Err(UNSUPPORTED);
    };
    match (holds, field) {
        (Holds::Text, FieldType::Text) if property.name == "email" => Ok("email_normalise"),
        (Holds::Text, FieldType::Text) if property.name == "domain" => Ok("registrable_domain"),
        (Holds::Text | Holds::LongText, FieldType::Html) => Ok("plain_text"),
        (Holds::Text | Holds::LongText, FieldType::DateTime) => Ok("datetime"),
        (Holds::Text | Holds::LongText, _) => Ok("trim"),
        (Holds::Phone, FieldType::Text) => Ok("phone_e164_or_raw"),
        (Holds::Phone, _) => Err("Only a text can be a phone number."),
        (Holds::Number, FieldType::Number) => Ok("trim"),
        (Holds::Number, _) => Err("Only a number fits here."),
        (Holds::Date, FieldType::Date | FieldType::DateTime) => Ok("date"),
        (Holds::DateTime, FieldType::Date) => Ok("date_to_datetime_utc_midnight"),
        (Holds::DateTime, FieldType::DateTime) => Ok("datetime"),
        (Holds::Date | Holds::DateTime, _) => Err("Only a date fits here."),
        (Holds::YesNo, FieldType::Boolean) => Ok("enum:true,false"),
        (Holds::YesNo, _) => Err("Only yes or no fits here."),
        (Holds::One, FieldType::Text | FieldType::Number) => Ok("trim"),
        (Holds::One, FieldType::Boolean) => Err("A dropdown takes a text."),
        (Holds::One, _) => Err("A dropdown takes a short text."),
        (Holds::Many, FieldType::Text) => Ok("trim"),
        (Holds::Many, _) => Err("A multi-select takes a text."),
    }
}

/// Whether a transform that somebody chose by hand gives what the property holds.
pub(super) fn gives(transform: &str, property: &Described) -> Result<(), &'static str> {
    let Some(holds) = holds(property) else {
        return Err(UNSUPPORTED);
    };
    let fits = match holds {
        Holds::Text | Holds::LongText => true,
        Holds::Phone => matches!(transform, "phone_e164_or_raw" | "trim"),
        Holds::Number => transform == "trim" || transform.starts_with("enum:"),
        Holds::Date => transform == "date",
        Holds::DateTime => matches!(transform, "datetime" | "date_to_datetime_utc_midnight"),
        Holds::YesNo => transform.starts_with("enum:"),
        Holds::One | Holds::Many => transform == "trim" || transform.starts_with("enum:"),
    };
    match fits {
        true => Ok(()),
        false => Err("The property holds another type than this mapping gives."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn property(name: &str, kind: &str, field_type: &str) -> Described {
        serde_json::from_value(serde_json::json!({
            "name": name, "label": name, "type": kind, "fieldType": field_type,
        }))
        .unwrap()
    }

    /// S2-61 to S2-67: each HubSpot type takes the type that fits it.
    #[test]
    fn each_type_takes_what_fits_it() {
        for (kind, field_type, field, transform_name) in [
            ("string", "text", FieldType::Text, "trim"),
            ("string", "textarea", FieldType::Html, "plain_text"),
            ("number", "number", FieldType::Number, "trim"),
            ("date", "date", FieldType::Date, "date"),
            (
                "datetime",
                "date",
                FieldType::Date,
                "date_to_datetime_utc_midnight",
            ),
            ("datetime", "date", FieldType::DateTime, "datetime"),
            ("enumeration", "select", FieldType::Text, "trim"),
            ("enumeration", "radio", FieldType::Text, "trim"),
            ("enumeration", "checkbox", FieldType::Text, "trim"),
            (
                "enumeration",
                "booleancheckbox",
                FieldType::Boolean,
                "enum:true,false",
            ),
            (
                "string",
                "phonenumber",
                FieldType::Text,
                "phone_e164_or_raw",
            ),
        ] {
            let property = property("p", kind, field_type);
            assert_eq!(
                transform(field, &property),
                Ok(transform_name),
                "{kind}/{field_type}"
            );
            assert_eq!(
                gives(transform_name, &property),
                Ok(()),
                "{kind}/{field_type}"
            );
        }
        assert_eq!(
            transform(FieldType::Text, &property("email", "string", "text")),
            Ok("email_normalise")
        );
        assert!(transform(FieldType::Text, &property("p", "date", "date")).is_err());
        assert!(transform(FieldType::Text, &property("p", "number", "number")).is_err());
        assert!(gives("trim", &property("p", "date", "date")).is_err());
    }

    /// S2-68, S2-69, S3-20: files, calculations, scores, users, stages and what people consented to are shown, disabled, with
    /// the reason.
    #[test]
    fn what_is_not_supported_says_so() {
        for (name, kind, field_type) in [
            ("f", "string", "file"),
            ("c", "number", "calculation_equation"),
            ("s", "number", "score"),
            ("dealstage", "enumeration", "radio"),
            ("hs_pipeline_stage", "enumeration", "select"),
            ("hubspot_owner_id", "enumeration", "select"),
            ("j", "json", "text"),
            ("hs_legal_basis", "enumeration", "checkbox"),
            ("hs_marketable_status", "enumeration", "booleancheckbox"),
            ("hs_email_optout_123", "bool", "booleancheckbox"),
        ] {
            let property = property(name, kind, field_type);
            assert_eq!(
                transform(FieldType::Text, &property),
                Err(UNSUPPORTED),
                "{name}"
            );
            assert_eq!(gives("trim", &property), Err(UNSUPPORTED), "{name}");
        }
        let mut written_by_hubspot = property("w", "string", "text");
        written_by_hubspot.modification_metadata.read_only_value = true;
        assert_eq!(holds(&written_by_hubspot), None);
        let mut user = property("u", "string", "text");
        user.referenced_object_type = Some("OWNER".to_owned());
        assert_eq!(holds(&user), None);
    }
}
