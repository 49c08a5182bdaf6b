//! What HubSpot allows a portal, kept by all instances together.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where something is not as it must be"
)]

use futures_executor::block_on;
use proptest::prelude::{prop, prop_assert, proptest};
use sync300_fakes::{Effect, Fault};
use sync300_kit::ports::{KeyValue as _, Sql as _};
use sync300_kit::store::Store;
use sync300_kit::store::portals::Portal;
use sync300_kit::{Error, engine};
use sync300_native_ports::NativePorts;
use sync300_native_ports::firm::{self, Firm, at_once};

const NOON: i64 = 1_800_000_000_000;
const PORTAL: i64 = 4_711;
const CALLS: i64 = 5;
const SHARE: i64 = 100;

fn ports() -> NativePorts {
    let ports = NativePorts::in_memory().unwrap();
    let store = Store::new(&ports);
    block_on(store.migrate()).unwrap();
    ports.set_now(NOON);
    for id in [PORTAL, PORTAL + 1] {
        let portal = Portal {
            id,
            ui_domain: "app.hubspot.com".to_owned(),
            time_zone: None,
        };
        block_on(store.put_portal(&portal)).unwrap();
    }
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

/// A portal that is being erased, or is gone, has no calls, and nothing about it is stored: whoever works on it stops.
#[test]
fn a_portal_that_is_gone_has_none() {
    for gone in [
        "UPDATE portals SET status = 'uninstalled'",
        "DELETE FROM portals",
    ] {
        let ports = ports();
        block_on(ports.execute(gone, &[])).unwrap();
        let store = Store::new(&ports);
        let refused = block_on(store.take_calls(PORTAL, CALLS, SHARE));
        assert!(matches!(refused, Err(Error::LeaseLost)), "{refused:?}");
        let rows = block_on(ports.execute("SELECT 1 FROM portal_calls", &[])).unwrap();
        assert!(rows.is_empty());
    }
    let ports = ports();
    block_on(ports.execute("DELETE FROM portals", &[])).unwrap();
    block_on(Store::new(&ports).set_utc_offset(PORTAL, Some(60))).unwrap();
    let rows = block_on(ports.execute("SELECT 1 FROM portal_limits", &[])).unwrap();
    assert!(rows.is_empty());
}

/// HubSpot asks to wait while the portal is being erased: nothing of it stays in the cache either.
#[test]
fn a_pause_does_not_outlive_its_portal() {
    for erased in [false, true] {
        let firm = Firm::new().unwrap();
        firm.person("Ada", "Byron", "ada@example.org").unwrap();
        if erased {
            let meanwhile = "CREATE TRIGGER meanwhile AFTER INSERT ON portal_calls \
                             BEGIN UPDATE portals SET status = 'uninstalled'; END";
            block_on(firm.ports.execute(meanwhile, &[])).unwrap();
        }
        let limited = Fault::once("/crm", Effect::answer(429, "{}")).times(100);
        firm.services.hubspot.fail(limited);
        at_once(engine::tick(&firm.ports, &engine::Here(&firm.ports)))
            .unwrap()
            .unwrap();
        let paused = block_on(firm.ports.get(&format!("hubspot-pause/{}", firm::PORTAL)));
        assert_eq!(paused.is_none(), erased);
    }
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
