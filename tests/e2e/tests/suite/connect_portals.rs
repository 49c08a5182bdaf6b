//! Two portals on one platform: nothing of one is seen, synced, exported or erased with the other.

use serde_json::{Value, json};
use sync300_fakes::clio::Resource;
use sync300_fakes::hubspot::{Fetch, ObjectType, PortalConfig};
use sync300_kit::store::held::{By, TABLES};
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
        for _ in 0..at {
            // Ids at Clio are an account's own, and would be the same in both.
            handle.add_user("Robin", "Moss");
        }
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

/// The rows about a portal, as the tables themselves tell.
async fn rows(platform: &Platform, portal: u64, table: &str, by: By) -> i64 {
    let of = match by {
        By::Portal => format!("portal_id = {portal}"),
        By::Connection => format!(
            "connection_id IN (SELECT connection_id FROM connections WHERE portal_id = {portal})"
        ),
        By::Run => format!(
            "run_id IN (SELECT run_id FROM runs JOIN connections USING (connection_id) WHERE portal_id = {portal})"
        ),
        By::Customer => format!(
            "customer_id IN (SELECT customer_id FROM billing_customers WHERE portal_id = {portal})"
        ),
    };
    count(platform, &format!("{table} WHERE {of}")).await
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

/// S1-49, S1-52: an export has every row that is kept about a portal, and nothing of another.
#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_whole_and_a_portals_own() {
    let (platform, mut browsers, people) = two().await;
    // Asked for twice, so that what exporting leaves behind is in it as well.
    browsers[0]
        .open("/account/export?format=json")
        .await
        .unwrap();
    let seen = browsers[0]
        .open("/account/export?format=json")
        .await
        .unwrap();
    assert_eq!(seen.status, 200, "{}", seen.body);
    let export: Value = serde_json::from_str(&seen.body).unwrap();
    assert_eq!(export["portal_id"], portal());
    for table in &TABLES {
        let kept = rows(&platform, portal(), table.name, table.by).await;
        let exported = export["tables"][table.name].as_array().unwrap().len();
        let exported = i64::try_from(exported).unwrap();
        // The export's own entry in the audit trail is written after it was read.
        let own = i64::from(table.name == "audit");
        assert_eq!(exported + own, kept, "{}", table.name);
    }
    let csv = browsers[0]
        .open("/account/export?format=csv")
        .await
        .unwrap();
    let second = platform.connection_of(SECOND).await.unwrap();
    for body in [&seen.body, &csv.body] {
        assert!(body.contains(&people[0].to_string()));
        for foreign in [SECOND.to_string(), second.clone(), people[1].to_string()] {
            assert!(!body.contains(&foreign), "{foreign}");
        }
        for secret in [platform.hubspot.issued(), platform.clio.issued()].concat() {
            assert!(!body.contains(&secret), "a token is in the export");
        }
    }
    // Who does not administer has no export.
    let url = format!("{}/account/export?format=json", platform.public_url());
    let answer = platform
        .fetch(portal(), &Fetch::get(9_003, url))
        .await
        .unwrap();
    assert_eq!(answer.body.unwrap()["code"], "not_admin");
}

/// S1-46, S1-51, S1-53: a portal's rows go on its wish, and nobody else's; before that its processing can be paused.
#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_is_whole_and_a_portals_own() {
    let (platform, mut browsers, _) = two().await;
    let mut others = Vec::new();
    for table in &TABLES {
        others.push(rows(&platform, SECOND, table.name, table.by).await);
    }
    let page = browsers[0].open("/account").await.unwrap();
    browsers[0]
        .press(&page, "Pause processing", &[])
        .await
        .unwrap();
    reset_calls(&platform);
    platform.request_sync().unwrap();
    platform.tick().await.unwrap();
    assert!(platform.portal().unwrap().calls().is_empty(), "paused");
    let page = browsers[0].open("/account").await.unwrap();
    browsers[0]
        .press(&page, "Resume processing", &[])
        .await
        .unwrap();
    let page = browsers[0].open("/account").await.unwrap();
    let done = browsers[0]
        .press(&page, "Erase", &[("confirm", &portal().to_string())])
        .await
        .unwrap();
    assert_eq!(done.status, 200, "{}", done.page.text);
    for (table, others) in TABLES.iter().zip(others) {
        assert_eq!(
            rows(&platform, portal(), table.name, table.by).await,
            0,
            "{}",
            table.name
        );
        assert_eq!(
            rows(&platform, SECOND, table.name, table.by).await,
            others,
            "{}",
            table.name
        );
    }
}
