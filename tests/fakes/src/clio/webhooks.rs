//! Webhooks: handshake, events with their signature, retries. What is to be sent waits here until the test, in the part of
//! the network, takes it and says what came back: so https addresses can lead to an application without TLS.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Map, Value, json};
use sha2::Sha256;

use super::account::{Account, Resource};
use super::error::ApiError;
use super::fields::parse;
use super::{AccountHandle, Clio, render};
use crate::form::random_token;
use crate::server::locked;

/// What webhooks can be about.
pub(super) const MODELS: &[&str] = &[
    "activity",
    "bill",
    "calendar_entry",
    "clio_payments_payment",
    "communication",
    "contact",
    "document",
    "folder",
    "matter",
    "task",
];
const EVENTS: [&str; 3] = ["created", "updated", "deleted"];
const MATTER_EVENTS: [&str; 3] = ["matter_opened", "matter_pended", "matter_closed"];
/// Longest selection, in characters.
const MAX_FIELDS: usize = 1_000;
const DEFAULT_DAYS: i64 = 3;
const MAX_DAYS: i64 = 31;
/// Clio tries again after this time, which doubles with each of the tries.
const RETRY_MINUTES: i64 = 2;
const RETRIES: u32 = 5;

/// What an account has sent and has to send.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    waiting: Vec<Delivery>,
    /// Webhook and record: the first event about a record comes whatever changed.
    told: BTreeSet<(u64, u64)>,
    /// No handshake comes, as it was seen in the EU.
    silent: bool,
    base64: bool,
}

/// Something that Clio sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    account: u64,
    /// The webhook's id.
    pub webhook: u64,
    /// Where it goes.
    pub url: String,
    /// Name and value of the header beside the content type: the handshake's secret, or the signature.
    pub header: (&'static str, String),
    /// JSON.
    pub body: String,
    /// How often it was sent before.
    pub tries: u32,
    due_at: DateTime<Utc>,
}

impl Delivery {
    /// Whether it asks for the secret back.
    pub fn is_handshake(&self) -> bool {
        self.header.0 == "X-Hook-Secret"
    }
}

fn model_of(resource: Resource) -> Option<&'static str> {
    match resource {
        Resource::Contacts => Some("contact"),
        Resource::Matters => Some("matter"),
        Resource::Tasks => Some("task"),
        _ => None,
    }
}

fn resource_of(model: &str) -> Option<Resource> {
    Resource::ALL
        .into_iter()
        .find(|resource| model_of(*resource) == Some(model))
}

/// What a new webhook has without being told.
pub(super) fn defaults(account: &Account) -> Value {
    json!({
        "status": "pending",
        "shared_secret": random_token("", 40),
        "events": EVENTS,
        "expires_at": render::time(account.clock.now() + TimeDelta::days(DEFAULT_DAYS)),
        "user": { "id": account.me },
    })
}

/// Refuses what cannot be a webhook.
pub(super) fn check(account: &Account, data: &Map<String, Value>) -> Result<(), ApiError> {
    let text = |name: &str| data.get(name).and_then(Value::as_str).unwrap_or_default();
    let invalid = |what: &str| Err(ApiError::unprocessable(what));
    if !text("url").starts_with("https://") {
        return invalid("Url must use the https protocol");
    }
    let model = text("model");
    let events = data.get("events").and_then(Value::as_array);
    let known = |event: &Value| {
        event.as_str().is_some_and(|event| {
            EVENTS.contains(&event) || model == "matter" && MATTER_EVENTS.contains(&event)
        })
    };
    if !events.is_some_and(|events| !events.is_empty() && events.iter().all(known)) {
        return invalid("Events are invalid");
    }
    let fields = text("fields");
    if fields.is_empty() || fields.chars().count() > MAX_FIELDS {
        return invalid("Fields can't be blank, and are 1000 characters at most");
    }
    if let Some(resource) = resource_of(model) {
        parse(Some(fields), resource.shape())?;
    }
    let now = account.clock.now();
    let latest = now + TimeDelta::days(MAX_DAYS);
    match DateTime::parse_from_rfc3339(text("expires_at")) {
        Ok(at) if at > now && at <= latest => Ok(()),
        _ => invalid("Expires at must be within 31 days"),
    }
}

/// A webhook was made: the handshake follows.
pub(super) fn made(account: &mut Account, id: u64) {
    if account.outbox.silent {
        return;
    }
    let Some(row) = account.row(Resource::Webhooks, id) else {
        return;
    };
    let (url, secret) = (row.text("url"), row.text("shared_secret"));
    let handshake = Delivery {
        account: account.config.id,
        webhook: id,
        url: url.unwrap_or_default().to_owned(),
        header: ("X-Hook-Secret", secret.unwrap_or_default().to_owned()),
        // Unverified: where in the body the id stands.
        body: json!({ "data": { "webhook_id": id } }).to_string(),
        tries: 0,
        due_at: account.clock.now(),
    };
    account.outbox.waiting.push(handshake);
}

/// What every webhook shows of a record.
pub(super) fn payloads(account: &Account, resource: Resource, id: u64) -> BTreeMap<u64, Value> {
    let (Some(model), Some(record)) = (model_of(resource), account.row(resource, id)) else {
        return BTreeMap::new();
    };
    account
        .rows(Resource::Webhooks)
        .filter(|row| row.text("model") == Some(model))
        .filter_map(|row| {
            let fields = parse(row.text("fields"), resource.shape()).ok()?;
            Some((row.id, render::record(account, resource, record, &fields)))
        })
        .collect()
}

