//! Records that only HubSpot has are made at the provider, where the settings say so.
//!
//! A provider that knows no idempotency keys would make a record twice if it were asked twice. So what is about to be made
//! is written down first, with fingerprints of its values; when the answer is lost, the next run finds the record in the
//! provider's list and knows it by them, before anything else is matched. What it does not find was not made.

use std::collections::{HashMap, HashSet};

use super::compare::{self, Sides};
use super::hubspot_changes::{self, OVERLAP_MILLIS};
use super::object_work::ObjectWork;
use super::slice::Slice;
use super::writes::{Kind, Pending, Writes};
use super::{intents, members, pages, ways};
use crate::core::mapping::{self, HubspotRecord, MappedRecord, PageError, ProviderWrite};
use crate::error::{Class, Error, Result, Side};
use crate::hubspot::STATUS;
use crate::hubspot::search::{PAGE, Search};
use crate::ports::Ports;
use crate::store::intents::Intent;
use crate::store::page::{ErrorRow, PageCommit, Position};
use crate::store::streams::{Phase, StreamState};

/// Of the walk over what is new.
pub(super) fn version(work: &ObjectWork<'_>) -> &'static str {
    ways::version_of_new(work.list.as_deref())
}

/// Records made between two commits: each takes a call of its own.
const CHUNK: usize = 20;
/// A request is answered, or given up, within this time; clocks differ by less.
const LAPSE_MILLIS: i64 = 120_000;

/// Walks over what is new in HubSpot to its end.
pub(super) async fn walk<P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    name: &str,
    mut state: StreamState,
) -> Result<()> {
    lapsed(slice, work, name, &state).await?;
    unclaimed(slice, work, name, &state).await?;
    listed(slice, work, name, &mut state).await?;
    while state.phase == Phase::Walk {
        slice.budget.step(slice.ports)?;
        one(slice, work, name, &mut state).await?;
    }
    slice
        .store
        .finish_walk(slice.connection, name, version(work))
        .await
}

/// What earlier runs were about to make, and this run's walk has not found.
async fn lapsed<P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    name: &str,
    state: &StreamState,
) -> Result<()> {
    loop {
        slice.budget.step(slice.ports)?;
        let ids = slice
            .store
            .lapsed_intents(
                &slice.connection.id,
                &work.object.name,
                slice.run.id,
                slice.run.started_at - LAPSE_MILLIS,
                CHUNK as i64,
            )
            .await?;
        if ids.is_empty() {
            return Ok(());
        }
        let mut page = PageCommit::default();
        let failure = make(slice, work, &ids, &mut page).await?;
        commit(slice, name, page, state).await?;
        failure.map_or(Ok(()), Err)?;
    }
}

/// Whom a record claimed that waited for a decision, and claims no more: nothing about them need have changed.
async fn unclaimed<P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    name: &str,
    state: &StreamState,
) -> Result<()> {
    let object = &work.object.name;
    loop {
        slice.budget.step(slice.ports)?;
        let ids = slice
            .store
            .unclaimed(&slice.connection.id, object, CHUNK as i64)
            .await?;
        if ids.is_empty() {
            return Ok(());
        }
        ask(slice, work, name, state, &ids).await?;
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        slice
            .store
            .forget_passed_over(slice.connection, object, &ids)
            .await?;
    }
}

/// Makes those of these records that nobody may be already, and commits that.
async fn ask<P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    name: &str,
    state: &StreamState,
    ids: &[String],
) -> Result<()> {
    let taken = taken(slice, work, ids).await?;
    let free: Vec<String> = ids
        .iter()
        .filter(|id| !taken.contains(*id))
        .cloned()
        .collect();
    let mut page = PageCommit::default();
    page.counts.read = ids.len() as i64;
    let failure = make(slice, work, &free, &mut page).await?;
    commit(slice, name, page, state).await?;
    failure.map_or(Ok(()), Err)
}

/// Those of these records that somebody may be already. Who is claimed is remembered.
async fn taken<P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    ids: &[String],
) -> Result<HashSet<String>> {
    let object = &work.object.name;
    let known: Vec<&str> = ids.iter().map(String::as_str).collect();
    let taken = slice
        .store
        .spoken_for(&slice.connection.id, object, &known)
        .await?;
    let known: Vec<&str> = taken.iter().map(String::as_str).collect();
    slice
        .store
        .pass_over(slice.connection, object, &known)
        .await?;
    Ok(taken.into_iter().collect())
}

