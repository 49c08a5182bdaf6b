//! Whatever goes wrong on the way is said in words, and changes nothing.

use std::time::Duration;

use serde_json::json;
use sync300_fakes::hubspot::Fetch;
use sync300_fakes::{Effect, Fault};
use sync300_sandbox::Platform;
use sync300_sandbox::browser::{Browser, Seen};
use sync300_sandbox::platform::ADMIN;
use url::Url;

use crate::connect::{OTHER, account, bare, connected, portal};
use crate::support::*;

/// Installed, not connected; the admin's browser.
async fn installed() -> (Platform, Browser) {
    let platform = Platform::start(bare()).await.unwrap();
    let mut browser = platform.browser().unwrap();
    platform
        .install(&mut browser, portal(), ADMIN)
        .await
        .unwrap();
    (platform, browser)
}

/// What a person reads who got no further: the problem, what to do, and a reference to quote.
fn told(seen: &Seen, status: u16, words: &str) {
    let text = &seen.page.text;
    assert_eq!(seen.status, status, "{text}");
    assert!(text.contains(words), "{text}");
    assert!(text.contains("Reference: "), "{text}");
}

/// Where Clio sends the browser back to, without going there.
async fn callback(platform: &Platform, browser: &mut Browser, account: u64) -> Url {
    *browser = browser.clone().stopping_at_callbacks();
    let at_clio = platform.sign_in_page(browser, "us").await.unwrap();
    let account = account.to_string();
    let seen = browser
        .press(&at_clio, "Allow access", &[("account", &account)])
        .await
        .unwrap();
    *browser = browser.clone().following_callbacks();
    assert!(seen.url.path().ends_with("/callback"), "{}", seen.url);
    seen.url
}

async fn connections(platform: &Platform) -> i64 {
    count(platform, "connections").await
}

/// S0-102: what a portal does not grant is named, nothing is stored, and authorizing again makes it good.
#[tokio::test(flavor = "multi_thread")]
async fn missing_scopes_are_named() {
    let platform = Platform::start(bare()).await.unwrap();
    let hubspot = platform.portal().unwrap();
    hubspot.withhold_scopes(&["tickets", "crm.schemas.deals.write"]);
    let mut browser = platform.browser().unwrap();
    let asked = browser.open("/oauth/hubspot/start").await.unwrap();
    let at_hubspot = browser.follow(&asked, "Connect app").await.unwrap();
    let end = browser
        .press(&at_hubspot, "Connect app", &[])
        .await
        .unwrap();
    told(&end, 403, "tickets");
    assert!(end.page.text.contains("crm.schemas.deals.write"));
    assert!(!end.page.text.contains("crm.objects.contacts.read"));
    for table in ["portals", "installs", "credentials", "sessions"] {
        assert_eq!(count(&platform, table).await, 0, "{table}");
    }
    hubspot.withhold_scopes(&[]);
    platform
        .install(&mut browser, portal(), ADMIN)
        .await
        .unwrap();
}

/// S0-105: denial at either provider is told in words with a way forward.
#[tokio::test(flavor = "multi_thread")]
async fn denial_is_told() {
    let platform = Platform::start(bare()).await.unwrap();
    let mut browser = platform.browser().unwrap();
    let asked = browser.open("/oauth/hubspot/start").await.unwrap();
    let at_hubspot = browser.follow(&asked, "Connect app").await.unwrap();
    let end = browser.press(&at_hubspot, "Cancel", &[]).await.unwrap();
    told(&end, 400, "access was not allowed");
    assert!(end.page.link("Start again").is_some());
    assert_eq!(count(&platform, "portals").await, 0);

    platform
        .install(&mut browser, portal(), ADMIN)
        .await
        .unwrap();
    let at_clio = platform.sign_in_page(&mut browser, "us").await.unwrap();
    let end = browser.press(&at_clio, "Deny access", &[]).await.unwrap();
    told(&end, 400, "access was not allowed");
    assert_eq!(connections(&platform).await, 0);
    platform
        .connect(&mut browser, "us", account())
        .await
        .unwrap();
}

/// S0-85, S1-35: a state counts once, within ten minutes, in the browser it was made for, and for its own callback.
#[tokio::test(flavor = "multi_thread")]
async fn a_state_counts_once_in_time_and_in_its_browser() {
    let (platform, mut browser) = installed().await;
    let refused = async |browser: &mut Browser, url: &Url, why: &str| {
        let seen = browser.open(url.as_str()).await.unwrap();
        assert_eq!(seen.status, 400, "{why}: {}", seen.page.text);
        assert_eq!(connections(&platform).await, 0, "{why}");
    };
    // Forged, and missing.
    let real = callback(&platform, &mut browser, account()).await;
    let code = real.query_pairs().find(|(name, _)| name == "code").unwrap();
    let code = code.1.into_owned();
    for query in [
        format!("code={code}&state={}", "A".repeat(43)),
        format!("code={code}"),
        format!("code={code}&state="),
        format!("code={code}&state=%00"),
    ] {
        let mut forged = real.clone();
        forged.set_query(Some(&query));
        refused(&mut browser, &forged, &query).await;
    }
    // Another browser, a browser without its cookie, another flow's callback.
    let mut stranger = platform.browser().unwrap();
    refused(&mut stranger, &real, "another browser").await;
    stranger.open("/oauth/hubspot/start").await.unwrap();
    refused(&mut stranger, &real, "a browser with a cookie of its own").await;
    let mut crossed = real.clone();
    crossed.set_path("/oauth/hubspot/callback");
    refused(&mut browser, &crossed, "another flow").await;

    // Too late.
    let late = callback(&platform, &mut browser, account()).await;
    platform.hubspot.clock().advance(Duration::from_secs(601));
    refused(&mut browser, &late, "too late").await;

    // In time and in place it counts, and then no more.
    let good = callback(&platform, &mut browser, account()).await;
    let seen = browser.open(good.as_str()).await.unwrap();
    assert_eq!(seen.status, 200, "{}", seen.page.text);
    assert_eq!(connections(&platform).await, 1);
    let again = browser.open(good.as_str()).await.unwrap();
    told(&again, 400, "not valid any more");
}

