//! How a record stands, from every state that it can be in.

use super::*;
use crate::store::cards::Ended;

const NOW: i64 = 1_800_000_000_000;

fn standing() -> Standing {
    Standing {
        connection: "c".to_owned(),
        connector: "clio".to_owned(),
        status: "active".to_owned(),
        status_reason: None,
        frequency: 15,
        requested: false,
        running: false,
        object: "contacts".to_owned(),
        enabled: true,
        link: Some("active".to_owned()),
        link_reason: None,
        provider_id: Some("7".to_owned()),
        linked_at: Some(NOW - 600_000),
        retry_at: None,
        claims: 0,
        outside: false,
        last_run: Some(Ended {
            at: NOW - 180_000,
            succeeded: true,
            reason: None,
            object: None,
        }),
        succeeded_at: Some(NOW - 180_000),
    }
}

fn seen(change: impl FnOnce(&mut Standing)) -> ConnectionView {
    let mut standing = standing();
    change(&mut standing);
    connection_view(&standing, false, NOW)
}

/// S0-66, S0-67: in step, and when that was last seen.
#[test]
fn a_linked_record_is_synced_as_of_the_last_run() {
    let view = seen(|_| {});
    assert_eq!((view.status, view.code), (Status::Synced, None));
    assert_eq!(view.last_sync.unwrap().ago, "3 minutes ago");
    assert_eq!(view.last_run.unwrap().status, "success");
}

/// S0-66, S0-95: everything that keeps a record from its sync has one status, a code and a way out.
#[test]
fn every_other_state_has_its_status_and_what_to_do() {
    type Change = fn(&mut Standing);
    let cases: [(Change, Status, &str); 15] = [
        (
            |s| s.status = "expired".to_owned(),
            Status::NotSynced,
            "token_expired",
        ),
        (
            |s| s.status = "disconnected".to_owned(),
            Status::NotSynced,
            "disconnected",
        ),
        (
            |s| s.status = "paused".to_owned(),
            Status::NotSynced,
            "paused",
        ),
        (|s| s.enabled = false, Status::NotSynced, "object_off"),
        (|s| s.link = None, Status::NotSynced, "not_linked"),
        (
            |s| (s.link, s.claims) = (None, 2),
            Status::NotSynced,
            "undecided",
        ),
        (
            |s| {
                s.link = Some("ambiguous".to_owned());
                s.link_reason = Some("several_candidates".to_owned());
            },
            Status::NotSynced,
            "several_candidates",
        ),
        (
            |s| {
                s.link = Some("failed".to_owned());
                s.link_reason = Some("required".to_owned());
            },
            Status::Error,
            "required",
        ),
        (
            |s| (s.link, s.outside) = (None, true),
            Status::NotSynced,
            "not_listed",
        ),
        (
            |s| {
                s.link = Some("failed".to_owned());
                s.link_reason = Some("not_listed".to_owned());
            },
            Status::NotSynced,
            "not_listed",
        ),
        (
            |s| {
                s.link = Some("failed".to_owned());
                s.link_reason = Some("listed".to_owned());
            },
            Status::NotSynced,
            "listed",
        ),
        (
            |s| {
                if let Some(run) = &mut s.last_run {
                    (run.succeeded, run.reason) = (false, Some("list_gone".to_owned()));
                    run.object = Some("contacts".to_owned());
                }
            },
            Status::Error,
            "list_gone",
        ),
        (
            |s| s.link = Some("hubspot_gone".to_owned()),
            Status::Error,
            "hubspot_gone",
        ),
        (
            |s| {
                if let Some(run) = &mut s.last_run {
                    (run.succeeded, run.reason) = (false, Some("unavailable".to_owned()));
                }
            },
            Status::Error,
            "unavailable",
        ),
        (
            |s| {
                s.status = "expired".to_owned();
                s.status_reason = Some("provider_token_expired".to_owned());
            },
            Status::NotSynced,
            "provider_token_expired",
        ),
    ];
    for (change, status, code) in cases {
        let view = seen(change);
        assert_eq!((view.status, view.code.as_deref()), (status, Some(code)));
        assert!(
            view.action.is_some_and(|action| !action.is_empty()),
            "{code}"
        );
    }
    let paused = connection_view(&standing(), true, NOW);
    assert_eq!(paused.code.as_deref(), Some("restricted"));
    assert!(!paused.can_sync);
}

/// S3-10: a list that is gone stops contacts alone.
#[test]
fn a_list_stops_its_own_kind_of_record() {
    let view = seen(|standing| {
        standing.object = "companies".to_owned();
        if let Some(run) = &mut standing.last_run {
            (run.succeeded, run.reason) = (false, Some("list_gone".to_owned()));
            run.object = Some("contacts".to_owned());
        }
    });
    assert_eq!((view.status, view.code), (Status::Synced, None));
}

/// S0-100: a failed run names the kind of record and the reason.
#[test]
fn a_failed_run_names_records_and_reason() {
    let view = seen(|standing| {
        if let Some(run) = &mut standing.last_run {
            run.succeeded = false;
            run.reason = Some("missing_property".to_owned());
            run.object = Some("contacts".to_owned());
        }
    });
    let run = view.last_run.unwrap();
    let message = run.message.unwrap();
    assert!(message.starts_with("Contacts: "), "{message}");
    assert!(message.contains("property"), "{message}");
}

/// Of several systems, the one in trouble speaks for the record.
#[test]
fn trouble_comes_first() {
    let fine = seen(|_| {});
    let off = seen(|standing| standing.link = None);
    let bad = seen(|standing| standing.link = Some("failed".to_owned()));
    assert_eq!(
        overall(vec![fine.clone(), bad, off.clone()]).status,
        Status::Error
    );
    assert_eq!(overall(vec![off.clone(), fine]).status, Status::Synced);
    assert_eq!(overall(vec![off]).status, Status::NotSynced);
    assert!(overall(Vec::new()).action.unwrap().contains("Connect"));
}
