//! Records that HubSpot alone has are made in Clio, where the settings say so.

use serde_json::json;
use sync300_fakes::clio::Resource;
use sync300_fakes::hubspot::ObjectType;
use sync300_fakes::{Effect, Fault};
use sync300_kit::ports::Sql as _;
use sync300_sandbox::{Platform, PlatformConfig};

use crate::support::*;

const PATH: &str = "/api/v4/contacts.json";

async fn platform(objects: &[&str]) -> Platform {
    let mut settings = both(objects, None);
    for object in settings.objects.values_mut() {
        object.create = object.enabled;
    }
    Platform::start(PlatformConfig {
        settings,
        ..empty()
    })
    .await
    .unwrap()
}

fn by_hand(platform: &Platform, kind: ObjectType, values: &[(&str, &str)]) -> u64 {
    platform
        .portal()
        .unwrap()
        .create_by_hand(kind, values)
        .unwrap()
}

fn made(platform: &Platform) -> usize {
    platform.clio.calls().count(|call| call.method == "POST")
}

/// S4-10: a person whom Clio has not is made there, with what HubSpot holds, and linked; nothing comes of it twice (S4-34).
#[tokio::test(flavor = "multi_thread")]
async fn what_only_hubspot_has_is_made_in_clio() {
    let platform = platform(&["contacts", "companies"]).await;
    let ada = by_hand(
        &platform,
        ObjectType::Contacts,
        &[
            ("firstname", "Ada"),
            ("lastname", "Byron"),
            ("email", "ada@example.org"),
            ("city", "London"),
        ],
    );
    by_hand(
        &platform,
        ObjectType::Companies,
        &[("name", "Acme Ltd"), ("domain", "acme.example")],
    );
    let counts = sync(&platform).await;
    assert_eq!(counts["contacts/new"].created, 1, "{counts:?}");
    assert_eq!(counts["companies/new"].created, 1, "{counts:?}");

    let id = platform.portal().unwrap().record(ObjectType::Contacts, ada);
    let id: u64 = id.unwrap().value(SOURCE).unwrap().parse().unwrap();
    let record = platform
        .account()
        .unwrap()
        .record(Resource::Contacts, id)
        .unwrap();
    assert_eq!(record["type"], "Person");
    assert_eq!(record["last_name"], "Byron");
    assert_eq!(record["primary_email_address"], "ada@example.org");
    assert_eq!(record["primary_address"]["city"], "London");
    assert_eq!(count(&platform, "intents").await, 0);

    reset_calls(&platform);
    sync(&platform).await;
    assert_eq!((made(&platform), hubspot_writes(&platform)), (0, 0));
}

/// S4-08, S4-09: whom Clio has is linked, and nobody is made.
#[tokio::test(flavor = "multi_thread")]
async fn a_match_makes_nothing() {
    let platform = platform(&["contacts"]).await;
    person(&platform, "Ada", "Byron", Some("ada@example.org"));
    by_hand(
        &platform,
        ObjectType::Contacts,
        &[("lastname", "Byron"), ("email", "ada@example.org")],
    );
    let counts = sync(&platform).await;
    assert_eq!(counts["contacts"].linked, 1, "{counts:?}");
    assert_eq!(made(&platform), 0);
}

/// Without the settings' word, HubSpot's records stay where they are (S3-15).
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_made_unasked() {
    let platform = Platform::start(PlatformConfig {
        settings: both(&["contacts"], None),
        ..empty()
    })
    .await
    .unwrap();
    by_hand(&platform, ObjectType::Contacts, &[("lastname", "Byron")]);
    sync(&platform).await;
    assert_eq!(made(&platform), 0);
}

