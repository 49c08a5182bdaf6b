//! The objects, and what happens to them. Every change makes the events that Stripe makes.

use serde_json::{Value, json};

use super::{MONTH, State, VERSION};

/// A checkout as the API shows it: what it will make of the subscription stays inside.
pub(super) fn shown(checkout: &Value) -> Value {
    let mut shown = checkout.clone();
    if let Some(shown) = shown.as_object_mut() {
        shown.remove("_price");
        shown.remove("_subscription_metadata");
    }
    shown
}

/// Whether a checkout can still be paid.
pub(super) fn is_open(checkout: &Value, now: i64) -> bool {
    checkout["status"] == "open" && checkout["expires_at"].as_i64().is_some_and(|end| end > now)
}

impl State {
    /// Ids rise, so that their order is that of their making.
    fn id(&mut self, prefix: &str) -> String {
        self.serial += 1;
        format!("{prefix}_fake{:012}", self.serial)
    }

    pub(super) fn add_price(&mut self, lookup_key: &str, now: i64) -> String {
        let id = self.id("price");
        let interval = if lookup_key.ends_with("yearly") {
            "year"
        } else {
            "month"
        };
        let price = json!({
            "id": id, "object": "price", "active": true, "billing_scheme": "per_unit", "created": now, "currency": "usd",
            "custom_unit_amount": null, "livemode": false, "lookup_key": lookup_key, "metadata": {}, "nickname": null,
            "product": format!("prod_{lookup_key}"), "tax_behavior": "unspecified", "tiers_mode": null,
            "transform_quantity": null, "type": "recurring", "unit_amount": 4_900, "unit_amount_decimal": "4900",
            "recurring": { "interval": interval, "interval_count": 1, "meter": null, "usage_type": "licensed", "trial_period_days": null },
        });
        self.prices.insert(id.clone(), price);
        id
    }

    pub(super) fn add_customer(
        &mut self,
        description: Option<&str>,
        metadata: Value,
        now: i64,
    ) -> Value {
        let id = self.id("cus");
        let customer = json!({
            "id": id, "object": "customer", "address": null, "balance": 0, "created": now, "currency": null,
            "default_source": null, "delinquent": false, "description": description, "email": null, "invoice_prefix": "FAKE",
            "livemode": false, "metadata": metadata, "name": null, "phone": null, "preferred_locales": [],
            "shipping": null, "tax_exempt": "none", "test_clock": null,
        });
        self.customers.insert(id, customer.clone());
        self.emit("customer.created", &customer, now);
        customer
    }

    pub(super) fn add_checkout(&mut self, host: &str, wish: &Value, now: i64) -> Value {
        let id = self.id("cs_test");
        let checkout = json!({
            "id": id, "object": "checkout.session", "allow_promotion_codes": null, "cancel_url": wish["cancel_url"],
            "client_reference_id": wish["client_reference_id"], "created": now, "currency": "usd", "customer": wish["customer"],
            "expires_at": now + 86_400, "invoice": null, "livemode": false, "locale": null, "metadata": wish["metadata"],
            "mode": "subscription", "payment_intent": null, "payment_status": "unpaid", "status": "open",
            "subscription": null, "success_url": wish["success_url"], "url": format!("{host}/c/pay/{id}"),
            "_price": wish["price"], "_subscription_metadata": wish["subscription_metadata"],
        });
        self.checkouts.insert(id, checkout.clone());
        shown(&checkout)
    }

    pub(super) fn add_portal(
        &mut self,
        host: &str,
        customer: &str,
        return_url: Option<&str>,
        now: i64,
    ) -> Value {
        let id = self.id("bps");
        let portal = json!({
            "id": id, "object": "billing_portal.session", "configuration": "bpc_fake", "created": now, "customer": customer,
            "flow": null, "livemode": false, "locale": null, "on_behalf_of": null, "return_url": return_url,
            "url": format!("{host}/p/session/{id}"),
        });
        self.portals.insert(id, portal.clone());
        self.emit("billing_portal.session.created", &portal, now);
        portal
    }

