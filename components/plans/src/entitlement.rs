//! What a portal may do: its plan, and how its subscription stands.

use crate::{FREE, Feature, Plan};

/// How long a payment may be late before syncing stops: 7 days.
pub const GRACE_MILLIS: i64 = 7 * 24 * 60 * 60 * 1_000;

/// `Subscription.status` (Stripe API 2026-10-28). A status that Stripe adds later is none of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// In its trial.
    Trialing,
    /// Paid.
    Active,
    /// A payment failed, and is tried again.
    PastDue,
    /// Payments failed for good; the subscription still stands.
    Unpaid,
    /// Over.
    Canceled,
    /// The first payment has not gone through.
    Incomplete,
    /// The first payment never went through: over.
    IncompleteExpired,
    /// The trial ended without a payment method.
    Paused,
}

impl Status {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Trialing,
        Self::Active,
        Self::PastDue,
        Self::Unpaid,
        Self::Canceled,
        Self::Incomplete,
        Self::IncompleteExpired,
        Self::Paused,
    ];

    /// Stripe's word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Trialing => "trialing",
            Self::Active => "active",
            Self::PastDue => "past_due",
            Self::Unpaid => "unpaid",
            Self::Canceled => "canceled",
            Self::Incomplete => "incomplete",
            Self::IncompleteExpired => "incomplete_expired",
            Self::Paused => "paused",
        }
    }

    /// From Stripe's word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }

    /// Whether no subscription stands any more.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Canceled | Self::IncompleteExpired)
    }
}

/// Whether records may travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syncing {
    /// Yes.
    Allowed,
    /// Yes, but a payment is late, and only until this time (unix milliseconds).
    Grace(i64),
    /// No, until the subscription is put right.
    Blocked,
}

/// Why something is not allowed, and which plan has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Denied {
    /// A bare word: `plan_payment`, `plan_frequency`, `plan_mappings`, `plan_connections`, `plan_records`.
    pub code: &'static str,
    /// The first plan that would allow it; none where none does, or where a payment is what is missing.
    pub plan: Option<&'static Plan>,
}

/// A portal's plan and how it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entitlement {
    /// What is paid for; Free where nothing is.
    pub plan: &'static Plan,
    /// Whether records may travel.
    pub syncing: Syncing,
}

impl Entitlement {
    /// What a portal without a subscription has.
    pub const FREE: Self = Self {
        plan: FREE,
        syncing: Syncing::Allowed,
    };

    /// From a subscription's plan and status; `since` is when it was first seen in this status (unix milliseconds).
    ///
    /// - trialing, active: all of the plan;
    /// - past due: all of the plan for 7 days, then no syncing;
    /// - over (canceled, or never begun): what Free allows;
    /// - anything else: no syncing, while reading, settings and leaving stay open.
    pub fn of(plan: &'static Plan, status: Status, since: i64, now: i64) -> Self {
        let syncing = match status {
            Status::Trialing | Status::Active => Syncing::Allowed,
            Status::Canceled | Status::IncompleteExpired => return Self::FREE,
            Status::PastDue => {
                let until = since.saturating_add(GRACE_MILLIS);
                match now < until {
                    true => Syncing::Grace(until),
                    false => Syncing::Blocked,
                }
            }
            Status::Unpaid | Status::Incomplete | Status::Paused => Syncing::Blocked,
        };
        Self { plan, syncing }
    }

    /// The one place that decides.
    pub fn allows(&self, feature: Feature) -> Result<(), Denied> {
        let code = match feature {
            Feature::Syncing if self.syncing == Syncing::Blocked => {
                return Err(Denied {
                    code: "plan_payment",
                    plan: None,
                });
            }
            Feature::Syncing => return Ok(()),
            Feature::Frequency(_) => "plan_frequency",
            Feature::CustomMappings => "plan_mappings",
            Feature::Connections(_) => "plan_connections",
            Feature::Record(_) => "plan_records",
        };
        if self.plan.includes(feature) {
            return Ok(());
        }
        Err(Denied {
            code,
            plan: Plan::first_with(feature),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::by_id;

    const NOW: i64 = 1_800_000_000_000;

    fn professional(status: Status, since: i64) -> Entitlement {
        Entitlement::of(by_id("professional").unwrap(), status, since, NOW)
    }

    /// trialing and active allow; past due for 7 days; what is over falls back to Free; the rest blocks.
    #[test]
    fn each_status_has_its_meaning() {
        for status in Status::ALL {
            let entitlement = professional(status, NOW);
            let expected = match status {
                Status::Trialing | Status::Active => ("professional", Syncing::Allowed),
                Status::PastDue => ("professional", Syncing::Grace(NOW + GRACE_MILLIS)),
                Status::Canceled | Status::IncompleteExpired => ("free", Syncing::Allowed),
                Status::Unpaid | Status::Incomplete | Status::Paused => {
                    ("professional", Syncing::Blocked)
                }
            };
            assert_eq!(
                (entitlement.plan.id, entitlement.syncing),
                expected,
                "{status:?}"
            );
            assert_eq!(Status::from_name(status.name()), Some(status));
        }
        assert_eq!(Status::from_name("hibernating"), None);
    }

    #[test]
    fn grace_ends_after_seven_days() {
        let at = |age| {
            professional(Status::PastDue, NOW - age)
                .allows(Feature::Syncing)
                .is_ok()
        };
        assert!(at(0) && at(GRACE_MILLIS - 1));
        assert!(!at(GRACE_MILLIS));
    }

    /// S0-46: refused, with the plan that has it.
    #[test]
    fn a_denial_names_the_way_up() {
        let denied = Entitlement::FREE.allows(Feature::Frequency(5)).unwrap_err();
        assert_eq!(
            (denied.code, denied.plan.unwrap().id),
            ("plan_frequency", "professional")
        );
        let blocked = professional(Status::Unpaid, NOW)
            .allows(Feature::Syncing)
            .unwrap_err();
        assert_eq!(
            blocked,
            Denied {
                code: "plan_payment",
                plan: None
            }
        );
    }

    /// A blocked subscription still has its plan's settings: only records do not travel.
    #[test]
    fn a_block_is_for_syncing_alone() {
        let unpaid = professional(Status::Unpaid, NOW);
        assert!(unpaid.allows(Feature::Frequency(5)).is_ok());
        assert!(unpaid.allows(Feature::CustomMappings).is_ok());
    }
}
