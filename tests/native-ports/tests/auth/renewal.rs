//! S0-86: tokens are renewed before they end, by one instance at a time, with nobody's help.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_executor::block_on;
use sync300_kit::error::{Class, Error};
use sync300_kit::store::Store;
use sync300_native_ports::NativePorts;

use crate::support::*;

const HALF_HOUR: i64 = 30 * MINUTE;

/// S0-86: a token is used while it is good, and replaced five minutes before its end (a tenth of a shorter life).
#[test]
fn a_token_is_renewed_before_its_end() {
    let (ports, script) = ports();
    install(&ports, "clio");
    store(
        &ports,
        "",
        &tokens("first", Some("refresh"), Some(HALF_HOUR)),
    );
    ports.set_now(NOON + 26 * MINUTE);
    assert_eq!(hubspot(&ports).unwrap(), "first");
    assert_eq!(script.calls(), 0);

    ports.set_now(NOON + 27 * MINUTE);
    script.answer(200, GOOD);
    assert_eq!(hubspot(&ports).unwrap(), "new-access");
    assert_eq!(
        script.shown(0),
        "POST https://api.hubapi.com/oauth/2026-03/token\naccept: application/json\n\
         content-type: application/x-www-form-urlencoded\nclient_id=our-app&client_secret=our-hubspot-secret\
         &grant_type=refresh_token&refresh_token=refresh"
    );
    assert_eq!(hubspot(&ports).unwrap(), "new-access", "no second call");

    // The refresh token that came with it is the one that counts now.
    ports.set_now(NOON + 60 * MINUTE);
    script.answer(200, GOOD);
    hubspot(&ports).unwrap();
    assert!(script.shown(1).ends_with("&refresh_token=new-refresh"));
}

