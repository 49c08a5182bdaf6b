//! `POST /billing/checkout` and `POST /billing/portal`: an admin goes to Stripe's pages, to subscribe or to change that.

use maud::html;
use serde_json::Map;
use sync300_plans::{Plan, Status, by_id};

use super::refresh::{gone, refresh};
use super::require_billing;
use crate::caller::{Caller, Reply, as_admin};
use crate::config;
use crate::oauth::pkce;
use crate::page;
use crate::ports::Ports;
use crate::store::Store;
use crate::store::billing::Customer;
use crate::stripe::Stripe;
use crate::stripe::api::{Checkout, Page};
use crate::stripe::subscription::Subscription;
use crate::surface::cors::is_hubspot_app_host;
use crate::surface::{Answer, Incoming, Problem};

/// A repeated click within this time leads to the same page.
const KEY_MILLIS: i64 = 60 * 60 * 1_000;
/// How often a customer or a page that is over is followed by another within that time.
const ATTEMPTS: usize = 8;

/// Begins a subscription: `{"plan":"professional","interval":"monthly"}` gives `{"ok":true,"url":…}`.
pub async fn checkout<P: Ports>(ports: &P, incoming: &Incoming) -> Answer {
    as_admin(ports, incoming, async |caller| {
        require_billing(ports)?;
        let fields = incoming.fields()?;
        let key = lookup_key(fields.get("plan"), fields.get("interval"))?;
        let stripe = Stripe::from_variables(ports)?;
        let price = stripe.price(key).await?.ok_or_else(|| Problem {
            detail: Some(key.to_owned()),
            ..Problem::new(503, "no_price", "This plan cannot be bought at the moment.")
                .action("Quote the reference to support.")
        })?;
        let customer = buyer(ports, &stripe, caller).await?;
        let back = return_to(ports, caller)?;
        let checkout = Checkout {
            customer: &customer.id,
            price: &price,
            portal: caller.portal,
            success_url: &back,
            cancel_url: &back,
        };
        let key = idempotency_key(ports, caller, &customer, &price);
        let page = only_page(&stripe, &checkout, &key).await?;
        // What was paid while the others were being closed is seen now; from here on this page alone can be paid.
        if subscribed(&stripe.subscriptions(&customer.id).await?) {
            stripe.close_checkout(&page.id).await?;
            return Err(already_subscribed(ports, &customer).await?);
        }
        Ok(leave_for(page.url, "Subscribe at Stripe"))
    })
    .await
}

/// Leads to Stripe's page on which the plan is changed, the card, or the subscription ended: `{"ok":true,"url":…}`.
pub async fn portal<P: Ports>(ports: &P, incoming: &Incoming) -> Answer {
    as_admin(ports, incoming, async |caller| {
        require_billing(ports)?;
        let customer = Store::new(ports).customer_of(caller.portal).await?;
        let Some(customer) = customer.filter(|customer| customer.subscription.is_some()) else {
            return Err(Problem::new(
                409,
                "no_subscription",
                "There is no subscription to change.",
            )
            .action("Choose a plan first."));
        };
        let back = return_to(ports, caller)?;
        // Such a page is soon over: each click has its own, and a key only for what is sent twice.
        let key = format!("sync300-portal-{}", pkce::verifier(ports)?.expose());
        let url = Stripe::from_variables(ports)?
            .portal(&customer.id, &back, &key)
            .await?;
        Ok(leave_for(url, "Change the subscription at Stripe"))
    })
    .await
}

/// Who buys: a customer whom Stripe knows, and who has no subscription of ours that stands. What is kept here may lag, so
/// Stripe is asked.
async fn buyer<P: Ports>(
    ports: &P,
    stripe: &Stripe<'_, P>,
    caller: &Caller,
) -> Result<Customer, Problem> {
    for _ in 0..ATTEMPTS {
        let customer = customer_of(ports, stripe, caller).await?;
        let subscriptions = match stripe.subscriptions(&customer.id).await {
            // Deleted at Stripe, which we were not told yet.
            Err(error) if error.is_missing() => {
                gone(ports, &customer.id).await?;
                continue;
            }
            subscriptions => subscriptions?,
        };
        return match subscribed(&subscriptions) {
            true => Err(already_subscribed(ports, &customer).await?),
            false => Ok(customer),
        };
    }
    Err(not_ready())
}

/// Whether one of ours is not over.
fn subscribed(subscriptions: &[Subscription]) -> bool {
    subscriptions
        .iter()
        .any(|one| one.is_ours() && stands(&one.status))
}

/// Whoever has a subscription is sent to change it; what is kept of it is brought in line.
async fn already_subscribed<P: Ports>(ports: &P, customer: &Customer) -> Result<Problem, Problem> {
    refresh(ports, &customer.id).await?;
    Ok(Problem::new(
        409,
        "already_subscribed",
        "There is a subscription already: a second one would be paid beside it.",
    )
    .action("Change the plan on Stripe's page for the subscription."))
}

