//! `GET /billing`: the plan, what of it is used, and what it keeps from being as it was chosen.

use maud::{Markup, html};
use serde::Serialize;
use serde_json::{Map, Value};
use sync300_plans::{Denied, Entitlement, FREE, Feature, PLANS, Plan, Syncing, by_id};

use crate::caller::{Caller, Reply, as_user};
use crate::core::catalog;
use crate::error::{Error, Result};
use crate::page::Page;
use crate::plan;
use crate::ports::Ports;
use crate::store::Store;
use crate::store::billing::{Chosen, Subscribed, Usage};
use crate::surface::{Answer, Incoming, Problem};

/// The choices of the settings page, in minutes; 0 = manual only (S0-17, S0-51, DX-02).
const FREQUENCIES: [i64; 6] = [5, 15, 30, 60, 1_440, 0];
/// Usage from which on a notice warns, in percent.
const WARN_PERCENT: i64 = 80;

/// What settings show. Members are added, and never change their meaning.
#[derive(Debug, Serialize)]
struct View {
    /// Whether this deployment bills; where it does not, everything is allowed.
    billing: bool,
    plan: Option<&'static str>,
    plan_name: Option<&'static str>,
    /// Stripe's word; none without a subscription.
    status: Option<String>,
    /// Unix milliseconds.
    period_end: Option<i64>,
    /// Whether it goes on, and is charged, after the period; none without a subscription.
    renews: Option<bool>,
    /// Until when a late payment is waited for, in unix milliseconds.
    grace_until: Option<i64>,
    usage: Used,
    frequencies: Vec<Choice>,
    custom_mappings: bool,
    /// How many; none = unlimited.
    connections: Option<u32>,
    plans: Vec<Offer>,
    notices: Vec<Notice>,
}

#[derive(Debug, Serialize)]
struct Used {
    /// E.g. `2026-11` (UTC).
    month: String,
    records: i64,
    /// None = unlimited.
    records_limit: Option<u32>,
    api_calls: i64,
}

#[derive(Debug, Serialize)]
struct Choice {
    minutes: i64,
    allowed: bool,
    /// The plan that has it, where this one has not.
    #[serde(skip_serializing_if = "Option::is_none")]
    needs: Option<&'static str>,
}

#[derive(Debug, Serialize)]
struct Offer {
    id: &'static str,
    name: &'static str,
    current: bool,
    /// Whether it can be bought.
    paid: bool,
    records_per_month: Option<u32>,
    fastest_minutes: Option<u32>,
    connections: Option<u32>,
    custom_mappings: bool,
}

#[derive(Debug, Serialize)]
struct Notice {
    code: &'static str,
    message: String,
    action: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    connection: Option<String>,
}

/// Shows it to any user of the portal; changing it is for admins.
pub async fn view<P: Ports>(ports: &P, incoming: &Incoming) -> Answer {
    as_user(ports, incoming, async |caller| {
        let view = of(ports, caller).await?;
        let page = page(&view);
        let json: Map<String, Value> = match serde_json::to_value(&view) {
            Ok(Value::Object(json)) => json,
            _ => return Err(Problem::from(Error::Row)),
        };
        Ok(Reply { json, page })
    })
    .await
}

async fn of<P: Ports>(ports: &P, caller: &Caller) -> Result<View> {
    let store = Store::new(ports);
    let entitlement = plan::entitlement(ports, caller.portal).await?;
    let bought = store
        .customer_of(caller.portal)
        .await?
        .and_then(|customer| customer.subscription)
        .filter(|_| entitlement.is_some());
    let (month, used) = store.usage(caller.portal, None).await?;
    let chosen = store.chosen(caller.portal).await?;
    let bought_plan = entitlement.map(|entitlement| entitlement.plan);
    let allows = |feature| match &entitlement {
        Some(entitlement) => entitlement.allows(feature),
        None => Ok(()),
    };
    let frequencies = FREQUENCIES.map(|minutes| {
        let denied = allows(Feature::Frequency(minutes)).err();
        Choice {
            minutes,
            allowed: denied.is_none(),
            needs: denied.and_then(|denied| denied.plan).map(|plan| plan.id),
        }
    });
    Ok(View {
        billing: entitlement.is_some(),
        plan: bought_plan.map(|plan| plan.id),
        plan_name: bought_plan.map(|plan| plan.name),
        status: bought.as_ref().map(|bought| bought.status.clone()),
        period_end: bought.as_ref().and_then(|bought| bought.period_end),
        renews: bought.as_ref().map(|bought| bought.renews > 0),
        grace_until: entitlement.and_then(|entitlement| match entitlement.syncing {
            Syncing::Grace(until) => Some(until),
            Syncing::Allowed | Syncing::Blocked => None,
        }),
        usage: Used {
            month,
            records: used.records,
            records_limit: bought_plan.and_then(|plan| plan.records_per_month),
            api_calls: used.api_calls,
        },
        frequencies: frequencies.into(),
        custom_mappings: allows(Feature::CustomMappings).is_ok(),
        connections: bought_plan.and_then(|plan| plan.connections),
        plans: match bought_plan {
            Some(current) => PLANS.iter().map(|plan| offer(plan, current)).collect(),
            None => Vec::new(),
        },
        notices: match &entitlement {
            Some(entitlement) => notices(entitlement, bought.as_ref(), used, &chosen)?,
            None => Vec::new(),
        },
    })
}

