//! `GET` and `POST /cards/review`: records that wait for a person, with what they may be, and what a person decides
//! (S0-103, S2-11, S2-34, S2-35). Names are read live, and nothing of them is stored.

mod decision;
mod names;

use serde::Serialize;

use super::{answer, held, settings};
use crate::objects;
use crate::ports::Ports;
use crate::review::{self, Filter, Refusal};
use crate::store::cards::Held;
use crate::store::links::LinkState;
use crate::store::review::Waiting;
use crate::surface::{Answer, Incoming, Problem};
use crate::words;

pub use decision::decide;
use names::{Names, Told, names};
pub(super) use names::{joined, telling};

/// A page of the queue.
#[derive(Debug, Serialize)]
struct View {
    records: Vec<RecordView>,
    /// Where the next page begins: `after_object` and `after` of its request.
    next: Option<Next>,
    /// Deletions at the provider that wait for a word, because they are so many.
    deletions: Vec<DeletionsView>,
}

#[derive(Debug, Serialize)]
struct Next {
    after_object: String,
    after: String,
}

/// One of the provider's records that is not in step.
#[derive(Debug, Serialize)]
struct RecordView {
    object: String,
    /// What one of its kind is called, e.g. `Matter`.
    label: String,
    hubspot_type_id: Option<&'static str>,
    id: String,
    /// Read live; none where it cannot be read.
    name: Option<String>,
    /// The record at the provider.
    link: Option<String>,
    /// HubSpot's record that it is linked to.
    hubspot_id: Option<String>,
    state: String,
    code: String,
    message: String,
    action: String,
    since: i64,
    ago: String,
    /// HubSpot's records that it may be, likeliest first.
    candidates: Vec<CandidateView>,
}

#[derive(Debug, Serialize)]
struct CandidateView {
    id: String,
    name: Option<String>,
}

#[derive(Debug, Serialize)]
struct DeletionsView {
    object: String,
    message: String,
    since: i64,
}

/// Lists what waits, to every user of the portal.
pub async fn review<P: Ports>(ports: &P, incoming: &Incoming) -> Answer {
    answer(ports, incoming, async |caller| {
        let query = incoming.query()?;
        let held = held(ports, caller, query.get("connection").unwrap_or_default()).await?;
        let after = query.get("after_object").zip(query.get("after"));
        let filter = Filter {
            object: query.get("object"),
            state: query.get("state"),
            after,
        };
        let page = review::list(ports, caller.portal, &held.id, filter)
            .await
            .map_err(refused)?;
        let deletions = review::held_deletions(ports, caller.portal, &held.id)
            .await
            .map_err(refused)?;
        let names = match caller.restricted {
            true => Names::default(),
            // A queue without names can still be looked at.
            false => names(ports, &held, &page.records).await.unwrap_or_default(),
        };
        let now = ports.now();
        let label = settings::label(&held);
        Ok(View {
            records: page
                .records
                .into_iter()
                .map(|record| record_view(&held, label, now, record, &names))
                .collect(),
            next: page.next.map(|(after_object, after)| Next {
                after_object,
                after,
            }),
            deletions: deletions
                .into_iter()
                .map(|(object, missing, since)| {
                    deletions_view(&held, label, object, missing, since)
                })
                .collect(),
        })
    })
    .await
}

fn record_view(held: &Held, label: &str, now: i64, record: Waiting, names: &Names) -> RecordView {
    let words = words::explain(&record.reason, label);
    let known = objects::find(&held.connector, &record.object);
    let key = |id: &str| (record.object.clone(), id.to_owned());
    let Told { name, link, lacks } = names
        .provider
        .get(&key(&record.id))
        .cloned()
        .unwrap_or_default();
    let lacks = lacks.filter(|_| record.state == LinkState::Ambiguous.name());
    let message = match lacks.and_then(|tier| words::without(&tier, label)) {
        Some(more) => format!("{} {more}", words.message),
        None => words.message.into_owned(),
    };
    RecordView {
        label: known.map_or_else(|| record.object.clone(), |known| known.label.to_owned()),
        hubspot_type_id: known.map(|known| known.hubspot_type_id),
        name,
        link,
        message,
        action: words.action.into_owned(),
        ago: words::ago(now, record.since),
        candidates: record
            .candidates
            .iter()
            .map(|id| CandidateView {
                name: names.hubspot.get(&key(id)).cloned(),
                id: id.clone(),
            })
            .collect(),
        object: record.object,
        id: record.id,
        hubspot_id: record.hubspot_id,
        state: record.state,
        code: record.reason,
        since: record.since,
    }
}

fn deletions_view(
    held: &Held,
    label: &str,
    object: String,
    missing: i64,
    since: i64,
) -> DeletionsView {
    let plural = objects::find(&held.connector, &object)
        .map_or_else(|| object.clone(), |known| known.plural.to_owned());
    DeletionsView {
        message: format!(
            "{missing} {} are not in {label} any more. So many are not taken as deleted before somebody says so.",
            plural.to_lowercase()
        ),
        object,
        since,
    }
}

fn refused(refusal: Refusal) -> Problem {
    let (status, message, action) = match &refusal {
        Refusal::UnknownConnection => (
            404,
            "There is no such connection.",
            "Open the settings again.",
        ),
        Refusal::UnknownRecord => (
            404,
            "No sync has seen this record yet.",
            "Sync first, then try again.",
        ),
        Refusal::BadHubSpotId => (
            422,
            "This is not the id of a HubSpot record.",
            "Choose one of the records that are offered.",
        ),
        Refusal::LinkedToAnother => (
            409,
            "This HubSpot record belongs to another record already.",
            "Unlink the other one first, or choose another.",
        ),
        Refusal::NothingWaits => (
            409,
            "No deletions wait any more.",
            "Open the review queue again.",
        ),
        Refusal::Failed(_) => {
            return match refusal {
                Refusal::Failed(error) => error.into(),
                _ => Problem::not_found(),
            };
        }
    };
    Problem::new(status, refusal.code(), message).action(action)
}
