//! What we send and what the fakes answer, held against the vendors' OpenAPI documents.

use sync300_fakes::contract::{ClioContract, Contract, HubSpotContract, specs};
use sync300_sandbox::platform::ADMIN;
use sync300_sandbox::{Platform, PlatformConfig};

use crate::support::*;

/// Every exchange of installing, connecting, a first and second run, and the end of both is as the documents say, on both sides.
#[tokio::test(flavor = "multi_thread")]
async fn every_exchange_of_a_run_is_as_documented() {
    let Some(specs) = specs() else { return };
    let mut platform = Platform::start(PlatformConfig {
        record: true,
        connected: false,
        ..small()
    })
    .await
    .unwrap();
    let mut browser = platform.browser().unwrap();
    let (portal, account) = (small().portal.id, small().account.id);
    platform.install(&mut browser, portal, ADMIN).await.unwrap();
    platform.connect(&mut browser, "us", account).await.unwrap();
    platform.connection = platform.connection_of(portal).await.unwrap();
    sync(&platform).await;
    sync(&platform).await;
    let page = browser.open("/account").await.unwrap();
    browser.press(&page, "Disconnect", &[]).await.unwrap();
    let page = browser.open("/account").await.unwrap();
    browser.press(&page, "Uninstall", &[]).await.unwrap();
    let hubspot = HubSpotContract::load(&specs)
        .unwrap()
        .violations(&platform.hubspot.calls().list());
    let clio = ClioContract::load(&specs)
        .unwrap()
        .violations(&platform.clio.calls().list());
    assert!(
        hubspot.is_empty() && clio.is_empty(),
        "{hubspot:#?} {clio:#?}"
    );
    assert!(platform.hubspot.calls().list().len() > 20);
}
