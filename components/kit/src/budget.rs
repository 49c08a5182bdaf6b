//! What an invocation may spend: hosts allow some 30 s and a number of outbound calls.

use std::cell::Cell;

use crate::error::{Error, Result, Side};
use crate::ports::Clock;

/// Calls that a step may need: no step begins with fewer left.
const STEP_CALLS: u32 = 16;

/// Two deadlines and a number of calls, with a count of the calls made on each side.
///
/// A step (a page with all its calls) begins only before the first deadline, and may run on to the second: so a step
/// that has begun normally ends, and a page that takes longer than a slice's share is not begun over and over.
#[derive(Debug)]
pub struct Budget {
    begin_until: i64,
    call_until: i64,
    calls_left: Cell<u32>,
    hubspot_calls: Cell<i64>,
    provider_calls: Cell<i64>,
    counted: Cell<Calls>,
}

/// Calls that were made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Calls {
    /// To HubSpot.
    pub hubspot: i64,
    /// To the provider.
    pub provider: i64,
}

impl Budget {
    /// Steps begin until `begin_until`, calls until `call_until` (unix milliseconds), with at most so many calls.
    pub fn new(begin_until: i64, call_until: i64, calls: u32) -> Self {
        Self {
            begin_until,
            call_until,
            calls_left: Cell::new(calls),
            hubspot_calls: Cell::new(0),
            provider_calls: Cell::new(0),
            counted: Cell::default(),
        }
    }

    /// Whether another step may begin.
    pub fn step(&self, clock: &impl Clock) -> Result<()> {
        if self.calls_left.get() < STEP_CALLS || clock.now() >= self.begin_until {
            return Err(Error::BudgetSpent);
        }
        Ok(())
    }

    /// Takes one call, or says that the budget is spent.
    pub fn take(&self, clock: &impl Clock, side: Side) -> Result<()> {
        let left = self
            .calls_left
            .get()
            .checked_sub(1)
            .ok_or(Error::BudgetSpent)?;
        if clock.now() >= self.call_until {
            return Err(Error::BudgetSpent);
        }
        self.calls_left.set(left);
        let count = match side {
            Side::HubSpot => &self.hubspot_calls,
            Side::Provider => &self.provider_calls,
        };
        count.set(count.get() + 1);
        Ok(())
    }

    /// Whether a wait of so many milliseconds leaves time for a call.
    pub fn allows_wait(&self, clock: &impl Clock, millis: i64) -> bool {
        clock.now().saturating_add(millis) < self.call_until
    }

    /// Calls left.
    pub fn calls_left(&self) -> u32 {
        self.calls_left.get()
    }

    /// Calls made so far.
    pub fn spent(&self) -> Calls {
        Calls {
            hubspot: self.hubspot_calls.get(),
            provider: self.provider_calls.get(),
        }
    }

    /// Calls that no run was told of yet.
    pub fn uncounted(&self) -> Calls {
        let (spent, counted) = (self.spent(), self.counted.get());
        Calls {
            hubspot: spent.hubspot - counted.hubspot,
            provider: spent.provider - counted.provider,
        }
    }

    /// A run was told of these.
    pub fn count(&self, calls: Calls) {
        let counted = self.counted.get();
        self.counted.set(Calls {
            hubspot: counted.hubspot + calls.hubspot,
            provider: counted.provider + calls.provider,
        });
    }
}
