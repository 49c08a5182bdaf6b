//! What is about to be written is written down first.
//!
//! A write may succeed and its commit be lost. What stands at that side then is ours, and not what somebody there made of the
//! record; without a note of it, a change that follows at the other side would meet it as a conflict, and might lose.

use super::compare::{Sides, fingerprints};
use super::object_work::ObjectWork;
use super::slice::Slice;
use super::writes::Pending;
use crate::core::mapping::Fingerprint;
use crate::core::reconciling::{self, Decision, Memory};
use crate::error::Result;
use crate::ports::Ports;
use crate::store::begun_writes::BegunRow;

/// These go to HubSpot next: also where it is the sync id alone, so that the record is found should the provider's be gone before
/// it is linked.
pub(super) async fn to_hubspot<'r, P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    writes: impl Iterator<Item = &'r Pending<'r>>,
) -> Result<()> {
    let (ids, memories): (Vec<&str>, Vec<Memory>) = writes
        .map(|pending| {
            let earlier = pending.begun.as_ref();
            let side = fingerprints(pending.record);
            let memory = Memory {
                // What was begun before on other fields may have arrived too.
                base: earlier.and_then(|begun| begun.hubspot.clone()),
                provider: only(side, &pending.fields),
                begun: None,
                hubspot: Vec::new(),
                held: Vec::new(),
            };
            (pending.record.id.as_str(), memory)
        })
        .unzip();
    let rows = rows(work, &ids, &memories).map(|(id, note)| BegunRow {
        id,
        hubspot: Some(note),
        provider: None,
    });
    store(slice, work, rows.collect()).await
}

/// These go to the provider next.
pub(super) async fn to_provider<P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    sides: &[Sides<'_>],
    decisions: &[Decision],
) -> Result<()> {
    let (ids, memories): (Vec<&str>, Vec<Memory>) = sides
        .iter()
        .zip(decisions)
        .filter(|(_, decision)| !decision.to_provider.is_empty())
        .filter_map(|(sides, decision)| {
            let earlier = sides.begun.as_ref();
            let memory = Memory {
                base: earlier.and_then(|begun| begun.provider.clone()),
                provider: only(sides.hubspot?.fields.clone(), &decision.to_provider),
                begun: None,
                hubspot: Vec::new(),
                held: Vec::new(),
            };
            Some((sides.record.id.as_str(), memory))
        })
        .unzip();
    let rows = rows(work, &ids, &memories).map(|(id, note)| BegunRow {
        id,
        hubspot: None,
        provider: Some(note),
    });
    store(slice, work, rows.collect()).await
}

fn rows<'a>(
    work: &ObjectWork<'_>,
    ids: &'a [&str],
    memories: &[Memory],
) -> impl Iterator<Item = (String, String)> + use<'a> {
    let notes = reconciling::remember(&work.fields, memories);
    ids.iter().map(|id| (*id).to_owned()).zip(notes)
}

async fn store<P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    rows: Vec<BegunRow>,
) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    slice
        .store
        .begin_writes(slice.connection, &work.object.name, &rows)
        .await
}

/// The fields that are written.
fn only(side: Vec<Option<Fingerprint>>, fields: &[u32]) -> Vec<Option<Fingerprint>> {
    (0..)
        .zip(side)
        .map(|(at, field)| field.filter(|_| fields.contains(&at)))
        .collect()
}
