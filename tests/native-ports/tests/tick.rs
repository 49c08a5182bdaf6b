//! How a tick shares its time and calls among slices, whoever works them.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where something is not as it must be"
)]

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};

use futures_executor::block_on;
use sync300_kit::engine::{Share, SliceSummary, Slices, tick};
use sync300_kit::error::{Error, Result};
use sync300_native_ports::NativePorts;

/// Slices as they are told to go.
struct Told {
    answers: RefCell<VecDeque<Result<Option<SliceSummary>>>>,
    shares: RefCell<Vec<Share>>,
}

impl Slices for Told {
    async fn work(&self, share: Share) -> Result<Option<SliceSummary>> {
        self.shares.borrow_mut().push(share);
        self.answers.borrow_mut().pop_front().unwrap_or(Ok(None))
    }
}

fn told(answers: impl IntoIterator<Item = Result<Option<SliceSummary>>>) -> Told {
    Told {
        answers: RefCell::new(answers.into_iter().collect()),
        shares: RefCell::default(),
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
    let (ports, slices) = (
        NativePorts::in_memory().unwrap(),
        told([worked(99), worked(249)]),
    );
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
    let summary = block_on(tick(&NativePorts::in_memory().unwrap(), &slices)).unwrap();
    assert_eq!(summary.slices.len(), 2);
}

/// Where none can be worked, the tick says so, and does not try for ever.
#[test]
fn a_tick_without_slices_fails() {
    let slices = told([ended(), ended(), ended(), ended()]);
    let error = block_on(tick(&NativePorts::in_memory().unwrap(), &slices)).unwrap_err();
    assert_eq!(error.code(), "slice_ended");
    assert_eq!(slices.shares.borrow().len(), 3);
}
