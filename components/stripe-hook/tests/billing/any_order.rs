//! Whatever the order, and however often: the end is the same.

use futures_executor::block_on;
use proptest::prelude::*;
use serde_json::Value;
use sync300_kit::store::Store;
use sync300_kit::store::billing::Subscribed;

use crate::world::*;

/// Events of one subscription's life.
const EVENTS: usize = 1_000;

/// Numbers that a seed gives (xorshift, Marsaglia 2003).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }
}

/// One life: what the subscription is like after each event.
fn life(dice: &mut Dice) -> Vec<Value> {
    let plans = [
        "sync300_starter_monthly",
        "sync300_professional_monthly",
        "sync300_enterprise_yearly",
    ];
    let states = [
        "trialing",
        "active",
        "past_due",
        "unpaid",
        "paused",
        "incomplete",
        "canceled",
    ];
    (0..EVENTS)
        .map(|at| {
            let plan = plans[dice.below(plans.len())];
            let state = states[dice.below(states.len())];
            subscription(plan, state, 1_800_000_000 + at as i64)
        })
        .collect()
}

fn event_of(at: usize) -> Value {
    event(&format!("evt_{at}"), "customer.subscription.updated")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4))]

    /// 1,000 events of one life: late, doubled and in any order, while life goes on. The end is that of the ordered ones.
    #[test]
    fn events_may_come_in_any_order(seed in 1..u64::MAX) {
        let mut dice = Dice(seed);
        let life = life(&mut dice);

        let ordered = World::bound();
        for (at, subscription) in life.iter().enumerate() {
            ordered.put(subscription.clone());
            prop_assert_eq!(ordered.deliver(&event_of(at)), 200);
        }

        let shuffled = World::bound();
        let mut waiting: Vec<usize> = Vec::new();
        let mut lived = 0;
        while lived < EVENTS || !waiting.is_empty() {
            if lived < EVENTS && (waiting.is_empty() || dice.below(3) > 0) {
                shuffled.put(life[lived].clone());
                waiting.push(lived);
                lived += 1;
            } else {
                let at = dice.below(waiting.len());
                // One in three comes again later.
                let event = match dice.below(3) {
                    0 => waiting[at],
                    _ => waiting.swap_remove(at),
                };
                prop_assert_eq!(shuffled.deliver(&event_of(event)), 200);
            }
        }
        prop_assert_eq!(shuffled.state(), ordered.state());
        prop_assert_eq!(shuffled.count("billing_events"), EVENTS as i64);
        let since = |world: &World| world.customer().unwrap().subscription.unwrap().since;
        prop_assert_eq!(since(&shuffled), since(&ordered));
    }
}

/// A doubled event is acknowledged, and asks nobody anything.
#[test]
fn a_doubled_event_is_applied_once() {
    let world = World::bound();
    world.put(subscription("sync300_starter_monthly", "active", 500));
    for _ in 0..3 {
        assert_eq!(
            world.deliver(&event("evt_1", "customer.subscription.created")),
            200
        );
    }
    assert_eq!(world.stripe.borrow().asked.len(), 1);
    assert_eq!(
        (world.count("billing_events"), world.count("audit")),
        (1, 1)
    );
}

/// Of two that write at once, the second writes nothing that it read before the first wrote.
#[test]
fn what_was_read_too_early_is_not_written() {
    let world = World::bound();
    let store = Store::new(&world.ports);
    let early = world.customer().unwrap();
    let standing = |status: &str, period_end| Subscribed {
        plan: "starter".to_owned(),
        status: status.to_owned(),
        since: NOON,
        period_end: Some(period_end),
        renews: 1,
    };
    let put = |standing, over| block_on(store.put_subscription(&early, &standing, over)).unwrap();
    assert!(put(standing("active", 1), false));
    assert!(!put(standing("canceled", 2), true));
    assert_eq!(
        world.state(),
        Some(("starter".to_owned(), "active".to_owned(), Some(1)))
    );
}

/// The trail and the next tick hear of another plan by the statement that stores it: no instance can end in between.
#[test]
fn a_change_is_stored_with_what_belongs_to_it() {
    let world = World::bound();
    let settings = "INSERT INTO connections (connection_id, portal_id, connector, region, status, settings, frequency, \
         fingerprint_key, created_at, due_at) VALUES ('a', 70000001, 'clio', 'us', 'active', '{}', 15, 'k', 1, 9999999999999)";
    world.sql(settings);
    let standing = Subscribed {
        plan: "starter".to_owned(),
        status: "active".to_owned(),
        since: NOON,
        period_end: None,
        renews: 1,
    };
    let store = Store::new(&world.ports);
    let put = || {
        let customer = world.customer().unwrap();
        assert!(block_on(store.put_subscription(&customer, &standing, false)).unwrap());
    };
    put();
    let told =
        "audit WHERE action = 'plan_changed' AND detail = 'starter_active' AND at = 1800000000000";
    let due = "connections WHERE due_at = 1800000000000";
    assert_eq!((world.count(told), world.count(due)), (1, 1));
    world.sql("UPDATE connections SET due_at = 9999999999999");
    put();
    assert_eq!((world.count(told), world.count(due)), (1, 0));
    block_on(store.end_customer(CUSTOMER)).unwrap();
    let gone = "audit WHERE action = 'plan_changed' AND detail = 'customer_deleted'";
    assert_eq!((world.count(gone), world.count(due)), (1, 1));
    block_on(store.end_customer(CUSTOMER)).unwrap();
    assert_eq!(world.count("audit"), 2);
}
