//! Records that are deleted at the provider.

use sync300_fakes::clio::Resource;
use sync300_fakes::hubspot::ObjectType;
use sync300_fakes::{Effect, Fault};
use sync300_kit::ports::Sql as _;
use sync300_kit::review::{self, Refusal};
use sync300_kit::settings::{OnDelete, Settings};
use sync300_sandbox::{Platform, PlatformConfig};

use crate::support::*;

async fn platform(settings: Settings) -> Platform {
    Platform::start(PlatformConfig {
        settings,
        ..empty()
    })
    .await
    .unwrap()
}

/// A day goes by.
async fn a_day_later(platform: &Platform) {
    let ports = platform.ports().unwrap();
    let statement = "UPDATE streams SET full_at = full_at - 90000000 WHERE full_at IS NOT NULL";
    ports.execute(statement, &[]).await.unwrap();
}

fn delete(platform: &Platform, id: u64) {
    let account = platform.account().unwrap();
    account.delete(Resource::Contacts, id).unwrap();
}

async fn gone(platform: &Platform) -> i64 {
    count(platform, "links WHERE state = 'provider_gone'").await
}

/// DX-04, S0-14: HubSpot's record of a deleted one stays and says so, or is archived where that was chosen; the link has
/// ended either way, and the others go on.
#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_is_found_within_a_day() {
    for on_delete in [OnDelete::Mark, OnDelete::Archive] {
        let mut settings = both(&["contacts"], None);
        if let Some(contacts) = settings.objects.get_mut("contacts") {
            contacts.on_delete = on_delete;
        }
        let platform = platform(settings).await;
        let portal = platform.portal().unwrap();
        let ada = person(&platform, "Ada", "Byron", Some("ada@example.org"));
        let bob = person(&platform, "Bob", "Ray", Some("bob@example.org"));
        sync(&platform).await;
        let record = arrived(&platform, ObjectType::Contacts, ada);
        delete(&platform, ada);
        sync(&platform).await;
        assert_eq!(gone(&platform).await, 0, "a list without it is no proof");

        a_day_later(&platform).await;
        sync(&platform).await;
        assert_eq!(gone(&platform).await, 1);
        let left = portal.record(ObjectType::Contacts, record.id).unwrap();
        match on_delete {
            OnDelete::Mark => {
                assert_eq!(left.value("sync300_sync_status"), Some("source_deleted"));
                assert_eq!(left.value("firstname"), Some("Ada"));
            }
            OnDelete::Archive => assert!(left.archived_at.is_some()),
        }
        arrived(&platform, ObjectType::Contacts, bob);

        // It is over: what people do to HubSpot's record meets nobody.
        if on_delete == OnDelete::Mark {
            let edit = [("jobtitle", "Countess")];
            portal.edit(ObjectType::Contacts, record.id, &edit).unwrap();
        }
        reset_calls(&platform);
        sync(&platform).await;
        assert_eq!(hubspot_writes(&platform), 0);
        assert_eq!(platform.clio.calls().count(|call| call.method != "GET"), 0);
    }
}

/// Absence from a list is no proof: what answers for itself is there.
#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_leaves_records_out_ends_nothing() {
    let platform = platform(only(&["contacts"])).await;
    for at in 0..5 {
        person(&platform, "Ada", &format!("Byron {at}"), None);
    }
    sync(&platform).await;
    a_day_later(&platform).await;
    let nothing = r#"{"data":[],"meta":{"paging":{}}}"#;
    platform
        .clio
        .fail(Fault::once("/api/v4/contacts.json", Effect::answer(200, nothing)).times(2));
    reset_calls(&platform);
    sync(&platform).await;
    let asked = |call: &sync300_fakes::Call| call.path.starts_with("/api/v4/contacts/");
    assert_eq!(platform.clio.calls().count(asked), 5);
    assert_eq!(count(&platform, "links WHERE state = 'active'").await, 5);
    assert_eq!(count(&platform, "missing").await, 0);
    assert_eq!(hubspot_writes(&platform), 0);
}

/// F4: more deletions than 20 and a tenth are not believed until an admin says so, once.
#[tokio::test(flavor = "multi_thread")]
async fn a_mass_deletion_asks_first() {
    const PEOPLE: i64 = 25;
    let platform = platform(only(&["contacts"])).await;
    let people: Vec<u64> = (0..PEOPLE)
        .map(|at| person(&platform, "Ada", &format!("Byron {at}"), None))
        .collect();
    sync(&platform).await;
    for id in people {
        delete(&platform, id);
    }
    a_day_later(&platform).await;
    reset_calls(&platform);
    sync(&platform).await;
    assert_eq!((gone(&platform).await, hubspot_writes(&platform)), (0, 0));
    assert_eq!(
        count(&platform, "run_errors WHERE code = 'deletions_held_back'").await,
        1
    );

    let portal = platform.portal().unwrap().id();
    let connection = platform.connection_of(portal).await.unwrap();
    let portal = i64::try_from(portal).unwrap();
    let ports = platform.ports().unwrap();
    let waiting = review::held_deletions(&ports, portal, &connection)
        .await
        .unwrap();
    assert_eq!(
        waiting
            .iter()
            .map(|(object, missing, _)| (object.as_str(), *missing))
            .collect::<Vec<_>>(),
        [("contacts", PEOPLE)]
    );
    let approve =
        async |portal| review::approve_deletions(&ports, portal, 9, &connection, "contacts").await;
    assert!(matches!(
        approve(portal + 1).await,
        Err(Refusal::NothingWaits)
    ));
    approve(portal).await.unwrap();
    finish(&platform).await;
    assert_eq!(gone(&platform).await, PEOPLE);
    assert!(matches!(approve(portal).await, Err(Refusal::NothingWaits)));
    assert_eq!(count(&platform, "brakes").await, 0);
}
