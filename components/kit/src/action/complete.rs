//! Telling HubSpot how what it waits for ended.

use super::Outputs;
use super::waiting::{log_code, pause};
use crate::budget::Budget;
use crate::call::Caller;
use crate::config;
use crate::error::{Class, Result, Side};
use crate::hubspot::callbacks::Completion;
use crate::hubspot::{HubSpot, PACE_MILLIS};
use crate::ports::Ports;
use crate::store::Store;
use crate::store::waiting::Waiting;
use crate::tokens::{self, Owner};
use crate::vault::Vault;

/// So often in a row HubSpot may say that it does not wait for this: then it has gone on by itself, or was told before.
const REFUSALS: i64 = 10;
/// HubSpot has gone on by then, in milliseconds after the time up to which it is tried.
const OVER_MILLIS: i64 = 2 * 60 * 60_000;

/// Completes executions of one portal; how many.
pub(super) async fn complete<P: Ports>(
    ports: &P,
    vault: &Vault,
    budget: &Budget,
    known: &[(Waiting, Outputs)],
) -> Result<i64> {
    match tell(ports, vault, budget, known).await {
        // One that HubSpot does not take keeps none of the others back.
        Err(error) if known.len() > 1 && error.class() == Class::Invalid => {
            let mut completed = 0;
            for one in known.chunks(1) {
                let told = tell(ports, vault, budget, one).await;
                completed += noted(ports, one, told).await?;
            }
            Ok(completed)
        }
        told => noted(ports, known, told).await,
    }
}

async fn tell<P: Ports>(
    ports: &P,
    vault: &Vault,
    budget: &Budget,
    known: &[(Waiting, Outputs)],
) -> Result<()> {
    let Some((first, _)) = known.first() else {
        return Ok(());
    };
    let url = config::hubspot_url(ports)?;
    let token = tokens::access(ports, budget, vault, first.portal, Owner::HubSpot).await?;
    let caller = Caller {
        ports,
        budget,
        side: Side::HubSpot,
        pace: PACE_MILLIS,
    };
    let completions: Vec<Completion<'_>> = known
        .iter()
        .map(|(waiting, outputs)| Completion::new(&waiting.callback, outputs))
        .collect();
    HubSpot::new(caller, &url, token)
        .complete_callbacks(&completions)
        .await
}

/// What HubSpot was told is over; the rest is told later.
async fn noted<P: Ports>(ports: &P, known: &[(Waiting, Outputs)], told: Result<()>) -> Result<i64> {
    let store = Store::new(ports);
    let all: Vec<&Waiting> = known.iter().map(|(waiting, _)| waiting).collect();
    let error = match told {
        Ok(()) => {
            store.end_waiting(&all).await?;
            return Ok(all.len() as i64);
        }
        Err(error) => error,
    };
    let now = ports.now();
    for waiting in all {
        log_code(ports, "action_not_completed", waiting.portal, &error);
        let refused = error.class() == Class::Invalid && waiting.attempts >= REFUSALS;
        if refused || now >= waiting.until + OVER_MILLIS {
            store.end_waiting(&[waiting]).await?;
        } else {
            let next = now + pause(waiting.attempts);
            store.put_off(waiting, next, None).await?;
        }
    }
    Ok(0)
}
