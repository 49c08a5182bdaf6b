//! Billing end to end: HubSpot's signature or a browser, our component, Stripe's pages and webhooks, and what the sync
//! makes of it.

use std::time::Duration;

use futures_executor::block_on;
use serde_json::{Value, json};
use sync300_fakes::hubspot::{Fetch, ObjectType};
use sync300_fakes::stripe::Disorder;
use sync300_fakes::{Effect, Fault, Stripe};
use sync300_kit::ports::Sql as _;
use sync300_sandbox::platform::ADMIN;
use sync300_sandbox::{Platform, PlatformConfig};

use crate::connect::portal;
use crate::support::*;

const MINUTE: i64 = 60_000;
const DAY: Duration = Duration::from_secs(86_400);

/// A platform that bills, with a schedule of 5 minutes chosen.
async fn platform() -> Platform {
    let config = PlatformConfig {
        frequency: 5,
        billing: true,
        ..empty()
    };
    Platform::start(config).await.unwrap()
}

fn stripe(platform: &Platform) -> &Stripe {
    platform.stripe.as_ref().unwrap()
}

/// What the settings page in HubSpot gets for the admin.
async fn call(platform: &Platform, method: &str, path: &str, body: Value) -> Value {
    let url = format!("{}{path}", platform.public_url());
    let fetch = match method {
        "GET" => Fetch::get(ADMIN, url),
        _ => Fetch::post(ADMIN, url, body),
    };
    let answer = platform.fetch(portal(), &fetch).await.unwrap();
    answer.body.unwrap()
}

async fn view(platform: &Platform) -> Value {
    call(platform, "GET", "/billing", Value::Null).await
}

/// Webhooks come doubled and in no order. All of them are acknowledged in the end.
async fn webhooks(platform: &Platform) {
    let disorder = Disorder {
        seed: Some(300),
        doubles: 1,
        retries: 3,
    };
    assert_eq!(platform.webhooks(disorder).await.unwrap(), 0);
}

async fn five_minutes(platform: &Platform) -> bool {
    let view = view(platform).await;
    assert_eq!(view["frequencies"][0]["minutes"], 5);
    view["frequencies"][0]["allowed"] == true
}

/// Runs to the end; minutes until the next run.
async fn next_in(platform: &Platform) -> i64 {
    let last = finish(platform).await;
    assert_eq!(last.status, "succeeded", "{last:?}");
    let now = stripe(platform).clock().now().timestamp_millis();
    (last.due_at.unwrap() - now + MINUTE / 2) / MINUTE
}

/// What the audit trail says of the plan, oldest first.
async fn trail(platform: &Platform) -> Vec<String> {
    let trail = call(platform, "GET", "/account/audit", Value::Null).await;
    let entries = trail["entries"].as_array().unwrap().iter().rev();
    let words = entries.map(|entry| {
        let text = |name: &str| entry[name].as_str().unwrap_or_default().to_owned();
        format!("{} {}", text("action"), text("detail"))
    });
    words.filter(|words| words.starts_with("plan_")).collect()
}

