//! The review queue: what waits there, and what people decide.

use sync300_fakes::clio::Resource;
use sync300_fakes::hubspot::ObjectType;
use sync300_kit::ports::SqlValue;
use sync300_kit::review::{self, Filter, Record as Reviewed, Refusal};
use sync300_kit::settings::Settings;
use sync300_kit::store::review::Waiting;
use sync300_sandbox::{Platform, PlatformConfig};

use crate::support::*;

const USER: i64 = 9;

async fn platform(settings: Settings) -> Platform {
    Platform::start(PlatformConfig {
        settings,
        ..empty()
    })
    .await
    .unwrap()
}

/// The connection and its portal.
async fn connection(platform: &Platform) -> (String, i64) {
    let portal = platform.portal().unwrap().id();
    let connection = platform.connection_of(portal).await.unwrap();
    (connection, i64::try_from(portal).unwrap())
}

async fn queue(platform: &Platform) -> Vec<Waiting> {
    let (connection, portal) = connection(platform).await;
    let ports = platform.ports().unwrap();
    let page = review::list(&ports, portal, &connection, Filter::default());
    page.await.unwrap().records
}

/// What a person decides about a contact: the HubSpot record to link, or none.
async fn decide(platform: &Platform, id: u64, hubspot: Option<u64>) -> Result<(), Refusal> {
    let (connection, portal) = connection(platform).await;
    let ports = platform.ports().unwrap();
    let id = id.to_string();
    let record = Reviewed {
        portal,
        user: USER,
        connection: &connection,
        object: "contacts",
        id: &id,
    };
    match hubspot {
        Some(hubspot) => review::link(&ports, record, &hubspot.to_string(), None).await,
        None => review::unlink(&ports, record).await,
    }
}

fn by_hand(platform: &Platform, values: &[(&str, &str)]) -> u64 {
    let portal = platform.portal().unwrap();
    portal.create_by_hand(ObjectType::Contacts, values).unwrap()
}

fn named(platform: &Platform, source: u64) -> usize {
    let portal = platform.portal().unwrap();
    portal
        .find(ObjectType::Contacts, SOURCE, &source.to_string())
        .len()
}

/// S0-103, S2-11, S2-34, S2-36: what is ambiguous waits with its reason and its candidates; linked by hand, it is brought
/// in step in the next run, and who claimed the same is decided anew.
#[tokio::test(flavor = "multi_thread")]
async fn an_ambiguous_record_is_linked_by_hand() {
    let platform = platform(only(&["contacts"])).await;
    let jane = by_hand(&platform, &[("firstname", "Jane"), ("lastname", "Doe")]);
    let (one, other) = (
        person(&platform, "Jane", "Doe", Some("one@example.org")),
        person(&platform, "Jane", "Doe", Some("other@example.org")),
    );
    sync(&platform).await;
    let waiting = queue(&platform).await;
    assert_eq!(waiting.len(), 2, "{waiting:?}");
    for record in &waiting {
        assert_eq!(
            (record.state.as_str(), record.reason.as_str()),
            ("ambiguous", "several_claimants")
        );
        assert_eq!(record.candidates, [jane.to_string()]);
    }

    decide(&platform, one, Some(jane)).await.unwrap();
    finish(&platform).await;
    let record = arrived(&platform, ObjectType::Contacts, one);
    assert_eq!(
        (record.id, record.value("email")),
        (jane, Some("one@example.org"))
    );
    assert_ne!(arrived(&platform, ObjectType::Contacts, other).id, jane);
    assert_eq!(queue(&platform).await, []);
    let done = one_text(
        &platform,
        "SELECT user_id || ' ' || action || ' ' || detail FROM audit ORDER BY audit_id DESC LIMIT 1",
    )
    .await;
    assert_eq!(done, format!("{USER} record_linked contacts {one}"));
}

/// S4-10: of two that Clio's record may be one is chosen; the other, which waited with it, is somebody whom HubSpot alone has,
/// and is made in Clio though nothing about it has changed.
#[tokio::test(flavor = "multi_thread")]
async fn who_is_claimed_no_more_is_made() {
    let mut settings = both(&["contacts"], None);
    for object in settings.objects.values_mut() {
        object.create = object.enabled;
    }
    let platform = platform(settings).await;
    let names = [("firstname", "Jane"), ("lastname", "Doe")];
    let (one, other) = (by_hand(&platform, &names), by_hand(&platform, &names));
    let jane = person(&platform, "Jane", "Doe", None);
    sync(&platform).await;
    sync(&platform).await;
    let people = || platform.account().unwrap().ids(Resource::Contacts);
    assert_eq!((queue(&platform).await.len(), people().len()), (1, 1));

    decide(&platform, jane, Some(one)).await.unwrap();
    finish(&platform).await;
    assert_eq!(arrived(&platform, ObjectType::Contacts, jane).id, one);
    let made = people().into_iter().find(|id| *id != jane).unwrap();
    assert_eq!(arrived(&platform, ObjectType::Contacts, made).id, other);
    assert_eq!(count(&platform, "passed_over").await, 0);

    sync(&platform).await;
    assert_eq!(people().len(), 2);
}

