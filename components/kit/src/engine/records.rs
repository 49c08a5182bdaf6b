//! What becomes of a page's records: linked ones are compared, new ones matched, and what must be written is.

use std::collections::{HashMap, HashSet};

use super::compare::{self, Known, Sides};
use super::object_work::ObjectWork;
use super::required::missing_required;
use super::slice::Slice;
use super::under_way;
use super::writes::{Kind, Pending, Writes};
use super::{candidates, intents, members};
use crate::core::catalog;
use crate::core::mapping::{Fingerprint, HubspotRecord, MappedRecord};
use crate::error::Result;
use crate::ports::Ports;
use crate::store::intents::Intent;
use crate::store::links::{Link, LinkState};
use crate::store::members::NOT_LISTED;
use crate::store::page::{ErrorRow, LinkRow, PageCommit, RelationSetRow};
use crate::store::streams::StreamState;

/// What the history says, once a run, where a list has left records out.
const LEFT_OUT: &str = "left_out";

/// Where records come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Origin {
    /// A page of the walk: new records are matched.
    Walk,
    /// Read again because they failed before: matched as in a walk.
    Retry,
    /// Their claims are decided: HubSpot id to link to, or none to create.
    Settled(HashMap<String, Option<String>>),
}

/// Works out and does everything that these records need in HubSpot, and says what to commit.
pub(super) async fn process<P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    state: &mut StreamState,
    records: Vec<MappedRecord>,
    origin: Origin,
) -> Result<PageCommit> {
    let mut page = PageCommit::default();
    if origin == Origin::Walk {
        page.counts.read = records.len() as i64;
    }
    for record in &records {
        note(record, &mut page);
    }
    let ids: Vec<&str> = records.iter().map(|record| record.id.as_str()).collect();
    let links = slice
        .store
        .links(&slice.connection.id, &work.object.name, &ids)
        .await?;

    let mut writes = Writes::default();
    let mut new = Vec::new();
    let mut known = Vec::new();
    for record in &records {
        match links.get(&record.id) {
            Some(link) if matches!(link.state, LinkState::HubSpotGone | LinkState::Unlinked) => {
                page.counts.unchanged += 1;
            }
            Some(link) if work.rests(link) => rest(record, link, &origin, &mut page),
            Some(link) => match &link.hubspot_id {
                Some(hubspot_id) => known.push(Known {
                    record,
                    link,
                    hubspot_id,
                }),
                None => new.push(record),
            },
            None => new.push(record),
        }
    }
    compare::known(slice, work, known, &mut writes, &mut page).await?;
    let mut made = HashMap::new();
    let new = resolve(slice, work, new, &origin, &mut writes, &mut page, &mut made).await?;
    let new = match origin {
        Origin::Settled(_) => new,
        Origin::Walk | Origin::Retry => {
            candidates::find(slice, work, state, new, &mut page).await?
        }
    };
    let new = under_way::leave_out(slice, work, new, &mut page).await?;
    create(work, &new, &mut writes, &mut page);
    let failure = writes.perform(slice, work, &links, &mut page).await?;
    failure.map_or(Ok(()), Err)?;
    intents::belong(&mut page, &made);
    Ok(page)
}

/// A link that rests: nothing travels, and what is remembered of it stays.
fn rest(record: &MappedRecord, link: &Link, origin: &Origin, page: &mut PageCommit) {
    page.counts.unchanged += 1;
    // Whatever asked for it, it is not to be tried again before it comes in.
    if *origin != Origin::Walk || link.reason.as_deref() != Some(NOT_LISTED) {
        page.links.push(LinkRow {
            changed_at: compare::changed_at(record),
            ..LinkRow::not_listed(&record.id)
        });
    }
}

/// What a record says besides its fields.
fn note(record: &MappedRecord, page: &mut PageCommit) {
    page.errors
        .extend(record.errors.iter().map(|error| ErrorRow {
            id: record.id.clone(),
            code: error.code.clone(),
            property: Some(error.property.clone()),
        }));
    page.relation_sets
        .extend(record.relations.iter().map(|set| RelationSetRow {
            kind: set.kind.clone(),
            reverse: set.reverse,
            id: record.id.clone(),
            others: set.others.clone(),
        }));
}

