//! Writes to HubSpot, and what is remembered of them.

use std::collections::HashMap;

use super::records::{changed_at, fields, fingerprints};
use super::slice::{ObjectWork, Slice};
use crate::core::mapping::{
    Fingerprint, HubspotError, HubspotPage, HubspotRecord, MappedRecord, WriteInput,
};
use crate::core::{catalog, reconciling};
use crate::error::Result;
use crate::hubspot::objects::Write;
use crate::ports::Ports;
use crate::store::links::{Link, LinkState};
use crate::store::page::{ClaimRow, ErrorRow, LinkRow, PageCommit};

/// Property with the time of our last write.
const LAST_SYNCED: &str = "sync300_last_synced_at";
/// Property with the record's status.
const STATUS: &str = "sync300_sync_status";

/// First pause before a failed record is tried again although it did not change; doubles up to a day.
const RETRY_MILLIS: i64 = 15 * 60_000;
const RETRY_MAX_MILLIS: i64 = 24 * 60 * 60_000;

/// What a write means for the counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Created,
    Updated,
    Linked,
}

/// A record about to be written.
pub(super) struct Pending<'r> {
    pub record: &'r MappedRecord,
    /// None: upsert by the sync id.
    pub hubspot_id: Option<String>,
    /// What the link remembers.
    pub base: Option<String>,
    /// HubSpot's side, where it was read.
    pub hubspot: Option<HubspotRecord>,
    /// Indices of the fields to write.
    pub fields: Vec<u32>,
    pub kind: Kind,
}

/// All writes of a page.
#[derive(Default)]
pub(super) struct Writes<'r> {
    pub updates: Vec<Pending<'r>>,
    pub upserts: Vec<Pending<'r>>,
    /// Linked in HubSpot already, with nothing to write.
    pub kept: Vec<(&'r MappedRecord, HubspotRecord)>,
    /// New records whose unique key another new record of the page has too.
    pub held_back: Vec<(&'r MappedRecord, Fingerprint)>,
}

/// A record and both its sides after the write.
struct Done<'r> {
    record: &'r MappedRecord,
    hubspot_id: String,
    base: Option<String>,
    hubspot: Vec<Option<Fingerprint>>,
}

impl<'r> Writes<'r> {
    /// Writes, and adds what to commit to the page.
    pub async fn perform<P: Ports>(
        self,
        slice: &Slice<'_, P>,
        work: &ObjectWork<'_>,
        links: &HashMap<String, Link>,
        page: &mut PageCommit,
    ) -> Result<()> {
        let mut done: Vec<Done<'r>> = Vec::new();
        for (record, hubspot) in self.kept {
            page.counts.linked += 1;
            done.push(Done {
                record,
                hubspot_id: hubspot.id,
                base: None,
                hubspot: hubspot.fields,
            });
        }
        let mut created: HashMap<Fingerprint, String> = HashMap::new();
        for (write, pending) in [(Write::Update, self.updates), (Write::Upsert, self.upserts)] {
            if pending.is_empty() {
                continue;
            }
            let inputs: Vec<WriteInput> =
                pending.iter().map(|one| input(slice, work, one)).collect();
            let answer = slice
                .hubspot
                .batch_write(&work.object.hubspot_object, &work.plan, write, &inputs)
                .await?;
            let mut answers = Answers::new(answer);
            for one in pending {
                match answers.of(&one) {
                    Ok(hubspot) => {
                        count(page, &one, hubspot.created);
                        for key in &one.record.keys {
                            created.insert(key.digest, hubspot.id.clone());
                        }
                        done.push(written(one, hubspot));
                    }
                    Err(error) => refused(slice, page, &one, error, links.get(&one.record.id)),
                }
            }
        }
        for (record, digest) in self.held_back {
            match created.get(&digest) {
                Some(hubspot_id) => page.claims.push(ClaimRow {
                    id: record.id.clone(),
                    hubspot_id: hubspot_id.clone(),
                    tier: 0,
                }),
                // The first one was refused; this one gets its turn when the walk is done.
                None => page.links.push(LinkRow {
                    retry_at: Some(slice.ports.now()),
                    ..LinkRow::unresolved(&record.id, LinkState::Failed, "unique_value_shared")
                }),
            }
        }
        self::link(slice, work, done, page).await
    }
}

fn count(page: &mut PageCommit, pending: &Pending<'_>, created: bool) {
    match pending.kind {
        Kind::Created if created => page.counts.created += 1,
        // It stood there already: the answer to an earlier write of ours was lost.
        Kind::Created | Kind::Linked => page.counts.linked += 1,
        Kind::Updated => page.counts.updated += 1,
    }
}

/// Both sides after a write: what HubSpot answers with is what it holds now.
fn written<'r>(pending: Pending<'r>, answer: HubspotRecord) -> Done<'r> {
    let mut hubspot = pending.hubspot.map_or_else(
        || vec![None; pending.record.fields.len()],
        |before| before.fields,
    );
    for at in pending.fields {
        let at = at as usize;
        if let (Some(side), Some(now)) = (hubspot.get_mut(at), answer.fields.get(at)) {
            *side = *now;
        }
    }
    Done {
        record: pending.record,
        hubspot_id: answer.id,
        base: pending.base,
        hubspot,
    }
}

