//! What HubSpot's webhooks tell is acted on at once, and believed only by HubSpot's signature.

use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};
use sync300_fakes::hubspot::{AppConfig, ObjectType};
use sync300_kit::ports::Clock as _;
use sync300_kit::secret::Secret;
use sync300_kit::settings::Settings;
use sync300_kit::signature::{Signed, sign_v3};
use sync300_sandbox::{Platform, PlatformConfig};

use crate::support::*;

const PATH: &str = "/hubspot/webhooks";

async fn platform(settings: Settings) -> Platform {
    Platform::start(PlatformConfig {
        settings,
        ..empty()
    })
    .await
    .unwrap()
}

/// What HubSpot signs with.
fn client_secret() -> String {
    AppConfig::default().client_secret
}

/// Delivers events as HubSpot does, signed with this secret; the status.
async fn deliver(platform: &Platform, events: &Value, secret: &str) -> u16 {
    let body = events.to_string();
    let at = platform.ports().unwrap().now().to_string();
    let uri = format!("{}{PATH}", platform.public_url());
    let over = Signed {
        method: "POST",
        uri: &uri,
        body: body.as_bytes(),
    };
    let signature = sign_v3(&Secret::new(secret), over, &at).unwrap();
    let request = Request::post(PATH)
        .header("content-type", "application/json")
        .header("x-hubspot-signature-v3", signature)
        .header("x-hubspot-request-timestamp", at)
        .body(Bytes::from(body))
        .unwrap();
    platform.app.request(request).await.status().as_u16()
}

fn event(platform: &Platform, what: &str, id: u64, number: u64) -> Value {
    json!({
        "eventId": number, "subscriptionId": 1, "portalId": platform.portal().unwrap().id(), "appId": 99,
        "occurredAt": 1_800_000_000_000_u64, "subscriptionType": what, "attemptNumber": 0, "objectId": id,
        "changeSource": "CRM_UI", "sourceId": "userId:9", "propertyName": "jobtitle", "propertyValue": "Countess Canary",
    })
}

async fn requested(platform: &Platform) -> i64 {
    count(platform, "connections WHERE requested_at IS NOT NULL").await
}

/// A change makes its connection due at once, where changes travel; the same event a second time does not.
#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_due_at_once_and_once() {
    let platform = platform(both(&["contacts"], None)).await;
    let ada = person(&platform, "Ada", "Byron", None);
    sync(&platform).await;
    let record = arrived(&platform, ObjectType::Contacts, ada);
    platform
        .portal()
        .unwrap()
        .edit(ObjectType::Contacts, record.id, &[("jobtitle", "Countess")])
        .unwrap();
    let events = json!([event(&platform, "contact.propertyChange", record.id, 1)]);
    assert_eq!(deliver(&platform, &events, &client_secret()).await, 204);
    assert_eq!(requested(&platform).await, 1);
    finish(&platform).await;
    let account = platform.account().unwrap();
    let person = account
        .record(sync300_fakes::clio::Resource::Contacts, ada)
        .unwrap();
    assert_eq!(person["title"], "Countess");

    assert_eq!(deliver(&platform, &events, &client_secret()).await, 204);
    assert_eq!(requested(&platform).await, 0);
    // Nothing of what the event said of the record is kept.
    let kept = one_text(&platform, "SELECT group_concat (event) FROM hubspot_events").await;
    assert!(!kept.contains("Canary"), "{kept}");

    // Of an object that does not travel, nothing is due.
    let deal = json!([event(&platform, "deal.propertyChange", 7, 2)]);
    assert_eq!(deliver(&platform, &deal, &client_secret()).await, 204);
    assert_eq!(requested(&platform).await, 0);
}

/// S2-79, S0-99: a deleted record's link ends in the next run, although nothing changed in Clio.
#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_ends_the_link() {
    let platform = platform(only(&["contacts"])).await;
    let ada = person(&platform, "Ada", "Byron", None);
    sync(&platform).await;
    let record = arrived(&platform, ObjectType::Contacts, ada);
    let portal = platform.portal().unwrap();
    portal.archive(ObjectType::Contacts, record.id).unwrap();
    let events = json!([event(&platform, "contact.deletion", record.id, 1)]);
    assert_eq!(deliver(&platform, &events, &client_secret()).await, 204);
    finish(&platform).await;
    assert_eq!(
        count(&platform, "links WHERE state = 'hubspot_gone'").await,
        1
    );
    assert_eq!(portal.count(ObjectType::Contacts), 0);

    // And it goes on when the record is back.
    portal.restore(ObjectType::Contacts, record.id).unwrap();
    let events = json!([event(&platform, "contact.restore", record.id, 2)]);
    assert_eq!(deliver(&platform, &events, &client_secret()).await, 204);
    finish(&platform).await;
    assert_eq!(count(&platform, "links WHERE state = 'active'").await, 1);
}

