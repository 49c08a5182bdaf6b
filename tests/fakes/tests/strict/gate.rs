//! What stands before the endpoints: tokens, tenants, rate limits, faults, the log.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};
use sync300_fakes::hubspot::{ObjectType, PortalConfig};
use sync300_fakes::{Clio, ClioConfig, Effect, Fault, HubSpot, HubSpotConfig, Tamper};

use crate::client::Api;
use crate::hubspot::{CONTACTS, start, start_with};

#[tokio::test]
async fn without_a_token_nothing_is_told() {
    let (hubspot, api, portal) = start().await;
    for token in ["", "unknown"] {
        let reply = Api::new(hubspot.url(), token).get(CONTACTS).await;
        assert_eq!(
            (reply.status, &reply.body["category"]),
            (401, &json!("INVALID_AUTHENTICATION"))
        );
    }
    portal.expire_tokens();
    assert_eq!(
        api.get(CONTACTS).await.body["category"],
        "EXPIRED_AUTHENTICATION"
    );

    let clio = Clio::start(ClioConfig::default()).await.unwrap();
    let reply = Api::new(clio.url(), "unknown")
        .get("/api/v4/contacts.json")
        .await;
    assert_eq!(
        (reply.status, &reply.body["error"]),
        (401, &json!("invalid_token"))
    );
}

#[tokio::test]
async fn portals_do_not_see_each_other() {
    let portal = |id: u64| PortalConfig {
        id,
        tokens: vec![format!("token-{id}")],
        ..PortalConfig::default()
    };
    let config = HubSpotConfig {
        portals: vec![portal(1), portal(2)],
        ..HubSpotConfig::default()
    };
    let hubspot = HubSpot::start(config).await.unwrap();
    let (one, two) = (
        Api::new(hubspot.url(), "token-1"),
        Api::new(hubspot.url(), "token-2"),
    );
    let body = json!({ "properties": { "email": "ada@example.com" } });
    let id = one.post(CONTACTS, body.clone()).await.body["id"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(
        two.get(&format!("{CONTACTS}/ada@example.com?idProperty=email"))
            .await
            .status,
        404
    );
    assert_eq!(two.post(CONTACTS, body).await.status, 201);
    assert_eq!(hubspot.portal(2).unwrap().count(ObjectType::Contacts), 1);
    assert_eq!(one.get(&format!("{CONTACTS}/{id}")).await.status, 200);
    assert_eq!(
        one.get("/account-info/2026-03/details").await.body["portalId"],
        1
    );
    assert_eq!(
        (
            hubspot.portal(1).unwrap().calls().len(),
            hubspot.portal(2).unwrap().calls().len()
        ),
        (3, 2)
    );
}

#[tokio::test]
async fn wrong_paths_versions_methods_and_bodies_are_refused() {
    let (hubspot, api, _) = start().await;
    for path in [
        "/crm/objects/2026-03",
        "/crm/v3/objects/contacts",
        "/crm/objects/2025-09/contacts",
    ] {
        assert_eq!(api.get(path).await.status, 404, "{path}");
    }
    assert_eq!(api.put(CONTACTS).await.status, 405);
    assert_eq!(api.get("/crm/objects/2026-03/widgets").await.status, 400);
    let reply = api
        .post(CONTACTS, json!({ "properties": {}, "colour": "red" }))
        .await;
    assert_eq!(reply.status, 400);
    assert!(
        reply
            .message()
            .starts_with("Invalid input JSON on line 1, column ")
    );
    let form = [("content-type", "text/plain")];
    assert_eq!(
        api.send(Method::POST, CONTACTS, &form, None)
            .await
            .unwrap()
            .status,
        415
    );
    assert_eq!(hubspot.calls().list().len(), 7);
}

/// S0-103.
#[tokio::test]
async fn hubspot_takes_110_calls_in_ten_seconds() {
    let (hubspot, api, _) = start().await;
    hubspot.clock().stop();
    let first = api.get(CONTACTS).await;
    assert_eq!(first.header("x-hubspot-ratelimit-max"), Some("110"));
    assert_eq!(first.header("x-hubspot-ratelimit-remaining"), Some("109"));
    assert_eq!(
        first.header("x-hubspot-ratelimit-interval-milliseconds"),
        Some("10000")
    );
    for _ in 1..110 {
        assert_eq!(api.get(CONTACTS).await.status, 200);
    }
    let over = api.get(CONTACTS).await;
    assert_eq!(over.status, 429);
    assert_eq!(over.body["policyName"], "TEN_SECONDLY_ROLLING");
    assert_eq!(over.body["errorType"], "RATE_LIMIT");
    hubspot.clock().advance(Duration::from_secs(10));
    assert_eq!(api.get(CONTACTS).await.status, 200);
}

#[tokio::test]
async fn clio_takes_50_calls_a_minute_and_says_when_to_come_back() {
    let clio = Clio::start(ClioConfig::default()).await.unwrap();
    clio.clock().stop();
    let api = Api::new(clio.url(), "clio-access-token");
    for left in (0..50).rev() {
        let reply = api.get("/api/v4/users/who_am_i.json").await;
        assert_eq!(
            reply.header("x-ratelimit-remaining"),
            Some(left.to_string().as_str())
        );
        assert_eq!(reply.header("x-ratelimit-limit"), Some("50"));
    }
    let over = api.get("/api/v4/users/who_am_i.json").await;
    assert_eq!(over.status, 429);
    let wait: u64 = over.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=61).contains(&wait));
    let reset: i64 = over.header("x-ratelimit-reset").unwrap().parse().unwrap();
    assert!(reset >= clio.clock().now().timestamp());
    clio.clock().advance(Duration::from_secs(wait));
    assert_eq!(api.get("/api/v4/users/who_am_i.json").await.status, 200);
}

