//! The events of Stripe's webhooks. An event only says that something about a customer changed: what holds now is asked
//! of Stripe, so that order, doubles and gaps cannot matter. Of an event no more is read than which customer it is about.

use serde::Deserialize;

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

/// What an event says of itself before anything else. Whatever Stripe signed has an id; thin events and tests of an
/// endpoint have no object with them, and an object of another type is of any shape.
#[derive(Debug, Clone, Deserialize)]
pub struct Head {
    /// `evt_…`.
    pub id: String,
    /// E.g. `customer.subscription.updated`; none in tests of an endpoint.
    #[serde(default, rename = "type")]
    pub kind: Option<String>,
}

impl Head {
    /// Whether the event can change what a customer pays for.
    pub fn is_relevant(&self) -> bool {
        self.kind
            .as_deref()
            .is_some_and(|kind| RELEVANT.contains(&kind))
    }
}

/// An event that is relevant (Stripe API, "The Event object").
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
            json!({ "id": "sub_1", "customer": "cus_1" }),
        );
        assert_eq!(subscription.customer(), Some("cus_1"));
        let expanded = event(
            "invoice.paid",
            json!({ "id": "in_1", "customer": { "id": "cus_2" } }),
        );
        assert_eq!(expanded.customer(), Some("cus_2"));
        let session = event(
            "checkout.session.completed",
            json!({ "id": "cs_1", "customer": "cus_3" }),
        );
        assert_eq!(session.customer(), Some("cus_3"));
        let deleted = event(
            "customer.deleted",
            json!({ "id": "cus_4", "customer": "cus_other" }),
        );
        assert_eq!(deleted.customer(), Some("cus_4"));
    }

    #[test]
    fn a_text_that_is_no_portal_is_none() {
        assert_eq!(portal_id("77"), Some(77));
        for text in ["", "-1", "0", "+7", "order 7", "99999999999999999999"] {
            assert_eq!(portal_id(text), None, "{text}");
        }
    }

    #[test]
    fn unknown_types_are_not_relevant() {
        let head = |kind: Option<&str>| -> Head {
            serde_json::from_value(json!({ "id": "evt_1", "type": kind })).unwrap()
        };
        for kind in ["customer.created", "charge.succeeded", "a.type.of.tomorrow"] {
            assert!(!head(Some(kind)).is_relevant(), "{kind}");
        }
        for kind in RELEVANT {
            assert!(head(Some(kind)).is_relevant(), "{kind}");
        }
        assert!(!head(None).is_relevant());
    }
}
