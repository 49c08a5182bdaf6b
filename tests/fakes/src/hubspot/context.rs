//! What a handler gets from a request, and how answers begin.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::body::{Bytes, to_bytes};
use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::defaults::default_properties;
use super::error::ApiError;
use super::model::{ObjectType, Record};
use super::portal::Portal;
use crate::clock::iso_ms;
use crate::query::Query;
use crate::server::{self, locked};

/// The API versions that exist here.
pub(super) const VERSIONS: [&str; 1] = ["2026-03"];

/// The portal that the bearer token opened.
#[derive(Clone)]
pub(super) struct Tenant(pub(super) Arc<Mutex<Portal>>);

/// A request's portal, path and query.
pub(super) struct Ctx {
    tenant: Tenant,
    path: BTreeMap<String, String>,
    /// The path as it was sent.
    pub(super) sent: String,
    pub(super) query: Query,
}

impl Ctx {
    pub(super) fn portal(&self) -> MutexGuard<'_, Portal> {
        locked(&self.tenant.0)
    }

    pub(super) fn path(&self, name: &str) -> &str {
        self.path.get(name).map_or("", String::as_str)
    }

    pub(super) fn kind(&self) -> Result<ObjectType, ApiError> {
        object_type(self.path("objectType"))
    }

    pub(super) fn to_kind(&self) -> Result<ObjectType, ApiError> {
        object_type(self.path("toObjectType"))
    }
}

pub(super) fn object_type(name: &str) -> Result<ObjectType, ApiError> {
    ObjectType::parse(name)
        .ok_or_else(|| ApiError::validation(format!("Unable to infer object type from: {name}")))
}

impl<S: Send + Sync> FromRequestParts<S> for Ctx {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let params = RawPathParams::from_request_parts(parts, state).await;
        let params = params.map_err(IntoResponse::into_response)?;
        let path: BTreeMap<String, String> = params
            .iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        if path
            .get("version")
            .is_some_and(|version| !VERSIONS.contains(&version.as_str()))
        {
            return Err(no_such_endpoint(parts.uri.path()));
        }
        let Some(tenant) = parts.extensions.get::<Tenant>().cloned() else {
            return Err(StatusCode::INTERNAL_SERVER_ERROR.into_response());
        };
        let query = Query::parse(parts.uri.query().unwrap_or_default());
        Ok(Self {
            tenant,
            path,
            sent: parts.uri.path().to_owned(),
            query,
        })
    }
}

/// HubSpot's servlet container answers unknown paths with a page.
pub(super) fn no_such_endpoint(path: &str) -> Response {
    let page = format!(
        "<html>\n<head>\n<meta http-equiv=\"Content-Type\" content=\"text/html;charset=utf-8\"/>\n\
         <title>Error 404 Not Found</title>\n</head>\n<body><h2>HTTP ERROR 404</h2>\n\
         <p>Problem accessing {path}. Reason:\n<pre>    Not Found</pre></p>\n</body>\n</html>\n"
    );
    (
        StatusCode::NOT_FOUND,
        [(header::CONTENT_TYPE, "text/html;charset=utf-8")],
        page,
    )
        .into_response()
}

/// A JSON body; what its type does not know is refused.
pub(super) struct Json<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Response;

    async fn from_request(request: Request, _: &S) -> Result<Self, Response> {
        let content_type = request.headers().get(header::CONTENT_TYPE);
        let is_json = content_type
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.starts_with("application/json"));
        if !is_json {
            // As Jersey answers it; the exact body is unverified.
            let error = ApiError::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "VALIDATION_ERROR",
                "HTTP 415 Unsupported Media Type",
            );
            return Err(error.into_response());
        }
        let body: Bytes = to_bytes(request.into_body(), usize::MAX)
            .await
            .unwrap_or_default();
        serde_json::from_slice(&body).map(Self).map_err(|error| {
            let problem = error.to_string();
            let problem = problem.split(" at line ").next().unwrap_or_default();
            ApiError::validation(format!(
                "Invalid input JSON on line {}, column {}: {problem}",
                error.line(),
                error.column(),
            ))
            .into_response()
        })
    }
}

/// What handlers answer.
pub(super) type Answer = Result<Response, ApiError>;

pub(super) fn ok(body: &Value) -> Answer {
    Ok(server::json(StatusCode::OK, body))
}

pub(super) fn created(body: &Value) -> Answer {
    Ok(server::json(StatusCode::CREATED, body))
}

pub(super) fn no_content() -> Answer {
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The body of a batch answer: 207 where there are errors, else `success`.
pub(super) fn batch(
    success: StatusCode,
    started: DateTime<Utc>,
    completed: DateTime<Utc>,
    results: Vec<Value>,
    errors: Vec<Value>,
) -> Answer {
    let mut body = json!({
        "status": "COMPLETE",
        "results": results,
        "startedAt": iso_ms(started),
        "completedAt": iso_ms(completed),
    });
    if errors.is_empty() {
        return Ok(server::json(success, &body));
    }
    if let Some(body) = body.as_object_mut() {
        body.insert("numErrors".to_owned(), errors.len().into());
        body.insert("errors".to_owned(), Value::Array(errors));
    }
    Ok(server::json(StatusCode::MULTI_STATUS, &body))
}

/// Which properties an answer holds, beside the default ones.
#[derive(Debug, Default)]
pub(super) struct Shown {
    pub(super) properties: Vec<String>,
    pub(super) with_history: Vec<String>,
    /// As the search index had them at that time.
    pub(super) at: Option<DateTime<Utc>>,
}

/// A record as the API shows it. Unknown properties are left out, blank ones are null.
pub(super) fn shown(portal: &Portal, kind: ObjectType, record: &Record, shown: &Shown) -> Value {
    let known = &portal.store(kind).properties;
    let asked = shown
        .properties
        .iter()
        .chain(&shown.with_history)
        .map(String::as_str);
    let names = default_properties(kind).iter().copied().chain(asked);
    let properties: BTreeMap<&str, Option<&str>> = names
        .filter(|name| known.contains_key(*name))
        .map(|name| {
            let value = match shown.at {
                Some(time) => record.value_at(name, time),
                None => record.value(name),
            };
            (name, value)
        })
        .collect();
    let mut body = json!({
        "id": record.id.to_string(),
        "properties": properties,
        "createdAt": iso_ms(record.created_at),
        "updatedAt": iso_ms(record.updated_at),
        "archived": record.archived_at.is_some(),
    });
    if let Some(body) = body.as_object_mut() {
        if let Some(at) = record.archived_at {
            body.insert("archivedAt".to_owned(), iso_ms(at).into());
        }
        if !shown.with_history.is_empty() {
            body.insert(
                "propertiesWithHistory".to_owned(),
                history(record, &shown.with_history),
            );
        }
    }
    body
}

fn history(record: &Record, names: &[String]) -> Value {
    let histories = names.iter().map(|name| {
        let versions: Vec<Value> = record
            .history(name)
            .iter()
            .map(|version| {
                let mut entry = json!({
                    "value": version.value,
                    "timestamp": iso_ms(version.at),
                    "sourceType": version.source.source_type(),
                });
                if let (Some(id), Some(entry)) = (version.source.source_id(), entry.as_object_mut())
                {
                    entry.insert("sourceId".to_owned(), id.into());
                }
                entry
            })
            .collect();
        (name.clone(), Value::Array(versions))
    });
    Value::Object(histories.collect())
}
