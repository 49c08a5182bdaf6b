//! What ends by its age.

use futures_executor::block_on;
use sync300_kit::chores;
use sync300_kit::store::Store;
use sync300_native_ports::NativePorts;

use crate::world::*;

fn run(ports: &NativePorts, id: i64, connection: &str, status: &str, started_at: i64) {
    rows(
        ports,
        "INSERT INTO runs (run_id, connection_id, cause, status, settings, started_at) VALUES (?1, ?2, 'scheduled', ?3, '{}', ?4)",
        &[
            id.into(),
            connection.into(),
            status.into(),
            started_at.into(),
        ],
    );
    rows(
        ports,
        "INSERT INTO run_counts (run_id, object, read) VALUES (?1, 'contacts', 1)",
        &[id.into()],
    );
    rows(
        ports,
        "INSERT INTO run_errors VALUES (?1, 'contacts', 'p', 'code', '', ?2)",
        &[id.into(), started_at.into()],
    );
}

fn tables(ports: &NativePorts) -> [i64; 3] {
    ["runs", "run_counts", "run_errors"].map(|table| {
        number(
            ports,
            &format!("SELECT count(*) FROM {table} WHERE run_id < 100000"),
            &[],
        )
    })
}

fn kept(ports: &NativePorts) -> Vec<i64> {
    rows(
        ports,
        "SELECT run_id FROM runs WHERE run_id < 100000 ORDER BY run_id",
        &[],
    )
    .into_iter()
    .map(|row| match row[0] {
        sync300_kit::ports::SqlValue::Integer(id) => id,
        ref other => panic!("{other:?}"),
    })
    .collect()
}

/// S1-44: a run's log is kept for 90 days to the millisecond, and its counts and errors as long as itself. A run that is
/// under way is not an old one.
#[test]
fn run_logs_end_after_90_days() {
    let ports = in_memory();
    let edge = NOON - 90 * DAY;
    run(&ports, 1, &connection(OURS, 0), "succeeded", edge);
    run(&ports, 2, &connection(OURS, 0), "failed", edge - 1);
    run(&ports, 3, &connection(OTHERS, 0), "running", edge - DAY);
    run(&ports, 4, "gone", "running", edge - DAY);
    run(&ports, 5, "gone", "succeeded", edge + 1);
    block_on(chores::run(&ports, NOON + 10_000));
    assert_eq!(kept(&ports), [1, 3, 5]);
    assert_eq!(tables(&ports), [3, 3, 3]);

    ports.set_now(NOON + 1);
    rows(&ports, "DELETE FROM chores", &[]);
    block_on(chores::run(&ports, NOON + 10_000));
    assert_eq!(kept(&ports), [3, 5]);
}

/// However many there are, they go in bounded statements, and what the time does not reach goes with the next tick.
#[test]
fn many_old_runs_go_in_bounded_statements() {
    let ports = in_memory();
    for id in 1..=4_203 {
        run(&ports, id, "gone", "succeeded", NOON - 100 * DAY + id);
    }
    block_on(chores::run(&ports, NOON));
    assert_eq!(
        tables(&ports),
        [4_203, 4_203, 2_203],
        "one statement, and the time is up: errors go before their runs"
    );
    block_on(chores::run(&ports, NOON + 10_000));
    assert_eq!(tables(&ports), [0, 0, 0]);
}

/// The trail of who did what is kept for 400 days.
#[test]
fn audit_entries_end_after_400_days() {
    let ports = in_memory();
    let edge = NOON - 400 * DAY;
    for (id, at) in [(1, edge), (2, edge - 1)] {
        let values: [sync300_kit::ports::SqlValue; 3] = [id.into(), OURS.into(), at.into()];
        rows(
            &ports,
            "INSERT INTO audit (audit_id, portal_id, at, action) VALUES (?1, ?2, ?3, 'installed')",
            &values,
        );
    }
    block_on(chores::run(&ports, NOON + 10_000));
    let small = "SELECT sum (audit_id) FROM audit WHERE audit_id < 10";
    assert_eq!(number(&ports, small, &[]), 1);
}

/// S0-85, S1-35: sessions and authorizations go when their time is up, and not before.
#[test]
fn sessions_and_states_end_with_their_time() {
    let ports = in_memory();
    let count = |table: &str| number(&ports, &format!("SELECT count(*) FROM {table}"), &[]);
    ports.set_now(NOON - 1);
    block_on(chores::run(&ports, NOON + 10_000));
    assert_eq!((count("sessions"), count("oauth_states")), (4, 4));
    rows(&ports, "DELETE FROM chores", &[]);
    ports.set_now(NOON);
    block_on(chores::run(&ports, NOON + 10_000));
    assert_eq!((count("sessions"), count("oauth_states")), (0, 0));
}

