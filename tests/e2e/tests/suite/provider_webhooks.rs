//! What Clio's webhooks tell is acted on at once, believed only by the secret of the handshake, and proven before anything
//! ends by it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};
use sync300_fakes::clio::Resource;
use sync300_fakes::hubspot::ObjectType;
use sync300_fakes::{Effect, Fault};
use sync300_host::LogSink;
use sync300_kit::settings::Settings;
use sync300_sandbox::{Platform, PlatformConfig};

use crate::support::*;

const PUBLIC: &str = "https://sync.example.com";
const MINUTE: u64 = 60;
const DAY: u64 = 24 * 60 * MINUTE;

/// An application that Clio reaches over TLS.
async fn platform(settings: Settings) -> Platform {
    Platform::start(PlatformConfig {
        settings,
        public_url: PUBLIC.to_owned(),
        ..empty()
    })
    .await
    .unwrap()
}

/// One with a person in step, and a webhook about people whose handshake is done.
async fn subscribed() -> (Platform, u64) {
    let platform = platform(only(&["contacts"])).await;
    let ada = person(&platform, "Ada", "Byron", None);
    sync(&platform).await;
    assert_eq!(platform.clio_webhooks().await.unwrap(), 0);
    assert_eq!(webhook(&platform)["status"], "enabled");
    (platform, ada)
}

fn webhooks(platform: &Platform) -> Vec<Value> {
    platform.account().unwrap().records(Resource::Webhooks)
}

