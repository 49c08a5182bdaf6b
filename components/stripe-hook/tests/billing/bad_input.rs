//! What must change nothing.

use serde_json::{Value, json};
use sync300_kit::secret::Secret;
use sync300_kit::stripe::signature::sign;

use crate::world::*;

fn code(answer: &sync300_kit::surface::Answer) -> String {
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    let error = &body["error"];
    format!(
        "{} {} {}",
        answer.status,
        error["code"].as_str().unwrap(),
        error["detail"].as_str().unwrap_or("-")
    )
}

fn body() -> Vec<u8> {
    event("evt_1", "customer.subscription.updated")
        .to_string()
        .into_bytes()
}

fn signature(at: i64) -> String {
    sign(&Secret::new(SECRET), at, &body()).unwrap()
}

/// Wrong, missing, old, future, doubled and other-scheme signatures, and a body changed by one byte.
#[test]
fn what_stripe_did_not_sign_is_refused() {
    let now = NOON / 1_000;
    let world = World::bound();
    world.put(subscription("sync300_enterprise_monthly", "active", 500));
    let right = signature(now);
    let wrong = sign(&Secret::new("whsec_other"), now, &body()).unwrap();
    let (old, year, future) = (
        signature(now - 301),
        signature(now - 31_536_000),
        signature(now + 301),
    );
    let v0 = right.replace("v1=", "v0=");
    let cases: [(&[(&str, &str)], &str); 8] = [
        (&[], "signature_missing"),
        (&[("stripe-signature", &wrong)], "signature_mismatch"),
        (&[("stripe-signature", &old)], "signature_stale"),
        (&[("stripe-signature", &year)], "signature_stale"),
        (&[("stripe-signature", &future)], "signature_future"),
        (&[("stripe-signature", &v0)], "signature_scheme"),
        (&[("stripe-signature", "v1=00")], "signature_timestamp"),
        (
            &[("stripe-signature", &right), ("stripe-signature", &right)],
            "signature_unclear",
        ),
    ];
    for (headers, detail) in cases {
        let answer = world.webhook(body(), headers);
        assert_eq!(code(&answer), format!("400 signature {detail}"));
    }
    let mut changed = body();
    changed[9] ^= 1;
    let answer = world.webhook(changed, &[("stripe-signature", &right)]);
    assert_eq!(code(&answer), "400 signature signature_mismatch");

    assert_eq!((world.state(), world.count("billing_events")), (None, 0));
    assert!(world.stripe.borrow().asked.is_empty());
    assert_eq!(
        world
            .webhook(body(), &[("stripe-signature", &right)])
            .status,
        200
    );
}

/// Without a secret, a key or billing itself nothing is believed or done; Stripe tries again.
#[test]
fn a_missing_configuration_is_a_refusal() {
    for (variable, status) in [
        ("stripe_webhook_secrets", 503),
        ("billing", 503),
        ("stripe_secret_key", 500),
        ("stripe_api_url", 500),
    ] {
        let world = World::with(&[(variable, "")]);
        assert_eq!(
            world.deliver(&event("evt_1", "invoice.paid")),
            status,
            "{variable}"
        );
        assert_eq!(world.count("billing_events"), 0);
    }
}

/// A signed body that is no event is refused, and shows nothing of itself in the answer.
#[test]
fn what_is_no_event_is_refused() {
    let world = World::bound();
    for body in [
        &b""[..],
        b"[]",
        b"{\"id\":1}",
        b"{\"id\":\"evt_1\",\"type\":\"invoice.paid\"}",
        b"\xff\xfe",
        b"{\"id\":\"evt_1\",\"type\":\"invoice.paid\",\"data\":{\"object\":{\"customer\":[\"ada@example.com\"]}}}",
    ] {
        let answer = world.deliver_bytes(body.to_vec());
        assert_eq!(code(&answer), "400 bad_event -");
        assert!(!answer.body.contains("ada@"));
    }
    let nested = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(world.deliver_bytes(nested.into_bytes()).status, 400);
}

