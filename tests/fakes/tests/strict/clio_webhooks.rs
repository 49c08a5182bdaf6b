//! Clio's webhooks: what can be asked for, the handshake, signed events, and that they come again.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use sync300_fakes::clio::{AccountHandle, Resource};

use crate::clio_reads::{person, start};

fn hook(changes: Value) -> Value {
    let mut data =
        json!({ "url": "https://sync.example.com/hook", "model": "contact", "fields": "id,title" });
    for (name, value) in changes.as_object().unwrap() {
        data[name.as_str()] = value.clone();
    }
    json!({ "data": data })
}

fn in_days(clio: &sync300_fakes::Clio, days: u64) -> String {
    let at = clio.clock().now() + Duration::from_secs(days * 86_400);
    at.to_rfc3339()
}

fn retitle(account: &AccountHandle, id: u64, title: &str) {
    let data = json!({ "title": title });
    account.edit(Resource::Contacts, id, &data).unwrap();
}

#[tokio::test]
async fn what_cannot_be_a_webhook_is_refused() {
    let (clio, api, account) = start().await;
    for wrong in [
        json!({ "url": "http://sync.example.com/hook" }),
        json!({ "model": "company" }),
        json!({ "events": ["matter_opened"] }),
        json!({ "events": [] }),
        json!({ "fields": "" }),
        json!({ "fields": format!("id,{}", "a".repeat(1_000)) }),
        json!({ "expires_at": in_days(&clio, 32) }),
        json!({ "expires_at": "tomorrow" }),
    ] {
        let answer = api.post("/api/v4/webhooks.json", hook(wrong.clone())).await;
        assert_eq!(answer.status, 422, "{wrong}");
    }
    for wrong in [
        json!({ "fields": "id,domain" }),
        json!({ "secret": "mine" }),
    ] {
        let answer = api.post("/api/v4/webhooks.json", hook(wrong.clone())).await;
        assert_eq!(answer.status, 400, "{wrong}");
    }
    assert_eq!(account.count(Resource::Webhooks), 0);
    let month = json!({ "expires_at": in_days(&clio, 31) });
    let made = api.post("/api/v4/webhooks.json", hook(month)).await;
    assert_eq!(made.status, 201);
}

#[tokio::test]
async fn nothing_is_sent_before_the_secret_comes_back() {
    let (clio, api, account) = start().await;
    let id = person(&account, "Ada");
    let made = api
        .post("/api/v4/webhooks.json?fields=id,status", hook(json!({})))
        .await;
    let webhook = made.body["data"]["id"].as_u64().unwrap();
    assert_eq!(made.body["data"]["status"], "pending");
    retitle(&account, id, "Countess");
    let handshake = clio.deliveries().remove(0);
    assert!(handshake.is_handshake() && clio.deliveries().is_empty());
    clio.answered(handshake.clone(), 200, Some("another"));
    assert_eq!(
        account.record(Resource::Webhooks, webhook).unwrap()["status"],
        "pending"
    );

    // Said back later.
    let path = format!("/api/v4/webhooks/{webhook}/activate");
    let say = async |secret: &str| {
        let headers = [("x-hook-secret", secret)];
        let said = api.send(Method::PUT, &path, &headers, None).await;
        said.unwrap().status
    };
    assert_eq!(say("another").await, 422);
    assert_eq!(say(&handshake.header.1).await, 200);
    assert_eq!(
        account.record(Resource::Webhooks, webhook).unwrap()["status"],
        "enabled"
    );
}

/// The first change of a record is told whatever it is, a later one where a selected field changed; what is not
/// acknowledged comes again, later each time; 410 ends it.
#[tokio::test]
async fn events_are_told_and_told_again() {
    let (clio, api, account) = start().await;
    let id = person(&account, "Ada");
    api.post("/api/v4/webhooks.json", hook(json!({}))).await;
    let handshake = clio.deliveries().remove(0);
    let secret = handshake.header.1.clone();
    clio.answered(handshake, 200, Some(&secret));

    let data = json!({ "prefix": "Dr" });
    account.edit(Resource::Contacts, id, &data).unwrap();
    assert_eq!(clio.deliveries().len(), 1);
    let data = json!({ "prefix": "Prof" });
    account.edit(Resource::Contacts, id, &data).unwrap();
    assert_eq!(clio.deliveries(), []);
    retitle(&account, id, "Countess");
    let told = clio.deliveries().remove(0);
    let body: Value = serde_json::from_str(&told.body).unwrap();
    assert_eq!(body["data"], json!({ "id": id, "title": "Countess" }));
    assert_eq!(body["meta"]["event"], "updated");

    clio.answered(told, 500, None);
    for minutes in [2, 4, 8, 16, 32] {
        assert_eq!(clio.deliveries(), []);
        clio.clock().advance(Duration::from_secs(minutes * 60));
        let again = clio.deliveries().remove(0);
        clio.answered(again, 0, None);
    }
    clio.clock().advance(Duration::from_secs(86_400));
    assert_eq!(clio.deliveries(), [], "given up");

    account.delete(Resource::Contacts, id).unwrap();
    let told = clio.deliveries().remove(0);
    assert!(told.body.contains("\"deleted\""));
    clio.answered(told, 410, None);
    person(&account, "Bob");
    assert_eq!(clio.deliveries(), []);
}
