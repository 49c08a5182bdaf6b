//! The main job: what Clio has arrives in HubSpot, once, associated, and stays in step.

use serde_json::json;
use sync300_fakes::clio::Resource;
use sync300_fakes::hubspot::{ObjectType, PipelineRights, PortalConfig};
use sync300_sandbox::{Platform, PlatformConfig, check};

use crate::support::*;

/// S0-20, S0-24 to S0-29, S0-34, S0-36 to S0-39, S0-97, S0-98: with nothing configured, everything that can arrive
/// arrives exactly once, hand-made records are matched and not doubled, and associations are as in Clio. The second run
/// changes nothing.
#[tokio::test(flavor = "multi_thread")]
async fn everything_arrives_once_and_a_second_run_changes_nothing() {
    let platform = Platform::start(small()).await.unwrap();
    let first = sync(&platform).await;
    let problems = check::problems(&platform.expectation, &platform.portal().unwrap());
    assert_eq!(problems, Vec::<String>::new());
    assert!(
        first["contacts"].created > 0
            && first["contacts"].linked > 0
            && first["contacts"].ambiguous > 0
    );

    let before = state(&platform);
    reset_calls(&platform);
    let second = sync(&platform).await;
    assert_eq!(
        hubspot_writes(&platform),
        0,
        "{:?}",
        platform.hubspot.calls().counts()
    );
    assert!(
        second
            .values()
            .all(|counts| counts.created + counts.updated + counts.linked == 0),
        "{second:?}"
    );
    assert_eq!(state(&platform), before);
}

/// S0-30 to S0-33: the stages of Clio's statuses are there without configuration, and a status change moves the deal.
#[tokio::test(flavor = "multi_thread")]
async fn a_status_is_a_stage() {
    let platform = Platform::start(empty()).await.unwrap();
    let client = person(&platform, "Ada", "Byron", Some("ada@example.org"));
    let id = matter(&platform, client, "Estate of Byron");
    sync(&platform).await;
    assert_eq!(stage(&platform, id), "Open");
    for (status, label) in [
        ("pending", "Pending"),
        ("closed", "Closed"),
        ("open", "Open"),
    ] {
        platform
            .account()
            .unwrap()
            .edit(Resource::Matters, id, &json!({ "status": status }))
            .unwrap();
        sync(&platform).await;
        assert_eq!(stage(&platform, id), label);
    }
}

/// The label of a deal's stage.
fn stage(platform: &Platform, matter: u64) -> String {
    let deal = arrived(platform, ObjectType::Deals, matter);
    let (pipeline, stage) = (
        deal.value("pipeline").unwrap(),
        deal.value("dealstage").unwrap(),
    );
    let pipelines = platform.portal().unwrap().pipelines(ObjectType::Deals);
    let pipeline = pipelines.iter().find(|known| known.id == pipeline).unwrap();
    pipeline
        .stages
        .iter()
        .find(|known| known.id == stage)
        .unwrap()
        .label
        .clone()
}

/// S0-33: a portal that may not add pipelines gets its stages on one that it has, and the run says so in the log.
#[tokio::test(flavor = "multi_thread")]
async fn without_the_right_to_add_pipelines_an_existing_one_serves() {
    for pipelines in [PipelineRights::Forbidden, PipelineRights::LimitReached] {
        let (logs, captured) = sync300_host::LogSink::capture();
        let portal = PortalConfig {
            pipelines,
            ..PortalConfig::default()
        };
        let platform = Platform::start(PlatformConfig {
            portal,
            logs,
            ..empty()
        })
        .await
        .unwrap();
        let client = person(&platform, "Ada", "Byron", Some("ada@example.org"));
        let id = matter(&platform, client, "Estate of Byron");
        sync(&platform).await;
        let deal = arrived(&platform, ObjectType::Deals, id);
        assert_eq!(deal.value("pipeline"), Some("default"));
        assert!(
            captured
                .lines()
                .iter()
                .any(|line| line.text.contains("pipeline_fallback"))
        );
    }
}

