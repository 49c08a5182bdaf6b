//! The provider's own webhooks: how they are asked for, kept alive and given up, and what is read of an event.

use std::collections::BTreeMap;

use serde::Deserialize;

/// See [`super::Declaration::webhooks`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhooks {
    /// Path of the list, under the API's root: a `POST` to it makes one.
    pub path: String,
    /// Path of one, with `{id}`: it is read, changed and deleted there.
    pub record_path: String,
    /// Path to which a `PUT` says the secret back, with `{id}`, where no handshake did.
    pub activate_path: String,
    /// Key of the body under which a webhook's fields lie, sent and answered.
    pub body: String,
    /// Seconds that a webhook is asked for.
    pub life_seconds: u32,
    /// Header of the handshake, with the secret.
    pub secret_header: String,
    /// Header of an event's signature, HMAC-SHA256 of the raw body.
    pub signature_header: String,
    /// What signatures are written in.
    pub signature_encodings: Vec<Encoding>,
    /// What the fields of a webhook are called.
    pub fields: WebhookFields,
    /// What its states mean; any other sends nothing any more.
    pub states: WebhookStates,
    /// What is read of an event.
    pub event: EventPaths,
    /// Where a handshake may name the webhook, as dot paths: the first that is there counts.
    pub handshake_ids: Vec<String>,
    /// What is asked for.
    pub subscriptions: Vec<Subscription>,
}

/// See [`Webhooks::signature_encodings`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    /// Lower-case hexadecimal.
    Hex,
    /// RFC 4648 §4.
    Base64,
}

/// See [`Webhooks::fields`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookFields {
    /// Its id.
    pub id: String,
    /// Where events are sent.
    pub address: String,
    /// The kind of record.
    pub model: String,
    /// The list of events.
    pub events: String,
    /// What an event holds of its record.
    pub selection: String,
    /// When it ends, in ISO 8601.
    pub expires_at: String,
    /// How it stands.
    pub status: String,
    /// What events are signed with.
    pub secret: String,
}

/// See [`Webhooks::states`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookStates {
    /// Waits for the handshake.
    pub pending: String,
    /// Sends events.
    pub active: String,
}

/// See [`Webhooks::event`]: dot paths in the body.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventPaths {
    /// The record's id.
    pub id: String,
    /// What happened.
    pub name: String,
    /// The webhook's id.
    pub webhook: String,
    /// Names and what they mean.
    pub means: BTreeMap<String, Meaning>,
}

/// What an event means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Meaning {
    /// A record is new, or holds something new.
    Changed,
    /// A record is gone.
    Deleted,
}

/// See [`Webhooks::subscriptions`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subscription {
    /// The provider's name of the kind of record.
    pub model: String,
    /// The objects that its records are.
    pub objects: Vec<String>,
    /// Names of the events.
    pub events: Vec<String>,
    /// What an event holds of its record: ids and times, never what a person wrote.
    pub selection: Vec<String>,
}