/// Something happened to a record; `before` and `after` as [`payloads`] shows it.
pub(super) fn tell(
    account: &mut Account,
    event: &str,
    id: u64,
    before: &BTreeMap<u64, Value>,
    after: &BTreeMap<u64, Value>,
) {
    let now = account.clock.now();
    let mut deliveries = Vec::new();
    for (webhook, payload) in after {
        let Some(row) = account.row(Resource::Webhooks, *webhook) else {
            continue;
        };
        let asked = row.data.get("events").and_then(Value::as_array);
        let asked = asked.is_some_and(|events| events.iter().any(|known| known == event));
        let expires_at = row.text("expires_at").unwrap_or_default();
        let alive = DateTime::parse_from_rfc3339(expires_at).is_ok_and(|end| end > now);
        if !asked || !alive || row.text("status") != Some("enabled") {
            continue;
        }
        let first = account.outbox.told.insert((*webhook, id));
        if event == "updated" && !first && before.get(webhook) == Some(payload) {
            continue;
        }
        let Some(row) = account.row(Resource::Webhooks, *webhook) else {
            continue;
        };
        let meta = json!({ "event": event, "webhook_id": webhook });
        let body = json!({ "data": payload, "meta": meta }).to_string();
        let secret = row.text("shared_secret").unwrap_or_default();
        deliveries.push(Delivery {
            account: account.config.id,
            webhook: *webhook,
            url: row.text("url").unwrap_or_default().to_owned(),
            header: (
                "X-Hook-Signature",
                sign(secret, &body, account.outbox.base64),
            ),
            body,
            tries: 0,
            due_at: now,
        });
    }
    account.outbox.waiting.extend(deliveries);
}

/// HMAC-SHA256 of the body.
fn sign(secret: &str, body: &str, base64: bool) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return String::new();
    };
    mac.update(body.as_bytes());
    let digest = mac.finalize().into_bytes();
    match base64 {
        true => STANDARD.encode(digest),
        false => digest.iter().map(|byte| format!("{byte:02x}")).collect(),
    }
}

/// `PUT /webhooks/{id}/activate`: the secret is said back without a handshake.
pub(super) fn activate(account: &mut Account, id: u64, secret: &str) -> Result<(), ApiError> {
    let row = account.row_mut(Resource::Webhooks, id);
    let row = row.ok_or_else(ApiError::not_found)?;
    if row.text("shared_secret") != Some(secret) {
        return Err(ApiError::unprocessable("X-Hook-Secret is wrong"));
    }
    row.data.insert("status".to_owned(), "enabled".into());
    row.version += 1;
    Ok(())
}

impl Clio {
    /// Takes what is to be sent now; each must be answered by [`Clio::answered`].
    pub fn deliveries(&self) -> Vec<Delivery> {
        let now = self.clock().now();
        let mut due = Vec::new();
        for tenant in self.service.accounts.values() {
            let waiting = &mut locked(&tenant.0).outbox.waiting;
            let (mut ready, later) = std::mem::take(waiting)
                .into_iter()
                .partition(|delivery: &Delivery| delivery.due_at <= now);
            *waiting = later;
            due.append(&mut ready);
        }
        due
    }

    /// What came back for a delivery: the status, 0 where nothing came, and the header `X-Hook-Secret`.
    pub fn answered(&self, mut delivery: Delivery, status: u16, secret: Option<&str>) {
        let Some(tenant) = self.service.accounts.get(&delivery.account) else {
            return;
        };
        let mut account = locked(&tenant.0);
        let now = account.clock.now();
        if delivery.is_handshake() {
            if status == 200 && secret == Some(&delivery.header.1) {
                // One that was deleted meanwhile stays so.
                activate(&mut account, delivery.webhook, &delivery.header.1).ok();
            }
            return;
        }
        if status == 410
            && let Some(row) = account.row_mut(Resource::Webhooks, delivery.webhook)
        {
            row.data.insert("status".to_owned(), "suspended".into());
        }
        let delivered = (200..400).contains(&status) || status == 410;
        if !delivered && delivery.tries < RETRIES {
            delivery.due_at = now + TimeDelta::minutes(RETRY_MINUTES << delivery.tries);
            delivery.tries += 1;
            account.outbox.waiting.push(delivery);
        }
    }
}

impl AccountHandle {
    /// No handshake comes for webhooks that are made from now on.
    pub fn keep_from_handshakes(&self) {
        self.with(|account| account.outbox.silent = true);
    }

    /// Signatures are base64 from now on.
    pub fn sign_in_base64(&self) {
        self.with(|account| account.outbox.base64 = true);
    }

    /// Says of a record that it was deleted, whether it was or not.
    pub fn tell_deleted(&self, resource: Resource, id: u64) {
        self.with(|account| {
            let webhooks = account.rows(Resource::Webhooks);
            let about = webhooks.filter(|row| row.text("model") == model_of(resource));
            let payload = json!({ "id": id });
            let shown = about.map(|row| (row.id, payload.clone())).collect();
            tell(account, "deleted", id, &shown, &shown);
        });
    }

    /// Suspends a webhook, as Clio does with an endpoint that is slow again and again.
    pub fn suspend_webhook(&self, id: u64) {
        self.with(|account| {
            if let Some(row) = account.row_mut(Resource::Webhooks, id) {
                row.data.insert("status".to_owned(), "suspended".into());
            }
        });
    }
}
