//! Brings what is kept of a customer in line with Stripe.
//!
//! The subscriptions are fetched after the row's revision was read, and written only if the revision is still the same:
//! whoever writes has asked Stripe later than whoever wrote before. So events may come doubled, late and in any order.

use sync300_plans::Status;

use crate::log::{self, Level};
use crate::ports::Ports;
use crate::store::Store;
use crate::store::billing::{Customer, Subscribed};
use crate::stripe::subscription::{Standing, Subscription, standing};
use crate::stripe::{Stripe, StripeError};
use crate::surface::Problem;

/// How often another writer is given way to.
const ATTEMPTS: usize = 5;

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refreshed {
    /// What is kept is what Stripe says.
    Current,
    /// Stripe says something that is not known here: the last good state stays.
    Kept,
    /// The customer belongs to no portal here.
    Unknown,
}

/// What went wrong.
pub(super) enum Trouble {
    Kit(crate::Error),
    Stripe(StripeError),
    /// Others wrote all the time.
    Contended,
}

impl From<crate::Error> for Trouble {
    fn from(error: crate::Error) -> Self {
        Self::Kit(error)
    }
}

impl From<StripeError> for Trouble {
    fn from(error: StripeError) -> Self {
        Self::Stripe(error)
    }
}

impl From<Trouble> for Problem {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Kit(error) => error.into(),
            Trouble::Stripe(error) => error.into(),
            Trouble::Contended => Self::new(503, "try_again", "Several changes come at once.")
                .action("Try again in a minute."),
        }
    }
}

/// Asks Stripe what a customer has, and keeps it. Who is not known yet becomes the customer of the portal that one of the
/// subscriptions was bought for, as Stripe lists it; a customer whom Stripe does not know is gone.
pub(super) async fn refresh<P: Ports>(ports: &P, id: &str) -> Result<Refreshed, Trouble> {
    let store = Store::new(ports);
    let stripe = Stripe::from_variables(ports)?;
    for _ in 0..ATTEMPTS {
        let known = store.customer(id).await?;
        let subscriptions = match stripe.subscriptions(id).await {
            Err(error) if error.is_missing() => return gone(ports, id).await,
            subscriptions => subscriptions?,
        };
        let customer = match known {
            Some(customer) => customer,
            None => {
                let Some(portal) = portal_of(&subscriptions) else {
                    return Ok(Refreshed::Unknown);
                };
                if !store.bind_customer(id, portal).await? {
                    return Ok(Refreshed::Unknown);
                }
                // Read anew, so that the subscriptions are fetched after the revision.
                continue;
            }
        };
        let (plan, status, period_end, renews) = match standing(&subscriptions) {
            Standing::Known {
                plan,
                status,
                period_end,
                renews,
            } => (plan, status, period_end, renews),
            Standing::None => return Ok(Refreshed::Current),
            Standing::Unclear {
                subscription,
                reason,
            } => {
                let fields = [
                    ("customer", id.into()),
                    ("portal", customer.portal.into()),
                    ("subscription", subscription.into()),
                    ("code", reason.into()),
                ];
                log::write(ports, Level::Warn, "billing_unclear", &fields);
                return Ok(Refreshed::Kept);
            }
        };
        let standing = Subscribed {
            plan: plan.id.to_owned(),
            status: status.name().to_owned(),
            since: ports.now(),
            period_end,
            renews,
        };
        let written = store
            .put_subscription(&customer, &standing, status.is_over())
            .await?;
        if written {
            tell(ports, &customer, plan.id, status, renews);
            return Ok(Refreshed::Current);
        }
    }
    Err(Trouble::Contended)
}

/// The portal that a subscription of ours names: what a checkout of another product says counts for nothing.
fn portal_of(subscriptions: &[Subscription]) -> Option<i64> {
    let ours = subscriptions.iter().filter(|one| one.is_ours());
    ours.filter_map(Subscription::portal).next()
}

/// The customer was deleted at Stripe, and its subscriptions with it.
pub(super) async fn gone<P: Ports>(ports: &P, id: &str) -> Result<Refreshed, Trouble> {
    let store = Store::new(ports);
    let Some(customer) = store.customer(id).await? else {
        return Ok(Refreshed::Unknown);
    };
    store.end_customer(id).await?;
    if let Some(portal) = customer.portal {
        note_change(ports, portal, "customer_deleted");
    }
    Ok(Refreshed::Current)
}

/// Another plan or status: the statement that stored it has written it into the audit trail, and made connections due
/// (`migrations/0021_billing_and_erasure.sql`). And that more than one subscription is charged.
fn tell<P: Ports>(ports: &P, before: &Customer, plan: &str, status: Status, renews: i64) {
    let bought = before.subscription.as_ref();
    let same = bought.is_some_and(|bought| bought.plan == plan && bought.status == status.name());
    if let (false, Some(portal)) = (same, before.portal) {
        note_change(ports, portal, &format!("{plan}_{}", status.name()));
    }
    if renews > 1 && bought.is_none_or(|bought| bought.renews < renews) {
        let fields = [
            ("customer", before.id.as_str().into()),
            ("portal", before.portal.into()),
            ("subscriptions", renews.into()),
        ];
        log::write(ports, Level::Warn, "subscription_doubled", &fields);
    }
}

/// For the operator: a portal's plan became another.
fn note_change<P: Ports>(ports: &P, portal: i64, detail: &str) {
    log::write(
        ports,
        Level::Info,
        "plan_changed",
        &[("portal", portal.into()), ("to", detail.into())],
    );
}
