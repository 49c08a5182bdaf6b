//! What support sees of a portal.

use futures_executor::block_on;
use serde_json::Value;
use sync300_kit::operator;

use crate::world::*;

/// S1-21: portal id, the status of its connections and recent runs; no content, no names, no account, no user.
#[test]
fn support_sees_status_and_logs_and_no_content() {
    let ports = in_memory();
    let view = block_on(operator::portal(&ports, OURS)).unwrap().unwrap();
    let shown = serde_json::to_string(&view).unwrap();
    let parsed: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(parsed["portal_id"], OURS);
    assert_eq!(parsed["status"], "active");
    assert_eq!(parsed["connections"][0]["status"], "active");
    assert_eq!(parsed["connections"].as_array().unwrap().len(), 2);
    let runs = parsed["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 2);
    // The first run has all the counts and errors: two of each.
    let first = &runs[1];
    assert_eq!(first["run_id"], OURS * 10);
    assert_eq!(first["read"], OURS * 100 * 2 + 1);
    let code = canary(OURS, "run_errors", "code", 1);
    assert_eq!(first["errors"][code], 1);

    assert!(!shown.contains(&OTHERS.to_string()));
    for hidden in [
        "-settings-",
        "-provisioned-",
        "-account_id-",
        "-sealed-",
        "-fingerprint_key-",
        "-provider_id-",
        "-hubspot_id-",
        "-property-",
        "-ui_domain-",
        "-scopes-",
        "-base-",
        "Canary,",
    ] {
        assert!(!shown.contains(hidden), "{hidden}");
    }
    for user in ["installed_by", "connected_by", "user_id"] {
        assert!(!shown.contains(user), "{user}");
    }
}

/// The newest twenty runs of all connections.
#[test]
fn recent_runs_are_twenty() {
    let ports = in_memory();
    for at in 1..=30 {
        rows(
            &ports,
            "INSERT INTO runs (run_id, connection_id, cause, status, settings, started_at) VALUES (?1, ?2, 'requested', 'failed', '{}', ?3)",
            &[at.into(), connection(OURS, 0).into(), (NOON + at).into()],
        );
    }
    let view = block_on(operator::portal(&ports, OURS)).unwrap().unwrap();
    let ids: Vec<i64> = view.runs.iter().map(|run| run.run_id).collect();
    assert_eq!(ids, (11..=30).rev().collect::<Vec<_>>());
}

#[test]
fn there_is_no_view_of_nobody() {
    let ports = in_memory();
    assert!(block_on(operator::portal(&ports, 1)).unwrap().is_none());
}
