//! Who may ask at all.

use serde_json::{Value, json};
use sync300_native_ports::firm::{ADMIN, OTHER_PORTAL, PORTAL};

use crate::support::*;

/// Every route, with its method.
const ROUTES: [(&str, &str); 10] = [
    ("GET", "/cards/status?objectType=0-1&objectId=1"),
    ("GET", "/cards/record?objectType=0-1&objectId=1"),
    ("POST", "/cards/sync"),
    ("GET", "/cards/settings?connection=x"),
    ("POST", "/cards/settings"),
    ("GET", "/cards/fields?connection=x&object=contacts"),
    ("POST", "/cards/mappings"),
    ("POST", "/cards/test"),
    ("GET", "/cards/history?connection=x"),
    ("GET", "/cards/history.csv?connection=x"),
];

/// S0-87, S1-36: unsigned, stale, of the future, for another body, method or address: refused before any data, and nothing
/// happens.
#[test]
fn nobody_is_believed_without_a_signature() {
    let (firm, _, _) = with_ada();
    firm.calls();
    for (method, target) in ROUTES {
        let good = || {
            firm.signed(
                method,
                target,
                &json!({ "connection": firm.connection }),
                PORTAL,
                ADMIN,
            )
        };
        let mut bad = Vec::new();
        let mut unsigned = good();
        unsigned
            .headers
            .retain(|(name, _)| !name.starts_with("x-hubspot"));
        bad.push(unsigned);
        // Version 2 knows no time, and is for workflow actions alone.
        let mut second = good();
        second
            .headers
            .retain(|(name, _)| name != "x-hubspot-signature-v3");
        bad.push(second);
        let mut elsewhere = good();
        elsewhere.target = elsewhere.target.replace("4200001", "4200002");
        bad.push(elsewhere);
        let mut changed = good();
        changed.body.push(b' ');
        bad.push(changed);
        let mut method = good();
        method.method = if method.method == "GET" {
            "POST"
        } else {
            "GET"
        }
        .to_owned();
        let refused = answer(&firm, &method).status;
        assert!(refused == 401 || refused == 405, "{refused}");
        for incoming in bad {
            let answer = answer(&firm, &incoming);
            assert_eq!(answer.status, 401, "{target}: {}", answer.body);
            assert!(!answer.body.contains("Ada"), "{}", answer.body);
        }
        let late = good();
        firm.pass(300_001);
        assert_eq!(answer(&firm, &late).status, 401, "{target}");
    }
    assert_eq!(firm.calls(), (0, 0));
    assert_eq!(
        firm.number("SELECT count(*) FROM connections WHERE requested_at IS NOT NULL")
            .unwrap(),
        Some(0)
    );
}

/// A portal sees nothing of another's: neither its records by their id, nor its connections by theirs.
#[test]
fn portals_do_not_see_each_other() {
    let (firm, _, ada) = with_ada();
    firm.calls();
    let of_ada = format!("objectType=0-1&objectId={ada}");
    let status = get_as(
        &firm,
        &format!("/cards/status?{of_ada}"),
        OTHER_PORTAL,
        ADMIN,
    );
    assert_eq!(
        (status["ok"].as_bool(), status["status"].as_str()),
        (Some(true), Some("not_synced"))
    );
    assert_eq!(status["connections"], json!([]));
    let record = get_as(
        &firm,
        &format!("/cards/record?{of_ada}"),
        OTHER_PORTAL,
        ADMIN,
    );
    assert_eq!(record["connections"], json!([]));
    let body = json!({ "connection": firm.connection });
    let sync = post_as(&firm, "/cards/sync", &body, OTHER_PORTAL, ADMIN);
    assert_eq!(sync["code"], "connection_unknown");
    // Who is in the body counts for nothing.
    let posing = json!({ "connection": firm.connection, "portalId": PORTAL });
    let sync = post_as(&firm, "/cards/sync", &posing, OTHER_PORTAL, ADMIN);
    assert_eq!(sync["code"], "connection_unknown");
    assert_eq!(firm.calls(), (0, 0));
}

/// A portal without the app is told so, on a card it may still have open.
#[test]
fn a_portal_without_the_app_is_told() {
    let (firm, _, ada) = with_ada();
    firm.sql("UPDATE portals SET status = 'uninstalled' WHERE portal_id = 4200001")
        .unwrap();
    for (method, target) in ROUTES {
        let target = target.replace("objectId=1", &format!("objectId={ada}"));
        let answer = match method {
            "GET" => get(&firm, &target),
            _ => post(
                &firm,
                &target,
                &json!({ "objectType": "0-1", "objectId": ada }),
            ),
        };
        assert_eq!(answer["code"], "portal_unknown", "{target}");
        assert!(answer["action"].as_str().unwrap().contains("Install"));
    }
}

/// What is not understood has an answer that says so, and changes nothing.
#[test]
fn bad_input_is_told_in_words() {
    let (firm, _, _) = with_ada();
    firm.calls();
    for (query, code) in [
        ("", "object_unknown"),
        ("objectType=0-4&objectId=1", "object_unknown"),
        ("objectType=0-1", "record_unknown"),
        ("objectType=0-1&objectId=x", "record_unknown"),
        ("objectType=0-1&objectId=1&objectId=2", "record_unknown"),
    ] {
        for route in ["status", "record"] {
            let answer = get(&firm, &format!("/cards/{route}?{query}"));
            assert_eq!(
                (answer["ok"].as_bool(), answer["code"].as_str()),
                (Some(false), Some(code)),
                "{query}"
            );
            assert!(answer["message"].is_string() && answer["action"].is_string());
        }
    }
    for body in [
        json!([]),
        json!({ "objectType": {} }),
        json!("x"),
        Value::Null,
    ] {
        assert_eq!(post(&firm, "/cards/sync", &body)["ok"], false, "{body}");
    }
    let unknown = answer(
        &firm,
        &firm.signed("GET", "/cards/anything", &Value::Null, PORTAL, ADMIN),
    );
    assert_eq!(unknown.status, 404);
    let method = answer(
        &firm,
        &firm.signed("GET", "/cards/sync", &Value::Null, PORTAL, ADMIN),
    );
    assert_eq!((method.status, method.header("allow")), (405, Some("POST")));
    assert_eq!(firm.calls(), (0, 0));
}

/// S0-90, S0-92: whatever a card shows, no value of a record lies in the tables or the log afterwards.
#[test]
fn a_card_leaves_nothing_behind() {
    let (firm, _, ada) = with_ada();
    let shown = record_of(&firm, "0-1", &ada);
    assert!(shown.to_string().contains("ada@example.org"));
    sync_now(&firm, "0-1", &ada);
    let tables = firm
        .sql("SELECT name FROM sqlite_master WHERE type = 'table'")
        .unwrap();
    let mut dump = firm.ports.log_lines().join("\n");
    for table in tables {
        if let Some(sync300_kit::ports::SqlValue::Text(name)) = table.first() {
            dump += &format!("{:?}", firm.sql(&format!("SELECT * FROM {name}")).unwrap());
        }
    }
    for value in ["Ada", "Byron", "ada@example.org", "a@b.example"] {
        assert!(!dump.contains(value), "{value}");
    }
}
