//! Everything is sealed by the newest key, without a token lost.

use futures_executor::block_on;
use sync300_kit::operator::{Resealed, reseal};
use sync300_kit::secret::Secret;
use sync300_kit::settings::Settings;
use sync300_kit::store::Store;
use sync300_kit::store::connections::NewConnection;
use sync300_kit::store::portals::Portal;
use sync300_kit::store::reseal::Replacement;
use sync300_kit::vault::{Purpose, Vault};
use sync300_native_ports::NativePorts;

use crate::world::{NOON, RING, number, rows, text, vault};

const NEW: &str = "new:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

fn purpose<'a>(portal: i64, connection: &'a str, name: &'a str) -> Purpose<'a> {
    Purpose {
        portal,
        connection,
        name,
    }
}

/// So many portals with a HubSpot token, and a connection with a token and a fingerprint key, all under the old key.
fn sealed(portals: i64) -> NativePorts {
    let ports = NativePorts::in_memory().unwrap();
    ports.set_now(NOON);
    let store = Store::new(&ports);
    let old = vault(RING);
    block_on(store.migrate()).unwrap();
    for portal in 1..=portals {
        let id = format!("c{portal}");
        let row = Portal {
            id: portal,
            ui_domain: "app.hubspot.com".to_owned(),
            time_zone: None,
        };
        block_on(store.put_portal(&row)).unwrap();
        let key = old
            .seal(&ports, purpose(portal, &id, "fingerprint_key"), &[7; 32])
            .unwrap();
        block_on(store.add_connection(&NewConnection {
            id: &id,
            portal,
            connector: "clio",
            region: "us",
            settings: &Settings::default(),
            frequency: 15,
            fingerprint_key: &key,
        }))
        .unwrap();
        for (owner, token) in [("", "hubspot"), (id.as_str(), "clio")] {
            let value = Secret::new(format!("{token}-{portal}"));
            let put = store.put_credential(
                &old,
                purpose(portal, owner, "access_token"),
                &value,
                Some(NOON),
            );
            block_on(put).unwrap();
        }
    }
    ports
}

fn all(ports: &NativePorts) -> Vec<String> {
    rows(
        ports,
        "SELECT sealed FROM credentials UNION ALL SELECT fingerprint_key FROM connections",
        &[],
    )
    .iter()
    .map(|row| text(&row[0]))
    .collect()
}

fn token(ports: &NativePorts, vault: &Vault, portal: i64, owner: &str) -> String {
    let held = block_on(Store::new(ports).tokens(portal, owner))
        .unwrap()
        .unwrap();
    let opened = vault.open_text(purpose(portal, owner, "access_token"), &held.access_token);
    opened.unwrap().expose().to_owned()
}

/// S1-32: after it the old key can go: everything opens by the new one alone. A second call finds nothing to do.
#[test]
fn everything_opens_by_the_newest_key_alone() {
    let ports = sealed(250);
    let both = vault(&format!("{NEW},{RING}"));
    let done = block_on(reseal(&ports, &both, NOON + 20_000)).unwrap();
    let expected = Resealed {
        resealed: 750,
        complete: true,
        ..Resealed::default()
    };
    assert_eq!(done, expected);
    assert!(
        all(&ports)
            .iter()
            .all(|envelope| !both.needs_reseal(envelope))
    );
    let new = vault(NEW);
    for portal in [1, 250] {
        assert_eq!(token(&ports, &new, portal, ""), format!("hubspot-{portal}"));
        assert_eq!(
            token(&ports, &new, portal, &format!("c{portal}")),
            format!("clio-{portal}")
        );
    }
    let key = "SELECT fingerprint_key FROM connections WHERE portal_id = 9";
    let key = text(&rows(&ports, key, &[])[0][0]);
    assert_eq!(
        new.open(purpose(9, "c9", "fingerprint_key"), &key).unwrap(),
        [7; 32]
    );
    let again = block_on(reseal(&ports, &both, NOON + 20_000)).unwrap();
    assert_eq!((again.resealed, again.complete), (0, true));
}