/// S0-86: Clio's refresh tokens stay: an answer without one keeps the one that is held.
#[test]
fn a_refresh_token_that_does_not_change_is_kept() {
    let (ports, script) = ports();
    install(&ports, "clio");
    store(
        &ports,
        CONNECTION,
        &tokens("first", Some("forever"), Some(MINUTE)),
    );
    for (round, name) in [(1, "second"), (2, "third")] {
        ports.set_now(NOON + round * 60 * MINUTE);
        script.answer(
            200,
            &format!(r#"{{"access_token":"{name}","expires_in":3600}}"#),
        );
        assert_eq!(clio(&ports).unwrap(), name);
    }
    assert_eq!(
        script.shown(1),
        "POST https://app.clio.com/oauth/token\naccept: application/json\n\
         content-type: application/x-www-form-urlencoded\ngrant_type=refresh_token&refresh_token=forever\
         &client_id=clio-app&client_secret=our-clio-secret"
    );
}

/// S0-101: what cannot be renewed is used up to its last minute; then a person must reconnect.
#[test]
fn without_a_refresh_token_the_end_is_the_end() {
    let (ports, script) = ports();
    install(&ports, "clio");
    store(&ports, CONNECTION, &tokens("only", None, Some(10 * MINUTE)));
    ports.set_now(NOON + 9 * MINUTE - 1);
    assert_eq!(clio(&ports).unwrap(), "only");
    ports.set_now(NOON + 9 * MINUTE);
    let error = clio(&ports).unwrap_err();
    assert_eq!(
        (error.class(), error.code()),
        (Class::Revoked, "token_expired")
    );
    store(&ports, CONNECTION, &tokens("endless", None, None));
    ports.set_now(NOON + 100_000 * MINUTE);
    assert_eq!(clio(&ports).unwrap(), "endless");
    assert_eq!(script.calls(), 0);
    assert!(
        matches!(hubspot(&ports), Err(Error::TokenExpired { .. })),
        "none at all"
    );
}

/// S0-86: two instances that need a token at the same time make one call, and both go on with what it gave.
#[test]
fn two_at_once_make_one_call() {
    let folder = std::env::temp_dir().join(format!("sync300-renewal-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("sync300.db");
    let calls = Arc::new(AtomicUsize::new(0));
    let open = || {
        let calls = Arc::clone(&calls);
        configured(NativePorts::in_file(&file).unwrap()).with_http(Box::new(move |_| {
            calls.fetch_add(1, Ordering::SeqCst);
            std::thread::sleep(Duration::from_millis(700));
            Ok(response(200, GOOD))
        }))
    };
    let first = open();
    install(&first, "clio");
    store(&first, "", &tokens("ended", Some("refresh"), Some(0)));
    drop(first);
    let got: Vec<String> = std::thread::scope(|scope| {
        let both: Vec<_> = (0..2)
            .map(|_| scope.spawn(|| hubspot(&open()).unwrap()))
            .collect();
        both.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert_eq!(got, ["new-access", "new-access"]);
    assert_eq!(calls.load(Ordering::SeqCst), 1);
    std::fs::remove_dir_all(&folder).unwrap();
}

/// S0-86: while another instance renews a token that is still good, the token serves on; nobody waits.
#[test]
fn a_token_that_is_still_good_serves_while_another_instance_renews_it() {
    let (ports, script) = ports();
    install(&ports, "clio");
    store(
        &ports,
        "",
        &tokens("good", Some("refresh"), Some(HALF_HOUR)),
    );
    ports.set_now(NOON + 27 * MINUTE);
    let held = block_on(Store::new(&ports).tokens(PORTAL, ""))
        .unwrap()
        .unwrap();
    let lease = block_on(Store::new(&ports).lease_token(PORTAL, "", held.version)).unwrap();
    assert_eq!(lease, Some(1));
    assert_eq!(hubspot(&ports).unwrap(), "good");
    assert_eq!(script.calls(), 0);

    // One that is not good any more is waited for, and given up on as a matter of time.
    ports.set_now(NOON + 30 * MINUTE);
    let lease = block_on(Store::new(&ports).lease_token(PORTAL, "", held.version)).unwrap();
    assert_eq!(lease, Some(2), "the first one's lease has ended");
    let error = hubspot(&ports).unwrap_err();
    assert_eq!(
        (error.class(), error.code()),
        (Class::Transient, "token_busy")
    );
    assert_eq!(script.calls(), 0);
}

/// A renewal that comes late: what it gave is stored as long as nothing newer was, for the provider may have taken back
/// the old one; and it overwrites nothing newer, nor what a disconnect has deleted.
#[test]
fn a_late_answer_is_kept_unless_there_is_a_newer_one() {
    let (ports, _) = ports();
    install(&ports, "clio");
    let store = Store::new(&ports);
    let vault = vault(OLD_KEY);
    super::support::store(&ports, "", &tokens("a", Some("r"), Some(0)));
    let held = || block_on(store.tokens(PORTAL, "")).unwrap().unwrap();
    let put = |name: &str, version| {
        let set = tokens(name, Some("r2"), Some(HALF_HOUR));
        block_on(store.put_tokens(&vault, PORTAL, "", &set, Some(version))).unwrap()
    };
    let seen = held().version;
    block_on(store.lease_token(PORTAL, "", seen))
        .unwrap()
        .unwrap();
    ports.set_now(NOON + 31_000);
    block_on(store.lease_token(PORTAL, "", seen))
        .unwrap()
        .unwrap();
    assert!(
        put("of the first", seen),
        "its lease is over, and nothing newer is there"
    );
    assert!(!put("of the second", seen));
    assert_eq!(hubspot(&ports).unwrap(), "of the first");
    assert_eq!(
        block_on(store.lease_token(PORTAL, "", seen)).unwrap(),
        None,
        "nobody renews what is no longer held"
    );
    let seen = held().version;
    block_on(store.delete_credentials(PORTAL, "")).unwrap();
    assert!(
        !put("of a ghost", seen),
        "S1-45: disconnected is disconnected"
    );
    assert!(block_on(store.tokens(PORTAL, "")).unwrap().is_none());
}

/// Versions grow even where the clock stands still or goes back.
#[test]
fn every_storing_is_a_new_version() {
    let (ports, _) = ports();
    install(&ports, "clio");
    let mut last = 0;
    for now in [NOON, NOON, NOON - 5_000] {
        ports.set_now(now);
        store(&ports, "", &tokens("t", Some("r"), None));
        let held = block_on(Store::new(&ports).tokens(PORTAL, ""))
            .unwrap()
            .unwrap();
        assert!(held.version > last);
        last = held.version;
    }
}

/// S3-06: a sign-in without a refresh token leaves none of an earlier one.
#[test]
fn a_new_sign_in_leaves_nothing_of_the_last_one() {
    let (ports, _) = ports();
    install(&ports, "clio");
    store(&ports, CONNECTION, &tokens("a", Some("r"), None));
    store(&ports, CONNECTION, &tokens("b", None, None));
    let held = block_on(Store::new(&ports).tokens(PORTAL, CONNECTION))
        .unwrap()
        .unwrap();
    assert_eq!(held.refresh_token, None);
}
