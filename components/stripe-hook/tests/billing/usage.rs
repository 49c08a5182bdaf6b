//! What is used: exact, whatever is repeated or interrupted; and what happens at the limit.

use futures_executor::block_on;
use serde_json::json;
use sync300_kit::Error;
use sync300_kit::budget::Calls;
use sync300_kit::engine::{self, Part, TickSummary};
use sync300_kit::settings::Settings;
use sync300_kit::store::Store;
use sync300_kit::store::connections::{Connection, NewConnection};
use sync300_kit::store::page::{PageCommit, Position};
use sync300_kit::store::runs::Counts;
use sync300_kit::store::streams::Phase;

use crate::world::*;

const RING: &str = "k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

fn connected() -> World {
    let world = World::with(&[
        ("vault_keys", RING),
        ("hubspot_api_url", "https://api.hubapi.com"),
    ]);
    connect(&world, "a", 15);
    world
}

fn connect(world: &World, id: &str, frequency: i64) {
    let connector = if id == "a" { "clio" } else { id };
    block_on(Store::new(&world.ports).add_connection(&NewConnection {
        id,
        portal: PORTAL,
        connector,
        region: "us",
        settings: &Settings::default(),
        frequency,
        fingerprint_key: "sealed",
    }))
    .unwrap();
}

fn calls(hubspot: i64, provider: i64) -> Calls {
    Calls { hubspot, provider }
}

fn lease(world: &World) -> Connection {
    block_on(Store::new(&world.ports).lease_due(Part::ToHubspot))
        .unwrap()
        .unwrap()
}

fn commit(world: &World, connection: &Connection, run: i64, written: i64) -> Result<(), Error> {
    let page = PageCommit {
        counts: Counts {
            read: 100,
            created: written,
            updated: 2,
            linked: 1,
            unchanged: 50,
            failed: 7,
            ..Counts::default()
        },
        calls: calls(2, 1),
        ..PageCommit::default()
    };
    let store = Store::new(&world.ports);
    block_on(store.commit_page(
        connection,
        run,
        "contacts",
        &page,
        Phase::Walk,
        &Position::default(),
    ))
}

fn used(world: &World) -> (i64, i64) {
    let (_, usage) = block_on(Store::new(&world.ports).usage(PORTAL, Some("2027-01"))).unwrap();
    (usage.records, usage.api_calls)
}

fn set_usage(world: &World, records: i64) {
    world.sql("DELETE FROM usage_by_month");
    world.sql(&format!(
        "INSERT INTO usage_by_month VALUES ({PORTAL}, '2027-01', {records}, 0)"
    ));
}

fn tick(world: &World) -> TickSummary {
    block_on(engine::tick(&world.ports, &engine::Here(&world.ports))).unwrap()
}

/// S1-11: what is created, updated or linked counts, once for each commit, and so do the calls that it has cost; what is
/// read or unchanged does not. A commit that comes too late counts nothing, and what was never committed was never
/// counted. An instance that ends without closing its slice has had its calls counted with its pages.
#[test]
fn usage_is_counted_with_the_commit() {
    let world = connected();
    let store = Store::new(&world.ports);
    let first = lease(&world);
    let run = block_on(store.run(&first)).unwrap();
    block_on(store.begin_walk(&first, "contacts", run.id, None)).unwrap();
    commit(&world, &first, run.id, 10).unwrap();
    commit(&world, &first, run.id, 20).unwrap();
    assert_eq!(used(&world), (36, 6));
    block_on(store.add_slice(&first, run.id, calls(5, 3))).unwrap();
    assert_eq!(used(&world), (36, 14));

    // Another instance took over: this one's page is not committed, and not counted.
    world.ports.set_now(NOON + 120_000);
    let second = lease(&world);
    assert!(matches!(
        commit(&world, &first, run.id, 99),
        Err(Error::LeaseLost)
    ));
    assert!(block_on(store.add_slice(&first, run.id, calls(50, 50))).is_err());
    assert_eq!(used(&world), (36, 14));
    commit(&world, &second, run.id, 0).unwrap();
    assert_eq!(used(&world), (39, 17));
}

/// S1-11: by portal and month; a run counts for the month in which it began.
#[test]
fn usage_is_by_month() {
    let world = connected();
    let store = Store::new(&world.ports);
    // A second before February (UTC).
    let end_of_january = 1_801_439_999_000;
    world.ports.set_now(end_of_january);
    let connection = lease(&world);
    let run = block_on(store.run(&connection)).unwrap();
    world.ports.set_now(end_of_january + 5_000);
    commit(&world, &connection, run.id, 7).unwrap();
    assert_eq!(used(&world).0, 10);
    let (month, february) = block_on(store.usage(PORTAL, None)).unwrap();
    assert_eq!((month.as_str(), february.records), ("2027-02", 0));
}

