//! Clio's error bodies: `{"error":{"type","message"}}`, and OAuth's for tokens.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::server;

/// A refusal.
#[derive(Debug, Clone)]
pub(super) struct ApiError {
    status: StatusCode,
    kind: &'static str,
    pub(super) message: String,
}

/// Names of the types other than `ArgumentError` are unverified; the product must go by the status.
impl ApiError {
    fn new(status: StatusCode, kind: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            kind,
            message: message.into(),
        }
    }

    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "ArgumentError", message)
    }

    pub(super) fn invalid_fields(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "InvalidFields", message)
    }

    /// A paging limit or a record that cannot be as it was sent.
    pub(super) fn unprocessable(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "ArgumentError", message)
    }

    pub(super) fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "ForbiddenError", message)
    }

    pub(super) fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "RecordNotFound",
            "The requested resource was not found",
        )
    }

    pub(super) fn stale() -> Self {
        let message = "The resource was changed since the given ETag";
        Self::new(
            StatusCode::PRECONDITION_FAILED,
            "PreconditionFailed",
            message,
        )
    }

    pub(super) fn gone(version: &str) -> Self {
        Self::new(
            StatusCode::GONE,
            "InvalidVersion",
            format!("API version {version} is not available"),
        )
    }

    pub(super) fn too_many_requests() -> Self {
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "RateLimited",
            "Rate limit exceeded",
        )
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = json!({ "error": { "type": self.kind, "message": self.message } });
        server::json(self.status, &body)
    }
}

/// The OAuth layer's answer to a token that does not hold.
pub(super) fn invalid_token() -> Response {
    let body = json!({
        "error": "invalid_token",
        "error_description": "The access token is invalid, expired or revoked",
    });
    server::json(StatusCode::UNAUTHORIZED, &body)
}
