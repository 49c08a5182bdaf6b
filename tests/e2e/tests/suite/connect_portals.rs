//! Two portals on one platform: nothing of one is seen, synced or ended with the other.

use serde_json::json;
use sync300_fakes::clio::Resource;
use sync300_fakes::hubspot::{Fetch, ObjectType, PortalConfig};
use sync300_sandbox::browser::Browser;
use sync300_sandbox::platform::ADMIN;
use sync300_sandbox::{Platform, PlatformConfig};

use crate::connect::{OTHER, account, bare, portal};
use crate::support::*;

/// The other portal.
const SECOND: u64 = 4_200_002;

/// Both portals connected, each with a person who arrives in it alone.
async fn two() -> (Platform, [Browser; 2], [u64; 2]) {
    let platform = Platform::start(PlatformConfig {
        more_portals: vec![PortalConfig::numbered(SECOND)],
        ..bare()
    })
    .await
    .unwrap();
    let mut browsers = [platform.browser().unwrap(), platform.browser().unwrap()];
    let mut people = [0; 2];
    for (at, (portal, account)) in [(portal(), account()), (SECOND, OTHER)]
        .into_iter()
        .enumerate()
    {
        let data =
            json!({ "type": "Person", "first_name": "Ada", "last_name": format!("Byron {at}") });
        let handle = platform.clio.account(account).unwrap();
        people[at] = handle.add(Resource::Contacts, &data).unwrap();
        let browser = &mut browsers[at];
        platform.install(browser, portal, ADMIN).await.unwrap();
        platform.connect(browser, "us", account).await.unwrap();
    }
    let mut done = 0;
    for _ in 0..50 {
        let slices = platform.tick().await.unwrap().slices;
        done += slices
            .iter()
            .filter(|slice| slice.status == "succeeded")
            .count();
        if done == 2 {
            break;
        }
    }
    assert_eq!(done, 2, "both are synced");
    (platform, browsers, people)
}

/// S0-07, S1-20: each portal gets what is its own.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_crosses_between_portals() {
    let (platform, mut browsers, people) = two().await;
    for (portal, own, others) in [
        (portal(), people[0], people[1]),
        (SECOND, people[1], people[0]),
    ] {
        let handle = platform.hubspot.portal(portal).unwrap();
        let found = |id: u64| {
            handle
                .find(ObjectType::Contacts, SOURCE, &id.to_string())
                .len()
        };
        assert_eq!((found(own), found(others)), (1, 0));
    }
    // A connection of the other portal is none that one could end, whoever says so.
    let foreign = platform.connection_of(portal()).await.unwrap();
    let url = format!("{}/account/disconnect", platform.public_url());
    let fetch = Fetch::post(ADMIN, url, json!({ "connection": foreign }));
    let answer = platform.fetch(SECOND, &fetch).await.unwrap().body.unwrap();
    assert_eq!(answer["ok"], false);
    let page = browsers[1].open("/account").await.unwrap();
    assert!(page.page.text.contains("Moss LLP") && !page.page.text.contains("Keller"));
    let active = "connections WHERE status = 'active'";
    assert_eq!(count(&platform, active).await, 2);
    // Uninstalling one leaves the other as it was.
    browsers[1].press(&page, "Uninstall", &[]).await.unwrap();
    assert!(platform.portal().unwrap().installed());
    assert!(platform.account().unwrap().connected());
    assert_eq!(count(&platform, active).await, 1);
}
