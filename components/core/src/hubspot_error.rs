//! HubSpot's error bodies: of whole answers, and of single inputs in a 207.
//!
//! Every key is optional, and a key of another type counts as absent: an error about an error would
//! hide the first. Messages may quote a customer's values, so none leaves this module.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// The value, or its default where it is of another type.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lenient<T>(pub(crate) T);

impl<'de, T: DeserializeOwned + Default> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Ok(Self(T::deserialize(value).unwrap_or_default()))
    }
}

type Context = BTreeMap<String, Lenient<Vec<Lenient<String>>>>;

/// What went wrong, in HubSpot's words.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct ErrorBody {
    category: Lenient<Option<String>>,
    message: Lenient<String>,
    context: Lenient<Context>,
    errors: Lenient<Vec<Lenient<Detail>>>,
    /// Of rate limits: `DAILY`, `TEN_SECONDLY_ROLLING`, `SECONDLY`.
    policy_name: Lenient<Option<String>>,
    /// Of OAuth: `invalid_grant`, …
    error: Lenient<Option<String>>,
    /// `error`, or of OAuth: `BAD_REFRESH_TOKEN`, …
    status: Lenient<Option<String>>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Detail {
    message: Lenient<String>,
    code: Lenient<Option<String>>,
    r#in: Lenient<Option<String>>,
    context: Lenient<Context>,
    // The shape of property errors that stand within a message.
    name: Lenient<Option<String>>,
    error: Lenient<Option<String>>,
}

impl ErrorBody {
    pub(crate) fn read(body: &[u8]) -> Self {
        serde_json::from_slice(body).unwrap_or_default()
    }

    /// The strings of a key of `context`.
    pub(crate) fn context_list(&self, key: &str) -> Vec<String> {
        list(&self.context.0, key).map(str::to_owned).collect()
    }

    /// Category, if it is a bare word.
    pub(crate) fn category_word(&self) -> Option<String> {
        self.category.0.as_deref().and_then(bare_word)
    }

    pub(crate) fn policy(&self) -> Option<&str> {
        self.policy_name.0.as_deref()
    }

    pub(crate) fn message(&self) -> &str {
        &self.message.0
    }

    /// OAuth's `error` and HubSpot's name for it.
    pub(crate) fn oauth(&self) -> [Option<&str>; 2] {
        [self.error.0.as_deref(), self.status.0.as_deref()]
    }

    /// A code of ours for what is wrong with an input.
    pub(crate) fn code(&self) -> &'static str {
        match self.category.0.as_deref() {
            Some("CONFLICT") => return "conflict",
            Some("OBJECT_NOT_FOUND") => return "not_found",
            Some("MISSING_SCOPES") => return "missing_scope",
            Some("RATE_LIMITS") => return "rate_limited",
            _ => {}
        }
        if self.existing_id().is_some() {
            return "conflict";
        }
        let details = self.details();
        let words = details
            .iter()
            .flat_map(|d| [&d.code.0, &d.error.0])
            .flatten();
        for word in words {
            match word.as_str() {
                "PROPERTY_DOESNT_EXIST" => return "missing_property",
                "REQUIRED_FIELD" | "REQUIRED_PROPERTY" | "MISSING_REQUIRED_PROPERTY" => {
                    return "required";
                }
                "CONFLICTING_UNIQUE_VALUE" | "DUPLICATE_UNIQUE_PROPERTY_VALUE" => {
                    return "conflict";
                }
                "READ_ONLY_VALUE" => return "read_only",
                _ => {}
            }
        }
        let told = |what: &str| {
            let lower = |text: &str| text.to_ascii_lowercase().contains(what);
            lower(self.message()) || details.iter().any(|d| lower(&d.message.0))
        };
        if told("does not exist") && told("propert") {
            "missing_property"
        } else if told("required") {
            "required"
        } else if told("already has that value") {
            "conflict"
        } else {
            match self.category.0.as_deref() {
                Some("VALIDATION_ERROR") => "invalid_value",
                _ => "refused",
            }
        }
    }

    /// The property concerned, where HubSpot names it.
    pub(crate) fn property(&self) -> Option<String> {
        let of_detail = |detail: &Detail| {
            let listed = list(&detail.context.0, "propertyName").next();
            let named = detail.name.0.as_deref().or(listed);
            named.or(detail.r#in.0.as_deref()).and_then(bare_word)
        };
        self.details()
            .iter()
            .find_map(of_detail)
            .or_else(|| list(&self.context.0, "propertyName").find_map(bare_word))
    }

    /// `Existing ID: 123`, of a unique value that another record holds.
    pub(crate) fn existing_id(&self) -> Option<String> {
        let details = self
            .errors
            .0
            .iter()
            .map(|Lenient(detail)| detail.message.0.as_str());
        let listed = list(&self.context.0, "existingObjectId").next();
        let told = std::iter::once(self.message())
            .chain(details)
            .find_map(|message| {
                let (_, rest) = message.split_once("Existing ID: ")?;
                let end = rest
                    .find(|c: char| !c.is_ascii_digit())
                    .unwrap_or(rest.len());
                rest.get(..end).filter(|id| !id.is_empty())
            });
        told.or(listed).map(str::to_owned)
    }

    /// The details beside the message, or within it: `Property values were not valid: [{…}]`.
    fn details(&self) -> Vec<Detail> {
        let mut details: Vec<Detail> = Vec::new();
        if let Some(at) = self.message.0.find("[{") {
            let json = self.message.0.get(at..).unwrap_or_default();
            let mut values = serde_json::Deserializer::from_str(json).into_iter();
            if let Some(Ok(Lenient::<Vec<Lenient<Detail>>>(found))) = values.next() {
                details.extend(found.into_iter().map(|Lenient(detail)| detail));
            }
        }
        details.extend(self.errors.0.iter().map(|Lenient(detail)| detail.clone()));
        details
    }
}

fn list<'c>(context: &'c Context, key: &str) -> impl Iterator<Item = &'c str> {
    let values = context.get(key).into_iter().flat_map(|Lenient(list)| list);
    values.map(|Lenient(text)| text.as_str())
}

/// A word of HubSpot's own, as opposed to a sentence that may quote a value.
pub(crate) fn bare_word(text: &str) -> Option<String> {
    let word = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
    let fits = (1..=64).contains(&text.len()) && text.bytes().all(word);
    fits.then(|| text.to_owned())
}