/// S1-18: at the limit syncing pauses before anything is asked of anybody, history says why, once; what was read last
/// stays where it was. The next month goes on.
#[test]
fn at_the_limit_syncing_pauses() {
    let world = connected();
    world.sql("INSERT INTO streams (connection_id, stream, run_id, phase, full, watermark) VALUES ('a', 'contacts', 1, 'done', 0, 4711)");
    set_usage(&world, 1_000);
    let paused = tick(&world).slices.remove(0);
    assert_eq!(
        (&*paused.status, paused.reason.as_deref()),
        ("waiting", Some("plan_records"))
    );
    assert_eq!(paused.due_at, Some(NOON + 15 * 60_000));
    let history = "runs WHERE status = 'failed' AND reason = 'plan_records'";
    assert_eq!((world.count(history), world.count("runs")), (1, 1));
    assert_eq!(world.count("streams WHERE watermark = 4711"), 1);
    assert_eq!(
        world.count("connections WHERE status = 'active' AND status_reason = 'plan_records'"),
        1
    );
    assert_eq!(world.view()["notices"][0]["code"], "plan_records");

    // Looked at again, and told no second time, unless somebody asks for a sync.
    world.ports.set_now(NOON + 15 * 60_000);
    let again = tick(&world).slices.remove(0);
    assert_eq!(
        (&*again.status, again.run, world.count("runs")),
        ("waiting", None, 1)
    );
    assert!(block_on(Store::new(&world.ports).request_sync("a")).unwrap());
    assert_eq!(tick(&world).slices.len(), 1);
    assert_eq!(world.count(history), 2);
    assert!(world.stripe.borrow().asked.is_empty());

    // The month changes: the slice goes on to the (here missing) credentials.
    world.ports.set_now(1_801_440_000_000);
    let february = tick(&world).slices.remove(0);
    assert_ne!(february.status, "waiting", "{february:?}");
    assert_eq!(
        world.count("connections WHERE status_reason = 'plan_records'"),
        0
    );
}

/// Another plan lets it go on at the next tick.
#[test]
fn a_larger_plan_goes_on_at_once() {
    let world = connected();
    set_usage(&world, 1_000);
    assert_eq!(tick(&world).slices[0].status, "waiting");
    assert!(tick(&world).slices.is_empty());
    world.put(subscription("sync300_starter_monthly", "active", 500));
    let mut bought = event("evt_1", "checkout.session.completed");
    bought["data"]["object"]["client_reference_id"] = json!(PORTAL.to_string());
    assert_eq!(world.deliver(&bought), 200);
    assert_ne!(tick(&world).slices[0].status, "waiting");
}

/// Within a slice the limit ends the run after the page that reaches it.
#[test]
fn a_run_ends_with_the_page_that_reaches_the_limit() {
    let world = connected();
    let connection = lease(&world);
    let run = block_on(Store::new(&world.ports).run(&connection)).unwrap();
    connection.records_left.set(Some(20));
    commit(&world, &connection, run.id, 10).unwrap();
    assert!(matches!(
        commit(&world, &connection, run.id, 10),
        Err(Error::Plan("plan_records"))
    ));
    assert_eq!(used(&world).0, 26);
}

/// A subscription in trouble blocks syncing, and says so; S3-01: connections beyond the plan wait, the oldest goes on.
#[test]
fn what_the_plan_does_not_have_waits() {
    let world = connected();
    world.ports.set_now(NOON + 1);
    connect(&world, "other", 15);
    let slices = tick(&world).slices;
    let reason = |id: &str| {
        slices
            .iter()
            .find(|slice| slice.connection == id)
            .unwrap()
            .reason
            .clone()
    };
    assert_eq!(reason("other").as_deref(), Some("plan_connections"));
    assert_ne!(reason("a").as_deref(), Some("plan_connections"));

    let world = connected();
    world.put(subscription("sync300_starter_monthly", "unpaid", 500));
    let mut event = event("evt_1", "customer.subscription.updated");
    event["data"]["object"]["metadata"] = json!({ "sync300_portal_id": PORTAL.to_string() });
    assert_eq!(world.deliver(&event), 200);
    assert_eq!(
        tick(&world).slices[0].reason.as_deref(),
        Some("plan_payment")
    );
}

/// S0-46, S3-11: a schedule and mappings beyond the plan fall back for the run, stay chosen, and are told once.
#[test]
fn a_downgrade_falls_back_and_says_so() {
    let world = connected();
    let custom = r#"{"objects":{"contacts":{"rules":[{"source":"name","property":"nickname","transform":"trim"}]}}}"#;
    world.sql(&format!(
        "UPDATE connections SET frequency = 5, settings = '{custom}'"
    ));
    let slice = tick(&world).slices.remove(0);
    assert_ne!(slice.status, "waiting");
    let told = "audit WHERE connection_id = 'a' AND detail = 'free' AND action =";
    assert_eq!(world.count(&format!("{told} 'plan_frequency'")), 1);
    assert_eq!(world.count(&format!("{told} 'plan_mappings'")), 1);
    assert_eq!(
        world.count("connections WHERE frequency = 5 AND settings LIKE '%nickname%'"),
        1
    );
    assert_eq!(world.count("runs WHERE settings LIKE '%nickname%'"), 0);
    let codes: Vec<String> = world.view()["notices"]
        .as_array()
        .unwrap()
        .iter()
        .map(|notice| notice["code"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(codes, ["plan_frequency", "plan_mappings"]);

    world.sql("UPDATE connections SET status = 'active', due_at = 1, lease_until = 0");
    tick(&world);
    assert_eq!(world.count("audit WHERE action LIKE 'plan_%'"), 2);
}