/// New records that HubSpot has already, by their sync id, by a decision, or because they were `made` from it: compared and
/// linked. The others come back.
async fn resolve<'r, P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    new: Vec<&'r MappedRecord>,
    origin: &Origin,
    writes: &mut Writes<'r>,
    page: &mut PageCommit,
    made: &mut HashMap<&'r str, String>,
) -> Result<Vec<&'r MappedRecord>> {
    if new.is_empty() {
        return Ok(new);
    }
    let object = work.object;
    let intended = match work.creates {
        true => {
            let store = &slice.store;
            store
                .open_intents(&slice.connection.id, &object.name)
                .await?
        }
        false => Vec::new(),
    };
    let found = match origin {
        Origin::Settled(decisions) => decided(slice, work, decisions).await?,
        Origin::Walk | Origin::Retry => ours(slice, work, &new, &intended, made).await?,
    };
    let (new, found) = admitted(slice, work, new, found, origin, page).await?;
    let (there, missing): (Vec<_>, Vec<_>) = new
        .into_iter()
        .partition(|record| found.contains_key(&record.id));
    let ids: Vec<&str> = there.iter().map(|record| record.id.as_str()).collect();
    let begun = slice
        .store
        .begun_writes(&slice.connection.id, &object.name, &ids)
        .await?;
    let base = |record: &MappedRecord| {
        let hubspot = found.get(&record.id)?;
        let ours = hubspot.source_id.as_deref() == Some(&record.id)
            || made.contains_key(record.id.as_str());
        intents::base(work, &intended, &hubspot.id).filter(|_| ours)
    };
    let sides: Vec<Sides<'_>> = there
        .iter()
        .map(|record| Sides {
            record,
            base: base(record),
            begun: begun.get(&record.id).cloned(),
            hubspot: found.get(&record.id),
        })
        .collect();
    let decisions = compare::decide(slice, work, &sides).await?;
    for (record, decision) in there.into_iter().zip(decisions) {
        let Some(hubspot) = found.get(&record.id) else {
            continue;
        };
        let linked = hubspot.source_id.as_deref() == Some(record.id.as_str());
        let pending = Pending {
            hubspot_id: Some(hubspot.id.clone()),
            base: base(record),
            begun: begun.get(&record.id).cloned(),
            hubspot: Some(hubspot.clone()),
            fields: decision.to_hubspot,
            held: decision.to_provider,
            ..Pending::new(record, Kind::Linked)
        };
        // What carries the sync id already and takes nothing stays untouched.
        if linked && pending.fields.is_empty() {
            writes.settled.push(pending);
        } else {
            writes.updates.push(pending);
        }
    }
    match origin {
        Origin::Settled(decisions) => overtaken(slice, work, missing, decisions, page).await,
        Origin::Walk | Origin::Retry => Ok(missing),
    }
}

/// The HubSpot records that were decided for, by provider id.
async fn decided<P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    decisions: &HashMap<String, Option<String>>,
) -> Result<HashMap<String, HubspotRecord>> {
    let by_hubspot: HashMap<&str, &str> = decisions
        .iter()
        .filter_map(|(source, hubspot)| Some((hubspot.as_deref()?, source.as_str())))
        .collect();
    let ids: Vec<String> = by_hubspot.keys().map(|id| (*id).to_owned()).collect();
    let records = slice
        .hubspot
        .batch_read(
            &work.object.hubspot_object,
            &work.plan,
            &work.properties,
            None,
            &ids,
        )
        .await?;
    Ok(records
        .into_iter()
        .filter_map(|record| Some(((*by_hubspot.get(record.id.as_str())?).to_owned(), record)))
        .collect())
}

/// The HubSpot records that are these by themselves, by provider id: they carry the sync id, or the record was `made` from one
/// of them.
async fn ours<'r, P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    new: &[&'r MappedRecord],
    intended: &[Intent],
    made: &mut HashMap<&'r str, String>,
) -> Result<HashMap<String, HubspotRecord>> {
    let ids: Vec<String> = new.iter().map(|record| record.id.clone()).collect();
    let records = slice
        .hubspot
        .batch_read(
            &work.object.hubspot_object,
            &work.plan,
            &work.properties,
            Some(&work.object.id_property),
            &ids,
        )
        .await?;
    let mut found: HashMap<String, HubspotRecord> = records
        .into_iter()
        .filter_map(|record| Some((record.source_id.clone()?, record)))
        .collect();
    if intended.is_empty() {
        return Ok(found);
    }
    let unknown: Vec<&MappedRecord> = new
        .iter()
        .filter(|record| !found.contains_key(&record.id))
        .copied()
        .collect();
    let ours = intents::made(slice, work, &unknown, intended).await?;
    for record in unknown {
        if let Some(hubspot) = ours.get(&record.id) {
            made.insert(&record.id, hubspot.id.clone());
        }
    }
    found.extend(ours);
    Ok(found)
}

