//! HubSpot's edits travel to Clio, and both sides' edits meet.

use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};
use sync300_fakes::clio::Resource;

use sync300_fakes::hubspot::{ObjectType, Record};
use sync300_fakes::{Effect, Fault};
use sync300_kit::settings::Strategy;
use sync300_sandbox::{Platform, PlatformConfig};

use crate::support::*;

async fn platform(objects: &[&str], strategy: Option<Strategy>) -> Platform {
    Platform::start(PlatformConfig {
        settings: both(objects, strategy),
        ..empty()
    })
    .await
    .unwrap()
}

/// Edits HubSpot's record of a Clio record by hand.
fn edit_hubspot(platform: &Platform, kind: ObjectType, source: u64, values: &[(&str, &str)]) {
    let record = arrived(platform, kind, source);
    platform
        .portal()
        .unwrap()
        .edit(kind, record.id, values)
        .unwrap();
}

fn edit_clio(platform: &Platform, resource: Resource, id: u64, data: &Value) {
    platform
        .account()
        .unwrap()
        .edit(resource, id, data)
        .unwrap();
}

fn in_clio(platform: &Platform, resource: Resource, id: u64) -> Value {
    platform.account().unwrap().record(resource, id).unwrap()
}

fn contact(platform: &Platform, source: u64) -> Record {
    arrived(platform, ObjectType::Contacts, source)
}

/// Calls to Clio that change something there.
fn clio_writes(platform: &Platform) -> usize {
    platform.clio.calls().count(|call| call.method != "GET")
}

/// S0-15, S0-41, S3-13: what people change in HubSpot arrives in Clio, through Clio's lists, and once.
#[tokio::test(flavor = "multi_thread")]
async fn an_edit_in_hubspot_arrives_in_clio() {
    let platform = platform(&["contacts"], None).await;
    let ada = person(&platform, "Ada", "Byron", Some("ada@example.org"));
    let bob = person(&platform, "Bob", "Ray", None);
    sync(&platform).await;
    assert_eq!(clio_writes(&platform), 0);

    edit_hubspot(
        &platform,
        ObjectType::Contacts,
        ada,
        &[
            ("email", "ada@lovelace.example"),
            ("phone", "+14155552671"),
            ("city", "London"),
            ("jobtitle", "Countess"),
        ],
    );
    edit_hubspot(&platform, ObjectType::Contacts, bob, &[("lastname", "Rey")]);
    let counts = sync(&platform).await;
    assert_eq!(counts["contacts/hubspot"].updated, 2, "{counts:?}");
    assert_eq!(clio_writes(&platform), 2);

    let record = in_clio(&platform, Resource::Contacts, ada);
    assert_eq!(record["primary_email_address"], "ada@lovelace.example");
    assert_eq!(
        record["email_addresses"].as_array().unwrap().len(),
        1,
        "{record}"
    );
    assert_eq!(record["primary_phone_number"], "+14155552671");
    assert_eq!(record["primary_address"]["city"], "London");
    assert_eq!(record["title"], "Countess");
    assert_eq!(
        in_clio(&platform, Resource::Contacts, bob)["last_name"],
        "Rey"
    );

    // Its echo is silent on both sides.
    reset_calls(&platform);
    sync(&platform).await;
    assert_eq!((clio_writes(&platform), hubspot_writes(&platform)), (0, 0));
}

/// S0-40, S3-14: one way, HubSpot's edits stay where they are.
#[tokio::test(flavor = "multi_thread")]
async fn one_way_leaves_clio_alone() {
    let platform = Platform::start(PlatformConfig {
        settings: only(&["contacts"]),
        ..empty()
    })
    .await
    .unwrap();
    let ada = person(&platform, "Ada", "Byron", None);
    sync(&platform).await;
    edit_hubspot(
        &platform,
        ObjectType::Contacts,
        ada,
        &[("jobtitle", "Countess")],
    );
    sync(&platform).await;
    assert_eq!(clio_writes(&platform), 0);
    assert_eq!(contact(&platform, ada).value("jobtitle"), Some("Countess"));
}

/// S0-52: different fields of one record merge, without a conflict.
#[tokio::test(flavor = "multi_thread")]
async fn different_fields_merge() {
    let platform = platform(&["contacts"], None).await;
    let ada = person(&platform, "Ada", "Byron", None);
    sync(&platform).await;
    edit_hubspot(
        &platform,
        ObjectType::Contacts,
        ada,
        &[("jobtitle", "Countess")],
    );
    edit_clio(
        &platform,
        Resource::Contacts,
        ada,
        &json!({ "last_name": "Lovelace" }),
    );
    sync(&platform).await;
    let record = contact(&platform, ada);
    assert_eq!(
        (record.value("jobtitle"), record.value("lastname")),
        (Some("Countess"), Some("Lovelace"))
    );
    let record = in_clio(&platform, Resource::Contacts, ada);
    assert_eq!(
        (&record["title"], &record["last_name"]),
        (&json!("Countess"), &json!("Lovelace"))
    );
}

