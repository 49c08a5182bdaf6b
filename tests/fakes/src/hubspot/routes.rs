//! Which endpoint lies where.

use std::sync::Arc;

use axum::Router;
use axum::http::{StatusCode, Uri};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post, put};

use super::context::no_such_endpoint;
use super::error::ApiError;
use super::{
    Service, account, associations_api, authorize, batch, callbacks, groups, journal, lists, merge,
    objects, pipelines, properties, search, token_api, users,
};
use crate::server::pass;

pub(super) fn router(service: Arc<Service>) -> Router {
    Router::new()
        .merge(object_routes())
        .merge(association_routes())
        .merge(definition_routes())
        .merge(list_routes())
        .merge(app_routes().with_state(service.clone()))
        .route("/account-info/{version}/details", get(account::details))
        .route("/crm/owners/{version}", get(account::owners))
        .route("/crm/owners/{version}/{ownerId}", get(account::read_owner))
        .route(
            "/automation/actions/callbacks/{version}/complete",
            post(callbacks::complete_batch),
        )
        .route(
            "/automation/actions/callbacks/{version}/{callbackId}/complete",
            post(callbacks::complete),
        )
        .route("/settings/users/{version}", get(users::list))
        .route("/settings/users/{version}/{userId}", get(users::read))
        .fallback(unknown)
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(service, pass::<Service>))
}

fn object_routes() -> Router {
    let at = |rest: &str| format!("/crm/objects/{{version}}/{{objectType}}{rest}");
    Router::new()
        .route(&at(""), get(objects::list).post(objects::create))
        .route(
            &at("/{objectId}"),
            get(objects::read)
                .patch(objects::update)
                .delete(objects::archive),
        )
        .route(&at("/batch/read"), post(batch::read))
        .route(&at("/batch/create"), post(batch::create))
        .route(&at("/batch/update"), post(batch::update))
        .route(&at("/batch/upsert"), post(batch::upsert))
        .route(&at("/batch/archive"), post(batch::archive))
        .route(&at("/search"), post(search::search))
        .route(&at("/merge"), post(merge::merge))
        .route(&at("/gdpr-delete"), post(merge::gdpr_delete))
        .route(
            &at("/{objectId}/associations/default/{toObjectType}/{toObjectId}"),
            put(associations_api::put_default),
        )
        .route(
            &at("/{objectId}/associations/{toObjectType}"),
            get(associations_api::list),
        )
        .route(
            &at("/{objectId}/associations/{toObjectType}/{toObjectId}"),
            put(associations_api::put).delete(associations_api::delete),
        )
}

fn association_routes() -> Router {
    let at =
        |rest: &str| format!("/crm/associations/{{version}}/{{objectType}}/{{toObjectType}}{rest}");
    Router::new()
        .route(&at("/batch/create"), post(associations_api::create))
        .route(
            &at("/batch/associate/default"),
            post(associations_api::associate_default),
        )
        .route(&at("/batch/read"), post(associations_api::read))
        .route(&at("/batch/archive"), post(associations_api::archive))
        .route(
            &at("/batch/labels/archive"),
            post(associations_api::archive_labels),
        )
        .route(
            &at("/labels"),
            get(associations_api::list_labels).post(associations_api::create_label),
        )
}

fn definition_routes() -> Router {
    let properties = |rest: &str| format!("/crm/properties/{{version}}/{{objectType}}{rest}");
    let pipelines = |rest: &str| format!("/crm/pipelines/{{version}}/{{objectType}}{rest}");
    Router::new()
        .route(
            &properties(""),
            get(properties::list).post(properties::create),
        )
        .route(&properties("/batch/create"), post(properties::create_batch))
        .route(&properties("/batch/read"), post(properties::read_batch))
        .route(
            &properties("/batch/archive"),
            post(properties::archive_batch),
        )
        .route(
            &properties("/groups"),
            get(groups::list).post(groups::create),
        )
        .route(
            &properties("/groups/{groupName}"),
            get(groups::read)
                .patch(groups::update)
                .delete(groups::archive),
        )
        .route(
            &properties("/{propertyName}"),
            get(properties::read)
                .patch(properties::update)
                .delete(properties::archive),
        )
        .route(&pipelines(""), get(pipelines::list).post(pipelines::create))
        .route(
            &pipelines("/{pipelineId}"),
            get(pipelines::read)
                .patch(pipelines::update)
                .delete(pipelines::delete),
        )
        .route(
            &pipelines("/{pipelineId}/stages"),
            get(pipelines::list_stages),
        )
}

fn list_routes() -> Router {
    let at = |rest: &str| format!("/crm/lists/{{version}}{rest}");
    Router::new()
        .route(&at("/search"), post(lists::search))
        .route(&at("/{listId}"), get(lists::read))
        .route(&at("/{listId}/memberships"), get(lists::memberships))
        .route(
            &at("/records/memberships/batch/read"),
            post(lists::of_records),
        )
}

/// What belongs to the app rather than to a portal.
fn app_routes() -> Router<Arc<Service>> {
    let journal = |rest: &str| format!("/webhooks-journal/journal/{{version}}{rest}");
    let subscriptions = |rest: &str| format!("/webhooks-journal/subscriptions/{{version}}{rest}");
    Router::new()
        .route(
            "/oauth/authorize",
            get(authorize::show).post(authorize::decide),
        )
        .route("/oauth/{version}/authorize", get(authorize::show))
        .route("/oauth/{version}/token", post(token_api::token))
        .route(
            "/oauth/{version}/token/introspect",
            post(token_api::introspect),
        )
        .route("/oauth/{version}/token/revoke", post(token_api::revoke))
        .route(
            "/appinstalls/{version}/external-install",
            delete(token_api::uninstall),
        )
        .route(
            &subscriptions(""),
            get(journal::list).post(journal::subscribe),
        )
        .route(
            &subscriptions("/{subscriptionId}"),
            delete(journal::unsubscribe),
        )
        .route(&journal("/earliest"), get(journal::earliest))
        .route(&journal("/latest"), get(journal::latest))
        .route(&journal("/offset/{offset}/next"), get(journal::next))
        .route(
            "/integrations-settings/{portalId}/installed/framework/{appId}/general-settings",
            get(authorize::settings_page),
        )
}

async fn unknown(uri: Uri) -> Response {
    no_such_endpoint(uri.path())
}

/// As Jersey answers it.
async fn wrong_method() -> Response {
    ApiError::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "VALIDATION_ERROR",
        "HTTP 405 Method Not Allowed",
    )
    .into_response()
}
