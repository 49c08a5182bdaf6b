//! `GET` and `POST /cards/review`: records that wait for a person, with what they may be, and what a person decides
//! (S0-103, S2-11, S2-34, S2-35). Names are read live, and nothing of them is stored.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::record::deep_link;
use super::{answer, answer_admin, held, settings};
use crate::caller::Caller;
use crate::core::{catalog, mapping};
use crate::error::{Error, Result, Side};
use crate::live::{self, Live};
use crate::objects;
use crate::ports::Ports;
use crate::review::{self, Filter, Record, Refusal};
use crate::store::cards::Held;
use crate::store::links::LinkState;
use crate::store::review::Waiting;
use crate::surface::{Answer, Incoming, Problem};
use crate::words;

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

/// What a person decides.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Decision {
    connection: String,
    object: String,
    decision: What,
    /// Provider id; not of deletions.
    #[serde(default)]
    id: String,
    /// What to link it to.
    hubspot_id: Option<String>,
    /// HubSpot record beside that to take values of, where the object takes any; none = the most recently created.
    companion: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum What {
    /// The two are the same, whatever was linked before.
    Link,
    /// They are not, and nothing is made for the record.
    Unlink,
    /// The records are really deleted.
    ApproveDeletions,
}

#[derive(Debug, Serialize)]
struct Decided {
    message: &'static str,
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

/// Takes a decision.
pub async fn decide<P: Ports>(ports: &P, incoming: &Incoming) -> Answer {
    answer_admin(ports, incoming, async |caller| {
        let decision: Decision = incoming.json()?;
        let held = held(ports, caller, &decision.connection).await?;
        take(ports, caller, &held, &decision).await
    })
    .await
}

async fn take<P: Ports>(
    ports: &P,
    caller: &Caller,
    held: &Held,
    decision: &Decision,
) -> Result<Decided, Problem> {
    let object = decision.object.as_str();
    let record = Record {
        portal: caller.portal,
        user: caller.user,
        connection: &held.id,
        object,
        id: &decision.id,
    };
    let message = match decision.decision {
        What::Link => {
            let id = decision.hubspot_id.as_deref().unwrap_or_default();
            let companion = decision.companion.as_deref();
            require_there(ports, held, object, id, companion).await?;
            review::link(ports, record, id, companion)
                .await
                .map_err(refused)?;
            "The two records are linked. Their values follow within a minute."
        }
        What::Unlink => {
            review::unlink(ports, record).await.map_err(refused)?;
            "The record is left out. Nothing is created for it until somebody links it."
        }
        What::ApproveDeletions => {
            let (portal, user) = (caller.portal, caller.user);
            review::approve_deletions(ports, portal, user, &held.id, object)
                .await
                .map_err(refused)?;
            "The deletions are believed, and carried out by the next sync."
        }
    };
    Ok(Decided { message })
}

/// Nobody is linked to what HubSpot does not have.
async fn require_there<P: Ports>(
    ports: &P,
    held: &Held,
    object: &str,
    id: &str,
    companion: Option<&str>,
) -> Result<(), Problem> {
    let missing = || {
        Problem::new(
            404,
            "hubspot_record_unknown",
            "HubSpot has no such record of this kind.",
        )
        .action("Choose one of the records that are offered, or enter the id of another.")
    };
    let number = |id: &str| {
        (1..=super::ID_DIGITS).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_digit())
    };
    if !number(id) || !companion.is_none_or(number) {
        return Err(missing());
    }
    let budget = live::budget(ports);
    let live = Live::new(ports, &budget, held)?;
    let Ok(declared) = live.object(object) else {
        return Err(refused(Refusal::UnknownRecord));
    };
    let plan = live.plan(object, None)?;
    let hubspot = live.hubspot().await?;
    let found = hubspot
        .batch_read_values(&declared.hubspot_object, &plan, &[], &[id.to_owned()])
        .await?;
    if found.is_empty() {
        return Err(missing());
    }
    let Some(companion) = companion else {
        return Ok(());
    };
    // What an object takes nothing of cannot be chosen.
    let kind = declared.companion.as_ref().ok_or_else(missing)?;
    let found = hubspot
        .batch_read_companions(&kind.hubspot_object, &plan, &[], &[companion.to_owned()])
        .await?;
    match found.is_empty() {
        true => Err(missing()),
        false => Ok(()),
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

/// What records are called, by object and id, on both sides; and their links.
#[derive(Default)]
struct Names {
    provider: BTreeMap<(String, String), Told>,
    hubspot: BTreeMap<(String, String), String>,
}

/// What the provider's record tells.
#[derive(Clone, Default)]
struct Told {
    name: Option<String>,
    link: Option<String>,
    /// The tier that it has no key of, where that is the strongest.
    lacks: Option<String>,
}

/// Reads names: one call an object and side.
async fn names<P: Ports>(ports: &P, held: &Held, records: &[Waiting]) -> Result<Names> {
    let mut names = Names::default();
    let budget = live::budget(ports);
    let live = Live::new(ports, &budget, held)?;
    let kinds: BTreeSet<&str> = records
        .iter()
        .map(|record| record.object.as_str())
        .collect();
    for kind in kinds {
        let Ok(object) = live.object(kind) else {
            continue;
        };
        let plan = live.plan(kind, None)?;
        let summary = mapping::describe_plan(&plan).map_err(Error::Config)?;
        let called = |name: &&String| {
            summary
                .fields
                .iter()
                .position(|field| field.property == **name)
        };
        let at: Vec<usize> = telling(object)
            .iter()
            .filter_map(|name| called(&name))
            .collect();
        let of_kind = || records.iter().filter(|record| record.object == kind);

        let ids: Vec<String> = of_kind().map(|record| record.id.clone()).collect();
        let extra = Live::<P>::extra_paths(&plan);
        let raw = live.provider().await?.by_ids(kind, &extra, &ids).await?;
        let page = mapping::map_page(&plan, &raw.body).map_err(|error| Error::Answer {
            side: Side::Provider,
            error,
        })?;
        for record in page.records {
            let values = at
                .iter()
                .filter_map(|at| record.fields.get(*at)?.value.as_deref());
            let strongest = object.tiers.first().filter(|tier| {
                let has = |key: &mapping::MatchKey| key.tier == tier.name;
                object.tiers.len() > 1 && !record.keys.iter().any(has)
            });
            let told = Told {
                name: joined(values),
                link: deep_link(object, &record),
                lacks: strongest.map(|tier| tier.name.clone()),
            };
            names.provider.insert((kind.to_owned(), record.id), told);
        }

        let ids: BTreeSet<String> = of_kind()
            .flat_map(|record| record.candidates.clone())
            .collect();
        if ids.is_empty() {
            continue;
        }
        let ids: Vec<String> = ids.into_iter().collect();
        let hubspot = live.hubspot().await?;
        let found = hubspot
            .batch_read_values(&object.hubspot_object, &plan, &summary.properties, &ids)
            .await?;
        for record in found {
            let values = at
                .iter()
                .filter_map(|at| record.values.get(*at))
                .map(String::as_str);
            if let Some(name) = joined(values) {
                names.hubspot.insert((kind.to_owned(), record.id), name);
            }
        }
    }
    Ok(names)
}

/// The properties that people tell records by: of the weakest tier of matching, which is the name, and of the others.
pub(super) fn telling(object: &catalog::Object) -> Vec<String> {
    let tiers = object.tiers.iter().rev().flat_map(|tier| &tier.properties);
    let mut names: Vec<String> = tiers.cloned().collect();
    if names.is_empty() {
        names.clone_from(&object.required);
    }
    names
}

/// One text of several; none where all are empty.
pub(super) fn joined<'v>(values: impl Iterator<Item = &'v str>) -> Option<String> {
    let values: Vec<&str> = values.filter(|value| !value.is_empty()).collect();
    (!values.is_empty()).then(|| values.join(" "))
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
