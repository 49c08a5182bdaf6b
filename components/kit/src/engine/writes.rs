//! Writes to HubSpot, and what is remembered of them.

use std::collections::HashMap;

use super::batch::{along, send};
use super::begun;
use super::compare::{self, Sides, changed_at, fingerprints};
use super::object_work::ObjectWork;
use super::slice::Slice;
use super::survivors::{self, Lost};
use crate::core::mapping::{Fingerprint, HubspotError, HubspotRecord, MappedRecord};
use crate::core::reconciling::{self, Begun};
use crate::error::{Error, Result};
use crate::hubspot::objects::Write;
use crate::ports::Ports;
use crate::store::links::{Link, LinkState};
use crate::store::page::{ClaimRow, ErrorRow, LinkRow, PageCommit};

/// First pause before a failed record is tried again although it did not change; doubles up to a day.
const RETRY_MILLIS: i64 = 15 * 60_000;
const RETRY_MAX_MILLIS: i64 = 24 * 60 * 60_000;

/// What a write means for the counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Created,
    Updated,
    Linked,
    /// Made at the provider: it needs its sync id.
    Made,
    /// Counted where it came from: a change of HubSpot's.
    Answered,
}

/// A record about to be written.
pub(super) struct Pending<'r> {
    pub record: &'r MappedRecord,
    /// None: upsert by the sync id.
    pub hubspot_id: Option<String>,
    /// What the link remembers.
    pub base: Option<String>,
    /// Writes that nobody remembers the end of.
    pub begun: Option<Begun>,
    /// HubSpot's side, where it was read.
    pub hubspot: Option<HubspotRecord>,
    /// Indices of the fields to write.
    pub fields: Vec<u32>,
    /// Indices of the fields that HubSpot's value has still to be written to the provider of: what is remembered of
    /// them stays.
    pub held: Vec<u32>,
    /// Why the provider did not take everything.
    pub trouble: Option<String>,
    /// The provider took something just now.
    pub sent: bool,
    pub kind: Kind,
}

impl<'r> Pending<'r> {
    /// Nothing to write yet.
    pub fn new(record: &'r MappedRecord, kind: Kind) -> Self {
        Self {
            record,
            hubspot_id: None,
            base: None,
            begun: None,
            hubspot: None,
            fields: Vec::new(),
            held: Vec::new(),
            trouble: None,
            sent: false,
            kind,
        }
    }
}

/// All writes of a page.
#[derive(Default)]
pub(super) struct Writes<'r> {
    pub updates: Vec<Pending<'r>>,
    pub upserts: Vec<Pending<'r>>,
    /// Compared with HubSpot's side, with nothing to write to it.
    pub settled: Vec<Pending<'r>>,
    /// New records whose unique key another new record of the page has too.
    pub held_back: Vec<(&'r MappedRecord, Fingerprint)>,
}

/// A record and both its sides after the write.
struct Done<'r> {
    record: &'r MappedRecord,
    hubspot_id: String,
    base: Option<String>,
    begun: Option<Begun>,
    hubspot: Vec<Option<Fingerprint>>,
    /// As in [`Pending`].
    held: Vec<u32>,
    /// Indices of the fields that may have been written to HubSpot, or not.
    open: Vec<u32>,
    trouble: Option<String>,
    /// There is more to do for it in this run.
    unfinished: bool,
}

impl<'r> Writes<'r> {
    /// Writes, and adds what to commit to the page. What ends the slice comes back where the provider took something: that
    /// stands, and is committed first.
    pub async fn perform<P: Ports>(
        self,
        slice: &Slice<'_, P>,
        work: &ObjectWork<'_>,
        links: &HashMap<String, Link>,
        page: &mut PageCommit,
    ) -> Result<Option<Error>> {
        let sent = self.stands();
        let before = page.mark();
        match self.write(slice, work, links, page).await {
            Ok(done) => link(slice, work, done, links, page).await.map(|()| None),
            Err(error) => {
                page.back_to(before);
                end(slice, work, sent, links, page, error).await
            }
        }
    }

