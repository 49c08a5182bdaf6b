//! The events of Stripe's webhooks. An event only says that something about a customer changed: what holds now is asked
//! of Stripe, so that order, doubles and gaps cannot matter. Of an event no more is read than whose it is.

use serde::Deserialize;

use super::subscription::Metadata;

/// Types that can change what a customer pays for. All others are acknowledged, and nothing else.
const RELEVANT: [&str; 19] = [
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "customer.deleted",
    "customer.subscription.created",
    "customer.subscription.updated",
    "customer.subscription.deleted",
    "customer.subscription.paused",
    "customer.subscription.resumed",
    "customer.subscription.pending_update_applied",
    "customer.subscription.pending_update_expired",
    "customer.subscription.trial_will_end",
    "invoice.paid",
    "invoice.payment_succeeded",
    "invoice.payment_failed",
    "invoice.payment_action_required",
    "invoice.marked_uncollectible",
    "invoice.voided",
    "entitlements.active_entitlement_summary.updated",
];

/// An event (Stripe API, "The Event object").
#[derive(Debug, Clone, Deserialize)]
pub struct Event {
    /// `evt_…`.
    pub id: String,
    /// E.g. `customer.subscription.updated`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The connected account it comes from; none for our own.
    #[serde(default)]
    pub account: Option<String>,
    /// What it is about.
    pub data: Data,
}

/// The envelope of the object.
#[derive(Debug, Clone, Deserialize)]
pub struct Data {
    /// The object, as it was.
    pub object: Object,
}

/// A customer, subscription, invoice or checkout session, as far as it says whose it is.
#[derive(Debug, Clone, Deserialize)]
pub struct Object {
    /// E.g. `sub_…`.
    #[serde(default)]
    id: Option<String>,
    /// Id, or the customer itself where the endpoint expands it.
    #[serde(default)]
    customer: Option<Expandable>,
    /// Of a checkout session: the portal.
    #[serde(default)]
    client_reference_id: Option<String>,
    /// Ours among others' entries.
    #[serde(default)]
    metadata: Option<Metadata>,
}

/// An id, or the object it stands for.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Expandable {
    /// The id.
    Id(String),
    /// The object.
    Object {
        /// Its id.
        id: String,
    },
}

impl Expandable {
    /// The id.
    pub fn id(&self) -> &str {
        match self {
            Self::Id(id) | Self::Object { id } => id,
        }
    }
}

impl Event {
    /// Whether it can change what a customer pays for.
    pub fn is_relevant(&self) -> bool {
        RELEVANT.contains(&self.kind.as_str())
    }

    /// Whether the customer is gone from Stripe.
    pub fn deletes_customer(&self) -> bool {
        self.kind == "customer.deleted"
    }

    /// The customer it is about.
    pub fn customer(&self) -> Option<&str> {
        let object = &self.data.object;
        match self.deletes_customer() {
            true => object.id.as_deref(),
            false => object.customer.as_ref().map(Expandable::id),
        }
    }

    /// The portal that the object names: in its metadata, or as the reference of a checkout.
    pub fn portal(&self) -> Option<i64> {
        let object = &self.data.object;
        let in_metadata = object.metadata.as_ref().and_then(|all| all.portal.as_ref());
        portal_id(in_metadata.or(object.client_reference_id.as_ref())?)
    }
}

/// HubSpot's portal ids are positive numbers.
pub(super) fn portal_id(text: &str) -> Option<i64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|id| digits && *id > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn event(kind: &str, object: Value) -> Event {
        serde_json::from_value(json!({
            "id": "evt_1", "object": "event", "type": kind, "created": 1, "data": { "object": object }
        }))
        .unwrap()
    }

    #[test]
    fn the_customer_is_found_wherever_it_stands() {
        let subscription = event(
            "customer.subscription.updated",
            json!({ "id": "sub_1", "customer": "cus_1", "metadata": { "sync300_portal_id": "77" } }),
        );
        assert_eq!(
            (subscription.customer(), subscription.portal()),
            (Some("cus_1"), Some(77))
        );
        let expanded = event(
            "invoice.paid",
            json!({ "id": "in_1", "customer": { "id": "cus_2" } }),
        );
        assert_eq!(
            (expanded.customer(), expanded.portal()),
            (Some("cus_2"), None)
        );
        let session = event(
            "checkout.session.completed",
            json!({ "id": "cs_1", "customer": "cus_3", "client_reference_id": "78" }),
        );
        assert_eq!(
            (session.customer(), session.portal()),
            (Some("cus_3"), Some(78))
        );
        let deleted = event(
            "customer.deleted",
            json!({ "id": "cus_4", "customer": "cus_other" }),
        );
        assert_eq!(deleted.customer(), Some("cus_4"));
    }

    #[test]
    fn a_reference_that_is_no_portal_is_none() {
        for reference in ["", "-1", "0", "+7", "order 7", "99999999999999999999"] {
            let event = event(
                "checkout.session.completed",
                json!({ "client_reference_id": reference }),
            );
            assert_eq!(event.portal(), None, "{reference}");
        }
    }

    #[test]
    fn unknown_types_are_not_relevant() {
        for kind in ["customer.created", "charge.succeeded", "a.type.of.tomorrow"] {
            assert!(!event(kind, json!({})).is_relevant(), "{kind}");
        }
        for kind in RELEVANT {
            assert!(event(kind, json!({})).is_relevant(), "{kind}");
        }
    }
}