/// A decision may have been overtaken: what it wanted to link to is gone, so it is decided anew. The others come back: HubSpot has
/// none of them.
async fn overtaken<'r, P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    missing: Vec<&'r MappedRecord>,
    decisions: &HashMap<String, Option<String>>,
    page: &mut PageCommit,
) -> Result<Vec<&'r MappedRecord>> {
    let decided = |record: &&MappedRecord| decisions.get(&record.id).is_some_and(Option::is_some);
    let (overtaken, new): (Vec<_>, Vec<_>) = missing.into_iter().partition(decided);
    if overtaken.is_empty() {
        return Ok(new);
    }
    // Or the same would be decided again, for ever.
    let gone: Vec<&str> = overtaken
        .iter()
        .filter_map(|record| decisions.get(&record.id)?.as_deref())
        .collect();
    slice
        .store
        .forget_candidates(slice.connection, &work.object.name, &gone)
        .await?;
    for record in overtaken {
        page.links.push(LinkRow {
            retry_at: Some(slice.ports.now()),
            ..LinkRow::unresolved(&record.id, LinkState::Failed, "candidate_gone")
        });
        page.decided.push(record.id.clone());
    }
    Ok(new)
}

/// Leaves out the records that are found outside the list: those that belong to their HubSpot record by themselves rest,
/// and a match waits.
async fn admitted<'r, P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    mut new: Vec<&'r MappedRecord>,
    mut found: HashMap<String, HubspotRecord>,
    origin: &Origin,
    page: &mut PageCommit,
) -> Result<(Vec<&'r MappedRecord>, HashMap<String, HubspotRecord>)> {
    if work.list.is_none() {
        return Ok((new, found));
    }
    let ids = found.values().map(|there| there.id.as_str());
    let inside = members::admitted(slice, work, ids).await?;
    let outside: Vec<(&str, &HubspotRecord)> = found
        .iter()
        .filter(|(_, there)| !inside.contains(&there.id))
        .map(|(id, there)| (id.as_str(), there))
        .collect();
    match origin {
        Origin::Settled(_) => {
            let waiting = outside.iter().map(|(id, _)| LinkRow::not_listed(id));
            page.links.extend(waiting);
        }
        Origin::Walk | Origin::Retry => {
            let resting = members::resting(slice, work, &outside).await?;
            page.links.extend(resting);
        }
    }
    page.counts.unchanged += outside.len() as i64;
    new.retain(|record| {
        let there = found.get(&record.id);
        there.is_none_or(|there| inside.contains(&there.id))
    });
    found.retain(|_, there| inside.contains(&there.id));
    Ok((new, found))
}

/// Records that HubSpot does not have, as far as anyone can tell.
fn create<'r>(
    work: &ObjectWork<'_>,
    new: &[&'r MappedRecord],
    writes: &mut Writes<'r>,
    page: &mut PageCommit,
) {
    let unique: Vec<&str> = work
        .object
        .tiers
        .iter()
        .filter(|tier| tier.lookup == catalog::Lookup::UniqueProperty)
        .map(|tier| tier.name.as_str())
        .collect();
    if work.list.is_some() && !new.is_empty() {
        // Nobody in the list is the same, and who is made by us would not be in it (S3-10).
        page.links
            .extend(new.iter().map(|record| LinkRow::not_listed(&record.id)));
        page.counts.unchanged += new.len() as i64;
        page.errors.push(ErrorRow {
            id: String::new(),
            code: LEFT_OUT.to_owned(),
            property: None,
        });
        return;
    }
    let mut taken: HashSet<Fingerprint> = HashSet::new();
    for record in new {
        let constant = |property: &str| work.constants.iter().any(|(name, _)| name == property);
        let missing = missing_required(work.object, constant, &work.fields, record);
        if let Some(property) = missing {
            page.counts.failed += 1;
            page.links.push(LinkRow::unresolved(
                &record.id,
                LinkState::Failed,
                "required_missing",
            ));
            page.errors.push(ErrorRow {
                id: record.id.clone(),
                code: "required_missing".to_owned(),
                property: Some(property),
            });
            continue;
        }
        let mut keys = record
            .keys
            .iter()
            .filter(|key| unique.contains(&key.tier.as_str()));
        // HubSpot takes a unique value once: a second record with it becomes a claim on the first.
        if let Some(first) = keys.find(|key| !taken.insert(key.digest)) {
            writes.held_back.push((record, first.digest));
            continue;
        }
        let filled = record
            .fields
            .iter()
            .enumerate()
            .filter(|(at, field)| field.value.is_some() && work.reaches_hubspot(*at));
        writes.upserts.push(Pending {
            fields: filled.map(|(at, _)| at as u32).collect(),
            ..Pending::new(record, Kind::Created)
        });
    }
}