    /// As [`Self::perform`] where it is known before that nothing more can be written.
    pub async fn abandon<P: Ports>(
        self,
        slice: &Slice<'_, P>,
        work: &ObjectWork<'_>,
        links: &HashMap<String, Link>,
        page: &mut PageCommit,
        error: Error,
    ) -> Result<Option<Error>> {
        end(slice, work, self.stands(), links, page, error).await
    }

    /// What the provider took already.
    fn stands(&self) -> Vec<Done<'r>> {
        let sent = self.settled.iter().chain(&self.updates);
        sent.filter_map(unwritten).collect()
    }

    /// Writes to HubSpot.
    async fn write<P: Ports>(
        self,
        slice: &Slice<'_, P>,
        work: &ObjectWork<'_>,
        links: &HashMap<String, Link>,
        page: &mut PageCommit,
    ) -> Result<Vec<Done<'r>>> {
        let mut done: Vec<Done<'r>> = Vec::new();
        for pending in self.settled {
            match pending.kind {
                Kind::Linked => page.counts.linked += 1,
                Kind::Updated => page.counts.unchanged += 1,
                Kind::Made => page.counts.created += 1,
                Kind::Created | Kind::Answered => {}
            }
            if let Some(hubspot) = pending.hubspot.clone() {
                done.push(written(work, pending, hubspot));
            }
        }
        begun::to_hubspot(slice, work, self.updates.iter().chain(&self.upserts)).await?;
        let mut created: HashMap<Fingerprint, String> = HashMap::new();
        let mut lost = Vec::new();
        for (write, pending) in [(Write::Update, self.updates), (Write::Upsert, self.upserts)] {
            for (one, answer) in send(slice, work, write, pending).await? {
                match answer {
                    Ok(hubspot) => {
                        count(page, &one, hubspot.created);
                        for key in &one.record.keys {
                            created.insert(key.digest, hubspot.id.clone());
                        }
                        done.push(written(work, one, hubspot));
                    }
                    Err(error) if is_lost(&one, error.as_deref()) => lost.push(one),
                    Err(error) => refused(slice, work, page, &one, error, links),
                }
            }
        }
        let moved = inherited(slice, work, lost, page).await?;
        begun::to_hubspot(slice, work, moved.iter()).await?;
        for (one, answer) in send(slice, work, Write::Update, moved).await? {
            match answer {
                Ok(hubspot) => {
                    count(page, &one, false);
                    done.push(written(work, one, hubspot));
                }
                Err(error) => refused(slice, work, page, &one, error, links),
            }
        }
        for (record, digest) in self.held_back {
            match created.get(&digest) {
                Some(hubspot_id) => {
                    let claim = ClaimRow::new(&record.id, hubspot_id, 0, &record.keys);
                    page.claims.push(claim);
                }
                // The first one was refused; this one gets its turn when the walk is done.
                None => page.links.push(LinkRow {
                    retry_at: Some(slice.ports.now()),
                    ..LinkRow::unresolved(&record.id, LinkState::Failed, "unique_value_shared")
                }),
            }
        }
        Ok(done)
    }
}

/// The record that was to be changed is not there any more.
fn is_lost(pending: &Pending<'_>, error: Option<&HubspotError>) -> bool {
    pending.hubspot_id.is_some() && error.is_some_and(|error| error.code == "not_found")
}

