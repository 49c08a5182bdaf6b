//! Linear memory of the instances that sync, the core's included.

use crate::portal::Synced;
use crate::table::Row;

const MIB: usize = 1 << 20;
/// The allocator's own unrest; a run that kept its records would grow by megabytes.
const SLACK: usize = MIB;

/// The peak at two sizes: bounded, and the same.
pub fn compare(small: &Synced, large: &Synced) -> Vec<Row> {
    let row = |what: String, synced: &Synced, bound: usize, text: String| {
        let peak = synced.peak_memory;
        Row::new(what, mib(peak)).bound(text, peak <= bound)
    };
    let what = |synced: &Synced| {
        let count = synced.people.len();
        format!("Peak memory of an instance, first sync of {count} contacts in pages of 200")
    };
    let grown = small.peak_memory + SLACK;
    vec![
        row(what(small), small, 64 * MIB, "≤ 64 MiB".to_owned()),
        row(
            what(large),
            large,
            grown.min(64 * MIB),
            format!("≤ {}", mib(grown.min(64 * MIB))),
        ),
    ]
}

fn mib(bytes: usize) -> String {
    format!("{:.1} MiB", bytes as f64 / MIB as f64)
}
