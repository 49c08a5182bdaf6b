//! Associations mirror Clio's relations.

use serde_json::json;
use sync300_fakes::clio::Resource;
use sync300_fakes::hubspot::ObjectType;
use sync300_kit::ports::Sql as _;
use sync300_sandbox::Platform;

use crate::support::*;

/// Whether two records are associated.
fn associated(platform: &Platform, from: (ObjectType, u64), to: (ObjectType, u64)) -> bool {
    let (a, b) = (
        arrived(platform, from.0, from.1).id,
        arrived(platform, to.0, to.1).id,
    );
    platform
        .portal()
        .unwrap()
        .associations(from.0, to.0)
        .iter()
        .any(|row| (row.from, row.to) == (a, b))
}

/// S0-35, S0-36: a change of client moves the association; the old one goes.
#[tokio::test(flavor = "multi_thread")]
async fn a_new_client_takes_the_place_of_the_old() {
    let platform = Platform::start(empty()).await.unwrap();
    let ada = person(&platform, "Ada", "Byron", Some("ada@example.org"));
    let mary = person(&platform, "Mary", "Somerville", Some("mary@example.org"));
    let id = matter(&platform, ada, "Estate of Byron");
    sync(&platform).await;
    let deal = (ObjectType::Deals, id);
    assert!(associated(&platform, (ObjectType::Contacts, ada), deal));
    platform
        .account()
        .unwrap()
        .edit(Resource::Matters, id, &json!({ "client": { "id": mary } }))
        .unwrap();
    sync(&platform).await;
    assert!(associated(&platform, (ObjectType::Contacts, mary), deal));
    assert!(!associated(&platform, (ObjectType::Contacts, ada), deal));
}

/// S0-35: a relationship removed in Clio is removed in HubSpot with the next full walk of the list; one that a person had
/// made in HubSpot before stays.
#[tokio::test(flavor = "multi_thread")]
async fn a_removed_relationship_goes_and_a_persons_own_stays() {
    let platform = Platform::start(empty()).await.unwrap();
    let account = platform.account().unwrap();
    let client = company(&platform, "Analytical Engines Ltd");
    let people = [
        person(&platform, "Ada", "Byron", Some("ada@example.org")),
        person(&platform, "Mary", "Somerville", Some("mary@example.org")),
    ];
    let id = matter(&platform, client, "Patent");
    sync(&platform).await;
    let deal = (ObjectType::Deals, id);
    // Mary is associated by hand, before Clio says so.
    let by_hand = (
        arrived(&platform, ObjectType::Contacts, people[1]).id,
        arrived(&platform, ObjectType::Deals, id).id,
    );
    platform
        .portal()
        .unwrap()
        .associate(
            (ObjectType::Contacts, by_hand.0),
            (ObjectType::Deals, by_hand.1),
        )
        .unwrap();
    let relationships: Vec<u64> = people
        .iter()
        .map(|person| {
            let data = json!({ "description": "Witness", "matter": { "id": id }, "contact": { "id": person } });
            account.add(Resource::Relationships, &data).unwrap()
        })
        .collect();
    sync(&platform).await;
    for person in people {
        assert!(associated(&platform, (ObjectType::Contacts, person), deal));
    }
    for relationship in relationships {
        account
            .delete(Resource::Relationships, relationship)
            .unwrap();
    }
    sync(&platform).await;
    assert!(
        associated(&platform, (ObjectType::Contacts, people[0]), deal),
        "no list of changes tells of it"
    );
    a_day_later(&platform).await;
    sync(&platform).await;
    assert!(!associated(
        &platform,
        (ObjectType::Contacts, people[0]),
        deal
    ));
    assert!(
        associated(&platform, (ObjectType::Contacts, people[1]), deal),
        "made by a person, not by us"
    );
    assert!(
        associated(&platform, (ObjectType::Companies, client), deal),
        "the client has nothing to do with it"
    );
}

/// Makes the last full walks old enough for another.
async fn a_day_later(platform: &Platform) {
    let ports = platform.ports().unwrap();
    ports
        .execute("UPDATE streams SET full_at = full_at - 2 * 86400000", &[])
        .await
        .unwrap();
}

/// S0-37: people are associated with their company, and follow when they change it.
#[tokio::test(flavor = "multi_thread")]
async fn people_belong_to_their_company() {
    let platform = Platform::start(empty()).await.unwrap();
    let (first, second) = (
        company(&platform, "Analytical Engines Ltd"),
        company(&platform, "Difference Engines Ltd"),
    );
    let ada = person(&platform, "Ada", "Byron", Some("ada@example.org"));
    let account = platform.account().unwrap();
    account
        .edit(
            Resource::Contacts,
            ada,
            &json!({ "company": { "id": first } }),
        )
        .unwrap();
    sync(&platform).await;
    let contact = (ObjectType::Contacts, ada);
    assert!(associated(
        &platform,
        contact,
        (ObjectType::Companies, first)
    ));
    account
        .edit(
            Resource::Contacts,
            ada,
            &json!({ "company": { "id": second } }),
        )
        .unwrap();
    sync(&platform).await;
    assert!(associated(
        &platform,
        contact,
        (ObjectType::Companies, second)
    ));
    assert!(!associated(
        &platform,
        contact,
        (ObjectType::Companies, first)
    ));
}
