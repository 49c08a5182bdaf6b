//! `GET /cards/preview`: what the next run would do with an `object`, record by record and why, before anything is written.

use std::collections::BTreeMap;

use serde::Serialize;

use super::record::label;
use super::review::{joined, telling};
use super::{answer_admin, held, settings};
use crate::live::{self, Live};
use crate::ports::Ports;
use crate::preview::{Fate, Planned, preview as work_out};
use crate::surface::{Answer, Incoming, Problem};
use crate::words;

/// Records that are shown one by one.
const SHOWN: usize = 50;

#[derive(Debug, Serialize)]
struct View {
    object: String,
    plural: String,
    /// How many records of the page, by what would become of them.
    counts: BTreeMap<&'static str, usize>,
    /// Those that something would be done with, or that would be left out.
    records: Vec<RecordView>,
    /// The run would read more than was looked at.
    more: bool,
    /// What a person should know about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'static str>,
}

#[derive(Debug, Serialize)]
struct RecordView {
    id: String,
    name: Option<String>,
    /// `create`, `link`, `update`: in HubSpot; `send`, `make`: at the provider; `review`, `skip`.
    outcome: &'static str,
    hubspot_id: Option<String>,
    /// What would be written, by the names of the properties.
    fields: Vec<String>,
    /// Why, where it is not as one would expect.
    message: Option<String>,
    action: Option<String>,
}

/// Shows what a run would do.
pub async fn preview<P: Ports>(ports: &P, incoming: &Incoming) -> Answer {
    answer_admin(ports, incoming, async |caller| {
        let query = incoming.query()?;
        let held = held(ports, caller, query.get("connection").unwrap_or_default()).await?;
        let budget = live::long_budget(ports);
        let live = Live::new(ports, &budget, &held)?;
        let name = query.get("object").unwrap_or_default();
        let Ok(object) = live.object(name) else {
            return Err(Problem::new(404, "object_unknown", "There is no such kind of record."));
        };
        let connector = settings::label(&held);
        let looked = work_out(ports, &live, name).await;
        let looked = looked.map_err(|error| super::mappings::said(&error, connector))?;
        let mut counts = BTreeMap::from(["create", "link", "update", "send", "make", "unchanged", "review", "skip"].map(|fate| (fate, 0)));
        for record in &looked.records {
            *counts.entry(fate(&record.fate)).or_default() += 1;
        }
        let told = looked.records.into_iter().filter(|record| record.fate != Fate::Unchanged);
        let properties = telling(object);
        let view = |record: Planned| {
            let called = properties.iter().filter_map(|name| {
                let (_, value) = record.values.iter().find(|(property, _)| property == name)?;
                value.as_deref()
            });
            let name = joined(called);
            let (hubspot_id, fields, reason) = match &record.fate {
                Fate::Linked(id) => (Some(id.clone()), Vec::new(), None),
                Fate::Made(id) => (Some(id.clone()), Vec::new(), None),
                Fate::Updated(id, properties) | Fate::Sent(id, properties) => (
                    Some(id.clone()),
                    properties.iter().map(|property| label(object, property)).collect(),
                    None,
                ),
                Fate::Waits(reason) | Fate::Skipped(reason) => (None, Vec::new(), Some(words::explain(reason, connector))),
                Fate::Created | Fate::Unchanged => (None, Vec::new(), None),
            };
            RecordView {
                name,
                outcome: fate(&record.fate),
                hubspot_id,
                fields,
                message: reason.as_ref().map(|words| words.message.to_string()),
                action: reason.map(|words| words.action.into_owned()),
                id: record.id,
            }
        };
        Ok(View {
            object: object.name.clone(),
            plural: object.plural.clone(),
            counts,
            records: told.take(SHOWN).map(view).collect(),
            more: looked.more,
            note: looked.rough.then_some(
                "HubSpot has more records than were compared by name: some that are said to be created would be linked.",
            ),
        })
    })
    .await
}

fn fate(fate: &Fate) -> &'static str {
    match fate {
        Fate::Created => "create",
        Fate::Linked(_) => "link",
        Fate::Updated(..) => "update",
        Fate::Sent(..) => "send",
        Fate::Made(_) => "make",
        Fate::Unchanged => "unchanged",
        Fate::Waits(_) => "review",
        Fate::Skipped(_) => "skip",
    }
}
