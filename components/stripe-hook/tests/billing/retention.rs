//! How long billing records are kept.

use futures_executor::block_on;
use sync300_kit::chores;

use crate::world::*;

const DAY: i64 = 86_400_000;
const SEVEN_YEARS: i64 = (7 * 365 + 2) * DAY;

fn clean(world: &World, at: i64) {
    world.ports.set_now(at);
    world.sql("DELETE FROM chores");
    block_on(chores::run(&world.ports, at + 10_000));
}

/// S1-47: seven years after the end, apart from the portal; what stands is kept however old it is.
#[test]
fn records_end_seven_years_after_the_subscription() {
    let world = World::bound();
    world.put(subscription("sync300_starter_monthly", "active", 500));
    assert_eq!(
        world.deliver(&event("evt_1", "customer.subscription.created")),
        200
    );
    clean(&world, NOON + 2 * SEVEN_YEARS);
    assert_eq!(
        (
            world.count("billing_customers"),
            world.count("billing_events")
        ),
        (1, 1)
    );

    world.ports.set_now(NOON);
    world.put(subscription("sync300_starter_monthly", "canceled", 500));
    assert_eq!(
        world.deliver(&event("evt_2", "customer.subscription.deleted")),
        200
    );
    clean(&world, NOON + SEVEN_YEARS);
    assert_eq!(
        (
            world.count("billing_customers"),
            world.count("billing_events")
        ),
        (1, 2)
    );
    clean(&world, NOON + SEVEN_YEARS + 1);
    assert_eq!(
        (
            world.count("billing_customers"),
            world.count("billing_events")
        ),
        (0, 0)
    );
}

/// S1-46, S1-47: a portal that is erased takes its usage along and leaves its billing records without its name; who never
/// paid leaves nothing but, for two days, an id at Stripe.
#[test]
fn an_erased_portal_leaves_no_name() {
    for (paid, left) in [(true, 1), (false, 0)] {
        let world = World::bound();
        if paid {
            world.put(subscription("sync300_starter_monthly", "active", 500));
            assert_eq!(
                world.deliver(&event("evt_1", "customer.subscription.created")),
                200
            );
        }
        world.sql("INSERT INTO usage_by_month VALUES (70000001, '2027-01', 5, 5)");
        world.sql("INSERT INTO installs (portal_id, scopes, installed_by, installed_at, erase_at) VALUES (70000001, '', 7, 1, 1)");
        clean(&world, NOON + DAY);
        assert_eq!(
            (world.count("portals"), world.count("usage_by_month")),
            (0, 0)
        );
        assert_eq!(
            world.count("billing_customers WHERE portal_id IS NULL"),
            world.count("billing_customers")
        );
        clean(&world, NOON + 2 * DAY + 1);
        assert_eq!(world.count("billing_customers"), left);
        // What Stripe tells later still counts: the seven years begin when the subscription ends.
        if paid {
            world.ports.set_now(NOON + 2 * DAY);
            world.put(subscription("sync300_starter_monthly", "canceled", 500));
            assert_eq!(
                world.deliver(&event("evt_2", "customer.subscription.deleted")),
                200
            );
            assert_eq!(
                world.count("billing_customers WHERE ended_at IS NOT NULL AND portal_id IS NULL"),
                1
            );
        }
    }
}
