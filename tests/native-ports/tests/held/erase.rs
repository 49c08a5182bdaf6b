//! A portal is erased: at once, or by its clock.

use futures_executor::block_on;
use sync300_kit::Error;
use sync300_kit::chores;
use sync300_kit::engine::Part;
use sync300_kit::ports::{KeyValue as _, SqlValue};
use sync300_kit::privacy::{Erasure, erase};
use sync300_kit::settings::Settings;
use sync300_kit::store::Store;
use sync300_kit::store::held::{By, TABLES};
use sync300_kit::store::page::{PageCommit, Position};
use sync300_kit::store::streams::Phase;
use sync300_native_ports::NativePorts;

use crate::world::*;

/// Rows that name a portal, or a connection or a run of it, in any table.
fn left(ports: &NativePorts, portal: i64) -> i64 {
    let connection = format!("canary-{portal}-%");
    let run = portal * 10;
    TABLES
        .iter()
        .map(|table| {
            let (condition, param): (&str, SqlValue) = match table.by {
                By::Portal => ("portal_id = ?1", portal.into()),
                By::Connection => ("connection_id LIKE ?1", connection.as_str().into()),
                By::Run => ("run_id / 10 * 10 = ?1", run.into()),
                By::Customer => ("customer_id = 'cus_ours' AND ?1 > 0", portal.into()),
            };
            let statement = format!("SELECT count(*) FROM {} WHERE {condition}", table.name);
            number(ports, &statement, &[param])
        })
        .sum()
}

fn clock(ports: &NativePorts, at: i64) {
    let statement = "UPDATE installs SET erase_at = ?1 WHERE portal_id = ?2";
    rows(ports, statement, &[at.into(), OURS.into()]);
}

/// S1-46, S1-51: nothing is left of the portal, in no table and in no byte of the file; nothing of another is touched.
#[test]
fn nothing_is_left_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let ports = in_file(&folder.path().join("held.db"));
    let held = || -> Vec<u8> {
        std::fs::read_dir(folder.path())
            .unwrap()
            .flat_map(|entry| std::fs::read(entry.unwrap().path()).unwrap())
            .collect()
    };
    let found = |what: &str| {
        held()
            .windows(what.len())
            .any(|window| window == what.as_bytes())
    };
    let (ours, others) = (format!("canary-{OURS}-"), format!("canary-{OTHERS}-"));
    let sealed = "SELECT sealed FROM credentials WHERE purpose = 'account_name' AND portal_id = ?1";
    let name = text(&rows(&ports, sealed, &[OURS.into()])[0][0]);
    // What was deleted before must not be found later either.
    rows(
        &ports,
        "UPDATE connections SET provisioned = NULL, settings = '{}' WHERE portal_id = ?1",
        &[OURS.into()],
    );
    rows(
        &ports,
        "DELETE FROM candidates WHERE connection_id = ?1",
        &[connection(OURS, 0).into()],
    );
    assert!(
        found(&ours) && found(&others) && found(&name),
        "the file is looked at"
    );
    let before = left(&ports, OTHERS);

    // Nothing else ends at this time.
    ports.set_now(NOON - 1);
    let erased = block_on(erase(&ports, OURS, NOON + 10_000)).unwrap();
    assert_eq!(erased, Erasure::Complete);
    assert_eq!(left(&ports, OURS), 0);
    assert!(!found(&ours) && !found(&name));
    assert_eq!(left(&ports, OTHERS), before);
    // S1-47: what was billed stays, and says no more whose it was.
    let billed =
        "SELECT count(*) FROM billing_customers WHERE customer_id = ?1 AND portal_id IS ?2";
    assert_eq!(
        number(&ports, billed, &["cus_ours".into(), SqlValue::Null]),
        1
    );
    assert_eq!(
        number(&ports, billed, &["cus_others".into(), OTHERS.into()]),
        1
    );
    let events = "SELECT count(*) FROM billing_events WHERE customer_id = 'cus_ours'";
    assert_eq!(number(&ports, events, &[]), 2);
    assert!(found(&others));
    let paused = |portal: i64| block_on(ports.get(&format!("hubspot-pause/{portal}")));
    assert_eq!(paused(OURS), None);
    assert!(paused(OTHERS).is_some());
    let log = ports.log_lines().join("\n");
    assert!(log.contains("portal_erased") && log.contains(&OURS.to_string()));
    assert_eq!(
        block_on(erase(&ports, OURS, NOON + 10_000)).unwrap(),
        Erasure::Unknown
    );
}

/// S1-46: not before the clock is due, and then with the next tick. S1-47: the clock of one portal is nobody else's.
#[test]
fn the_clock_erases_when_it_is_due() {
    let ports = in_memory();
    clock(&ports, NOON + 30 * DAY);
    let before = left(&ports, OTHERS);
    ports.set_now(NOON + 30 * DAY - 1);
    // Sessions and the like of these tests are past their time by then; the portal is not.
    block_on(chores::run(&ports, NOON + 31 * DAY));
    assert_eq!(
        number(
            &ports,
            "SELECT count(*) FROM portals WHERE status = 'active'",
            &[]
        ),
        2
    );
    assert!(left(&ports, OURS) > 20);
    rows(&ports, "DELETE FROM chores", &[]);
    ports.set_now(NOON + 30 * DAY);
    block_on(chores::run(&ports, NOON + 31 * DAY));
    assert_eq!(left(&ports, OURS), 0);
    let ended = 8; // Two sessions, two states, two events and two waiting actions are past their time.
    assert_eq!(left(&ports, OTHERS), before - ended);
}

