//! The endpoints: parameters are checked by name, creating ones know their idempotency keys.

use std::sync::Arc;

use axum::extract::{Path, RawQuery, State as With};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};

use super::error::{self, Refusal, missing, no_such, unknown};
use super::{Service, State};
use crate::form::Form;
use crate::query::Query;
use crate::server::{self, locked};

type App = With<Arc<Service>>;

/// Refuses a parameter that is not among the known; `metadata[…]` is named by its stem.
fn known(query: &Query, names: &[&str]) -> Result<(), Refusal> {
    let stranger = query.names().find(|name| {
        let stem = name
            .split_once("metadata]")
            .map(|(before, _)| format!("{before}metadata]"));
        let stem = stem.or_else(|| {
            name.strip_prefix("metadata[")
                .map(|_| "metadata".to_owned())
        });
        !names.contains(name) && !stem.is_some_and(|stem| names.contains(&stem.as_str()))
    });
    stranger.map_or(Ok(()), |name| Err(unknown(name)))
}

/// The entries of a metadata parameter, e.g. of `metadata` or `subscription_data[metadata]`.
fn metadata(query: &Query, stem: &str) -> Value {
    let start = format!("{stem}[");
    let entries = query.iter().filter_map(|(name, value)| {
        let key = name.strip_prefix(&start)?.strip_suffix(']')?;
        Some((key.to_owned(), Value::from(value)))
    });
    Value::Object(entries.collect())
}

fn reply(result: Result<Value, Refusal>) -> Response {
    match result {
        Ok(body) => server::json(StatusCode::OK, &body),
        Err((status, body)) => server::json(status, &body),
    }
}

/// Creates, once for each idempotency key.
fn once(
    service: &Service,
    path: &str,
    headers: &HeaderMap,
    form: &Query,
    create: impl FnOnce(&mut State) -> Result<Value, Refusal>,
) -> Response {
    let mut state = locked(&service.state);
    let key = headers
        .get("idempotency-key")
        .and_then(|key| key.to_str().ok())
        .map(str::to_owned);
    let wish = format!("{path}?{}", form.without(&[]));
    if let Some((earlier, status, body)) = key.as_ref().and_then(|key| state.remembered.get(key)) {
        return match *earlier == wish {
            true => server::json(*status, body),
            false => reply(Err(error::key_reused())),
        };
    }
    let result = create(&mut state);
    // What was refused for its parameters is not remembered.
    if let (Some(key), Ok(body)) = (key, &result) {
        state
            .remembered
            .insert(key, (wish, StatusCode::OK, body.clone()));
    }
    reply(result)
}

fn list(url: &str, data: Vec<Value>, has_more: bool) -> Value {
    json!({ "object": "list", "url": url, "has_more": has_more, "data": data })
}

fn limit(query: &Query) -> Result<usize, Refusal> {
    match query.get("limit").map_or(Ok(10), str::parse) {
        Ok(limit @ 1..=100) => Ok(limit),
        _ => Err(error::refused(
            "Invalid limit.",
            Some("parameter_invalid_integer"),
            Some("limit"),
        )),
    }
}

pub(super) async fn prices(With(service): App, RawQuery(raw): RawQuery) -> Response {
    let query = Query::parse(&raw.unwrap_or_default());
    reply((|| {
        known(
            &query,
            &["lookup_keys[]", "active", "limit", "starting_after"],
        )?;
        let limit = limit(&query)?;
        let keys: Vec<&str> = query.all("lookup_keys[]").collect();
        if keys.len() > 10 {
            return Err(error::refused(
                "Too many lookup keys.",
                None,
                Some("lookup_keys"),
            ));
        }
        let state = locked(&service.state);
        let found: Vec<Value> = state
            .prices
            .values()
            .filter(|price| {
                keys.is_empty()
                    || price["lookup_key"]
                        .as_str()
                        .is_some_and(|key| keys.contains(&key))
            })
            .filter(|price| {
                query
                    .get("active")
                    .is_none_or(|active| price["active"] == (active == "true"))
            })
            .cloned()
            .collect();
        let has_more = found.len() > limit;
        Ok(list(
            "/v1/prices",
            found.into_iter().take(limit).collect(),
            has_more,
        ))
    })())
}

