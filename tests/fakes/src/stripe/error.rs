//! Refusals, shaped as Stripe's (Stripe API, "Errors").

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use crate::server;

/// A status and a body.
pub(super) type Refusal = (StatusCode, Value);

fn body(kind: &str, message: &str, code: Option<&str>, param: Option<&str>) -> Value {
    let mut error = json!({ "type": kind, "message": message });
    if let (Some(code), Some(error)) = (code, error.as_object_mut()) {
        error.insert("code".to_owned(), code.into());
        error.insert(
            "doc_url".to_owned(),
            format!(
                "https://stripe.com/docs/error-codes/{}",
                code.replace('_', "-")
            )
            .into(),
        );
    }
    if let (Some(param), Some(error)) = (param, error.as_object_mut()) {
        error.insert("param".to_owned(), param.into());
    }
    json!({ "error": error })
}

pub(super) fn unauthorized(message: &str) -> Response {
    server::json(
        StatusCode::UNAUTHORIZED,
        &body("invalid_request_error", message, None, None),
    )
}

pub(super) fn invalid(message: &str, code: Option<&str>, param: Option<&str>) -> Response {
    let (status, body) = refused(message, code, param);
    server::json(status, &body)
}

pub(super) fn refused(message: &str, code: Option<&str>, param: Option<&str>) -> Refusal {
    (
        StatusCode::BAD_REQUEST,
        body("invalid_request_error", message, code, param),
    )
}

pub(super) fn unknown(param: &str) -> Refusal {
    refused(
        &format!("Received unknown parameter: {param}"),
        Some("parameter_unknown"),
        Some(param),
    )
}

pub(super) fn missing(param: &str) -> Refusal {
    refused(
        &format!("Missing required param: {param}."),
        Some("parameter_missing"),
        Some(param),
    )
}

pub(super) fn no_such(kind: &str, id: &str, param: &str) -> Refusal {
    refused(
        &format!("No such {kind}: '{id}'"),
        Some("resource_missing"),
        Some(param),
    )
}

/// As [`no_such`], for what is asked for by its own address.
pub(super) fn gone(kind: &str, id: &str, param: &str) -> Refusal {
    (StatusCode::NOT_FOUND, no_such(kind, id, param).1)
}

pub(super) fn key_reused() -> Refusal {
    let message = "Keys for idempotent requests can only be used with the same parameters they were first used with.";
    (
        StatusCode::BAD_REQUEST,
        body("idempotency_error", message, None, None),
    )
}

pub(super) fn not_found(method: &str, path: &str) -> Response {
    let message = format!("Unrecognized request URL ({method}: {path}).");
    server::json(
        StatusCode::NOT_FOUND,
        &body("invalid_request_error", &message, None, None),
    )
}