/// The answer is lost: Clio's record is known by what was written down, and not made again.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_makes_no_second_record() {
    let platform = platform(&["contacts"]).await;
    let ada = by_hand(
        &platform,
        ObjectType::Contacts,
        // No e-mail address to be found by, and a namesake to be taken for.
        &[
            ("firstname", "Ada"),
            ("lastname", "Byron"),
            ("jobtitle", "Countess"),
        ],
    );
    by_hand(
        &platform,
        ObjectType::Contacts,
        &[
            ("firstname", "Ada"),
            ("lastname", "Byron"),
            ("jobtitle", "Engineer"),
        ],
    );
    platform
        .clio
        .fail(Fault::once(PATH, Effect::PerformThenDrop).method("POST"));
    platform.request_sync().unwrap();
    finish(&platform).await;
    sync(&platform).await;
    // What was never asked for is asked for again once no answer can come any more.
    let ports = platform.ports().unwrap();
    let later = ports.execute("UPDATE intents SET at = at - 200000", &[]);
    later.await.unwrap();
    sync(&platform).await;
    let people = platform.account().unwrap().ids(Resource::Contacts);
    assert_eq!(people.len(), 2, "{people:?}");
    let record = platform.portal().unwrap().record(ObjectType::Contacts, ada);
    let id: u64 = record.unwrap().value(SOURCE).unwrap().parse().unwrap();
    let record = platform.account().unwrap().record(Resource::Contacts, id);
    assert_eq!(record.unwrap()["title"], "Countess");
}

/// The answer is lost for one of two that nothing tells apart: either is it, and Clio has two in the end, not three.
#[tokio::test(flavor = "multi_thread")]
async fn of_two_alike_a_lost_answer_makes_no_third() {
    let platform = platform(&["contacts"]).await;
    for _ in 0..2 {
        by_hand(
            &platform,
            ObjectType::Contacts,
            &[("firstname", "Ada"), ("lastname", "Byron")],
        );
    }
    platform
        .clio
        .fail(Fault::once(PATH, Effect::PerformThenDrop).method("POST"));
    platform.request_sync().unwrap();
    finish(&platform).await;
    for _ in 0..2 {
        sync(&platform).await;
        let ports = platform.ports().unwrap();
        let later = ports.execute("UPDATE intents SET at = at - 200000", &[]);
        later.await.unwrap();
    }
    sync(&platform).await;
    let people = platform.account().unwrap().ids(Resource::Contacts);
    assert_eq!(people.len(), 2, "{people:?}");
    assert_eq!(count(&platform, "links WHERE state <> 'active'").await, 0);
}

/// Clio's limit is reached amid records to be made: what was not asked for yet is made in the same run.
#[tokio::test(flavor = "multi_thread")]
async fn a_limit_amid_records_leaves_none_behind() {
    let platform = platform(&["contacts"]).await;
    for at in 0..12 {
        let name = format!("Byron{at}");
        by_hand(&platform, ObjectType::Contacts, &[("lastname", &name)]);
    }
    let limited = Effect::Answer {
        status: 429,
        headers: vec![("retry-after".to_owned(), "4".to_owned())],
        body: "{}".to_owned(),
    };
    platform
        .clio
        .fail(Fault::once(PATH, limited).method("POST").after(5));
    let counts = sync(&platform).await;
    assert_eq!(counts["contacts/new"].created, 12, "{counts:?}");
}

/// S3-22: what lacks what Clio needs, or is refused by it, fails alone with the rule's name, and the run goes on.
#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_clio_does_not_take_fails_alone() {
    let platform = platform(&["contacts"]).await;
    let nameless = by_hand(
        &platform,
        ObjectType::Contacts,
        &[("email", "info@example.org")],
    );
    by_hand(&platform, ObjectType::Contacts, &[("lastname", "Byron")]);
    let refusal = json!({ "error": { "type": "ArgumentError", "message": "no" } }).to_string();
    platform
        .clio
        .fail(Fault::once(PATH, Effect::answer(422, refusal)).method("POST"));
    by_hand(&platform, ObjectType::Contacts, &[("lastname", "Ray")]);
    let counts = sync(&platform).await;
    assert_eq!(counts["contacts/new"].failed, 2, "{counts:?}");
    assert_eq!(counts["contacts/new"].created, 1, "{counts:?}");
    let error = one_text(
        &platform,
        "SELECT provider_id || ' ' || code || ' ' || property FROM run_errors WHERE code = 'provider_required'",
    )
    .await;
    assert_eq!(
        error,
        format!("hubspot/{nameless} provider_required lastname")
    );
    assert_eq!(count(&platform, "intents").await, 0);
}
