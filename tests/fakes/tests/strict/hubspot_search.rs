//! The search: operators, limits, and how far behind it is.

use std::time::Duration;

use serde_json::{Value, json};
use sync300_fakes::hubspot::{ObjectType, PortalConfig, RateLimit};

use crate::client::{Api, Reply};
use crate::hubspot::{CONTACTS, start, start_with, unique_id};

async fn search(api: &Api, body: Value) -> Reply {
    api.post(&format!("{CONTACTS}/search"), body).await
}

fn filter(filter: Value) -> Value {
    json!({ "filterGroups": [{ "filters": [filter] }] })
}

fn unlimited() -> PortalConfig {
    PortalConfig {
        rate_limit: RateLimit::NONE,
        ..PortalConfig::default()
    }
}

#[tokio::test]
async fn operators_do_what_they_say() {
    let (_hubspot, api, portal) = start_with(unlimited()).await;
    for (city, first) in [("Bern", "Ada"), ("Basel", "Bob"), ("Chur am Rhein", "")] {
        portal
            .create_by_hand(
                ObjectType::Contacts,
                &[("city", city), ("firstname", first)],
            )
            .unwrap();
    }
    for (name, operator, value, found) in [
        ("city", "EQ", "BERN", 1),
        ("city", "NEQ", "Bern", 2),
        ("city", "GT", "basel", 2),
        ("city", "LTE", "Bern", 2),
        ("city", "CONTAINS_TOKEN", "rhein", 1),
        ("city", "CONTAINS_TOKEN", "ch*", 1),
        ("city", "NOT_CONTAINS_TOKEN", "rhein", 2),
        ("firstname", "HAS_PROPERTY", "", 2),
        ("firstname", "NOT_HAS_PROPERTY", "", 1),
    ] {
        let body = filter(json!({ "propertyName": name, "operator": operator, "value": value }));
        assert_eq!(search(&api, body).await.body["total"], found, "{operator}");
    }
    // Lists of texts must be in lower case.
    for (operator, values, found) in [
        ("IN", ["bern", "basel"], 2),
        ("IN", ["Bern", "Basel"], 0),
        ("NOT_IN", ["bern", "x"], 2),
    ] {
        let body =
            filter(json!({ "propertyName": "city", "operator": operator, "values": values }));
        assert_eq!(search(&api, body).await.body["total"], found, "{operator}");
    }
    let between = json!({ "propertyName": "createdate", "operator": "BETWEEN", "value": "2000-01-01", "highValue": "2001-01-01" });
    assert_eq!(search(&api, filter(between)).await.body["total"], 0);
}

/// The walk over records that are not linked yet.
#[tokio::test]
async fn keyset_paging_visits_every_record_once() {
    let (_hubspot, api, portal) = start_with(unlimited()).await;
    unique_id(&api, "contacts").await;
    let mut free = Vec::new();
    for n in 0..250 {
        let linked = n % 5 == 0;
        let values = if linked {
            vec![("sync300_clio_id", n.to_string())]
        } else {
            vec![("city", n.to_string())]
        };
        let values: Vec<(&str, &str)> = values
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let id = portal
            .create_by_hand(ObjectType::Contacts, &values)
            .unwrap();
        if !linked {
            free.push(id.to_string());
        }
    }
    let (mut seen, mut last) = (Vec::new(), "0".to_owned());
    loop {
        let body = json!({
            "filterGroups": [{ "filters": [
                { "propertyName": "sync300_clio_id", "operator": "NOT_HAS_PROPERTY" },
                { "propertyName": "hs_object_id", "operator": "GT", "value": last },
            ]}],
            "sorts": ["hs_object_id"],
            "limit": 90,
        });
        let page = search(&api, body).await;
        let results = page.body["results"].as_array().unwrap();
        let Some(end) = results.last() else { break };
        last = end["id"].as_str().unwrap().to_owned();
        seen.extend(
            results
                .iter()
                .map(|record| record["id"].as_str().unwrap().to_owned()),
        );
    }
    assert_eq!(seen, free);
}