/// A code that is used up is refused at the token endpoint, whatever fresh state comes with it.
#[tokio::test(flavor = "multi_thread")]
async fn a_used_code_is_refused() {
    let (platform, mut browser) = installed().await;
    let first = callback(&platform, &mut browser, account()).await;
    assert_eq!(browser.open(first.as_str()).await.unwrap().status, 200);
    let pair = |url: &Url, wanted: &str| {
        let mut pairs = url.query_pairs();
        let value = pairs.find(|(name, _)| name == wanted).unwrap().1;
        value.into_owned()
    };
    let mut second = callback(&platform, &mut browser, OTHER).await;
    let query = format!(
        "code={}&state={}",
        pair(&first, "code"),
        pair(&second, "state")
    );
    second.set_query(Some(&query));
    let seen = browser.open(second.as_str()).await.unwrap();
    told(&seen, 400, "used up or too old");
    assert!(
        platform.account().unwrap().connected(),
        "the connection stands"
    );
    assert_eq!(connections(&platform).await, 1);
}

/// S0-105, S3-03: a token endpoint that answers a page or fails is told of in words; before the provider has let us in
/// there is no connection to configure; and the next try works.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_endpoint_may_have_a_bad_day() {
    for effect in [
        Effect::page(200, "<html>Maintenance</html>"),
        Effect::page(502, "<html>Bad gateway</html>"),
        Effect::answer(500, "{}"),
        Effect::answer(200, "{}"),
        Effect::Drop,
    ] {
        let (platform, mut browser) = installed().await;
        platform
            .clio
            .fail(Fault::once("/oauth/token", effect.clone()).times(20));
        let url = callback(&platform, &mut browser, account()).await;
        let seen = browser.open(url.as_str()).await.unwrap();
        assert!(
            (500..600).contains(&seen.status),
            "{effect:?}: {} {}",
            seen.status,
            seen.page.text
        );
        assert!(seen.page.text.contains("Reference: "));
        assert_eq!(connections(&platform).await, 0, "{effect:?}");
        platform.clio.clear_faults();
        platform
            .connect(&mut browser, "us", account())
            .await
            .unwrap();
    }
}

/// A token endpoint that says nothing is given up before the host gives up: the page says so, nothing is left half done, and
/// the next try works.
#[tokio::test(flavor = "multi_thread")]
async fn a_silent_token_endpoint_changes_nothing() {
    let (platform, mut browser) = installed().await;
    let silent = Effect::Delay(Duration::from_secs(40));
    platform
        .clio
        .fail(Fault::once("/oauth/token", silent).times(5));
    let url = callback(&platform, &mut browser, account()).await;
    let seen = browser.open(url.as_str()).await.unwrap();
    assert!((500..600).contains(&seen.status), "{}", seen.status);
    assert!(seen.page.text.contains("Reference: "), "{}", seen.page.text);
    assert_eq!(connections(&platform).await, 0);
    platform.clio.clear_faults();
    platform
        .connect(&mut browser, "us", account())
        .await
        .unwrap();
}

/// S1-39, S1-40: who neither installed nor is a super admin reads and changes nothing; who installed may.
#[tokio::test(flavor = "multi_thread")]
async fn only_admins_change_things() {
    let (platform, _) = connected(bare()).await;
    let (installer, member) = (9_002, 9_003);
    let call = async |user: u64, path: &str| {
        let url = format!("{}{path}", platform.public_url());
        let body = json!({ "connection": platform.connection });
        let fetch = Fetch::post(user, url, body);
        let answer = platform.fetch(portal(), &fetch).await.unwrap();
        answer.body.unwrap()
    };
    for user in [installer, member] {
        for path in [
            "/oauth/clio/ticket",
            "/account/disconnect",
            "/account/uninstall",
        ] {
            let body = call(user, path).await;
            assert_eq!(
                (&body["ok"], &body["code"]),
                (&json!(false), &json!("not_admin"))
            );
        }
        let view = Fetch::get(user, format!("{}/account", platform.public_url()));
        let view = platform.fetch(portal(), &view).await.unwrap().body.unwrap();
        assert_eq!((&view["ok"], &view["admin"]), (&json!(true), &json!(false)));
    }
    assert_eq!(
        one_text(&platform, "SELECT status FROM connections").await,
        "active"
    );
    // A super admin who loses the right keeps it for ten minutes at most; one who gains it has it then.
    let hubspot = platform.portal().unwrap();
    hubspot.set_super_admin(member, true);
    assert_eq!(
        call(member, "/oauth/clio/ticket").await["ok"],
        false,
        "asked lately"
    );
    platform.hubspot.clock().advance(Duration::from_secs(601));
    assert_eq!(call(member, "/oauth/clio/ticket").await["ok"], true);
    assert_eq!(call(ADMIN, "/account/disconnect").await["ok"], true);
    assert!(!platform.account().unwrap().connected());
}
