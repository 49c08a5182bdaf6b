//! What a portal's plan allows: every gate asks here, and [`sync300_plans`] decides.

use std::borrow::Cow;

use sync300_plans::{Denied, Entitlement, Feature, Status, by_id};

use crate::config;
use crate::core::catalog;
use crate::error::Result;
use crate::ports::Ports;
use crate::settings::{Rule, Settings};
use crate::store::Store;
use crate::surface::Problem;

/// A portal's plan, and how its subscription stands; none where the deployment does not bill, and everything is allowed.
pub async fn entitlement<P: Ports>(ports: &P, portal: i64) -> Result<Option<Entitlement>> {
    if !config::billing(ports)? {
        return Ok(None);
    }
    let customer = Store::new(ports).customer_of(portal).await?;
    let subscribed = customer.and_then(|customer| customer.subscription);
    Ok(Some(subscribed.map_or(Entitlement::FREE, |bought| {
        stored(&bought.plan, &bought.status, bought.since, ports.now())
    })))
}

/// From what is stored. A plan or status that is no longer known grants what Free does.
pub(crate) fn stored(plan: &str, status: &str, since: i64, now: i64) -> Entitlement {
    match (by_id(plan), Status::from_name(status)) {
        (Some(plan), Some(status)) => Entitlement::of(plan, status, since, now),
        _ => Entitlement::FREE,
    }
}

/// Whether a portal may have a feature.
pub async fn allowed<P: Ports>(
    ports: &P,
    portal: i64,
    feature: Feature,
) -> Result<Result<(), Denied>> {
    Ok(match entitlement(ports, portal).await? {
        Some(entitlement) => entitlement.allows(feature),
        None => Ok(()),
    })
}

/// Whether a portal's records may travel just now: paid, and not used up for this month.
pub async fn may_sync<P: Ports>(ports: &P, portal: i64) -> Result<Result<(), Denied>> {
    let Some(entitlement) = entitlement(ports, portal).await? else {
        return Ok(Ok(()));
    };
    let (_, usage) = Store::new(ports).usage(portal, None).await?;
    Ok(entitlement
        .allows(Feature::Syncing)
        .and_then(|()| entitlement.allows(Feature::Record(usage.records))))
}

/// Refuses what a portal's plan does not allow (S0-46: never silently another thing than was asked for).
pub async fn require<P: Ports>(ports: &P, portal: i64, feature: Feature) -> Result<(), Problem> {
    allowed(ports, portal, feature)
        .await?
        .map_err(|denied| problem(&denied))
}

/// A denial in words.
pub fn problem(denied: &Denied) -> Problem {
    let (message, otherwise) = explain(denied.code);
    let action: Cow<'static, str> = match denied.plan {
        Some(plan) => format!("Change to {} in the billing settings.", plan.name).into(),
        None => otherwise.into(),
    };
    Problem::new(402, denied.code, message).action(action)
}

/// What a plan's code says, and what to do: for settings, cards and history.
pub fn explain(code: &str) -> (&'static str, &'static str) {
    match code {
        "plan_payment" => (
            "Syncing is paused because the subscription is not paid. Settings, history and disconnecting still work, and nothing is lost: syncing goes on where it stood.",
            "Put the payment right in the billing settings.",
        ),
        "plan_records" => (
            "Syncing is paused because this month's records are used up. Nothing is lost: syncing goes on where it stood.",
            "Wait for the next month, or change to a larger plan in the billing settings.",
        ),
        "plan_connections" => (
            "This connection is paused because the plan has fewer connections. Those connected first go on.",
            "Disconnect another one, or change to a larger plan in the billing settings.",
        ),
        "plan_frequency" => (
            "The plan does not allow this schedule. Until it does, the nearest one that it allows is used.",
            "Choose another schedule, or change to a larger plan in the billing settings.",
        ),
        "plan_mappings" => (
            "The plan does not allow custom mappings. Those that were made are kept, and until it does the defaults are used.",
            "Change to a larger plan in the billing settings.",
        ),
        _ => (
            "The plan does not allow this.",
            "Change to a larger plan in the billing settings.",
        ),
    }
}

/// Leaves of every object's mappings those that are the connector's own (S3-11); where none is left, all of those. Whether
/// that was a change.
pub(crate) fn leave_out_custom(settings: &mut Settings, connector: &catalog::Connector) -> bool {
    let mut changed = false;
    for (name, object) in &mut settings.objects {
        let declared = connector.objects.iter().find(|known| known.name == *name);
        let defaults = declared
            .map(|known| known.rules.as_slice())
            .unwrap_or_default();
        let Some(rules) = &mut object.rules else {
            continue;
        };
        let before = rules.len();
        rules.retain(|rule| defaults.iter().any(|default| is_default(rule, default)));
        changed |= rules.len() < before;
        if rules.is_empty() {
            object.rules = None;
        }
    }
    changed
}

fn is_default(rule: &Rule, default: &catalog::Rule) -> bool {
    rule.source == default.source
        && rule.property == default.property
        && rule.transform == default.transform
        && rule.fallback == default.fallback
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::ObjectSettings;

    fn clio() -> catalog::Connector {
        catalog::describe("clio").unwrap()
    }

    fn with_rules(rules: Vec<Rule>) -> Settings {
        let contacts = ObjectSettings {
            rules: Some(rules),
            ..ObjectSettings::default()
        };
        Settings {
            objects: [("contacts".to_owned(), contacts)].into(),
        }
    }

    fn default_rule() -> Rule {
        let connector = clio();
        let contacts = connector
            .objects
            .iter()
            .find(|object| object.name == "contacts")
            .unwrap();
        let rule = contacts.rules.first().unwrap();
        serde_json::from_value(serde_json::json!({
            "source": rule.source, "property": rule.property, "transform": rule.transform, "fallback": rule.fallback,
        }))
        .unwrap()
    }

    /// S3-11, S3-12: a choice among the default fields stays, an edited mapping does not.
    #[test]
    fn custom_mappings_are_left_aside() {
        let mut edited = default_rule();
        edited.property = "nickname".to_owned();
        let mut settings = with_rules(vec![default_rule(), edited.clone()]);
        assert!(leave_out_custom(&mut settings, &clio()));
        assert_eq!(
            settings.object("contacts").rules,
            Some(vec![default_rule()])
        );

        let mut settings = with_rules(vec![edited]);
        assert!(leave_out_custom(&mut settings, &clio()));
        assert_eq!(settings.object("contacts").rules, None);

        let mut settings = with_rules(vec![default_rule()]);
        assert!(!leave_out_custom(&mut settings, &clio()));
        assert_eq!(
            settings.object("contacts").rules,
            Some(vec![default_rule()])
        );
    }
}
