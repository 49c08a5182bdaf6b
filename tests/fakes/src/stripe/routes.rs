//! Which endpoint lies where.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::{get, post};

use super::{Service, api, error, pages};
use crate::server::pass;

pub(super) fn router(service: Arc<Service>) -> Router {
    Router::new()
        .route("/v1/prices", get(api::prices))
        .route("/v1/customers", post(api::add_customer))
        .route("/v1/customers/{id}", get(api::customer))
        .route("/v1/subscriptions", get(api::subscriptions))
        .route(
            "/v1/subscriptions/{id}",
            get(api::subscription)
                .post(api::update_subscription)
                .delete(api::cancel_subscription),
        )
        .route(
            "/v1/checkout/sessions",
            get(api::checkouts).post(api::add_checkout),
        )
        .route("/v1/checkout/sessions/{id}", get(api::checkout))
        .route(
            "/v1/checkout/sessions/{id}/expire",
            post(api::expire_checkout),
        )
        .route("/v1/billing_portal/sessions", post(api::add_portal))
        .route("/c/pay/{id}", get(pages::checkout).post(pages::pay))
        .route("/p/session/{id}", get(pages::portal).post(pages::change))
        .fallback(unknown)
        .method_not_allowed_fallback(unknown)
        .layer(from_fn_with_state(service.clone(), pass::<Service>))
        .with_state(service)
}

async fn unknown(request: Request) -> Response {
    error::not_found(request.method().as_str(), request.uri().path())
}
