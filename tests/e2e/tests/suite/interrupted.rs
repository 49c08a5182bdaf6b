//! Ended anywhere, nothing is lost and nothing is doubled.

use std::time::Duration;

use serde_json::json;
use sync300_fakes::clio::Resource;
use sync300_fakes::hubspot::{ObjectType, Record};
use sync300_fakes::{Effect, Fault};
use sync300_kit::settings::Strategy;
use sync300_sandbox::{Platform, PlatformConfig, check};

use crate::support::*;

/// Instances that are killed in the middle of their work, again and again, leave what an unbroken run leaves.
#[tokio::test(flavor = "multi_thread")]
async fn a_killed_run_ends_as_an_unbroken_one() {
    let unbroken = Platform::start(small()).await.unwrap();
    sync(&unbroken).await;
    let expected = state(&unbroken);

    let latency = Duration::from_millis(10);
    let broken = Platform::start(PlatformConfig { latency, ..small() })
        .await
        .unwrap();
    broken.request_sync().unwrap();
    let mut kills = 0;
    for pause in (20..400).step_by(35) {
        // The request is dropped, and its instance with it, wherever it stands.
        if tokio::time::timeout(Duration::from_millis(pause), broken.tick())
            .await
            .is_err()
        {
            kills += 1;
            expire_leases(&broken);
        }
    }
    assert!(kills >= 3, "only {kills} instances were killed at work");
    sync(&broken).await;
    assert_eq!(
        check::problems(&broken.expectation, &broken.portal().unwrap()),
        Vec::<String>::new()
    );
    let found = state(&broken);
    let differing: Vec<_> = expected
        .iter()
        .filter(|(name, value)| found.get(*name) != Some(value))
        .map(|(name, value)| (name, value, found.get(name)))
        .collect();
    assert!(differing.is_empty(), "{differing:#?}");
    assert_eq!(found.len(), expected.len());
}

/// Killed again and again while people at both ends had their say: every edit arrives at the other side, those of one record
/// meet, nothing is there twice, and nothing is left to do.
#[tokio::test(flavor = "multi_thread")]
async fn killed_on_both_ways_no_edit_is_lost() {
    let platform = Platform::start(PlatformConfig {
        settings: both(&["contacts"], None),
        latency: Duration::from_millis(10),
        ..empty()
    })
    .await
    .unwrap();
    let people: Vec<u64> = (0..60)
        .map(|at| {
            person(
                &platform,
                &format!("First{at}"),
                &format!("Last{at}"),
                Some(&format!("p{at}@example.org")),
            )
        })
        .collect();
    sync(&platform).await;
    let (account, portal) = (platform.account().unwrap(), platform.portal().unwrap());
    let records: Vec<Record> = people
        .iter()
        .map(|id| arrived(&platform, ObjectType::Contacts, *id))
        .collect();
    for (at, (id, record)) in people.iter().zip(&records).enumerate() {
        if at % 3 != 0 {
            let title = json!({ "title": format!("Title {at}") });
            account.edit(Resource::Contacts, *id, &title).unwrap();
        }
        if at % 3 != 1 {
            let city = format!("City {at}");
            portal
                .edit(ObjectType::Contacts, record.id, &[("city", &city)])
                .unwrap();
        }
    }
    platform.request_sync().unwrap();
    let mut kills = 0;
    for pause in (40..700).step_by(60) {
        let tick = tokio::time::timeout(Duration::from_millis(pause), platform.tick());
        if tick.await.is_err() {
            kills += 1;
            expire_leases(&platform);
        }
    }
    assert!(kills >= 3, "only {kills} instances were killed at work");
    sync(&platform).await;
    sync(&platform).await;

    for (at, id) in people.iter().enumerate() {
        let record = arrived(&platform, ObjectType::Contacts, *id);
        let clio = account.record(Resource::Contacts, *id).unwrap();
        if at % 3 != 0 {
            let title = format!("Title {at}");
            assert_eq!(record.value("jobtitle"), Some(title.as_str()), "{at}");
            assert_eq!(clio["title"], title, "{at}");
        }
        if at % 3 != 1 {
            let city = format!("City {at}");
            assert_eq!(record.value("city"), Some(city.as_str()), "{at}");
            assert_eq!(clio["primary_address"]["city"], city, "{at}");
            assert_eq!(clio["addresses"].as_array().unwrap().len(), 1, "{clio}");
        }
    }
    assert_eq!(portal.count(ObjectType::Contacts), people.len());
    assert_eq!(account.ids(Resource::Contacts).len(), people.len());
    assert_eq!(count(&platform, "begun_writes").await, 0);
    reset_calls(&platform);
    sync(&platform).await;
    let clio_writes = platform.clio.calls().count(|call| call.method != "GET");
    assert_eq!((hubspot_writes(&platform), clio_writes), (0, 0));
}

/// Written to HubSpot, and killed before anybody could remember; then the same field is emptied in Clio. What HubSpot holds
/// is known for ours: it follows.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_written_and_not_remembered_is_ours() {
    for settings in [
        both(&["contacts"], Some(Strategy::HubspotWins)),
        both(&["contacts"], None),
        only(&["contacts"]),
    ] {
        let platform = Platform::start(PlatformConfig {
            settings,
            latency: Duration::from_millis(20),
            ..empty()
        })
        .await
        .unwrap();
        let account = platform.account().unwrap();
        let retitle = |id: u64, title: &str| {
            let data = json!({ "title": title });
            account.edit(Resource::Contacts, id, &data).unwrap();
        };
        let ada = person(&platform, "Ada", "Byron", None);
        let new = person(&platform, "Bob", "Ray", None);
        retitle(new, "Clerk");
        // The write is done, and its answer comes too late for the instance.
        let killed = async |path: &str| {
            platform.hubspot.fail(Fault::once(
                path,
                Effect::PerformThenDelay(Duration::from_secs(5)),
            ));
            platform.request_sync().unwrap();
            let tick = tokio::time::timeout(Duration::from_secs(3), platform.tick());
            assert!(tick.await.is_err());
            expire_leases(&platform);
        };
        killed("batch/upsert").await;
        assert_eq!(
            arrived(&platform, ObjectType::Contacts, new).value("jobtitle"),
            Some("Clerk")
        );
        retitle(new, "");
        sync(&platform).await;
        assert_eq!(
            arrived(&platform, ObjectType::Contacts, new).value("jobtitle"),
            None
        );

        retitle(ada, "Countess");
        killed("batch/update").await;
        retitle(ada, "");
        sync(&platform).await;
        let title = |id| arrived(&platform, ObjectType::Contacts, id);
        assert_eq!(title(ada).value("jobtitle"), None);
        assert_eq!(count(&platform, "begun_writes").await, 0);
    }
}

/// Lets the leases of killed instances end at once, as a minute would.
fn expire_leases(platform: &Platform) {
    use sync300_kit::ports::Sql as _;
    let ports = platform.ports().unwrap();
    futures_executor::block_on(ports.execute("UPDATE connections SET lease_until = 0", &[]))
        .unwrap();
}

/// Writes whose answers are lost are found done, not done again.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_doubles_nothing() {
    let platform = Platform::start(small()).await.unwrap();
    for path in ["batch/upsert", "batch/update", "batch/create"] {
        platform
            .hubspot
            .fail(Fault::once(path, Effect::PerformThenDrop).times(2));
    }
    sync(&platform).await;
    assert_eq!(
        check::problems(&platform.expectation, &platform.portal().unwrap()),
        Vec::<String>::new()
    );
}