/// Who has come into the list: in HubSpot nothing about them need have changed. A first walk asks for nobody else.
async fn listed<P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    name: &str,
    state: &mut StreamState,
) -> Result<()> {
    let object = &work.object.name;
    if work.list.is_none() {
        return Ok(());
    }
    loop {
        slice.budget.step(slice.ports)?;
        let ids = slice
            .store
            .members_to_make(&slice.connection.id, object, CHUNK as i64)
            .await?;
        if ids.is_empty() {
            break;
        }
        ask(slice, work, name, state, &ids).await?;
        slice
            .store
            .members_asked(slice.connection, object, &ids)
            .await?;
    }
    if state.phase == Phase::Walk && state.since.is_none() {
        state.phase = Phase::Settle;
        state.next_watermark = Some(slice.run.started_at - OVERLAP_MILLIS);
        commit(slice, name, PageCommit::default(), state).await?;
    }
    Ok(())
}

/// One page of the search.
async fn one<P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    name: &str,
    state: &mut StreamState,
) -> Result<()> {
    let object = work.object;
    let search = Search {
        object: &object.hubspot_object,
        properties: &work.properties,
        linked: Some((&object.id_property, false)),
        // What we ever wrote to, somebody may have taken out of a link.
        lacking: Some(STATUS),
        after: None,
        changed: None,
    };
    let found =
        hubspot_changes::page(slice, work, search, &object.modified_property, state).await?;
    let ids: Vec<String> = found.records.into_iter().map(|record| record.id).collect();
    let taken = taken(slice, work, &ids).await?;
    let mut chunks = ids
        .chunks(CHUNK)
        .map(|chunk| {
            let free = chunk.iter().filter(|id| !taken.contains(*id));
            (free.cloned().collect::<Vec<_>>(), chunk)
        })
        .peekable();
    if chunks.peek().is_none() {
        state.phase = Phase::Settle;
        return commit(slice, name, PageCommit::default(), state).await;
    }
    while let Some((free, chunk)) = chunks.next() {
        let mut page = PageCommit::default();
        page.counts.read = chunk.len() as i64;
        let failure = make(slice, work, &free, &mut page).await?;
        if failure.is_none() {
            state.cursor = chunk.last().cloned();
        }
        if failure.is_none() && chunks.peek().is_none() && ids.len() < PAGE {
            state.phase = Phase::Settle;
        }
        commit(slice, name, page, state).await?;
        failure.map_or(Ok(()), Err)?;
        if chunks.peek().is_some() {
            slice.budget.step(slice.ports)?;
        }
    }
    Ok(())
}

