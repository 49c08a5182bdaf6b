//! What differs between the two sides of a link, and which way it goes.

use std::collections::HashMap;

use super::object_work::ObjectWork;
use super::slice::Slice;
use super::writes::{Kind, Pending, Writes};
use crate::core::mapping::{FieldTimes, Fingerprint, HubspotRecord, MappedRecord};
use crate::core::reconciling::{self, Begun, Decision, Direction, Field, Strategy};
use crate::error::Result;
use crate::ports::Ports;
use crate::store::links::{Link, LinkState};
use crate::store::page::{LinkRow, PageCommit};

/// A record with a link.
pub(super) struct Known<'r> {
    pub record: &'r MappedRecord,
    pub link: &'r Link,
    pub hubspot_id: &'r str,
}

/// Both sides of a link, as far as they are known.
pub(super) struct Sides<'r> {
    pub record: &'r MappedRecord,
    pub base: Option<String>,
    /// Writes that nobody remembers the end of.
    pub begun: Option<Begun>,
    pub hubspot: Option<&'r HubspotRecord>,
}

/// The provider's time of last change, as it is stored.
pub(super) fn changed_at(record: &MappedRecord) -> Option<i64> {
    record.updated_at.and_then(|at| i64::try_from(at).ok())
}

/// The provider's side of a record, as fingerprints.
pub(crate) fn fingerprints(record: &MappedRecord) -> Vec<Option<Fingerprint>> {
    record
        .fields
        .iter()
        .map(|field| field.fingerprint)
        .collect()
}

/// What to write where, with the history of the fields in conflict that it decides.
pub(super) async fn decide<P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    sides: &[Sides<'_>],
) -> Result<Vec<Decision>> {
    let mut pairs: Vec<_> = sides
        .iter()
        .map(|sides| reconciling::Pair {
            base: sides.base.clone(),
            begun: sides.begun.clone(),
            provider: fingerprints(sides.record),
            hubspot: sides.hubspot.map(|hubspot| hubspot.fields.clone()),
            hubspot_follows: !work.back,
            provider_changed_at: sides
                .record
                .updated_at
                .map(|at| slice.provider.by_our_clock(at)),
            hubspot_changed_at: Vec::new(),
            hubspot_written_at: None,
        })
        .collect();
    let decisions = reconciling::reconcile(&work.fields, work.strategy, &pairs);
    if !work.back || work.strategy == Strategy::ProviderWins {
        return Ok(decisions);
    }
    let mut ids = Vec::new();
    let mut properties: Vec<String> = Vec::new();
    for (sides, decision) in sides.iter().zip(&decisions) {
        let disputed: Vec<&str> = disputed(&work.fields, work.strategy, decision).collect();
        if let Some(hubspot) = sides.hubspot.filter(|_| !disputed.is_empty()) {
            ids.push(hubspot.id.clone());
            properties.extend(disputed.into_iter().map(str::to_owned));
        }
    }
    properties.sort();
    properties.dedup();
    if properties.is_empty() {
        return Ok(decisions);
    }
    let object = &work.object.hubspot_object;
    let history = slice
        .hubspot
        .history(object, &work.plan, &properties, &ids)
        .await?;
    let mut history: HashMap<String, FieldTimes> = history
        .into_iter()
        .map(|record| (record.id.clone(), record))
        .collect();
    for (sides, pair) in sides.iter().zip(&mut pairs) {
        if let Some(times) = sides.hubspot.and_then(|there| history.remove(&there.id)) {
            pair.hubspot_changed_at = times.times;
            pair.hubspot_written_at = times.written_at;
        }
    }
    Ok(reconciling::reconcile(&work.fields, work.strategy, &pairs))
}

/// The properties in conflict that the time of HubSpot's change decides: the last write wins, or HubSpot would, had it changed
/// at all. One that travels one way has its source, whatever the times.
pub(crate) fn disputed<'f>(
    fields: &'f [Field],
    strategy: Strategy,
    decision: &'f Decision,
) -> impl Iterator<Item = &'f str> {
    let timed = move |at: &&u32| match strategy {
        Strategy::LastWriteWins => true,
        Strategy::HubspotWins => decision.to_hubspot.contains(at),
        Strategy::ProviderWins => false,
    };
    let conflicts = decision.conflicts.iter().filter(timed);
    conflicts
        .filter_map(|at| fields.get(*at as usize))
        .filter(|field| field.direction == Direction::Both)
        .map(|field| field.property.as_str())
}

