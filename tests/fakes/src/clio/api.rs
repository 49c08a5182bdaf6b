//! The endpoints.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::body::to_bytes;
use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::account::{Account, Resource, Row};
use super::error::ApiError;
use super::fields::parse;
use super::{render, webhooks, write};
use crate::clock::http_date;
use crate::query::Query;
use crate::server::{self, locked};

/// The account that the bearer token opened.
#[derive(Clone)]
pub(super) struct Tenant(pub(super) Arc<Mutex<Account>>);

/// A request's account, path, query and headers.
pub(super) struct Ctx {
    tenant: Tenant,
    path: BTreeMap<String, String>,
    pub(super) url_path: String,
    pub(super) query: Query,
    pub(super) headers: HeaderMap,
}

impl Ctx {
    pub(super) fn account(&self) -> MutexGuard<'_, Account> {
        locked(&self.tenant.0)
    }

    /// The id of `/{id}.json`.
    fn id(&self) -> Result<u64, ApiError> {
        let id = self.path.get("id").and_then(|id| id.strip_suffix(".json"));
        id.and_then(|id| id.parse().ok())
            .ok_or_else(ApiError::not_found)
    }

    fn header(&self, name: header::HeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Ctx {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let params = RawPathParams::from_request_parts(parts, state).await;
        let params = params.map_err(IntoResponse::into_response)?;
        let path = params
            .iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let tenant = parts.extensions.get::<Tenant>().cloned();
        Ok(Self {
            tenant: tenant.ok_or_else(|| StatusCode::INTERNAL_SERVER_ERROR.into_response())?,
            path,
            url_path: parts.uri.path().to_owned(),
            query: Query::parse(parts.uri.query().unwrap_or_default()),
            headers: parts.headers.clone(),
        })
    }
}

/// The `data` of a JSON body.
pub(super) struct Data(Map<String, Value>);

impl<S: Send + Sync> FromRequest<S> for Data {
    type Rejection = Response;

    async fn from_request(request: Request, _: &S) -> Result<Self, Response> {
        let content_type = request.headers().get(header::CONTENT_TYPE);
        let is_json =
            content_type.is_some_and(|value| value.as_bytes().starts_with(b"application/json"));
        let body = to_bytes(request.into_body(), usize::MAX)
            .await
            .unwrap_or_default();
        let body = serde_json::from_slice::<Value>(&body)
            .ok()
            .filter(|_| is_json);
        let data = body
            .as_ref()
            .and_then(Value::as_object)
            .filter(|body| body.len() == 1);
        match data
            .and_then(|body| body.get("data"))
            .and_then(Value::as_object)
        {
            Some(data) => Ok(Self(data.clone())),
            None => Err(
                ApiError::bad_request("The body must be a JSON object with data").into_response(),
            ),
        }
    }
}

pub(super) type Answer = Result<Response, ApiError>;

/// One record, with the headers that go with it.
fn show(ctx: &Ctx, account: &Account, resource: Resource, row: &Row, status: StatusCode) -> Answer {
    let fields = parse(ctx.query.get("fields"), resource.shape())?;
    let body = json!({ "data": render::record(account, resource, row, &fields) });
    let mut response = server::json(status, &body);
    response.headers_mut().extend(validators(row));
    Ok(response)
}

fn validators(row: &Row) -> HeaderMap {
    let values = [
        (header::ETAG, row.etag()),
        (header::LAST_MODIFIED, http_date(row.updated_at)),
    ];
    let values = values
        .into_iter()
        .filter_map(|(name, value)| Some((name, HeaderValue::try_from(value).ok()?)));
    values.collect()
}

pub(super) async fn read(ctx: Ctx, resource: Resource) -> Answer {
    let account = ctx.account();
    let row = account
        .row(resource, ctx.id()?)
        .ok_or_else(ApiError::not_found)?;
    // Fields are checked even where the answer has no body.
    parse(ctx.query.get("fields"), resource.shape())?;
    let same = match ctx.header(header::IF_NONE_MATCH) {
        Some(etags) => etags
            .split(',')
            .any(|etag| etag.trim() == row.etag() || etag.trim() == "*"),
        None => ctx
            .header(header::IF_MODIFIED_SINCE)
            .is_some_and(|since| since == http_date(row.updated_at)),
    };
    if same {
        let mut response = StatusCode::NOT_MODIFIED.into_response();
        response.headers_mut().extend(validators(row));
        return Ok(response);
    }
    show(&ctx, &account, resource, row, StatusCode::OK)
}

pub(super) async fn who_am_i(ctx: Ctx) -> Answer {
    let account = ctx.account();
    let me = account
        .row(Resource::Users, account.me)
        .ok_or_else(ApiError::not_found)?;
    show(&ctx, &account, Resource::Users, me, StatusCode::OK)
}

pub(super) async fn create(ctx: Ctx, resource: Resource, Data(data): Data) -> Answer {
    // An answer that could not be given must not leave a record behind.
    parse(ctx.query.get("fields"), resource.shape())?;
    let mut account = ctx.account();
    let id = write::create(&mut account, resource, &data)?;
    let row = account.row(resource, id).ok_or_else(ApiError::not_found)?;
    show(&ctx, &account, resource, row, StatusCode::CREATED)
}

pub(super) async fn update(ctx: Ctx, resource: Resource, Data(data): Data) -> Answer {
    parse(ctx.query.get("fields"), resource.shape())?;
    let id = ctx.id()?;
    let mut account = ctx.account();
    let row = account.row(resource, id).ok_or_else(ApiError::not_found)?;
    if ctx
        .header(header::IF_MATCH)
        .is_some_and(|etag| etag != row.etag() && etag != "*")
    {
        return Err(ApiError::stale());
    }
    write::update(&mut account, resource, id, &data)?;
    let row = account.row(resource, id).ok_or_else(ApiError::not_found)?;
    show(&ctx, &account, resource, row, StatusCode::OK)
}

pub(super) async fn delete(ctx: Ctx, resource: Resource) -> Answer {
    write::delete(&mut ctx.account(), resource, ctx.id()?)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The guide alone knows it.
pub(super) async fn activate(ctx: Ctx) -> Answer {
    let id = ctx.path.get("id").and_then(|id| id.parse().ok());
    let id = id.ok_or_else(ApiError::not_found)?;
    let secret = ctx.headers.get("x-hook-secret");
    let secret = secret.and_then(|value| value.to_str().ok());
    let mut account = ctx.account();
    webhooks::activate(&mut account, id, secret.unwrap_or_default())?;
    let row = account.row(Resource::Webhooks, id);
    let row = row.ok_or_else(ApiError::not_found)?;
    show(&ctx, &account, Resource::Webhooks, row, StatusCode::OK)
}
