//! How a slice ends, by the class of what happened in it.

use crate::error::{Class, Error, Result, Side};
use crate::store::connections::{Connection, Next};

/// Slices in a row that may end in a transient error before the run counts as failed.
const MAX_FAILURES: i64 = 8;
/// First pause after a transient error; doubles up to an hour.
const BACKOFF_MILLIS: i64 = 15_000;
const BACKOFF_MAX_MILLIS: i64 = 60 * 60_000;
/// A daily limit is looked at again after this time, where the portal's midnight is not known.
const DAILY_LIMIT_MILLIS: i64 = 60 * 60_000;
/// Portals put their clocks forward and back: a limit that still holds behind midnight is looked at more often.
const AROUND_MIDNIGHT_MILLIS: i64 = 2 * 60 * 60_000;
const MIDNIGHT_PAUSE_MILLIS: i64 = 15 * 60_000;
const DAY_MILLIS: i64 = 24 * 60 * 60_000;

/// How a slice ended.
pub(super) struct End {
    /// As in `SliceSummary`; `waiting` is a run that failed for the plan's sake, or none at all.
    pub status: &'static str,
    pub next: Next,
    pub failures: i64,
    /// `(list, code)`.
    pub reason: Option<(Option<String>, String)>,
    /// The credentials no longer hold.
    pub revoked: bool,
}

impl End {
    /// `(list, code)`, borrowed.
    pub fn reason_code(&self) -> Option<(Option<&str>, &str)> {
        self.reason
            .as_ref()
            .map(|(list, code)| (list.as_deref(), code.as_str()))
    }
}

/// What to do next, by the class of what happened.
pub(super) fn end(
    now: i64,
    connection: &Connection,
    worked: Result<()>,
    list: Option<String>,
) -> End {
    let scheduled = (connection.frequency > 0).then(|| now + connection.frequency * 60_000);
    let Err(error) = worked else {
        return End {
            status: "succeeded",
            next: Next::Scheduled(scheduled),
            failures: 0,
            reason: None,
            revoked: false,
        };
    };
    let failed = |code: String| End {
        status: "failed",
        next: Next::Scheduled(scheduled),
        failures: 0,
        reason: Some((list.clone(), code)),
        revoked: false,
    };
    match (&error, error.class()) {
        (Error::LeaseLost, _) => End {
            status: "lost",
            next: Next::At(now),
            failures: connection.failures,
            reason: None,
            revoked: false,
        },
        (Error::Plan(code), _) => End {
            status: "waiting",
            next: Next::Scheduled(scheduled),
            failures: 0,
            reason: Some((None, (*code).to_owned())),
            revoked: false,
        },
        (Error::BudgetSpent | Error::HandedOver, _) => End {
            status: "running",
            next: Next::At(now),
            failures: 0,
            reason: None,
            revoked: false,
        },
        (_, Class::RateLimited { after }) => {
            let after = match error.code() {
                "daily_limit" => until_midnight(now, connection.utc_offset),
                _ => after,
            };
            End {
                status: "limited",
                next: Next::At(now + after.max(1)),
                failures: 0,
                reason: Some((
                    list,
                    format!("{}_limited", error.side().map_or("provider", Side::name)),
                )),
                revoked: false,
            }
        }
        (_, Class::Transient) if connection.failures + 1 < MAX_FAILURES => {
            let pause =
                (BACKOFF_MILLIS << connection.failures.clamp(0, 16)).min(BACKOFF_MAX_MILLIS);
            End {
                status: "retrying",
                next: Next::At(now + pause),
                failures: connection.failures + 1,
                reason: Some((list, error.code().to_owned())),
                revoked: false,
            }
        }
        (_, Class::Revoked) => End {
            revoked: true,
            next: Next::Scheduled(None),
            ..failed(format!(
                "{}_{}",
                error.side().map_or("provider", Side::name),
                error.code()
            ))
        },
        // The next run is one try, until one succeeds (a circuit breaker, half open).
        (_, Class::Transient) => End {
            failures: MAX_FAILURES - 1,
            ..failed(error.code().to_owned())
        },
        (_, Class::Invalid | Class::Fatal) => failed(error.code().to_owned()),
    }
}