    /// The checkout is paid: a subscription begins. The address to return to.
    pub(super) fn pay(&mut self, id: &str, now: i64) -> Option<String> {
        let checkout = self.checkouts.get(id)?.clone();
        let customer = checkout["customer"].as_str();
        let deleted = customer.is_some_and(|customer| !self.customers.contains_key(customer));
        if deleted || !is_open(&checkout, now) {
            return None;
        }
        let price = self.prices.get(checkout["_price"].as_str()?)?.clone();
        let customer = match checkout["customer"].as_str() {
            Some(customer) => customer.to_owned(),
            None => self.add_customer(None, json!({}), now)["id"]
                .as_str()?
                .to_owned(),
        };
        let subscription =
            self.subscribe(&customer, &price, &checkout["_subscription_metadata"], now);
        let stored = self.checkouts.get_mut(id)?;
        stored["status"] = "complete".into();
        stored["payment_status"] = "paid".into();
        stored["customer"] = customer.clone().into();
        stored["subscription"] = subscription["id"].clone();
        stored["url"] = Value::Null;
        let paid = shown(stored);
        self.emit("checkout.session.completed", &paid, now);
        self.invoice("invoice.paid", &customer, &subscription, now);
        let back = checkout["success_url"].as_str()?;
        Some(back.replace("{CHECKOUT_SESSION_ID}", id))
    }

    /// The checkout is closed.
    pub(super) fn expire(&mut self, id: &str, now: i64) -> Value {
        let Some(checkout) = self.checkouts.get_mut(id) else {
            return Value::Null;
        };
        checkout["status"] = "expired".into();
        checkout["url"] = Value::Null;
        let closed = shown(checkout);
        self.emit("checkout.session.expired", &closed, now);
        closed
    }

    /// The customer is deleted: subscriptions end at once, and nothing can be asked of it any more.
    pub(super) fn delete_customer(&mut self, customer: &str, now: i64) -> Option<()> {
        let deleted = self.customers.remove(customer)?;
        let ending: Vec<String> = self
            .subscriptions
            .iter()
            .filter(|(_, one)| one["customer"] == customer && one["status"] != "canceled")
            .map(|(id, _)| id.clone())
            .collect();
        for id in ending {
            self.end(&id, now);
        }
        self.emit("customer.deleted", &deleted, now);
        Some(())
    }

    fn subscribe(&mut self, customer: &str, price: &Value, metadata: &Value, now: i64) -> Value {
        let (id, item) = (self.id("sub"), self.id("si"));
        let subscription = json!({
            "id": id, "object": "subscription", "application": null, "billing_cycle_anchor": now,
            "billing_mode": { "type": "flexible" }, "cancel_at": null, "cancel_at_period_end": false, "canceled_at": null,
            "collection_method": "charge_automatically", "created": now, "currency": "usd", "customer": customer,
            "default_payment_method": null, "description": null, "ended_at": null,
            "items": { "object": "list", "has_more": false, "url": format!("/v1/subscription_items?subscription={id}"), "data": [{
                "id": item, "object": "subscription_item", "created": now, "current_period_start": now,
                "current_period_end": now + MONTH, "metadata": {}, "price": price, "quantity": 1, "subscription": id,
            }] },
            "latest_invoice": null, "livemode": false, "metadata": metadata, "pause_collection": null, "schedule": null,
            "start_date": now, "status": "active", "test_clock": null, "trial_end": null, "trial_start": null,
        });
        self.subscriptions.insert(id, subscription.clone());
        self.emit("customer.subscription.created", &subscription, now);
        subscription
    }

    /// The customer's newest subscription that stands.
    fn newest(&mut self, customer: &str) -> Option<&mut Value> {
        self.subscriptions.values_mut().rev().find(|subscription| {
            subscription["customer"] == customer && subscription["status"] != "canceled"
        })
    }

    pub(super) fn change(&mut self, customer: &str, lookup_key: &str, now: i64) -> Option<()> {
        let price = self
            .prices
            .values()
            .find(|price| price["lookup_key"] == lookup_key)?
            .clone();
        let subscription = self.newest(customer)?;
        *subscription.pointer_mut("/items/data/0/price")? = price;
        let changed = subscription.clone();
        self.emit("customer.subscription.updated", &changed, now);
        Some(())
    }

