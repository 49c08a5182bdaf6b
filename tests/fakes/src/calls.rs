//! What was asked of a fake.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// One request and how it ended.
#[derive(Debug, Clone)]
pub struct Call {
    /// Portal or account that the bearer token belongs to.
    pub tenant: Option<u64>,
    /// `GET`, `POST`, …
    pub method: String,
    /// The path with placeholders for ids, e.g. `/crm/objects/2026-03/contacts/{objectId}`; the path
    /// itself where no endpoint is.
    pub template: String,
    /// The path as it came, without the query.
    pub path: String,
    /// The query as it came, without `?`.
    pub query: String,
    /// Status of the answer; 0 where the connection was dropped.
    pub status: u16,
    /// Length of the body's `inputs`, 0 where there are none.
    pub inputs: usize,
    /// Bodies, kept when the fake was started with `record`.
    pub exchange: Option<Exchange>,
}

/// The bodies of a call.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// As it came.
    pub request: Vec<u8>,
    /// As it went out, faults included.
    pub response: Vec<u8>,
    /// The answer was made or changed by a [`crate::Fault`].
    pub faulty: bool,
}

/// The calls in the order of their answers; clones share the list.
#[derive(Debug, Clone, Default)]
pub struct CallLog {
    calls: Arc<Mutex<Vec<Call>>>,
}

impl CallLog {
    /// All calls.
    pub fn list(&self) -> Vec<Call> {
        self.lock().clone()
    }

    /// How many calls fulfil a condition.
    pub fn count(&self, condition: impl Fn(&Call) -> bool) -> usize {
        self.lock().iter().filter(|call| condition(call)).count()
    }

    /// How often each (method, template) was called.
    pub fn counts(&self) -> BTreeMap<(String, String), usize> {
        let mut counts = BTreeMap::new();
        for call in self.lock().iter() {
            let key = (call.method.clone(), call.template.clone());
            *counts.entry(key).or_insert(0) += 1;
        }
        counts
    }

    /// Forgets all calls.
    pub fn reset(&self) {
        self.lock().clear();
    }

    pub(crate) fn push(&self, call: Call) {
        self.lock().push(call);
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Call>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
