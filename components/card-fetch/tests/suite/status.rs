//! The sidebar card.

use serde_json::json;
use sync300_native_ports::firm::{Firm, MEMBER, PORTAL};

use crate::support::*;

/// S0-65 to S0-67: exactly one of three words, since when, and for whom: with one statement and no call to anybody.
#[test]
fn a_synced_record_says_so_in_one_statement() {
    let (firm, _, ada) = with_ada();
    firm.pass(3 * 60_000);
    firm.calls();
    let before = firm.ports.statements();
    let seen = status_of(&firm, "0-1", &ada);
    assert_eq!(firm.ports.statements() - before, 1);
    assert_eq!(firm.calls(), (0, 0));
    assert_eq!(seen["status"], "synced", "{seen}");
    assert_eq!(seen["message"], "In step with Clio.");
    assert_eq!(seen["last_sync"]["ago"], "3 minutes ago");
    assert_eq!(seen["syncing"], "no");
    let connection = &seen["connections"][0];
    assert_eq!(connection["label"], "Clio");
    assert_eq!(connection["object"], "Contact");
    assert_eq!(connection["last_run"]["status"], "success");
}

/// S0-07, S0-65: any user of the portal sees it, not admins alone; by any of HubSpot's names of the type.
#[test]
fn every_user_sees_the_card() {
    let (firm, _, ada) = with_ada();
    for kind in ["0-1", "contacts", "CONTACT"] {
        let target = format!("/cards/status?objectType={kind}&objectId={ada}");
        assert_eq!(get_as(&firm, &target, PORTAL, MEMBER)["status"], "synced");
    }
}

/// S0-66: a record that is not linked is not synced, and says what comes next.
#[test]
fn a_record_of_hubspots_own_is_not_synced() {
    let (firm, _, _) = with_ada();
    for kind in ["0-1", "0-2", "0-3", "0-5"] {
        let seen = status_of(&firm, kind, "999999");
        assert_eq!(seen["status"], "not_synced");
        assert_eq!(seen["connections"][0]["code"], "not_linked");
        assert!(seen["action"].is_string());
    }
}

/// S0-95: an expired connection shows as not synced, with the way out; reconnected, a manual sync brings it back.
#[test]
fn an_expired_connection_comes_back() {
    let (firm, _, ada) = with_ada();
    firm.sql("UPDATE connections SET status = 'expired', status_reason = 'provider_token_expired', due_at = NULL").unwrap();
    let seen = status_of(&firm, "0-1", &ada);
    assert_eq!(seen["status"], "not_synced");
    assert!(
        seen["action"].as_str().unwrap().contains("Reconnect Clio"),
        "{seen}"
    );
    assert_eq!(seen["connections"][0]["can_sync"], false);
    let refused = sync_now(&firm, "0-1", &ada);
    assert_eq!(
        (refused["ok"].as_bool(), refused["code"].as_str()),
        (Some(false), Some("not_syncable"))
    );
    assert_eq!(refused["detail"], "provider_token_expired");

    firm.sql("UPDATE connections SET status = 'active', status_reason = NULL")
        .unwrap();
    assert_eq!(sync_now(&firm, "0-1", &ada)["ok"], true);
    firm.sync().unwrap();
    assert_eq!(status_of(&firm, "0-1", &ada)["status"], "synced");
}

/// S0-14: an object that is switched off says so.
#[test]
fn a_switched_off_object_is_not_synced() {
    let (firm, _, ada) = with_ada();
    firm.sql(r#"UPDATE connections SET settings = '{"objects":{"contacts":{"enabled":false}}}'"#)
        .unwrap();
    let seen = status_of(&firm, "0-1", &ada);
    assert_eq!(
        (
            seen["status"].as_str(),
            seen["connections"][0]["code"].as_str()
        ),
        (Some("not_synced"), Some("object_off"))
    );
    assert_eq!(sync_now(&firm, "0-1", &ada)["ok"], false);
}

/// S0-100, S0-103: a run that failed shows on the card, with kind of record, reason and what to do.
#[test]
fn a_failed_run_shows() {
    let (firm, _, ada) = with_ada();
    firm.sql(
        "UPDATE runs SET status = 'failed', reason = 'provider_limited', reason_object = 'matters'",
    )
    .unwrap();
    let seen = status_of(&firm, "0-1", &ada);
    assert_eq!(seen["status"], "error");
    let run = &seen["connections"][0]["last_run"];
    assert_eq!(
        run["message"],
        "Matters: Clio allows no more calls for the moment."
    );
    assert!(
        run["action"]
            .as_str()
            .unwrap()
            .contains("next scheduled sync")
    );
}

/// A new portal, and a database without tables, are told to connect or install and nothing else.
#[test]
fn nothing_connected_yet() {
    let firm = Firm::new().unwrap();
    firm.sql("DELETE FROM connections").unwrap();
    let seen = status_of(&firm, "0-1", "1");
    assert_eq!(seen["status"], "not_synced");
    assert!(seen["action"].as_str().unwrap().contains("Connect"));
    assert_eq!(seen["connections"], json!([]));
    firm.sql("DROP TABLE runs").unwrap();
    assert_eq!(status_of(&firm, "0-1", "1")["code"], "portal_unknown");
}
