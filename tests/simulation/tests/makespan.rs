//! How long a first sync takes on the virtual clock.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where something is not as it must be"
)]

use sync300_simulation::makespan;

/// Of what the two rate limits set, a first sync takes at most 1.15 times; here with 20,000 contacts, by `cargo bench`
/// with 100,000.
#[test]
fn a_first_sync_is_as_fast_as_the_limits_allow() {
    let first = makespan(20_000).unwrap();
    assert!(first.over_limit() <= 1.15, "{first:?}");
}
