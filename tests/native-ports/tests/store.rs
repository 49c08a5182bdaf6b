//! The store on SQLite: leases, the fence, and the page commit.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test ends where something is not as it must be"
)]

use futures_executor::block_on;
use sync300_kit::Error;
use sync300_kit::engine::Part;
use sync300_kit::ports::{Clock as _, Sql as _, SqlValue};
use sync300_kit::settings::Settings;
use sync300_kit::store::Store;
use sync300_kit::store::connections::{Connection, LEASE_MILLIS, NewConnection, Next};
use sync300_kit::store::page::{LinkRow, PageCommit, Position, RelationSetRow};
use sync300_kit::store::portals::Portal;
use sync300_kit::store::runs::{Counts, Run};
use sync300_kit::store::streams::Phase;
use sync300_native_ports::NativePorts;

const NOON: i64 = 1_800_000_000_000;

/// A database with connections of these names, added a millisecond apart.
fn with_connections(names: &[&str]) -> NativePorts {
    let ports = NativePorts::in_memory().unwrap();
    let store = Store::new(&ports);
    block_on(store.migrate()).unwrap();
    for (portal, id) in (1..).zip(names) {
        ports.set_now(NOON + portal);
        let new = Portal {
            id: portal,
            ui_domain: "app.hubspot.com".to_owned(),
            time_zone: None,
        };
        block_on(store.put_portal(&new)).unwrap();
        block_on(store.add_connection(&NewConnection {
            id,
            portal,
            connector: "clio",
            region: "us",
            settings: &Settings::default(),
            frequency: 15,
            fingerprint_key: "sealed",
        }))
        .unwrap();
    }
    ports.set_now(NOON + 1_000);
    ports
}

fn lease(ports: &NativePorts) -> Option<Connection> {
    block_on(Store::new(ports).lease_due(Part::ToHubspot)).unwrap()
}

fn begin(ports: &NativePorts, connection: &Connection) -> Run {
    let store = Store::new(ports);
    let run = block_on(store.run(connection)).unwrap();
    block_on(store.begin_walk(connection, "contacts", run.id, None)).unwrap();
    run
}

fn page(links: &[(&str, &str)]) -> PageCommit {
    PageCommit {
        links: links
            .iter()
            .map(|(id, hubspot)| LinkRow::active(id, hubspot, "{}".to_owned(), None))
            .collect(),
        counts: Counts {
            read: links.len() as i64,
            created: links.len() as i64,
            ..Counts::default()
        },
        ..PageCommit::default()
    }
}

fn commit(
    ports: &NativePorts,
    connection: &Connection,
    run: &Run,
    page: &PageCommit,
) -> Result<(), Error> {
    let position = Position {
        cursor: Some("next".to_owned()),
        ..Position::default()
    };
    block_on(Store::new(ports).commit_page(
        connection,
        run.id,
        "contacts",
        page,
        Phase::Walk,
        &position,
    ))
}

fn number(ports: &NativePorts, statement: &str) -> i64 {
    match block_on(ports.execute(statement, &[])).unwrap()[0][0] {
        SqlValue::Integer(value) => value,
        ref other => panic!("{other:?}"),
    }
}