/// S1-45: what a refresh stored for a connection while it was being disconnected does not stay.
#[test]
fn credentials_of_a_disconnected_connection_do_not_stay() {
    let ports = in_memory();
    rows(
        &ports,
        "UPDATE connections SET status = 'disconnected' WHERE portal_id = ?1",
        &[OURS.into()],
    );
    let count = || {
        number(
            &ports,
            "SELECT count(*) FROM credentials WHERE connection_id <> '' AND portal_id = ?1",
            &[OURS.into()],
        )
    };
    block_on(chores::run(&ports, NOON + 10_000));
    assert_eq!(count(), 3, "it may be just being connected");
    ports.set_now(NOON + 3_600_001);
    block_on(chores::run(&ports, NOON + DAY));
    assert_eq!(count(), 0);
}

/// What another account's sign-in left waiting for an answer goes when nobody gave one in time.
#[test]
fn an_unanswered_account_does_not_stay() {
    let ports = in_memory();
    for (portal, until) in [(OURS, NOON), (OTHERS, NOON + 1)] {
        rows(
            &ports,
            "UPDATE accounts SET pending_until = ?1 WHERE connection_id = ?2",
            &[until.into(), connection(portal, 0).into()],
        );
        rows(
            &ports,
            "INSERT INTO credentials VALUES (?1, ?2, 'pending_access_token', 'v1.old.x', NULL, ?3)",
            &[portal.into(), connection(portal, 0).into(), NOON.into()],
        );
    }
    block_on(chores::run(&ports, NOON + 10_000));
    for (portal, left) in [(OURS, 0), (OTHERS, 1)] {
        let tokens =
            "SELECT count(*) FROM credentials WHERE portal_id = ?1 AND purpose LIKE 'pending_%'";
        assert_eq!(number(&ports, tokens, &[portal.into()]), left);
        let asked = "SELECT count(pending_id) + count(pending_until) FROM accounts WHERE connection_id = ?1";
        let accounts = number(&ports, asked, &[connection(portal, 0).into()]);
        assert_eq!(accounts, left * 2);
    }
}

/// Of many ticks one does it, once an hour; the others pay one statement.
#[test]
fn a_chore_is_done_by_one_tick_an_hour() {
    let ports = in_memory();
    let store = Store::new(&ports);
    let claim = || block_on(store.claim_chores(&[("retention", 3_600_000), ("ending", 300_000)]));
    let mut both = claim().unwrap();
    both.sort();
    assert_eq!(both, ["ending", "retention"]);
    assert!(claim().unwrap().is_empty());
    let before = ports.statements();
    block_on(chores::run(&ports, NOON + 10_000));
    assert_eq!(ports.statements() - before, 1);
    ports.set_now(NOON + 3_599_999);
    assert_eq!(claim().unwrap(), ["ending"]);
    ports.set_now(NOON + 3_600_000);
    assert_eq!(claim().unwrap(), ["retention"]);
}

/// A chore that fails is logged by its code, and does not fail the tick.
#[test]
fn a_failing_chore_is_logged() {
    let ports = in_memory();
    rows(&ports, "DROP TABLE sessions", &[]);
    block_on(chores::run(&ports, NOON + 10_000));
    let line = ports.log_lines().join("\n");
    assert!(
        line.contains(r#""code":"database""#) && line.contains("retention"),
        "{line}"
    );
}

/// What an instance stored of a portal while it was being erased, before that was fenced, goes with the next look; what
/// belongs to somebody stays.
#[test]
fn what_is_nobody_s_goes() {
    let ports = in_memory();
    for statement in [
        "INSERT INTO portal_calls VALUES (999, ?1 / 1000 - 3601, 5)",
        "INSERT INTO portal_limits SELECT 999, 60 WHERE ?1",
        "INSERT INTO links (connection_id, object, provider_id, state, synced_at) SELECT 'gone', 'contacts', 'p', 'active', ?1",
    ] {
        rows(&ports, statement, &[NOON.into()]);
    }
    let count = |table: &str| number(&ports, &format!("SELECT count(*) FROM {table}"), &[]);
    let before = ["portal_calls", "portal_limits", "links"].map(count);
    block_on(chores::run(&ports, NOON + 10_000));
    let after = ["portal_calls", "portal_limits", "links"].map(count);
    assert_eq!(after, before.map(|rows| rows - 1));
}
