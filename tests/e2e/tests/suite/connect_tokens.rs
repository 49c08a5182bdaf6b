//! Tokens over their life: renewed by one, before they end, and gone without a trace.

use std::fs;
use std::time::Duration;

use sync300_fakes::hubspot::{Fetch, ObjectType};
use sync300_fakes::{Effect, Fault};
use sync300_kit::ports::{Sql as _, SqlValue};
use sync300_sandbox::Platform;
use sync300_sandbox::platform::ADMIN;

use crate::connect::{bare, connected, portal, seen_by_card};
use crate::support::*;

/// The bytes of everything that the application keeps.
fn held(platform: &Platform) -> Vec<u8> {
    let folder = platform.database().parent().unwrap();
    let files = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    files
        .filter(|path| path.is_file())
        .flat_map(|path| fs::read(path).unwrap())
        .collect()
}

fn holds(held: &[u8], text: &str) -> bool {
    held.windows(text.len())
        .any(|window| window == text.as_bytes())
}

/// All sealed values.
async fn ciphertexts(platform: &Platform) -> Vec<String> {
    let ports = platform.ports().unwrap();
    let statement = "SELECT sealed FROM credentials";
    let rows = ports.execute(statement, &[]).await.unwrap();
    rows.into_iter()
        .flatten()
        .map(|value| match value {
            SqlValue::Text(text) => text,
            other => panic!("{other:?}"),
        })
        .collect()
}

fn renewals(platform: &Platform) -> (usize, usize) {
    (
        platform
            .hubspot
            .calls()
            .count(|call| call.path.ends_with("/token")),
        platform
            .clio
            .calls()
            .count(|call| call.path == "/oauth/token"),
    )
}

/// Several instances at once, all of which need both tokens or one of them.
async fn at_once(platform: &Platform) {
    let view = async || {
        let url = format!("{}/account", platform.public_url());
        let fetch = Fetch::get(9_003, url);
        platform.fetch(portal(), &fetch).await.unwrap();
    };
    platform.request_sync().unwrap();
    let (one, two, (), ()) = tokio::join!(platform.tick(), platform.tick(), view(), view());
    one.unwrap();
    two.unwrap();
}

/// S0-83, S0-86, S1-07, S1-31: tokens are renewed before they end, once however many instances need them; every one that was
/// ever issued lies sealed or not at all; and after disconnecting and uninstalling the files hold neither a token nor a
/// ciphertext of one.
#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_renewed_once_and_leave_no_trace() {
    let (platform, mut browser) = connected(bare()).await;
    let ada = person(&platform, "Ada", "Byron", Some("ada@example.org"));
    assert_eq!(finish(&platform).await.status, "succeeded");
    arrived(&platform, ObjectType::Contacts, ada);
    let mut sealed = ciphertexts(&platform).await;

    // HubSpot's tokens live half an hour: shortly before, and long after their end.
    for seconds in [1_680, 7_200] {
        reset_calls(&platform);
        platform
            .hubspot
            .clock()
            .advance(Duration::from_secs(seconds));
        at_once(&platform).await;
        assert_eq!(renewals(&platform), (1, 0), "after {seconds} s");
        let unauthorized = platform.hubspot.calls().count(|call| call.status == 401);
        assert_eq!(unauthorized, 0, "renewed before use, not on refusal");
        finish_waiting(&platform).await;
        sealed.extend(ciphertexts(&platform).await);
    }
    // Clio's live thirty days.
    reset_calls(&platform);
    platform
        .hubspot
        .clock()
        .advance(Duration::from_secs(30 * 86_400));
    at_once(&platform).await;
    assert_eq!(renewals(&platform), (1, 1));
    sync(&platform).await;
    sealed.extend(ciphertexts(&platform).await);

    let tokens = [platform.hubspot.issued(), platform.clio.issued()].concat();
    assert!(tokens.len() >= 10, "{}", tokens.len());
    for token in &tokens {
        assert!(!holds(&held(&platform), token), "a token lies open");
    }
    let account = browser_page(&platform, &mut browser).await;
    let done = browser.press(&account, "Disconnect", &[]).await.unwrap();
    assert_eq!(done.status, 200, "{}", done.page.text);
    let account = browser.open("/account").await.unwrap();
    browser.press(&account, "Uninstall", &[]).await.unwrap();
    assert_eq!(count(&platform, "credentials").await, 0);
    let held = held(&platform);
    assert!(held.len() > 10_000, "the files are looked at");
    for text in tokens.iter().chain(&sealed) {
        assert!(!holds(&held, text), "{}…", &text[..12]);
    }
}

