//! What waits because of its candidates is matched anew when HubSpot's side of it changes, and only then (S2-48).

use sync300_fakes::hubspot::ObjectType;
use sync300_kit::ports::Sql as _;
use sync300_sandbox::{Platform, PlatformConfig};

use crate::support::*;

const CONTACTS: ObjectType = ObjectType::Contacts;

/// Somebody whom HubSpot has twice, by name alone, and who waits for a person: the platform, Clio's id and HubSpot's.
async fn twice(email: Option<&str>) -> (Platform, u64, [u64; 2]) {
    let platform = Platform::start(PlatformConfig {
        settings: only(&["contacts"]),
        ..empty()
    })
    .await
    .unwrap();
    let portal = platform.portal().unwrap();
    let twins = [(); 2].map(|()| {
        let values = [("firstname", "Ada"), ("lastname", "Byron")];
        portal.create_by_hand(CONTACTS, &values).unwrap()
    });
    let ada = person(&platform, "Ada", "Byron", email);
    backdate(&platform);
    assert_eq!(sync(&platform).await["contacts"].ambiguous, 1);
    (platform, ada, twins)
}

/// The next run; nothing that is not there already is made.
async fn links(platform: &Platform, ada: u64, to: u64, there: usize) {
    let counts = sync(platform).await;
    let contacts = counts["contacts"];
    assert_eq!((contacts.linked, contacts.created), (1, 0), "{counts:?}");
    assert_eq!(arrived(platform, CONTACTS, ada).id, to);
    assert_eq!(platform.portal().unwrap().count(CONTACTS), there);
    assert_eq!(count(platform, "claims").await, 0);
    assert_eq!(count(platform, "claimants").await, 0);
}

/// S2-48: while nothing changes it goes on waiting, at the cost of one read.
#[tokio::test(flavor = "multi_thread")]
async fn what_did_not_change_waits_on() {
    let (platform, _, twins) = twice(None).await;
    for _ in 0..2 {
        reset_calls(&platform);
        let counts = sync(&platform).await;
        assert_eq!(counts["contacts"], Default::default(), "{counts:?}");
        assert_eq!(hubspot_writes(&platform), 0);
        assert_eq!(platform.hubspot.calls().count(|_| true), 1);
        // People, and who has to do with which matter.
        assert_eq!(platform.clio.calls().count(|_| true), 2);
    }
    // What is edited and matches as before changes nothing.
    let portal = platform.portal().unwrap();
    let edit = [("jobtitle", "Countess")];
    portal.edit(CONTACTS, twins[0], &edit).unwrap();
    reset_calls(&platform);
    sync(&platform).await;
    assert_eq!(platform.hubspot.calls().count(|_| true), 1);
    assert_eq!(
        count(&platform, "links WHERE reason = 'several_candidates'").await,
        1
    );
}

/// S2-48: one of two duplicates is deleted.
#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_duplicate_is_no_candidate() {
    let (platform, ada, twins) = twice(None).await;
    platform
        .portal()
        .unwrap()
        .archive(CONTACTS, twins[0])
        .unwrap();
    links(&platform, ada, twins[1], 1).await;
}

/// S2-48: two duplicates are merged into one of them.
#[tokio::test(flavor = "multi_thread")]
async fn merged_duplicates_are_one_candidate() {
    let (platform, ada, twins) = twice(None).await;
    let portal = platform.portal().unwrap();
    portal.set_merge_creates_new_id(false);
    let one = portal.merge(CONTACTS, twins[0], twins[1]).unwrap();
    assert_eq!(one, twins[0]);
    links(&platform, ada, one, 1).await;
}

/// S2-48: where the merged record has an id of its own, nothing is made before HubSpot's search had time to show it.
#[tokio::test(flavor = "multi_thread")]
async fn a_merged_record_of_another_id_is_found() {
    let (platform, ada, twins) = twice(None).await;
    let portal = platform.portal().unwrap();
    portal.set_merge_creates_new_id(true);
    let one = portal.merge(CONTACTS, twins[0], twins[1]).unwrap();
    assert!(!twins.contains(&one));
    let counts = sync(&platform).await;
    assert_eq!(counts["contacts"].created, 0, "{counts:?}");
    assert_eq!(portal.count(CONTACTS), 1);
    // A minute later.
    let waits = "links WHERE state = 'ambiguous' AND retry_at > synced_at + 50000";
    assert_eq!(count(&platform, waits).await, 1);
    let later = "UPDATE links SET retry_at = 1";
    let ports = platform.ports().unwrap();
    ports.execute(later, &[]).await.unwrap();
    links(&platform, ada, one, 1).await;
}

/// S2-48: somebody tells duplicates apart by their e-mails; the one that is another's is no candidate.
#[tokio::test(flavor = "multi_thread")]
async fn a_corrected_duplicate_is_no_candidate() {
    let (platform, ada, twins) = twice(Some("ada@example.org")).await;
    let portal = platform.portal().unwrap();
    let other = [("email", "another.ada@example.org")];
    portal.edit(CONTACTS, twins[0], &other).unwrap();
    links(&platform, ada, twins[1], 2).await;
}

/// S2-48: or the one that is meant gets the e-mail, and with it the stronger match.
#[tokio::test(flavor = "multi_thread")]
async fn a_corrected_duplicate_is_the_match() {
    let (platform, ada, twins) = twice(Some("ada@example.org")).await;
    let portal = platform.portal().unwrap();
    let same = [("email", "ada@example.org")];
    portal.edit(CONTACTS, twins[1], &same).unwrap();
    links(&platform, ada, twins[1], 2).await;
}

/// S2-48: two who claim one wait for each other; when it turns out to be one's, the other is a record of its own.
#[tokio::test(flavor = "multi_thread")]
async fn claimants_of_a_corrected_record_are_matched_together() {
    let platform = Platform::start(PlatformConfig {
        settings: only(&["contacts"]),
        ..empty()
    })
    .await
    .unwrap();
    let portal = platform.portal().unwrap();
    let name = [("firstname", "Jane"), ("lastname", "Doe")];
    let by_hand = portal.create_by_hand(CONTACTS, &name).unwrap();
    let emails = ["jane@example.org", "jane.doe@example.org"];
    let janes = emails.map(|email| person(&platform, "Jane", "Doe", Some(email)));
    backdate(&platform);
    assert_eq!(sync(&platform).await["contacts"].ambiguous, 2);
    portal
        .edit(CONTACTS, by_hand, &[("email", emails[1])])
        .unwrap();
    let contacts = sync(&platform).await["contacts"];
    assert_eq!((contacts.linked, contacts.created), (1, 1), "{contacts:?}");
    assert_eq!(arrived(&platform, CONTACTS, janes[1]).id, by_hand);
    arrived(&platform, CONTACTS, janes[0]);
}