/// S0-58: a full sync that is asked for during a run is not the run's own: whether the walk under way is over changes or
/// over everything, the next one is over everything. What is known of a list that is a door stays known.
#[test]
fn everything_that_is_asked_for_during_a_walk_is_walked_over_after_it() {
    let ports = with_connections(&["a"]);
    let store = Store::new(&ports);
    let walk = |stream: &str, since: Option<i64>, asked: bool| {
        let connection = lease(&ports).unwrap();
        let run = block_on(store.run(&connection)).unwrap();
        block_on(store.begin_walk(&connection, stream, run.id, since)).unwrap();
        if asked {
            block_on(store.request_full_sync(1)).unwrap();
        }
        block_on(store.finish_walk(&connection, stream, "v1")).unwrap();
        block_on(store.finish_run(&connection, run.id, None)).unwrap();
        block_on(store.release(&connection, Next::At(0), 0)).unwrap();
        let state = block_on(store.streams("a"))
            .unwrap()
            .remove(stream)
            .unwrap();
        (state.version, state.full_at)
    };
    let full_at = Some(ports.now());
    let done = Some("v1".to_owned());
    assert_eq!(walk("contacts", None, false), (done.clone(), full_at));
    assert_eq!(walk("contacts", Some(NOON), false), (done.clone(), full_at));
    assert_eq!(walk("contacts", Some(NOON), true), (None, None));
    assert_eq!(walk("contacts", None, true), (None, None));
    assert_eq!(walk("contacts", None, false), (done.clone(), full_at));
    assert_eq!(walk("contacts/members", None, true), (done, full_at));
}

/// An instance that wakes after its lease has gone to another changes nothing.
#[test]
fn a_lost_lease_changes_nothing() {
    let ports = with_connections(&["a"]);
    let slow = lease(&ports).unwrap();
    let run = begin(&ports, &slow);
    assert!(lease(&ports).is_none(), "held by the first");
    ports.set_now(NOON + 2_000 + LEASE_MILLIS);
    let other = lease(&ports).unwrap();
    assert!(other.epoch > slow.epoch);
    assert!(matches!(
        commit(&ports, &slow, &run, &page(&[("1", "10")])),
        Err(Error::LeaseLost)
    ));
    let store = Store::new(&ports);
    assert!(matches!(
        block_on(store.release(&slow, Next::At(0), 0)),
        Err(Error::LeaseLost)
    ));
    assert!(matches!(
        block_on(store.finish_run(&slow, run.id, None)),
        Err(Error::LeaseLost)
    ));
    assert!(matches!(
        block_on(store.expire(&slow, "revoked")),
        Err(Error::LeaseLost)
    ));
    assert_eq!(number(&ports, "SELECT count(*) FROM links"), 0);
    assert_eq!(
        number(&ports, "SELECT count(*) FROM runs WHERE status = 'running'"),
        1
    );
    commit(&ports, &other, &run, &page(&[("1", "10")])).unwrap();
    assert_eq!(number(&ports, "SELECT count(*) FROM links"), 1);
}

/// A page is committed as a whole or not at all: a second link to one HubSpot record is refused by the schema, and with
/// it everything else on the page.
#[test]
fn a_page_is_all_or_nothing() {
    let ports = with_connections(&["a"]);
    let connection = lease(&ports).unwrap();
    let run = begin(&ports, &connection);
    commit(&ports, &connection, &run, &page(&[("1", "10")])).unwrap();
    assert!(
        commit(
            &ports,
            &connection,
            &run,
            &page(&[("2", "20"), ("3", "10")])
        )
        .is_err()
    );
    assert_eq!(number(&ports, "SELECT count(*) FROM links"), 1);
    assert_eq!(number(&ports, "SELECT read FROM run_counts"), 1);
}

/// A commit extends the lease: a slice that makes progress keeps its connection.
#[test]
fn a_commit_extends_the_lease() {
    let ports = with_connections(&["a"]);
    let connection = lease(&ports).unwrap();
    let run = begin(&ports, &connection);
    ports.set_now(NOON + 1_000 + LEASE_MILLIS - 1);
    commit(&ports, &connection, &run, &page(&[("1", "10")])).unwrap();
    ports.set_now(NOON + 1_000 + LEASE_MILLIS + 1);
    commit(&ports, &connection, &run, &page(&[("2", "20")])).unwrap();
    assert!(lease(&ports).is_none());
}

