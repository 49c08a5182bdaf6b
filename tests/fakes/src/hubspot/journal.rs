//! The webhooks journal, for the app's own life: subscriptions, what is read by offset, and the files behind it.
//!
//! What stands in a file beside `offset`, `journalEvents` and `publishedAt` is unverified: the guide shows records' events
//! alone.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Service;
use super::context::{Answer, Json, VERSIONS, no_content, ok};
use super::error::{ApiError, correlation_id};
use crate::clock::iso_ms;
use crate::server::{json as answer, locked};

/// The event that an app was installed.
pub(super) const INSTALLED: &str = "4-1909196";
/// The event that an app was uninstalled.
pub(super) const UNINSTALLED: &str = "4-1916193";

/// Entries are kept three days.
const KEPT_HOURS: i64 = 72;
/// How long the address of a file works.
const URL_MINUTES: i64 = 15;

#[derive(Debug)]
struct Subscription {
    event: String,
    properties: Vec<String>,
    created_at: DateTime<Utc>,
}

#[derive(Debug, Clone)]
struct Entry {
    offset: String,
    event: String,
    portal: u64,
    at: DateTime<Utc>,
}

/// Subscriptions and entries.
#[derive(Debug, Default)]
pub(super) struct Journal {
    subscriptions: BTreeMap<u64, Subscription>,
    entries: Vec<Entry>,
    last_id: u64,
}

/// Writes an event down if the app has subscribed to its kind.
pub(super) fn note(service: &Service, event: &str, portal: u64) {
    let mut journal = locked(&service.journal);
    let wanted = journal.subscriptions.values();
    if wanted
        .into_iter()
        .any(|subscription| subscription.event == event)
    {
        journal.entries.push(Entry {
            offset: correlation_id(),
            event: event.to_owned(),
            portal,
            at: service.gate.clock.now(),
        });
    }
}

/// The body of `POST /webhooks-journal/subscriptions/{version}`; of its kinds, the app's life alone is known here.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewSubscription {
    subscription_type: String,
    event_type_id: String,
    properties: Vec<String>,
}

fn version(version: &str) -> Result<(), ApiError> {
    if VERSIONS.contains(&version) {
        return Ok(());
    }
    Err(ApiError::not_found("resource not found"))
}

fn shown(service: &Service, id: u64, subscription: &Subscription) -> Value {
    let action = match subscription.event.as_str() {
        INSTALLED => "APP_INSTALL",
        _ => "APP_UNINSTALL",
    };
    json!({
        "id": id,
        "appId": locked(&service.app).app_id,
        "subscriptionType": "APP_LIFECYCLE_EVENT",
        "objectTypeId": subscription.event,
        "actions": [action],
        "properties": subscription.properties,
        "createdAt": iso_ms(subscription.created_at),
        "updatedAt": iso_ms(subscription.created_at),
    })
}

/// Subscribes; the same again gives the same subscription.
pub(super) async fn subscribe(
    State(service): State<Arc<Service>>,
    Path(path_version): Path<String>,
    Json(new): Json<NewSubscription>,
) -> Answer {
    version(&path_version)?;
    let known = [INSTALLED, UNINSTALLED].contains(&new.event_type_id.as_str());
    if new.subscription_type != "APP_LIFECYCLE_EVENT" || !known {
        return Err(ApiError::validation("Unknown subscription or event type"));
    }
    let mut journal = locked(&service.journal);
    let there = journal.subscriptions.iter();
    let there = there
        .filter(|(_, subscription)| subscription.event == new.event_type_id)
        .map(|(id, _)| *id)
        .next();
    let id = there.unwrap_or_else(|| {
        journal.last_id += 1;
        let id = journal.last_id;
        let subscription = Subscription {
            event: new.event_type_id,
            properties: new.properties,
            created_at: service.gate.clock.now(),
        };
        journal.subscriptions.insert(id, subscription);
        id
    });
    let subscription = journal.subscriptions.get(&id);
    let subscription = subscription.ok_or_else(|| ApiError::not_found("resource not found"))?;
    ok(&shown(&service, id, subscription))
}

