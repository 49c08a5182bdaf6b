//! The middle one of several measurements: what a stall of the machine does not move.

use std::time::Duration;

/// The median; zero of nothing.
pub fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
