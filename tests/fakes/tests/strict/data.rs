//! The generated data holds what it promises: a slow and simple matcher over all records must come
//! to the same expectation (S0-97, S0-98, DX-15).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use sync300_fakes::clio::{AccountHandle, Resource};
use sync300_fakes::data::{DataConfig, Drift, Expectation, ObjectExpectation, generate};
use sync300_fakes::hubspot::{ObjectType, PortalHandle, Record};
use sync300_fakes::{Clio, ClioConfig, HubSpot, HubSpotConfig};

struct Installed {
    _clio: Clio,
    _hubspot: HubSpot,
    account: AccountHandle,
    portal: PortalHandle,
    expected: Expectation,
}

async fn install(config: &DataConfig) -> Installed {
    let clio = Clio::start(ClioConfig::default()).await.unwrap();
    let hubspot = HubSpot::start(HubSpotConfig::default()).await.unwrap();
    let (account, portal) = (
        clio.account(350_001).unwrap(),
        hubspot.portal(4_200_001).unwrap(),
    );
    let expected = generate(config).install(&account, &portal).unwrap();
    Installed {
        _clio: clio,
        _hubspot: hubspot,
        account,
        portal,
        expected,
    }
}

fn email(text: &str) -> Option<String> {
    let text = text.trim().to_lowercase();
    let (local, domain) = text.split_once('@')?;
    let sound =
        !local.is_empty() && !text.contains("..") && !text.contains(' ') && !domain.contains('@');
    let domain = url::Host::parse(domain).ok().filter(|_| sound)?;
    Some(format!("{local}@{domain}"))
}

/// The last two labels, three below `co.uk`.
fn domain(text: &str) -> Option<String> {
    let text = text.trim().to_lowercase();
    let text = if text.contains("://") {
        text
    } else {
        format!("http://{text}")
    };
    let host = url::Url::parse(&text)
        .ok()?
        .host_str()?
        .trim_end_matches('.')
        .to_owned();
    let labels: Vec<&str> = host.split('.').collect();
    let kept = if host.ends_with(".co.uk") { 3 } else { 2 };
    let domain = labels[labels.len().saturating_sub(kept)..].join(".");
    (domain != "facebook.com").then_some(domain)
}