/// What a workflow gave and HubSpot waits for is sealed anew as well, or it could not be done once the old key is gone.
#[test]
fn waiting_actions_open_by_the_newest_key() {
    let ports = sealed(0);
    let (old, both) = (vault(RING), vault(&format!("{NEW},{RING}")));
    let name = |at: i64| format!("action/clio/create_contact/cb-{at}");
    for at in 0..250 {
        let sealed = old
            .seal(&ports, purpose(at, "", &name(at)), b"given")
            .unwrap();
        rows(
            &ports,
            "INSERT INTO action_waiting VALUES (?1, 'cb-' || ?1, 'clio/create_contact', ?2, NULL, ?3, ?3, 0)",
            &[at.into(), sealed.into(), NOON.into()],
        );
    }
    // It is known how this one ended.
    rows(
        &ports,
        "UPDATE action_waiting SET sealed = NULL WHERE portal_id = 7",
        &[],
    );
    let done = block_on(reseal(&ports, &both, NOON + 20_000)).unwrap();
    assert_eq!(
        (done.resealed, done.unopened, done.complete),
        (249, 0, true)
    );
    let found = "SELECT sealed FROM action_waiting WHERE portal_id = 249";
    let envelope = text(&rows(&ports, found, &[])[0][0]);
    let opened = vault(NEW).open(purpose(249, "", &name(249)), &envelope);
    assert_eq!(opened.unwrap(), b"given");
}

/// Times that stand beside a token are the token's, not the envelope's.
#[test]
fn only_the_envelope_changes() {
    let ports = sealed(1);
    ports.set_now(NOON + 5);
    block_on(reseal(&ports, &vault(&format!("{NEW},{RING}")), NOON + 9)).unwrap();
    let same = "SELECT count(*) FROM credentials WHERE expires_at = ?1 AND updated_at = ?1";
    assert_eq!(number(&ports, same, &[NOON.into()]), 2);
}

/// The time is up: the next call goes on.
#[test]
fn goes_on_where_it_ended() {
    let ports = sealed(3);
    let both = vault(&format!("{NEW},{RING}"));
    let none = block_on(reseal(&ports, &both, NOON)).unwrap();
    assert_eq!(none, Resealed::default());
    let done = block_on(reseal(&ports, &both, NOON + 1)).unwrap();
    assert_eq!((done.resealed, done.complete), (9, true));
}

/// A token that was refreshed since it was read is never overwritten by the older one.
#[test]
fn a_refresh_in_between_wins() {
    let ports = sealed(1);
    let store = Store::new(&ports);
    let both = vault(&format!("{NEW},{RING}"));
    let read = block_on(store.credentials_not_by(&both.newest_prefix(), None)).unwrap();
    assert_eq!(read.len(), 2);
    let mine = purpose(1, "", "access_token");
    block_on(store.put_credential(&both, mine, &Secret::new("refreshed"), None)).unwrap();
    let items: Vec<Replacement<'_>> = read
        .iter()
        .map(|sealed| Replacement {
            portal: sealed.portal,
            connection: &sealed.connection,
            purpose: &sealed.purpose,
            old: &sealed.envelope,
            new: both
                .seal(
                    &ports,
                    purpose(sealed.portal, &sealed.connection, &sealed.purpose),
                    b"older",
                )
                .unwrap(),
        })
        .collect();
    assert_eq!(block_on(store.replace_credentials(&items)).unwrap(), 1);
    assert_eq!(token(&ports, &both, 1, ""), "refreshed");
    assert_eq!(token(&ports, &both, 1, "c1"), "older");
}

/// What no key opens is counted and left as it is, and keeps nothing else from being sealed anew.
#[test]
fn what_does_not_open_stays_and_is_counted() {
    let ports = sealed(2);
    let broken = [
        "UPDATE credentials SET sealed = 'v1.lost.AAAA' WHERE portal_id = 1 AND connection_id = ''",
        // Another row's: it does not open here.
        "UPDATE connections SET fingerprint_key = (SELECT fingerprint_key FROM connections WHERE portal_id = 2) WHERE portal_id = 1",
    ];
    for statement in broken {
        rows(&ports, statement, &[]);
    }
    let both = vault(&format!("{NEW},{RING}"));
    let done = block_on(reseal(&ports, &both, NOON + 20_000)).unwrap();
    let expected = Resealed {
        resealed: 4,
        unopened: 2,
        complete: true,
        ..Resealed::default()
    };
    assert_eq!(done, expected);
    assert!(all(&ports).contains(&"v1.lost.AAAA".to_owned()));
}