/// The only one.
fn webhook(platform: &Platform) -> Value {
    let mut all = webhooks(platform);
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// The path of a webhook's address.
fn path(webhook: &Value) -> String {
    text(&webhook["url"])
        .strip_prefix(PUBLIC)
        .unwrap()
        .to_owned()
}

fn retitle(platform: &Platform, id: u64, title: &str) {
    let account = platform.account().unwrap();
    let data = json!({ "title": title });
    account.edit(Resource::Contacts, id, &data).unwrap();
}

async fn post(
    platform: &Platform,
    path: &str,
    header: Option<(&str, &str)>,
    body: &str,
) -> http::Response<Bytes> {
    let mut request = Request::post(path).header("content-type", "application/json");
    if let Some((name, value)) = header {
        request = request.header(name, value);
    }
    let request = request.body(Bytes::from(body.to_owned())).unwrap();
    platform.app.request(request).await
}

async fn requested(platform: &Platform) -> i64 {
    count(platform, "connections WHERE requested_at IS NOT NULL").await
}

async fn gone(platform: &Platform) -> i64 {
    count(platform, "links WHERE state = 'provider_gone'").await
}

async fn pass(platform: &Platform, seconds: u64) {
    platform.clio.clock().advance(Duration::from_secs(seconds));
    sync(platform).await;
}

fn webhook_calls(platform: &Platform, method: &str) -> usize {
    platform
        .clio
        .calls()
        .count(|call| call.path.starts_with("/api/v4/webhooks") && call.method == method)
}

/// A run asks for a webhook for each kind of record that is in step, once; what changes in Clio then makes its connection
/// due at once, and is in HubSpot after one run. Neither secret nor address is at rest or in a log.
#[tokio::test(flavor = "multi_thread")]
async fn a_change_in_clio_is_due_at_once() {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let sink = lines.clone();
    let platform = Platform::start(PlatformConfig {
        settings: only(&["contacts", "companies", "matters"]),
        public_url: PUBLIC.to_owned(),
        logs: LogSink::new(move |line| sink.lock().unwrap().push(line.text.clone())),
        ..empty()
    })
    .await
    .unwrap();
    let ada = person(&platform, "Ada", "Byron", None);
    sync(&platform).await;
    let models: Vec<String> = webhooks(&platform)
        .iter()
        .map(|webhook| text(&webhook["model"]))
        .collect();
    assert_eq!(models, ["contact", "matter"]);
    assert_eq!(platform.clio_webhooks().await.unwrap(), 0);
    assert_eq!(
        count(&platform, "provider_webhooks WHERE state = 'active'").await,
        2
    );

    retitle(&platform, ada, "Countess");
    let deliveries = platform.clio.deliveries();
    assert_eq!(deliveries.len(), 1);
    for delivery in deliveries {
        assert!(!delivery.body.contains("Countess"), "{}", delivery.body);
        let header = Some((delivery.header.0, delivery.header.1.as_str()));
        let path = delivery.url.strip_prefix(PUBLIC).unwrap();
        // Twice, as after an answer that was lost.
        for _ in 0..2 {
            let answer = post(&platform, path, header, &delivery.body).await;
            assert_eq!(answer.status(), 204);
        }
    }
    assert_eq!(requested(&platform).await, 1);
    reset_calls(&platform);
    finish(&platform).await;
    let record = arrived(&platform, ObjectType::Contacts, ada);
    assert_eq!(record.value("jobtitle"), Some("Countess"));
    assert_eq!(requested(&platform).await, 0);
    assert_eq!(
        platform
            .clio
            .calls()
            .count(|call| call.path.contains("webhooks")),
        0
    );

    let database = std::fs::read(platform.database()).unwrap();
    let log = lines.lock().unwrap().join("\n");
    for webhook in webhooks(&platform) {
        let address = path(&webhook);
        let token = address.rsplit('/').next().unwrap().to_owned();
        for secret in [token, text(&webhook["shared_secret"])] {
            let at_rest = database
                .windows(secret.len())
                .any(|window| window == secret.as_bytes());
            assert!(!at_rest && !log.contains(&secret));
        }
    }
}

/// A new record comes by its event, too; one of an object that is off is nobody's business (S0-14).
#[tokio::test(flavor = "multi_thread")]
async fn a_new_record_is_due_at_once_where_its_object_is_on() {
    let (platform, _) = subscribed().await;
    let bob = person(&platform, "Bob", "Ray", None);
    assert_eq!(platform.clio_webhooks().await.unwrap(), 0);
    assert_eq!(requested(&platform).await, 1);
    finish(&platform).await;
    arrived(&platform, ObjectType::Contacts, bob);

    matter(&platform, bob, "Ray v Ray");
    assert_eq!(platform.clio.deliveries(), []);
}

/// DX-04: a deletion that is told of ends the link in the next run, without waiting for the list of all ids.
#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_is_proven_and_ends_the_link() {
    let (platform, ada) = subscribed().await;
    let record = arrived(&platform, ObjectType::Contacts, ada);
    let account = platform.account().unwrap();
    account.delete(Resource::Contacts, ada).unwrap();
    assert_eq!(platform.clio_webhooks().await.unwrap(), 0);
    assert_eq!(
        gone(&platform).await,
        0,
        "nothing ends before it is asked about"
    );
    assert_eq!(requested(&platform).await, 1);
    finish(&platform).await;
    assert_eq!(gone(&platform).await, 1);
    assert_eq!(count(&platform, "suspects").await, 0);
    let portal = platform.portal().unwrap();
    let left = portal.record(ObjectType::Contacts, record.id).unwrap();
    assert_eq!(left.value("sync300_sync_status"), Some("source_deleted"));
}

/// What an event says is gone, and answers for itself, stays.
#[tokio::test(flavor = "multi_thread")]
async fn an_event_alone_ends_nothing() {
    let (platform, ada) = subscribed().await;
    let account = platform.account().unwrap();
    account.tell_deleted(Resource::Contacts, ada);
    assert_eq!(platform.clio_webhooks().await.unwrap(), 0);
    assert_eq!(count(&platform, "suspects").await, 1);
    finish(&platform).await;
    assert_eq!(gone(&platform).await, 0);
    assert_eq!(count(&platform, "suspects").await, 0);
    assert_eq!(count(&platform, "links WHERE state = 'active'").await, 1);
    // One that is linked to nothing asks for nothing.
    account.tell_deleted(Resource::Contacts, 1);
    platform.clio_webhooks().await.unwrap();
    assert_eq!(requested(&platform).await, 0);
}

