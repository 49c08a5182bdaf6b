//! `GET /cards/status`: how a record stands. One statement, and no call to anybody: it is asked for every few seconds while a
//! sync is under way.

use serde::Serialize;

use super::{Place, told};
use crate::caller::{self, signed_by};
use crate::objects;
use crate::ports::Ports;
use crate::store::Store;
use crate::store::cards::{PortalStanding, Standing};
use crate::surface::{Answer, Incoming, Problem};
use crate::words::{self, Words};

/// Exactly one of three (S0-66), from best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Status {
    Synced,
    NotSynced,
    Error,
}

/// Whether a sync is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Syncing {
    No,
    Queued,
    Running,
}

/// A time as people and programs read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Moment {
    /// Unix milliseconds.
    pub at: i64,
    /// E.g. `3 minutes ago`.
    pub ago: String,
}

/// The record as a whole.
#[derive(Debug, Serialize)]
pub(super) struct View {
    status: Status,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<String>,
    last_sync: Option<Moment>,
    syncing: Syncing,
    connections: Vec<ConnectionView>,
}

/// The record at one connection.
#[derive(Debug, Clone, Serialize)]
pub(super) struct ConnectionView {
    pub connection: String,
    pub connector: String,
    /// The connector's name for people.
    pub label: String,
    /// The connector's name for this kind of record.
    pub object: &'static str,
    pub status: Status,
    /// A code, unless the record is synced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    pub message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// When the record was last in step.
    pub last_sync: Option<Moment>,
    pub syncing: Syncing,
    /// Whether a manual sync can be asked for.
    pub can_sync: bool,
    /// How the last run ended (S0-63).
    pub last_run: Option<RunView>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct RunView {
    pub status: &'static str,
    #[serde(flatten)]
    pub moment: Moment,
    /// Which records, and why (S0-100).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
}

/// Tells how a record stands.
pub async fn status<P: Ports>(ports: &P, incoming: &Incoming) -> Answer {
    // Who calls is checked first; whether the portal has the app is told by the one statement.
    let portal = match signed_by(ports, incoming) {
        Ok(holder) => holder.portal,
        Err(problem) => return caller::refuse(ports, incoming, &problem),
    };
    match view(ports, incoming, portal).await {
        Ok(view) => told(&view),
        Err(problem) => {
            caller::log_problem(ports, incoming, Some(portal), &problem);
            problem.for_card(&incoming.request_id)
        }
    }
}

async fn view<P: Ports>(ports: &P, incoming: &Incoming, portal: i64) -> Result<View, Problem> {
    let query = incoming.query()?;
    let place = Place::of(&query)?;
    let standing = standing(ports, portal, &place).await?;
    Ok(overall(connections(&standing, ports.now())))
}

/// How a record stands in a portal that has the app.
pub(super) async fn standing<P: Ports>(
    ports: &P,
    portal: i64,
    place: &Place<'_>,
) -> Result<PortalStanding, Problem> {
    Store::new(ports)
        .standing(portal, place.type_id, place.id)
        .await?
        .filter(|standing| matches!(standing.portal.as_str(), "active" | "restricted"))
        .ok_or_else(caller::portal_unknown)
}

/// The record at each connection.
pub(super) fn connections(standing: &PortalStanding, now: i64) -> Vec<ConnectionView> {
    let restricted = standing.portal == "restricted";
    let connections = standing.connections.iter();
    connections
        .map(|connection| connection_view(connection, restricted, now))
        .collect()
}

fn overall(connections: Vec<ConnectionView>) -> View {
    // What needs somebody's attention comes first; beside it, one system in step is enough to be in step.
    let error = connections.iter().find(|view| view.status == Status::Error);
    let synced = connections
        .iter()
        .find(|view| view.status == Status::Synced);
    let telling = error.or(synced).or(connections.first());
    let (status, message, action) = match telling {
        Some(view) => (view.status, view.message.clone(), view.action.clone()),
        None => (
            Status::NotSynced,
            "No system is connected yet.".to_owned(),
            Some("Connect one in the settings of 300Sync.".to_owned()),
        ),
    };
    View {
        status,
        message,
        action,
        last_sync: connections
            .iter()
            .filter_map(|view| view.last_sync.clone())
            .max_by_key(|moment| moment.at),
        syncing: connections
            .iter()
            .map(|view| view.syncing)
            .max()
            .unwrap_or(Syncing::No),
        connections,
    }
}

fn connection_view(standing: &Standing, restricted: bool, now: i64) -> ConnectionView {
    let label = objects::connector_label(&standing.connector).to_owned();
    let moment = |at| Moment {
        at,
        ago: words::ago(now, at),
    };
    let (status, code) = judge(standing, restricted);
    let linked = standing.link.as_deref() == Some("active");
    // A run looks at every record: one that succeeded found this one in step, written or not.
    let last_sync = standing
        .linked_at
        .filter(|_| linked)
        .map(|at| at.max(standing.succeeded_at.unwrap_or(at)));
    let words = code.as_deref().map(|code| words::explain(code, &label));
    let (message, action) = match words {
        Some(Words { message, action }) => (message.into_owned(), Some(action.into_owned())),
        None => (format!("In step with {label}."), None),
    };
    let can_sync = standing.status == "active" && !restricted && standing.enabled;
    ConnectionView {
        connection: standing.connection.clone(),
        connector: standing.connector.clone(),
        object: objects::find(&standing.connector, &standing.object)
            .map_or("Record", |object| object.label),
        status,
        code,
        message,
        action,
        last_sync: last_sync.map(moment),
        syncing: match (standing.running, standing.requested) {
            (true, _) => Syncing::Running,
            (_, true) if can_sync => Syncing::Queued,
            // A record that waits for the next run by itself is nobody's request.
            _ => Syncing::No,
        },
        can_sync,
        last_run: standing
            .last_run
            .as_ref()
            .map(|ended| run_view(ended, &standing.connector, &label, moment(ended.at))),
        label,
    }
}

/// What a run's end says (S0-63, S0-100).
pub(super) fn run_view(
    ended: &crate::store::cards::Ended,
    connector: &str,
    label: &str,
    moment: Moment,
) -> RunView {
    let failure = (!ended.succeeded).then(|| {
        let code = ended.reason.as_deref().unwrap_or("unexpected");
        let words = words::explain(code, label);
        let list = ended.object.as_deref().unwrap_or_default();
        let message = match objects::find(connector, list) {
            Some(object) => format!("{}: {}", object.plural, words.message),
            None => words.message.into_owned(),
        };
        (message, words.action.into_owned())
    });
    let (message, action) = failure.unzip();
    RunView {
        status: if ended.succeeded { "success" } else { "error" },
        moment,
        message,
        action,
    }
}

/// A record's status, and the code that says why it is not in step.
fn judge(standing: &Standing, restricted: bool) -> (Status, Option<String>) {
    let not_synced = |code: &str| (Status::NotSynced, Some(code.to_owned()));
    // S0-95: whatever the record's link says, nothing travels while the connection does not stand.
    match standing.status.as_str() {
        "active" => {}
        "expired" => {
            let code = standing.status_reason.as_deref();
            return not_synced(code.unwrap_or("token_expired"));
        }
        "paused" => return not_synced(standing.status_reason.as_deref().unwrap_or("paused")),
        _ => return not_synced("disconnected"),
    }
    if restricted {
        return not_synced("restricted");
    }
    if !standing.enabled {
        return not_synced("object_off");
    }
    let reason = standing.link_reason.as_deref();
    match standing.link.as_deref() {
        Some("active") => {}
        Some("ambiguous") => return not_synced(reason.unwrap_or("undecided")),
        // It waits before the door, or has just come in (S3-10).
        Some(_) if matches!(reason, Some("not_listed" | "listed")) => {
            return not_synced(reason.unwrap_or("not_listed"));
        }
        Some("failed") if reason == Some("created_by_action") => {
            return not_synced("created_by_action");
        }
        Some("hubspot_gone") => return (Status::Error, Some("hubspot_gone".to_owned())),
        Some(_) => {
            let code = reason.unwrap_or("unexpected").to_owned();
            return (Status::Error, Some(code));
        }
        None if standing.claims > 0 => return not_synced("undecided"),
        None if standing.outside => return not_synced("not_listed"),
        None => return not_synced("not_linked"),
    }
    // A link that is in order goes out of date while runs fail.
    match &standing.last_run {
        // A list that is gone stops its own kind of record alone.
        Some(run)
            if run
                .reason
                .as_deref()
                .is_some_and(|code| code.starts_with("list_"))
                && run.object.as_deref() != Some(&standing.object) =>
        {
            (Status::Synced, None)
        }
        Some(run) if !run.succeeded => {
            let code = run.reason.as_deref().unwrap_or("unexpected").to_owned();
            (Status::Error, Some(code))
        }
        _ => (Status::Synced, None),
    }
}

#[cfg(test)]
mod tests;