/// S0-39: a task of a matter, and a matter of a client, all first seen in the same run, are associated at its end.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_new_together_is_associated_together() {
    let platform = Platform::start(empty()).await.unwrap();
    let client = person(&platform, "Ada", "Byron", Some("ada@example.org"));
    let id = matter(&platform, client, "Estate of Byron");
    let task = json!({ "name": "File petition", "description": "Court", "matter": { "id": id }, "assignee": { "id": client, "type": "Contact" } });
    let task = platform
        .account()
        .unwrap()
        .add(Resource::Tasks, &task)
        .unwrap();
    sync(&platform).await;
    let portal = platform.portal().unwrap();
    let (ticket, deal, contact) = (
        arrived(&platform, ObjectType::Tickets, task).id,
        arrived(&platform, ObjectType::Deals, id).id,
        arrived(&platform, ObjectType::Contacts, client).id,
    );
    assert!(
        portal
            .associations(ObjectType::Tickets, ObjectType::Deals)
            .iter()
            .any(|row| (row.from, row.to) == (ticket, deal))
    );
    assert!(
        portal
            .associations(ObjectType::Contacts, ObjectType::Deals)
            .iter()
            .any(|row| (row.from, row.to) == (contact, deal))
    );
}

/// S0-13, S0-14: an object that is off is never touched, and nothing is associated with it.
#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_object_stays_out() {
    let platform = Platform::start(PlatformConfig {
        settings: only(&["contacts", "companies"]),
        ..empty()
    })
    .await
    .unwrap();
    let client = person(&platform, "Ada", "Byron", Some("ada@example.org"));
    matter(&platform, client, "Estate of Byron");
    sync(&platform).await;
    let portal = platform.portal().unwrap();
    assert_eq!(
        (
            portal.count(ObjectType::Contacts),
            portal.count(ObjectType::Deals)
        ),
        (1, 0)
    );
    assert_eq!(
        platform
            .hubspot
            .calls()
            .count(|call| call.path.contains("deals") || call.path.contains("tickets")),
        0
    );
}

/// S0-40: the default is one way: what a person edits in HubSpot is not sent to Clio, and stays until Clio's value
/// changes.
#[tokio::test(flavor = "multi_thread")]
async fn an_edit_in_hubspot_never_reaches_clio() {
    let platform = Platform::start(empty()).await.unwrap();
    let source = person(&platform, "Ada", "Byron", Some("ada@example.org"));
    sync(&platform).await;
    let portal = platform.portal().unwrap();
    let id = arrived(&platform, ObjectType::Contacts, source).id;
    portal
        .edit(ObjectType::Contacts, id, &[("jobtitle", "Countess")])
        .unwrap();
    reset_calls(&platform);
    sync(&platform).await;
    assert_eq!(platform.clio.calls().count(|call| call.method != "GET"), 0);
    assert_eq!(
        arrived(&platform, ObjectType::Contacts, source).value("jobtitle"),
        Some("Countess")
    );
    platform
        .account()
        .unwrap()
        .edit(Resource::Contacts, source, &json!({ "title": "Analyst" }))
        .unwrap();
    sync(&platform).await;
    assert_eq!(
        arrived(&platform, ObjectType::Contacts, source).value("jobtitle"),
        Some("Analyst")
    );
}

/// Two ticks at once share the work by lease: nothing is doubled and nothing is lost.
#[tokio::test(flavor = "multi_thread")]
async fn two_ticks_at_once_do_not_double() {
    let platform = Platform::start(small()).await.unwrap();
    platform.request_sync().unwrap();
    let (one, two) = tokio::join!(platform.tick(), platform.tick());
    assert!(one.unwrap().slices.len() + two.unwrap().slices.len() >= 1);
    sync(&platform).await;
    assert_eq!(
        check::problems(&platform.expectation, &platform.portal().unwrap()),
        Vec::<String>::new()
    );
}
