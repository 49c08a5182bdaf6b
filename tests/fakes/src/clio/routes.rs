//! Which endpoint lies where.

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};

use super::account::Resource;
use super::error::ApiError;
use super::{Service, api, list, oauth};
use crate::server::pass;

pub(super) fn router(service: Arc<Service>) -> Router {
    let mut router = Router::new().route("/api/v4/users/who_am_i.json", get(api::who_am_i));
    for resource in Resource::ALL {
        let all = get(move |ctx| list::list(ctx, resource));
        let one = get(move |ctx| api::read(ctx, resource));
        let (all, one) = match resource {
            // The firm's own people are not made through the API.
            Resource::Users => (all, one),
            _ => (
                all.post(move |ctx, data| api::create(ctx, resource, data)),
                one.patch(move |ctx, data| api::update(ctx, resource, data))
                    .delete(move |ctx| api::delete(ctx, resource)),
            ),
        };
        let path = format!("/api/v4/{}", resource.plural());
        router = router
            .route(&format!("{path}.json"), all)
            .route(&format!("{path}/{{id}}"), one);
    }
    router = router.route("/api/v4/webhooks/{id}/activate", put(api::activate));
    let oauth = Router::new()
        .route("/oauth/authorize", get(oauth::show).post(oauth::decide))
        .route("/oauth/token", post(oauth::token))
        .route("/oauth/deauthorize", post(oauth::deauthorize))
        .with_state(service.clone());
    router
        .merge(oauth)
        .fallback(unknown)
        .method_not_allowed_fallback(unknown)
        .layer(from_fn_with_state(service, pass::<Service>))
}

/// Rails knows no 405: a method without a route is as unknown as a path without one.
async fn unknown() -> Response {
    ApiError::not_found().into_response()
}