/// Connections take turns: one with more to do goes behind those that wait.
#[test]
fn an_unfinished_connection_goes_to_the_back() {
    let ports = with_connections(&["large", "small"]);
    let store = Store::new(&ports);
    let mut order = Vec::new();
    for _ in 0..4 {
        let connection = lease(&ports).unwrap();
        order.push(connection.id.clone());
        let now = sync300_kit::ports::Clock::now(&ports);
        block_on(store.release(&connection, Next::At(now), 0)).unwrap();
        ports.set_now(now + 10);
    }
    assert_eq!(order, ["large", "small", "large", "small"]);
}

/// S0-103: a limit is waited out whoever asks for a sync meanwhile; where a side does not answer, a person's ask is tried at
/// once, and no other cuts the wait short. What was asked for is not lost.
#[test]
fn a_wait_is_not_cut_short() {
    let ports = with_connections(&["a"]);
    let store = Store::new(&ports);
    let due = || number(&ports, "SELECT coalesce (due_at, -1) FROM connections");
    let told = || {
        let told = "UPDATE connections SET requested_at = ?1, due_at = min (due_at, ?1)";
        block_on(ports.execute(told, &[(NOON + 2_000).into()])).unwrap();
    };
    let connection = lease(&ports).unwrap();
    begin(&ports, &connection);
    block_on(store.release(&connection, Next::At(NOON + 40_000), 0)).unwrap();
    told();
    block_on(store.request_sync("a")).unwrap();
    assert_eq!(due(), NOON + 40_000);
    assert!(lease(&ports).is_none());

    ports.set_now(NOON + 40_000);
    let connection = lease(&ports).unwrap();
    block_on(store.release(&connection, Next::At(NOON + 90_000), 3)).unwrap();
    told();
    assert_eq!(due(), NOON + 90_000);
    block_on(store.request_sync("a")).unwrap();
    let connection = lease(&ports).unwrap();
    assert!(connection.requested);

    block_on(store.finish_run(&connection, 1, Some((None, "unavailable")))).unwrap();
    block_on(store.release(&connection, Next::Scheduled(Some(NOON + 900_000)), 7)).unwrap();
    assert_eq!(due(), NOON + 900_000, "asked for before it failed");
    told();
    assert_eq!(due(), NOON + 900_000);
}

/// S0-45 to S0-51: the schedule as stored: 15 minutes later for a scheduled run, never for manual only, and at once where
/// a sync was asked for meanwhile; requests coalesce.
#[test]
fn the_schedule_is_kept_and_a_request_is_not_lost() {
    let ports = with_connections(&["a"]);
    let store = Store::new(&ports);
    let due = || number(&ports, "SELECT coalesce (due_at, -1) FROM connections");
    let connection = lease(&ports).unwrap();
    assert!(connection.requested, "the first run is due at once");
    let run = begin(&ports, &connection);
    block_on(store.finish_run(&connection, run.id, None)).unwrap();
    block_on(store.release(&connection, Next::Scheduled(Some(NOON + 900_000)), 0)).unwrap();
    assert_eq!(due(), NOON + 900_000);

    block_on(store.request_sync("a")).unwrap();
    block_on(store.request_sync("a")).unwrap();
    let connection = lease(&ports).unwrap();
    let run = begin(&ports, &connection);
    block_on(store.request_sync("a")).unwrap();
    block_on(store.finish_run(&connection, run.id, None)).unwrap();
    block_on(store.release(&connection, Next::Scheduled(None), 0)).unwrap();
    assert_eq!(due(), NOON + 1_000, "asked for during the run");
    let connection = lease(&ports).unwrap();
    block_on(store.run(&connection)).unwrap();
    block_on(store.release(&connection, Next::Scheduled(None), 0)).unwrap();
    assert_eq!(due(), -1, "manual only");
    assert!(lease(&ports).is_none());
}

/// Finding what is due reads due connections alone, however many there are.
#[test]
fn due_connections_are_found_by_index() {
    let ports = with_connections(&["a"]);
    let statement = "EXPLAIN QUERY PLAN SELECT c.connection_id FROM connections c JOIN portals p ON p.portal_id = c.portal_id \
                     WHERE c.due_at <= 1 AND c.status = 'active' AND c.lease_until <= 1 AND p.status = 'active' ORDER BY c.due_at LIMIT 1";
    let rows = block_on(ports.execute(statement, &[])).unwrap();
    let plan = format!("{rows:?}");
    assert!(plan.contains("connections_due"), "{plan}");
    assert!(!plan.contains("TEMP B-TREE"), "{plan}");
}