/// Records whose HubSpot record was merged into another: compared with that like a new match (S0-99). The links of the
/// others end.
async fn inherited<'r, P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    lost: Vec<Pending<'r>>,
    page: &mut PageCommit,
) -> Result<Vec<Pending<'r>>> {
    if lost.is_empty() {
        return Ok(Vec::new());
    }
    let gone: Vec<Lost> = lost
        .iter()
        .map(|one| Lost {
            provider_id: one.record.id.clone(),
            hubspot_id: one.hubspot_id.clone().unwrap_or_default(),
        })
        .collect();
    let survivors = survivors::find(slice, work, &gone).await?;
    page.links.extend(survivors.ended);
    let heirs: Vec<(Pending<'r>, &HubspotRecord)> = lost
        .into_iter()
        .filter_map(|one| {
            let heir = survivors.found.get(&one.record.id)?;
            Some((one, heir))
        })
        .collect();
    let sides: Vec<Sides<'_>> = heirs
        .iter()
        .map(|(one, heir)| Sides {
            record: one.record,
            base: None,
            begun: None,
            hubspot: Some(heir),
        })
        .collect();
    let decisions = compare::decide(slice, work, &sides).await?;
    Ok(heirs
        .iter()
        .zip(decisions)
        .map(|((one, heir), decision)| Pending {
            hubspot_id: Some(heir.id.clone()),
            hubspot: Some((*heir).clone()),
            fields: decision.to_hubspot,
            held: decision.to_provider,
            ..Pending::new(one.record, Kind::Linked)
        })
        .collect())
}

fn count(page: &mut PageCommit, pending: &Pending<'_>, created: bool) {
    match pending.kind {
        Kind::Created if created => page.counts.created += 1,
        // It stood there already: the answer to an earlier write of ours was lost.
        Kind::Created | Kind::Linked => page.counts.linked += 1,
        Kind::Updated => page.counts.updated += 1,
        Kind::Made => page.counts.created += 1,
        Kind::Answered => {}
    }
}

/// Both sides after a write: what HubSpot answers with is what it holds now.
fn written<'r>(work: &ObjectWork<'_>, pending: Pending<'r>, answer: HubspotRecord) -> Done<'r> {
    let mut hubspot = match &pending.hubspot {
        Some(before) => before.fields.clone(),
        // HubSpot fills in what a new record was not given, such as the date a closed deal was closed.
        None if pending.kind == Kind::Created => answer.fields.clone(),
        None => vec![None; pending.record.fields.len()],
    };
    for at in pending.fields.iter().copied().chain(along(work, &pending)) {
        let at = at as usize;
        if let (Some(side), Some(now)) = (hubspot.get_mut(at), answer.fields.get(at)) {
            *side = *now;
        }
    }
    let new = pending.kind == Kind::Linked;
    Done {
        record: pending.record,
        hubspot_id: answer.id,
        base: pending.base,
        begun: pending.begun,
        hubspot,
        open: Vec::new(),
        // HubSpot's list of changes may not name it yet: it goes to the provider with what is tried again.
        unfinished: new && (!pending.held.is_empty() || work.companions.is_some()),
        held: pending.held,
        trouble: pending.trouble,
    }
}

/// Both sides where the provider took what was HubSpot's, and HubSpot has not been written to; none where it took nothing, or
/// where the link is new.
fn unwritten<'r>(pending: &Pending<'r>) -> Option<Done<'r>> {
    if !pending.sent || pending.kind == Kind::Linked {
        return None;
    }
    Some(Done {
        record: pending.record,
        hubspot_id: pending.hubspot_id.clone()?,
        base: pending.base.clone(),
        begun: pending.begun.clone(),
        hubspot: pending.hubspot.as_ref()?.fields.clone(),
        held: pending.held.clone(),
        open: pending.fields.clone(),
        trouble: pending.trouble.clone(),
        unfinished: !pending.fields.is_empty(),
    })
}

/// What stands is remembered, or the error ends the slice at once.
async fn end<P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    stands: Vec<Done<'_>>,
    links: &HashMap<String, Link>,
    page: &mut PageCommit,
    error: Error,
) -> Result<Option<Error>> {
    if stands.is_empty() {
        return Err(error);
    }
    link(slice, work, stands, links, page).await?;
    Ok(Some(error))
}

