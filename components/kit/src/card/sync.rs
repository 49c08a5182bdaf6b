//! `POST /cards/sync`: a manual sync, of a record's connections or of one connection (S0-56, S0-57, S0-68).

use serde::Serialize;

use super::status::{self, Status};
use super::{Place, answer, held};
use crate::audit::{self, Action};
use crate::caller::Caller;
use crate::objects;
use crate::plan;
use crate::ports::Ports;
use crate::store::Store;
use crate::surface::{Answer, Fields, Incoming, Problem};
use crate::words;

/// What happens next.
#[derive(Debug, Serialize)]
struct Queued {
    /// `queued` or `running`: the request is taken up by the next run, or by the one after the run under way.
    state: &'static str,
    /// Names of the connected systems that are synced.
    systems: Vec<String>,
    message: String,
    /// Milliseconds after which it is worth asking how it stands.
    poll_after: i64,
}

/// Milliseconds between two looks at a sync under way.
const POLL_MILLIS: i64 = 3_000;

/// Asks for a sync: of the record of `objectType` and `objectId`, or of `connection`. Asking again changes nothing.
pub async fn sync<P: Ports>(ports: &P, incoming: &Incoming) -> Answer {
    answer(ports, incoming, async |caller| {
        let fields = incoming.fields()?;
        if let Err(denied) = plan::may_sync(ports, caller.portal).await? {
            return Err(plan::problem(&denied));
        }
        match fields.get("connection") {
            Some(id) => connection(ports, caller, id).await,
            None => record(ports, caller, &fields).await,
        }
    })
    .await
}

async fn record<P: Ports>(ports: &P, caller: &Caller, fields: &Fields) -> Result<Queued, Problem> {
    let place = Place::of(fields)?;
    let standing = status::standing(ports, caller.portal, &place).await?;
    let views = status::connections(&standing, ports.now());
    let store = Store::new(ports);
    let mut systems = Vec::new();
    let mut running = false;
    for (known, view) in standing.connections.iter().zip(&views) {
        if !view.can_sync {
            continue;
        }
        // The record first: a run that begins in between has it.
        store
            .queue_record(&known.connection, &known.object, place.id)
            .await?;
        if store.request_sync(&known.connection).await? {
            running |= known.running;
            requested(&store, caller, &known.connection, known.requested).await?;
            systems.push(view.label.clone());
        }
    }
    if !systems.is_empty() {
        return Ok(queued(systems, running));
    }
    // Nothing can be synced: the card says the same, with what to do.
    let view = views.into_iter().find(|view| view.status != Status::Synced);
    Err(match view {
        Some(view) => Problem {
            detail: view.code,
            action: view.action.map(Into::into),
            ..Problem::new(409, "not_syncable", view.message)
        },
        None => Problem::new(409, "not_connected", "No system is connected yet.")
            .action("Connect one in the settings of 300Sync."),
    })
}

async fn connection<P: Ports>(ports: &P, caller: &Caller, id: &str) -> Result<Queued, Problem> {
    let held = held(ports, caller, id).await?;
    let label = objects::connector_label(&held.connector).to_owned();
    if caller.restricted {
        return Err(refused("restricted", &label));
    }
    let store = Store::new(ports);
    if !store.request_sync(&held.id).await? {
        let code = match held.status.as_str() {
            "expired" => held.reason.as_deref().unwrap_or("token_expired"),
            "paused" => held.reason.as_deref().unwrap_or("paused"),
            _ => "disconnected",
        };
        return Err(refused(code, &label));
    }
    requested(&store, caller, &held.id, held.requested).await?;
    Ok(queued(vec![label], held.running))
}

fn refused(code: &str, label: &str) -> Problem {
    let words = words::explain(code, label);
    Problem {
        detail: Some(code.to_owned()),
        ..Problem::new(409, "not_syncable", words.message).action(words.action)
    }
}

/// Who asked, once per request that is taken up.
async fn requested<P: Ports>(
    store: &Store<'_, P>,
    caller: &Caller,
    connection: &str,
    already: bool,
) -> Result<(), Problem> {
    if !already {
        let user = Some(caller.user);
        let (action, connection) = (Action::SyncRequested, Some(connection));
        audit::write(store, caller.portal, user, action, connection, None).await?;
    }
    Ok(())
}

fn queued(systems: Vec<String>, running: bool) -> Queued {
    let names = systems.join(" and ");
    let (state, message) = match running {
        true => (
            "running",
            format!("A sync with {names} is under way; this one follows as soon as it is done."),
        ),
        false => (
            "queued",
            format!("The sync with {names} starts within a minute."),
        ),
    };
    Queued {
        state,
        systems,
        message,
        poll_after: POLL_MILLIS,
    }
}
