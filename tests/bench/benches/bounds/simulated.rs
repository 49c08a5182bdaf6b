//! What the simulation measures: on its virtual clock, and of itself.

use std::time::Instant;

use sync300_simulation::{Plan, Summary, makespan, simulate};

use crate::Result;
use crate::table::Row;

/// People of the firm whose first sync is timed.
const PEOPLE: u32 = 100_000;
/// Simulations that are timed.
const SEEDS: u64 = 200;

/// The first sync of a large firm where the rate limits set the pace, and how fast seeds are played.
pub fn measure() -> Result<Vec<Row>> {
    let first = makespan(PEOPLE)?;
    let minutes = first.millis as f64 / 60_000.0;
    let over = first.over_limit();
    let begun = Instant::now();
    let mut summary = Summary::default();
    for seed in 0..SEEDS {
        summary.add(seed, &simulate(&Plan::of_seed(seed)));
    }
    summary.elapsed = begun.elapsed();
    Ok(vec![
        Row::new(
            format!("First sync of {PEOPLE} contacts on the virtual clock"),
            format!("{minutes:.1} min"),
        ),
        Row::new("… to what the rate limits set", format!("{over:.2}"))
            .bound("≤ 1.15", over <= 1.15),
        Row::new("… calls to Clio", first.clio_calls.to_string()),
        Row::new("… calls to HubSpot", first.hubspot_calls.to_string()),
        Row::new("Simulated seeds a second", format!("{:.0}", summary.rate()))
            .bound("violations 0", summary.violations == 0),
    ])
}