/// What Stripe signed and what is no matter of ours is acknowledged, whatever it looks like: thin events, the test of an
/// endpoint, objects of any shape.
#[test]
fn other_shapes_are_acknowledged() {
    let world = World::bound();
    for body in [
        json!({ "id": "evt_test_webhook", "object": "event" }),
        json!({ "id": "evt_1", "object": "v2.core.event", "type": "v1.billing.meter.error_report_triggered",
            "related_object": { "id": "mtr_1" } }),
        event_with(
            "charge.succeeded",
            json!({ "customer": ["x"], "metadata": 7 }),
        ),
        event_with("account.updated", json!(null)),
    ] {
        assert_eq!(world.deliver(&body), 200, "{body}");
    }
    assert!(world.stripe.borrow().asked.is_empty());
}

fn event_with(kind: &str, object: Value) -> Value {
    let mut event = event("evt_1", kind);
    event["data"]["object"] = object;
    event
}

/// A customer of ours whom Stripe does not know any more is gone, as where it says so; Stripe need not repeat itself.
#[test]
fn a_customer_that_is_missing_is_gone() {
    let world = World::subscribed("active");
    world.stripe.borrow_mut().delete(CUSTOMER);
    assert_eq!(
        world.deliver(&event("evt_1", "customer.subscription.updated")),
        200
    );
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

/// A checkout of another product binds nobody, whatever reference it carries: the portal's own customer comes later.
#[test]
fn a_reference_of_another_product_binds_nobody() {
    let world = World::new();
    let mut foreign = subscription("another_product", "active", 500);
    foreign["customer"] = json!("cus_other");
    foreign["metadata"] = json!({});
    let mut stripe = world.stripe.borrow_mut();
    stripe.customers = vec!["cus_other".to_owned()];
    stripe.subscriptions = vec![foreign];
    drop(stripe);
    let session = json!({
        "id": "cs_9", "customer": "cus_other", "client_reference_id": PORTAL.to_string(),
        "metadata": { "sync300_portal_id": PORTAL.to_string() },
    });
    assert_eq!(
        world.deliver(&event_with("checkout.session.completed", session)),
        200
    );
    assert_eq!(world.count("billing_customers"), 0);
    assert!(world.log().contains("unknown_customer"));
}

/// Types that are not known, and those that cannot change anything, are acknowledged.
#[test]
fn other_types_are_acknowledged() {
    let world = World::bound();
    for kind in [
        "customer.created",
        "charge.succeeded",
        "a.type.of.tomorrow",
        "",
    ] {
        assert_eq!(world.deliver(&event("evt_1", kind)), 200, "{kind}");
    }
    assert!(world.stripe.borrow().asked.is_empty());
}

/// A customer who is none of ours, an account that is not ours, an event about nobody: acknowledged, kept nowhere, and
/// told to the operator by ids.
#[test]
fn what_is_not_ours_is_told_to_the_operator() {
    let world = World::new();
    assert_eq!(world.deliver(&event("evt_a", "invoice.paid")), 200);
    let mut foreign = event("evt_b", "invoice.paid");
    foreign["account"] = json!("acct_2");
    assert_eq!(world.deliver(&foreign), 200);
    let mut nobody = event("evt_c", "invoice.paid");
    nobody["data"]["object"] = json!({ "id": "in_1" });
    assert_eq!(world.deliver(&nobody), 200);
    // A portal that does not have the app.
    let mut elsewhere = event("evt_d", "checkout.session.completed");
    elsewhere["data"]["object"]["client_reference_id"] = json!("999");
    assert_eq!(world.deliver(&elsewhere), 200);
    assert_eq!(
        (
            world.count("billing_customers"),
            world.count("billing_events")
        ),
        (0, 0)
    );
    let log = world.log();
    for (id, code) in [
        ("evt_a", "unknown_customer"),
        ("evt_b", "foreign_account"),
        ("evt_c", "no_customer"),
        ("evt_d", "unknown_customer"),
    ] {
        assert!(
            log.lines()
                .any(|line| line.contains(id) && line.contains(code)),
            "{id}: {log}"
        );
    }
}

/// Another product, an unknown plan, an unknown status: the last good state stays, and the operator is told by id.
#[test]
fn the_last_good_state_is_kept() {
    let world = World::bound();
    world.put(subscription("sync300_professional_monthly", "active", 500));
    assert_eq!(
        world.deliver(&event("evt_1", "customer.subscription.created")),
        200
    );
    for (id, puzzle) in [
        ("evt_2", subscription("another_product", "active", 900)),
        (
            "evt_3",
            subscription("sync300_platinum_monthly", "active", 900),
        ),
        (
            "evt_4",
            subscription("sync300_professional_monthly", "hibernating", 900),
        ),
    ] {
        world.put(puzzle);
        assert_eq!(
            world.deliver(&event(id, "customer.subscription.updated")),
            200
        );
        assert_eq!(world.state(), state("professional", "active", 500), "{id}");
        assert!(world.log().contains(id));
    }
    assert!(world.log().contains("unknown_status") && world.log().contains("foreign_product"));
}

/// An old event that is signed anew and sent again a year later: known ones do nothing, and forgotten ones only make us
/// ask what holds now.
#[test]
fn an_event_replayed_a_year_later_does_no_harm() {
    let world = World::bound();
    world.put(subscription("sync300_enterprise_monthly", "active", 500));
    assert_eq!(
        world.deliver(&event("evt_1", "customer.subscription.created")),
        200
    );
    world.put(subscription("sync300_enterprise_monthly", "canceled", 600));
    assert_eq!(
        world.deliver(&event("evt_2", "customer.subscription.deleted")),
        200
    );
    world.ports.set_now(NOON + 365 * 86_400_000);
    assert_eq!(
        world.deliver(&event("evt_1", "customer.subscription.created")),
        200
    );
    assert_eq!(world.state(), state("enterprise", "canceled", 600));
    world.sql("DELETE FROM billing_events");
    assert_eq!(
        world.deliver(&event("evt_1", "customer.subscription.created")),
        200
    );
    assert_eq!(world.state(), state("enterprise", "canceled", 600));
}

/// What fails is not acknowledged, so that Stripe sends it again; then it counts.
#[test]
fn a_failure_is_sent_again() {
    let world = World::bound();
    world.put(subscription("sync300_starter_monthly", "active", 500));
    let event = event("evt_1", "customer.subscription.created");
    for (failing, status) in [(500, 503), (429, 503), (0, 503), (401, 500)] {
        world.stripe.borrow_mut().failing = Some(failing);
        assert_eq!(world.deliver(&event), status, "{failing}");
        assert_eq!((world.state(), world.count("billing_events")), (None, 0));
    }
    world.stripe.borrow_mut().failing = None;
    assert_eq!(world.deliver(&event), 200);
    assert_eq!(world.state(), state("starter", "active", 500));
    // S0-90: what Stripe's messages say of people is in no log.
    assert!(!world.log().contains("ada@"));
}

/// Wrong methods and paths.
#[test]
fn the_routes_are_strict() {
    let world = World::new();
    let ask = |method: &str, target: &str| {
        world
            .answer(&sync300_kit::surface::Incoming {
                method: method.to_owned(),
                target: target.to_owned(),
                headers: Vec::new(),
                body: Vec::new(),
                request_id: "0123456789abcdef".to_owned(),
            })
            .status
    };
    assert_eq!(ask("GET", "/stripe/webhook"), 405);
    assert_eq!(ask("GET", "/billing/checkout"), 405);
    assert_eq!(ask("POST", "/billing"), 405);
    for path in [
        "/stripe",
        "/stripe/webhook/",
        "/stripe/webhooks",
        "/billing/",
        "/billing/other",
        "/other",
    ] {
        assert_eq!(ask("POST", path), 404, "{path}");
    }
    // Nobody without a signature or a session.
    assert_eq!(ask("GET", "/billing"), 401);
    assert_eq!(ask("POST", "/billing/checkout"), 401);
    assert_eq!(ask("POST", "/billing/portal"), 401);
}