#[tokio::test]
async fn faults_strike_the_calls_they_are_for() {
    let (hubspot, api, portal) = start().await;
    hubspot.fail(
        Fault::once("/contacts", Effect::answer(503, "{}"))
            .method("POST")
            .after(1)
            .times(2),
    );
    let body = || json!({ "properties": { "city": "Bern" } });
    let mut statuses = Vec::new();
    for _ in 0..4 {
        assert_eq!(api.get(CONTACTS).await.status, 200);
        statuses.push(api.post(CONTACTS, body()).await.status);
    }
    assert_eq!(statuses, [201, 503, 503, 201]);
    assert_eq!(portal.count(ObjectType::Contacts), 2);

    let locked = Effect::Answer {
        status: 477,
        headers: vec![("Retry-After".to_owned(), "60".to_owned())],
        body: "{}".to_owned(),
    };
    hubspot.fail(Fault::once(CONTACTS, locked));
    let reply = api.get(CONTACTS).await;
    assert_eq!(
        (reply.status, reply.header("retry-after")),
        (477, Some("60"))
    );
}

#[tokio::test]
async fn a_dropped_connection_may_or_may_not_have_done_its_work() {
    let (hubspot, api, portal) = start().await;
    let body = json!({ "properties": { "city": "Bern" } });
    for (effect, made) in [(Effect::Drop, 0), (Effect::PerformThenDrop, 1)] {
        hubspot.fail(Fault::once(CONTACTS, effect));
        assert!(
            api.send(Method::POST, CONTACTS, &[], Some(&body))
                .await
                .is_err()
        );
        assert_eq!(portal.count(ObjectType::Contacts), made);
        assert_eq!(hubspot.calls().list().last().unwrap().status, 0);
    }
}

#[tokio::test]
async fn calls_can_be_slow() {
    let (hubspot, api, _) = start_with(PortalConfig::default()).await;
    hubspot.fail(Fault::once("", Effect::Delay(Duration::from_millis(60))));
    let start = Instant::now();
    api.get(CONTACTS).await;
    assert!(start.elapsed() >= Duration::from_millis(60));
    hubspot.set_latency(Duration::from_millis(30));
    let start = Instant::now();
    api.get(CONTACTS).await;
    assert!(start.elapsed() >= Duration::from_millis(30));
}

/// The hostile answers that the product must survive.
#[tokio::test]
async fn answers_can_be_tampered_with() {
    let clio = Clio::start(ClioConfig::default()).await.unwrap();
    let api = Api::new(clio.url(), "clio-access-token");
    let path = "/api/v4/users.json?fields=id,name,email&order=id(asc)";
    for tamper in [Tamper::Malformed, Tamper::Truncate] {
        clio.fail(Fault::once("/users", Effect::Tamper(tamper)));
        assert_eq!(api.get(path).await.body, Value::Null);
    }
    let tampered = async |tamper| {
        clio.fail(Fault::once("/users", Effect::Tamper(tamper)));
        api.get(path).await.body
    };
    let foreign = tampered(Tamper::ForeignNext("https://evil.example".to_owned())).await;
    assert!(
        foreign["meta"]["paging"]["next"]
            .as_str()
            .unwrap()
            .starts_with("https://evil.example/api/v4/users.json?")
    );
    let repeat = tampered(Tamper::RepeatPage).await;
    assert_eq!(
        repeat["meta"]["paging"]["next"],
        format!("{}{path}", clio.url())
    );
    let huge = tampered(Tamper::HugeField(1_000_000)).await;
    assert!(
        huge["data"][0]
            .as_object()
            .unwrap()
            .values()
            .any(|v| v.as_str().is_some_and(|t| t.len() == 1_000_000))
    );
    assert!(
        tampered(Tamper::NullBytes).await["data"][0]["name"]
            .as_str()
            .unwrap()
            .contains('\0')
    );
    assert_eq!(tampered(Tamper::WrongTypes).await["data"][0]["name"], 42);
    assert_eq!(api.get(path).await.body["data"][0]["name"], "Morgan Keller");
}

#[tokio::test]
async fn the_log_knows_methods_templates_inputs_and_bodies() {
    let config = HubSpotConfig {
        record: true,
        ..HubSpotConfig::default()
    };
    let hubspot = HubSpot::start(config).await.unwrap();
    let api = Api::new(hubspot.url(), "hubspot-access-token");
    api.post(
        &format!("{CONTACTS}/batch/read"),
        json!({ "inputs": [{ "id": "1" }, { "id": "2" }] }),
    )
    .await;
    api.get(&format!("{CONTACTS}/7?properties=city")).await;
    let calls = hubspot.calls().list();
    assert_eq!(
        (calls[0].template.as_str(), calls[0].inputs),
        ("/crm/objects/2026-03/contacts/batch/read", 2)
    );
    assert_eq!(
        calls[1].template,
        "/crm/objects/2026-03/contacts/{objectId}"
    );
    assert_eq!(
        (calls[1].query.as_str(), calls[1].status),
        ("properties=city", 404)
    );
    let exchange = calls[0].exchange.as_ref().unwrap();
    assert!(exchange.request.starts_with(b"{\"inputs\"") && exchange.response.starts_with(b"{"));
    let key = (
        "GET".to_owned(),
        "/crm/objects/2026-03/contacts/{objectId}".to_owned(),
    );
    assert_eq!(hubspot.calls().counts()[&key], 1);
    hubspot.calls().reset();
    assert!(hubspot.calls().list().is_empty());
}
