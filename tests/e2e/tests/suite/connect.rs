//! Installing and connecting as an admin does it, in a browser, through HubSpot's and Clio's own pages.

use serde_json::json;
use sync300_fakes::Fault;
use sync300_fakes::clio::AccountConfig;
use sync300_fakes::hubspot::{Fetch, ObjectType};
use sync300_fakes::{Clio, ClioConfig, Effect, clio};
use sync300_sandbox::browser::Browser;
use sync300_sandbox::platform::ADMIN;
use sync300_sandbox::{Platform, PlatformConfig};

use crate::support::*;

/// The other firm.
pub const OTHER: u64 = 350_002;

/// Two firms at Clio, nothing installed.
pub fn bare() -> PlatformConfig {
    PlatformConfig {
        connected: false,
        more_accounts: vec![AccountConfig {
            id: OTHER,
            name: "Moss LLP".to_owned(),
            ..empty().account
        }],
        ..empty()
    }
}

/// The portal of the tests.
pub fn portal() -> u64 {
    empty().portal.id
}

/// The firm of the tests.
pub fn account() -> u64 {
    empty().account.id
}

/// A platform with the app installed and Clio connected, and the admin's browser.
pub async fn connected(config: PlatformConfig) -> (Platform, Browser) {
    let mut platform = Platform::start(config).await.unwrap();
    let mut browser = platform.browser().unwrap();
    platform
        .install(&mut browser, portal(), ADMIN)
        .await
        .unwrap();
    platform
        .connect(&mut browser, "us", account())
        .await
        .unwrap();
    platform.connection = platform.connection_of(portal()).await.unwrap();
    (platform, browser)
}

/// What the portal's connection looks like from a card: status, account name, advice.
pub async fn seen_by_card(platform: &Platform) -> (String, Option<String>, Option<String>) {
    let url = format!("{}/account", platform.public_url());
    let answer = platform
        .fetch(portal(), &Fetch::get(ADMIN, url))
        .await
        .unwrap();
    let body = answer.body.unwrap();
    assert_eq!(body["ok"], true, "{body}");
    let connection = &body["connections"][0];
    let text = |name: &str| connection[name].as_str().map(str::to_owned);
    (text("status").unwrap(), text("account"), text("advice"))
}

/// S0-01, S0-04 to S0-07, S0-10, S0-11: scopes first, then HubSpot's choice of the account, and back inside HubSpot;
/// Clio in a pop-up that names the account when it is done; and everything arrives.
#[tokio::test(flavor = "multi_thread")]
async fn an_admin_installs_connects_and_syncs() {
    let platform = Platform::start(bare()).await.unwrap();
    let mut browser = platform.browser().unwrap();
    let asked = browser.open("/oauth/hubspot/start").await.unwrap();
    for words in ["contacts", "companies", "deals", "tickets", "Connect app"] {
        assert!(asked.page.text.contains(words), "{}", asked.page.text);
    }
    let end = platform
        .install(&mut browser, portal(), ADMIN)
        .await
        .unwrap();
    assert!(end.url.path().contains("/installed/framework/"));
    assert!(platform.portal().unwrap().installed());

    // From the settings page inside HubSpot: a link for the pop-up, which opens once, in another window.
    let url = format!("{}/oauth/clio/ticket", platform.public_url());
    let ticket = Fetch::post(ADMIN, url, json!({ "region": "us" }));
    let ticket = platform.fetch(portal(), &ticket).await.unwrap();
    let link = ticket.body.unwrap()["url"].as_str().unwrap().to_owned();
    let mut window = platform.browser().unwrap();
    let invitation = window.open(&link).await.unwrap();
    assert!(invitation.page.text.contains(&portal().to_string()));
    let at_clio = window.follow(&invitation, "Sign in to Clio").await.unwrap();
    let choice = [("account", account().to_string())];
    let choice = choice.each_ref().map(|(name, id)| (*name, id.as_str()));
    let done = window
        .press(&at_clio, "Allow access", &choice)
        .await
        .unwrap();
    assert!(
        done.page
            .text
            .contains("Clio is connected: Keller & Partners"),
        "{}",
        done.page.text
    );
    assert_eq!(done.page.data["origin"], platform.hubspot.url());
    let again = platform.browser().unwrap().open(&link).await.unwrap();
    assert_eq!(again.status, 401, "the link has been used");

    let (status, name, advice) = seen_by_card(&platform).await;
    assert_eq!(
        (status.as_str(), name.as_deref(), advice),
        ("active", Some("Keller & Partners"), None)
    );
    let ada = person(&platform, "Ada", "Byron", Some("ada@example.org"));
    // Due at once: nobody has to ask for the first sync.
    assert_eq!(finish(&platform).await.status, "succeeded");
    arrived(&platform, ObjectType::Contacts, ada);
}

