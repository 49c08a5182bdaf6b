//! The plans (`plans.toml`), and the one place that decides what a portal's plan allows.
//!
//! Pure, and small enough for every component: a table of constants and a few comparisons.
#![forbid(unsafe_code)]

mod entitlement;

pub use entitlement::{Denied, Entitlement, GRACE_MILLIS, Status, Syncing};

include!(concat!(env!("OUT_DIR"), "/plans.rs"));

/// A plan.
#[derive(Debug, PartialEq, Eq)]
pub struct Plan {
    /// What is stored, e.g. `professional`.
    pub id: &'static str,
    /// What people read.
    pub name: &'static str,
    /// Of Stripe's prices for it, monthly first.
    pub lookup_keys: &'static [&'static str],
    /// Records created, updated or linked in a calendar month (UTC); none = unlimited.
    pub records_per_month: Option<u32>,
    /// Minutes between scheduled runs that may be chosen, rising. Manual only is on every plan.
    pub frequencies: &'static [u32],
    /// Connected systems; none = unlimited.
    pub connections: Option<u32>,
    /// Flags.
    pub features: &'static [&'static str],
}

/// Something that a plan may or may not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Feature {
    /// Any syncing at all: subscriptions in trouble block it.
    Syncing,
    /// A run every so many minutes; 0 = manual only (S0-46 to S0-51).
    Frequency(i64),
    /// Mappings that are not the connector's own (S3-11, S3-12).
    CustomMappings,
    /// So many connections at once.
    Connections(i64),
    /// One record more in a month that has seen so many.
    Record(i64),
}

/// A plan by its id.
pub fn by_id(id: &str) -> Option<&'static Plan> {
    PLANS.iter().find(|plan| plan.id == id)
}

/// The plan that a price of Stripe's pays for, by the price's lookup key.
pub fn by_lookup_key(key: &str) -> Option<&'static Plan> {
    PLANS.iter().find(|plan| plan.lookup_keys.contains(&key))
}

impl Plan {
    /// Its place in the rising order.
    pub fn rank(&self) -> usize {
        PLANS
            .iter()
            .position(|plan| plan.id == self.id)
            .unwrap_or(0)
    }

    /// The interval that comes nearest to the chosen one without being shorter than the plan allows.
    pub fn nearest_frequency(&self, minutes: i64) -> i64 {
        if minutes == 0 {
            return 0;
        }
        self.frequencies
            .iter()
            .map(|allowed| i64::from(*allowed))
            .find(|allowed| *allowed >= minutes)
            .or(self.frequencies.last().map(|last| i64::from(*last)))
            .unwrap_or(0)
    }

    /// Whether the plan has it, whatever the state of the subscription.
    pub fn includes(&self, feature: Feature) -> bool {
        let within =
            |limit: Option<u32>, count: i64| limit.is_none_or(|limit| count <= i64::from(limit));
        match feature {
            Feature::Syncing => true,
            Feature::Frequency(minutes) => {
                minutes == 0
                    || self
                        .frequencies
                        .iter()
                        .any(|allowed| i64::from(*allowed) == minutes)
            }
            Feature::CustomMappings => self.features.contains(&"custom_mappings"),
            Feature::Connections(count) => within(self.connections, count),
            Feature::Record(seen) => within(self.records_per_month, seen.saturating_add(1)),
        }
    }

