//! A portal is left alone while something is being settled.

use futures_executor::block_on;
use sync300_kit::Error;
use sync300_kit::engine::Part;
use sync300_kit::privacy::{restrict, resume};
use sync300_kit::settings::Settings;
use sync300_kit::store::Store;
use sync300_kit::store::connections::{NewConnection, Next};
use sync300_kit::store::portals::Portal;
use sync300_native_ports::NativePorts;

use crate::world::{NOON, OURS, number};

fn connected() -> NativePorts {
    let ports = NativePorts::in_memory().unwrap();
    ports.set_now(NOON);
    let store = Store::new(&ports);
    block_on(store.migrate()).unwrap();
    let portal = Portal {
        id: OURS,
        ui_domain: "app.hubspot.com".to_owned(),
        time_zone: None,
    };
    block_on(store.put_portal(&portal)).unwrap();
    block_on(store.add_connection(&NewConnection {
        id: "a",
        portal: OURS,
        connector: "clio",
        region: "us",
        settings: &Settings::default(),
        frequency: 15,
        fingerprint_key: "sealed",
    }))
    .unwrap();
    ports
}

/// S1-53, S1-54: nothing of a restricted portal is processed, a slice under way ends, everything stays, and a sync that is
/// asked for waits; resuming goes on where it stood.
#[test]
fn a_restricted_portal_is_not_processed() {
    let ports = connected();
    let store = Store::new(&ports);
    let leased = block_on(store.lease_due(Part::ToHubspot)).unwrap().unwrap();
    let run = block_on(store.run(&leased)).unwrap();

    assert!(block_on(restrict(&ports, OURS)).unwrap());
    let released = block_on(store.release(&leased, Next::At(NOON), 0));
    assert!(matches!(released, Err(Error::LeaseLost)));
    ports.set_now(NOON + 3_600_000);
    block_on(store.request_sync("a")).unwrap();
    assert!(
        block_on(store.lease_due(Part::ToHubspot))
            .unwrap()
            .is_none()
    );
    assert_eq!(block_on(store.count_due()).unwrap(), 0, "nor does it wait");
    assert_eq!(number(&ports, "SELECT count(*) FROM runs", &[]), 1);

    assert!(block_on(resume(&ports, OURS)).unwrap());
    let again = block_on(store.lease_due(Part::ToHubspot)).unwrap().unwrap();
    assert_eq!(block_on(store.run(&again)).unwrap().id, run.id);
}

/// Neither changes a portal that is not where it must be.
#[test]
fn only_an_active_portal_is_restricted_and_only_a_restricted_one_resumed() {
    let ports = connected();
    assert!(!block_on(resume(&ports, OURS)).unwrap());
    assert!(!block_on(restrict(&ports, 1)).unwrap());
    assert!(block_on(restrict(&ports, OURS)).unwrap());
    assert!(!block_on(restrict(&ports, OURS)).unwrap());
    crate::world::rows(&ports, "UPDATE portals SET status = 'uninstalled'", &[]);
    assert!(!block_on(restrict(&ports, OURS)).unwrap());
    assert!(!block_on(resume(&ports, OURS)).unwrap());
}