/// S0-104, S1-06: installing again, whether or not the app was uninstalled between, finds portal, connection and links where
/// they were, and nothing is doubled.
#[tokio::test(flavor = "multi_thread")]
async fn installing_again_doubles_nothing() {
    let (platform, mut browser) = connected(bare()).await;
    let ada = person(&platform, "Ada", "Byron", Some("ada@example.org"));
    assert_eq!(finish(&platform).await.status, "succeeded");
    let connection = platform.connection.clone();

    platform
        .install(&mut browser, portal(), ADMIN)
        .await
        .unwrap();
    sync(&platform).await;

    let account_page = browser.open("/account").await.unwrap();
    browser
        .press(&account_page, "Uninstall", &[])
        .await
        .unwrap();
    assert!(!platform.portal().unwrap().installed());
    assert!(!platform.account().unwrap().connected(), "given back");
    platform
        .install(&mut browser, portal(), ADMIN)
        .await
        .unwrap();
    platform
        .connect(&mut browser, "us", account())
        .await
        .unwrap();
    assert_eq!(platform.connection_of(portal()).await.unwrap(), connection);
    reset_calls(&platform);
    sync(&platform).await;
    arrived(&platform, ObjectType::Contacts, ada);
    for (table, rows) in [
        ("portals", 1),
        ("installs", 1),
        ("connections", 1),
        ("accounts", 1),
        ("links", 1),
    ] {
        assert_eq!(count(&platform, table).await, rows, "{table}");
    }
    assert_eq!(
        one_text(&platform, "SELECT status FROM portals").await,
        "active"
    );
}

/// S0-07, S0-95, S1-06: an uninstall stops the sync at once, and starts the deletion clock.
#[tokio::test(flavor = "multi_thread")]
async fn uninstalling_stops_everything() {
    let (platform, mut browser) = connected(bare()).await;
    assert_eq!(finish(&platform).await.status, "succeeded");
    let page = browser.open("/account").await.unwrap();
    let done = browser.press(&page, "Uninstall", &[]).await.unwrap();
    assert_eq!(done.status, 200, "{}", done.page.text);
    assert_eq!(count(&platform, "credentials").await, 0);
    reset_calls(&platform);
    platform.request_sync().unwrap();
    assert!(platform.tick().await.unwrap().slices.is_empty());
    assert_eq!(platform.clio.calls().list().len(), 0);
    assert_eq!(platform.hubspot.calls().list().len(), 0);
    let days = "SELECT CAST ((erase_at - uninstalled_at) / 86400000 AS TEXT) FROM installs";
    assert_eq!(one_text(&platform, days).await, "30");
    // What belongs to the portal is out of reach until it is installed again.
    let url = format!("{}/account", platform.public_url());
    let answer = platform.fetch(portal(), &Fetch::get(ADMIN, url)).await;
    assert_ne!(
        answer.unwrap().body.map(|body| body["ok"] == true),
        Some(true)
    );
}

/// S0-105: another firm's account is noticed on reconnecting and asked about, in words; either answer holds, and no token
/// of the one that is not taken stays.
#[tokio::test(flavor = "multi_thread")]
async fn another_account_is_asked_about() {
    let (platform, mut browser) = connected(bare()).await;
    let ada = person(&platform, "Ada", "Byron", Some("ada@example.org"));
    assert_eq!(finish(&platform).await.status, "succeeded");
    let other = platform.clio.account(OTHER).unwrap();

    let ask = async |browser: &mut Browser| {
        let at_clio = platform.sign_in_page(browser, "us").await.unwrap();
        let choice = OTHER.to_string();
        browser
            .press(&at_clio, "Allow access", &[("account", &choice)])
            .await
            .unwrap()
    };
    let question = ask(&mut browser).await;
    assert_eq!(question.status, 409, "{}", question.page.text);
    for name in ["Keller & Partners", "Moss LLP"] {
        assert!(question.page.text.contains(name), "{}", question.page.text);
    }
    browser.press(&question, "Keep", &[]).await.unwrap();
    assert!(!other.connected(), "its tokens are given back");
    assert_eq!(
        seen_by_card(&platform).await.1.as_deref(),
        Some("Keller & Partners")
    );
    sync(&platform).await;
    arrived(&platform, ObjectType::Contacts, ada);

    let question = ask(&mut browser).await;
    let switched = browser.press(&question, "Switch", &[]).await.unwrap();
    assert_eq!(switched.status, 200, "{}", switched.page.text);
    let (status, name, _) = seen_by_card(&platform).await;
    assert_eq!(
        (status.as_str(), name.as_deref()),
        ("active", Some("Moss LLP"))
    );
    let links = "SELECT count (*) || '' FROM links WHERE provider_id IS NOT NULL";
    assert_eq!(one_text(&platform, links).await, "0", "matched anew");
    assert_eq!(count(&platform, "credentials").await, 5, "no pending ones");
}

