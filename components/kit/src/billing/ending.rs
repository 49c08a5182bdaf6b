//! Whoever uninstalled the app is not charged any more.
//!
//! What is to be ended is not remembered anywhere: it is whatever renews at Stripe while no portal has the app for it. So
//! nothing of it can be lost, however the portal left, and whatever fails is tried again by a later tick.

use crate::config;
use crate::error::Result;
use crate::log::{self, Level};
use crate::ports::Ports;
use crate::store::Store;
use crate::store::billing::Customer;
use crate::stripe::{Stripe, StripeError};

/// Customers read at a time.
const PAGE: i64 = 50;

/// Has the subscriptions of portals that left end at Stripe, until the deadline (unix milliseconds). What is paid stays
/// paid: a portal that comes back within its period has its plan.
///
/// Of several failures each is logged, and none keeps the others waiting.
///
/// # Errors
/// Where the database does not answer, or the deployment is not configured.
pub(crate) async fn end_left<P: Ports>(ports: &P, deadline: i64) -> Result<()> {
    if !config::billing(ports)? {
        return Ok(());
    }
    let store = Store::new(ports);
    let mut after = String::new();
    loop {
        let page = store.renewing_without_portal(&after, PAGE).await?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after.clone_from(&last.id);
        for customer in &page {
            if ports.now() >= deadline {
                return Ok(());
            }
            let (level, code) = match end(ports, customer).await {
                Ok(()) => {
                    store.stop_renewal(customer).await?;
                    (Level::Info, None)
                }
                Err(error) => (Level::Warn, Some(error.code().to_owned())),
            };
            let fields = [
                ("customer", customer.id.as_str().into()),
                ("portal", customer.portal.into()),
                ("code", code.into()),
            ];
            log::write(ports, level, "subscription_ended", &fields);
        }
    }
}

/// What the customer has of others stays.
async fn end<P: Ports>(ports: &P, customer: &Customer) -> Result<(), StripeError> {
    let stripe = Stripe::from_variables(ports)?;
    let subscriptions = match stripe.subscriptions(&customer.id).await {
        // The customer is gone, and all subscriptions with it.
        Err(error) if error.is_missing() => return Ok(()),
        subscriptions => subscriptions?,
    };
    for subscription in &subscriptions {
        if subscription.is_ours() && subscription.renews() {
            stripe.end(subscription).await?;
        }
    }
    Ok(())
}