/// S0-46, S1-18: checkout, webhook, five minutes are there; cancelled, they fall back with an explanation, and the history
/// says why.
#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_bought_and_cancelled() {
    let platform = platform().await;
    let stripe = stripe(&platform);
    assert!(!five_minutes(&platform).await);
    assert_eq!(next_in(&platform).await, 15);

    let plan = json!({ "plan": "professional" });
    let checkout = call(&platform, "POST", "/billing/checkout", plan.clone()).await;
    assert_eq!(checkout["ok"], true, "{checkout}");
    let back = stripe.pay(checkout["url"].as_str().unwrap()).unwrap();
    assert!(back.contains("/integrations-settings/"), "{back}");
    // A first try of ours fails at Stripe: what is not acknowledged comes again.
    stripe.fail(Fault::once("/v1/subscriptions", Effect::answer(500, "{}")).times(2));
    webhooks(&platform).await;
    assert!(five_minutes(&platform).await);
    assert_eq!(next_in(&platform).await, 5);
    let again = call(&platform, "POST", "/billing/checkout", plan).await;
    assert_eq!(again["code"], "already_subscribed");

    let customer = stripe.customers().remove(0);
    stripe.cancel(&customer).unwrap();
    webhooks(&platform).await;
    assert!(!five_minutes(&platform).await);
    assert_eq!(next_in(&platform).await, 15);
    let view = view(&platform).await;
    assert_eq!(view["plan"], "free");
    assert_eq!(view["notices"][0]["code"], "plan_frequency");
    assert_eq!(
        view["notices"][0]["connection"],
        platform.connection.as_str()
    );
    assert_eq!(
        trail(&platform).await,
        [
            "plan_frequency free",
            "plan_changed professional_active",
            "plan_changed professional_canceled",
            "plan_frequency free",
        ]
    );
}

/// S0-17, S0-46: the same by hand: on our page and Stripe's, up, further up, down and off.
#[tokio::test(flavor = "multi_thread")]
async fn a_person_upgrades_and_downgrades_in_a_browser() {
    let platform = platform().await;
    let mut browser = platform.browser().unwrap();
    platform
        .install(&mut browser, portal(), ADMIN)
        .await
        .unwrap();
    let page = platform.billing_page(&mut browser).await.unwrap();
    for words in [
        "Free",
        "0 of 1000",
        "every 5 minutes (with Professional)",
        "daily",
        "manual only",
        "The plan does not allow this schedule.",
    ] {
        assert!(page.page.text.contains(words), "{}", page.page.text);
    }

    let end = platform
        .subscribe(&mut browser, "Starter, monthly")
        .await
        .unwrap();
    assert!(end.url.path().contains("/installed/framework/"));
    assert_eq!(view(&platform).await["plan"], "starter");
    assert!(!five_minutes(&platform).await);
    for (price, plan, fast) in [
        (Some("sync300_professional_yearly"), "professional", true),
        (Some("sync300_enterprise_monthly"), "enterprise", true),
        (Some("sync300_starter_monthly"), "starter", false),
        (None, "free", false),
    ] {
        platform.change_plan(&mut browser, price).await.unwrap();
        assert_eq!(view(&platform).await["plan"], plan);
        assert_eq!(five_minutes(&platform).await, fast, "{plan}");
    }
    let history = browser.open("/account/audit").await.unwrap();
    assert!(
        history
            .page
            .text
            .contains("plan_changed (enterprise_active)"),
        "{}",
        history.page.text
    );
}

/// S1-11: what a sync writes is counted; S1-18: at the limit it pauses, and goes on with a larger plan from where it stood.
#[tokio::test(flavor = "multi_thread")]
async fn usage_is_counted_and_limited() {
    let platform = platform().await;
    for number in 0..30 {
        person(&platform, "Ada", &format!("Number {number}"), None);
    }
    next_in(&platform).await;
    let used = view(&platform).await;
    assert_eq!(used["usage"]["records"], 30, "{used}");
    assert!(used["usage"]["api_calls"].as_i64().unwrap() > 5);

    let ports = platform.ports().unwrap();
    block_on(ports.execute("UPDATE usage_by_month SET records = 995", &[])).unwrap();
    for number in 30..60 {
        person(&platform, "Ada", &format!("Number {number}"), None);
    }
    platform.request_sync().unwrap();
    let last = finish(&platform).await;
    assert_eq!(
        (last.status.as_str(), last.reason.as_deref()),
        ("waiting", Some("plan_records"))
    );
    let account = call(&platform, "GET", "/account", Value::Null).await;
    let advice = account["connections"][0]["advice"].as_str().unwrap();
    assert!(advice.contains("Nothing is lost"), "{advice}");

    let plan = json!({ "plan": "starter" });
    let checkout = call(&platform, "POST", "/billing/checkout", plan).await;
    let stripe = stripe(&platform);
    stripe.pay(checkout["url"].as_str().unwrap()).unwrap();
    webhooks(&platform).await;
    next_in(&platform).await;
    let arrived = platform.portal().unwrap().count(ObjectType::Contacts);
    assert_eq!(arrived, 60);
}

