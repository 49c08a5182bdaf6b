//! What HubSpot allows a portal, kept by all instances together.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where something is not as it must be"
)]

use futures_executor::block_on;
use proptest::prelude::{prop, prop_assert, proptest};
use sync300_kit::store::Store;
use sync300_native_ports::NativePorts;

const NOON: i64 = 1_800_000_000_000;
const PORTAL: i64 = 4_711;
const CALLS: i64 = 5;
const SHARE: i64 = 100;

fn ports() -> NativePorts {
    let ports = NativePorts::in_memory().unwrap();
    block_on(Store::new(&ports).migrate()).unwrap();
    ports.set_now(NOON);
    ports
}

fn take(ports: &NativePorts, portal: i64) -> Option<i64> {
    block_on(Store::new(ports).take_calls(portal, CALLS, SHARE)).unwrap()
}

proptest! {
    /// However instances ask, no ten seconds see more than 100 calls, and who waits as told is served.
    #[test]
    fn no_ten_seconds_see_more_than_their_share(pauses in prop::collection::vec(0..900i64, 1..150)) {
        let ports = ports();
        let mut now = NOON;
        let mut taken: Vec<i64> = Vec::new();
        for pause in pauses {
            now += pause;
            ports.set_now(now);
            if let Some(wait) = take(&ports, PORTAL) {
                now += wait;
                ports.set_now(now);
                prop_assert!(take(&ports, PORTAL).is_none(), "waited {wait} for nothing");
            }
            taken.push(now);
            let within = taken.iter().filter(|at| **at > now - 10_000).count() as i64;
            prop_assert!(within * CALLS <= SHARE, "{within}");
        }
    }
}

/// A portal's calls are no other's.
#[test]
fn each_portal_has_its_own() {
    let ports = ports();
    while take(&ports, PORTAL).is_none() {}
    assert!(take(&ports, PORTAL + 1).is_none());
}

/// An instance whose clock is far ahead does not stop the others for long.
#[test]
fn a_clock_that_is_wrong_stops_nobody() {
    let ports = ports();
    ports.set_now(NOON + 3_600_000);
    while take(&ports, PORTAL).is_none() {}
    ports.set_now(NOON);
    assert!(take(&ports, PORTAL).is_none());
}
