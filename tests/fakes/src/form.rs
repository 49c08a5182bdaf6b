//! Bodies of `application/x-www-form-urlencoded`.

use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::query::Query;

/// The fields of a form in their order.
pub(crate) struct Form(pub(crate) Query);

impl Form {
    /// A field that is there and not blank.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).filter(|value| !value.is_empty())
    }
}

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = Response;

    async fn from_request(request: Request, _: &S) -> Result<Self, Response> {
        let content_type = request.headers().get(header::CONTENT_TYPE);
        let is_form = content_type.is_some_and(|value| {
            value
                .as_bytes()
                .starts_with(b"application/x-www-form-urlencoded")
        });
        if !is_form {
            return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response());
        }
        let body = to_bytes(request.into_body(), usize::MAX)
            .await
            .unwrap_or_default();
        match str::from_utf8(&body) {
            Ok(body) => Ok(Self(Query::parse(body))),
            Err(_) => Err(StatusCode::BAD_REQUEST.into_response()),
        }
    }
}

/// A text that nobody guesses, as long as the vendor's are.
pub(crate) fn random_token(prefix: &str, length: usize) -> String {
    let rest = (0..length).map(|_| fastrand::alphanumeric());
    prefix.chars().chain(rest).collect()
}
