//! What a customer's subscriptions come to: one plan, one status, one period.

use serde::Deserialize;
use sync300_plans::{Plan, Status, by_id, by_lookup_key};

use super::event::portal_id;

/// A subscription (Stripe API, "The Subscription object"), as far as it is looked at.
#[derive(Debug, Clone, Deserialize)]
pub struct Subscription {
    /// `sub_…`.
    pub id: String,
    /// Stripe's word; more may come.
    pub status: String,
    /// What is paid for.
    pub items: Items,
    /// End of the period, in unix seconds: where versions before 2025-03-31 have it.
    #[serde(default)]
    pub current_period_end: Option<i64>,
    /// Whether it ends with the period.
    #[serde(default)]
    pub cancel_at_period_end: bool,
    /// When it ends, in unix seconds, where that is fixed.
    #[serde(default)]
    pub cancel_at: Option<i64>,
    /// Ours among others' entries.
    #[serde(default)]
    pub metadata: Option<Metadata>,
}

/// The list of items.
#[derive(Debug, Clone, Deserialize)]
pub struct Items {
    /// In Stripe's order.
    pub data: Vec<Item>,
}

/// One price within a subscription.
#[derive(Debug, Clone, Deserialize)]
pub struct Item {
    /// What it costs, and what it is called.
    pub price: Price,
    /// End of the period, in unix seconds: where versions since 2025-03-31 have it.
    #[serde(default)]
    pub current_period_end: Option<i64>,
}

/// A price.
#[derive(Debug, Clone, Deserialize)]
pub struct Price {
    /// What we know it by.
    #[serde(default)]
    pub lookup_key: Option<String>,
    /// Ours among others' entries.
    #[serde(default)]
    pub metadata: Option<Metadata>,
}

/// Entries that we put there; others are not read.
#[derive(Debug, Clone, Deserialize)]
pub struct Metadata {
    /// Under [`super::PORTAL_KEY`].
    #[serde(default, rename = "sync300_portal_id")]
    pub portal: Option<String>,
    /// Under [`super::PLAN_KEY`].
    #[serde(default, rename = "sync300_plan")]
    pub plan: Option<String>,
}

/// What a customer's subscriptions come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// One of our plans.
    Known {
        /// Which.
        plan: &'static Plan,
        /// How it stands.
        status: Status,
        /// End of the period that is paid or to be paid, in unix milliseconds.
        period_end: Option<i64>,
        /// How many subscriptions go on, and are charged, after their period: one, where nobody pays twice.
        renews: i64,
    },
    /// The customer has no subscription, and never had one.
    None,
    /// Something that is not known here: the last good state stays, and the operator looks at it.
    Unclear {
        /// The subscription.
        subscription: String,
        /// `foreign_product` or `unknown_status`.
        reason: &'static str,
    },
}

impl Price {
    fn plan(&self) -> Option<&'static Plan> {
        let named = || by_id(self.metadata.as_ref()?.plan.as_deref()?);
        self.lookup_key
            .as_deref()
            .and_then(by_lookup_key)
            .or_else(named)
    }
}

impl Subscription {
    /// The highest of our plans among its items.
    fn plan(&self) -> Option<&'static Plan> {
        let plans = self.items.data.iter().filter_map(|item| item.price.plan());
        plans.max_by_key(|plan| plan.rank())
    }

    /// In unix milliseconds: the latest of the items', else the subscription's own.
    fn period_end(&self) -> Option<i64> {
        let items = self
            .items
            .data
            .iter()
            .filter_map(|item| item.current_period_end);
        let seconds = items.max().or(self.current_period_end)?;
        seconds.checked_mul(1_000)
    }

    /// Whether it pays for one of our plans, or was bought for a portal here.
    pub fn is_ours(&self) -> bool {
        self.plan().is_some() || self.portal().is_some()
    }

    /// Whether it goes on, and is charged, after its period. One in a status that is not known here may well do so.
    pub fn renews(&self) -> bool {
        let over = Status::from_name(&self.status).is_some_and(Status::is_over);
        !over && !self.cancel_at_period_end && self.cancel_at.is_none()
    }

    /// The portal it was bought for.
    pub fn portal(&self) -> Option<i64> {
        portal_id(self.metadata.as_ref()?.portal.as_deref()?)
    }
}