/// What a page costs does not grow with the firm: its lookups and its commit take as many steps beside 20,000 links as
/// beside 400.
#[test]
fn a_page_costs_the_same_in_a_large_firm() {
    let cost = |firm: usize| {
        let ports = with_connections(&["a"]);
        let connection = lease(&ports).unwrap();
        let run = begin(&ports, &connection);
        for row in [
            "INSERT INTO links (connection_id, object, provider_id, hubspot_id, state, synced_at) \
             SELECT 'a', 'contacts', 'p' || value, 'h' || value, 'active', 0 FROM n",
            "INSERT INTO candidates (connection_id, object, tier, digest, hubspot_id) \
             SELECT 'a', 'contacts', 'name', 'd' || value, 'h' || value FROM n",
            "INSERT INTO relations (connection_id, kind, from_id, to_id, generation, state) \
             SELECT 'a', 'client', 'm' || value, 'p' || value, 0, 'kept' FROM n",
        ] {
            let numbers = format!(
                "WITH RECURSIVE n (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n LIMIT {firm}) {row}"
            );
            block_on(ports.execute(&numbers, &[])).unwrap();
        }
        let store = Store::new(&ports);
        let before = ports.steps();
        let ids = |letter: char| {
            (1..=200)
                .map(|n| format!("{letter}{n}"))
                .collect::<Vec<_>>()
        };
        let (providers, hubspots) = (ids('p'), ids('h'));
        let providers: Vec<&str> = providers.iter().map(String::as_str).collect();
        let hubspots: Vec<&str> = hubspots.iter().map(String::as_str).collect();
        let found = block_on(store.links("a", "contacts", &providers)).unwrap();
        assert_eq!(found.len(), 200);
        let found = block_on(store.owners("a", "contacts", &hubspots)).unwrap();
        assert_eq!(found.len(), 200);
        let keys: Vec<(&str, String)> = ids('d')
            .into_iter()
            .map(|digest| ("name", digest))
            .collect();
        let found = block_on(store.candidates("a", "contacts", &keys)).unwrap();
        assert_eq!(found.len(), 200);
        let set = |id: &str, reverse: bool| RelationSetRow {
            kind: "client".to_owned(),
            reverse,
            id: id.to_owned(),
            others: Vec::new(),
        };
        let page = PageCommit {
            relation_sets: vec![set("m7", false), set("p8", true)],
            ..page(&[("p1", "h1"), ("new", "newer")])
        };
        commit(&ports, &connection, &run, &page).unwrap();
        let steps = ports.steps() - before;
        assert_eq!(
            number(
                &ports,
                "SELECT count(*) FROM relations WHERE state = 'gone'"
            ),
            2
        );
        assert_eq!(
            number(
                &ports,
                "SELECT count(*) FROM candidates WHERE hubspot_id = 'h1'"
            ),
            0
        );
        steps
    };
    let (small, large) = (cost(400), cost(20_000));
    assert!(large <= small + small / 10, "{small} steps, then {large}");
}