#[tokio::test]
async fn sorts_may_be_texts_or_objects() {
    let (_hubspot, api, portal) = start_with(unlimited()).await;
    for city in ["B", "C", "A"] {
        portal
            .create_by_hand(ObjectType::Contacts, &[("city", city)])
            .unwrap();
    }
    let descending = json!({ "propertyName": "city", "direction": "DESCENDING" });
    for (sort, order) in [
        (json!("city"), ["A", "B", "C"]),
        (json!("-city"), ["C", "B", "A"]),
        (descending, ["C", "B", "A"]),
    ] {
        let reply = search(&api, json!({ "sorts": [sort], "properties": ["city"] })).await;
        let cities: Vec<&Value> = reply.body["results"]
            .as_array()
            .unwrap()
            .iter()
            .map(|r| &r["properties"]["city"])
            .collect();
        assert_eq!(cities, order);
    }
}

#[tokio::test]
async fn limits_are_kept() {
    let (_hubspot, api, portal) = start_with(unlimited()).await;
    portal
        .create_by_hand(ObjectType::Contacts, &[("city", "Bern")])
        .unwrap();
    let group = |count: usize| {
        let one = json!({ "propertyName": "city", "operator": "HAS_PROPERTY" });
        json!({ "filters": vec![one; count] })
    };
    for (body, fine) in [
        (json!({ "limit": 200 }), true),
        (json!({ "limit": 201 }), false),
        (json!({ "after": "9800", "limit": 200 }), true),
        (json!({ "after": "9801", "limit": 200 }), false),
        (json!({ "filterGroups": vec![group(3); 5] }), true),
        (json!({ "filterGroups": vec![group(1); 6] }), false),
        (json!({ "filterGroups": [group(7)] }), false),
        (json!({ "filterGroups": vec![group(4); 5] }), false),
        (json!({ "sorts": ["city", "zip"] }), false),
        (json!({ "sorts": ["no_such_property"] }), false),
        (
            filter(json!({ "propertyName": "no_such_property", "operator": "HAS_PROPERTY" })),
            false,
        ),
        (
            filter(json!({ "propertyName": "city", "operator": "LIKE", "value": "x" })),
            false,
        ),
        (
            filter(json!({ "propertyName": "city", "operator": "EQ" })),
            false,
        ),
        (json!({ "query": "x".repeat(3_000) }), false),
        (json!({ "where": "x" }), false),
    ] {
        assert_eq!(
            search(&api, body.clone()).await.status,
            if fine { 200 } else { 400 },
            "{body}"
        );
    }
}

#[tokio::test]
async fn writes_become_searchable_later() {
    let lag = Duration::from_secs(30);
    let (hubspot, api, portal) = start_with(PortalConfig {
        search_lag: lag,
        ..unlimited()
    })
    .await;
    let id = portal
        .create_by_hand(ObjectType::Contacts, &[("city", "Bern")])
        .unwrap();
    let by_city =
        |city: &str| filter(json!({ "propertyName": "city", "operator": "EQ", "value": city }));
    assert_eq!(search(&api, by_city("Bern")).await.body["total"], 0);
    hubspot.clock().advance(lag);
    assert_eq!(search(&api, by_city("Bern")).await.body["total"], 1);
    portal
        .edit(ObjectType::Contacts, id, &[("city", "Basel")])
        .unwrap();
    assert_eq!(search(&api, by_city("Basel")).await.body["total"], 0);
    assert_eq!(search(&api, by_city("Bern")).await.body["total"], 1);
    hubspot.clock().advance(lag);
    assert_eq!(search(&api, by_city("Basel")).await.body["total"], 1);
}

/// S0-103.
#[tokio::test]
async fn five_searches_a_second_and_no_headers() {
    let (hubspot, api, _) = start().await;
    hubspot.clock().stop();
    for _ in 0..5 {
        let reply = search(&api, json!({})).await;
        assert_eq!(reply.status, 200);
        assert!(reply.header("x-hubspot-ratelimit-max").is_none());
    }
    let over = search(&api, json!({})).await;
    assert_eq!(over.status, 429);
    assert_eq!(over.message(), "You have reached your secondly limit.");
    assert!(over.header("x-hubspot-ratelimit-max").is_none());
    hubspot.clock().advance(Duration::from_secs(1));
    assert_eq!(search(&api, json!({})).await.status, 200);
}