/// More deletions than a person makes by hand wait for somebody's word, whoever tells of them.
#[tokio::test(flavor = "multi_thread")]
async fn many_deletions_wait_for_a_word() {
    let platform = platform(only(&["contacts"])).await;
    let people: Vec<u64> = (0..25)
        .map(|at| person(&platform, "Ada", &format!("Byron {at}"), None))
        .collect();
    sync(&platform).await;
    platform.clio_webhooks().await.unwrap();
    let account = platform.account().unwrap();
    for id in people {
        account.delete(Resource::Contacts, id).unwrap();
    }
    assert_eq!(platform.clio_webhooks().await.unwrap(), 0);
    assert_eq!(count(&platform, "suspects").await, 25);
    finish(&platform).await;
    assert_eq!(gone(&platform).await, 0);
    assert_eq!(count(&platform, "brakes").await, 1);
    assert_eq!(count(&platform, "suspects").await, 0);
}

/// S1-36: only who has the secret is believed, and only Clio can agree on one, once.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_is_believed() {
    let (platform, ada) = subscribed().await;
    let webhook = webhook(&platform);
    let (path, id) = (path(&webhook), webhook["id"].as_u64().unwrap());
    let secret = text(&webhook["shared_secret"]);
    let event = json!({ "data": { "id": ada }, "meta": { "event": "deleted", "webhook_id": id } });
    let event = event.to_string();
    let status = async |path: &str, header, body: &str| {
        post(&platform, path, header, body).await.status().as_u16()
    };
    assert_eq!(status(&path, None, &event).await, 401);
    for wrong in ["", "00", secret.as_str(), "bm90IGl0"] {
        let header = Some(("x-hook-signature", wrong));
        assert_eq!(status(&path, header, &event).await, 401, "{wrong}");
    }

    // Strangers' handshakes.
    let hello = json!({ "data": { "webhook_id": id } }).to_string();
    let hand = |secret| Some(("x-hook-secret", secret));
    assert_eq!(status(&path, hand("stranger"), &hello).await, 409);
    let other = json!({ "data": { "webhook_id": 1 } }).to_string();
    assert_eq!(status(&path, hand("stranger"), &other).await, 403);
    let unknown = format!("/provider/webhooks/{}", "A".repeat(43));
    assert_eq!(status(&unknown, hand("stranger"), &hello).await, 410);
    for none in [
        "/provider/webhooks/",
        "/provider/webhooks/x",
        "/provider/webhooks/x/y",
    ] {
        assert_eq!(status(none, hand("stranger"), &hello).await, 404, "{none}");
    }
    // Clio's own, whose answer was lost.
    let again = post(&platform, &path, hand(&secret), &hello).await;
    assert_eq!(again.status(), 200);
    assert_eq!(again.headers()["x-hook-secret"], secret.as_str());

    let read = Request::get(path.as_str()).body(Bytes::new()).unwrap();
    assert_eq!(platform.app.request(read).await.status(), 405);
    let long = "x".repeat(1024 * 1024 + 1);
    assert_eq!(status(&path, None, &long).await, 413);
    assert_eq!(requested(&platform).await, 0);
    assert_eq!(count(&platform, "suspects").await, 0);

    // What Clio signs counts as before, in either encoding.
    platform.account().unwrap().sign_in_base64();
    retitle(&platform, ada, "Countess");
    assert_eq!(platform.clio_webhooks().await.unwrap(), 0);
    assert_eq!(requested(&platform).await, 1);
}

/// Where no handshake comes, the secret is read and said back.
#[tokio::test(flavor = "multi_thread")]
async fn without_a_handshake_the_secret_is_read() {
    let platform = platform(only(&["contacts"])).await;
    let account = platform.account().unwrap();
    account.keep_from_handshakes();
    let ada = person(&platform, "Ada", "Byron", None);
    sync(&platform).await;
    assert_eq!(webhook(&platform)["status"], "pending");
    retitle(&platform, ada, "Countess");
    assert_eq!(platform.clio.deliveries(), []);

    pass(&platform, 6 * MINUTE).await;
    assert_eq!(webhook(&platform)["status"], "enabled");
    assert_eq!(webhook_calls(&platform, "PUT"), 1);
    retitle(&platform, ada, "Mathematician");
    assert_eq!(platform.clio_webhooks().await.unwrap(), 0);
    assert_eq!(requested(&platform).await, 1);
}

