//! `GET /cards/history`: the runs of a connection, newest first, with counts and errors in words (S0-59, S0-100); and the same
//! as CSV, to send to support (S0-106).

use serde::Serialize;

use super::status::Moment;
use super::{answer, held};
use crate::error::Error;
use crate::objects;
use crate::ports::Ports;
use crate::store::Store;
use crate::store::history::{Failures, HistoryRow, ObjectRow};
use crate::surface::{Answer, Incoming, Problem};
use crate::words;

/// Runs of a page.
const PAGE: i64 = 20;
/// Lines of a CSV file: HubSpot's proxy takes 1 MB.
const LINES: i64 = 4_000;

#[derive(Debug, Serialize)]
struct Page {
    runs: Vec<RunView>,
    /// Where the next page begins; none at the end.
    next: Option<i64>,
}

#[derive(Debug, Serialize)]
struct RunView {
    run: i64,
    /// `scheduled` or `requested`.
    cause: String,
    /// `running`, `succeeded` or `failed`.
    status: String,
    started: Moment,
    finished: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<String>,
    objects: Vec<CountsView>,
    errors: Vec<ErrorView>,
}

#[derive(Debug, Serialize)]
struct CountsView {
    object: String,
    label: String,
    #[serde(flatten)]
    counts: crate::store::runs::Counts,
}

/// Records that failed for one reason.
#[derive(Debug, Serialize)]
struct ErrorView {
    /// Which records, e.g. `Contacts`.
    label: String,
    code: String,
    /// The property concerned, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    property: Option<String>,
    count: i64,
    message: String,
    action: String,
}

#[derive(Debug, Serialize)]
struct File {
    name: String,
    csv: String,
    /// There are older runs that the file has no room for.
    cut: bool,
}

/// Shows a connection's runs, to every user of the portal.
pub async fn history<P: Ports>(ports: &P, incoming: &Incoming) -> Answer {
    answer(ports, incoming, async |caller| {
        let query = incoming.query()?;
        let id = query.get("connection").unwrap_or_default();
        let held = held(ports, caller, id).await?;
        let before = match query.get("before") {
            None => i64::MAX,
            Some(text) => text.parse().map_err(|_| {
                Problem::new(400, "bad_page", "There is no such page of the history.")
            })?,
        };
        let store = Store::new(ports);
        let label = objects::connector_label(&held.connector);
        let runs = store.history(&held.id, before, PAGE).await?;
        let next = (runs.len() as i64 == PAGE).then(|| runs.last().map(|run| run.id));
        let ids: Vec<i64> = runs.iter().map(|run| run.id).collect();
        let counts = store.history_counts(&ids).await?;
        let failures = store.history_errors(&ids).await?;
        let now = ports.now();
        Ok(Page {
            runs: runs
                .into_iter()
                .map(|run| run_view(run, &held.connector, label, &counts, &failures, now))
                .collect(),
            next: next.flatten(),
        })
    })
    .await
}

fn run_view(
    run: HistoryRow,
    connector: &str,
    label: &str,
    counts: &[ObjectRow],
    failures: &[Failures],
    now: i64,
) -> RunView {
    let moment = |at| Moment {
        at,
        ago: words::ago(now, at),
    };
    let code = run.reason.as_deref();
    let words = code.filter(|_| run.status == "failed").map(|code| {
        let words = words::explain(code, label);
        let message = match &run.reason_object {
            Some(list) => format!("{}: {}", plural(connector, list), words.message),
            None => words.message.into_owned(),
        };
        (message, words.action.into_owned())
    });
    let (message, action) = words.unzip();
    RunView {
        run: run.id,
        started: moment(run.started_at),
        finished: run.finished_at.map(moment),
        message,
        action,
        objects: counts
            .iter()
            .filter(|row| row.run == run.id)
            .map(|row| CountsView {
                label: plural(connector, &row.object),
                object: row.object.clone(),
                counts: row.counts,
            })
            .collect(),
        errors: failures
            .iter()
            .filter(|row| row.run == run.id)
            .map(|row| error_view(row, connector, label))
            .collect(),
        cause: run.cause,
        status: run.status,
    }
}

fn error_view(row: &Failures, connector: &str, label: &str) -> ErrorView {
    let words = words::explain(&row.code, label);
    ErrorView {
        label: plural(connector, &row.object),
        code: row.code.clone(),
        property: Some(row.property.clone()).filter(|name| !name.is_empty()),
        count: row.count,
        message: words.message.into_owned(),
        action: words.action.into_owned(),
    }
}

/// A list's name for people; those of relations alone have no object.
fn plural(connector: &str, list: &str) -> String {
    let (name, part) = list.split_once('/').unwrap_or((list, ""));
    let Some(object) = objects::find(connector, name) else {
        return "Associations".to_owned();
    };
    let label = object.connector_label;
    match part {
        "" => object.plural.to_owned(),
        "hubspot" => format!("{}, changed in HubSpot", object.plural),
        "new" => format!("{}, new in HubSpot", object.plural),
        "members" => format!("{}, in the list", object.plural),
        _ => format!("{}, deleted in {label}", object.plural),
    }
}

/// The history as CSV (RFC 4180): a line for each run and kind of record.
pub async fn history_csv<P: Ports>(ports: &P, incoming: &Incoming) -> Answer {
    answer(ports, incoming, async |caller| {
        let query = incoming.query()?;
        let id = query.get("connection").unwrap_or_default();
        let held = held(ports, caller, id).await?;
        let rows = Store::new(ports).history_lines(&held.id, LINES).await?;
        let cut = rows.len() as i64 == LINES;
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer
            .write_record([
                "run",
                "started",
                "finished",
                "status",
                "cause",
                "reason",
                "records",
                "read",
                "created",
                "updated",
                "linked",
                "unchanged",
                "waiting",
                "failed",
                "errors",
            ])
            .map_err(|_| Error::Row)?;
        for row in rows {
            writer.write_record(&row).map_err(|_| Error::Row)?;
        }
        let csv = writer.into_inner().map_err(|_| Error::Row)?;
        Ok(File {
            name: format!("sync-history-{}.csv", held.connector),
            csv: String::from_utf8(csv).map_err(|_| Error::Row)?,
            cut,
        })
    })
    .await
}
