//! The history of runs.

use serde_json::json;
use sync300_native_ports::firm::{Firm, MEMBER, OTHER_PORTAL, PORTAL};

use crate::support::*;

fn page(firm: &Firm, more: &str) -> serde_json::Value {
    get(
        firm,
        &format!("/cards/history?connection={}{more}", firm.connection),
    )
}

/// S0-59, S0-100: which runs there were, how they ended, with counts for each kind of record, and errors in words.
#[test]
fn runs_are_told_with_counts_and_errors() {
    let (firm, _, _) = with_ada();
    firm.sql("INSERT INTO run_errors VALUES (1, 'contacts', '7', 'invalid_email', 'email', 1), (1, 'contacts', '8', 'invalid_email', 'email', 1)").unwrap();
    firm.pass(60_000);
    firm.sync_again().unwrap();
    firm.sql("UPDATE runs SET status = 'failed', reason = 'missing_property', reason_object = 'matters' WHERE run_id = 2").unwrap();
    let history = page(&firm, "");
    let runs = history["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 2);
    let failed = &runs[0];
    assert_eq!(
        (failed["status"].as_str(), failed["cause"].as_str()),
        (Some("failed"), Some("requested"))
    );
    assert!(
        failed["message"].as_str().unwrap().starts_with("Matters: "),
        "{failed}"
    );
    assert!(failed["action"].as_str().unwrap().contains("Re-authorize"));
    let first = &runs[1];
    assert_eq!(first["started"]["ago"], "1 minute ago");
    let contacts = first["objects"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["object"] == "contacts")
        .unwrap();
    assert_eq!(
        (contacts["label"].as_str(), contacts["created"].as_i64()),
        (Some("Contacts"), Some(1))
    );
    let error = &first["errors"][0];
    assert_eq!(
        (error["count"].as_i64(), error["property"].as_str()),
        (Some(2), Some("email"))
    );
    assert_eq!(error["message"], "The e-mail address is not one.");
    assert_eq!(history["next"], json!(null));
}

/// Older runs come in pages.
#[test]
fn the_history_comes_in_pages() {
    let (firm, _, _) = with_ada();
    for _ in 0..21 {
        firm.sql("INSERT INTO runs (connection_id, cause, status, settings, started_at, finished_at) SELECT connection_id, 'scheduled', 'succeeded', '{}', 1, 2 FROM connections").unwrap();
    }
    let first = page(&firm, "");
    assert_eq!(first["runs"].as_array().unwrap().len(), 20);
    let next = first["next"].as_i64().unwrap();
    let second = page(&firm, &format!("&before={next}"));
    assert_eq!(second["runs"].as_array().unwrap().len(), 2);
    assert_eq!(second["next"], json!(null));
    assert_eq!(page(&firm, "&before=x")["code"], "bad_page");
}

/// S0-106: the same as a file for support: a line for each run and kind of record, without content; and no other portal's.
#[test]
fn the_history_is_a_file_too() {
    let (firm, _, _) = with_ada();
    firm.sql("INSERT INTO run_errors VALUES (1, 'contacts', '7', 'invalid_email', 'email', 1)")
        .unwrap();
    let target = format!("/cards/history.csv?connection={}", firm.connection);
    let file = get_as(&firm, &target, PORTAL, MEMBER);
    assert_eq!(
        (file["name"].as_str(), file["cut"].as_bool()),
        (Some("sync-history-clio.csv"), Some(false))
    );
    let csv = file["csv"].as_str().unwrap();
    let mut lines = csv.lines();
    assert!(
        lines
            .next()
            .unwrap()
            .starts_with("run,started,finished,status,cause,reason,records,read,created")
    );
    let contacts = lines.find(|line| line.contains(",contacts,")).unwrap();
    assert!(
        contacts.contains("2027-01-15T08:00:00Z") && contacts.ends_with("invalid_email 1"),
        "{contacts}"
    );
    assert_eq!(
        get_as(&firm, &target, OTHER_PORTAL, MEMBER)["code"],
        "connection_unknown"
    );
}
