//! Bad input and bad days: each ends with a reason, and nothing lost or doubled.

use serde_json::json;
use sync300_fakes::clio::Resource;
use sync300_fakes::hubspot::ObjectType;
use sync300_fakes::{Effect, Fault, Tamper};
use sync300_kit::ports::Sql as _;
use sync300_kit::settings::{ObjectSettings, Rule};
use sync300_sandbox::platform::Slice;
use sync300_sandbox::{Platform, PlatformConfig};

use crate::support::*;

/// Two pages of people.
async fn two_pages() -> Platform {
    let platform = Platform::start(PlatformConfig {
        settings: only(&["contacts"]),
        ..empty()
    })
    .await
    .unwrap();
    for at in 0..250 {
        person(
            &platform,
            "Ada",
            &format!("Byron {at}"),
            Some(&format!("ada.{at}@example.org")),
        );
    }
    platform.request_sync().unwrap();
    platform
}

/// One tick, its one slice.
async fn tick(platform: &Platform) -> Slice {
    platform.tick().await.unwrap().slices.pop().unwrap()
}

/// Makes the connection due, as time would.
async fn due_now(platform: &Platform) {
    let ports = platform.ports().unwrap();
    for statement in ["DELETE FROM pauses", "UPDATE connections SET due_at = 1"] {
        ports.execute(statement, &[]).await.unwrap();
    }
}

fn contacts(platform: &Platform) -> usize {
    platform.portal().unwrap().count(ObjectType::Contacts)
}

/// S0-100, S0-101: a 401 in the middle marks the connection expired, ends the run with object and reason, and no call is
/// made until someone reconnects.
#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_token_expires_the_connection() {
    let platform = two_pages().await;
    let body = r#"{"error":"invalid_token","error_description":"The access token was revoked"}"#;
    platform.clio.fail(
        Fault::once("contacts.json", Effect::answer(401, body))
            .after(1)
            .times(9),
    );
    let last = finish(&platform).await;
    assert_eq!(
        (last.status.as_str(), last.reason_object.as_deref()),
        ("failed", Some("contacts"))
    );
    assert_eq!(last.reason.as_deref(), Some("provider_revoked"));
    assert_eq!(
        one_text(&platform, "SELECT status FROM connections").await,
        "expired"
    );
    assert_eq!(
        one_text(&platform, "SELECT status || ' ' || reason_object FROM runs").await,
        "failed contacts"
    );
    reset_calls(&platform);
    assert!(!platform.request_sync().unwrap());
    assert!(platform.tick().await.unwrap().slices.is_empty());
    assert_eq!(platform.clio.calls().list().len(), 0);
}

/// S0-103: limits and outages leave the cursor where it is; the next tick goes on from there.
#[tokio::test(flavor = "multi_thread")]
async fn an_outage_costs_no_record() {
    let limited = Effect::Answer {
        status: 429,
        headers: vec![("retry-after".to_owned(), "40".to_owned())],
        body: r#"{"error":{"type":"RateLimited","message":"Too many requests"}}"#.to_owned(),
    };
    for (effect, status) in [
        (limited, "limited"),
        (Effect::answer(503, "<html>"), "retrying"),
        (Effect::Drop, "retrying"),
    ] {
        let platform = two_pages().await;
        platform
            .clio
            .fail(Fault::once("contacts.json", effect).after(1).times(3));
        let slice = tick(&platform).await;
        assert_eq!(slice.status, status, "{slice:?}");
        assert_eq!(contacts(&platform), 200);
        assert!(
            platform.tick().await.unwrap().slices.is_empty(),
            "not due before its time"
        );
        platform.clio.clear_faults();
        reset_calls(&platform);
        due_now(&platform).await;
        assert_eq!(finish(&platform).await.status, "succeeded");
        assert_eq!(contacts(&platform), 250);
        let pages = platform
            .clio
            .calls()
            .count(|call| call.path.ends_with("contacts.json"));
        assert_eq!(pages, 1, "the first page is not read again");
    }
}

/// HubSpot's limits and locks are waited out too.
#[tokio::test(flavor = "multi_thread")]
async fn hubspots_limits_are_waited_out() {
    let body = r#"{"status":"error","message":"You have reached your ten_secondly_rolling limit.","errorType":"RATE_LIMIT","policyName":"TEN_SECONDLY_ROLLING"}"#;
    for (status, body) in [(429, body), (423, "{}"), (502, "")] {
        let platform = two_pages().await;
        platform
            .hubspot
            .fail(Fault::once("batch/upsert", Effect::answer(status, body)).times(3));
        let slice = tick(&platform).await;
        assert!(
            ["limited", "retrying"].contains(&slice.status.as_str()),
            "{status}: {slice:?}"
        );
        platform.hubspot.clear_faults();
        assert_eq!(contacts(&platform), 0);
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        forget_pauses(&platform).await;
        assert_eq!(finish(&platform).await.status, "succeeded", "{status}");
        assert_eq!(contacts(&platform), 250);
    }
}

