//! Who is who.

use serde_json::json;
use sync300_fakes::clio::Resource;
use sync300_fakes::hubspot::ObjectType;
use sync300_sandbox::{Platform, PlatformConfig};

use crate::support::*;

async fn people_only() -> Platform {
    Platform::start(PlatformConfig {
        settings: only(&["contacts"]),
        ..empty()
    })
    .await
    .unwrap()
}

/// S0-97, S0-98: by e-mail, whatever its case; the record made by hand keeps what Clio does not know.
#[tokio::test(flavor = "multi_thread")]
async fn an_email_finds_the_record_made_by_hand() {
    let platform = people_only().await;
    let portal = platform.portal().unwrap();
    let values = [
        ("email", "ada@example.org"),
        ("firstname", "A."),
        ("jobtitle", "Countess"),
    ];
    let by_hand = portal
        .create_by_hand(ObjectType::Contacts, &values)
        .unwrap();
    let ada = person(&platform, "Ada", "Byron", Some("Ada@Example.org"));
    let counts = sync(&platform).await;
    let record = arrived(&platform, ObjectType::Contacts, ada);
    assert_eq!(
        (
            record.id,
            counts["contacts"].linked,
            portal.count(ObjectType::Contacts)
        ),
        (by_hand, 1, 1)
    );
    assert_eq!(
        (record.value("firstname"), record.value("jobtitle")),
        (Some("Ada"), Some("Countess"))
    );
}

/// S0-98, DX-15: by name alone only where there is one on both sides and the e-mails do not contradict.
#[tokio::test(flavor = "multi_thread")]
async fn a_name_matches_only_one_on_both_sides() {
    let platform = people_only().await;
    let portal = platform.portal().unwrap();
    let named = |first: &str, last: &str, email: &str| {
        portal
            .create_by_hand(
                ObjectType::Contacts,
                &[("firstname", first), ("lastname", last), ("email", email)],
            )
            .unwrap()
    };
    let ada_by_hand = portal
        .create_by_hand(
            ObjectType::Contacts,
            &[("firstname", "Ada"), ("lastname", "Byron")],
        )
        .unwrap();
    named("Mary", "Somerville", "another.mary@example.org");
    portal
        .create_by_hand(
            ObjectType::Contacts,
            &[("firstname", "Jane"), ("lastname", "Doe")],
        )
        .unwrap();

    let ada = person(&platform, "Ada", "BYRON", None);
    let mary = person(&platform, "Mary", "Somerville", Some("mary@example.org"));
    let janes = [
        person(&platform, "Jane", "Doe", None),
        person(&platform, "Jane", "Doe", None),
    ];
    let counts = sync(&platform).await;
    assert_eq!(
        arrived(&platform, ObjectType::Contacts, ada).id,
        ada_by_hand
    );
    arrived(&platform, ObjectType::Contacts, mary);
    for jane in janes {
        assert!(
            portal
                .find(ObjectType::Contacts, SOURCE, &jane.to_string())
                .is_empty(),
            "two claim one: neither binds"
        );
    }
    let contacts = counts["contacts"];
    assert_eq!(
        (contacts.linked, contacts.created, contacts.ambiguous),
        (1, 1, 2)
    );
}

/// E1: two of Clio's people with one e-mail that HubSpot has by hand: neither binds, and nothing is created.
#[tokio::test(flavor = "multi_thread")]
async fn a_shared_email_binds_nobody() {
    let platform = people_only().await;
    let portal = platform.portal().unwrap();
    portal
        .create_by_hand(ObjectType::Contacts, &[("email", "family@example.org")])
        .unwrap();
    person(&platform, "Ada", "Byron", Some("family@example.org"));
    person(&platform, "Annabella", "Byron", Some("family@example.org"));
    let counts = sync(&platform).await;
    assert_eq!(
        (
            counts["contacts"].ambiguous,
            counts["contacts"].created,
            portal.count(ObjectType::Contacts)
        ),
        (2, 0, 1)
    );
}

/// DX-18: companies by domain, then by name.
#[tokio::test(flavor = "multi_thread")]
async fn a_company_is_found_by_its_domain() {
    let platform = Platform::start(PlatformConfig {
        settings: only(&["companies"]),
        ..empty()
    })
    .await
    .unwrap();
    let portal = platform.portal().unwrap();
    let values = [("name", "Analytical"), ("domain", "engines.example")];
    let by_hand = portal
        .create_by_hand(ObjectType::Companies, &values)
        .unwrap();
    let id = company(&platform, "Analytical Engines Ltd");
    let site = json!({ "web_sites": [{ "name": "Work", "address": "https://www.engines.example/about", "default_web_site": true }] });
    platform
        .account()
        .unwrap()
        .edit(Resource::Contacts, id, &site)
        .unwrap();
    sync(&platform).await;
    assert_eq!(arrived(&platform, ObjectType::Companies, id).id, by_hand);
    assert_eq!(portal.count(ObjectType::Companies), 1);
}
