//! A firm, and its cards.

use serde_json::{Value, json};
use sync300_kit::surface::{Answer, Incoming};
use sync300_native_ports::firm::{ADMIN, Firm, PORTAL, at_once};

use crate::{review_routes, routes};

pub fn answer(firm: &Firm, incoming: &Incoming) -> Answer {
    // As `spin.toml` has it.
    match incoming.segments().as_slice() {
        ["cards", "review" | "preview"] => at_once(review_routes::answer(&firm.ports, incoming)),
        _ => at_once(routes::answer(&firm.ports, incoming)),
    }
    .unwrap()
}

/// What a card of the admin's gets: always a 200 with `ok`.
pub fn get(firm: &Firm, target: &str) -> Value {
    get_as(firm, target, PORTAL, ADMIN)
}

pub fn get_as(firm: &Firm, target: &str, portal: i64, user: i64) -> Value {
    body(&answer(
        firm,
        &firm.signed("GET", target, &Value::Null, portal, user),
    ))
}

pub fn post(firm: &Firm, target: &str, body: &Value) -> Value {
    post_as(firm, target, body, PORTAL, ADMIN)
}

pub fn post_as(firm: &Firm, target: &str, given: &Value, portal: i64, user: i64) -> Value {
    body(&answer(
        firm,
        &firm.signed("POST", target, given, portal, user),
    ))
}

pub fn body(answer: &Answer) -> Value {
    assert_eq!(answer.status, 200, "{}", answer.body);
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    assert!(body["ok"].is_boolean(), "{body}");
    body
}

/// The record's status card.
pub fn status_of(firm: &Firm, kind: &str, id: &str) -> Value {
    get(
        firm,
        &format!("/cards/status?objectType={kind}&objectId={id}"),
    )
}

/// The record's own card.
pub fn record_of(firm: &Firm, kind: &str, id: &str) -> Value {
    get(
        firm,
        &format!("/cards/record?objectType={kind}&objectId={id}"),
    )
}

pub fn sync_now(firm: &Firm, kind: &str, id: &str) -> Value {
    post(
        firm,
        "/cards/sync",
        &json!({ "objectType": kind, "objectId": id }),
    )
}

/// A firm with one person in step, and that person's id in HubSpot.
pub fn with_ada() -> (Firm, u64, String) {
    let firm = Firm::new().unwrap();
    let ada = firm.person("Ada", "Byron", "ada@example.org").unwrap();
    firm.sync().unwrap();
    let id = firm.hubspot_id("contacts", ada).unwrap().unwrap();
    (firm, ada, id)
}