/// Link rows for everything that stands in HubSpot now. A HubSpot record that another record holds is left to the
/// review queue.
async fn link<P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    done: Vec<Done<'_>>,
    page: &mut PageCommit,
) -> Result<()> {
    if done.is_empty() {
        return Ok(());
    }
    let ids: Vec<&str> = done.iter().map(|one| one.hubspot_id.as_str()).collect();
    let owners = slice
        .store
        .owners(&slice.connection.id, &work.object.name, &ids)
        .await?;
    let memories: Vec<_> = done
        .iter()
        .map(|one| reconciling::Memory {
            base: one.base.clone(),
            provider: fingerprints(one.record),
            hubspot: one.hubspot.clone(),
        })
        .collect();
    let bases = reconciling::remember(&fields(work), &memories);
    for (one, base) in done.into_iter().zip(bases) {
        let record = one.record;
        match owners.get(&one.hubspot_id) {
            Some(owner) if *owner != record.id => {
                page.links.push(LinkRow::unresolved(
                    &record.id,
                    LinkState::Ambiguous,
                    "already_linked",
                ));
                page.counts.ambiguous += 1;
            }
            _ => page.links.push(LinkRow::active(
                &record.id,
                &one.hubspot_id,
                base,
                changed_at(record),
            )),
        }
    }
    Ok(())
}

/// The write of one record: its changed fields, and what rides along.
fn input<P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    pending: &Pending<'_>,
) -> WriteInput {
    let object: &catalog::Object = work.object;
    let mut properties: Vec<(String, String)> = pending
        .fields
        .iter()
        .filter_map(|at| {
            let at = *at as usize;
            // An empty text clears a property.
            let value = pending
                .record
                .fields
                .get(at)?
                .value
                .clone()
                .unwrap_or_default();
            Some((work.fields.get(at)?.clone(), value))
        })
        .collect();
    // A stage is one of its pipeline: a record that people made or moved may stand in another.
    let staged = object.pipeline.as_ref().is_some_and(|pipeline| {
        properties
            .iter()
            .any(|(name, _)| *name == pipeline.stage_property)
    });
    if pending.kind == Kind::Created || staged {
        properties.extend(work.constants.iter().cloned());
    }
    properties.extend(pending.record.system.iter().cloned());
    properties.push((LAST_SYNCED.to_owned(), slice.ports.now().to_string()));
    properties.push((STATUS.to_owned(), "synced".to_owned()));
    if pending.kind == Kind::Linked {
        properties.push((object.id_property.clone(), pending.record.id.clone()));
    }
    let (id, id_property) = match &pending.hubspot_id {
        Some(id) => (id.clone(), None),
        None => (pending.record.id.clone(), Some(object.id_property.clone())),
    };
    WriteInput {
        id: Some(id),
        id_property,
        trace: pending.record.id.clone(),
        properties,
    }
}

/// The answers of a batch by the record they are about.
struct Answers {
    records: HashMap<String, HubspotRecord>,
    errors: HashMap<String, HubspotError>,
}

impl Answers {
    fn new(page: HubspotPage) -> Self {
        let mut records = HashMap::new();
        for record in page.records {
            let key = record.trace.clone().or_else(|| record.source_id.clone());
            records.insert(key.unwrap_or_else(|| record.id.clone()), record);
        }
        let mut errors = HashMap::new();
        for error in page.errors {
            for trace in error.traces.iter().chain(&error.ids) {
                errors.insert(trace.clone(), error.clone());
            }
        }
        Self { records, errors }
    }

    /// What HubSpot says of a write; an error without text where it says nothing.
    fn of(&mut self, pending: &Pending<'_>) -> Result<HubspotRecord, Option<Box<HubspotError>>> {
        let keys = [
            Some(pending.record.id.as_str()),
            pending.hubspot_id.as_deref(),
        ];
        for key in keys.into_iter().flatten() {
            if let Some(record) = self.records.remove(key) {
                return Ok(record);
            }
        }
        Err(keys
            .into_iter()
            .flatten()
            .find_map(|key| self.errors.remove(key))
            .map(Box::new))
    }
}

/// A record that HubSpot refused: it fails alone, and the run goes on.
fn refused<P: Ports>(
    slice: &Slice<'_, P>,
    page: &mut PageCommit,
    pending: &Pending<'_>,
    error: Option<Box<HubspotError>>,
    link: Option<&Link>,
) {
    let id = &pending.record.id;
    let (code, property, existing) = match error {
        Some(error) => (error.code, error.property, error.existing_id),
        None => ("no_answer".to_owned(), None, None),
    };
    if let (None, Some(existing)) = (&pending.hubspot_id, existing) {
        page.claims.push(ClaimRow {
            id: id.clone(),
            hubspot_id: existing,
            tier: 0,
        });
        return;
    }
    page.counts.failed += 1;
    page.errors.push(ErrorRow {
        id: id.clone(),
        code: code.clone(),
        property,
    });
    let row = if pending.hubspot_id.is_some() && code == "not_found" {
        LinkRow::unresolved(id, LinkState::HubSpotGone, "hubspot_gone")
    } else {
        let attempts = link.map_or(0, |link| link.attempts).clamp(0, 16);
        let pause = (RETRY_MILLIS << attempts).min(RETRY_MAX_MILLIS);
        LinkRow {
            retry_at: Some(slice.ports.now() + pause),
            ..LinkRow::unresolved(id, LinkState::Failed, &code)
        }
    };
    page.links.push(row);
}
