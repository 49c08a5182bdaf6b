//! An admin's ways to Stripe's pages.

use serde_json::{Value, json};

use crate::world::*;

fn shop() -> World {
    let world = World::new();
    world.stripe.borrow_mut().prices = vec![
        "sync300_professional_monthly",
        "sync300_professional_yearly",
    ];
    world
}

fn buy(world: &World, plan: &str) -> Value {
    world.signed("POST", "/billing/checkout", ADMIN, &json!({ "plan": plan }))
}

/// The customer is bound to the portal by metadata and reference, and the browser returns into HubSpot's settings page.
/// S1-10: nothing of a person and no payment detail goes to Stripe through us.
#[test]
fn a_checkout_is_bound_to_the_portal() {
    let world = shop();
    let answer = buy(&world, "professional");
    assert_eq!(answer["ok"], true, "{answer}");
    assert_eq!(answer["url"], "https://checkout.stripe.com/c/pay/cs_2");
    let posted = world.stripe.borrow().posted.clone();
    let decoded = |body: &str| sync300_kit::surface::Fields::parse(body).unwrap();
    let customer = decoded(&posted[0].0);
    assert_eq!(
        customer.get("metadata[sync300_portal_id]"),
        Some("70000001")
    );
    assert_eq!(customer.iter().count(), 2);
    let session = decoded(&posted[1].0);
    let back = "https://app-eu1.hubspot.com/integrations-settings/70000001/installed/framework/4711/general-settings";
    for (name, value) in [
        ("mode", "subscription"),
        ("line_items[0][price]", "price_1"),
        ("line_items[0][quantity]", "1"),
        ("customer", CUSTOMER),
        ("client_reference_id", "70000001"),
        ("subscription_data[metadata][sync300_portal_id]", "70000001"),
        ("metadata[sync300_portal_id]", "70000001"),
        ("success_url", back),
        ("cancel_url", back),
    ] {
        assert_eq!(session.get(name), Some(value), "{name}");
    }
    assert_eq!(session.iter().count(), 9);
    assert_eq!(world.customer().unwrap().portal, Some(PORTAL));
}

/// S1-39, S1-40: only admins; whoever else asks is refused, and Stripe is asked nothing.
#[test]
fn only_admins_buy() {
    let world = shop();
    for path in ["/billing/checkout", "/billing/portal"] {
        let answer = world.signed("POST", path, MEMBER, &json!({ "plan": "professional" }));
        assert_eq!(
            (&answer["ok"], &answer["code"]),
            (&json!(false), &json!("not_admin"))
        );
    }
    assert!(world.stripe.borrow().asked.is_empty());
    assert_eq!(world.view()["ok"], true);
}

/// A double click, and a try after a failure, carry the same key; another state of things another one.
#[test]
fn the_same_wish_has_the_same_key() {
    let world = shop();
    buy(&world, "professional");
    buy(&world, "professional");
    let keys = |world: &World| -> Vec<String> {
        let posted = &world.stripe.borrow().posted;
        posted
            .iter()
            .filter(|(body, _)| body.contains("mode="))
            .map(|(_, key)| key.clone())
            .collect()
    };
    assert_eq!(keys(&world).len(), 2);
    assert_eq!(keys(&world)[0], keys(&world)[1]);
    // One customer, however often it is tried.
    let added = world
        .stripe
        .borrow()
        .asked
        .iter()
        .filter(|asked| asked.ends_with("/v1/customers"))
        .count();
    assert_eq!(added, 1);

    world.put(subscription(
        "sync300_professional_monthly",
        "canceled",
        500,
    ));
    world.deliver(&event("evt_1", "customer.subscription.deleted"));
    buy(&world, "professional");
    assert_ne!(keys(&world)[2], keys(&world)[1]);
}

/// Nobody pays twice: whoever has a subscription is sent to change it.
#[test]
fn a_second_subscription_is_refused() {
    for (status, refused) in [
        ("active", true),
        ("past_due", true),
        ("unpaid", true),
        ("canceled", false),
    ] {
        let world = shop();
        buy(&world, "professional");
        world.put(subscription("sync300_starter_monthly", status, 500));
        assert_eq!(
            world.deliver(&event("evt_1", "customer.subscription.created")),
            200
        );
        let answer = buy(&world, "professional");
        assert_eq!(
            answer["code"] == "already_subscribed",
            refused,
            "{status}: {answer}"
        );
        let portal = world.signed("POST", "/billing/portal", ADMIN, &Value::Null);
        assert_eq!(portal["ok"], true, "{portal}");
    }
}

fn open(world: &World) -> Vec<String> {
    let stripe = world.stripe.borrow();
    stripe
        .open_checkouts
        .iter()
        .map(|(id, _)| id.clone())
        .collect()
}

/// Nobody pays twice, whatever we were told: Stripe is asked, and what it says is kept. What the customer has of others does
/// not matter.
#[test]
fn a_subscription_that_we_were_not_told_of_is_found() {
    let world = shop();
    buy(&world, "professional");
    let mut foreign = subscription("another_product", "active", 500);
    foreign["metadata"] = json!({});
    world.put(foreign);
    assert_eq!(buy(&world, "professional")["ok"], true);
    world.put(subscription("sync300_professional_monthly", "active", 500));
    assert_eq!(world.state(), None);
    assert_eq!(buy(&world, "professional")["code"], "already_subscribed");
    assert_eq!(world.state(), state("professional", "active", 500));
}