/// S0-44, S0-53 to S0-55, DX-10: the same field on both sides is decided as chosen, for a person's record and a matter's.
#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_is_decided_as_chosen() {
    for (strategy, clio_is_old, expected) in [
        (Strategy::HubspotWins, false, "from HubSpot"),
        (Strategy::ProviderWins, true, "from Clio"),
        (Strategy::LastWriteWins, true, "from HubSpot"),
        // Both in the same seconds: the provider's, which owns ties.
        (Strategy::LastWriteWins, false, "from Clio"),
    ] {
        let platform = platform(&["contacts"], Some(strategy)).await;
        let ada = person(&platform, "Ada", "Byron", None);
        sync(&platform).await;
        edit_hubspot(
            &platform,
            ObjectType::Contacts,
            ada,
            &[("jobtitle", "from HubSpot")],
        );
        edit_clio(
            &platform,
            Resource::Contacts,
            ada,
            &json!({ "title": "from Clio" }),
        );
        if clio_is_old {
            let then = Utc::now() - TimeDelta::seconds(60);
            platform
                .account()
                .unwrap()
                .set_times(Resource::Contacts, ada, then, then)
                .unwrap();
        }
        sync(&platform).await;
        let (here, there) = (
            in_clio(&platform, Resource::Contacts, ada),
            contact(&platform, ada),
        );
        assert_eq!(there.value("jobtitle"), Some(expected), "{strategy:?}");
        assert_eq!(here["title"], expected, "{strategy:?}");
        reset_calls(&platform);
        sync(&platform).await;
        assert_eq!(
            (clio_writes(&platform), hubspot_writes(&platform)),
            (0, 0),
            "{strategy:?}"
        );
    }
}

/// S0-16, S0-42: matters go back with their stage, dates and practice area, companies without losing their page.
#[tokio::test(flavor = "multi_thread")]
async fn matters_and_companies_go_both_ways() {
    let platform = platform(&["contacts", "companies", "matters"], None).await;
    let account = platform.account().unwrap();
    let area = account
        .add(Resource::PracticeAreas, &json!({ "name": "Tax & Estate" }))
        .unwrap();
    let client = person(&platform, "Ada", "Byron", None);
    let acme = account
        .add(
            Resource::Contacts,
            &json!({ "type": "Company", "name": "Acme", "web_sites": [
                { "name": "Work", "address": "https://www.acme.com/about", "default_web_site": true }] }),
        )
        .unwrap();
    let matter = matter(&platform, client, "Byron v. Ray");
    sync(&platform).await;

    let deal = arrived(&platform, ObjectType::Deals, matter);
    let stages = &platform.portal().unwrap().pipelines(ObjectType::Deals);
    let closed = stages
        .iter()
        .flat_map(|pipeline| &pipeline.stages)
        .find(|stage| stage.label == "Closed")
        .unwrap()
        .id
        .clone();
    edit_hubspot(
        &platform,
        ObjectType::Deals,
        matter,
        &[
            ("dealname", "Byron v. Ray (settled)"),
            ("dealstage", &closed),
            ("closedate", "2026-03-01T00:00:00Z"),
            ("sync300_clio_practice_area", "Tax & Estate"),
            ("sync300_clio_matter_number", "99"),
        ],
    );
    edit_hubspot(
        &platform,
        ObjectType::Companies,
        acme,
        &[("domain", "acme.org"), ("name", "Acme Inc.")],
    );
    sync(&platform).await;

    let record = in_clio(&platform, Resource::Matters, matter);
    assert_eq!(record["description"], "Byron v. Ray (settled)");
    assert_eq!(record["status"], "Closed");
    assert_eq!(record["close_date"], "2026-03-01");
    assert_eq!(record["practice_area"]["id"], area);
    // What goes one way stays: Clio's number is Clio's.
    assert_ne!(record["display_number"], "99");
    assert_eq!(arrived(&platform, ObjectType::Deals, matter).id, deal.id);
    let company = in_clio(&platform, Resource::Contacts, acme);
    assert_eq!(company["name"], "Acme Inc.");
    assert_eq!(
        company["web_sites"][0]["address"],
        "https://www.acme.com/about"
    );

    reset_calls(&platform);
    sync(&platform).await;
    assert_eq!((clio_writes(&platform), hubspot_writes(&platform)), (0, 0));
}