pub(super) async fn add_customer(
    With(service): App,
    headers: HeaderMap,
    Form(form): Form,
) -> Response {
    let now = service.now();
    once(&service, "/v1/customers", &headers, &form, |state| {
        known(&form, &["description", "email", "name", "metadata"])?;
        Ok(state.add_customer(form.get("description"), metadata(&form, "metadata"), now))
    })
}

pub(super) async fn customer(With(service): App, Path(id): Path<String>) -> Response {
    let state = locked(&service.state);
    reply(
        state
            .customers
            .get(&id)
            .cloned()
            .ok_or_else(|| no_such("customer", &id, "id")),
    )
}

pub(super) async fn subscriptions(With(service): App, RawQuery(raw): RawQuery) -> Response {
    let query = Query::parse(&raw.unwrap_or_default());
    reply((|| {
        known(
            &query,
            &["customer", "status", "limit", "starting_after", "price"],
        )?;
        let limit = limit(&query)?;
        let state = locked(&service.state);
        let customer = query.get("customer");
        if let Some(id) = customer.filter(|id| !state.customers.contains_key(*id)) {
            return Err(no_such("customer", id, "customer"));
        }
        // Newest first; those that are canceled only where all are asked for.
        let found: Vec<Value> = state
            .subscriptions
            .iter()
            .rev()
            .map(|(_, subscription)| subscription)
            .filter(|subscription| customer.is_none_or(|id| subscription["customer"] == id))
            .filter(|subscription| match query.get("status") {
                Some("all") => true,
                Some(status) => subscription["status"] == status,
                None => subscription["status"] != "canceled",
            })
            .skip_while(|subscription| {
                query
                    .get("starting_after")
                    .is_some_and(|after| subscription["id"].as_str() >= Some(after))
            })
            .cloned()
            .collect();
        let has_more = found.len() > limit;
        Ok(list(
            "/v1/subscriptions",
            found.into_iter().take(limit).collect(),
            has_more,
        ))
    })())
}

pub(super) async fn subscription(With(service): App, Path(id): Path<String>) -> Response {
    let state = locked(&service.state);
    reply(
        state
            .subscriptions
            .get(&id)
            .cloned()
            .ok_or_else(|| no_such("subscription", &id, "id")),
    )
}

/// Changes a subscription: so far whether it ends with its period.
pub(super) async fn update_subscription(
    With(service): App,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(form): Form,
) -> Response {
    let now = service.now();
    let path = format!("/v1/subscriptions/{id}");
    once(&service, &path, &headers, &form, |state| {
        known(&form, &["cancel_at_period_end"])?;
        let ends = match form.get("cancel_at_period_end") {
            None => None,
            Some("true") => Some(true),
            Some("false") => Some(false),
            Some(_) => {
                return Err(error::refused(
                    "Invalid boolean: cancel_at_period_end",
                    Some("parameter_invalid_boolean"),
                    Some("cancel_at_period_end"),
                ));
            }
        };
        let subscription = standing(state, &id)?;
        if let Some(ends) = ends {
            state.set_end(&id, ends, now);
        }
        Ok(state
            .subscriptions
            .get(&id)
            .cloned()
            .unwrap_or(subscription))
    })
}

/// Ends a subscription at once.
pub(super) async fn cancel_subscription(With(service): App, Path(id): Path<String>) -> Response {
    let now = service.now();
    let mut state = locked(&service.state);
    reply((|| {
        let subscription = standing(&state, &id)?;
        state.end(&id, now);
        Ok(state
            .subscriptions
            .get(&id)
            .cloned()
            .unwrap_or(subscription))
    })())
}

/// A subscription that is not over: one that is cannot be changed any more.
fn standing(state: &State, id: &str) -> Result<Value, Refusal> {
    let found = state.subscriptions.get(id);
    match found.filter(|subscription| subscription["status"] != "canceled") {
        Some(subscription) => Ok(subscription.clone()),
        None => Err(error::gone("subscription", id, "id")),
    }
}