/// A privacy deletion erases the link and leaves no more than that there is none to be made: nothing is created anew.
#[tokio::test(flavor = "multi_thread")]
async fn a_privacy_deletion_leaves_a_tombstone() {
    let platform = platform(only(&["contacts"])).await;
    let ada = person(&platform, "Ada", "Byron", Some("ada@example.org"));
    sync(&platform).await;
    let record = arrived(&platform, ObjectType::Contacts, ada);
    let portal = platform.portal().unwrap();
    portal.archive(ObjectType::Contacts, record.id).unwrap();
    // In any order, and in one batch.
    let events = json!([
        event(&platform, "contact.privacyDeletion", record.id, 1),
        event(&platform, "contact.deletion", record.id, 2),
    ]);
    assert_eq!(deliver(&platform, &events, &client_secret()).await, 204);
    let tombstone = one_text(
        &platform,
        "SELECT provider_id || ' ' || state || ' ' || reason || ' ' || coalesce (hubspot_id, '-') || ' ' || coalesce (base, '-') FROM links",
    )
    .await;
    assert_eq!(tombstone, format!("{ada} hubspot_gone privacy_deleted - -"));
    let data = json!({ "title": "Countess" });
    platform
        .account()
        .unwrap()
        .edit(sync300_fakes::clio::Resource::Contacts, ada, &data)
        .unwrap();
    sync(&platform).await;
    assert_eq!(portal.count(ObjectType::Contacts), 0);
}

/// S1-36: without HubSpot's signature nothing is believed, and nothing changes.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_is_believed() {
    let platform = platform(only(&["contacts"])).await;
    let ada = person(&platform, "Ada", "Byron", None);
    sync(&platform).await;
    let record = arrived(&platform, ObjectType::Contacts, ada);
    let events = json!([event(&platform, "contact.privacyDeletion", record.id, 1)]);
    assert_eq!(deliver(&platform, &events, "another secret").await, 401);
    let unsigned = Request::post(PATH)
        .header("content-type", "application/json")
        .body(Bytes::from(events.to_string()))
        .unwrap();
    assert_eq!(platform.app.request(unsigned).await.status(), 401);
    let read = Request::get(PATH).body(Bytes::new()).unwrap();
    assert_eq!(platform.app.request(read).await.status(), 405);
    assert_eq!(count(&platform, "links WHERE state = 'active'").await, 1);
    assert_eq!(count(&platform, "hubspot_events").await, 0);

    // Another portal's event is that portal's.
    let mut events = events;
    events[0]["portalId"] = json!(1);
    assert_eq!(deliver(&platform, &events, &client_secret()).await, 204);
    assert_eq!(count(&platform, "links WHERE state = 'active'").await, 1);
}

/// S2-48: where somebody waits because of a record, whatever happens to it makes the match due at once, also of what does
/// not travel back.
#[tokio::test(flavor = "multi_thread")]
async fn a_candidate_that_changes_is_looked_at_at_once() {
    let platform = platform(only(&["contacts"])).await;
    let portal = platform.portal().unwrap();
    let twins = [(); 2].map(|()| {
        let values = [("firstname", "Ada"), ("lastname", "Byron")];
        portal
            .create_by_hand(ObjectType::Contacts, &values)
            .unwrap()
    });
    let ada = person(&platform, "Ada", "Byron", Some("ada@example.org"));
    sync(&platform).await;
    let other = json!([event(&platform, "contact.propertyChange", 7, 1)]);
    assert_eq!(deliver(&platform, &other, &client_secret()).await, 204);
    assert_eq!(requested(&platform).await, 0, "nobody's candidate");

    let email = [("email", "another.ada@example.org")];
    portal.edit(ObjectType::Contacts, twins[0], &email).unwrap();
    let events = json!([event(&platform, "contact.propertyChange", twins[0], 2)]);
    assert_eq!(deliver(&platform, &events, &client_secret()).await, 204);
    assert_eq!(requested(&platform).await, 1);
    finish(&platform).await;
    assert_eq!(arrived(&platform, ObjectType::Contacts, ada).id, twins[1]);
    assert_eq!(portal.count(ObjectType::Contacts), 2);
}

/// S2-48: of two duplicates the one whose data is erased for privacy is no candidate any more.
#[tokio::test(flavor = "multi_thread")]
async fn an_erased_candidate_is_none() {
    let platform = platform(only(&["contacts"])).await;
    let portal = platform.portal().unwrap();
    let twins = [(); 2].map(|()| {
        let values = [("firstname", "Ada"), ("lastname", "Byron")];
        portal
            .create_by_hand(ObjectType::Contacts, &values)
            .unwrap()
    });
    let ada = person(&platform, "Ada", "Byron", None);
    backdate(&platform);
    sync(&platform).await;
    portal.archive(ObjectType::Contacts, twins[0]).unwrap();
    let erased = json!([event(&platform, "contact.privacyDeletion", twins[0], 1)]);
    assert_eq!(deliver(&platform, &erased, &client_secret()).await, 204);
    assert_eq!(count(&platform, "claims").await, 1);
    finish(&platform).await;
    assert_eq!(arrived(&platform, ObjectType::Contacts, ada).id, twins[1]);
}
