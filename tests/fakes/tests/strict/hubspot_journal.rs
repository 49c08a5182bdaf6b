//! The webhooks journal: who may read it, what is in it, and how long.

use std::time::Duration;

use serde_json::json;
use sync300_fakes::hubspot::{AppConfig, PortalConfig};
use sync300_fakes::{HubSpot, HubSpotConfig};

use crate::client::{Api, Reply};

const SUBSCRIPTIONS: &str = "/webhooks-journal/subscriptions/2026-03";
const JOURNAL: &str = "/webhooks-journal/journal/2026-03";
const ALL: &str = "developer.webhooks_journal.read developer.webhooks_journal.subscriptions.read \
                   developer.webhooks_journal.subscriptions.write";

async fn start() -> HubSpot {
    let config = HubSpotConfig {
        portals: vec![PortalConfig::numbered(41), PortalConfig::numbered(42)],
        ..HubSpotConfig::default()
    };
    HubSpot::start(config).await.unwrap()
}

async fn client_credentials(hubspot: &HubSpot, scope: &str) -> Reply {
    let app = AppConfig::default();
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", app.client_id.as_str()),
        ("client_secret", app.client_secret.as_str()),
        ("scope", scope),
    ];
    let api = Api::new(hubspot.url(), "");
    api.form("/oauth/2026-03/token", &fields).await
}

async fn with(hubspot: &HubSpot, scope: &str) -> Api {
    let reply = client_credentials(hubspot, scope).await;
    Api::new(hubspot.url(), reply.body["access_token"].as_str().unwrap())
}

fn uninstalled() -> serde_json::Value {
    json!({ "subscriptionType": "APP_LIFECYCLE_EVENT", "eventTypeId": "4-1916193", "properties": [] })
}

#[tokio::test]
async fn the_journal_takes_the_apps_own_token() {
    let hubspot = start().await;
    let of_portal = Api::new(hubspot.url(), "hubspot-access-token");
    assert_eq!(
        of_portal.get(&format!("{JOURNAL}/earliest")).await.status,
        403
    );
    let reader = with(&hubspot, "developer.webhooks_journal.read").await;
    assert_eq!(reader.get(&format!("{JOURNAL}/earliest")).await.status, 204);
    assert_eq!(reader.post(SUBSCRIPTIONS, uninstalled()).await.status, 403);
    assert_eq!(
        reader.get("/account-info/2026-03/details").await.status,
        403
    );
    for scope in ["", "crm.import"] {
        assert_eq!(
            client_credentials(&hubspot, scope).await.body["status"],
            "BAD_SCOPES"
        );
    }
}

#[tokio::test]
async fn what_was_subscribed_to_is_read_in_order() {
    let hubspot = start().await;
    let api = with(&hubspot, ALL).await;
    hubspot.portal(41).unwrap().uninstall();
    assert_eq!(
        api.get(&format!("{JOURNAL}/earliest")).await.status,
        204,
        "not subscribed yet"
    );

    let unknown = json!({ "subscriptionType": "APP_LIFECYCLE_EVENT", "eventTypeId": "4-1", "properties": [] });
    assert_eq!(api.post(SUBSCRIPTIONS, unknown).await.status, 400);
    let first = api.post(SUBSCRIPTIONS, uninstalled()).await;
    let again = api.post(SUBSCRIPTIONS, uninstalled()).await;
    assert_eq!(first.body["id"], again.body["id"]);
    assert_eq!(
        api.get(SUBSCRIPTIONS).await.body["results"]
            .as_array()
            .unwrap()
            .len(),
        1
    );

    for portal in [41, 42] {
        let portal = hubspot.portal(portal).unwrap();
        portal.add_token("again");
        portal.uninstall();
        portal.uninstall();
    }
    let read = async |path: &str| {
        let found = api.get(&format!("{JOURNAL}/{path}")).await;
        assert_eq!(found.status, 200, "{path}");
        let url = found.body["url"].as_str().unwrap();
        assert!(!url.starts_with(&hubspot.url()), "files lie elsewhere");
        let path = url.strip_prefix(&hubspot.journal_url()).unwrap().to_owned();
        let file = Api::new(hubspot.journal_url(), "").get(&path).await.body;
        let proven_twice = Api::new(hubspot.journal_url(), "token").get(&path).await;
        assert_eq!(proven_twice.status, 400);
        assert_eq!(file["offset"], found.body["currentOffset"]);
        let event = file["journalEvents"][0].clone();
        (
            event["portalId"].clone(),
            file["offset"].as_str().unwrap().to_owned(),
        )
    };
    let (portal, offset) = read("earliest").await;
    assert_eq!(portal, 41);
    let (portal, last) = read(&format!("offset/{offset}/next")).await;
    assert_eq!(portal, 42);
    assert_eq!(read("latest").await.1, last);
    assert_eq!(
        api.get(&format!("{JOURNAL}/offset/{last}/next"))
            .await
            .status,
        204
    );
    assert_eq!(
        api.get(&format!("{JOURNAL}/offset/unknown/next"))
            .await
            .status,
        404
    );
    let files = Api::new(hubspot.journal_url(), "");
    let later = hubspot.clock().now().timestamp() + 60;
    let unknown = files.get(&format!("/unknown.json?expires={later}")).await;
    assert_eq!(unknown.status, 403);
    assert_eq!(files.get(&format!("/{last}.json")).await.status, 403);
    let past = hubspot.clock().now().timestamp();
    let expired = files.get(&format!("/{last}.json?expires={past}")).await;
    assert_eq!(expired.status, 403);

    hubspot.clock().advance(Duration::from_secs(73 * 3_600));
    let api = with(&hubspot, ALL).await;
    assert_eq!(
        api.get(&format!("{JOURNAL}/earliest")).await.status,
        204,
        "kept for three days"
    );
    let id = first.body["id"].as_u64().unwrap();
    assert_eq!(
        api.delete(&format!("{SUBSCRIPTIONS}/{id}")).await.status,
        204
    );
    assert_eq!(api.get(SUBSCRIPTIONS).await.body, json!({ "results": [] }));
}