/// Looked at once a day, renewed at half of its life, and replaced where Clio gave it up; what the old one still sends is
/// refused for good.
#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_is_kept_alive() {
    let (platform, ada) = subscribed().await;
    let first = webhook(&platform);
    pass(&platform, 6 * MINUTE).await;
    reset_calls(&platform);
    pass(&platform, 15 * MINUTE).await;
    assert_eq!(
        platform
            .clio
            .calls()
            .count(|call| call.path.contains("webhooks")),
        0
    );
    pass(&platform, DAY).await;
    assert_eq!(webhook_calls(&platform, "GET"), 1);
    assert_eq!(webhook_calls(&platform, "PATCH"), 0);
    pass(&platform, 14 * DAY).await;
    assert_eq!(webhook_calls(&platform, "PATCH"), 1);
    let renewed = webhook(&platform);
    assert_eq!(renewed["id"], first["id"]);
    assert!(text(&renewed["expires_at"]) > text(&first["expires_at"]));

    let account = platform.account().unwrap();
    account.suspend_webhook(first["id"].as_u64().unwrap());
    pass(&platform, DAY + MINUTE).await;
    let second = webhook(&platform);
    assert_ne!(second["id"], first["id"]);
    assert_eq!(platform.clio_webhooks().await.unwrap(), 0);
    retitle(&platform, ada, "Countess");
    assert_eq!(platform.clio_webhooks().await.unwrap(), 0);
    assert_eq!(requested(&platform).await, 1);
    let late = post(
        &platform,
        &path(&first),
        Some(("x-hook-signature", "00")),
        "{}",
    )
    .await;
    assert_eq!(late.status(), 410);
}

/// An answer that is lost leaves a webhook that its address tells: none is made twice.
#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_whose_making_was_not_answered_is_found() {
    let platform = platform(only(&["contacts"])).await;
    person(&platform, "Ada", "Byron", None);
    platform
        .clio
        .fail(Fault::once("/webhooks.json", Effect::PerformThenDrop));
    sync(&platform).await;
    assert_eq!(
        count(&platform, "provider_webhooks WHERE webhook_id IS NULL").await,
        1
    );
    // The handshake comes all the same, and names it.
    assert_eq!(platform.clio_webhooks().await.unwrap(), 0);
    pass(&platform, 11 * MINUTE).await;
    let id = webhook(&platform)["id"].to_string();
    assert_eq!(
        one_text(&platform, "SELECT webhook_id FROM provider_webhooks").await,
        id
    );
    assert_eq!(webhook_calls(&platform, "POST"), 1);
}

/// A provider that refuses webhooks stops no sync.
#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_stops_no_sync() {
    let platform = platform(only(&["contacts"])).await;
    let ada = person(&platform, "Ada", "Byron", None);
    platform.clio.fail(Fault::once(
        "/webhooks.json",
        Effect::answer(403, r#"{"error":{"type":"ForbiddenError","message":"-"}}"#),
    ));
    sync(&platform).await;
    arrived(&platform, ObjectType::Contacts, ada);
    reset_calls(&platform);
    pass(&platform, 15 * MINUTE).await;
    assert_eq!(
        platform
            .clio
            .calls()
            .count(|call| call.path.contains("webhooks")),
        0
    );
}

/// Without TLS, as on one's own machine, none is asked for; with an account that is let go, all are given up.
#[tokio::test(flavor = "multi_thread")]
async fn none_is_asked_for_or_left_in_vain() {
    let own = Platform::start(PlatformConfig {
        settings: only(&["contacts"]),
        ..empty()
    })
    .await
    .unwrap();
    person(&own, "Ada", "Byron", None);
    sync(&own).await;
    assert_eq!(webhooks(&own), Vec::<Value>::new());

    let (platform, ada) = subscribed().await;
    let ports = platform.ports().unwrap();
    let store = sync300_kit::store::Store::new(&ports);
    store
        .end_connection(&platform.connection, "disconnected")
        .await
        .unwrap();
    assert_eq!(count(&platform, "provider_webhooks").await, 0);
    retitle(&platform, ada, "Countess");
    assert_eq!(platform.clio_webhooks().await.unwrap(), 1);
    assert_eq!(webhook(&platform)["status"], "suspended", "410 ends it");
    retitle(&platform, ada, "Mathematician");
    assert_eq!(platform.clio.deliveries(), []);
}
