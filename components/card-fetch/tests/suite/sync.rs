//! "Sync now".

use serde_json::json;
use sync300_fakes::clio::Resource;
use sync300_fakes::hubspot::ObjectType;
use sync300_native_ports::firm::{MEMBER, PORTAL};

use crate::support::*;

/// S0-56, S0-57, S0-68: at any time outside the schedule, from any of the four kinds of records, by any user; the answer says
/// what happens next, and the card shows it.
#[test]
fn a_manual_sync_brings_the_record_up_to_date() {
    let (firm, ada, id) = with_ada();
    firm.account
        .edit(Resource::Contacts, ada, &json!({ "title": "Countess" }))
        .unwrap();
    firm.pass(1_000);
    assert_eq!(status_of(&firm, "0-1", &id)["syncing"], "no");
    let target = json!({ "objectType": "0-1", "objectId": id });
    let queued = post_as(&firm, "/cards/sync", &target, PORTAL, MEMBER);
    assert_eq!(queued["state"], "queued", "{queued}");
    assert_eq!(queued["systems"], json!(["Clio"]));
    assert!(
        queued["message"]
            .as_str()
            .unwrap()
            .contains("within a minute")
    );
    assert!(queued["poll_after"].as_i64().unwrap() >= 1_000);
    assert_eq!(status_of(&firm, "0-1", &id)["syncing"], "queued");
    firm.sync().unwrap();
    let seen = status_of(&firm, "0-1", &id);
    assert_eq!(
        (seen["status"].as_str(), seen["syncing"].as_str()),
        (Some("synced"), Some("no"))
    );
    let record = firm
        .portal
        .record(ObjectType::Contacts, id.parse().unwrap())
        .unwrap();
    assert_eq!(record.value("jobtitle"), Some("Countess"));
    let cause = firm
        .sql("SELECT cause FROM runs ORDER BY run_id DESC LIMIT 1")
        .unwrap();
    assert_eq!(cause[0][0], "requested".into());
}

/// The proxy tries once more: asked twice is asked once.
#[test]
fn asking_twice_is_asking_once() {
    let (firm, _, id) = with_ada();
    let runs = || firm.number("SELECT count(*) FROM runs").unwrap();
    assert_eq!(runs(), Some(1));
    assert_eq!(sync_now(&firm, "0-1", &id), sync_now(&firm, "0-1", &id));
    firm.sync().unwrap();
    assert_eq!(runs(), Some(2));
    let asked = "SELECT count(*) FROM audit WHERE action = 'sync_requested'";
    assert_eq!(firm.number(asked).unwrap(), Some(1));
}

/// A record that was refused, and is right now, is tried again at once and not in its time.
#[test]
fn a_refused_record_is_tried_at_once() {
    let (firm, _, id) = with_ada();
    // Past the overlap of the lists, so that the record is not listed again.
    firm.pass(10 * 60_000);
    firm.sync_again().unwrap();
    let later =
        "UPDATE links SET state = 'failed', reason = 'invalid_value', retry_at = 9999999999999";
    firm.sql(later).unwrap();
    assert_eq!(status_of(&firm, "0-1", &id)["status"], "error");
    firm.sync_again().unwrap();
    assert_eq!(
        status_of(&firm, "0-1", &id)["status"],
        "error",
        "its time has not come"
    );
    assert_eq!(sync_now(&firm, "0-1", &id)["ok"], true);
    firm.sync().unwrap();
    assert_eq!(status_of(&firm, "0-1", &id)["status"], "synced");
}

/// A sync of a whole connection, from the settings; one that is disconnected or paused says why not.
#[test]
fn a_connection_is_synced_as_a_whole() {
    let (firm, _, _) = with_ada();
    let target = json!({ "connection": firm.connection });
    assert_eq!(post(&firm, "/cards/sync", &target)["state"], "queued");
    for (change, code) in [
        (
            "UPDATE connections SET status = 'disconnected'",
            "disconnected",
        ),
        ("UPDATE connections SET status = 'paused'", "paused"),
        ("UPDATE portals SET status = 'restricted'", "restricted"),
    ] {
        firm.sql(change).unwrap();
        let refused = post(&firm, "/cards/sync", &target);
        assert_eq!(
            (refused["code"].as_str(), refused["detail"].as_str()),
            (Some("not_syncable"), Some(code))
        );
        assert!(refused["action"].is_string());
    }
    assert_eq!(
        post(&firm, "/cards/sync", &json!({ "connection": "nobody's" }))["code"],
        "connection_unknown"
    );
}
