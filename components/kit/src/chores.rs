//! Work that is done now and then, by whichever tick comes first.

use crate::billing;
use crate::error::{Error, Result};
use crate::hubspot;
use crate::log::{self, Level};
use crate::ports::Ports;
use crate::store::Store;

/// What is past its time is deleted.
const RETENTION: &str = "retention";
/// How often it is looked for.
const RETENTION_MILLIS: i64 = 60 * 60_000;
/// Subscriptions of portals that left are ended.
const ENDING: &str = "ending";
/// How often they are looked for: soon enough that no charge comes in between but by bad luck.
const ENDING_MILLIS: i64 = 5 * 60_000;

/// Does what is due, until the deadline (unix milliseconds). A failure is logged: a chore must not fail the tick, nor
/// another chore.
pub async fn run<P: Ports>(ports: &P, deadline: i64) {
    let all = [(ENDING, ENDING_MILLIS), (RETENTION, RETENTION_MILLIS)];
    let due = match Store::new(ports).claim_chores(&all).await {
        Ok(due) => due,
        Err(error) => return failed(ports, "claim", &error),
    };
    for chore in &due {
        let done = match chore.as_str() {
            ENDING => billing::end_left(ports, deadline).await,
            _ => retention(ports, deadline).await.map(|_| ()),
        };
        if let Err(error) = done {
            failed(ports, chore, &error);
        }
    }
}

fn failed<P: Ports>(ports: &P, chore: &str, error: &Error) {
    let fields = [("chore", chore.into()), ("code", error.code().into())];
    log::write(ports, Level::Warn, "chore", &fields);
}

/// Portals end by their deletion clock; run logs, audit entries, sessions and authorizations by their age. False where the
/// deadline came first: then the next tick goes on.
///
/// Of a portal one trace stays: a line in the log that says that it was erased.
pub async fn retention<P: Ports>(ports: &P, deadline: i64) -> Result<bool> {
    let store = Store::new(ports);
    let Some(gone) = store.delete_past(deadline).await? else {
        store.hurry_chore(RETENTION).await?;
        return Ok(false);
    };
    for portal in gone {
        ports.delete(&hubspot::pause_key(portal)).await;
        let fields = [("portal", portal.into())];
        log::write(ports, Level::Info, "portal_erased", &fields);
    }
    Ok(true)
}
