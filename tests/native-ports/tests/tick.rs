//! How a tick shares its time and calls among slices, whoever works them.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where something is not as it must be"
)]

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};

use futures_executor::block_on;
use sync300_kit::action::Finished;
use sync300_kit::engine::{Part, Share, SliceSummary, Slices, tick};
use sync300_kit::error::{Error, Result};
use sync300_kit::ports::Sql as _;
use sync300_kit::settings::Settings;
use sync300_kit::store::Store;
use sync300_kit::store::connections::{NewConnection, Next};
use sync300_kit::store::portals::Portal;
use sync300_native_ports::NativePorts;

/// Slices as they are told to go.
struct Told {
    answers: RefCell<VecDeque<Result<Option<SliceSummary>>>>,
    shares: RefCell<Vec<Share>>,
    parts: RefCell<Vec<Part>>,
    actions: RefCell<Vec<Share>>,
}

impl Slices for Told {
    async fn work(&self, part: Part, share: Share) -> Result<Option<SliceSummary>> {
        self.shares.borrow_mut().push(share);
        self.parts.borrow_mut().push(part);
        self.answers.borrow_mut().pop_front().unwrap_or(Ok(None))
    }

    async fn finish_actions(&self, share: Share) -> Result<Finished> {
        self.actions.borrow_mut().push(share);
        Err(Error::Slice("slice_ended".to_owned()))
    }
}

/// A database with a connection that is due.
fn due() -> NativePorts {
    let ports = NativePorts::in_memory().unwrap();
    let store = Store::new(&ports);
    block_on(store.migrate()).unwrap();
    let portal = Portal {
        id: 1,
        ui_domain: "app.hubspot.com".to_owned(),
        time_zone: None,
    };
    block_on(store.put_portal(&portal)).unwrap();
    let connection = NewConnection {
        id: "a",
        portal: 1,
        connector: "clio",
        region: "us",
        settings: &Settings::default(),
        frequency: 15,
        fingerprint_key: "sealed",
    };
    block_on(store.add_connection(&connection)).unwrap();
    ports
}

fn told(answers: impl IntoIterator<Item = Result<Option<SliceSummary>>>) -> Told {
    Told {
        answers: RefCell::new(answers.into_iter().collect()),
        shares: RefCell::default(),
        parts: RefCell::default(),
        actions: RefCell::default(),
    }
}

fn worked(calls: i64) -> Result<Option<SliceSummary>> {
    Ok(Some(SliceSummary {
        connection: "a".to_owned(),
        portal: 1,
        connector: "clio".to_owned(),
        run: Some(1),
        status: "running".into(),
        reason_object: None,
        reason: None,
        due_at: None,
        hubspot_calls: calls,
        provider_calls: 1,
        objects: BTreeMap::new(),
    }))
}

fn ended() -> Result<Option<SliceSummary>> {
    Err(Error::Slice("slice_ended".to_owned()))
}

/// What a slice has called, those after it have less.
#[test]
fn calls_are_shared() {
    let (ports, slices) = (due(), told([worked(99), worked(249)]));
    let summary = block_on(tick(&ports, &slices)).unwrap();
    assert_eq!(summary.slices.len(), 2);
    let left: Vec<u32> = slices
        .shares
        .borrow()
        .iter()
        .map(|share| share.calls)
        .collect();
    assert_eq!(left, [400, 300, 50]);
}

/// An instance that is ended by its host keeps the others from nothing.
#[test]
fn a_slice_that_is_ended_is_not_the_last() {
    let slices = told([ended(), worked(1), ended(), worked(1)]);
    let summary = block_on(tick(&due(), &slices)).unwrap();
    assert_eq!(summary.slices.len(), 2);
}

/// Where none can be worked, the tick says so, and does not try for ever.
#[test]
fn a_tick_without_slices_fails() {
    let slices = told([ended(), ended(), ended(), ended()]);
    let error = block_on(tick(&due(), &slices)).unwrap_err();
    assert_eq!(error.code(), "slice_ended");
    assert_eq!(slices.shares.borrow().len(), 3);
}

/// Where nothing is due, nobody is asked.
#[test]
fn a_tick_asks_for_what_is_due_alone() {
    let slices = told([worked(1)]);
    let summary = block_on(tick(&NativePorts::in_memory().unwrap(), &slices)).unwrap();
    assert!(summary.slices.is_empty() && slices.parts.borrow().is_empty());
}

/// Actions that workflows wait for come first, and only where there are any; whatever becomes of them, the connections
/// get their turn.
#[test]
fn actions_come_first() {
    let (ports, slices) = (due(), told([worked(1)]));
    block_on(tick(&ports, &slices)).unwrap();
    assert!(slices.actions.borrow().is_empty());
    let statement = "INSERT INTO action_waiting (portal_id, callback_id, action, until, due_at, attempts) \
                     VALUES (1, 'ap-1', 'clio/create_contact', 1, 1, 0)";
    block_on(ports.execute(statement, &[])).unwrap();
    let slices = told([worked(1)]);
    let summary = block_on(tick(&ports, &slices)).unwrap();
    assert_eq!(
        (slices.actions.borrow().len(), summary.slices.len()),
        (1, 1)
    );
}

/// A run that is handed over goes on in that part; the next run begins with the first.
#[test]
fn each_part_of_a_run_goes_to_whoever_works_it() {
    let ports = due();
    let store = Store::new(&ports);
    let asked = || {
        let slices = told([]);
        block_on(tick(&ports, &slices)).unwrap();
        slices.parts.take()
    };
    let lease = |part| block_on(store.lease_due(part)).unwrap();
    assert_eq!(asked(), [Part::ToHubspot]);
    assert!(lease(Part::ToProvider).is_none() && lease(Part::Prepare).is_none());
    let mut connection = lease(Part::ToHubspot).unwrap();
    let run = block_on(store.run(&connection)).unwrap();
    for (part, other) in [
        (Part::Prepare, Part::ToHubspot),
        (Part::ToHubspot, Part::ToProvider),
        (Part::ToProvider, Part::Prepare),
    ] {
        block_on(store.hand_over(&connection, run.id, part)).unwrap();
        block_on(store.release(&connection, Next::At(0), 0)).unwrap();
        assert!(
            block_on(store.hand_over(&connection, run.id, other)).is_err(),
            "fenced"
        );
        assert_eq!(asked(), [part]);
        assert!(lease(other).is_none());
        connection = lease(part).unwrap();
    }
    block_on(store.finish_run(&connection, run.id, None)).unwrap();
    block_on(store.release(&connection, Next::At(0), 0)).unwrap();
    assert_eq!(asked(), [Part::ToHubspot]);
}
