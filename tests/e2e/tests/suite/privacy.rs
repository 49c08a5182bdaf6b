//! No secret and no personal value in a log or in the database.

use std::fs;

use serde_json::json;
use sync300_fakes::clio::{AccountConfig, Resource};
use sync300_fakes::{Effect, Fault, Tamper};
use sync300_host::LogSink;
use sync300_sandbox::{Platform, PlatformConfig};

use crate::support::*;

/// Texts that stand nowhere else.
const CANARIES: [&str; 13] = [
    "Canaryfirst",
    "Canarylast",
    "canary.mail",
    "555-0142",
    "5550142",
    "Canarytitle",
    "Canarystreet",
    "Canarycity",
    "Canarycompany",
    "Canarymatter",
    "Canarytask",
    "Canaryfirm",
    "admin@portal-",
];

/// S0-90, S0-91, S0-92, S1-09, S1-12, S1-13, S1-22, S1-37, DX-16: after a run with everything that can go wrong in it, none of
/// the personal values and tokens is in the log or in the bytes of the database.
#[tokio::test(flavor = "multi_thread")]
async fn no_value_reaches_the_log_or_the_database() {
    let (logs, captured) = LogSink::capture();
    let platform = Platform::start(PlatformConfig {
        logs,
        account: AccountConfig {
            name: "Canaryfirm".to_owned(),
            ..empty().account
        },
        ..empty()
    })
    .await
    .unwrap();
    let account = platform.account().unwrap();
    let company = company(&platform, "Canarycompany Ltd");
    for at in 0..3 {
        let valid = format!("canary.mail.{at}@example.org");
        let email = if at == 2 {
            "canary.mail invalid"
        } else {
            valid.as_str()
        };
        let id = person(&platform, "Canaryfirst", "Canarylast", Some(email));
        let data = json!({
            "title": "Canarytitle", "company": { "id": company },
            "phone_numbers": [{ "name": "Work", "number": "(212) 555-0142", "default_number": true }],
            "addresses": [{ "name": "Home", "street": "Canarystreet 1", "city": "Canarycity" }],
        });
        account.edit(Resource::Contacts, id, &data).unwrap();
        let matter = matter(&platform, id, "Canarymatter");
        let task = json!({ "name": "Canarytask", "description": "Canarytask", "matter": { "id": matter }, "assignee": { "id": id, "type": "Contact" } });
        account.add(Resource::Tasks, &task).unwrap();
    }
    platform
        .portal()
        .unwrap()
        .create_by_hand(
            sync300_fakes::hubspot::ObjectType::Contacts,
            &[("email", "canary.mail.0@example.org")],
        )
        .unwrap();
    // What errors and refusals would quote.
    platform.hubspot.fail(Fault::once("companies/batch/upsert", Effect::answer(400, r#"{"status":"error","category":"VALIDATION_ERROR","message":"Property values were not valid: [{\"name\":\"name\",\"message\":\"Canarycompany was not valid\"}]"}"#)));
    platform.clio.fail(Fault::once(
        "matters.json",
        Effect::Tamper(Tamper::Malformed),
    ));
    for _ in 0..6 {
        platform.request_sync().unwrap();
        platform.tick().await.unwrap();
    }
    assert!(
        arrived(
            &platform,
            sync300_fakes::hubspot::ObjectType::Deals,
            1.max(first_matter(&platform))
        )
        .value("dealname")
        .is_some()
    );

    let lines = captured.lines();
    assert!(
        lines
            .iter()
            .any(|line| line.text.contains("\"event\":\"slice\"")),
        "the log is looked at"
    );
    let mut held = Vec::new();
    for path in database_files(&platform) {
        held.extend(fs::read(path).unwrap());
    }
    assert!(held.len() > 10_000, "the database is looked at");
    let tokens = [platform.hubspot.issued(), platform.clio.issued()].concat();
    assert!(tokens.len() >= 6, "codes and tokens of both are looked for");
    for canary in tokens.iter().map(String::as_str).chain(CANARIES) {
        assert!(
            lines.iter().all(|line| !line.text.contains(canary)),
            "{canary} is in the log"
        );
        let found = held
            .windows(canary.len())
            .any(|window| window.eq_ignore_ascii_case(canary.as_bytes()));
        assert!(!found, "{canary} is in the database");
    }
}

fn first_matter(platform: &Platform) -> u64 {
    platform.account().unwrap().ids(Resource::Matters)[0]
}

/// The database, its write-ahead log and the key-value store beside it.
fn database_files(platform: &Platform) -> Vec<std::path::PathBuf> {
    let folder = platform.database().parent().unwrap();
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .collect()
}
