//! Whoever uninstalls is not charged any more.

use futures_executor::block_on;
use serde_json::{Value, json};
use sync300_kit::chores;
use sync300_kit::store::Store;

use crate::world::*;

const MINUTE: i64 = 60_000;

/// What a tick does beside syncing, so many minutes after noon.
fn tick(world: &World, minutes: i64) {
    let at = NOON + minutes * MINUTE;
    world.ports.set_now(at);
    block_on(chores::run(&world.ports, at + 10_000));
}

fn uninstall(world: &World) {
    assert!(block_on(Store::new(&world.ports).uninstall_portal(PORTAL, None)).unwrap());
}

fn reinstall(world: &World) {
    world.sql("UPDATE portals SET status = 'active'");
    world.sql("UPDATE installs SET uninstalled_at = NULL, erase_at = NULL");
}

/// Method and path of what was asked since the last look, but for lists.
fn asked(world: &World) -> Vec<String> {
    let mut asked = std::mem::take(&mut world.stripe.borrow_mut().asked);
    asked.retain(|asked| !asked.starts_with("GET"));
    asked
}

fn renews(world: &World) -> bool {
    world.customer().unwrap().subscription.unwrap().renews > 0
}

/// S1-47: nothing is ended while the portal has the app; once it has not, what is paid ends with its period, and what is
/// not paid at once; and nobody is asked a second time.
#[test]
fn what_is_paid_ends_with_its_period() {
    for (status, expected) in [
        ("active", "POST /v1/subscriptions/sub_1"),
        ("trialing", "POST /v1/subscriptions/sub_1"),
        ("past_due", "DELETE /v1/subscriptions/sub_1"),
        ("unpaid", "DELETE /v1/subscriptions/sub_1"),
        ("paused", "DELETE /v1/subscriptions/sub_1"),
        ("incomplete", "DELETE /v1/subscriptions/sub_1"),
    ] {
        let world = World::subscribed(status);
        tick(&world, 0);
        assert!(asked(&world).is_empty(), "{status}");
        uninstall(&world);
        tick(&world, 5);
        assert_eq!(asked(&world), [expected], "{status}");
        assert!(!renews(&world));
        tick(&world, 10);
        assert!(world.stripe.borrow().asked.is_empty(), "{status}");
    }
    let world = World::subscribed("active");
    uninstall(&world);
    tick(&world, 5);
    let posted = world.stripe.borrow().posted.clone();
    // Without a key: an answer of yesterday must not stand for today's wish.
    assert_eq!(
        posted,
        [("cancel_at_period_end=true".to_owned(), String::new())]
    );
}

/// S1-47: a failure is told to the operator and tried again until it works, also where the portal is erased meanwhile.
#[test]
fn a_failure_is_tried_again() {
    let world = World::subscribed("active");
    uninstall(&world);
    let mut minutes = 0;
    for failing in [500, 429, 0, 401, 400] {
        minutes += 5;
        world.stripe.borrow_mut().failing = Some(failing);
        tick(&world, minutes);
        assert!(renews(&world), "{failing}");
    }
    let told = world.log();
    let lines = told
        .lines()
        .filter(|line| line.contains("subscription_ended") && line.contains(CUSTOMER));
    assert_eq!(lines.count(), 5, "{told}");
    assert!(!told.contains("ada@"));
    asked(&world);

    let erased = 31 * 24 * 60;
    tick(&world, erased);
    assert_eq!(world.count("portals"), 0);
    assert_eq!(world.customer().unwrap().portal, None);
    world.stripe.borrow_mut().failing = None;
    asked(&world);
    tick(&world, erased + 5);
    assert_eq!(asked(&world), ["POST /v1/subscriptions/sub_1"]);
    assert!(!renews(&world));
}

