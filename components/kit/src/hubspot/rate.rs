//! The portal's share of HubSpot's burst limit, kept by all instances together.
//!
//! HubSpot takes 110 calls of an app for a portal within any ten seconds (usage guidelines). Syncing takes up to 100 of them,
//! which the database counts by the second; the rest is for cards and actions, which ask nobody.

use std::cell::Cell;
use std::time::Duration;

use crate::call::{Caller, WAIT_MILLIS};
use crate::error::{Class, Error, Result, Side};
use crate::ports::Ports;
use crate::store::Store;

/// Calls taken at once: one statement for so many.
const TAKEN: i64 = 5;

/// What a slice takes its calls from.
pub struct Rate<'a, P> {
    store: Store<'a, P>,
    portal: i64,
    /// Calls of syncing within ten seconds.
    share: i64,
    /// Taken, and not made yet.
    left: Cell<i64>,
}

impl<'a, P: Ports> Rate<'a, P> {
    /// A portal's, of which HubSpot takes so many calls within any ten seconds.
    pub fn new(ports: &'a P, portal: i64, limit: i64) -> Self {
        Self {
            store: Store::new(ports),
            portal,
            share: (limit - limit / 11).max(TAKEN),
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
            .take_calls(self.portal, TAKEN, self.share)
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
