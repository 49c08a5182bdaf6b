//! The portal's share of HubSpot's burst limit, kept by all instances together.
//!
//! HubSpot takes 110 calls of an app for a portal within any ten seconds (usage guidelines). Syncing takes up to 100 of them
//! from a token bucket in the database; the rest is for cards and actions, which ask nobody.

use std::cell::Cell;
use std::time::Duration;

use crate::call::{Caller, WAIT_MILLIS};
use crate::error::{Class, Error, Result, Side};
use crate::ports::Ports;
use crate::store::Store;

/// Calls taken at once: one statement for so many.
const TAKEN: i64 = 5;
/// Calls that a bucket holds. Together with what flows in within ten seconds they are the limit less a tenth.
const BURST: i64 = 20;

/// How fast a bucket fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Milliseconds after which another call may be made.
    interval: i64,
}

impl Limit {
    /// For so many calls within any ten seconds.
    pub fn new(calls: i64) -> Self {
        Self {
            interval: (10_000 * 11 / (calls.max(1) * 8)).max(1),
        }
    }

    /// Milliseconds that calls fill.
    pub(crate) fn millis(self, calls: i64) -> i64 {
        self.interval * calls
    }

    /// Milliseconds that a full bucket is worth.
    pub(crate) fn burst(self) -> i64 {
        self.millis(BURST)
    }
}

/// What a slice takes its calls from.
pub struct Rate<'a, P> {
    store: Store<'a, P>,
    portal: i64,
    limit: Limit,
    /// Taken, and not made yet.
    left: Cell<i64>,
}

impl<'a, P: Ports> Rate<'a, P> {
    /// A portal's.
    pub fn new(ports: &'a P, portal: i64, limit: Limit) -> Self {
        Self {
            store: Store::new(ports),
            portal,
            limit,
            left: Cell::new(0),
        }
    }

    /// Takes one call, and waits for it as long as the slice has time; a longer wait ends the slice.
    pub(crate) async fn take(&self, caller: &Caller<'_, P>) -> Result<()> {
        if let left @ 1.. = self.left.get() {
            self.left.set(left - 1);
            return Ok(());
        }
        while let Some(wait) = self
            .store
            .take_calls(self.portal, TAKEN, self.limit)
            .await?
        {
            if wait > WAIT_MILLIS || !caller.budget.allows_wait(caller.ports, wait) {
                return Err(limited(wait));
            }
            let wait = Duration::from_millis(wait.unsigned_abs());
            caller.ports.sleep(wait).await;
        }
        self.left.set(TAKEN - 1);
        Ok(())
    }
}

/// HubSpot's limit of a portal is reached; it may be called again after so many milliseconds.
pub(crate) fn limited(after: i64) -> Error {
    Error::Api {
        side: Side::HubSpot,
        status: 429,
        class: Class::RateLimited { after },
        code: "rate_limited".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Within ten seconds: what the bucket held, and what flowed in.
    #[test]
    fn a_tenth_is_left_to_cards_and_actions() {
        for (calls, allowed) in [(110, 100), (220, 183), (1_100, 1_000)] {
            let limit = Limit::new(calls);
            assert!(BURST + 10_000 / limit.interval <= allowed, "{calls}");
        }
        assert_eq!(BURST + 10_000 / Limit::new(110).interval, 100);
        assert_eq!(Limit::new(i64::MAX / 16).interval, 1);
    }
}
