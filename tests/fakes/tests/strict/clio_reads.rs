//! Clio's lists and records: fields, paging, filters, validators.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use sync300_fakes::clio::{AccountConfig, AccountHandle, RateLimit, Resource};
use sync300_fakes::{Clio, ClioConfig};

use crate::client::Api;

/// A Clio with one account and no limit.
pub async fn start() -> (Clio, Api, AccountHandle) {
    let account = AccountConfig {
        rate_limit: RateLimit(None),
        ..AccountConfig::default()
    };
    let clio = Clio::start(ClioConfig {
        accounts: vec![account],
        ..ClioConfig::default()
    })
    .await
    .unwrap();
    let (api, account) = (
        Api::new(clio.url(), "clio-access-token"),
        clio.account(350_001).unwrap(),
    );
    (clio, api, account)
}

pub fn person(account: &AccountHandle, first: &str) -> u64 {
    let data = json!({
        "type": "Person", "first_name": first, "last_name": "Lovelace",
        "email_addresses": [{ "name": "Work", "address": format!("{first}@example.com"), "default_email": true }],
    });
    account.add(Resource::Contacts, &data).unwrap()
}

fn ids(page: &Value) -> Vec<u64> {
    page["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|record| record["id"].as_u64().unwrap())
        .collect()
}

#[tokio::test]
async fn only_what_was_asked_for_is_answered() {
    let (_clio, api, account) = start().await;
    let firm = account
        .add(
            Resource::Contacts,
            &json!({ "type": "Company", "name": "Firm" }),
        )
        .unwrap();
    let id = person(&account, "Ada");
    account
        .edit(
            Resource::Contacts,
            id,
            &json!({ "company": { "id": firm } }),
        )
        .unwrap();
    let keys = |value: &Value| {
        value
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect::<Vec<_>>()
    };

    let plain = api.get(&format!("/api/v4/contacts/{id}.json")).await;
    assert_eq!(keys(&plain.body["data"]), ["etag", "id"]);
    let fields = "id,name,primary_email_address,company{name},email_addresses{address,primary},primary_address{city}";
    let asked = api
        .get(&format!("/api/v4/contacts/{id}.json?fields={fields}"))
        .await;
    let expected = json!({
        "id": id, "name": "Ada Lovelace", "primary_email_address": "Ada@example.com",
        "company": { "name": "Firm" },
        "email_addresses": [{ "address": "Ada@example.com", "primary": true }],
        "primary_address": null,
    });
    assert_eq!(asked.body["data"], expected);
    let bare = api
        .get(&format!("/api/v4/contacts/{id}.json?fields=company"))
        .await;
    assert_eq!(keys(&bare.body["data"]["company"]), ["etag", "id"]);

    for wrong in [
        "domain",
        "company{domain}",
        "company{company{name}}",
        "name{id}",
        "company{id",
    ] {
        for path in [
            format!("/api/v4/contacts/{id}.json"),
            "/api/v4/contacts.json".to_owned(),
        ] {
            let reply = api.get(&format!("{path}?fields={wrong}")).await;
            assert_eq!(reply.status, 400, "{wrong}");
            assert!(
                reply.body["error"]["type"].is_string()
                    && reply.body["error"]["message"].is_string()
            );
        }
    }
}

#[tokio::test]
async fn cursor_paging_visits_every_record_once() {
    let (clio, api, account) = start().await;
    let all: Vec<u64> = (0..450)
        .map(|n| person(&account, &format!("P{n}")))
        .collect();
    let mut seen = Vec::new();
    let mut path = Some("/api/v4/contacts.json?fields=id&type=Person&order=id(asc)".to_owned());
    let mut pages = 0;
    while let Some(next) = path {
        let page = api.get(&next).await;
        assert_eq!(page.body["meta"]["records"], 450);
        seen.extend(ids(&page.body));
        pages += 1;
        let next = page.body["meta"]["paging"]["next"]
            .as_str()
            .map(str::to_owned);
        path = next.map(|next| next.strip_prefix(&clio.url()).unwrap().to_owned());
        // New records behind the cursor do no harm; those before it are seen.
        if pages == 1 {
            account.delete(Resource::Contacts, all[0]).unwrap();
            person(&account, "New");
        }
    }
    assert_eq!(pages, 3);
    assert_eq!(seen[..450], all);
    assert_eq!(seen.len(), 451);
}

#[tokio::test]
async fn offset_paging_ends_at_ten_thousand() {
    let (_clio, api, account) = start().await;
    for n in 0..5 {
        person(&account, &format!("P{n}"));
    }
    let page = api
        .get("/api/v4/contacts.json?limit=2&offset=2&order=name(desc)&fields=name")
        .await;
    assert_eq!(
        page.body["data"],
        json!([{ "name": "P2 Lovelace" }, { "name": "P1 Lovelace" }])
    );
    assert!(
        page.body["meta"]["paging"]["next"]
            .as_str()
            .unwrap()
            .contains("offset=4")
    );
    assert!(
        page.body["meta"]["paging"]["previous"]
            .as_str()
            .unwrap()
            .contains("offset=0")
    );
    for (query, status) in [
        ("offset=9800", 200),
        ("offset=9801", 422),
        ("limit=0", 422),
        ("limit=201", 422),
        ("order=email(asc)", 400),
        ("order=id(asc)&page_token=nonsense", 400),
        ("type=Robot", 400),
        ("updated_since=yesterday", 400),
        ("ids[]=x", 400),
    ] {
        assert_eq!(
            api.get(&format!("/api/v4/contacts.json?{query}"))
                .await
                .status,
            status,
            "{query}"
        );
    }
}

#[tokio::test]
async fn filters_choose() {
    let (clio, api, account) = start().await;
    let (ada, bob) = (person(&account, "Ada"), person(&account, "Bob"));
    let firm = account
        .add(
            Resource::Contacts,
            &json!({ "type": "Company", "name": "Firm" }),
        )
        .unwrap();
    let matter = json!({ "client": { "id": bob }, "description": "D", "status": "closed" });
    account.add(Resource::Matters, &matter).unwrap();
    let later = (clio.clock().now() + Duration::from_secs(60))
        .to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    clio.clock().advance(Duration::from_secs(60));
    account
        .edit(Resource::Contacts, ada, &json!({ "title": "Countess" }))
        .unwrap();
    for (query, found) in [
        ("type=Person".to_owned(), vec![ada, bob]),
        ("type=Company".to_owned(), vec![firm]),
        (format!("ids[]={ada}&ids[]={firm}"), vec![ada, firm]),
        (format!("exclude_ids[]={ada}"), vec![bob, firm]),
        (format!("updated_since={later}"), vec![ada]),
        (format!("created_since={later}"), vec![]),
        ("client_only=true".to_owned(), vec![bob]),
        ("email_only=true".to_owned(), vec![ada, bob]),
        ("query=ADA".to_owned(), vec![ada]),
    ] {
        let page = api.get(&format!("/api/v4/contacts.json?{query}")).await;
        assert_eq!(ids(&page.body), found, "{query}");
    }
    assert_eq!(
        api.get("/api/v4/matters.json?status=open,pending")
            .await
            .body["meta"]["records"],
        0
    );
    assert_eq!(
        api.get("/api/v4/matters.json?status=closed").await.body["meta"]["records"],
        1
    );
    assert_eq!(api.get("/api/v4/notes.json").await.status, 400);
}

#[tokio::test]
async fn validators_spare_unchanged_records() {
    let (_clio, api, account) = start().await;
    let id = person(&account, "Ada");
    let path = format!("/api/v4/contacts/{id}.json?fields=etag");
    let first = api.get(&path).await;
    let etag = first.header("etag").unwrap().to_owned();
    assert_eq!(first.body["data"]["etag"], etag);
    assert!(etag.starts_with('"') && etag.ends_with('"'));
    let modified = first.header("last-modified").unwrap();
    for condition in [
        ("if-none-match", etag.as_str()),
        ("if-modified-since", modified),
    ] {
        assert_eq!(
            api.send(Method::GET, &path, &[condition], None)
                .await
                .unwrap()
                .status,
            304
        );
    }
    account
        .edit(Resource::Contacts, id, &json!({ "title": "Countess" }))
        .unwrap();
    let changed = api
        .send(Method::GET, &path, &[("if-none-match", &etag)], None)
        .await
        .unwrap();
    assert_eq!(changed.status, 200);
    assert_ne!(changed.header("etag"), Some(etag.as_str()));
}

#[tokio::test]
async fn versions_and_dates_are_in_the_headers() {
    let (clio, api, _) = start().await;
    clio.clock().set_offset_ms(-86_400_000);
    let path = "/api/v4/users/who_am_i.json?fields=id,name,email,account{id,name}";
    let reply = api.get(path).await;
    assert_eq!(
        reply.body["data"]["account"],
        json!({ "id": 350_001, "name": "Keller & Partners" })
    );
    assert_eq!(reply.header("x-api-version"), Some("4.0.9"));
    let date = chrono::DateTime::parse_from_rfc2822(reply.header("date").unwrap()).unwrap();
    let behind = std::time::SystemTime::now()
        .duration_since(date.to_utc().into())
        .unwrap();
    assert!(behind >= Duration::from_secs(86_399) && behind < Duration::from_secs(86_460));
    let pinned = api
        .send(Method::GET, path, &[("x-api-version", "4.0.4")], None)
        .await
        .unwrap();
    assert_eq!(pinned.header("x-api-version"), Some("4.0.4"));
    for version in ["4.0.3", "4.1.0", "latest"] {
        let gone = api
            .send(Method::GET, path, &[("x-api-version", version)], None)
            .await
            .unwrap();
        assert_eq!(gone.status, 410);
    }
}

#[tokio::test]
async fn unknown_paths_and_methods_are_not_found() {
    let (_clio, api, account) = start().await;
    let id = person(&account, "Ada");
    for path in [
        "/api/v4/companies.json",
        "/api/v4/contacts",
        "/api/v4/contacts/1.json",
        "/api/v3/contacts.json",
    ] {
        assert_eq!(api.get(path).await.status, 404, "{path}");
    }
    assert_eq!(api.get(&format!("/api/v4/contacts/{id}")).await.status, 404);
    assert_eq!(
        api.post("/api/v4/users.json", json!({ "data": {} }))
            .await
            .status,
        404
    );
}