/// A tick reads what is due and nothing else: with 10,000 connections of which 10 are due it takes as many steps as with
/// 100, and finds them by their index.
#[test]
fn what_is_due_is_found_among_many() {
    let cost = |connections: usize| {
        let ports = with_connections(&["a"]);
        let many = format!(
            "WITH RECURSIVE n (value) AS (SELECT 2 UNION ALL SELECT value + 1 FROM n LIMIT {connections}) \
             INSERT INTO portals (portal_id, ui_domain, status, created_at) SELECT value, '', 'active', 0 FROM n"
        );
        block_on(ports.execute(&many, &[])).unwrap();
        let connected = format!(
            "INSERT INTO connections (connection_id, portal_id, connector, region, status, settings, frequency, due_at, \
             fingerprint_key, created_at) \
             SELECT 'c' || portal_id, portal_id, 'clio', 'us', 'active', '{{}}', 15, \
               {NOON} + iif (portal_id % {connections} < 9, 0, 3600000), '', 0 \
             FROM portals WHERE portal_id > 1"
        );
        block_on(ports.execute(&connected, &[])).unwrap();
        block_on(ports.execute("UPDATE connections SET requested_at = NULL", &[])).unwrap();
        let store = Store::new(&ports);
        let before = ports.steps();
        let mut worked = 0;
        while let Some(connection) = lease(&ports) {
            worked += 1;
            block_on(store.release(&connection, Next::Scheduled(None), 0)).unwrap();
        }
        assert_eq!(block_on(store.count_due()).unwrap(), 0);
        (worked, ports.steps() - before)
    };
    let ((ten, few), (of_many, many)) = (cost(100), cost(10_000));
    assert_eq!((ten, of_many), (10, 10));
    assert!(many <= few + few / 10, "{few} steps, then {many}");
}

/// A connection with much to do gives way to others after each slice, however much that is.
#[test]
fn nobody_waits_for_more_than_a_slice() {
    let ports = with_connections(&["large", "small"]);
    let store = Store::new(&ports);
    block_on(ports.execute(
        "UPDATE connections SET due_at = NULL WHERE connection_id = 'small'",
        &[],
    ))
    .unwrap();
    let mut served = Vec::new();
    for slice in 1..=6 {
        let connection = lease(&ports).unwrap();
        served.push(connection.id.clone());
        ports.set_now(NOON + 10_000 * slice);
        if slice == 2 {
            // Asked for while the large one is at work.
            assert!(block_on(store.request_sync("small")).unwrap());
            ports.set_now(NOON + 10_000 * slice + 5_000);
        }
        let next = match connection.id.as_str() {
            "large" => Next::At(NOON + 10_000 * slice + 5_000),
            _ => Next::Scheduled(None),
        };
        block_on(store.run(&connection)).unwrap();
        block_on(store.release(&connection, next, 0)).unwrap();
        ports.set_now(NOON + 10_000 * slice + 5_000);
    }
    assert_eq!(
        served,
        ["large", "large", "small", "large", "large", "large"]
    );
}

/// A database that is up to date costs one statement; one left half migrated is brought on.
#[test]
fn migrating_again_is_cheap_and_goes_on_where_it_ended() {
    let ports = with_connections(&[]);
    let before = ports.statements();
    block_on(Store::new(&ports).migrate()).unwrap();
    assert_eq!(ports.statements() - before, 1);
    block_on(ports.execute("DELETE FROM schema_migrations WHERE version > 1", &[])).unwrap();
    block_on(ports.execute("DROP TABLE claims", &[])).unwrap();
    block_on(Store::new(&ports).migrate()).unwrap();
    assert_eq!(number(&ports, "SELECT count(*) FROM claims"), 0);
}

/// The statements of a migration, as the kit's build cuts them.
fn statements(file: &str) -> Vec<String> {
    let path = format!("{}/../../migrations/{file}", env!("CARGO_MANIFEST_DIR"));
    let mut found = vec![String::new()];
    for line in std::fs::read_to_string(path).unwrap().lines() {
        let code = line.split("--").next().unwrap().trim_end();
        let current = found.last_mut().unwrap();
        current.push_str(code);
        current.push('\n');
        let trigger = current.trim_start().starts_with("CREATE TRIGGER");
        if code.ends_with(';') && (!trigger || code == "END;") {
            found.push(String::new());
        }
    }
    found.retain(|statement| !statement.trim().is_empty());
    found
}

