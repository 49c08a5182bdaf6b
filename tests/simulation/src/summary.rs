//! What many simulations came to.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use crate::simulation::Outcome;

/// Sums over simulations.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    /// How many.
    pub seeds: u64,
    /// Seeds that ended with something that must not be.
    pub failed: Vec<u64>,
    /// What must not be, in all.
    pub violations: u64,
    /// Faults that took effect, by kind.
    pub injected: BTreeMap<&'static str, u64>,
    /// Ticks that came to their end.
    pub ticks: u64,
    /// Slices that found their lease taken.
    pub lost_leases: u64,
    /// Ticks that their host ended.
    pub cut: u64,
    /// Outgoing requests.
    pub requests: u64,
    /// Records in HubSpot at the ends.
    pub records: u64,
    /// How long it took.
    pub elapsed: Duration,
}

impl Summary {
    /// Adds the outcome of a seed.
    pub fn add(&mut self, seed: u64, outcome: &Outcome) {
        self.seeds += 1;
        if !outcome.violations.is_empty() {
            self.failed.push(seed);
        }
        self.violations += outcome.violations.len() as u64;
        for (kind, count) in &outcome.injected {
            *self.injected.entry(kind).or_insert(0) += count;
        }
        self.ticks += outcome.ticks;
        self.lost_leases += outcome.lost_leases;
        self.cut += outcome.cut;
        self.requests += outcome.requests;
        self.records += outcome.records;
    }

    /// Simulations a second.
    pub fn rate(&self) -> f64 {
        self.seeds as f64 / self.elapsed.as_secs_f64().max(f64::MIN_POSITIVE)
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let faults: u64 = self.injected.values().sum();
        writeln!(
            f,
            "simulation: {} seeds in {:.1} s ({:.0}/s), violations {}",
            self.seeds,
            self.elapsed.as_secs_f64(),
            self.rate(),
            self.violations
        )?;
        writeln!(
            f,
            "  {} ticks, {} requests, {} records in HubSpot; {} leases lost to another instance, {} ticks cut by their host",
            self.ticks, self.requests, self.records, self.lost_leases, self.cut
        )?;
        write!(f, "  {faults} faults:")?;
        for (number, (kind, count)) in self.injected.iter().enumerate() {
            let comma = if number == 0 { "" } else { "," };
            write!(f, "{comma} {kind} {count}")?;
        }
        Ok(())
    }
}
