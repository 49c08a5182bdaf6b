//! What people see: the pages of a checkout and of the customer portal.

use std::sync::Arc;

use axum::extract::{Path, State as With};
use axum::http::StatusCode;
use axum::response::Response;

use super::{PORTAL_SECONDS, Service, State};
use serde_json::Value;

use crate::form::Form;
use crate::page::{choice, escaped, page, redirect, refusal};
use crate::server::locked;

type App = With<Arc<Service>>;

fn gone() -> Response {
    refusal(
        StatusCode::NOT_FOUND,
        "Something went wrong",
        "The page you were looking for could not be found.",
    )
}

/// The page of a checkout: pay, or turn back.
pub(super) async fn checkout(With(service): App, Path(id): Path<String>) -> Response {
    let state = locked(&service.state);
    let Some(checkout) = state
        .checkouts
        .get(&id)
        .filter(|checkout| checkout["status"] == "open")
    else {
        return gone();
    };
    let price = checkout["_price"]
        .as_str()
        .and_then(|price| state.prices.get(price));
    let name = price
        .and_then(|price| price["lookup_key"].as_str())
        .unwrap_or_default();
    let cancel = checkout["cancel_url"].as_str().unwrap_or_default();
    let body = format!(
        "<p>{}</p><form method=\"post\"><button>Subscribe</button></form><p><a href=\"{}\">Back</a></p>",
        escaped(name),
        escaped(cancel)
    );
    page(StatusCode::OK, "Checkout", &body)
}

pub(super) async fn pay(With(service): App, Path(id): Path<String>) -> Response {
    let now = service.now();
    let back = locked(&service.state).pay(&id, now);
    match back {
        Some(back) => redirect(&back, &[]),
        None => gone(),
    }
}

/// A page of the customer portal, while it can be opened.
fn portal_of<'a>(state: &'a State, id: &str, now: i64) -> Option<&'a Value> {
    let portal = state.portals.get(id)?;
    let until = portal["created"].as_i64()? + PORTAL_SECONDS;
    (now < until).then_some(portal)
}

/// The customer portal: another plan, or none.
pub(super) async fn portal(With(service): App, Path(id): Path<String>) -> Response {
    let now = service.now();
    let state = locked(&service.state);
    if portal_of(&state, &id, now).is_none() {
        return gone();
    }
    let keys = state
        .prices
        .values()
        .filter_map(|price| price["lookup_key"].as_str());
    let choices: String = keys
        .enumerate()
        .map(|(at, key)| choice("price", key, key, at == 0))
        .collect();
    let body = format!(
        "<form method=\"post\">{choices}<button name=\"do\" value=\"change\">Change</button>\
         <button name=\"do\" value=\"cancel\">Cancel subscription</button></form>"
    );
    page(StatusCode::OK, "Manage your subscription", &body)
}

pub(super) async fn change(With(service): App, Path(id): Path<String>, form: Form) -> Response {
    let now = service.now();
    let mut state = locked(&service.state);
    let Some(portal) = portal_of(&state, &id, now).cloned() else {
        return gone();
    };
    let customer = portal["customer"].as_str().unwrap_or_default();
    let done = match (form.get("do"), form.get("price")) {
        (Some("cancel"), _) => state.set_status(customer, "canceled", now),
        (Some("change"), Some(price)) => state.change(customer, price, now),
        _ => None,
    };
    match (done, portal["return_url"].as_str()) {
        (Some(()), Some(back)) => redirect(back, &[]),
        (Some(()), None) => page(StatusCode::OK, "Done", ""),
        (None, _) => refusal(
            StatusCode::BAD_REQUEST,
            "Something went wrong",
            "This cannot be changed.",
        ),
    }
}
