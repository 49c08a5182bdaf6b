//! A small platform to test on.

use std::collections::BTreeMap;

use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};
use sync300_fakes::clio::{AccountConfig, RateLimit, Resource};
use sync300_fakes::data::DataConfig;
use sync300_fakes::hubspot::{self, ObjectType, PortalConfig, Record};
use sync300_host::LogSink;
use sync300_kit::ports::{Sql as _, SqlValue};
use sync300_kit::settings::{Direction, ObjectSettings, Settings, Strategy};
use sync300_kit::store::runs::Counts;
use sync300_sandbox::platform::Slice;
use sync300_sandbox::{Platform, PlatformConfig};

/// The property that names Clio's record.
pub const SOURCE: &str = "sync300_clio_id";

/// No data, no limits but HubSpot's on searches, quiet.
pub fn empty() -> PlatformConfig {
    PlatformConfig {
        data: None,
        account: AccountConfig {
            rate_limit: RateLimit(None),
            ..AccountConfig::default()
        },
        portal: PortalConfig {
            rate_limit: hubspot::RateLimit {
                per_ten_seconds: None,
                ..hubspot::RateLimit::default()
            },
            ..PortalConfig::default()
        },
        logs: LogSink::new(|_| {}),
        ..PlatformConfig::default()
    }
}

/// A small firm, with every hand-made case in it.
pub fn small() -> PlatformConfig {
    PlatformConfig {
        data: Some(DataConfig {
            seed: 300,
            people: 230,
            companies: 40,
            matters: 50,
            tasks: 80,
        }),
        ..empty()
    }
}

/// Only these objects are on.
pub fn only(objects: &[&str]) -> Settings {
    let all = ["contacts", "companies", "matters", "tasks"];
    let off = ObjectSettings {
        enabled: false,
        ..ObjectSettings::default()
    };
    let objects = all
        .iter()
        .filter(|name| !objects.contains(name))
        .map(|name| ((*name).to_owned(), off.clone()));
    Settings {
        objects: objects.collect(),
    }
}

/// Only these objects are on, and go both ways; `strategy` decides conflicts.
pub fn both(objects: &[&str], strategy: Option<Strategy>) -> Settings {
    let mut settings = only(objects);
    for name in objects {
        let both = ObjectSettings {
            direction: Direction::Both,
            strategy,
            ..ObjectSettings::default()
        };
        settings.objects.insert((*name).to_owned(), both);
    }
    settings
}

/// Runs to the end, and expects success.
pub async fn sync(platform: &Platform) -> BTreeMap<String, Counts> {
    platform.request_sync().unwrap();
    let last = finish(platform).await;
    assert_eq!(last.status, "succeeded", "{last:?}");
    platform.counts(last.run.unwrap()).unwrap()
}

/// The first value that a statement gives.
async fn value(platform: &Platform, statement: &str) -> SqlValue {
    let ports = platform.ports().unwrap();
    let rows = ports.execute(statement, &[]).await.unwrap();
    rows.into_iter().flatten().next().unwrap()
}

/// The text that a statement gives.
pub async fn one_text(platform: &Platform, statement: &str) -> String {
    match value(platform, statement).await {
        SqlValue::Text(text) => text,
        other => panic!("{other:?}"),
    }
}

/// How many rows a table has.
pub async fn count(platform: &Platform, table: &str) -> i64 {
    match value(platform, &format!("SELECT count (*) FROM {table}")).await {
        SqlValue::Integer(rows) => rows,
        other => panic!("{other:?}"),
    }
}

/// Runs to the end, whatever it is.
pub async fn finish(platform: &Platform) -> Slice {
    platform.run(200).await.unwrap()
}

/// Forgets the calls so far.
pub fn reset_calls(platform: &Platform) {
    platform.hubspot.calls().reset();
    platform.clio.calls().reset();
}

