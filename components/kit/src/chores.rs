//! Work that is done now and then, by whichever tick comes first.

use crate::error::Result;
use crate::hubspot;
use crate::log::{self, Level};
use crate::ports::Ports;
use crate::store::Store;

/// What is past its time is deleted.
const RETENTION: &str = "retention";
/// How often it is looked for.
const RETENTION_MILLIS: i64 = 60 * 60_000;

/// Does what is due, until the deadline (unix milliseconds). A failure is logged: a chore must not fail the tick.
pub async fn run<P: Ports>(ports: &P, deadline: i64) {
    if let Err(error) = claimed(ports, deadline).await {
        let fields = [("chore", RETENTION.into()), ("code", error.code().into())];
        log::write(ports, Level::Warn, "chore", &fields);
    }
}

async fn claimed<P: Ports>(ports: &P, deadline: i64) -> Result<()> {
    if Store::new(ports)
        .claim_chore(RETENTION, RETENTION_MILLIS)
        .await?
    {
        retention(ports, deadline).await?;
    }
    Ok(())
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