fn offer(plan: &Plan, current: &Plan) -> Offer {
    Offer {
        id: plan.id,
        name: plan.name,
        current: plan == current,
        paid: !plan.lookup_keys.is_empty(),
        records_per_month: plan.records_per_month,
        fastest_minutes: plan.frequencies.first().copied(),
        connections: plan.connections,
        custom_mappings: plan.includes(Feature::CustomMappings),
    }
}

/// What a person should know, the gravest first.
fn notices(
    entitlement: &Entitlement,
    bought: Option<&Subscribed>,
    used: Usage,
    chosen: &[Chosen],
) -> Result<Vec<Notice>> {
    let mut notices = Vec::new();
    let mut add = |denied: Denied, connection: Option<&Chosen>| {
        let problem = plan::problem(&denied);
        notices.push(Notice {
            code: denied.code,
            message: problem.message.into_owned(),
            action: problem.action.unwrap_or_default().into_owned(),
            connection: connection.map(|chosen| chosen.connection.clone()),
        });
    };
    if let Err(denied) = entitlement.allows(Feature::Syncing) {
        add(denied, None);
    }
    if let Err(denied) = entitlement.allows(Feature::Record(used.records)) {
        add(denied, None);
    }
    for (count, connection) in (1..).zip(chosen) {
        if let Err(denied) = entitlement.allows(Feature::Connections(count)) {
            add(denied, Some(connection));
        }
        if let Err(denied) = entitlement.allows(Feature::Frequency(connection.frequency)) {
            add(denied, Some(connection));
        }
        if let Err(denied) = entitlement.allows(Feature::CustomMappings)
            && has_custom(connection)?
        {
            add(denied, Some(connection));
        }
    }
    if let Syncing::Grace(_) = entitlement.syncing {
        notices.push(Notice {
            code: "payment_late",
            message: "A payment did not go through. Syncing goes on for seven days from then."
                .to_owned(),
            action: "Put the payment right in the billing settings.".to_owned(),
            connection: None,
        });
    }
    if let Some(limit) = entitlement.plan.records_per_month.map(i64::from)
        && (limit * WARN_PERCENT / 100..limit).contains(&used.records)
    {
        notices.push(Notice {
            code: "usage_80",
            message: format!("{} of this month's {limit} records are used.", used.records),
            action: "At the limit syncing pauses until the next month or a larger plan.".to_owned(),
            connection: None,
        });
    }
    if bought.is_some_and(|bought| bought.renews > 1) {
        notices.push(Notice {
            code: "subscription_doubled",
            message: "More than one subscription goes on for this HubSpot account, and each of them is charged."
                .to_owned(),
            action: "Cancel all but one on Stripe's page.".to_owned(),
            connection: None,
        });
    }
    let ends = bought.is_some_and(|bought| bought.renews == 0);
    if ends && entitlement.plan != FREE {
        notices.push(Notice {
            code: "subscription_ends",
            message:
                "The subscription ends with the period that is paid. From then on the plan is Free."
                    .to_owned(),
            action: "To keep it, renew it at Stripe.".to_owned(),
            connection: None,
        });
    }
    Ok(notices)
}

fn has_custom(chosen: &Chosen) -> Result<bool> {
    let any = chosen
        .settings
        .objects
        .values()
        .any(|object| object.rules.is_some());
    if !any {
        return Ok(false);
    }
    let connector = catalog::describe(&chosen.connector).map_err(Error::Config)?;
    Ok(plan::leave_out_custom(
        &mut chosen.settings.clone(),
        &connector,
    ))
}

/// For a browser: the same, with the way to Stripe.
fn page(view: &View) -> Page {
    let limit =
        |limit: Option<u32>| limit.map_or("unlimited".to_owned(), |limit| limit.to_string());
    let content = html! {
        @for notice in &view.notices {
            div.notice.trouble { p { (notice.message) } p { (notice.action) } }
        }
        @if view.billing {
            dl {
                dt { "Plan" } dd { (view.plan_name.unwrap_or_default()) @if let Some(status) = &view.status { " (" (status) ")" } }
                dt { "Records this month" } dd { (view.usage.records) " of " (limit(view.usage.records_limit)) }
                dt { "API calls this month" } dd { (view.usage.api_calls) }
                dt { "Schedules" } dd { @for choice in &view.frequencies { (schedule(choice)) } }
            }
            (ways(view))
        } @else {
            p { "This deployment does not bill: everything is allowed." }
        }
    };
    Page::new("Plan and billing", content)
}