/// Records with a link: what differs from the base is written; the rest costs no call.
///
/// HubSpot's side is read before anything is written over it that may have changed there, that nothing is remembered of, or
/// that a write was begun to whose end nobody knows. A link that failed, of an object that travels back, is left to the way
/// back: it is due there at once.
pub(super) async fn known<'r, P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    known: Vec<Known<'r>>,
    writes: &mut Writes<'r>,
    page: &mut PageCommit,
) -> Result<()> {
    let sides: Vec<Sides<'_>> = known
        .iter()
        .map(|known| Sides {
            record: known.record,
            base: known.link.base.clone(),
            begun: known.link.begun.clone(),
            hubspot: None,
        })
        .collect();
    let decisions = decide(slice, work, &sides).await?;
    let mut to_read = Vec::new();
    for (known, decision) in known.into_iter().zip(decisions) {
        // Or the provider's record is back.
        let failed = known.link.state != LinkState::Active;
        if work.back && failed {
            let reason = match known.link.state {
                LinkState::ProviderGone => "provider_restored",
                _ => known.link.reason.as_deref().unwrap_or("undecided"),
            };
            page.links.push(LinkRow {
                changed_at: changed_at(known.record),
                retry_at: Some(slice.ports.now()),
                ..LinkRow::unresolved(&known.record.id, LinkState::Failed, reason)
            });
        } else if decision.to_hubspot.is_empty() && !failed && known.link.begun.is_none() {
            page.counts.unchanged += 1;
        } else if work.back || failed || known.link.begun.is_some() || !decision.unread.is_empty() {
            to_read.push((known, decision));
        } else {
            writes.updates.push(Pending {
                hubspot_id: Some(known.hubspot_id.to_owned()),
                base: known.link.base.clone(),
                fields: decision.to_hubspot,
                ..Pending::new(known.record, Kind::Updated)
            });
        }
    }
    read_and_compare(slice, work, to_read, writes).await
}

/// What changed at the provider, with HubSpot's side as it is now.
async fn read_and_compare<'r, P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    known: Vec<(Known<'r>, Decision)>,
    writes: &mut Writes<'r>,
) -> Result<()> {
    if known.is_empty() {
        return Ok(());
    }
    let ids: Vec<String> = known
        .iter()
        .map(|(known, _)| known.hubspot_id.to_owned())
        .collect();
    let object = &work.object.hubspot_object;
    let found: HashMap<String, HubspotRecord> = slice
        .hubspot
        .batch_read(object, &work.plan, &work.properties, None, &ids)
        .await?
        .into_iter()
        .map(|record| (record.id.clone(), record))
        .collect();
    let sides: Vec<Sides<'_>> = known
        .iter()
        .map(|(known, _)| Sides {
            record: known.record,
            base: known.link.base.clone(),
            begun: known.link.begun.clone(),
            hubspot: found.get(known.hubspot_id),
        })
        .collect();
    let decisions = decide(slice, work, &sides).await?;
    for ((known, before), decision) in known.iter().zip(decisions) {
        let mut hubspot = found.get(known.hubspot_id).cloned();
        if let Some(hubspot) = hubspot.as_mut().filter(|_| !work.back) {
            // One way, what people make of it there is not remembered.
            for (at, field) in (0..).zip(&mut hubspot.fields) {
                if !before.unread.contains(&at) {
                    *field = None;
                }
            }
        }
        let there = hubspot.is_some();
        let pending = Pending {
            hubspot_id: Some(known.hubspot_id.to_owned()),
            base: known.link.base.clone(),
            begun: known.link.begun.clone(),
            hubspot,
            fields: decision.to_hubspot,
            held: decision.to_provider,
            ..Pending::new(
                known.record,
                if known.link.base.is_none() {
                    Kind::Linked
                } else {
                    Kind::Updated
                },
            )
        };
        // A record that is not there any more says so itself when it is written to.
        if pending.fields.is_empty() && there && pending.kind == Kind::Updated {
            writes.settled.push(pending);
        } else {
            writes.updates.push(pending);
        }
    }
    Ok(())
}