pub(super) async fn add_checkout(
    With(service): App,
    headers: HeaderMap,
    Form(form): Form,
) -> Response {
    let now = service.now();
    let host = host(&headers);
    once(
        &service,
        "/v1/checkout/sessions",
        &headers,
        &form,
        |state| {
            known(
                &form,
                &[
                    "mode",
                    "line_items[0][price]",
                    "line_items[0][quantity]",
                    "customer",
                    "customer_email",
                    "client_reference_id",
                    "success_url",
                    "cancel_url",
                    "allow_promotion_codes",
                    "metadata",
                    "subscription_data[metadata]",
                ],
            )?;
            if form.get("mode") != Some("subscription") {
                return Err(missing("mode"));
            }
            let price = form
                .get("line_items[0][price]")
                .ok_or_else(|| missing("line_items"))?;
            if !state.prices.contains_key(price) {
                return Err(no_such("price", price, "line_items[0][price]"));
            }
            let customer = form.get("customer");
            if let Some(id) = customer.filter(|id| !state.customers.contains_key(*id)) {
                return Err(no_such("customer", id, "customer"));
            }
            let success = form
                .get("success_url")
                .ok_or_else(|| missing("success_url"))?;
            for url in [Some(success), form.get("cancel_url")]
                .into_iter()
                .flatten()
            {
                if url::Url::parse(url).is_err() {
                    return Err(error::refused(
                        "Not a valid URL",
                        Some("url_invalid"),
                        Some("success_url"),
                    ));
                }
            }
            Ok(state.add_checkout(
                &host,
                &json!({
                    "price": price,
                    "customer": customer,
                    "client_reference_id": form.get("client_reference_id"),
                    "success_url": success,
                    "cancel_url": form.get("cancel_url"),
                    "metadata": metadata(&form, "metadata"),
                    "subscription_metadata": metadata(&form, "subscription_data[metadata]"),
                }),
                now,
            ))
        },
    )
}

pub(super) async fn checkout(With(service): App, Path(id): Path<String>) -> Response {
    let state = locked(&service.state);
    let found = state.checkouts.get(&id).map(super::objects::shown);
    reply(found.ok_or_else(|| no_such("checkout.session", &id, "session")))
}

/// Newest first.
pub(super) async fn checkouts(With(service): App, RawQuery(raw): RawQuery) -> Response {
    let query = Query::parse(&raw.unwrap_or_default());
    let now = service.now();
    reply((|| {
        known(&query, &["customer", "status", "limit", "starting_after"])?;
        let limit = limit(&query)?;
        let state = locked(&service.state);
        let customer = query.get("customer");
        if let Some(id) = customer.filter(|id| !state.customers.contains_key(*id)) {
            return Err(no_such("customer", id, "customer"));
        }
        let found: Vec<Value> = state
            .checkouts
            .values()
            .rev()
            .filter(|checkout| customer.is_none_or(|id| checkout["customer"] == id))
            .filter(|checkout| match query.get("status") {
                Some("open") => super::objects::is_open(checkout, now),
                Some(status) => checkout["status"] == status,
                None => true,
            })
            .map(super::objects::shown)
            .collect();
        let has_more = found.len() > limit;
        Ok(list(
            "/v1/checkout/sessions",
            found.into_iter().take(limit).collect(),
            has_more,
        ))
    })())
}

/// Only one that is open can be closed.
pub(super) async fn expire_checkout(With(service): App, Path(id): Path<String>) -> Response {
    let now = service.now();
    let mut state = locked(&service.state);
    reply(match state.checkouts.get(&id) {
        None => Err(error::gone("checkout.session", &id, "session")),
        Some(checkout) if !super::objects::is_open(checkout, now) => Err(error::refused(
            "Only Checkout Sessions with a status in [\"open\"] can be expired.",
            None,
            None,
        )),
        Some(_) => Ok(state.expire(&id, now)),
    })
}

pub(super) async fn add_portal(
    With(service): App,
    headers: HeaderMap,
    Form(form): Form,
) -> Response {
    let now = service.now();
    let host = host(&headers);
    once(
        &service,
        "/v1/billing_portal/sessions",
        &headers,
        &form,
        |state| {
            known(
                &form,
                &["customer", "return_url", "configuration", "locale"],
            )?;
            let customer = form.get("customer").ok_or_else(|| missing("customer"))?;
            if !state.customers.contains_key(customer) {
                return Err(no_such("customer", customer, "customer"));
            }
            Ok(state.add_portal(&host, customer, form.get("return_url"), now))
        },
    )
}

fn host(headers: &HeaderMap) -> String {
    let host = headers.get("host").and_then(|host| host.to_str().ok());
    format!("http://{}", host.unwrap_or("127.0.0.1"))
}
