//! The time that a fake believes in.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

/// The system's time plus an offset, or a time that stands still; clones share it.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    offset_ms: Arc<AtomicI64>,
    /// Where the time stands still, in Unix milliseconds.
    stopped_at: Arc<OnceLock<i64>>,
}

impl Clock {
    /// A time that stands still (Unix milliseconds), but for [`Clock::advance`].
    pub fn stopped_at(millis: i64) -> Self {
        Self {
            offset_ms: Arc::default(),
            stopped_at: Arc::new(OnceLock::from(millis)),
        }
    }

    /// The time now.
    pub fn now(&self) -> DateTime<Utc> {
        let offset = TimeDelta::milliseconds(self.offset_ms.load(Ordering::Relaxed));
        let stopped = self.stopped_at.get().copied();
        let time = stopped.and_then(DateTime::from_timestamp_millis);
        time.unwrap_or_else(|| SystemTime::now().into()) + offset
    }

    /// Lets the time stand still from now on, but for [`Clock::advance`].
    pub fn stop(&self) {
        self.stopped_at
            .get_or_init(|| DateTime::<Utc>::from(SystemTime::now()).timestamp_millis());
    }

    /// Moves the time forward.
    pub fn advance(&self, by: Duration) {
        let ms = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        self.offset_ms.fetch_add(ms, Ordering::Relaxed);
    }

    /// Sets how far the time is ahead of the system's, or of where it stands still (milliseconds; negative: behind).
    pub fn set_offset_ms(&self, ms: i64) {
        self.offset_ms.store(ms, Ordering::Relaxed);
    }
}

/// `2026-03-01T09:30:00.000Z`.
pub(crate) fn iso_ms(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// `Sun, 01 Mar 2026 09:30:00 GMT`, as HTTP headers have it.
pub(crate) fn http_date(time: DateTime<Utc>) -> String {
    time.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}
