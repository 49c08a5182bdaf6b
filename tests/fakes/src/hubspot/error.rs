//! HubSpot's error bodies.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::server;

/// A refusal, answered alone or as one entry of a multi-status answer.
#[derive(Debug, Clone)]
pub(super) struct ApiError {
    pub(super) status: StatusCode,
    pub(super) category: &'static str,
    pub(super) sub_category: Option<&'static str>,
    pub(super) message: String,
    pub(super) context: BTreeMap<&'static str, Vec<String>>,
    details: Vec<Value>,
}

impl ApiError {
    pub(super) fn new(
        status: StatusCode,
        category: &'static str,
        message: impl Into<String>,
    ) -> Self {
        Self {
            status,
            category,
            sub_category: None,
            message: message.into(),
            context: BTreeMap::new(),
            details: Vec::new(),
        }
    }

    pub(super) fn validation(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "VALIDATION_ERROR", message)
    }

    pub(super) fn conflict(category: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, category, message)
    }

    /// A single record that is not there. The double space is HubSpot's.
    pub(super) fn object_not_found(id: &str) -> Self {
        Self::not_found("Object not found.  objectId are usually numeric.").with("id", id)
    }

    pub(super) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "OBJECT_NOT_FOUND", message)
    }

    /// A token that does not reach as far; one of each group of scopes would do.
    pub(super) fn missing_scopes(missing: &[Vec<String>]) -> Self {
        let mut error = Self::new(
            StatusCode::FORBIDDEN,
            "MISSING_SCOPES",
            "This app hasn't been granted all required scopes to make this call. Read more about required scopes \
             here: https://developers.hubspot.com/scopes.",
        );
        for group in missing {
            error.details.push(json!({
                "message": "One or more of the following scopes are required.",
                "context": { "requiredGranularScopes": group },
            }));
        }
        error
    }

    /// Property values that a record may not have: `Property values were not valid: [{…}]`.
    pub(super) fn invalid_values(problems: &[InvalidValue], portal: u64) -> Self {
        let list: Vec<Value> = problems
            .iter()
            .map(|problem| {
                json!({
                    "isValid": false,
                    "message": problem.message,
                    "error": problem.error,
                    "name": problem.name,
                    "localizedErrorMessage": problem.message,
                    "portalId": portal,
                })
            })
            .collect();
        let mut error = Self::validation(format!(
            "Property values were not valid: {}",
            Value::Array(list)
        ));
        for problem in problems {
            error.details.push(json!({
                "message": problem.message,
                "code": problem.error,
                "context": { "propertyName": [problem.name] },
            }));
        }
        error
    }

    /// Properties without which no record is made.
    pub(super) fn required(kind: &str, missing: &[String]) -> Self {
        let mut error = Self::validation(format!(
            "Error creating {kind}. Some required properties were not set."
        ));
        error.details.push(json!({
            "message": "Some required properties were not set.",
            "code": "REQUIRED_PROPERTIES_MISSING",
            "context": { "properties": missing },
        }));
        error
    }

    pub(super) fn with(mut self, key: &'static str, value: impl Into<String>) -> Self {
        self.context.entry(key).or_default().push(value.into());
        self
    }

    pub(super) fn sub(mut self, sub_category: &'static str) -> Self {
        self.sub_category = Some(sub_category);
        self
    }

    /// As an entry of `errors` in a 207. `errors` and `links` are empty rather than left out, as the
    /// OpenAPI document demands.
    pub(super) fn entry(&self) -> Value {
        let mut entry = json!({
            "status": "error",
            "category": self.category,
            "message": self.message,
            "context": self.context,
            "errors": self.details,
            "links": {},
        });
        if let (Some(sub), Some(entry)) = (self.sub_category, entry.as_object_mut()) {
            entry.insert("subCategory".to_owned(), sub.into());
        }
        entry
    }
}

/// One property value that HubSpot refuses.
#[derive(Debug, Clone)]
pub(super) struct InvalidValue {
    pub(super) name: String,
    /// HubSpot's word for it, e.g. `PROPERTY_DOESNT_EXIST`.
    pub(super) error: &'static str,
    pub(super) message: String,
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut body = json!({
            "status": "error",
            "message": self.message,
            "correlationId": correlation_id(),
            "category": self.category,
        });
        if let Some(body) = body.as_object_mut() {
            if !self.context.is_empty() {
                body.insert("context".to_owned(), json!(self.context));
            }
            if !self.details.is_empty() {
                body.insert("errors".to_owned(), Value::Array(self.details));
            }
            if let Some(sub) = self.sub_category {
                body.insert("subCategory".to_owned(), sub.into());
            }
        }
        server::json(self.status, &body)
    }
}

/// A random UUID in its usual writing.
pub(super) fn correlation_id() -> String {
    let bits = fastrand::u128(..);
    format!(
        "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
        bits & 0xffff_ffff,
        (bits >> 32) & 0xffff,
        (bits >> 48) & 0xfff,
        (bits >> 60) & 0xfff,
        (bits >> 72) & 0xffff_ffff_ffff,
    )
}