/// Makes records at the provider and links them; adds what to commit to the page. What ends the slice comes back, for what
/// was made before stands.
async fn make<P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    hubspot_ids: &[String],
    page: &mut PageCommit,
) -> Result<Option<Error>> {
    if hubspot_ids.is_empty() {
        return Ok(None);
    }
    let object = work.object;
    let inside = members::admitted(slice, work, hubspot_ids.iter().map(String::as_str)).await?;
    let fresh: HashMap<String, HubspotRecord> = slice
        .hubspot
        .batch_read_values(
            &object.hubspot_object,
            &work.plan,
            &work.properties,
            hubspot_ids,
        )
        .await?
        .into_iter()
        .filter(|record| record.source_id.is_none() && inside.contains(&record.id))
        .map(|record| (record.id.clone(), record))
        .collect();
    let mut settled: Vec<&str> = hubspot_ids
        .iter()
        .map(String::as_str)
        .filter(|id| !fresh.contains_key(*id))
        .collect();
    let records: Vec<ProviderWrite> = hubspot_ids
        .iter()
        .filter_map(|id| fresh.get(id))
        .map(|record| written(work, record))
        .collect();
    let requests = mapping::create_requests(&work.plan, &records).map_err(unreadable)?;
    for request in &requests {
        fail(page, &request.id, &request.errors);
        if request.body.is_empty() {
            settled.push(&request.id);
        }
    }
    let intents: Vec<Intent> = requests
        .iter()
        .filter(|request| !request.body.is_empty())
        .filter_map(|request| fresh.get(&request.id))
        .map(|record| intents::of(work, record))
        .collect();
    if !intents.is_empty() {
        slice
            .store
            .intend(slice.connection, &object.name, slice.run.id, &intents)
            .await?;
    }
    let mut made = Vec::new();
    let mut failure = None;
    let mut asked = requests.iter().filter(|request| !request.body.is_empty());
    for request in asked.by_ref() {
        match slice.provider.create(request).await {
            Ok(answer) => {
                let record = pages::map(work, &answer)?.records.into_iter().next();
                let record =
                    record.ok_or_else(|| unreadable(PageError::Unexpected("record".to_owned())))?;
                made.extend(fresh.get(&request.id).map(|hubspot| (record, hubspot)));
            }
            Err(Error::Api {
                side: Side::Provider,
                class: Class::Invalid,
                code,
                ..
            }) => {
                let refused = [mapping::FieldError {
                    property: String::new(),
                    code,
                }];
                fail(page, &request.id, &refused);
                settled.push(&request.id);
            }
            Err(error) => {
                // Then it has made nothing.
                let refused = matches!(error.class(), Class::RateLimited { .. } | Class::Revoked);
                if refused || matches!(error, Error::BudgetSpent) {
                    settled.push(&request.id);
                }
                failure = Some(error);
                break;
            }
        }
    }
    // Nothing of what comes behind was asked for: it is new to the slice that goes on.
    settled.extend(asked.map(|request| request.id.as_str()));
    link(slice, work, &made, page).await?;
    if !settled.is_empty() {
        slice
            .store
            .forget_intents(slice.connection, &object.name, &settled)
            .await?;
    }
    Ok(failure)
}

/// Links what was made, and lets HubSpot's records know.
async fn link<P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    made: &[(MappedRecord, &HubspotRecord)],
    page: &mut PageCommit,
) -> Result<()> {
    if made.is_empty() {
        return Ok(());
    }
    let sides: Vec<Sides<'_>> = made
        .iter()
        .map(|(record, hubspot)| Sides {
            record,
            base: None,
            begun: None,
            hubspot: Some(*hubspot),
        })
        .collect();
    let decisions = compare::decide(slice, work, &sides).await?;
    let mut writes = Writes::default();
    for ((record, hubspot), decision) in made.iter().zip(decisions) {
        writes.updates.push(Pending {
            hubspot_id: Some(hubspot.id.clone()),
            hubspot: Some((*hubspot).clone()),
            fields: decision.to_hubspot,
            held: decision.to_provider,
            ..Pending::new(record, Kind::Made)
        });
    }
    let failure = writes.perform(slice, work, &HashMap::new(), page).await?;
    failure.map_or(Ok(()), Err)?;
    let pairs = made
        .iter()
        .map(|(record, hubspot)| (record.id.as_str(), hubspot.id.clone()));
    intents::belong(page, &pairs.collect());
    Ok(())
}

/// What goes along of a HubSpot record.
fn written(work: &ObjectWork<'_>, record: &HubspotRecord) -> ProviderWrite {
    ProviderWrite {
        id: record.id.clone(),
        changes: intents::travelling(work)
            .filter_map(|(at, _)| Some((at, record.values.get(at as usize)?.clone())))
            .filter(|(_, value)| !value.is_empty())
            .collect(),
        found: Vec::new(),
    }
}

/// A record that only HubSpot has fails alone, and says by which rule (S3-22).
fn fail(page: &mut PageCommit, hubspot_id: &str, errors: &[mapping::FieldError]) {
    page.counts.failed += i64::from(!errors.is_empty());
    page.errors.extend(errors.iter().map(|error| ErrorRow {
        id: format!("hubspot/{hubspot_id}"),
        code: error.code.clone(),
        property: Some(error.property.clone()).filter(|name| !name.is_empty()),
    }));
}

async fn commit<P: Ports>(
    slice: &Slice<'_, P>,
    name: &str,
    page: PageCommit,
    state: &StreamState,
) -> Result<()> {
    let position = Position {
        cursor: state.cursor.clone(),
        last_id: None,
        next_watermark: state.next_watermark,
    };
    slice.commit(name, page, state.phase, &position).await
}

fn unreadable(error: PageError) -> Error {
    Error::Answer {
        side: Side::Provider,
        error,
    }
}
