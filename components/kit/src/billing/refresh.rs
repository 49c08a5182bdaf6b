//! Brings what is kept of a customer in line with Stripe.
//!
//! The subscriptions are fetched after the row's revision was read, and written only if the revision is still the same:
//! whoever writes has asked Stripe later than whoever wrote before. So events may come doubled, late and in any order.

use sync300_plans::Status;

use crate::audit::{self, Action};
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

/// Asks Stripe what a customer has, and keeps it. `named` is the portal that an event names: it counts only where the
/// customer is not known yet.
pub(super) async fn refresh<P: Ports>(
    ports: &P,
    id: &str,
    named: Option<i64>,
) -> Result<Refreshed, Trouble> {
    let store = Store::new(ports);
    let stripe = Stripe::from_variables(ports)?;
    for _ in 0..ATTEMPTS {
        let known = store.customer(id).await?;
        let subscriptions = stripe.subscriptions(id).await?;
        let customer = match known {
            Some(customer) => customer,
            None => {
                let Some(portal) = named.or_else(|| portal_of(&subscriptions)) else {
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
            tell(ports, &customer, plan.id, status).await?;
            return Ok(Refreshed::Current);
        }
    }
    Err(Trouble::Contended)
}

fn portal_of(subscriptions: &[Subscription]) -> Option<i64> {
    subscriptions.iter().find_map(Subscription::portal)
}

/// Another plan or status is written into the audit trail, and looked at by the next tick.
async fn tell<P: Ports>(
    ports: &P,
    before: &Customer,
    plan: &str,
    status: Status,
) -> Result<(), Trouble> {
    let same = before
        .subscription
        .as_ref()
        .is_some_and(|bought| bought.plan == plan && bought.status == status.name());
    let (false, Some(portal)) = (same, before.portal) else {
        return Ok(());
    };
    changed(ports, portal, &format!("{plan}_{}", status.name())).await
}

/// Notes that a portal's plan became another.
pub(super) async fn changed<P: Ports>(ports: &P, portal: i64, detail: &str) -> Result<(), Trouble> {
    let store = Store::new(ports);
    store.recheck_plan(portal).await?;
    audit::write(
        &store,
        portal,
        None,
        Action::PlanChanged,
        None,
        Some(detail),
    )
    .await?;
    log::write(
        ports,
        Level::Info,
        "plan_changed",
        &[("portal", portal.into()), ("to", detail.into())],
    );
    Ok(())
}
