//! Every endpoint of the fake Clio, and its tables of fields.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};
use sync300_fakes::clio::{AccountConfig, RateLimit, Resource, SHAPES, writable};
use sync300_fakes::contract::{ClioContract, Contract, specs};
use sync300_fakes::data::{DataConfig, generate};
use sync300_fakes::{Clio, ClioConfig, HubSpot, HubSpotConfig};

#[test]
fn selectable_fields_are_those_of_the_document() {
    let Some(specs) = specs() else { return };
    let contract = ClioContract::load(&specs).unwrap();
    for shape in SHAPES {
        let (plain, nested) = contract.fields(shape.name);
        let ours: BTreeSet<String> = shape
            .scalars
            .iter()
            .map(|name| (*name).to_owned())
            .collect();
        assert_eq!(ours, plain, "{}", shape.name);
        let ours: BTreeSet<(String, String, bool)> = shape
            .nested
            .iter()
            .map(|(name, schema, many)| ((*name).to_owned(), (*schema).to_owned(), *many))
            .collect();
        assert_eq!(ours, nested, "{}", shape.name);
    }
}

#[test]
fn writable_fields_are_those_of_the_document() {
    let Some(specs) = specs() else { return };
    let contract = ClioContract::load(&specs).unwrap();
    for resource in Resource::ALL
        .into_iter()
        .filter(|resource| *resource != Resource::Users)
    {
        let path = format!("/api/v4/{}.json", resource.plural());
        let ours: BTreeSet<String> = writable(resource)
            .iter()
            .map(|(name, _)| (*name).to_owned())
            .collect();
        assert_eq!(Some(ours), contract.writable("POST", &path), "{path}");
    }
}

/// Every selectable field of a resource, nested ones with all of theirs.
fn everything(resource: Resource) -> String {
    let shape = |schema: &str| {
        let full = schema.strip_suffix("_base").unwrap_or(schema);
        SHAPES
            .iter()
            .find(|shape| shape.name == full || shape.name == schema)
            .unwrap()
    };
    let own = shape(resource.schema());
    let nested = own
        .nested
        .iter()
        .map(|(name, schema, _)| format!("{name}{{{}}}", shape(schema).scalars.join(",")));
    let plain = own.scalars.iter().map(|name| (*name).to_owned());
    plain.chain(nested).collect::<Vec<_>>().join(",")
}

#[tokio::test]
async fn every_endpoint_keeps_to_the_document() {
    let Some(specs) = specs() else { return };
    let contract = ClioContract::load(&specs).unwrap();
    let account = AccountConfig {
        rate_limit: RateLimit(None),
        ..AccountConfig::default()
    };
    let config = ClioConfig {
        accounts: vec![account],
        record: true,
        ..ClioConfig::default()
    };
    let clio = Clio::start(config).await.unwrap();
    let hubspot = HubSpot::start(HubSpotConfig::default()).await.unwrap();
    let account = clio.account(350_001).unwrap();
    generate(&DataConfig {
        people: 150,
        companies: 40,
        matters: 40,
        tasks: 40,
        ..DataConfig::default()
    })
    .install(&account, &hubspot.portal(4_200_001).unwrap())
    .unwrap();
    let url = clio.url();
    let send = async |method, path: String, body: Option<Value>, status: u16| {
        let body = body.map(|data| json!({ "data": data }));
        let (got, answer) = crate::send(&url, "clio-access-token", method, &path, body).await;
        assert_eq!(got, status, "{path}: {answer}");
        answer
    };

    let first = |resource| account.ids(resource).first().copied();
    let person = account.ids(Resource::Contacts).last().copied().unwrap();
    let user = first(Resource::Users).unwrap();
    for resource in Resource::ALL {
        let path = format!("/api/v4/{}", resource.plural());
        let kind = if resource == Resource::Notes {
            "&type=Contact"
        } else {
            ""
        };
        let fields = everything(resource);
        send(
            Method::GET,
            format!("{path}.json?order=id(asc)&limit=20{kind}"),
            None,
            200,
        )
        .await;
        send(
            Method::GET,
            format!("{path}.json?fields={fields}{kind}"),
            None,
            200,
        )
        .await;
        send(
            Method::GET,
            format!("{path}.json?fields=nonsense{kind}"),
            None,
            400,
        )
        .await;
        send(Method::GET, format!("{path}/1.json"), None, 404).await;
        let (new, wrong, change) = match resource {
            Resource::Contacts => (
                json!({ "type": "Person", "first_name": "Ada", "phone_numbers": [{ "name": "Mobile", "number": "1" }],
                        "addresses": [{ "name": "Home", "city": "Bern" }], "company": { "id": first(resource) } }),
                json!({ "type": "Person" }),
                json!({ "title": "Countess", "email_addresses": [{ "name": "Work", "address": "a@b.example", "default_email": true }] }),
            ),
            Resource::Matters => (
                json!({ "client": { "id": person }, "description": "D", "status": "open", "open_date": "2026-01-01" }),
                json!({ "description": "D" }),
                json!({ "status": "closed" }),
            ),
            Resource::Tasks => (
                json!({ "name": "T", "description": "D", "assignee": { "id": user, "type": "User" }, "due_at": "2026-03-01T00:00:00Z" }),
                json!({ "name": "T" }),
                json!({ "status": "complete" }),
            ),
            Resource::Relationships => (
                json!({ "description": "Witness", "contact": { "id": person }, "matter": { "id": first(Resource::Matters) } }),
                json!({}),
                json!({ "description": "Expert" }),
            ),
            Resource::PracticeAreas => {
                (json!({ "name": "Tax" }), json!({}), json!({ "code": "TX" }))
            }
            Resource::Notes => (
                json!({ "type": "Contact", "contact": { "id": person }, "detail": "N", "subject": "S" }),
                json!({ "detail": "N" }),
                json!({ "detail": "M" }),
            ),
            Resource::Webhooks => (
                json!({ "url": "https://sync.example.com/hook", "model": "matter", "fields": "id,etag,client{id}",
                        "events": ["created", "matter_opened"] }),
                json!({ "url": "http://sync.example.com/hook", "model": "matter", "fields": "id" }),
                json!({ "events": ["deleted"] }),
            ),
            Resource::Users => {
                send(
                    Method::GET,
                    format!("{path}/{user}.json?fields={fields}"),
                    None,
                    200,
                )
                .await;
                send(
                    Method::GET,
                    format!("{path}/who_am_i.json?fields={fields}"),
                    None,
                    200,
                )
                .await;
                continue;
            }
        };
        let made = send(
            Method::POST,
            format!("{path}.json?fields={fields}"),
            Some(new),
            201,
        )
        .await;
        send(Method::POST, format!("{path}.json"), Some(wrong), 422).await;
        let id = &made["data"]["id"];
        send(
            Method::GET,
            format!("{path}/{id}.json?fields={fields}"),
            None,
            200,
        )
        .await;
        send(
            Method::PATCH,
            format!("{path}/{id}.json?fields={fields}"),
            Some(change),
            200,
        )
        .await;
        send(Method::DELETE, format!("{path}/{id}.json"), None, 204).await;
    }

    let calls = clio.calls().list();
    assert!(calls.len() > 50);
    let broken: Vec<String> = contract
        .violations(&calls)
        .iter()
        .map(ToString::to_string)
        .collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}