/// Of several that left, one that fails does not keep the others waiting, however many they are.
#[test]
fn one_failure_does_not_stop_the_others() {
    let world = World::new();
    world.sql(
        "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 120) \
         INSERT INTO billing_customers (customer_id, plan, status, status_since, renews, changed_at) \
         SELECT 'cus_' || n, 'starter', 'active', 1, 1, 1 FROM n",
    );
    world.stripe.borrow_mut().failing = Some(401);
    tick(&world, 0);
    assert_eq!(world.count("billing_customers WHERE renews = 1"), 120);
    assert_eq!(world.stripe.borrow().asked.len(), 120);
    world.stripe.borrow_mut().failing = None;
    tick(&world, 5);
    assert_eq!(world.count("billing_customers WHERE renews = 1"), 0);
}

/// Who comes back before the period is over has what was paid, is told that it ends, and after a renewal at Stripe and a
/// second uninstall it is ended again.
#[test]
fn who_comes_back_has_what_was_paid() {
    let world = World::subscribed("active");
    uninstall(&world);
    tick(&world, 5);
    reinstall(&world);
    world.ports.set_now(NOON);
    let view = world.view();
    assert_eq!(
        (&view["plan"], &view["renews"], &view["notices"][0]["code"]),
        (
            &json!("starter"),
            &json!(false),
            &json!("subscription_ends")
        )
    );
    world.stripe.borrow_mut().subscriptions[0]["cancel_at_period_end"] = Value::Bool(false);
    let renewed = event("evt_9", "customer.subscription.updated");
    assert_eq!(world.deliver(&renewed), 200);
    assert!(renews(&world));
    assert_eq!(world.view()["notices"], json!([]));
    asked(&world);
    tick(&world, 15);
    assert!(asked(&world).is_empty());
    uninstall(&world);
    tick(&world, 20);
    assert_eq!(asked(&world), ["POST /v1/subscriptions/sub_1"]);
}

/// What the customer has of others is theirs; a subscription or a customer that is gone is ended already; where a
/// deployment does not bill, nothing is touched.
#[test]
fn only_ours_is_ended() {
    let world = World::subscribed("active");
    let mut foreign = subscription("another_product", "active", 900);
    foreign["id"] = json!("sub_2");
    foreign["metadata"] = json!({});
    world.stripe.borrow_mut().subscriptions.push(foreign);
    uninstall(&world);
    tick(&world, 5);
    assert_eq!(asked(&world), ["POST /v1/subscriptions/sub_1"]);

    let world = World::subscribed("active");
    world.stripe.borrow_mut().subscriptions.clear();
    uninstall(&world);
    tick(&world, 5);
    assert!(asked(&world).is_empty() && !renews(&world));

    let world = World::with(&[("billing", "off")]);
    assert!(block_on(Store::new(&world.ports).bind_customer(CUSTOMER, PORTAL)).unwrap());
    world.sql("UPDATE billing_customers SET plan = 'starter', status = 'active', status_since = 1, renews = 1");
    uninstall(&world);
    tick(&world, 5);
    assert!(world.stripe.borrow().asked.is_empty() && renews(&world));
}

/// A webhook that comes while the subscription is being ended has heard it from Stripe: what it wrote stays.
#[test]
fn a_webhook_in_between_is_not_overwritten() {
    let world = World::subscribed("active");
    let store = Store::new(&world.ports);
    let early = world.customer().unwrap();
    let mut changed = subscription("sync300_enterprise_monthly", "active", 900);
    changed["id"] = json!("sub_3");
    world.put(changed);
    assert_eq!(
        world.deliver(&event("evt_7", "customer.subscription.updated")),
        200
    );
    block_on(store.stop_renewal(&early)).unwrap();
    assert!(renews(&world));
    assert_eq!(world.state(), state("enterprise", "active", 900));
}

/// S1-47: who pays at Stripe while the portal is being erased has nobody to sync for: the subscription is ended at once.
#[test]
fn a_checkout_that_comes_too_late_is_ended() {
    let world = World::bound();
    world.sql("DELETE FROM portals");
    world.put(subscription("sync300_starter_monthly", "active", 500));
    assert_eq!(
        world.deliver(&event("evt_1", "customer.subscription.created")),
        200
    );
    tick(&world, 5);
    assert_eq!(asked(&world), ["POST /v1/subscriptions/sub_1"]);
    assert!(!renews(&world));
}
