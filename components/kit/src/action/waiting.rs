//! Actions that HubSpot waits for: put aside by whoever ran out of time, done by a tick, and completed at HubSpot.
//!
//! What a workflow gave may be personal, so it is sealed as tokens are, and deleted as soon as it is known how the action
//! ended. What HubSpot is told then (ids, codes and words of our own) stays until it has it.

use serde::{Deserialize, Serialize};

use super::attempt::Job;
use super::call::Call;
use super::complete::complete;
use super::{Failure, Outcome, Outputs, STATE, told};
use crate::budget::Budget;
use crate::engine::Share;
use crate::error::{Error, Result};
use crate::log::{self, Level};
use crate::objects;
use crate::ports::Ports;
use crate::store::Store;
use crate::store::actions::Execution;
use crate::store::waiting::Waiting;
use crate::surface::{Answer, Problem};
use crate::vault::{Purpose, Vault};

/// How long HubSpot waits (ISO 8601). It goes on with the workflow afterwards, so it is told before.
const EXPIRES: &str = "P1D";
/// How long it is tried, in milliseconds: an hour less than HubSpot waits.
const TRIED_MILLIS: i64 = 23 * 60 * 60_000;
/// HubSpot must have taken in that it waits, and the instance that answered may still be at work.
const FIRST_MILLIS: i64 = 15_000;
/// Pause after a try that came to nothing; doubles with each in a row.
const PAUSE_MILLIS: i64 = 30_000;
const MAX_PAUSE_MILLIS: i64 = 5 * 60_000;
/// Actions taken by a tick at a time.
const BATCH: i64 = 20;
/// What one action may spend of a tick.
const ACTION_MILLIS: i64 = 12_000;

/// What a tick did for waiting actions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finished {
    /// Actions completed at HubSpot.
    pub completed: i64,
    /// Outbound calls.
    pub calls: i64,
}

/// Tells HubSpot to wait.
pub(super) fn blocked() -> Answer {
    let mut outputs = Outputs::new();
    outputs.insert(STATE.to_owned(), "BLOCK".into());
    outputs.insert("hs_expiration_duration".to_owned(), EXPIRES.into());
    told(outputs)
}

/// Puts an execution aside for a tick. Only a workflow waits, and only a portal that lets us complete it may be told to:
/// everyone else is to ask again, and gets what was done by then.
pub(super) async fn put_aside<P: Ports>(ports: &P, job: &Job) -> Result<Answer, Problem> {
    let again = Outcome::Retry.answer();
    if !job.call.waits() {
        return Ok(again);
    }
    let vault = Vault::from_ring(ports.variable("vault_keys").as_ref()).map_err(Error::from)?;
    let execution = job.execution();
    let sealed = vault
        .seal(
            ports,
            purpose(execution, &name(execution)),
            &job.call.kept()?,
        )
        .map_err(Error::from)?;
    let now = ports.now();
    let put = Store::new(ports)
        .put_action_aside(execution, &sealed, now + FIRST_MILLIS, now + TRIED_MILLIS)
        .await?;
    Ok(if put { blocked() } else { again })
}

/// The instance that put it aside came to its end after all. What goes wrong here is put right by a tick.
pub(super) async fn ended<P: Ports>(ports: &P, job: &Job, outcome: Outcome) {
    let Some(outputs) = outcome.outputs() else {
        return;
    };
    let store = Store::new(ports);
    if let Err(error) = decide(&store, job.execution(), &outputs).await {
        log_code(ports, "action_not_ended", job.call.portal(), &error);
    }
}

async fn decide<P: Ports>(
    store: &Store<'_, P>,
    execution: Execution<'_>,
    outputs: &Outputs,
) -> Result<()> {
    let outcome = serde_json::to_string(outputs).map_err(|_| Error::Row)?;
    store.decide_waiting(execution, &outcome).await
}

/// What an execution is sealed for.
fn name(execution: Execution<'_>) -> String {
    format!("action/{}/{}", execution.action, execution.callback)
}

fn purpose<'a>(execution: Execution<'_>, name: &'a str) -> Purpose<'a> {
    Purpose {
        portal: execution.portal,
        connection: "",
        name,
    }
}

