//! What a request cost, and the limit on its memory.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use wasmtime::ResourceLimiter;

/// What one instance of a component cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestStats {
    /// Id of the component.
    pub component: String,
    /// Most linear memory at any time, of the component and its dependencies together, in bytes.
    pub peak_memory: usize,
    /// From before instantiation until the instance was gone.
    pub duration: Duration,
    /// Statements executed.
    pub sql_statements: u64,
    /// Operations on key-value stores, opening them aside.
    pub key_value_operations: u64,
    /// Outbound HTTP requests, refused ones among them.
    pub outbound_requests: u64,
}

/// Counts of one instance, shared with what counts.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub sql_statements: AtomicU64,
    pub key_value_operations: AtomicU64,
    pub outbound_requests: AtomicU64,
}

impl Counters {
    pub fn increment(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

/// How many requests of a component are remembered.
const REMEMBERED: usize = 1024;

/// The stats of each component's last requests.
#[derive(Debug, Default)]
pub(crate) struct StatsBook(Mutex<BTreeMap<String, VecDeque<RequestStats>>>);

impl StatsBook {
    /// The stats of the last requests to `component`, in the order in which they ended.
    pub fn of(&self, component: &str) -> Vec<RequestStats> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(component)
            .map(|stats| stats.iter().cloned().collect())
            .unwrap_or_default()
    }

    fn record(&self, stats: RequestStats) {
        let mut book = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let stats_of_component = book.entry(stats.component.clone()).or_default();
        if stats_of_component.len() == REMEMBERED {
            stats_of_component.pop_front();
        }
        stats_of_component.push_back(stats);
    }
}

/// Limits an instance's memory, measures it, and records the stats when the instance ends,
/// however it ends.
pub(crate) struct Meter {
    component: String,
    limit: usize,
    memory: usize,
    peak: usize,
    started: Instant,
    counters: Arc<Counters>,
    book: Arc<StatsBook>,
}

impl Meter {
    pub fn new(
        component: &str,
        limit: usize,
        counters: Arc<Counters>,
        book: Arc<StatsBook>,
    ) -> Self {
        Self {
            component: component.to_owned(),
            limit,
            memory: 0,
            peak: 0,
            started: Instant::now(),
            counters,
            book,
        }
    }
}

impl ResourceLimiter for Meter {
    /// The limit holds for all memories of the instance together.
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let memory = self.memory.saturating_add(desired.saturating_sub(current));
        if memory > self.limit {
            return Ok(false);
        }
        self.memory = memory;
        self.peak = self.peak.max(memory);
        Ok(true)
    }

    fn table_growing(
        &mut self,
        _current: usize,
        _desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(true)
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        self.book.record(RequestStats {
            component: std::mem::take(&mut self.component),
            peak_memory: self.peak,
            duration: self.started.elapsed(),
            sql_statements: count(&self.counters.sql_statements),
            key_value_operations: count(&self.counters.key_value_operations),
            outbound_requests: count(&self.counters.outbound_requests),
        });
    }
}
