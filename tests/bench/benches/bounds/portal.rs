//! A fresh portal, and an account whose people all have an e-mail address. Nothing limits calls: what is counted is
//! what a sync asks for.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use sync300_fakes::clio::{self, AccountConfig, Resource};
use sync300_fakes::hubspot::{self, PortalConfig};
use sync300_host::LogSink;
use sync300_kit::settings::{ObjectSettings, Settings};
use sync300_sandbox::{Platform, PlatformConfig};

use crate::Result;

/// More than any run here needs.
const TICKS: usize = 200;

/// A portal after its first sync, with what that sync cost.
pub struct Synced {
    pub platform: Platform,
    /// The people in Clio.
    pub people: Vec<u64>,
    pub cost: Cost,
    /// SQL statements of all requests together.
    pub statements: u64,
    /// Most linear memory of a request, in bytes.
    pub peak_memory: usize,
}

/// Calls of a run.
pub struct Cost {
    /// Calls to Clio's list of contacts.
    pub clio_contacts: usize,
    /// Calls to Clio's list of relationships, which tell who has a part in which matter.
    pub clio_relationships: usize,
    /// Calls to HubSpot.
    pub hubspot: usize,
    /// Those of them that change something.
    pub hubspot_writes: usize,
}

/// Starts a platform with `count` people in Clio and syncs it.
pub async fn first_sync(count: usize) -> Result<Synced> {
    let platform = Platform::start(config()).await?;
    let account = platform.account()?;
    let mut people = Vec::with_capacity(count);
    for number in 0..count {
        let email = format!("ada.{number}@example.org");
        people.push(account.add(
            Resource::Contacts,
            &json!({
                "type": "Person",
                "first_name": "Ada",
                "last_name": format!("Byron {number}"),
                "title": "Countess",
                "email_addresses": [{ "name": "Work", "address": email, "default_email": true }],
                "phone_numbers": [{ "name": "Work", "number": "(415) 555-0100", "default_number": true }],
            }),
        )?);
    }
    backdate(&platform, &people, Utc::now() - TimeDelta::hours(1))?;
    let cost = run(&platform).await?;
    let stats = platform.app.request_stats("sync-to-hubspot");
    Ok(Synced {
        platform,
        people,
        cost,
        statements: stats.iter().map(|request| request.sql_statements).sum(),
        peak_memory: stats
            .iter()
            .map(|request| request.peak_memory)
            .max()
            .unwrap_or(0),
    })
}

/// Syncs once more.
pub async fn run(platform: &Platform) -> Result<Cost> {
    platform.hubspot.calls().reset();
    platform.clio.calls().reset();
    platform.request_sync()?;
    let last = platform.run(TICKS).await?;
    if last.status != "succeeded" {
        return Err(format!("the run ended as {}: {:?}", last.status, last.reason).into());
    }
    let hubspot = platform.hubspot.calls();
    let clio = platform.clio.calls();
    let clio_relationships = clio.count(|call| call.path.ends_with("/relationships.json"));
    Ok(Cost {
        clio_contacts: clio.list().len() - clio_relationships,
        clio_relationships,
        hubspot: hubspot.list().len(),
        hubspot_writes: hubspot.count(|call| {
            let reads = ["/batch/read", "/search"];
            call.method != "GET" && !reads.iter().any(|read| call.path.ends_with(read))
        }),
    })
}

/// Sets when people last changed: what changed just before a walk is read again by the next one.
pub fn backdate(platform: &Platform, people: &[u64], then: DateTime<Utc>) -> Result<()> {
    let account = platform.account()?;
    for person in people {
        account.set_times(Resource::Contacts, *person, then, then)?;
    }
    Ok(())
}

fn config() -> PlatformConfig {
    PlatformConfig {
        data: None,
        settings: contacts_only(),
        portal: PortalConfig {
            rate_limit: hubspot::RateLimit {
                per_ten_seconds: None,
                searches_per_second: None,
            },
            ..PortalConfig::default()
        },
        account: AccountConfig {
            rate_limit: clio::RateLimit(None),
            ..AccountConfig::default()
        },
        logs: LogSink::new(|_| {}),
        ..PlatformConfig::default()
    }
}

fn contacts_only() -> Settings {
    let off = ObjectSettings {
        enabled: false,
        ..ObjectSettings::default()
    };
    let others = ["companies", "matters", "tasks"];
    Settings {
        objects: others
            .map(|name| (name.to_owned(), off.clone()))
            .into_iter()
            .collect(),
    }
}