/// Calls to HubSpot that change something there.
pub fn hubspot_writes(platform: &Platform) -> usize {
    let reads = ["/batch/read", "/search"];
    platform
        .hubspot
        .calls()
        .count(|call| call.method != "GET" && !reads.iter().any(|read| call.path.ends_with(read)))
}

/// Makes everything in Clio an hour old, so that no walk's overlap reads it again.
pub fn backdate(platform: &Platform) {
    let account = platform.account().unwrap();
    let then = Utc::now() - TimeDelta::hours(1);
    for resource in [
        Resource::Contacts,
        Resource::Matters,
        Resource::Tasks,
        Resource::Relationships,
    ] {
        for id in account.ids(resource) {
            account.set_times(resource, id, then, then).unwrap();
        }
    }
}

/// A person in Clio.
pub fn person(platform: &Platform, first: &str, last: &str, email: Option<&str>) -> u64 {
    let emails: Vec<Value> = email
        .iter()
        .map(|email| json!({ "name": "Work", "address": email, "default_email": true }))
        .collect();
    let data = json!({ "type": "Person", "first_name": first, "last_name": last, "email_addresses": emails });
    platform
        .account()
        .unwrap()
        .add(Resource::Contacts, &data)
        .unwrap()
}

/// A company in Clio.
pub fn company(platform: &Platform, name: &str) -> u64 {
    platform
        .account()
        .unwrap()
        .add(
            Resource::Contacts,
            &json!({ "type": "Company", "name": name }),
        )
        .unwrap()
}

/// A matter in Clio.
pub fn matter(platform: &Platform, client: u64, description: &str) -> u64 {
    let data = json!({ "client": { "id": client }, "description": description, "status": "open" });
    platform
        .account()
        .unwrap()
        .add(Resource::Matters, &data)
        .unwrap()
}

/// HubSpot's record of a Clio record: exactly one.
pub fn arrived(platform: &Platform, kind: ObjectType, source: u64) -> Record {
    let mut found = platform
        .portal()
        .unwrap()
        .find(kind, SOURCE, &source.to_string());
    assert_eq!(found.len(), 1, "{kind:?} {source}");
    found.remove(0)
}

/// What HubSpot makes up by itself: ids, times, and the ids of stages.
fn volatile(name: &str, value: &str) -> bool {
    let own = [
        "hs_object_id",
        "createdate",
        "lastmodifieddate",
        "hs_lastmodifieddate",
        "closed_date",
        "sync300_last_synced_at",
    ];
    own.contains(&name)
        || name.ends_with("pipeline")
        || name.ends_with("stage")
        || (name == "closedate" && !value.contains("T00:00:00"))
}

/// HubSpot's state without what differs from run to run: values by provider id, and associations by provider ids.
pub fn state(platform: &Platform) -> BTreeMap<String, String> {
    let portal = platform.portal().unwrap();
    let kinds = [
        ObjectType::Contacts,
        ObjectType::Companies,
        ObjectType::Deals,
        ObjectType::Tickets,
    ];
    let mut state = BTreeMap::new();
    let mut names = BTreeMap::new();
    for kind in kinds {
        for record in portal.records(kind) {
            let name = record
                .value(SOURCE)
                .map_or_else(|| format!("own {}", record.id), str::to_owned);
            let values: BTreeMap<&str, &str> = record
                .values()
                .into_iter()
                .filter(|(name, value)| !volatile(name, value))
                .collect();
            let values = format!("{values:?}").replace(&platform.clio.url(), "");
            let name_of = format!("{kind:?} {name}");
            let twin = state.insert(name_of, values);
            assert!(twin.is_none(), "{kind:?} {name} is there twice");
            names.insert((kind, record.id), name);
        }
    }
    for from in kinds {
        for to in kinds {
            for row in portal.associations(from, to) {
                let (a, b) = (&names[&(from, row.from)], &names[&(to, row.to)]);
                state.insert(
                    format!("{from:?} {a} - {to:?} {b} - {}", row.type_id),
                    String::new(),
                );
            }
        }
    }
    state
}