/// Link rows for everything that stands in HubSpot now. A HubSpot record that another record holds is left to the
/// review queue.
async fn link<P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    done: Vec<Done<'_>>,
    links: &HashMap<String, Link>,
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
    let bases = remembered(work, &done);
    for (one, base) in done.into_iter().zip(bases) {
        let record = one.record;
        match owners.get(&one.hubspot_id) {
            Some(owner) if *owner != record.id => {
                let link = links.get(&record.id);
                let (state, again) = match link.is_some_and(|link| link.hubspot_id.is_some()) {
                    true => (LinkState::Ambiguous, None),
                    // It names this record only until the other's link is written to it.
                    false => (
                        LinkState::Failed,
                        Some(retry_at(slice, link.map_or(0, |link| link.attempts))),
                    ),
                };
                page.links.push(LinkRow {
                    retry_at: again,
                    ..LinkRow::unresolved(&record.id, state, "already_linked")
                });
                page.counts.ambiguous += 1;
            }
            _ => {
                let mut row =
                    LinkRow::active(&record.id, &one.hubspot_id, base, changed_at(record));
                row.open = !one.open.is_empty();
                if let Some(code) = one.trouble {
                    let attempts = links.get(&record.id).map_or(0, |link| link.attempts);
                    row.state = LinkState::Failed.name();
                    row.reason = Some(code);
                    row.retry_at = Some(retry_at(slice, attempts));
                } else if one.unfinished {
                    row.state = LinkState::Failed.name();
                    row.reason = Some("provider_behind".to_owned());
                    row.retry_at = Some(slice.ports.now());
                }
                page.links.push(row);
            }
        }
    }
    Ok(())
}

/// What is remembered of records.
fn remembered(work: &ObjectWork<'_>, done: &[Done<'_>]) -> Vec<String> {
    let memories: Vec<_> = done
        .iter()
        .map(|one| reconciling::Memory {
            base: one.base.clone(),
            begun: one.begun.clone(),
            provider: without(fingerprints(one.record), &one.open),
            hubspot: one.hubspot.clone(),
            held: one.held.clone(),
        })
        .collect();
    reconciling::remember(&work.fields, &memories)
}

/// Fields that are not known to be in step.
fn without(mut side: Vec<Option<Fingerprint>>, open: &[u32]) -> Vec<Option<Fingerprint>> {
    for at in open {
        if let Some(field) = side.get_mut(*at as usize) {
            *field = None;
        }
    }
    side
}

/// When a record that failed so often in a row is tried again.
fn retry_at<P: Ports>(slice: &Slice<'_, P>, attempts: i64) -> i64 {
    let pause = (RETRY_MILLIS << attempts.clamp(0, 16)).min(RETRY_MAX_MILLIS);
    slice.ports.now() + pause
}

/// A record that HubSpot refused: it fails alone, and the run goes on.
fn refused<P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    page: &mut PageCommit,
    pending: &Pending<'_>,
    error: Option<Box<HubspotError>>,
    links: &HashMap<String, Link>,
) {
    let id = &pending.record.id;
    let (code, property, existing) = match error {
        Some(error) => (error.code, error.property, error.existing_id),
        None => ("no_answer".to_owned(), None, None),
    };
    if let (None, Some(existing)) = (&pending.hubspot_id, existing) {
        // By what HubSpot knows and does not show: its keys need not tell of it.
        return page.claims.push(ClaimRow::new(id, &existing, 0, &[]));
    }
    page.counts.failed += 1;
    page.errors.push(ErrorRow {
        id: id.clone(),
        code: code.clone(),
        property,
    });
    let attempts = links.get(id).map_or(0, |link| link.attempts);
    let named = pending
        .hubspot
        .as_ref()
        .and_then(|there| there.source_id.as_ref());
    page.links.push(LinkRow {
        release: named.is_some_and(|named| named != id),
        // What the provider took of it stands.
        base: unwritten(pending).and_then(|done| remembered(work, &[done]).pop()),
        retry_at: Some(retry_at(slice, attempts)),
        open: true,
        ..LinkRow::unresolved(id, LinkState::Failed, &code)
    });
}