/// The admin's page, after signing in anew: sessions have ended by now.
async fn browser_page(
    platform: &Platform,
    browser: &mut sync300_sandbox::browser::Browser,
) -> sync300_sandbox::browser::Seen {
    platform.install(browser, portal(), ADMIN).await.unwrap();
    browser.open("/account").await.unwrap()
}

/// Ends what the ticks have begun.
async fn finish_waiting(platform: &Platform) {
    for _ in 0..20 {
        if platform.tick().await.unwrap().slices.is_empty() {
            return;
        }
    }
}

/// S0-86: a provider may give a new refresh token with every renewal: the newest is the one that is kept.
#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_refresh_token_is_kept() {
    let (platform, _) = connected(bare()).await;
    platform.hubspot.set_rotates_refresh_tokens(true);
    assert_eq!(finish(&platform).await.status, "succeeded");
    for _ in 0..3 {
        platform.hubspot.clock().advance(Duration::from_secs(7_200));
        sync(&platform).await;
    }
    assert_eq!(renewals(&platform).0, 4, "one at the install");
}

/// S0-101, S1-06: a HubSpot that takes the refresh token no more has been uninstalled: the portal is marked so, its deletion
/// clock starts, and nothing is called any more. A configuration that is wrong revokes nobody; a bad day is waited out.
#[tokio::test(flavor = "multi_thread")]
async fn failures_of_a_renewal_are_told_apart() {
    let (platform, _) = connected(bare()).await;
    assert_eq!(finish(&platform).await.status, "succeeded");
    let renew = async |effect: Option<Effect>| {
        platform.hubspot.clock().advance(Duration::from_secs(7_200));
        if let Some(effect) = effect {
            platform
                .hubspot
                .fail(Fault::once("/token", effect).times(50));
        }
        platform.request_sync().unwrap();
        platform.tick().await.unwrap();
        platform.hubspot.clear_faults();
    };
    let config = r#"{"error":"invalid_client","error_description":"missing or invalid client secret","status":"BAD_CLIENT_SECRET"}"#;
    for effect in [
        Effect::answer(400, config),
        Effect::page(200, "<html>"),
        Effect::page(503, "<html>"),
        Effect::Drop,
    ] {
        renew(Some(effect.clone())).await;
        let status = "SELECT p.status || ' ' || c.status FROM portals p JOIN connections c";
        assert_eq!(
            one_text(&platform, status).await,
            "active active",
            "{effect:?}"
        );
    }
    platform.hubspot.clock().advance(Duration::from_secs(7_200));
    sync(&platform).await;
    assert_eq!(seen_by_card(&platform).await.0, "active");

    platform.portal().unwrap().revoke_tokens();
    renew(None).await;
    assert_eq!(
        one_text(&platform, "SELECT status FROM portals").await,
        "uninstalled"
    );
    let days = "SELECT CAST ((erase_at - uninstalled_at) / 86400000 AS TEXT) FROM installs";
    assert_eq!(one_text(&platform, days).await, "30");
    reset_calls(&platform);
    platform.request_sync().unwrap();
    assert!(platform.tick().await.unwrap().slices.is_empty());
    assert_eq!(
        platform.hubspot.calls().list().len() + platform.clio.calls().list().len(),
        0
    );
}