/// A choice, and what it takes where it cannot be chosen.
fn schedule(choice: &Choice) -> Markup {
    let words = match choice.minutes {
        0 => "manual only".to_owned(),
        1_440 => "daily".to_owned(),
        60 => "every hour".to_owned(),
        minutes => format!("every {minutes} minutes"),
    };
    let needs = choice.needs.and_then(by_id).map(|plan| plan.name);
    html! {
        @match (choice.allowed, needs) {
            (true, _) => { span.good { (words) } br; }
            (false, Some(plan)) => { span.bad { (words) " (with " (plan) ")" } br; }
            (false, None) => { span.bad { (words) } br; }
        }
    }
}

fn ways(view: &View) -> Markup {
    let subscribed =
        view.status.is_some() && view.plans.iter().any(|plan| plan.current && plan.paid);
    html! {
        @if subscribed {
            form method="post" action="/billing/portal" { button { "Change or end the subscription" } }
        } @else {
            @for plan in view.plans.iter().filter(|plan| plan.paid) {
                form method="post" action="/billing/checkout" {
                    input type="hidden" name="plan" value=(plan.id);
                    button name="interval" value="monthly" { (plan.name) ", monthly" }
                    button.plain name="interval" value="yearly" { (plan.name) ", yearly" }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;
    use sync300_plans::Status;

    const NOW: i64 = 1_800_000_000_000;

    fn codes(entitlement: Entitlement, records: i64, chosen: &[Chosen]) -> Vec<&'static str> {
        let used = Usage {
            records,
            api_calls: 0,
        };
        let notices = notices(&entitlement, None, used, chosen).unwrap();
        notices.into_iter().map(|notice| notice.code).collect()
    }

    fn every(frequency: i64) -> Chosen {
        Chosen {
            connection: "a".to_owned(),
            connector: "clio".to_owned(),
            frequency,
            settings: Settings::default(),
            reason: None,
        }
    }

    /// At 80 % and at 100 % a notice, and none before or, for good, without a limit.
    #[test]
    fn usage_is_warned_of() {
        assert!(codes(Entitlement::FREE, 799, &[]).is_empty());
        assert_eq!(codes(Entitlement::FREE, 800, &[]), ["usage_80"]);
        assert_eq!(codes(Entitlement::FREE, 999, &[]), ["usage_80"]);
        assert_eq!(codes(Entitlement::FREE, 1_000, &[]), ["plan_records"]);
        let enterprise = Entitlement::of(by_id("enterprise").unwrap(), Status::Active, NOW, NOW);
        assert!(codes(enterprise, 9_000_000, &[]).is_empty());
    }

    /// A subscription that ends says so until then; one that is over has nothing more to say.
    #[test]
    fn an_end_is_announced() {
        let bought = |renews| Subscribed {
            plan: "starter".to_owned(),
            status: "active".to_owned(),
            since: NOW,
            period_end: Some(NOW),
            renews,
        };
        let starter = Entitlement::of(by_id("starter").unwrap(), Status::Active, NOW, NOW);
        let codes = |entitlement, renews| {
            let all = notices(&entitlement, Some(&bought(renews)), Usage::default(), &[]).unwrap();
            all.into_iter()
                .map(|notice| notice.code)
                .collect::<Vec<_>>()
        };
        assert_eq!(codes(starter, 0), ["subscription_ends"]);
        assert!(codes(starter, 1).is_empty());
        assert_eq!(codes(starter, 2), ["subscription_doubled"]);
        assert!(codes(Entitlement::FREE, 0).is_empty());
    }

    /// S0-46: what was chosen beyond the plan is explained, connection by connection.
    #[test]
    fn what_the_plan_does_not_have_is_explained() {
        assert_eq!(
            codes(Entitlement::FREE, 0, &[every(5), every(15)]),
            ["plan_frequency", "plan_connections"]
        );
        let late = Entitlement::of(by_id("starter").unwrap(), Status::PastDue, NOW, NOW);
        assert_eq!(codes(late, 0, &[every(15)]), ["payment_late"]);
        let unpaid = Entitlement::of(by_id("starter").unwrap(), Status::Unpaid, NOW, NOW);
        assert_eq!(codes(unpaid, 0, &[every(15)]), ["plan_payment"]);
    }
}