/// Waits for what the portal's pause in the key-value store asks for, up to eleven seconds.
async fn forget_pauses(platform: &Platform) {
    for _ in 0..120 {
        due_now(platform).await;
        let slices = platform.tick().await.unwrap().slices;
        if slices.iter().all(|slice| slice.status != "limited") {
            platform.request_sync().unwrap();
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
}

/// A `next` link to another host would carry the token there: it is refused, and the run says why.
#[tokio::test(flavor = "multi_thread")]
async fn a_next_link_to_another_host_is_refused() {
    let platform = two_pages().await;
    platform.clio.fail(Fault::once(
        "contacts.json",
        Effect::Tamper(Tamper::ForeignNext("http://127.0.0.1:9".to_owned())),
    ));
    let last = finish(&platform).await;
    assert_eq!(
        (last.status.as_str(), last.reason.as_deref()),
        ("failed", Some("foreign_cursor"))
    );
    assert_eq!(
        one_text(&platform, "SELECT status FROM connections").await,
        "active"
    );
}

/// A page that comes again ends the run instead of going round for ever.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_repeats_ends_the_run() {
    let platform = two_pages().await;
    platform
        .clio
        .fail(Fault::once("contacts.json", Effect::Tamper(Tamper::RepeatPage)).times(50));
    let last = finish(&platform).await;
    assert_eq!(
        (last.status.as_str(), last.reason.as_deref()),
        ("failed", Some("page_repeats"))
    );
}

/// Malformed and cut-off answers are tried again, then left for the next tick.
#[tokio::test(flavor = "multi_thread")]
async fn a_cut_off_answer_is_tried_again() {
    for tamper in [Tamper::Malformed, Tamper::Truncate] {
        let platform = two_pages().await;
        platform
            .clio
            .fail(Fault::once("contacts.json", Effect::Tamper(tamper)));
        assert_eq!(tick(&platform).await.status, "retrying");
        assert_eq!(contacts(&platform), 0);
        due_now(&platform).await;
        assert_eq!(finish(&platform).await.status, "succeeded");
        assert_eq!(contacts(&platform), 250);
    }
}

/// Odd values harm their field alone: no crash, no lost record.
#[tokio::test(flavor = "multi_thread")]
async fn odd_values_harm_their_field_alone() {
    for tamper in [
        Tamper::NullBytes,
        Tamper::WrongTypes,
        Tamper::HugeField(10 << 20),
    ] {
        let many = matches!(tamper, Tamper::HugeField(_));
        let platform = Platform::start(PlatformConfig {
            settings: only(&["contacts"]),
            ..empty()
        })
        .await
        .unwrap();
        let people: Vec<u64> = (0..if many { 1 } else { 3 })
            .map(|at| {
                person(
                    &platform,
                    "Ada",
                    &format!("Byron {at}"),
                    Some(&format!("ada.{at}@example.org")),
                )
            })
            .collect();
        platform
            .clio
            .fail(Fault::once("contacts.json", Effect::Tamper(tamper.clone())));
        platform.request_sync().unwrap();
        let last = finish(&platform).await;
        assert_eq!(last.status, "succeeded", "{tamper:?}: {last:?}");
        for person in people {
            arrived(&platform, ObjectType::Contacts, person);
        }
    }
}

/// S3-22: a record that HubSpot refuses fails alone, with property and code; the others arrive. It is tried again when its
/// time has come, and arrives once what was wrong is mended.
#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_hubspot_refuses_fails_alone() {
    refused_alone(false).await;
}

/// The same where HubSpot refuses the batch as a whole for it, as it may: that inputs with traces fail alone is documented
/// for creates only.
#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_hubspot_refuses_a_batch_for_fails_alone() {
    refused_alone(true).await;
}

async fn refused_alone(together: bool) {
    let mut settings = only(&["contacts"]);
    let rules =
        [("last_name", "lastname"), ("title", "lifecyclestage")].map(|(source, property)| Rule {
            source: source.to_owned(),
            property: property.to_owned(),
            transform: "trim".to_owned(),
            fallback: None,
            direction: None,
        });
    let contacts = ObjectSettings {
        rules: Some(rules.to_vec()),
        ..ObjectSettings::default()
    };
    settings.objects.insert("contacts".to_owned(), contacts);
    let platform = Platform::start(PlatformConfig {
        settings,
        ..empty()
    })
    .await
    .unwrap();
    platform
        .portal()
        .unwrap()
        .set_batches_fail_together(together);
    let good: Vec<u64> = (0..20)
        .map(|at| person(&platform, "Ada", &format!("Byron {at}"), None))
        .collect();
    let bad = person(&platform, "Mary", "Somerville", None);
    let account = platform.account().unwrap();
    account
        .edit(
            Resource::Contacts,
            bad,
            &json!({ "title": "No such stage" }),
        )
        .unwrap();
    platform.request_sync().unwrap();
    let last = finish(&platform).await;
    assert_eq!(last.status, "succeeded");
    for good in good {
        arrived(&platform, ObjectType::Contacts, good);
    }
    let counts = platform.counts(last.run.unwrap()).unwrap()["contacts"];
    assert_eq!((counts.created, counts.failed), (20, 1));
    let error = one_text(
        &platform,
        "SELECT provider_id || ' ' || property FROM run_errors",
    )
    .await;
    assert_eq!(error, format!("{bad} lifecyclestage"));

    account
        .edit(Resource::Contacts, bad, &json!({ "title": "customer" }))
        .unwrap();
    let ports = platform.ports().unwrap();
    ports
        .execute("UPDATE links SET retry_at = 1 WHERE state = 'failed'", &[])
        .await
        .unwrap();
    sync(&platform).await;
    arrived(&platform, ObjectType::Contacts, bad);
}

/// S0-102: what the app may not do in HubSpot ends the run with a reason that names the missing scope.
#[tokio::test(flavor = "multi_thread")]
async fn a_missing_scope_is_named() {
    let platform = two_pages().await;
    let body = r#"{"status":"error","message":"This app hasn't been granted all required scopes","category":"MISSING_SCOPES"}"#;
    platform
        .hubspot
        .fail(Fault::once("/crm/properties", Effect::answer(403, body)).times(9));
    let last = finish(&platform).await;
    assert_eq!(
        (last.status.as_str(), last.reason.as_deref()),
        ("failed", Some("missing_scope"))
    );
    assert_eq!(last.reason_object.as_deref(), Some("contacts"));
}
