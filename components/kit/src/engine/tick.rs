//! One tick: due connections, one slice after another, until time or calls run out.

use serde::{Deserialize, Serialize};

use super::frame::{self, SliceSummary};
use super::part::{Part, Prepare, ToHubspot, ToProvider};
use crate::action::{self, Finished};
use crate::budget::Budget;
use crate::chores;
use crate::config::TickLimits;
use crate::error::{Error, Result};
use crate::log::{self, Level};
use crate::ports::Ports;
use crate::store::Store;

/// So many slices may fail as a whole before the tick does: one connection must not keep the others waiting, and what
/// fails for all need not be tried for each.
const FAILURES: usize = 3;

/// Actions that a workflow waits for come before everything else; so long at most are new ones begun, and called, in
/// milliseconds.
const ACTIONS_BEGIN_MILLIS: i64 = 6_000;
const ACTIONS_CALL_MILLIS: i64 = 12_000;

/// What a tick did.
#[derive(Debug, Clone, Serialize)]
pub struct TickSummary {
    /// Actions that a workflow waited for, completed.
    pub actions: i64,
    /// The slices worked, in order.
    pub slices: Vec<SliceSummary>,
    /// Connections that are due now and were not reached.
    pub waiting: i64,
}

/// What one slice may spend of its tick.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// Steps begin until then; unix milliseconds.
    pub begin_until: i64,
    /// Calls are made until then; unix milliseconds.
    pub call_until: i64,
    /// Outbound calls.
    pub calls: u32,
}

/// Whoever works slices.
#[allow(
    async_fn_in_trait,
    reason = "an instance serves one request on one thread; no future is ever sent"
)]
pub trait Slices {
    /// Works a slice of the connection that is due for longest in this part of its run; none where nothing is due.
    async fn work(&self, part: Part, share: Share) -> Result<Option<SliceSummary>>;

    /// Does actions that HubSpot waits for.
    async fn finish_actions(&self, share: Share) -> Result<Finished>;
}

/// Works slices in this very instance.
pub struct Here<'a, P>(pub &'a P);

impl<P: Ports> Slices for Here<'_, P> {
    async fn work(&self, part: Part, share: Share) -> Result<Option<SliceSummary>> {
        match part {
            Part::Prepare => frame::slice::<Prepare, P>(self.0, share).await,
            Part::ToHubspot => frame::slice::<ToHubspot, P>(self.0, share).await,
            Part::ToProvider => frame::slice::<ToProvider, P>(self.0, share).await,
        }
    }

    async fn finish_actions(&self, share: Share) -> Result<Finished> {
        action::finish(self.0, share).await
    }
}

/// Works on what is due.
pub async fn tick<P: Ports>(ports: &P, slices: &impl Slices) -> Result<TickSummary> {
    let limits = TickLimits::from_variables(ports)?;
    let store = Store::new(ports);
    store.migrate().await?;

    let begun = ports.now();
    let (tick_ends, call_until) = (begun + limits.millis, begun + limits.hard_millis);
    let mut calls = limits.calls;
    let mut finished = Finished::default();
    if store.waiting_due().await? {
        let share = Share {
            begin_until: begun + ACTIONS_BEGIN_MILLIS,
            call_until: begun + ACTIONS_CALL_MILLIS,
            calls,
        };
        match slices.finish_actions(share).await {
            Ok(done) => finished = done,
            // Neither the other actions nor the connections wait for it.
            Err(error) => failed("actions_failed", ports, &error),
        }
        calls = calls.saturating_sub(u32::try_from(finished.calls).unwrap_or(u32::MAX));
    }
    let mut worked = Vec::new();
    let mut failures = 0;
    let ended = loop {
        let left = Budget::new(tick_ends, call_until, calls);
        if left.step(ports).is_err() {
            break None;
        }
        let Some(part) = store.part_due().await? else {
            break None;
        };
        let share = Share {
            begin_until: tick_ends.min(ports.now() + limits.slice_millis),
            call_until,
            calls,
        };
        match slices.work(part, share).await {
            Ok(Some(summary)) => {
                let made = summary.hubspot_calls + summary.provider_calls;
                calls = calls.saturating_sub(u32::try_from(made).unwrap_or(u32::MAX));
                worked.push(summary);
            }
            // Another instance was faster, and asks for what else is due itself.
            Ok(None) => break None,
            Err(error) => {
                failures += 1;
                failed("slice_failed", ports, &error);
                if failures == FAILURES {
                    break Some(error);
                }
            }
        }
    };
    chores::run(ports, call_until).await;
    match ended {
        Some(error) => Err(error),
        None => Ok(TickSummary {
            actions: finished.completed,
            slices: worked,
            waiting: store.count_due().await?,
        }),
    }
}

fn failed<P: Ports>(event: &'static str, ports: &P, error: &Error) {
    log::write(ports, Level::Error, event, &[("code", error.code().into())]);
}