/// Milliseconds until a daily limit is worth another look: HubSpot counts from midnight to midnight in the portal's time
/// zone (usage guidelines, "Limits").
fn until_midnight(now: i64, utc_offset: Option<i64>) -> i64 {
    let Some(minutes) = utc_offset else {
        return DAILY_LIMIT_MILLIS;
    };
    let since = (now + minutes * 60_000).rem_euclid(DAY_MILLIS);
    match since < AROUND_MIDNIGHT_MILLIS {
        true => MIDNIGHT_PAUSE_MILLIS,
        false => DAY_MILLIS - since,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;

    const NOW: i64 = 1_800_000_000_000;
    const MINUTE: i64 = 60_000;

    fn connection(frequency: i64, failures: i64) -> Connection {
        Connection {
            id: "a".to_owned(),
            epoch: 1,
            portal: 1,
            connector: "any".to_owned(),
            region: "us".to_owned(),
            settings: Settings::default(),
            frequency,
            failures,
            requested: false,
            provisioned: None,
            fingerprint_key: String::new(),
            utc_offset: None,
            records_left: std::cell::Cell::new(None),
        }
    }

    fn api(class: Class, code: &str) -> Error {
        Error::Api {
            side: Side::Provider,
            status: 0,
            class,
            code: code.to_owned(),
        }
    }

    /// S0-46 to S0-51: 5, 15 and 30 minutes, an hour, a day, and manual only.
    #[test]
    fn the_next_run_follows_the_frequency() {
        for minutes in [5, 15, 30, 60, 24 * 60] {
            let end = end(NOW, &connection(minutes, 0), Ok(()), None);
            assert_eq!(
                (end.status, end.next),
                ("succeeded", Next::Scheduled(Some(NOW + minutes * MINUTE)))
            );
        }
        assert_eq!(
            end(NOW, &connection(0, 0), Ok(()), None).next,
            Next::Scheduled(None)
        );
    }

    /// S0-103: a limit is waited for, within the run.
    #[test]
    fn a_limit_is_waited_for() {
        let limited = |code| Err(api(Class::RateLimited { after: 40_000 }, code));
        let short = end(
            NOW,
            &connection(15, 3),
            limited("rate_limited"),
            Some("contacts".to_owned()),
        );
        assert_eq!(
            (short.status, short.next, short.failures),
            ("limited", Next::At(NOW + 40_000), 0)
        );
        assert_eq!(
            short.reason_code(),
            Some((Some("contacts"), "provider_limited"))
        );
        assert_eq!(
            end(NOW, &connection(15, 0), limited("daily_limit"), None).next,
            Next::At(NOW + DAILY_LIMIT_MILLIS)
        );
    }

    /// HubSpot's day ends at the portal's midnight, and not an hour later.
    #[test]
    fn a_daily_limit_lasts_to_the_portals_midnight() {
        let hour = 60 * MINUTE;
        // 08:00 UTC: 03:00 in New York, 13:30 in Mumbai.
        assert_eq!(until_midnight(NOW, Some(-300)), 21 * hour);
        assert_eq!(until_midnight(NOW, Some(330)), 10 * hour + 30 * MINUTE);
        assert_eq!(until_midnight(NOW, None), hour);
        // The clocks went back: what is midnight to us is eleven there.
        let midnight = NOW + 21 * hour;
        assert_eq!(until_midnight(midnight, Some(-300)), 15 * MINUTE);
        assert_eq!(until_midnight(midnight - 1, Some(-300)), 1);
    }

    /// Outages are tried again at growing intervals, and fail the run in the end; the schedule goes on.
    #[test]
    fn outages_end_the_run_only_when_they_last() {
        let mut last = 0;
        for failures in 0..MAX_FAILURES - 1 {
            let end = end(
                NOW,
                &connection(15, failures),
                Err(api(Class::Transient, "unavailable")),
                None,
            );
            let Next::At(at) = end.next else {
                panic!("{:?}", end.next)
            };
            assert!(end.status == "retrying" && at - NOW > last && end.failures == failures + 1);
            last = at - NOW;
        }
        let given_up = end(
            NOW,
            &connection(15, MAX_FAILURES - 1),
            Err(api(Class::Transient, "unavailable")),
            None,
        );
        assert_eq!(
            (given_up.status, given_up.next),
            ("failed", Next::Scheduled(Some(NOW + 15 * MINUTE)))
        );
        assert_eq!(
            given_up.failures,
            MAX_FAILURES - 1,
            "the next run is one try"
        );
    }

    /// S0-101: credentials that no longer hold stop everything; what was refused waits for the schedule.
    #[test]
    fn revoked_credentials_stop_the_schedule() {
        let revoked = end(
            NOW,
            &connection(15, 0),
            Err(api(Class::Revoked, "revoked")),
            None,
        );
        assert!(
            revoked.revoked && revoked.next == Next::Scheduled(None) && revoked.status == "failed"
        );
        for class in [Class::Invalid, Class::Fatal] {
            let refused = end(NOW, &connection(15, 0), Err(api(class, "no")), None);
            assert!(!refused.revoked && refused.next == Next::Scheduled(Some(NOW + 15 * MINUTE)));
        }
    }

    /// A plan that stops a connection is looked at again at the connection's next turn.
    #[test]
    fn what_the_plan_stops_waits() {
        let stopped = end(
            NOW,
            &connection(15, 3),
            Err(Error::Plan("plan_records")),
            None,
        );
        assert_eq!(
            (stopped.status, stopped.next, stopped.failures),
            ("waiting", Next::Scheduled(Some(NOW + 15 * MINUTE)), 0)
        );
        assert_eq!(stopped.reason_code(), Some((None, "plan_records")));
    }

    #[test]
    fn a_spent_budget_goes_on_and_a_lost_lease_leaves_all_to_the_other() {
        let spent = end(NOW, &connection(15, 2), Err(Error::BudgetSpent), None);
        assert_eq!(
            (spent.status, spent.next, spent.failures),
            ("running", Next::At(NOW), 0)
        );
        let handed = end(NOW, &connection(15, 2), Err(Error::HandedOver), None);
        assert_eq!((handed.status, handed.next), ("running", Next::At(NOW)));
        assert_eq!(
            end(NOW, &connection(15, 0), Err(Error::LeaseLost), None).status,
            "lost"
        );
    }
}
