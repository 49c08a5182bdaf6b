//! What a person who builds a workflow chooses from.

use serde_json::{Value, json};
use sync300_fakes::clio::Resource;
use sync300_fakes::{Effect, Fault};
use sync300_kit::ports::Clock as _;
use sync300_native_ports::firm::Firm;

use crate::support::*;

fn page(firm: &Firm, list: &str, q: Option<&str>, after: Option<&str>) -> Value {
    let mut body = request("", &json!({}));
    body["fetchOptions"] = json!({ "q": q, "after": after });
    let answer = send(firm, &format!("/actions/clio/options/{list}"), &body);
    assert_eq!(answer.status, 200, "{}", answer.body);
    serde_json::from_str(&answer.body).unwrap()
}

/// Practice areas and matters, searched and in pages.
#[test]
fn lists_are_searched_and_paged() {
    let firm = Firm::new().unwrap();
    for name in ["Torts", "Family", "Tax"] {
        firm.account
            .add(Resource::PracticeAreas, &json!({ "name": name }))
            .unwrap();
    }
    let client = firm.person("Ada", "Byron", "ada@example.org").unwrap();
    let matters: Vec<u64> = (0..60)
        .map(|number| firm.matter(&format!("Matter {number}"), client).unwrap())
        .collect();
    let areas = page(&firm, "practice_areas", None, None);
    assert_eq!(areas["options"].as_array().unwrap().len(), 3, "{areas}");
    assert_eq!(areas["searchable"], true);
    let found = page(&firm, "practice_areas", Some("Torts"), None);
    assert_eq!(found["options"][0]["label"], "Torts");

    let first = page(&firm, "matters", None, None);
    assert_eq!(first["options"].as_array().unwrap().len(), 50);
    assert_eq!(first["options"][0]["value"], matters[0].to_string());
    assert_eq!(first["options"][0]["description"], "Matter 0");
    let second = page(&firm, "matters", None, first["after"].as_str());
    assert_eq!(second["options"].as_array().unwrap().len(), 10);
    // What is not there is left out.
    assert_eq!(second.get("after"), None);
    assert_eq!(areas["options"][0].get("description"), None);
}

/// A page elsewhere is not followed, and a provider that is out of order is told.
#[test]
fn no_page_leads_elsewhere() {
    let firm = Firm::new().unwrap();
    let mut body = request("", &json!({}));
    body["fetchOptions"] = json!({ "after": "https://evil.example/api/v4/matters.json" });
    firm.calls();
    assert_eq!(
        send(&firm, "/actions/clio/options/matters", &body).status,
        404
    );
    assert_eq!(firm.calls(), (0, 0));
    firm.services
        .clio
        .fail(Fault::once("/matters.json", Effect::answer(503, "{}")).times(10));
    assert_eq!(
        send(
            &firm,
            "/actions/clio/options/matters",
            &request("", &json!({}))
        )
        .status,
        503
    );
}

/// A provider that does not answer is not waited for: HubSpot is told before it gives up.
#[test]
fn a_provider_that_hangs_is_told_in_time() {
    let firm = Firm::new().unwrap();
    firm.ports.hang(&["/matters.json"]);
    let asked_at = firm.ports.now();
    let answer = send(
        &firm,
        "/actions/clio/options/matters",
        &request("", &json!({})),
    );
    assert_eq!(answer.status, 503, "{}", answer.body);
    let took = firm.ports.now() - asked_at;
    assert!(took < 4_000, "{took} ms");
}