/// HubSpot dates a deal that is closed by itself. The day that Clio closed it stands, at both ends and either way of syncing,
/// also where a matter is opened and closed again with the day kept.
#[tokio::test(flavor = "multi_thread")]
async fn hubspots_own_close_date_takes_nothing_from_clio() {
    for both_ways in [false, true] {
        let objects = ["contacts", "matters"];
        let platform = match both_ways {
            true => platform(&objects, None).await,
            false => Platform::start(PlatformConfig {
                settings: only(&objects),
                ..empty()
            })
            .await
            .unwrap(),
        };
        let client = person(&platform, "Ada", "Byron", None);
        let matter = matter(&platform, client, "Byron v. Ray");
        let day = json!({ "status": "closed", "close_date": "2026-01-10" });
        edit_clio(&platform, Resource::Matters, matter, &day);
        sync(&platform).await;
        for status in ["open", "closed"] {
            let data = json!({ "status": status, "close_date": "2026-01-10" });
            edit_clio(&platform, Resource::Matters, matter, &data);
            sync(&platform).await;
        }
        sync(&platform).await;
        let deal = arrived(&platform, ObjectType::Deals, matter);
        assert_eq!(
            deal.value("closedate").map(|date| &date[..10]),
            Some("2026-01-10"),
            "both ways: {both_ways}"
        );
        let record = in_clio(&platform, Resource::Matters, matter);
        assert_eq!(record["close_date"], "2026-01-10");
        reset_calls(&platform);
        sync(&platform).await;
        assert_eq!((clio_writes(&platform), hubspot_writes(&platform)), (0, 0));
    }
}

/// Somebody empties the property that HubSpot's changes are searched by: the next write to the record puts it back, and edits
/// travel again.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_sync_id_is_put_back() {
    let platform = platform(&["contacts"], None).await;
    let ada = person(&platform, "Ada", "Byron", None);
    sync(&platform).await;
    let record = contact(&platform, ada).id;
    let portal = platform.portal().unwrap();
    portal
        .edit(ObjectType::Contacts, record, &[(SOURCE, "")])
        .unwrap();
    edit_clio(
        &platform,
        Resource::Contacts,
        ada,
        &json!({ "title": "Countess" }),
    );
    sync(&platform).await;
    assert_eq!(contact(&platform, ada).id, record);
    edit_hubspot(
        &platform,
        ObjectType::Contacts,
        ada,
        &[("jobtitle", "Engineer")],
    );
    sync(&platform).await;
    let found = in_clio(&platform, Resource::Contacts, ada);
    assert_eq!(found["title"], "Engineer");
}

/// S0-43: tasks go one way; a connection that asks for more is refused, and changes nothing.
#[tokio::test(flavor = "multi_thread")]
async fn tasks_are_refused_the_way_back() {
    let platform = platform(&["tasks"], None).await;
    let end = {
        platform.request_sync().unwrap();
        finish(&platform).await
    };
    assert_eq!(
        (end.status.as_str(), end.reason.as_deref()),
        ("failed", Some("configuration"))
    );
    assert_eq!(hubspot_writes(&platform), 0);
}

/// A record that Clio refuses fails alone, with its reason, and the run goes on (S3-22); what Clio lacks is not written.
#[tokio::test(flavor = "multi_thread")]
async fn what_clio_refuses_fails_alone() {
    let platform = platform(&["contacts", "matters"], None).await;
    let ada = person(&platform, "Ada", "Byron", None);
    let bob = person(&platform, "Bob", "", None);
    let matter = matter(&platform, ada, "Byron v. Ray");
    sync(&platform).await;
    edit_hubspot(&platform, ObjectType::Contacts, bob, &[("firstname", "")]);
    edit_hubspot(
        &platform,
        ObjectType::Contacts,
        ada,
        &[("jobtitle", "Countess")],
    );
    edit_hubspot(
        &platform,
        ObjectType::Deals,
        matter,
        &[
            ("sync300_clio_practice_area", "No such area"),
            ("dealname", "Byron v. Roy"),
        ],
    );
    let counts = sync(&platform).await;
    assert_eq!(counts["contacts/hubspot"].failed, 1, "{counts:?}");
    assert_eq!(counts["contacts/hubspot"].updated, 1);
    assert_eq!(counts["matters/hubspot"].failed, 1);
    assert_eq!(
        in_clio(&platform, Resource::Contacts, ada)["title"],
        "Countess"
    );
    assert_eq!(
        in_clio(&platform, Resource::Contacts, bob)["first_name"],
        "Bob"
    );
    let record = in_clio(&platform, Resource::Matters, matter);
    assert_eq!(record["description"], "Byron v. Roy");
    assert!(record["practice_area"].is_null());
}

