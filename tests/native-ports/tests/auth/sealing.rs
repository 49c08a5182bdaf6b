//! Tokens at rest: sealed, sealed anew after a rotation of keys, gone when deleted.

use futures_executor::block_on;
use sync300_kit::store::Store;
use sync300_kit::tokens::Owner;
use sync300_native_ports::NativePorts;

use crate::support::*;

/// S0-83, S1-31: after a rotation, what is used is sealed anew, so that the old key can go.
#[test]
fn use_after_a_rotation_seals_anew() {
    let (ports, script) = ports();
    install(&ports, "clio");
    store(
        &ports,
        "",
        &tokens("token", Some("refresh"), Some(30 * MINUTE)),
    );
    let before = block_on(Store::new(&ports).tokens(PORTAL, ""))
        .unwrap()
        .unwrap();
    let rotated = format!("{NEW_KEY},{OLD_KEY}");
    assert_eq!(access(&ports, &rotated, Owner::HubSpot).unwrap(), "token");
    let after = block_on(Store::new(&ports).tokens(PORTAL, ""))
        .unwrap()
        .unwrap();
    assert!(after.access_token.starts_with("v1.new."));
    assert!(after.refresh_token.unwrap().starts_with("v1.new."));
    assert_eq!(
        after.version, before.version,
        "a renewal that is under way is not undone by it"
    );
    assert_eq!(access(&ports, NEW_KEY, Owner::HubSpot).unwrap(), "token");
    assert!(access(&ports, OLD_KEY, Owner::HubSpot).is_err());
    assert_eq!(script.calls(), 0);
}

/// S0-83, S0-84, S1-45: the database's file never holds a token, and after a disconnect not even its ciphertext.
#[test]
fn the_file_holds_no_token_and_after_a_disconnect_no_ciphertext() {
    let folder = std::env::temp_dir().join(format!("sync300-sealing-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("sync300.db");
    let holds = |what: &str| {
        let bytes = std::fs::read(&file).unwrap();
        bytes
            .windows(what.len())
            .any(|window| window == what.as_bytes())
    };
    let (ports, script) = scripted(NativePorts::in_file(&file).unwrap());
    install(&ports, "clio");
    store(
        &ports,
        CONNECTION,
        &tokens("canary-access-token", Some("canary-refresh-token"), Some(0)),
    );
    let first = block_on(Store::new(&ports).tokens(PORTAL, CONNECTION))
        .unwrap()
        .unwrap();
    assert!(!holds("canary"));
    assert!(
        holds(&first.access_token),
        "what is looked for can be found"
    );
    script.answer(200, GOOD);
    clio(&ports).unwrap();
    assert!(
        !holds(&first.access_token),
        "what was replaced is overwritten"
    );
    let second = block_on(Store::new(&ports).tokens(PORTAL, CONNECTION))
        .unwrap()
        .unwrap();
    block_on(Store::new(&ports).delete_credentials(PORTAL, CONNECTION)).unwrap();
    assert!(!holds(&second.access_token) && !holds(&second.refresh_token.unwrap()));
    assert!(!holds("new-access"));
    drop(ports);
    std::fs::remove_dir_all(&folder).unwrap();
}

/// S1-45: a disconnect forgets one connection's credentials, and nobody else's.
#[test]
fn a_disconnect_forgets_one_connection_alone() {
    let (ports, _) = ports();
    install(&ports, "clio");
    store(&ports, "", &tokens("hubspot", Some("r"), None));
    store(&ports, CONNECTION, &tokens("clio", Some("r"), None));
    block_on(Store::new(&ports).delete_credentials(PORTAL, CONNECTION)).unwrap();
    assert_eq!(hubspot(&ports).unwrap(), "hubspot");
    assert!(clio(&ports).is_err());
}

/// A ciphertext moved to another row does not open, and is no reason to disconnect anybody.
#[test]
fn a_token_of_another_row_does_not_open() {
    let (ports, _) = ports();
    install(&ports, "clio");
    store(&ports, "", &tokens("hubspot", None, None));
    store(&ports, CONNECTION, &tokens("clio", None, None));
    block_on(sync300_kit::ports::Sql::execute(
        &ports,
        "UPDATE credentials SET sealed = (SELECT sealed FROM credentials WHERE connection_id = '') WHERE connection_id <> ''",
        &[],
    ))
    .unwrap();
    let error = clio(&ports).unwrap_err();
    assert_eq!(
        (error.class(), error.code()),
        (sync300_kit::Class::Fatal, "vault")
    );
    assert_eq!(text(&ports, "SELECT status FROM connections"), "active");
}