/// What counts where a customer has several: what is paid before what is not, what is due before what is over; then the
/// higher plan, then the longer period.
fn weight(status: Status) -> u8 {
    match status {
        Status::Active | Status::Trialing => 6,
        Status::PastDue => 5,
        Status::Unpaid => 4,
        Status::Paused => 3,
        Status::Incomplete => 2,
        Status::Canceled => 1,
        Status::IncompleteExpired => 0,
    }
}

/// What a customer's subscriptions come to. Those for products of others are left aside where there is one of ours.
pub fn standing(subscriptions: &[Subscription]) -> Standing {
    let ours: Vec<(&Subscription, &'static Plan)> = subscriptions
        .iter()
        .filter_map(|subscription| Some((subscription, subscription.plan()?)))
        .collect();
    let known = ours.iter().filter_map(|(subscription, plan)| {
        let status = Status::from_name(&subscription.status)?;
        Some((status, *plan, subscription.period_end()))
    });
    let best = known.max_by_key(|(status, plan, end)| (weight(*status), plan.rank(), *end));
    let puzzle = ours
        .iter()
        .find(|(subscription, _)| Status::from_name(&subscription.status).is_none());
    let renewing = ours
        .iter()
        .filter(|(subscription, _)| subscription.renews());
    let renews = i64::try_from(renewing.count()).unwrap_or(i64::MAX);
    match (best, puzzle, subscriptions.first()) {
        // A status of tomorrow may be a good one: it does not end what a known good one grants, nor is it ended by a bad one.
        (Some((status @ (Status::Active | Status::Trialing), plan, period_end)), _, _)
        | (Some((status, plan, period_end)), None, _) => Standing::Known {
            plan,
            status,
            period_end,
            renews,
        },
        (_, Some((subscription, _)), _) => Standing::Unclear {
            subscription: subscription.id.clone(),
            reason: "unknown_status",
        },
        (None, None, Some(foreign)) => Standing::Unclear {
            subscription: foreign.id.clone(),
            reason: "foreign_product",
        },
        (None, None, None) => Standing::None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{PLAN_KEY, PORTAL_KEY};
    use super::*;
    use serde_json::{Value, json};

    fn one(key: &str, status: &str, end: i64) -> Value {
        json!({
            "id": format!("sub_{status}"), "status": status, "customer": "cus_1",
            "items": { "data": [{ "price": { "id": "price_1", "lookup_key": key }, "current_period_end": end }] }
        })
    }

    fn of(subscriptions: Value) -> Standing {
        let subscriptions: Vec<Subscription> = serde_json::from_value(subscriptions).unwrap();
        standing(&subscriptions)
    }

    fn known(id: &str, status: Status, seconds: i64) -> Standing {
        Standing::Known {
            plan: by_id(id).unwrap(),
            status,
            period_end: Some(seconds * 1_000),
            renews: i64::from(!status.is_over()),
        }
    }

    #[test]
    fn a_subscription_is_read() {
        assert_eq!(
            of(json!([one("sync300_professional_monthly", "active", 500)])),
            known("professional", Status::Active, 500)
        );
        assert_eq!(of(json!([])), Standing::None);
    }

    /// The period's end stands on items since 2025-03-31, on the subscription before.
    #[test]
    fn the_period_s_end_is_found_in_either_place() {
        let mut old = one("sync300_starter_monthly", "active", 0);
        old["items"]["data"][0]["current_period_end"] = Value::Null;
        old["current_period_end"] = json!(900);
        assert_eq!(
            of(json!([old.clone()])),
            known("starter", Status::Active, 900)
        );
        old["items"]["data"][0]["current_period_end"] = json!(950);
        assert_eq!(of(json!([old])), known("starter", Status::Active, 950));
    }

    /// What is paid counts before what is over, in whatever order Stripe lists them.
    #[test]
    fn the_best_of_several_counts() {
        let over = one("sync300_enterprise_yearly", "canceled", 900);
        let paid = one("sync300_starter_monthly", "trialing", 500);
        for list in [json!([over, paid]), json!([paid, over])] {
            assert_eq!(of(list), known("starter", Status::Trialing, 500));
        }
        let twice = of(json!([paid, one("sync300_starter_monthly", "active", 400)]));
        assert!(
            matches!(twice, Standing::Known { renews: 2, .. }),
            "{twice:?}"
        );
    }

    /// What is canceled at the period's end, or at a date, is not charged again, however it stands until then.
    #[test]
    fn what_ends_does_not_renew() {
        let renews = |change: Value| {
            let mut one = one("sync300_starter_monthly", "active", 500);
            one.as_object_mut()
                .unwrap()
                .extend(change.as_object().unwrap().clone());
            match of(json!([one])) {
                Standing::Known { renews, .. } => renews == 1,
                other => panic!("{other:?}"),
            }
        };
        assert!(renews(json!({})));
        assert!(renews(
            json!({ "cancel_at_period_end": false, "cancel_at": null })
        ));
        assert!(renews(json!({ "status": "unpaid" })));
        assert!(!renews(json!({ "cancel_at_period_end": true })));
        assert!(!renews(json!({ "cancel_at": 500 })));
        assert!(!renews(json!({ "status": "canceled" })));
    }

    #[test]
    fn metadata_is_found_under_its_keys() {
        let entries = json!({ PORTAL_KEY: "77", PLAN_KEY: "starter", "nickname": "Ada" });
        let read: Metadata = serde_json::from_value(entries).unwrap();
        assert_eq!(
            (read.portal.as_deref(), read.plan.as_deref()),
            (Some("77"), Some("starter"))
        );
    }

    #[test]
    fn a_price_that_lost_its_key_names_its_plan() {
        let mut grandfathered = one("", "active", 500);
        grandfathered["items"]["data"][0]["price"] = json!({ "id": "price_old", "lookup_key": null, "metadata": { "sync300_plan": "professional" } });
        assert_eq!(
            of(json!([grandfathered])),
            known("professional", Status::Active, 500)
        );
    }

    /// Of another product, of an unknown plan, in an unknown status: the last good state stays.
    #[test]
    fn what_is_not_known_changes_nothing() {
        let unclear = |reason, subscription: &str| Standing::Unclear {
            subscription: subscription.to_owned(),
            reason,
        };
        assert_eq!(
            of(json!([one("another_product", "active", 500)])),
            unclear("foreign_product", "sub_active")
        );
        let puzzle = one("sync300_starter_monthly", "hibernating", 500);
        assert_eq!(
            of(json!([puzzle])),
            unclear("unknown_status", "sub_hibernating")
        );
        let over = one("sync300_starter_monthly", "canceled", 500);
        assert_eq!(
            of(json!([over, puzzle])),
            unclear("unknown_status", "sub_hibernating")
        );
        let paid = one("sync300_starter_monthly", "active", 500);
        // What is not known may well be charged too.
        assert!(matches!(
            of(json!([puzzle, paid])),
            Standing::Known { plan, status: Status::Active, renews: 2, .. } if plan.id == "starter"
        ));
        let foreign = one("another_product", "active", 500);
        assert_eq!(
            of(json!([foreign, over])),
            known("starter", Status::Canceled, 500)
        );
    }

    /// The shapes of Stripe's own fixtures are read.
    #[test]
    fn more_fields_than_these_do_no_harm() {
        let text = r#"{"id":"sub_1","object":"subscription","status":"active","customer":{"id":"cus_1","object":"customer"},
            "items":{"object":"list","has_more":false,"data":[{"id":"si_1","quantity":1,"current_period_end":976287773,
            "price":{"id":"price_1","object":"price","lookup_key":null,"metadata":{}}}]},"metadata":{}}"#;
        let subscription: Subscription = serde_json::from_str(text).unwrap();
        assert_eq!(subscription.period_end(), Some(976_287_773_000));
        assert_eq!(subscription.portal(), None);
    }
}
