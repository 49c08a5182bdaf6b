//! Inclusion lists: the door between HubSpot and the provider (S3-10, S3-21).

use serde_json::json;
use sync300_fakes::clio::Resource;
use sync300_fakes::hubspot::{ObjectType, Processing, Record};
use sync300_kit::settings::Settings;
use sync300_sandbox::{Platform, PlatformConfig};

use crate::support::*;

const CONTACTS: ObjectType = ObjectType::Contacts;

/// The first list of a portal.
const LIST: u64 = 1;

/// A firm whose contacts, both ways, have a list as their door; and people in HubSpot, the first so many of them in it.
async fn platform(
    settings: Settings,
    people: &[(&str, &str)],
    members: usize,
) -> (Platform, Vec<u64>) {
    let platform = Platform::start(PlatformConfig {
        settings: listed(settings),
        ..empty()
    })
    .await
    .unwrap();
    let portal = platform.portal().unwrap();
    let ids: Vec<u64> = people
        .iter()
        .map(|(first, last)| {
            let values = [("firstname", *first), ("lastname", *last)];
            portal.create_by_hand(CONTACTS, &values).unwrap()
        })
        .collect();
    let list = portal.create_list(CONTACTS, "Clients", Processing::Dynamic);
    assert_eq!(list, LIST);
    portal.add_to_list(list, &ids[..members]).unwrap();
    (platform, ids)
}

fn listed(mut settings: Settings) -> Settings {
    let contacts = settings.objects.entry("contacts".to_owned()).or_default();
    contacts.inclusion_list = Some(LIST.to_string());
    settings
}

fn record(platform: &Platform, id: u64) -> Record {
    platform.portal().unwrap().record(CONTACTS, id).unwrap()
}

/// S3-10: only members sync, in either direction; who comes in syncs, and who leaves rests without losing an edit.
#[tokio::test(flavor = "multi_thread")]
async fn the_list_is_the_door() {
    let people = [("Ada", "Byron"), ("Grace", "Hopper")];
    let (platform, ids) = platform(both(&["contacts"], None), &people, 1).await;
    let (portal, account) = (platform.portal().unwrap(), platform.account().unwrap());
    let ada = person(&platform, "Ada", "Byron", None);
    let grace = person(&platform, "Grace", "Hopper", None);
    let mary = person(&platform, "Mary", "Shelley", None);
    let counts = sync(&platform).await;
    assert_eq!(counts["contacts/members"].read, 1, "{counts:?}");
    assert_eq!(counts["contacts"].linked, 1);
    assert_eq!(portal.count(CONTACTS), 2, "{mary} was made");
    assert_eq!(
        record(&platform, ids[0]).value(SOURCE),
        Some(ada.to_string().as_str())
    );
    assert_eq!(record(&platform, ids[1]).value(SOURCE), None);
    assert_eq!(
        count(&platform, "links WHERE reason = 'not_listed'").await,
        2
    );

    // In and out at once.
    portal.add_to_list(LIST, &[ids[1]]).unwrap();
    portal.remove_from_list(LIST, &[ids[0]]).unwrap();
    portal
        .edit(CONTACTS, ids[0], &[("city", "London")])
        .unwrap();
    account
        .edit(Resource::Contacts, ada, &json!({ "title": "Countess" }))
        .unwrap();
    sync(&platform).await;
    assert_eq!(
        record(&platform, ids[1]).value(SOURCE),
        Some(grace.to_string().as_str())
    );
    assert_eq!(record(&platform, ids[0]).value("jobtitle"), None);
    let street =
        || account.record(Resource::Contacts, ada).unwrap()["primary_address"]["city"].clone();
    assert!(street().is_null());

    portal.add_to_list(LIST, &[ids[0]]).unwrap();
    sync(&platform).await;
    assert_eq!(
        record(&platform, ids[0]).value("jobtitle"),
        Some("Countess")
    );
    assert_eq!(street(), "London");
    reset_calls(&platform);
    backdate(&platform);
    sync(&platform).await;
    assert_eq!(hubspot_writes(&platform), 0);
}

/// S3-10, S3-21: a list that is deleted lets nobody through, and the run says so; other kinds of records go on.
#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_list_is_not_taken_for_all() {
    let (platform, _) = platform(only(&["contacts", "companies"]), &[("Ada", "Byron")], 1).await;
    let portal = platform.portal().unwrap();
    person(&platform, "Ada", "Byron", None);
    person(&platform, "Mary", "Shelley", None);
    company(&platform, "Acme");
    portal.delete_list(LIST).unwrap();
    platform.request_sync().unwrap();
    let last = finish(&platform).await;
    assert_eq!(last.status, "failed");
    assert_eq!(last.reason.as_deref(), Some("list_gone"));
    assert_eq!(
        (
            portal.count(CONTACTS),
            count(&platform, "links WHERE object = 'contacts'").await
        ),
        (1, 0)
    );
    assert_eq!(portal.count(ObjectType::Companies), 1);
    portal.restore_list(LIST).unwrap();
    let counts = sync(&platform).await;
    assert_eq!(counts["contacts"].linked, 1);
    assert_eq!(portal.count(CONTACTS), 1);
}

/// S3-10: matters of clients who are not in the list come without them, and are associated when they are.
#[tokio::test(flavor = "multi_thread")]
async fn associations_wait_before_the_door() {
    let people = [("Ada", "Byron")];
    let (platform, ids) = platform(only(&["contacts", "matters"]), &people, 1).await;
    let portal = platform.portal().unwrap();
    let ada = person(&platform, "Ada", "Byron", None);
    sync(&platform).await;
    portal.remove_from_list(LIST, &[ids[0]]).unwrap();
    matter(&platform, ada, "Byron v. Byron");
    sync(&platform).await;
    assert_eq!(portal.count(ObjectType::Deals), 1);
    assert!(portal.associations(ObjectType::Deals, CONTACTS).is_empty());
    portal.add_to_list(LIST, &[ids[0]]).unwrap();
    sync(&platform).await;
    assert!(!portal.associations(ObjectType::Deals, CONTACTS).is_empty());
}