/// Somebody saves in Clio between our read and our write: 412, both edits are kept.
#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_comes_too_late_merges_anew() {
    let platform = platform(&["contacts"], None).await;
    let ada = person(&platform, "Ada", "Byron", None);
    sync(&platform).await;
    edit_hubspot(
        &platform,
        ObjectType::Contacts,
        ada,
        &[("jobtitle", "Countess")],
    );
    let stale = r#"{"error":{"type":"PreconditionFailed","message":"stale"}}"#;
    let path = format!("/api/v4/contacts/{ada}.json");
    platform.clio.fail(
        Fault::once(path, Effect::answer(412, stale))
            .method("PATCH")
            .times(2),
    );
    let counts = sync(&platform).await;
    assert_eq!(counts["contacts/hubspot"].updated, 1, "{counts:?}");
    assert_eq!(
        in_clio(&platform, Resource::Contacts, ada)["title"],
        "Countess"
    );
}

/// A write whose answer is lost is not made twice, and is known the next time.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_made_up_for() {
    let platform = platform(&["contacts"], None).await;
    let ada = person(&platform, "Ada", "Byron", None);
    sync(&platform).await;
    edit_hubspot(
        &platform,
        ObjectType::Contacts,
        ada,
        &[("phone", "+14155552671")],
    );
    let path = format!("/api/v4/contacts/{ada}.json");
    platform
        .clio
        .fail(Fault::once(path, Effect::PerformThenDrop).method("PATCH"));
    sync(&platform).await;
    let record = in_clio(&platform, Resource::Contacts, ada);
    assert_eq!(
        record["phone_numbers"].as_array().unwrap().len(),
        1,
        "{record}"
    );
    reset_calls(&platform);
    sync(&platform).await;
    assert_eq!((clio_writes(&platform), hubspot_writes(&platform)), (0, 0));
}

/// HubSpot's search tells old values for a while: they are never taken for an edit.
#[tokio::test(flavor = "multi_thread")]
async fn a_lagging_index_undoes_nothing() {
    let platform = platform(&["contacts"], None).await;
    let ada = person(&platform, "Ada", "Byron", None);
    sync(&platform).await;
    tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
    platform
        .portal()
        .unwrap()
        .set_search_lag(std::time::Duration::from_secs(1));
    edit_clio(
        &platform,
        Resource::Contacts,
        ada,
        &json!({ "last_name": "Lovelace" }),
    );
    sync(&platform).await;
    assert_eq!(
        in_clio(&platform, Resource::Contacts, ada)["last_name"],
        "Lovelace"
    );
    assert_eq!(clio_writes(&platform), 0);
}

/// Nothing changed: one list call a side. k changes: k/200 searches, k/100 reads, k writes.
#[tokio::test(flavor = "multi_thread")]
async fn the_way_back_stays_within_its_bounds() {
    const CHANGES: usize = 60;
    let platform = Platform::start(PlatformConfig {
        settings: both(&["contacts"], None),
        // A slice that ends in the middle begins with another search.
        variables: [
            ("slice_seconds".to_owned(), "25".to_owned()),
            ("tick_seconds".to_owned(), "25".to_owned()),
        ]
        .into(),
        ..empty()
    })
    .await
    .unwrap();
    let people: Vec<u64> = (0..CHANGES)
        .map(|at| person(&platform, "Ada", &format!("Byron {at}"), None))
        .collect();
    backdate(&platform);
    sync(&platform).await;
    for source in &people {
        edit_hubspot(
            &platform,
            ObjectType::Contacts,
            *source,
            &[("jobtitle", "Countess")],
        );
    }
    reset_calls(&platform);
    sync(&platform).await;
    let calls = |part: &str| {
        platform
            .hubspot
            .calls()
            .count(|call| call.path.ends_with(part))
    };
    assert!(
        calls("/search") <= CHANGES.div_ceil(200),
        "{}",
        calls("/search")
    );
    assert!(
        calls("/batch/read") <= CHANGES.div_ceil(100),
        "{}",
        calls("/batch/read")
    );
    assert_eq!(hubspot_writes(&platform), 0);
    assert_eq!(clio_writes(&platform), CHANGES);

    backdate(&platform);
    reset_calls(&platform);
    sync(&platform).await;
    assert_eq!(calls("/search"), 1);
    assert_eq!(platform.hubspot.calls().list().len(), 1);
    let lists = platform
        .clio
        .calls()
        .count(|call| !call.path.contains("relationships"));
    assert_eq!(lists, 1);
}
