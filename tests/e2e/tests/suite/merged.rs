//! Records that people merge or delete.

use serde_json::json;
use sync300_fakes::clio::Resource;
use sync300_fakes::hubspot::ObjectType;
use sync300_kit::settings::Settings;
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

fn retitle(platform: &Platform, id: u64, title: &str) {
    platform
        .account()
        .unwrap()
        .edit(Resource::Contacts, id, &json!({ "title": title }))
        .unwrap();
}

/// S0-99: a record that was merged into another is followed to the survivor, old id or new, and nothing is made anew.
#[tokio::test(flavor = "multi_thread")]
async fn a_merged_record_is_followed() {
    for (settings, new_id) in [
        (only(&["contacts"]), false),
        (only(&["contacts"]), true),
        (both(&["contacts"], None), false),
    ] {
        let platform = platform(settings).await;
        let portal = platform.portal().unwrap();
        portal.set_merge_creates_new_id(new_id);
        let ada = person(&platform, "Ada", "Byron", Some("ada@example.org"));
        sync(&platform).await;
        let ours = arrived(&platform, ObjectType::Contacts, ada);
        let theirs = [("firstname", "Augusta"), ("lastname", "King")];
        let theirs = portal
            .create_by_hand(ObjectType::Contacts, &theirs)
            .unwrap();
        let survivor = portal.merge(ObjectType::Contacts, theirs, ours.id).unwrap();
        retitle(&platform, ada, "Countess");
        sync(&platform).await;
        let record = arrived(&platform, ObjectType::Contacts, ada);
        assert_eq!(record.id, survivor);
        assert_eq!(record.value("jobtitle"), Some("Countess"));
        assert_eq!(portal.count(ObjectType::Contacts), 1);

        reset_calls(&platform);
        retitle(&platform, ada, "Countess of Lovelace");
        sync(&platform).await;
        assert_eq!(hubspot_writes(&platform), 1);
        let record = arrived(&platform, ObjectType::Contacts, ada);
        assert_eq!(record.value("jobtitle"), Some("Countess of Lovelace"));
    }
}

/// S0-99: nobody told of the merge, and nothing changes in Clio: an edit of the survivor arrives there all the same.
#[tokio::test(flavor = "multi_thread")]
async fn an_edit_of_a_survivor_is_not_lost() {
    for new_id in [false, true] {
        let platform = platform(both(&["contacts"], None)).await;
        let portal = platform.portal().unwrap();
        portal.set_merge_creates_new_id(new_id);
        let ada = person(&platform, "Ada", "Byron", Some("ada@example.org"));
        sync(&platform).await;
        backdate(&platform);
        sync(&platform).await;
        let ours = arrived(&platform, ObjectType::Contacts, ada);
        let theirs = [("firstname", "Augusta"), ("lastname", "King")];
        let theirs = portal
            .create_by_hand(ObjectType::Contacts, &theirs)
            .unwrap();
        let survivor = portal.merge(ObjectType::Contacts, theirs, ours.id).unwrap();
        let edit = [("jobtitle", "Countess")];
        portal.edit(ObjectType::Contacts, survivor, &edit).unwrap();
        sync(&platform).await;
        let record = platform.account().unwrap();
        let record = record.record(Resource::Contacts, ada).unwrap();
        assert_eq!(record["title"], "Countess", "new id: {new_id}");
        assert_eq!(
            one_text(&platform, "SELECT hubspot_id FROM links").await,
            survivor.to_string()
        );
    }
}

/// Two linked records merged into one: one link stays, the other ends, and takes nothing from it.
#[tokio::test(flavor = "multi_thread")]
async fn a_survivor_belongs_to_one() {
    let platform = platform(only(&["contacts"])).await;
    let portal = platform.portal().unwrap();
    let ada = person(&platform, "Ada", "Byron", Some("ada@example.org"));
    let twin = person(&platform, "Augusta", "Byron", Some("augusta@example.org"));
    sync(&platform).await;
    let kept = arrived(&platform, ObjectType::Contacts, ada);
    let lost = arrived(&platform, ObjectType::Contacts, twin);
    portal
        .merge(ObjectType::Contacts, kept.id, lost.id)
        .unwrap();
    retitle(&platform, twin, "Duchess");
    sync(&platform).await;
    let record = arrived(&platform, ObjectType::Contacts, ada);
    assert_eq!((record.id, record.value("jobtitle")), (kept.id, None));
    assert_eq!(portal.count(ObjectType::Contacts), 1);
    reset_calls(&platform);
    retitle(&platform, twin, "Queen");
    sync(&platform).await;
    assert_eq!(hubspot_writes(&platform), 0);
}

/// S2-79, S4-07, S4-19 to S4-21: a record deleted in HubSpot ends its link; Clio's stays as it is, and nothing is made
/// anew or tried again.
#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_record_stays_deleted() {
    for settings in [only(&["contacts"]), both(&["contacts"], None)] {
        let platform = platform(settings).await;
        let portal = platform.portal().unwrap();
        let ada = person(&platform, "Ada", "Byron", Some("ada@example.org"));
        sync(&platform).await;
        let record = arrived(&platform, ObjectType::Contacts, ada);
        portal.archive(ObjectType::Contacts, record.id).unwrap();
        for title in ["Countess", "Countess of Lovelace"] {
            retitle(&platform, ada, title);
            sync(&platform).await;
            let there = portal.find(ObjectType::Contacts, SOURCE, &ada.to_string());
            assert!(
                there.iter().all(|record| record.archived_at.is_some()),
                "{there:?}"
            );
        }
        reset_calls(&platform);
        sync(&platform).await;
        assert_eq!(hubspot_writes(&platform), 0);
        let record = platform
            .account()
            .unwrap()
            .record(Resource::Contacts, ada)
            .unwrap();
        assert_eq!(record["title"], "Countess of Lovelace");
    }
}