/// Of all pages that were opened only the newest can be paid; one that was closed is not handed out again.
#[test]
fn one_page_can_be_paid() {
    let world = shop();
    let yearly = json!({ "plan": "professional", "interval": "yearly" });
    let first = buy(&world, "professional")["url"].clone();
    let of_first = open(&world);
    assert_eq!(buy(&world, "professional")["url"], first);
    assert_eq!(open(&world), of_first);
    world.sql("UPDATE billing_customers SET revision = revision + 1");
    world.signed("POST", "/billing/checkout", ADMIN, &yearly);
    let of_second = open(&world);
    assert_eq!(of_second.len(), 1);
    assert_ne!(of_second, of_first);
    world.sql("UPDATE billing_customers SET revision = revision - 1");
    let again = buy(&world, "professional")["url"].clone();
    assert_ne!(again, first);
    let of_third = open(&world);
    assert_eq!(of_third.len(), 1);
    assert!(again.as_str().unwrap().ends_with(&of_third[0]));
    assert_eq!(buy(&world, "professional")["url"], again);
}

/// Who has two subscriptions that go on is told, and so is the operator.
#[test]
fn two_that_are_charged_are_told() {
    let world = World::subscribed("active");
    assert_eq!(world.view()["notices"], json!([]));
    let mut second = subscription("sync300_professional_monthly", "active", 600);
    second["id"] = json!("sub_2");
    world.stripe.borrow_mut().subscriptions.push(second);
    let told = event("evt_5", "customer.subscription.created");
    assert_eq!(world.deliver(&told), 200);
    let view = world.view();
    assert_eq!(view["notices"][0]["code"], "subscription_doubled");
    assert_eq!(view["renews"], true);
    assert!(world.log().contains("subscription_doubled"));
    world.stripe.borrow_mut().subscriptions[0]["cancel_at_period_end"] = json!(true);
    let told = event("evt_6", "customer.subscription.updated");
    assert_eq!(world.deliver(&told), 200);
    assert_eq!(world.view()["notices"], json!([]));
}

/// Stripe's page for a subscription is soon over: each click makes its own, and what is sent twice makes one.
#[test]
fn each_click_makes_its_own_page() {
    let world = World::subscribed("active");
    let click = || world.signed("POST", "/billing/portal", ADMIN, &Value::Null);
    let (one, other) = (click(), click());
    assert_eq!(one["ok"], true, "{one}");
    assert_ne!(one["url"], other["url"]);
    world.stripe.borrow_mut().failing = Some(500);
    assert_eq!(click()["code"], "try_again");
    let posted = world.stripe.borrow().posted.clone();
    let keys: Vec<&str> = posted.iter().map(|(_, key)| key.as_str()).collect();
    assert_eq!(keys.len(), 4);
    assert_eq!(keys[2], keys[3]);
    assert!(keys[0] != keys[1] && keys[1] != keys[2]);
}

/// Whose customer was deleted at Stripe buys as another, at once, whether we were told or not.
#[test]
fn who_was_deleted_buys_as_another() {
    for told in [true, false] {
        let world = shop();
        assert_eq!(buy(&world, "professional")["ok"], true);
        world.stripe.borrow_mut().delete(CUSTOMER);
        if told {
            let mut deleted = event("evt_2", "customer.deleted");
            deleted["data"]["object"] = json!({ "id": CUSTOMER, "object": "customer" });
            assert_eq!(world.deliver(&deleted), 200);
        }
        let again = buy(&world, "professional");
        assert_eq!(again["ok"], true, "{again}");
        assert_eq!(world.customer().unwrap().portal, None);
        assert_eq!(
            world.count("billing_customers WHERE customer_id = 'cus_2' AND portal_id IS NOT NULL"),
            1
        );
    }
}

/// What cannot be bought is refused, and begins nothing.
#[test]
fn what_cannot_be_bought_is_refused() {
    let world = shop();
    for plan in ["free", "gold", ""] {
        assert_eq!(buy(&world, plan)["code"], "plan_unknown", "{plan}");
    }
    // Known, but without a price at Stripe.
    assert_eq!(buy(&world, "starter")["code"], "no_price");
    assert!(world.stripe.borrow().posted.is_empty());
    let none = world.signed("POST", "/billing/portal", ADMIN, &Value::Null);
    assert_eq!(none["code"], "no_subscription");
    world.stripe.borrow_mut().failing = Some(500);
    assert_eq!(buy(&world, "professional")["code"], "try_again");
    world.stripe.borrow_mut().failing = Some(400);
    assert_eq!(buy(&world, "professional")["code"], "stripe_refused");
}

/// Without billing there is nothing to buy, and everything is allowed.
#[test]
fn without_billing_everything_is_allowed() {
    let world = World::with(&[("billing", "off")]);
    assert_eq!(buy(&world, "professional")["code"], "billing_off");
    let view = world.view();
    assert_eq!(view["billing"], false);
    assert!(
        view["frequencies"]
            .as_array()
            .unwrap()
            .iter()
            .all(|choice| choice["allowed"] == true)
    );
}