/// Does what is due, and completes it at HubSpot, within a share of a tick. A failure of one keeps none of the others
/// waiting.
pub async fn finish<P: Ports>(ports: &P, share: Share) -> Result<Finished> {
    let store = Store::new(ports);
    let vault = Vault::from_ring(ports.variable("vault_keys").as_ref())?;
    let mut done = Finished::default();
    let mut known = Vec::new();
    for waiting in store.take_waiting(BATCH).await? {
        let left = share
            .calls
            .saturating_sub(u32::try_from(done.calls).unwrap_or(u32::MAX));
        let end = share.call_until.min(ports.now() + ACTION_MILLIS);
        let budget = Budget::new(end, end, left);
        if left == 0 || ports.now() >= share.begin_until {
            // Not begun: the next tick takes it first.
            store.put_off(&waiting, ports.now(), None).await?;
            continue;
        }
        match one(ports, &vault, &waiting, &budget).await {
            Ok(Some(outputs)) => known.push((waiting, outputs)),
            Ok(None) => {}
            Err(error) => log_code(ports, "action_waits", waiting.portal, &error),
        }
        let spent = budget.spent();
        done.calls += spent.hubspot + spent.provider;
    }
    known.sort_by_key(|(waiting, _)| waiting.portal);
    for of_portal in known.chunk_by(|(one, _), (other, _)| one.portal == other.portal) {
        let left = share
            .calls
            .saturating_sub(u32::try_from(done.calls).unwrap_or(u32::MAX));
        let budget = Budget::new(share.call_until, share.call_until, left);
        done.completed += complete(ports, &vault, &budget, of_portal).await?;
        let spent = budget.spent();
        done.calls += spent.hubspot + spent.provider;
    }
    Ok(done)
}

/// Does one. What HubSpot is to be told; none where it is not known yet, or there is nobody to tell.
async fn one<P: Ports>(
    ports: &P,
    vault: &Vault,
    waiting: &Waiting,
    budget: &Budget,
) -> Result<Option<Outputs>> {
    let store = Store::new(ports);
    if let Some(outcome) = &waiting.outcome {
        return serde_json::from_str(outcome).map_err(|_| Error::Row);
    }
    let (outcome, resealed) = match opened(ports, vault, waiting)? {
        Some((job, resealed)) => {
            let outcome = match job.attempt(ports, budget).await {
                Ok(outcome) => outcome,
                Err(problem) if problem.status >= 500 => Outcome::Retry,
                Err(problem) => Outcome::Failed(Failure::new(problem.code, problem.message)),
            };
            (outcome, resealed)
        }
        // Nothing opens it any more: its key was taken out of the ring.
        None => (Outcome::Failed(out_of_time(waiting)), None),
    };
    let pause = match &outcome {
        Outcome::Failed(failure) if failure.code == "portal_unknown" => {
            // Nobody is left who could be told.
            store.end_waiting(&[waiting]).await?;
            return Ok(None);
        }
        Outcome::Success(..) | Outcome::Failed(_) => None,
        Outcome::Retry => Some(pause(waiting.attempts)),
        Outcome::Later(after) => Some((*after).max(pause(waiting.attempts))),
    };
    let next = pause.map(|pause| ports.now().saturating_add(pause));
    let outcome = match next {
        Some(next) if next < waiting.until => {
            store.put_off(waiting, next, resealed.as_deref()).await?;
            return Ok(None);
        }
        Some(_) => Outcome::Failed(out_of_time(waiting)),
        None => outcome,
    };
    let outputs = outcome.outputs();
    if let Some(outputs) = &outputs {
        decide(&store, waiting.execution(), outputs).await?;
    }
    Ok(outputs)
}

/// Milliseconds until the next try.
pub(super) fn pause(attempts: i64) -> i64 {
    (PAUSE_MILLIS << (attempts - 1).clamp(0, 8)).min(MAX_PAUSE_MILLIS)
}

/// What was put aside, and the same sealed by the newest key where another one sealed it; none where no key opens it.
fn opened<P: Ports>(
    ports: &P,
    vault: &Vault,
    waiting: &Waiting,
) -> Result<Option<(Job, Option<String>)>> {
    let execution = waiting.execution();
    let name = name(execution);
    let purpose = purpose(execution, &name);
    let Some(sealed) = &waiting.sealed else {
        return Ok(None);
    };
    let Ok(kept) = vault.open(purpose, sealed) else {
        return Ok(None);
    };
    let resealed = match vault.needs_reseal(sealed) {
        true => Some(vault.seal(ports, purpose, &kept)?),
        false => None,
    };
    let call: Call = serde_json::from_slice(&kept).map_err(|_| Error::Row)?;
    let (connector, action) = waiting.action.split_once('/').ok_or(Error::Row)?;
    Ok(Some((Job::new(call, connector, action), resealed)))
}

/// HubSpot does not wait any longer.
fn out_of_time(waiting: &Waiting) -> Failure {
    let connector = waiting
        .action
        .split_once('/')
        .map_or("", |(connector, _)| connector);
    let label = objects::connector_label(connector);
    Failure::new(
        "out_of_time",
        format!(
            "{label} did not get this done within a day. Check in {label} before you try again."
        ),
    )
}

/// A failure by its code.
pub(super) fn log_code<P: Ports>(ports: &P, event: &'static str, portal: i64, error: &Error) {
    let fields = [("portal", portal.into()), ("code", error.code().into())];
    log::write(ports, Level::Warn, event, &fields);
}
