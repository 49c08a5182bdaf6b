//! What a plan leaves to choose, and what it says where it does not.

use futures_executor::block_on;
use serde_json::{Value, json};
use sync300_kit::ports::Sql as _;
use sync300_native_ports::firm::Firm;

use crate::support::*;

/// A firm that pays, or has not begun to.
fn firm(plan: Option<&str>) -> Firm {
    let mut firm = Firm::new().unwrap();
    firm.ports = firm.ports.with_variable("billing", "stripe");
    if let Some(plan) = plan {
        sql(
            &firm,
            &format!(
                "INSERT INTO billing_customers (customer_id, portal_id, plan, status, status_since, changed_at) \
                 SELECT 'cus_1', portal_id, '{plan}', 'active', 1, 1 FROM connections"
            ),
        );
    }
    firm
}

fn sql(firm: &Firm, statement: &str) {
    block_on(firm.ports.execute(statement, &[])).unwrap();
}

fn seen(firm: &Firm) -> Value {
    get(
        firm,
        &format!("/cards/settings?connection={}", firm.connection),
    )
}

fn every(firm: &Firm, minutes: i64) -> Value {
    let version = seen(firm)["version"].clone();
    let body = json!({ "connection": firm.connection, "version": version, "frequency": minutes });
    post(firm, "/cards/settings", &body)
}

fn map(firm: &Firm, rules: &Value) -> Value {
    let version = seen(firm)["version"].clone();
    let body = json!({ "connection": firm.connection, "version": version, "object": "contacts", "rules": rules });
    post(firm, "/cards/mappings", &body)
}

/// The default mappings of contacts, as a change sends them.
fn defaults(firm: &Firm) -> Vec<Value> {
    let view = seen(firm);
    let contacts = view["objects"][0]["mappings"].as_array().unwrap();
    let rule = |mapping: &Value| {
        json!({ "source": mapping["source"], "property": mapping["property"], "transform": mapping["transform"],
            "fallback": mapping["fallback"] })
    };
    contacts.iter().map(rule).collect()
}

/// S0-17, S0-46, S0-47, S0-48, S0-49, S0-50, S0-51: five minutes can be chosen with Professional and Enterprise alone, and are
/// refused otherwise, never slowed unsaid; the others can be chosen on every plan.
#[test]
fn five_minutes_are_chosen_by_those_who_pay_for_them() {
    for (plan, allowed) in [
        (None, false),
        (Some("starter"), false),
        (Some("professional"), true),
        (Some("enterprise"), true),
    ] {
        let firm = firm(plan);
        let offered = seen(&firm)["frequencies"][0].clone();
        assert_eq!(
            (&offered["minutes"], &offered["allowed"]),
            (&json!(5), &json!(allowed)),
            "{plan:?}"
        );
        let answer = every(&firm, 5);
        if allowed {
            assert_eq!(answer["frequency"], 5, "{answer}");
        } else {
            assert_eq!(offered["needs"], "Professional");
            assert_eq!(answer["code"], "plan_frequency");
            assert!(answer["action"].as_str().unwrap().contains("Professional"));
            assert_eq!(seen(&firm)["frequency"], 15);
        }
        for minutes in [30, 60, 1_440, 0, 15] {
            assert_eq!(every(&firm, minutes)["frequency"], minutes, "{plan:?}");
        }
    }
}

/// S0-46: what was chosen stays chosen after a downgrade, is explained, and can be exchanged for what the plan has.
#[test]
fn a_downgrade_is_explained() {
    let firm = firm(Some("professional"));
    assert_eq!(every(&firm, 5)["frequency"], 5);
    assert!(seen(&firm)["message"].is_null());
    sql(&firm, "UPDATE billing_customers SET status = 'canceled'");
    let view = seen(&firm);
    assert_eq!(view["frequency"], 5);
    let message = view["message"].as_str().unwrap();
    assert!(
        message.contains("does not allow this schedule"),
        "{message}"
    );
    assert_eq!(every(&firm, 30)["frequency"], 30);
    assert!(seen(&firm)["message"].is_null());
}

/// S3-11, S3-12: Free chooses among the default fields, who pays edits them and adds others.
#[test]
fn mappings_are_edited_by_those_who_pay() {
    let free = firm(None);
    assert_eq!(seen(&free)["custom_mappings"], false);
    let all = defaults(&free);
    let mut fewer = all.clone();
    fewer.retain(|rule| rule["property"] != "jobtitle");
    assert_eq!(fewer.len() + 1, all.len());
    let chosen = map(&free, &json!(fewer));
    assert_eq!(chosen["ok"], true, "{chosen}");
    let mut own = all.clone();
    own[0]["transform"] = json!("trim");
    own[0]["property"] = json!("nickname");
    let refused = map(&free, &json!(own));
    assert_eq!(refused["code"], "plan_mappings", "{refused}");
    assert!(refused["action"].as_str().unwrap().contains("Starter"));
    assert_eq!(
        seen(&free)["objects"][0]["mappings"],
        chosen["objects"][0]["mappings"]
    );

    let paying = firm(Some("starter"));
    assert_eq!(seen(&paying)["custom_mappings"], true);
    assert_ne!(map(&paying, &json!(own))["code"], "plan_mappings");
}

/// S1-18: a plan that stops the sync says so in the settings and on the card.
#[test]
fn a_stopped_sync_says_why() {
    let firm = firm(None);
    sql(
        &firm,
        "UPDATE connections SET status_reason = 'plan_records'",
    );
    let message = seen(&firm)["message"].as_str().unwrap().to_owned();
    assert!(message.contains("Nothing is lost"), "{message}");
}

/// S0-46, S0-56, S1-18: "Sync now" says that the plan stops it, and asks for nothing that will not happen.
#[test]
fn sync_now_says_what_the_plan_has_to_say() {
    let firm = firm(Some("starter"));
    sql(&firm, "UPDATE connections SET requested_at = NULL");
    let sync = || {
        post(
            &firm,
            "/cards/sync",
            &json!({ "connection": firm.connection }),
        )
    };
    sql(&firm, "UPDATE billing_customers SET status = 'unpaid'");
    let answer = sync();
    assert_eq!(answer["code"], "plan_payment", "{answer}");
    sql(&firm, "UPDATE billing_customers SET status = 'active'");
    sql(
        &firm,
        "INSERT INTO usage_by_month SELECT portal_id, strftime ('%Y-%m', 1800000000, 'unixepoch'), 10000, 0 FROM connections",
    );
    let answer = sync();
    assert_eq!(answer["code"], "plan_records", "{answer}");
    assert!(
        answer["action"].as_str().unwrap().contains("larger plan")
            || answer["action"].as_str().unwrap().contains("Professional")
    );
    let asked = "SELECT count(*) FROM connections WHERE requested_at IS NOT NULL";
    let rows = block_on(firm.ports.execute(asked, &[])).unwrap();
    assert_eq!(rows, [[0.into()]]);
    sql(&firm, "DELETE FROM usage_by_month");
    assert_eq!(sync()["ok"], true);
}