fn name(text: &str) -> Option<String> {
    let plain: String = text
        .to_lowercase()
        .chars()
        .map(|c| match c {
            'é' | 'è' => 'e',
            'ś' => 's',
            'á' => 'a',
            '.' | ',' => ' ',
            other => other,
        })
        .collect();
    let dropped = ["dr", "inc", "llc", "ltd"];
    let words: Vec<&str> = plain
        .split_whitespace()
        .filter(|word| !dropped.contains(word))
        .collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// A record's keys: the strong one and the name.
struct Keys {
    id: u64,
    strong: Option<String>,
    name: Option<String>,
}

fn source(account: &AccountHandle, kind: &str) -> Vec<Keys> {
    let all = account
        .records(Resource::Contacts)
        .into_iter()
        .filter(|contact| contact["type"] == kind);
    all.map(|contact| Keys {
        id: contact["id"].as_u64().unwrap(),
        strong: match kind {
            "Person" => contact["primary_email_address"].as_str().and_then(email),
            _ => contact["primary_web_site"]["address"]
                .as_str()
                .and_then(domain),
        },
        name: contact["name"].as_str().and_then(name),
    })
    .collect()
}

fn targets(portal: &PortalHandle, kind: ObjectType) -> Vec<Keys> {
    let text = |record: &Record, name: &str| record.value(name).unwrap_or_default().to_owned();
    let all = portal.records(kind).into_iter();
    all.map(|record| match kind {
        ObjectType::Contacts => Keys {
            id: record.id,
            strong: record.value("email").and_then(email),
            name: name(&format!(
                "{} {}",
                text(&record, "firstname"),
                text(&record, "lastname")
            )),
        },
        _ => Keys {
            id: record.id,
            strong: record.value("domain").and_then(domain),
            name: name(&text(&record, "name")),
        },
    })
    .collect()
}

/// Whether a source record may be a record of HubSpot.
type Same<'a> = &'a dyn Fn(&Keys, &Keys) -> bool;

/// What must come of every source record: `Some(id)` matched, `None` created; absent: waiting.
fn settle(
    sources: &[Keys],
    targets: &[Keys],
    strong_is_unique: bool,
) -> BTreeMap<u64, Option<u64>> {
    let strong = |one: &Keys, other: &Keys| one.strong.is_some() && one.strong == other.strong;
    let named = |one: &Keys, other: &Keys| {
        let contradiction = one.strong.is_some() && other.strong.is_some();
        one.name.is_some() && one.name == other.name && !contradiction
    };
    let mut outcome = BTreeMap::new();
    let mut open: Vec<&Keys> = sources.iter().collect();
    let tiers: [Same; 2] = [&strong, &named];
    for tier in tiers {
        let taken: BTreeSet<u64> = outcome.values().copied().flatten().collect();
        let candidates = |one: &Keys| -> Vec<u64> {
            targets
                .iter()
                .filter(|other| !taken.contains(&other.id) && tier(one, other))
                .map(|o| o.id)
                .collect()
        };
        let claims: Vec<(u64, Vec<u64>)> =
            open.iter().map(|one| (one.id, candidates(one))).collect();
        for (id, candidates) in &claims {
            if let [candidate] = candidates.as_slice() {
                let claimants = claims
                    .iter()
                    .filter(|(_, other)| other.contains(candidate))
                    .count();
                if claimants == 1 {
                    outcome.insert(*id, Some(*candidate));
                }
            }
        }
        let decided: BTreeSet<u64> = claims
            .iter()
            .filter(|(_, list)| !list.is_empty())
            .map(|(id, _)| *id)
            .collect();
        open.retain(|one| !decided.contains(&one.id));
    }
    let mut seen = BTreeSet::new();
    for one in open {
        if !strong_is_unique
            || one
                .strong
                .as_ref()
                .is_none_or(|key| seen.insert(key.clone()))
        {
            outcome.insert(one.id, None);
        }
    }
    outcome
}

fn compare(expected: &ObjectExpectation, outcome: &BTreeMap<u64, Option<u64>>, sources: &[Keys]) {
    let created: Vec<u64> = outcome
        .iter()
        .filter(|(_, to)| to.is_none())
        .map(|(id, _)| *id)
        .collect();
    let matched: Vec<(u64, u64)> = outcome
        .iter()
        .filter_map(|(id, to)| Some((*id, (*to)?)))
        .collect();
    let waiting: Vec<u64> = sources
        .iter()
        .map(|one| one.id)
        .filter(|id| !outcome.contains_key(id))
        .collect();
    assert_eq!(expected.source, sources.len());
    assert_eq!(expected.created, created);
    assert_eq!(
        expected
            .matched
            .iter()
            .map(|m| (m.source, m.hubspot))
            .collect::<Vec<_>>(),
        matched
    );
    assert_eq!(expected.waiting, waiting);
    assert!(!matched.is_empty() && !waiting.is_empty());
}

#[tokio::test]
async fn the_expectation_follows_from_the_data() {
    for seed in [300, 1, 2] {
        let Installed {
            account,
            portal,
            expected,
            ..
        } = install(&DataConfig {
            seed,
            ..DataConfig::default()
        })
        .await;
        let people = source(&account, "Person");
        compare(
            &expected.contacts,
            &settle(&people, &targets(&portal, ObjectType::Contacts), true),
            &people,
        );
        let companies = source(&account, "Company");
        compare(
            &expected.companies,
            &settle(&companies, &targets(&portal, ObjectType::Companies), false),
            &companies,
        );
    }
}

#[tokio::test]
async fn sizes_are_as_asked_for_and_dirt_is_in_it() {
    let config = DataConfig::default();
    let Installed {
        account,
        portal,
        expected,
        ..
    } = install(&config).await;
    assert_eq!(account.count_contacts("Person"), 1_200);
    assert_eq!(account.count_contacts("Company"), 150);
    assert_eq!(account.count(Resource::Matters), 400);
    assert_eq!(account.count(Resource::Tasks), 900);
    for (kind, object) in [
        (ObjectType::Contacts, &expected.contacts),
        (ObjectType::Companies, &expected.companies),
        (ObjectType::Deals, &expected.deals),
        (ObjectType::Tickets, &expected.tickets),
    ] {
        assert_eq!(object.arriving() + object.waiting.len(), object.source);
        assert_eq!(portal.count(kind), object.before());
    }
    assert_eq!(expected.deals.arriving(), 400);
    assert_eq!(expected.tickets.arriving(), 900);
    assert!(expected.contacts.field_errors.len() > 10);
    assert_eq!(expected.tickets.field_errors.len(), 1);
    for pairs in [
        &expected.contact_company,
        &expected.contact_deal,
        &expected.company_deal,
        &expected.ticket_deal,
    ] {
        assert!(pairs.len() > 50);
    }
    let people = account.records(Resource::Contacts);
    let some = |condition: &dyn Fn(&Value) -> bool| assert!(people.iter().any(condition));
    some(&|person| person["first_name"].as_str().is_some_and(str::is_empty));
    some(&|person| {
        person["primary_email_address"]
            .as_str()
            .is_some_and(|email| email.starts_with(' '))
    });
    some(&|person| person["primary_phone_number"] == "call reception");
    some(&|person| person["name"].as_str().is_some_and(|name| !name.is_ascii()));
}

#[tokio::test]
async fn the_same_seed_gives_the_same_data() {
    let config = DataConfig {
        people: 120,
        companies: 40,
        matters: 20,
        tasks: 20,
        ..DataConfig::default()
    };
    let strip = |mut records: Vec<Value>| {
        for record in &mut records {
            record.as_object_mut().unwrap().remove("completed_at");
        }
        records
    };
    let (one, two) = (install(&config).await, install(&config).await);
    let other = install(&DataConfig {
        seed: 301,
        ..config
    })
    .await;
    for resource in [Resource::Contacts, Resource::Matters, Resource::Tasks] {
        assert_eq!(
            strip(one.account.records(resource)),
            strip(two.account.records(resource))
        );
        assert_ne!(
            strip(one.account.records(resource)),
            strip(other.account.records(resource))
        );
    }
}

#[tokio::test]
async fn drift_changes_records_so_that_a_poll_sees_them() {
    let config = DataConfig {
        people: 120,
        companies: 40,
        matters: 20,
        tasks: 20,
        ..DataConfig::default()
    };
    let installed = install(&config).await;
    let mut drift = Drift::new(7);
    let mut changed = BTreeSet::new();
    for _ in 0..40 {
        let before = installed.account.ids(Resource::Contacts).len();
        let change = drift.step(&installed.account).unwrap();
        assert!(
            installed
                .account
                .record(change.resource, change.id)
                .is_some()
        );
        if change.what == "person added" {
            assert_eq!(installed.account.ids(Resource::Contacts).len(), before + 1);
        }
        changed.insert(change.what);
    }
    assert_eq!(changed.len(), 4);
}
