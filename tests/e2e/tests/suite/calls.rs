//! How many calls a sync costs, and how many SQL statements.

use sync300_fakes::clio::Resource;
use sync300_sandbox::{Platform, PlatformConfig};

use crate::support::*;

const PEOPLE: usize = 450;

/// A fresh portal: Clio at most N/200 + 2 calls, HubSpot at most 3·N/100 + 5. A second run: one call to Clio for the
/// list and one for its relations at most, nothing written. k changed records: at most k/100 + 1 writes.
#[tokio::test(flavor = "multi_thread")]
async fn calls_stay_within_the_bounds() {
    let platform = Platform::start(PlatformConfig {
        settings: only(&["contacts"]),
        ..empty()
    })
    .await
    .unwrap();
    let people: Vec<u64> = (0..PEOPLE)
        .map(|at| {
            person(
                &platform,
                "Ada",
                &format!("Byron {at}"),
                Some(&format!("ada.{at}@example.org")),
            )
        })
        .collect();
    backdate(&platform);
    reset_calls(&platform);
    let counts = sync(&platform).await;
    assert_eq!(counts["contacts"].created, PEOPLE as i64);
    let (clio, relations) = clio_calls(&platform);
    assert!(clio <= PEOPLE.div_ceil(200) + 2, "{clio} calls to Clio");
    assert!(relations <= 1, "{relations} calls for relations");
    let hubspot = platform.hubspot.calls().list().len();
    assert!(
        hubspot <= 3 * PEOPLE.div_ceil(100) + 5,
        "{hubspot}: {:?}",
        platform.hubspot.calls().counts()
    );

    reset_calls(&platform);
    sync(&platform).await;
    assert_eq!(clio_calls(&platform), (1, 1));
    assert_eq!(platform.hubspot.calls().list().len(), 0);

    for person in people.iter().take(120) {
        let data = serde_json::json!({ "title": "Countess" });
        platform
            .account()
            .unwrap()
            .edit(Resource::Contacts, *person, &data)
            .unwrap();
    }
    reset_calls(&platform);
    let counts = sync(&platform).await;
    assert_eq!(counts["contacts"].updated, 120);
    assert!(hubspot_writes(&platform) <= 120_usize.div_ceil(100) + 1);
}

fn clio_calls(platform: &Platform) -> (usize, usize) {
    let relations = platform
        .clio
        .calls()
        .count(|call| call.path.contains("relationships"));
    (platform.clio.calls().list().len() - relations, relations)
}

/// A page costs a constant number of SQL statements, whatever is on it: at most 10.
#[tokio::test(flavor = "multi_thread")]
async fn statements_do_not_grow_with_records() {
    let mut statements = Vec::new();
    for pages in [1_usize, 3] {
        let platform = Platform::start(PlatformConfig {
            settings: only(&["contacts"]),
            ..empty()
        })
        .await
        .unwrap();
        for at in 0..pages * 200 {
            person(
                &platform,
                "Ada",
                &format!("Byron {at}"),
                Some(&format!("ada.{at}@example.org")),
            );
        }
        sync(&platform).await;
        let stats = platform.app.request_stats("sync-to-hubspot");
        statements.push(stats.iter().map(|stats| stats.sql_statements).sum::<u64>());
    }
    let per_page = (statements[1] - statements[0]) / 2;
    assert!(
        per_page <= 10,
        "{per_page} statements a page ({statements:?})"
    );
}

/// The memory of an instance stays below 64 MiB on pages of 200, however many pages there are.
#[tokio::test(flavor = "multi_thread")]
async fn memory_does_not_grow_with_records() {
    let platform = Platform::start(PlatformConfig {
        settings: only(&["contacts"]),
        ..empty()
    })
    .await
    .unwrap();
    for at in 0..2_000 {
        person(
            &platform,
            "Ada",
            &format!("Byron {at}"),
            Some(&format!("ada.{at}@example.org")),
        );
    }
    sync(&platform).await;
    let peak = platform
        .app
        .request_stats("sync-to-hubspot")
        .iter()
        .map(|stats| stats.peak_memory)
        .max()
        .unwrap();
    assert!(peak <= 64 << 20, "{peak} bytes");
}