/// An erasure that is interrupted goes on with the next tick, though the chore is not due for an hour; secrets go first.
#[test]
fn an_interrupted_erasure_goes_on() {
    let ports = in_memory();
    let many = "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 9000) \
                INSERT INTO relations SELECT ?1, 'k', 'a' || n, 'b', 1, 'kept' FROM n";
    rows(&ports, many, &[connection(OURS, 0).into()]);
    block_on(chores::run(&ports, NOON + 10_000));
    assert_eq!(
        block_on(erase(&ports, OURS, NOON)).unwrap(),
        Erasure::UnderWay
    );
    let count = |table: &str| {
        let statement = format!("SELECT count(*) FROM {table} WHERE connection_id = ?1");
        number(&ports, &statement, &[connection(OURS, 0).into()])
    };
    assert_eq!(count("credentials"), 0);
    assert_eq!(count("relations"), 7_002);
    assert_eq!(
        number(
            &ports,
            "SELECT count(*) FROM connections WHERE portal_id = ?1 AND status <> 'disconnected'",
            &[OURS.into()]
        ),
        0,
        "nobody works on it any more"
    );
    // Each tick gets on, however little time it has.
    for _ in 0..3 {
        block_on(chores::run(&ports, NOON));
        assert!(count("relations") > 0);
    }
    ports.set_now(NOON + 1);
    block_on(chores::run(&ports, NOON + 10_000));
    assert_eq!(left(&ports, OURS), 0);
}

/// An install while a portal is being erased takes the clock away: what is new stays.
#[test]
fn an_install_in_between_ends_the_erasure() {
    let ports = in_memory();
    let store = Store::new(&ports);
    clock(&ports, NOON);
    clock(&ports, NOON + DAY);
    assert_eq!(
        block_on(store.delete_past(NOON + 10_000)).unwrap(),
        Some(vec![])
    );
    assert!(left(&ports, OURS) > 20);
    assert_eq!(
        number(
            &ports,
            "SELECT count(*) FROM portals WHERE status = 'active'",
            &[]
        ),
        2
    );
}

/// Whoever works on a connection of the portal loses the lease, and commits nothing more.
#[test]
fn a_slice_under_way_commits_nothing_more() {
    let ports = in_memory();
    let store = Store::new(&ports);
    let settings = serde_json::to_string(&Settings::default()).unwrap();
    rows(
        &ports,
        "UPDATE connections SET settings = ?1, provisioned = NULL, due_at = 0, lease_until = 0 WHERE portal_id = ?2",
        &[settings.into(), OURS.into()],
    );
    rows(
        &ports,
        "UPDATE connections SET due_at = NULL WHERE portal_id <> ?1",
        &[OURS.into()],
    );
    let leased = block_on(store.lease_due(Part::ToHubspot)).unwrap().unwrap();
    assert_eq!(leased.portal, OURS);
    let run = block_on(store.run(&leased)).unwrap();
    block_on(erase(&ports, OURS, NOON + 10_000)).unwrap();
    let (page, position) = (PageCommit::default(), Position::default());
    let commit = store.commit_page(&leased, run.id, "contacts", &page, Phase::Walk, &position);
    assert!(matches!(block_on(commit), Err(Error::LeaseLost)));
    assert_eq!(left(&ports, OURS), 0);
}

/// A token that a refresh stores after the erasure does not stay where a database does not keep foreign keys.
#[test]
fn a_straggler_is_swept_up() {
    let ports = in_memory();
    block_on(erase(&ports, OURS, NOON + 10_000)).unwrap();
    rows(&ports, "PRAGMA foreign_keys = OFF", &[]);
    for statement in [
        "INSERT INTO credentials VALUES (?1, '', 'access_token', 'v1.old.x', NULL, ?2)",
        "INSERT INTO token_leases VALUES (?1, '', 1, ?2, 0)",
        "INSERT INTO roles VALUES (?1, 1, 'admin', ?2)",
    ] {
        rows(&ports, statement, &[OURS.into(), NOON.into()]);
    }
    ports.set_now(NOON + DAY);
    block_on(chores::run(&ports, NOON + 2 * DAY));
    assert_eq!(left(&ports, OURS), 0);
    assert_eq!(
        number(
            &ports,
            "SELECT count(*) FROM credentials WHERE portal_id = ?1",
            &[OTHERS.into()]
        ),
        3,
        "another's stay"
    );
}

/// An action that ends while its portal is being erased leaves no link behind.
#[test]
fn an_action_under_way_links_nothing_more() {
    let ports = in_memory();
    let store = Store::new(&ports);
    let link = |id: &str| {
        let connection = connection(OURS, 0);
        block_on(store.link_created(&connection, "contacts", id, id)).unwrap();
        let statement = "SELECT count(*) FROM links WHERE provider_id = ?1";
        number(&ports, statement, &[id.into()])
    };
    assert_eq!(link("before"), 1);
    rows(
        &ports,
        "UPDATE portals SET status = 'uninstalled' WHERE portal_id = ?1",
        &[OURS.into()],
    );
    assert_eq!(link("meanwhile"), 0);
    assert_eq!(
        block_on(erase(&ports, OURS, NOON + 10_000)).unwrap(),
        Erasure::Complete
    );
    assert_eq!(link("after"), 0);
    assert_eq!(left(&ports, OURS), 0);
}