/// Links are moved into a table of another shape: whatever statement an instance ended behind, the next one brings it to
/// its end, and no link is lost.
#[test]
fn links_outlive_a_migration_that_ends_anywhere() {
    let moving = statements("0010_both_ways.sql");
    for ended in 0..=moving.len() {
        let ports = NativePorts::in_memory().unwrap();
        let run = |statement: &str| block_on(ports.execute(statement, &[])).unwrap();
        for file in [
            "0001_connections.sql",
            "0002_sync.sql",
            "0003_page_commit.sql",
            "0008_commit_by_index.sql",
        ] {
            for statement in statements(file) {
                run(&statement);
            }
        }
        run(
            "INSERT INTO links (connection_id, object, provider_id, hubspot_id, state, reason, base, synced_at, attempts, retry_at) \
             VALUES ('a', 'contacts', '1', '10', 'active', NULL, '{}', 5, 0, NULL), \
               ('a', 'contacts', '2', NULL, 'failed', 'no', NULL, 6, 3, 7)",
        );
        for statement in moving.iter().take(ended).chain(&moving) {
            run(statement);
        }
        let kept = "SELECT count(*) FROM links WHERE (provider_id, hubspot_id, state, base) = ('1', '10', 'active', '{}') \
                    OR (provider_id, reason, attempts, retry_at) = ('2', 'no', 3, 7)";
        assert_eq!(number(&ports, kept), 2, "ended behind statement {ended}");
        run("UPDATE links SET state = 'unlinked' WHERE provider_id = '2'");
    }
}

/// S1-29: what HubSpot's webhooks tell is written down by index, whatever the size of the firm: they wait for an answer.
#[test]
fn a_notice_costs_the_same_in_a_large_firm() {
    let cost = |firm: usize| {
        let ports = with_connections(&["a"]);
        for row in [
            "INSERT INTO links (connection_id, object, provider_id, hubspot_id, state, synced_at) \
             SELECT 'a', 'contacts', 'p' || value, 'h' || value, 'active', 0 FROM n",
            "INSERT INTO candidates (connection_id, object, tier, digest, hubspot_id) \
             SELECT 'a', 'contacts', 'name', 'd' || value, 'h' || value FROM n",
            "INSERT INTO claims (connection_id, object, provider_id, hubspot_id, tier, open) \
             SELECT 'a', 'contacts', 'c' || value, 'h' || value, 0, 1 FROM n",
        ] {
            let numbers = format!(
                "WITH RECURSIVE n (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n LIMIT {firm}) {row}"
            );
            block_on(ports.execute(&numbers, &[])).unwrap();
        }
        let before = ports.steps();
        let notices = ["gone", "erased", "restored", "changed"]
            .iter()
            .zip(1..)
            .map(|(kind, id)| {
                format!(r#"{{"kind":"{kind}","connection":"a","object":"contacts","id":"h{id}"}}"#)
            });
        let notices = format!("[{}]", notices.collect::<Vec<_>>().join(","));
        let notice = "INSERT INTO hubspot_notice (portal_id, now, events, notices) VALUES (1, 5, '[\"e\"]', ?1)";
        block_on(ports.execute(notice, &[notices.as_str().into()])).unwrap();
        let steps = ports.steps() - before;
        let doubted = "SELECT count(*) FROM links WHERE state = 'failed' AND reason = 'hubspot_moved' AND hubspot_id = 'h1'";
        assert_eq!(number(&ports, doubted), 1);
        let erased = "SELECT count(*) FROM links WHERE provider_id = 'p2' AND hubspot_id IS NULL AND base IS NULL";
        assert_eq!(number(&ports, erased), 1);
        for table in ["candidates", "claims"] {
            let left = format!("SELECT count(*) FROM {table} WHERE hubspot_id = 'h2'");
            assert_eq!(number(&ports, &left), 0, "{table}");
        }
        steps
    };
    let (small, large) = (cost(400), cost(20_000));
    assert!(large <= small + small / 10, "{small} steps, then {large}");
}