/// S0-20: an account lives in its region: what it issues is used there, and there alone.
#[tokio::test(flavor = "multi_thread")]
async fn a_region_is_chosen_and_kept() {
    let europe = Clio::start(ClioConfig {
        app: clio::AppConfig {
            redirect_uris: vec!["http://localhost:3000/oauth/clio/callback".to_owned()],
            ..clio::AppConfig::default()
        },
        accounts: vec![AccountConfig {
            id: OTHER,
            ..empty().account
        }],
        ..ClioConfig::default()
    })
    .await
    .unwrap();
    let platform = Platform::start(PlatformConfig {
        variables: [("clio_url_eu".to_owned(), europe.url())].into(),
        ..bare()
    })
    .await
    .unwrap();
    let mut browser = platform.browser().unwrap();
    platform
        .install(&mut browser, portal(), ADMIN)
        .await
        .unwrap();
    let regions = browser.open("/oauth/clio/start").await.unwrap();
    assert!(regions.page.text.contains("United States"));
    platform.connect(&mut browser, "eu", OTHER).await.unwrap();
    assert_eq!(finish(&platform).await.status, "succeeded");
    assert!(europe.account(OTHER).unwrap().connected());
    assert!(europe.calls().list().len() > 4);
    assert_eq!(
        platform.clio.calls().list().len(),
        0,
        "nothing goes to the other"
    );
}

/// S0-95, S0-101: access that was taken away at Clio shows as expired with advice, and reconnecting makes it good.
#[tokio::test(flavor = "multi_thread")]
async fn a_reconnect_makes_an_expired_connection_good() {
    let (platform, mut browser) = connected(bare()).await;
    assert_eq!(finish(&platform).await.status, "succeeded");
    platform.account().unwrap().revoke_tokens();
    platform.request_sync().unwrap();
    assert_eq!(finish(&platform).await.status, "failed");
    let (status, _, advice) = seen_by_card(&platform).await;
    assert_eq!(status, "expired");
    assert!(advice.unwrap().contains("reconnect"));
    let page = browser.open("/account").await.unwrap();
    assert!(page.page.text.contains("Expired") && page.page.link("Reconnect").is_some());

    platform
        .connect(&mut browser, "us", account())
        .await
        .unwrap();
    let ada = person(&platform, "Ada", "Byron", None);
    assert_eq!(finish(&platform).await.status, "succeeded");
    arrived(&platform, ObjectType::Contacts, ada);
    assert_eq!(seen_by_card(&platform).await.0, "active");
}

/// S1-45: a provider that does not answer keeps nobody from disconnecting.
#[tokio::test(flavor = "multi_thread")]
async fn disconnecting_needs_no_provider() {
    let (platform, mut browser) = connected(bare()).await;
    platform
        .clio
        .fail(Fault::once("/oauth/deauthorize", Effect::page(502, "<html>")).times(9));
    let page = browser.open("/account").await.unwrap();
    let done = browser.press(&page, "Disconnect", &[]).await.unwrap();
    assert_eq!(done.status, 200, "{}", done.page.text);
    let kept = format!(
        "SELECT count (*) || '' FROM credentials WHERE connection_id = '{}'",
        platform.connection
    );
    assert_eq!(one_text(&platform, &kept).await, "0");
    reset_calls(&platform);
    assert!(platform.tick().await.unwrap().slices.is_empty());
    assert_eq!(platform.clio.calls().list().len(), 0);
}
