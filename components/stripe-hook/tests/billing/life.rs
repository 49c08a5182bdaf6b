//! From Free to a plan and back, as the settings see it.

use serde_json::{Value, json};

use crate::world::*;

fn minutes(view: &Value) -> Vec<i64> {
    let choices = view["frequencies"].as_array().unwrap().iter();
    choices
        .filter(|choice| choice["allowed"] == true)
        .map(|choice| choice["minutes"].as_i64().unwrap())
        .collect()
}

/// S0-17, S0-46, S0-47, S0-48, S0-49, S0-50, S0-51, S1-18: five minutes come with Professional and go with it; the others are always there.
#[test]
fn five_minutes_come_and_go_with_the_plan() {
    let world = World::new();
    let free = world.view();
    assert_eq!(
        (&free["plan"], minutes(&free)),
        (&json!("free"), vec![15, 30, 60, 1_440, 0])
    );
    assert_eq!(free["frequencies"][0]["needs"], "professional");
    assert_eq!(free["custom_mappings"], false);

    // The customer is known by what the checkout names.
    world.put(subscription(
        "sync300_professional_monthly",
        "active",
        1_800_009_999,
    ));
    let mut bought = event("evt_1", "checkout.session.completed");
    bought["data"]["object"]["client_reference_id"] = json!(PORTAL.to_string());
    assert_eq!(world.deliver(&bought), 200);
    let paid = world.view();
    assert_eq!(
        (&paid["plan"], minutes(&paid)),
        (&json!("professional"), vec![5, 15, 30, 60, 1_440, 0])
    );
    assert_eq!(
        (&paid["status"], &paid["period_end"]),
        (&json!("active"), &json!(1_800_009_999_000_i64))
    );
    assert_eq!(paid["custom_mappings"], true);

    world.put(subscription(
        "sync300_professional_monthly",
        "canceled",
        1_800_009_999,
    ));
    assert_eq!(
        world.deliver(&event("evt_2", "customer.subscription.deleted")),
        200
    );
    let over = world.view();
    assert_eq!(
        (&over["plan"], minutes(&over)),
        (&json!("free"), vec![15, 30, 60, 1_440, 0])
    );
    let audit =
        world.sql("SELECT detail FROM audit WHERE action = 'plan_changed' ORDER BY audit_id");
    let details: Vec<String> = audit.iter().map(|row| format!("{:?}", row[0])).collect();
    assert_eq!(
        details,
        [
            r#"Text("professional_active")"#,
            r#"Text("professional_canceled")"#
        ]
    );
}

/// Late payments are waited for seven days, and announced; then syncing is blocked, reading is not.
#[test]
fn a_late_payment_has_seven_days() {
    let world = World::bound();
    world.put(subscription("sync300_starter_monthly", "past_due", 500));
    assert_eq!(
        world.deliver(&event("evt_1", "invoice.payment_failed")),
        200
    );
    let late = world.view();
    assert_eq!(late["grace_until"], NOON + 7 * 86_400_000);
    assert_eq!(late["notices"][0]["code"], "payment_late");

    // Seen again, the clock does not begin anew; the view is signed for noon, so its clock is moved in the table.
    assert_eq!(
        world.deliver(&event("evt_2", "invoice.payment_failed")),
        200
    );
    world.sql("UPDATE billing_customers SET status_since = status_since - 7 * 86400000");
    let blocked = world.view();
    assert_eq!(
        (&blocked["grace_until"], &blocked["notices"][0]["code"]),
        (&Value::Null, &json!("plan_payment"))
    );
    assert_eq!(blocked["ok"], true);
}

/// S1-10: of a customer nothing else is kept than who, plan, status and period.
#[test]
fn nothing_else_is_kept() {
    let world = World::bound();
    let mut rich = subscription("sync300_starter_monthly", "active", 500);
    rich["default_payment_method"] = json!({ "card": { "last4": "4242", "exp_year": 2031 } });
    rich["customer"] = json!({ "id": CUSTOMER, "email": "ada@example.com", "name": "Ada Keller" });
    world.put(rich);
    assert_eq!(
        world.deliver(&event("evt_1", "customer.subscription.updated")),
        200
    );
    let mut all = world.log();
    for table in [
        "billing_customers",
        "billing_events",
        "audit",
        "usage_by_month",
    ] {
        all.push_str(&format!(
            "{:?}",
            world.sql(&format!("SELECT * FROM {table}"))
        ));
    }
    for secret in ["4242", "2031", "ada@example.com", "Ada", "sk_test", "whsec"] {
        assert!(!all.contains(secret), "{secret}");
    }
}

/// A customer that is deleted at Stripe is over, and the portal may buy again as another.
#[test]
fn a_deleted_customer_makes_room() {
    let world = World::bound();
    world.put(subscription("sync300_starter_monthly", "active", 500));
    assert_eq!(
        world.deliver(&event("evt_1", "customer.subscription.created")),
        200
    );
    let mut deleted = event("evt_2", "customer.deleted");
    deleted["data"]["object"] = json!({ "id": CUSTOMER, "object": "customer" });
    assert_eq!(world.deliver(&deleted), 200);
    let customer = world.customer().unwrap();
    assert_eq!(
        (
            customer.portal,
            customer.subscription.unwrap().status.as_str()
        ),
        (None, "canceled")
    );
    assert_eq!(world.view()["plan"], "free");
}