    pub(super) fn set_status(&mut self, customer: &str, status: &str, now: i64) -> Option<()> {
        let subscription = self.newest(customer)?;
        subscription["status"] = status.into();
        if status == "canceled" {
            subscription["canceled_at"] = now.into();
            subscription["ended_at"] = now.into();
        }
        let changed = subscription.clone();
        match status {
            "canceled" => self.emit("customer.subscription.deleted", &changed, now),
            _ => self.emit("customer.subscription.updated", &changed, now),
        }
        if matches!(status, "past_due" | "unpaid") {
            self.invoice("invoice.payment_failed", customer, &changed, now);
        }
        Some(())
    }

    /// Says whether a subscription ends with its period.
    pub(super) fn set_end(&mut self, id: &str, ends: bool, now: i64) {
        let Some(subscription) = self.subscriptions.get_mut(id) else {
            return;
        };
        let end = subscription["items"]["data"][0]["current_period_end"].clone();
        subscription["cancel_at_period_end"] = ends.into();
        (subscription["cancel_at"], subscription["canceled_at"]) = match ends {
            true => (end, now.into()),
            false => (Value::Null, Value::Null),
        };
        let changed = subscription.clone();
        self.emit("customer.subscription.updated", &changed, now);
    }

    /// Ends a subscription.
    pub(super) fn end(&mut self, id: &str, now: i64) {
        let Some(subscription) = self.subscriptions.get_mut(id) else {
            return;
        };
        subscription["status"] = "canceled".into();
        subscription["ended_at"] = now.into();
        if subscription["canceled_at"].is_null() {
            subscription["canceled_at"] = now.into();
        }
        let changed = subscription.clone();
        self.emit("customer.subscription.deleted", &changed, now);
    }

    /// What becomes of the periods that are over by now: what ends, ends; the rest is charged, and goes on.
    pub(super) fn pass_periods(&mut self, now: i64) -> usize {
        let over: Vec<(String, bool)> = self
            .subscriptions
            .iter()
            .filter(|(_, one)| matches!(one["status"].as_str(), Some("active" | "trialing")))
            .filter(|(_, one)| {
                let end = &one["items"]["data"][0]["current_period_end"];
                end.as_i64().is_some_and(|end| end <= now)
            })
            .map(|(id, one)| (id.clone(), one["cancel_at_period_end"] == true))
            .collect();
        let mut charged = 0;
        for (id, ends) in over {
            if ends {
                self.end(&id, now);
                continue;
            }
            let Some(subscription) = self.subscriptions.get_mut(&id) else {
                continue;
            };
            let item = &mut subscription["items"]["data"][0];
            item["current_period_start"] = now.into();
            item["current_period_end"] = (now + MONTH).into();
            subscription["status"] = "active".into();
            let renewed = subscription.clone();
            let customer = renewed["customer"].as_str().unwrap_or_default().to_owned();
            self.emit("customer.subscription.updated", &renewed, now);
            self.invoice("invoice.paid", &customer, &renewed, now);
            charged += 1;
        }
        charged
    }

    /// An invoice names its subscription under `parent` since 2025-03-31.
    fn invoice(&mut self, kind: &str, customer: &str, subscription: &Value, now: i64) {
        let invoice = json!({
            "id": self.id("in"), "object": "invoice", "created": now, "currency": "usd", "customer": customer, "livemode": false,
            "metadata": {}, "status": if kind == "invoice.paid" { "paid" } else { "open" },
            "parent": { "type": "subscription_details", "quote_details": null,
                "subscription_details": { "metadata": subscription["metadata"], "subscription": subscription["id"] } },
        });
        self.emit(kind, &invoice, now);
    }

    fn emit(&mut self, kind: &str, object: &Value, now: i64) {
        let event = json!({
            "id": self.id("evt"), "object": "event", "api_version": VERSION, "created": now, "data": { "object": object },
            "livemode": false, "pending_webhooks": 1, "request": { "id": null, "idempotency_key": null }, "type": kind,
        });
        self.events.push(event);
    }
}
