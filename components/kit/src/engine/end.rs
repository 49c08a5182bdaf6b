//! How a slice ends, by the class of what happened in it.

use crate::error::{Class, Error, Result, Side};
use crate::ports::Ports;
use crate::store::connections::{Connection, Next};

/// Slices in a row that may end in a transient error before the run counts as failed.
const MAX_FAILURES: i64 = 8;
/// First pause after a transient error; doubles up to an hour.
const BACKOFF_MILLIS: i64 = 15_000;
const BACKOFF_MAX_MILLIS: i64 = 60 * 60_000;
/// A daily limit is looked at again after this time.
const DAILY_LIMIT_MILLIS: i64 = 60 * 60_000;
/// How a slice ended.
pub(super) struct End {
    /// As in `SliceSummary`.
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
pub(super) fn end<P: Ports>(
    ports: &P,
    connection: &Connection,
    worked: Result<()>,
    list: Option<String>,
) -> End {
    let now = ports.now();
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
        (Error::BudgetSpent, _) => End {
            status: "running",
            next: Next::At(now),
            failures: 0,
            reason: None,
            revoked: false,
        },
        (_, Class::RateLimited { after }) => {
            let after = if error.code() == "daily_limit" {
                DAILY_LIMIT_MILLIS
            } else {
                after
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
        (_, Class::Transient | Class::Invalid | Class::Fatal) => failed(error.code().to_owned()),
    }
}
