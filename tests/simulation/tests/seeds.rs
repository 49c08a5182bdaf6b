//! Plays seeds. `SYNC300_SEED=7 cargo test -p sync300-simulation --test seeds` plays one and tells what happened;
//! `SYNC300_SEEDS=5000` plays so many, `SYNC300_FIRST=…` from that one on.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use sync300_simulation::{Outcome, Plan, Summary, shrink, simulate, simulate_traced};

/// What `cargo test` plays without being told.
const SEEDS: u64 = 200;
/// Simulations that shrinking a failing plan may take.
const TRIES: u32 = 150;
/// Failing plans that are shrunk and shown.
const SHOWN: usize = 3;

fn main() -> ExitCode {
    if std::env::args().any(|argument| argument == "--list") {
        println!("seeds: test");
        return ExitCode::SUCCESS;
    }
    match number("SYNC300_SEED") {
        Some(seed) => one(seed),
        None => many(
            number("SYNC300_FIRST").unwrap_or(0),
            number("SYNC300_SEEDS").unwrap_or(SEEDS),
        ),
    }
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.trim().parse().ok()
}

/// Every seed is a world of its own, so several are played at once; the order of what is printed is that of the seeds.
fn many(first: u64, count: u64) -> ExitCode {
    let begun = Instant::now();
    let next = AtomicU64::new(first);
    let played = Mutex::new(BTreeMap::new());
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + count {
                        return;
                    }
                    let plan = Plan::of_seed(seed);
                    let outcome = catch_unwind(AssertUnwindSafe(|| simulate(&plan)));
                    let mut played = played.lock().unwrap_or_else(PoisonError::into_inner);
                    played.insert(seed, outcome.ok());
                }
            });
        }
    });
    let mut summary = Summary {
        elapsed: begun.elapsed(),
        ..Summary::default()
    };
    let played = played.into_inner().unwrap_or_else(PoisonError::into_inner);
    for (seed, outcome) in played {
        match outcome {
            Some(outcome) => {
                summary.add(seed, &outcome);
                if !outcome.violations.is_empty() && summary.failed.len() <= SHOWN {
                    report(&Plan::of_seed(seed), &outcome);
                }
            }
            None => {
                println!("seed {seed} panicked");
                summary.failed.push(seed);
                summary.violations += 1;
            }
        }
    }
    println!("{summary}");
    if summary.failed.is_empty() {
        return ExitCode::SUCCESS;
    }
    println!("  failing seeds: {:?}", summary.failed);
    ExitCode::FAILURE
}

/// The plan's rest, and what it came to.
fn report(plan: &Plan, outcome: &Outcome) {
    println!("\nseed {} fails:", plan.seed);
    for violation in outcome.violations.iter().take(10) {
        println!("  {violation}");
    }
    let small = shrink(plan, TRIES);
    println!("what is left of its plan: {small:#?}");
    for violation in simulate(&small).violations.iter().take(10) {
        println!("  {violation}");
    }
    println!(
        "play it again: SYNC300_SEED={} cargo test -p sync300-simulation --test seeds\n",
        plan.seed
    );
}

fn one(seed: u64) -> ExitCode {
    let mut plan = Plan::of_seed(seed);
    if std::env::var("SYNC300_SHRINK").is_ok() {
        plan = shrink(&plan, TRIES);
    }
    println!("{plan:#?}");
    let outcome = simulate_traced(&plan);
    for line in &outcome.trace {
        println!("{line}");
    }
    for violation in &outcome.violations {
        println!("VIOLATION {violation}");
    }
    match outcome.violations.is_empty() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}