/// The only page on which this customer can pay from now on: the others that are open are closed. A page that the key stands
/// for and that is over is followed by another, the same for everyone who finds it so.
async fn only_page<P: Ports>(
    stripe: &Stripe<'_, P>,
    checkout: &Checkout<'_>,
    key: &str,
) -> Result<Page, Problem> {
    let mut of_this_wish = key.to_owned();
    for _ in 0..ATTEMPTS {
        let page = stripe.checkout(checkout, &of_this_wish).await?;
        let open = stripe.open_checkouts(checkout.customer).await?;
        if !open.contains(&page.id) {
            of_this_wish = format!("{key}-{}", page.id);
            continue;
        }
        for other in open.iter().filter(|id| **id != page.id) {
            stripe.close_checkout(other).await?;
        }
        return Ok(page);
    }
    Err(not_ready())
}

/// The price that stands for a plan and an interval.
fn lookup_key(plan: Option<&str>, interval: Option<&str>) -> Result<&'static str, Problem> {
    let unknown = || {
        Problem::new(422, "plan_unknown", "There is no such plan to buy.")
            .action("Choose one of the plans that are offered.")
    };
    let plan: &Plan = plan.and_then(by_id).ok_or_else(unknown)?;
    let place = match interval {
        None | Some("monthly") => 0,
        Some("yearly") => 1,
        Some(_) => return Err(unknown()),
    };
    plan.lookup_keys.get(place).copied().ok_or_else(unknown)
}

/// Whether a subscription is not over. One in a status that is not known here may well stand.
fn stands(status: &str) -> bool {
    Status::from_name(status).is_none_or(|status| !status.is_over())
}

/// The portal's customer at Stripe, added where there is none. Whoever comes second is given the first one's: the key is
/// the portal's. One that is over stays what its key stands for, so the next one's key is made of it.
async fn customer_of<P: Ports>(
    ports: &P,
    stripe: &Stripe<'_, P>,
    caller: &Caller,
) -> Result<Customer, Problem> {
    let store = Store::new(ports);
    let portal = caller.portal;
    let mut key = format!("sync300-customer-{portal}-{}", ports.now() / KEY_MILLIS);
    for _ in 0..ATTEMPTS {
        if let Some(customer) = store.customer_of(portal).await? {
            return Ok(customer);
        }
        let id = stripe.add_customer(portal, &key).await?;
        let bound = store.bind_customer(&id, portal).await?;
        if !bound && store.customer(&id).await?.is_some() {
            key = format!("sync300-customer-{portal}-{id}");
        }
    }
    Err(not_ready())
}

fn not_ready() -> Problem {
    Problem::new(503, "try_again", "The account at Stripe is not ready yet.")
        .action("Try again in a minute.")
}

/// One for what is the same wish: the same portal, price and state, within the hour. Anything that was bought or ended
/// since makes it another.
fn idempotency_key<P: Ports>(
    ports: &P,
    caller: &Caller,
    customer: &Customer,
    price: &str,
) -> String {
    let hour = ports.now() / KEY_MILLIS;
    format!(
        "sync300-checkout-{}-{}-{}-{price}-{hour}",
        caller.portal, customer.id, customer.revision
    )
}

/// The app's settings in HubSpot; our own page where no app id is configured.
fn return_to<P: Ports>(ports: &P, caller: &Caller) -> Result<String, Problem> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let app = ports
        .variable("hubspot_app_id")
        .filter(|id| digits(id.expose()));
    let Some(app) = app else {
        return Ok(format!("{}/billing", config::public_url(ports)?));
    };
    let configured = config::hubspot_app_url(ports)?;
    let pages =
        match configured == config::HUBSPOT_APP_URL && is_hubspot_app_host(&caller.ui_domain) {
            true => format!("https://{}", caller.ui_domain),
            false => configured,
        };
    Ok(format!(
        "{pages}/integrations-settings/{}/installed/framework/{}/general-settings",
        caller.portal,
        app.expose()
    ))
}

/// A person goes on by a link: a form may not be answered by sending a browser to another site.
fn leave_for(url: String, words: &str) -> Reply {
    let content = html! {
        p { "Payment details are entered at Stripe, and are never seen here." }
        p { a.button href=(url) rel="noreferrer" { (words) } }
    };
    let mut json = Map::new();
    json.insert("url".to_owned(), url.into());
    Reply {
        json,
        page: page::Page::new(words, content),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_and_an_interval_are_a_price() {
        assert_eq!(
            lookup_key(Some("professional"), None).unwrap(),
            "sync300_professional_monthly"
        );
        assert_eq!(
            lookup_key(Some("starter"), Some("yearly")).unwrap(),
            "sync300_starter_yearly"
        );
        for (plan, interval) in [
            (None, None),
            (Some("free"), None),
            (Some("gold"), None),
            (Some("starter"), Some("weekly")),
            (Some("sync300_starter_monthly"), None),
        ] {
            assert_eq!(lookup_key(plan, interval).unwrap_err().code, "plan_unknown");
        }
    }

    #[test]
    fn what_is_not_over_stands() {
        for status in [
            "active",
            "trialing",
            "past_due",
            "unpaid",
            "paused",
            "incomplete",
            "of_tomorrow",
        ] {
            assert!(stands(status), "{status}");
        }
        assert!(!stands("canceled") && !stands("incomplete_expired"));
    }
}