/// All subscriptions.
pub(super) async fn list(
    State(service): State<Arc<Service>>,
    Path(path_version): Path<String>,
) -> Answer {
    version(&path_version)?;
    let journal = locked(&service.journal);
    let all = journal.subscriptions.iter();
    let results: Vec<Value> = all
        .map(|(id, subscription)| shown(&service, *id, subscription))
        .collect();
    ok(&json!({ "results": results }))
}

/// Ends a subscription.
pub(super) async fn unsubscribe(
    State(service): State<Arc<Service>>,
    Path((path_version, id)): Path<(String, u64)>,
) -> Answer {
    version(&path_version)?;
    locked(&service.journal).subscriptions.remove(&id);
    no_content()
}

/// The entry at a position among those that are still kept; 204: there is none yet.
fn entry(service: &Service, position: impl FnOnce(&[Entry]) -> Option<&Entry>) -> Answer {
    let now = service.gate.clock.now();
    let mut journal = locked(&service.journal);
    journal
        .entries
        .retain(|entry| entry.at > now - TimeDelta::hours(KEPT_HOURS));
    let Some(entry) = position(&journal.entries) else {
        return no_content();
    };
    let until = now + TimeDelta::minutes(URL_MINUTES);
    ok(&json!({
        "url": format!("{}/{}.json?expires={}", service.journal_url(), entry.offset, until.timestamp()),
        "expiresAt": iso_ms(until),
        "currentOffset": entry.offset,
    }))
}

/// `GET …/journal/{version}/earliest`.
pub(super) async fn earliest(
    State(service): State<Arc<Service>>,
    Path(path_version): Path<String>,
) -> Answer {
    version(&path_version)?;
    entry(&service, |entries| entries.first())
}

/// `GET …/journal/{version}/latest`.
pub(super) async fn latest(
    State(service): State<Arc<Service>>,
    Path(path_version): Path<String>,
) -> Answer {
    version(&path_version)?;
    entry(&service, |entries| entries.last())
}

/// `GET …/journal/{version}/offset/{offset}/next`: 404 where the offset is not known any more.
pub(super) async fn next(
    State(service): State<Arc<Service>>,
    Path((path_version, offset)): Path<(String, String)>,
) -> Answer {
    version(&path_version)?;
    let known = |entries: &[Entry]| entries.iter().position(|entry| entry.offset == offset);
    if known(&locked(&service.journal).entries).is_none() {
        return Err(ApiError::not_found(
            "The offset does not exist or has expired",
        ));
    }
    entry(&service, |entries| entries.get(known(entries)? + 1))
}

/// Where the files lie: another host than the API's, as pre-signed addresses of S3 are.
pub(super) fn files(service: Arc<Service>) -> Router {
    Router::new()
        .route("/{file}", get(file))
        .with_state(service)
}

/// The file that an entry's address leads to; whoever has the address may read it until it expires. A token beside it is
/// refused, as S3 takes one proof alone.
async fn file(
    State(service): State<Arc<Service>>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    if headers.contains_key(AUTHORIZATION) {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let query = query.unwrap_or_default();
    let until = query
        .strip_prefix("expires=")
        .and_then(|until| until.parse::<i64>().ok());
    if until.is_none_or(|until| until <= service.gate.clock.now().timestamp()) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let offset = name.trim_end_matches(".json");
    let journal = locked(&service.journal);
    let Some(entry) = journal.entries.iter().find(|entry| entry.offset == offset) else {
        return StatusCode::FORBIDDEN.into_response();
    };
    let action = match entry.event.as_str() {
        INSTALLED => "APP_INSTALL",
        _ => "APP_UNINSTALL",
    };
    let body = json!({
        "offset": entry.offset,
        "publishedAt": entry.at.timestamp_millis(),
        "journalEvents": [{
            "type": "APP_LIFECYCLE_EVENT",
            "eventTypeId": entry.event,
            "objectTypeId": entry.event,
            "action": action,
            "portalId": entry.portal,
            "occurredAt": entry.at.timestamp_millis(),
        }],
    });
    answer(StatusCode::OK, &body)
}