    /// The first plan that has it; none where none has.
    pub fn first_with(feature: Feature) -> Option<&'static Self> {
        PLANS.iter().find(|plan| plan.includes(feature))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(id: &str) -> &'static Plan {
        by_id(id).unwrap()
    }

    /// S0-17, S0-46: five minutes are for Professional and Enterprise alone.
    #[test]
    fn five_minutes_are_for_the_upper_plans() {
        let who: Vec<&str> = PLANS
            .iter()
            .filter(|plan| plan.includes(Feature::Frequency(5)))
            .map(|plan| plan.id)
            .collect();
        assert_eq!(who, ["professional", "enterprise"]);
    }

    /// S0-47, S0-48, S0-49, S0-50, S0-51: 15 and 30 minutes, an hour, a day and manual only are on all plans; nothing else is on any.
    #[test]
    fn the_other_frequencies_are_for_all() {
        for plan in PLANS {
            for minutes in [0, 15, 30, 60, 1_440] {
                assert!(
                    plan.includes(Feature::Frequency(minutes)),
                    "{} {minutes}",
                    plan.id
                );
            }
            for minutes in [-5, 1, 10, 45, 10_080] {
                assert!(
                    !plan.includes(Feature::Frequency(minutes)),
                    "{} {minutes}",
                    plan.id
                );
            }
        }
    }

    /// S3-11, S3-12: Free chooses among the defaults, whoever pays edits.
    #[test]
    fn custom_mappings_are_paid() {
        for plan in PLANS {
            let paid = !plan.lookup_keys.is_empty();
            assert_eq!(plan.includes(Feature::CustomMappings), paid, "{}", plan.id);
        }
        assert_eq!(FREE, plan("free"));
    }

    /// S1-18: the plan sets the number of records and of connections.
    #[test]
    fn limits_are_reached_and_not_passed() {
        let free = plan("free");
        assert!(free.includes(Feature::Record(999)) && !free.includes(Feature::Record(1_000)));
        assert!(free.includes(Feature::Connections(1)) && !free.includes(Feature::Connections(2)));
        assert!(plan("enterprise").includes(Feature::Record(i64::MAX)));
        assert!(plan("enterprise").includes(Feature::Connections(i64::MAX)));
    }

    /// No plan allows less than the one before it.
    #[test]
    fn plans_rise() {
        let limit = |limit: Option<u32>| limit.map_or(i64::MAX, i64::from);
        for pair in PLANS.windows(2) {
            let [lower, upper] = pair else { panic!("two") };
            assert!(limit(lower.records_per_month) < limit(upper.records_per_month));
            assert!(limit(lower.connections) < limit(upper.connections));
            assert!(
                lower
                    .frequencies
                    .iter()
                    .all(|at| upper.frequencies.contains(at))
            );
            assert!(
                lower
                    .features
                    .iter()
                    .all(|flag| upper.features.contains(flag))
            );
            assert!(lower.rank() < upper.rank());
        }
    }

    #[test]
    fn a_price_leads_to_its_plan() {
        assert_eq!(
            by_lookup_key("sync300_professional_yearly"),
            by_id("professional")
        );
        assert_eq!(by_lookup_key("pro_monthly"), None);
        assert_eq!(by_id("gold"), None);
    }

    /// S0-46: what is chosen beyond the plan falls back to the nearest that it has.
    #[test]
    fn a_frequency_falls_back_to_the_nearest() {
        for (minutes, nearest) in [
            (0, 0),
            (5, 15),
            (15, 15),
            (20, 30),
            (1_440, 1_440),
            (9_999, 1_440),
        ] {
            assert_eq!(
                plan("free").nearest_frequency(minutes),
                nearest,
                "{minutes}"
            );
        }
        assert_eq!(plan("professional").nearest_frequency(5), 5);
    }

    #[test]
    fn the_way_up_is_named() {
        let name = |feature| Plan::first_with(feature).map(|plan| plan.name);
        assert_eq!(name(Feature::Frequency(5)), Some("Professional"));
        assert_eq!(name(Feature::CustomMappings), Some("Starter"));
        assert_eq!(name(Feature::Frequency(7)), None);
    }

    /// The README's table is this file's.
    #[test]
    fn the_readme_has_the_same_plans() {
        let readme = include_str!("../../../README.md");
        let number = |limit: Option<u32>| {
            limit.map_or("unlimited".to_owned(), |limit| match limit {
                1_000.. => format!("{},{:03}", limit / 1_000, limit % 1_000),
                _ => limit.to_string(),
            })
        };
        for plan in PLANS {
            let fastest = plan.frequencies.first().unwrap();
            let mappings = match plan.includes(Feature::CustomMappings) {
                true => "custom",
                false => "defaults",
            };
            let keys: Vec<String> = plan
                .lookup_keys
                .iter()
                .map(|key| format!("`{key}`"))
                .collect();
            let keys = if keys.is_empty() {
                "none".to_owned()
            } else {
                keys.join(", ")
            };
            let row = format!(
                "| {} | {} | {fastest} min | {mappings} | {} | {keys} |",
                plan.name,
                number(plan.records_per_month),
                number(plan.connections),
            );
            assert!(readme.contains(&row), "the README lacks: {row}");
        }
    }
}