/// S1-47: whoever uninstalls is not charged again, even where Stripe does not answer at first; what tax law asks for stays
/// without the portal's name.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_uninstalls_is_not_charged_again() {
    let platform = platform().await;
    let stripe = stripe(&platform);
    let mut browser = platform.browser().unwrap();
    platform
        .install(&mut browser, portal(), ADMIN)
        .await
        .unwrap();
    platform
        .subscribe(&mut browser, "Starter, monthly")
        .await
        .unwrap();
    platform.tick().await.unwrap();

    let account = browser.open("/account").await.unwrap();
    let end = browser.press(&account, "Uninstall", &[]).await.unwrap();
    assert!(
        end.page
            .text
            .contains("The subscription ends with the period"),
        "{}",
        end.page.text
    );
    let renews = || {
        let subscriptions = stripe.events().into_iter().rev();
        let last = subscriptions
            .map(|event| event["data"]["object"].clone())
            .find(|object| object["object"] == "subscription");
        last.unwrap()["cancel_at_period_end"] == false
    };
    stripe.clock().advance(Duration::from_secs(6 * 60));
    stripe.fail(Fault::once("/v1/subscriptions", Effect::answer(500, "{}")).times(2));
    platform.tick().await.unwrap();
    assert!(renews());
    stripe.clock().advance(Duration::from_secs(6 * 60));
    platform.tick().await.unwrap();
    assert!(!renews());

    stripe.clock().advance(31 * DAY);
    assert_eq!(stripe.pass_periods(), 0);
    platform.tick().await.unwrap();
    webhooks(&platform).await;
    assert_eq!(count(&platform, "portals").await, 0);
    let left = "billing_customers WHERE portal_id IS NULL AND status = 'canceled' AND ended_at > 0";
    assert_eq!(count(&platform, left).await, 1);
}

/// What is deleted at Stripe makes room at once; a page for the subscription opens whenever it is asked for; and what is none
/// of ours is acknowledged, and not sent again.
#[tokio::test(flavor = "multi_thread")]
async fn stripe_is_asked_for_what_holds_now() {
    let platform = platform().await;
    let stripe = stripe(&platform);
    let plan = json!({ "plan": "starter" });
    let checkout = call(&platform, "POST", "/billing/checkout", plan.clone()).await;
    stripe.pay(checkout["url"].as_str().unwrap()).unwrap();
    // Nobody told us yet.
    let again = call(&platform, "POST", "/billing/checkout", plan.clone()).await;
    assert_eq!(again["code"], "already_subscribed", "{again}");
    webhooks(&platform).await;

    let mut browser = platform.browser().unwrap();
    for _ in 0..2 {
        let page = call(&platform, "POST", "/billing/portal", json!({})).await;
        let shown = browser.open(page["url"].as_str().unwrap()).await.unwrap();
        assert_eq!(shown.status, 200, "{}", shown.page.text);
        stripe.clock().advance(Duration::from_secs(600));
    }

    let customer = stripe.customers().remove(0);
    stripe.delete_customer(&customer).unwrap();
    webhooks(&platform).await;
    assert_eq!(view(&platform).await["plan"], "free");
    let checkout = call(&platform, "POST", "/billing/checkout", plan).await;
    stripe.pay(checkout["url"].as_str().unwrap()).unwrap();
    webhooks(&platform).await;
    assert_eq!(view(&platform).await["plan"], "starter");
    assert_ne!(stripe.customers().remove(0), customer);
}