/// S2-35, S2-49: a wrong link is corrected: the record goes on where it belongs, the other is free and keeps its values.
#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_link_is_corrected() {
    for settings in [only(&["contacts"]), both(&["contacts"], None)] {
        let platform = platform(settings).await;
        let wrong = by_hand(&platform, &[("firstname", "Ada"), ("lastname", "Byron")]);
        let ada = person(&platform, "Ada", "Byron", Some("ada@example.org"));
        sync(&platform).await;
        assert_eq!(arrived(&platform, ObjectType::Contacts, ada).id, wrong);

        let right = by_hand(&platform, &[("firstname", "Augusta"), ("lastname", "King")]);
        let portal = platform.portal().unwrap();
        // HubSpot has an e-mail address once.
        portal
            .edit(
                ObjectType::Contacts,
                wrong,
                &[("email", "wrong@example.org")],
            )
            .unwrap();
        decide(&platform, ada, Some(right)).await.unwrap();
        finish(&platform).await;
        assert_eq!(arrived(&platform, ObjectType::Contacts, ada).id, right);
        let left = portal.record(ObjectType::Contacts, wrong).unwrap();
        assert_eq!(left.value(SOURCE), None);
        assert_eq!(left.value("email"), Some("wrong@example.org"));
        assert_eq!(left.value("sync300_sync_status"), Some("not_synced"));
        assert_eq!(count(&platform, "released").await, 0);
        assert_eq!(queue(&platform).await, []);

        reset_calls(&platform);
        sync(&platform).await;
        assert_eq!(hubspot_writes(&platform), 0);
    }
}

/// S2-49: what a person unlinked stays unlinked: not updated, not matched, not created anew, until it is linked by hand.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_unlinked_stays_so() {
    let platform = platform(only(&["contacts"])).await;
    let ada = person(&platform, "Ada", "Byron", Some("ada@example.org"));
    sync(&platform).await;
    let record = arrived(&platform, ObjectType::Contacts, ada);
    decide(&platform, ada, None).await.unwrap();
    let account = platform.account().unwrap();
    let edit = |title: &str| {
        let data = serde_json::json!({ "title": title });
        account
            .edit(sync300_fakes::clio::Resource::Contacts, ada, &data)
            .unwrap();
    };
    edit("Countess");
    sync(&platform).await;
    sync(&platform).await;
    assert_eq!(named(&platform, ada), 0);
    let portal = platform.portal().unwrap();
    let left = portal.record(ObjectType::Contacts, record.id).unwrap();
    assert_eq!(left.value("jobtitle"), None);
    assert_eq!(portal.count(ObjectType::Contacts), 1);
    assert_eq!(queue(&platform).await[0].state, "unlinked");

    decide(&platform, ada, Some(record.id)).await.unwrap();
    finish(&platform).await;
    let back = arrived(&platform, ObjectType::Contacts, ada);
    assert_eq!(
        (back.id, back.value("jobtitle")),
        (record.id, Some("Countess"))
    );
}

/// One link per record on each side, and nobody decides about another portal's records: a refusal changes nothing.
#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_is_refused() {
    let platform = platform(only(&["contacts"])).await;
    let ada = person(&platform, "Ada", "Byron", Some("ada@example.org"));
    let bob = person(&platform, "Bob", "Ray", Some("bob@example.org"));
    sync(&platform).await;
    let of_ada = arrived(&platform, ObjectType::Contacts, ada).id;
    assert!(matches!(
        decide(&platform, bob, Some(of_ada)).await,
        Err(Refusal::LinkedToAnother)
    ));
    assert!(matches!(
        decide(&platform, 999, Some(1)).await,
        Err(Refusal::UnknownRecord)
    ));
    let (connection, portal) = connection(&platform).await;
    let ports = platform.ports().unwrap();
    let id = bob.to_string();
    let mut record = Reviewed {
        portal: portal + 1,
        user: USER,
        connection: &connection,
        object: "contacts",
        id: &id,
    };
    assert!(matches!(
        review::unlink(&ports, record).await,
        Err(Refusal::UnknownConnection)
    ));
    assert!(matches!(
        review::list(&ports, portal + 1, &connection, Filter::default()).await,
        Err(Refusal::UnknownConnection)
    ));
    record.portal = portal;
    assert!(matches!(
        review::link(&ports, record, "1 OR 1", None).await,
        Err(Refusal::BadHubSpotId)
    ));
    assert_eq!(queue(&platform).await, []);
    let statement = "SELECT count (*) FROM audit WHERE action LIKE 'record%'";
    let rows = sync300_kit::ports::Sql::execute(&ports, statement, &[])
        .await
        .unwrap();
    assert_eq!(rows, [[SqlValue::Integer(0)]]);
}
