//! From a provider's values to HubSpot's: named, deterministic, and with an inverse where one exists.
//!
//! For every transform `T`, and every value `x` it takes:
//! - `T` of `canonical(T(x))` changes nothing: HubSpot's own copy of a value compares equal;
//! - where there is an inverse, `T(inverse(T(x))) = T(x)`: a value that went there and back is no change.

mod domain;
mod email;
mod enumeration;
mod phone;
mod plain_text;
mod text;
mod time;

use std::borrow::Cow;

pub(crate) use email::split as split_email;
pub use enumeration::Enumeration;
pub use phone::is_country as is_phone_country;
pub(crate) use time::{parse_instant, to_rfc3339};

/// HubSpot's longest string property, in characters.
const MAX_CHARS: usize = 65_536;

/// A way from a provider's value to HubSpot's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Transform {
    /// `trim`: text without surrounding space.
    Trim,
    /// `email_normalise`: NFKC, lower case, domain in ASCII; must be a valid address.
    Email,
    /// `phone_e164_or_raw`: E.164 where valid in the region, else as written.
    Phone,
    /// `registrable_domain`: of a URL, host or e-mail-like text.
    Domain,
    /// `date`: `YYYY-MM-DD`.
    Date,
    /// `datetime`: RFC 3339 in UTC.
    DateTime,
    /// `date_to_datetime_utc_midnight`: a date as the first instant of it in UTC.
    DateToMidnight,
    /// `plain_text`: HTML to text.
    PlainText,
    /// `enum:A=a,B=b`: one of a list; `enum:a,b` where both sides have the same words.
    Enumeration(Enumeration),
}

/// Why a name is no transform.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransformError {
    /// No transform of that name.
    #[error(
        "`{0}` is no transform: use trim, email_normalise, phone_e164_or_raw, registrable_domain, date, \
         datetime, date_to_datetime_utc_midnight, plain_text or enum:A=a,B=b"
    )]
    Unknown(String),
    /// An enumeration without options, or with an empty one.
    #[error("an enumeration is written `enum:A=a,B=b`, without empty words")]
    EmptyOption,
    /// The same word twice.
    #[error("option `{0}` is listed twice: an enumeration must be reversible")]
    DuplicateOption(String),
}

/// Why a value could not be transformed. Says nothing of the value itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// Not an e-mail address.
    #[error("invalid_email")]
    Email,
    /// No domain that can be registered.
    #[error("invalid_domain")]
    Domain,
    /// Not a date, or not a time.
    #[error("invalid_date")]
    Date,
    /// Not one of the options.
    #[error("unknown_option")]
    Option,
    /// Longer than HubSpot stores.
    #[error("too_long")]
    Length,
    /// An object or list where a text, number or boolean was expected.
    #[error("wrong_type")]
    Type,
}

impl Transform {
    /// Reads a transform's name.
    ///
    /// # Errors
    /// Where there is none of that name, or an enumeration is not reversible.
    pub fn parse(name: &str) -> Result<Self, TransformError> {
        Ok(match name {
            "trim" => Self::Trim,
            "email_normalise" => Self::Email,
            "phone_e164_or_raw" => Self::Phone,
            "registrable_domain" => Self::Domain,
            "date" => Self::Date,
            "datetime" => Self::DateTime,
            "date_to_datetime_utc_midnight" => Self::DateToMidnight,
            "plain_text" => Self::PlainText,
            _ => match name.strip_prefix("enum:") {
                Some(options) => Self::Enumeration(Enumeration::parse(options)?),
                None => return Err(TransformError::Unknown(name.to_owned())),
            },
        })
    }

    /// A provider's value in HubSpot's form; none where it is blank. Null characters, which HubSpot
    /// cannot store, are removed first. `country` is that of phone numbers written without one.
    ///
    /// # Errors
    /// Where the value cannot be transformed.
    pub fn apply(&self, value: &str, country: &str) -> Result<Option<String>, ValueError> {
        let value = text::without_nulls(value);
        let value = value.trim();
        if value.is_empty() {
            return Ok(None);
        }
        let result: Cow<'_, str> = match self {
            Self::Trim => text::unix_lines(value),
            Self::Email => email::normalise(value)?.into(),
            Self::Phone => phone::e164_or_raw(value, country),
            Self::Domain => domain::registrable(value)?.into(),
            Self::Date => time::date(value)?.into(),
            Self::DateTime => time::datetime(value)?.into(),
            Self::DateToMidnight => time::midnight(value)?.into(),
            Self::PlainText => plain_text::from_html(value),
            Self::Enumeration(options) => options.forward(value).ok_or(ValueError::Option)?.into(),
        };
        if result.len() > MAX_CHARS && result.chars().count() > MAX_CHARS {
            return Err(ValueError::Length);
        }
        Ok(Some(result.into_owned()).filter(|text| !text.is_empty()))
    }

    /// A value as HubSpot holds it, in the form that [`Self::apply`] gives, so that equal values
    /// compare equal: HubSpot answers times in milliseconds or ISO 8601, and people write phone
    /// numbers as they please. A value that has no such form stays as it is, trimmed.
    #[must_use]
    pub fn canonical<'a>(&self, value: &'a str, country: &str) -> Cow<'a, str> {
        let value = value.trim();
        match self {
            Self::Trim | Self::PlainText => text::unix_lines(value),
            Self::Enumeration(_) => value.into(),
            Self::Email => email::normalise(value).map_or(value.into(), Cow::from),
            Self::Phone => phone::e164_or_raw(value, country),
            Self::Domain => domain::registrable(value).map_or(value.into(), Cow::from),
            Self::Date => time::date(value).map_or(value.into(), Cow::from),
            Self::DateTime | Self::DateToMidnight => {
                time::datetime(value).map_or(value.into(), Cow::from)
            }
        }
    }

    /// A HubSpot value in the provider's form; none where there is no way back.
    #[must_use]
    pub fn inverse(&self, value: &str) -> Option<String> {
        let value = value.trim();
        match self {
            Self::Trim | Self::Email | Self::Phone | Self::PlainText => Some(value.to_owned()),
            Self::Domain => Some(format!("https://{value}")),
            Self::Date | Self::DateToMidnight => time::date(value).ok(),
            Self::DateTime => time::datetime(value).ok(),
            Self::Enumeration(options) => options.backward(value).map(str::to_owned),
        }
    }
}

#[cfg(test)]
mod tests;
