//! Mappings as a portal's people see them.

use std::collections::BTreeMap;

use serde_json::json;
use sync300_fakes::clio::Resource;
use sync300_fakes::hubspot::ObjectType;
use sync300_kit::ports::Sql as _;
use sync300_kit::settings::{ObjectSettings, Rule, Settings};
use sync300_sandbox::{Platform, PlatformConfig};

use crate::support::*;

fn rule(source: &str, property: &str, transform: &str) -> Rule {
    Rule {
        source: source.to_owned(),
        property: property.to_owned(),
        transform: transform.to_owned(),
        fallback: None,
        direction: None,
    }
}

fn contacts(rules: Vec<Rule>) -> Settings {
    let mut settings = only(&["contacts"]);
    settings.objects.insert(
        "contacts".to_owned(),
        ObjectSettings {
            rules: Some(rules),
            ..ObjectSettings::default()
        },
    );
    settings
}

async fn put_settings(platform: &Platform, settings: &Settings) {
    let text = serde_json::to_string(settings).unwrap();
    let ports = platform.ports().unwrap();
    ports
        .execute("UPDATE connections SET settings = ?1", &[text.into()])
        .await
        .unwrap();
}

/// S0-21, S0-22, S0-96: a mapping added later, by a dotted path, fills the property also on records that did not change;
/// where a segment is absent there is no value and no failure.
#[tokio::test(flavor = "multi_thread")]
async fn an_added_mapping_fills_unchanged_records() {
    let platform = Platform::start(PlatformConfig {
        settings: only(&["contacts"]),
        ..empty()
    })
    .await
    .unwrap();
    let rules = vec![
        rule("first_name", "firstname", "trim"),
        rule("primary_email_address", "email", "email_normalise"),
    ];
    put_settings(&platform, &contacts(rules.clone())).await;
    let ada = person(&platform, "Ada", "Byron", Some("ada@example.org"));
    let mary = person(&platform, "Mary", "Somerville", Some("mary@example.org"));
    let address = json!({ "addresses": [{ "name": "Home", "street": "1 St James's Square", "city": "London" }] });
    platform
        .account()
        .unwrap()
        .edit(Resource::Contacts, ada, &address)
        .unwrap();
    sync(&platform).await;
    assert_eq!(
        arrived(&platform, ObjectType::Contacts, ada).value("city"),
        None
    );

    let mut more = rules;
    more.push(rule("address.city", "city", "trim"));
    put_settings(&platform, &contacts(more)).await;
    let counts = sync(&platform).await;
    assert_eq!(
        arrived(&platform, ObjectType::Contacts, ada).value("city"),
        Some("London")
    );
    assert_eq!(
        arrived(&platform, ObjectType::Contacts, mary).value("city"),
        None
    );
    assert_eq!(
        (
            counts["contacts"].updated,
            counts["contacts"].unchanged,
            counts["contacts"].failed
        ),
        (1, 1, 0)
    );
}

/// S0-100: a mapping from a field that the connector does not offer fails the run with object and reason, and changes
/// nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_mapping_from_an_unknown_field_is_refused() {
    let rules = vec![rule("shoe_size", "jobtitle", "trim")];
    let platform = Platform::start(PlatformConfig {
        settings: contacts(rules),
        ..empty()
    })
    .await
    .unwrap();
    person(&platform, "Ada", "Byron", Some("ada@example.org"));
    platform.request_sync().unwrap();
    let last = finish(&platform).await;
    assert_eq!(
        (
            last.status.as_str(),
            platform.portal().unwrap().count(ObjectType::Contacts)
        ),
        ("failed", 0)
    );
}

/// A value that cannot be transformed is left out and noted by field and code; the record arrives.
#[tokio::test(flavor = "multi_thread")]
async fn a_bad_value_does_not_hold_the_record_back() {
    let platform = Platform::start(PlatformConfig {
        settings: only(&["contacts"]),
        ..empty()
    })
    .await
    .unwrap();
    let ada = person(&platform, "Ada", "Byron", Some("ada at example"));
    sync(&platform).await;
    let record = arrived(&platform, ObjectType::Contacts, ada);
    assert_eq!(
        (record.value("firstname"), record.value("email")),
        (Some("Ada"), None)
    );
    assert_eq!(
        errors(&platform).await,
        BTreeMap::from([(
            ("contacts".to_owned(), "email".to_owned()),
            "invalid_email".to_owned()
        )])
    );
}

/// Clearing a field in Clio clears the property.
#[tokio::test(flavor = "multi_thread")]
async fn clearing_is_a_change() {
    let platform = Platform::start(PlatformConfig {
        settings: only(&["contacts"]),
        ..empty()
    })
    .await
    .unwrap();
    let ada = person(&platform, "Ada", "Byron", Some("ada@example.org"));
    let account = platform.account().unwrap();
    account
        .edit(Resource::Contacts, ada, &json!({ "title": "Countess" }))
        .unwrap();
    sync(&platform).await;
    assert_eq!(
        arrived(&platform, ObjectType::Contacts, ada).value("jobtitle"),
        Some("Countess")
    );
    account
        .edit(Resource::Contacts, ada, &json!({ "title": null }))
        .unwrap();
    sync(&platform).await;
    assert_eq!(
        arrived(&platform, ObjectType::Contacts, ada)
            .value("jobtitle")
            .unwrap_or_default(),
        ""
    );
}

/// Codes by object and property.
async fn errors(platform: &Platform) -> BTreeMap<(String, String), String> {
    let ports = platform.ports().unwrap();
    let rows = ports
        .execute("SELECT object, property, code FROM run_errors", &[])
        .await
        .unwrap();
    let text = |value: &sync300_kit::ports::SqlValue| match value {
        sync300_kit::ports::SqlValue::Text(text) => text.clone(),
        other => panic!("{other:?}"),
    };
    rows.iter()
        .map(|row| ((text(&row[0]), text(&row[1])), text(&row[2])))
        .collect()
}
