//! Which of HubSpot's records a new record may be.

use std::collections::{HashMap, HashSet};

use super::object_work::ObjectWork;
use super::slice::Slice;
use super::{index, members};
use crate::core::catalog;
use crate::core::mapping::{Fingerprint, MappedRecord, Plan};
use crate::error::Result;
use crate::hubspot::HubSpot;
use crate::ports::Ports;
use crate::store::index::{IndexEntry, hex};
use crate::store::page::{ClaimRow, PageCommit};
use crate::store::streams::StreamState;

/// Looks for candidates, strongest tier first. A record with any is decided at the end of the walk, when all claims
/// are in; those without come back, to be created.
pub(super) async fn find<'r, P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    state: &mut StreamState,
    mut new: Vec<&'r MappedRecord>,
    page: &mut PageCommit,
) -> Result<Vec<&'r MappedRecord>> {
    if new.is_empty() {
        return Ok(new);
    }
    index::refresh(slice, work, state).await?;
    for (rank, tier) in work.object.tiers.iter().enumerate() {
        let candidates = match tier.lookup {
            catalog::Lookup::UniqueProperty => {
                let object = (work.object, &work.plan, work.properties.as_slice());
                by_unique_property(&slice.hubspot, object, tier, &new).await?
            }
            catalog::Lookup::Index => by_index(slice, work, tier, &new).await?,
        };
        let candidates = admitted(slice, work, candidates).await?;
        new.retain(|record| {
            let Some(found) = candidates.get(record.id.as_str()) else {
                return true;
            };
            let claim = |id: &String| ClaimRow::new(&record.id, id, rank as i64, &record.keys);
            page.claims.extend(found.iter().map(claim));
            found.is_empty()
        });
    }
    Ok(new)
}

/// Those of them that may come in.
async fn admitted<P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    mut candidates: Candidates,
) -> Result<Candidates> {
    if work.list.is_some() {
        let ids = candidates.values().flatten().map(String::as_str);
        let inside = members::admitted(slice, work, ids).await?;
        keep(&mut candidates, &inside);
    }
    Ok(candidates)
}

/// Leaves out all but these HubSpot records.
pub(crate) fn keep(candidates: &mut Candidates, inside: &HashSet<String>) {
    for found in candidates.values_mut() {
        found.retain(|id| inside.contains(id));
    }
    candidates.retain(|_, found| !found.is_empty());
}

/// HubSpot ids by provider id.
pub(crate) type Candidates = HashMap<String, Vec<String>>;

/// Those that have a unique value of the tier. `object` comes with how it is mapped, and what to read of it.
pub(crate) async fn by_unique_property<P: Ports>(
    hubspot: &HubSpot<'_, P>,
    (object, plan, properties): (&catalog::Object, &Plan, &[String]),
    tier: &catalog::Tier,
    new: &[&MappedRecord],
) -> Result<Candidates> {
    let Some(property) = tier.properties.first() else {
        return Ok(Candidates::new());
    };
    let mut values: Vec<String> = Vec::new();
    let mut wanted: HashMap<Fingerprint, Vec<&str>> = HashMap::new();
    for record in new {
        for key in record.keys.iter().filter(|key| key.tier == tier.name) {
            let sources = wanted.entry(key.digest).or_default();
            if sources.is_empty() {
                values.push(key.value.clone());
            }
            sources.push(&record.id);
        }
    }
    if values.is_empty() {
        return Ok(Candidates::new());
    }
    let found = hubspot
        .batch_read(
            &object.hubspot_object,
            plan,
            properties,
            Some(property),
            &values,
        )
        .await?;
    let mut candidates = Candidates::new();
    for hubspot in found {
        for key in hubspot.keys.iter().filter(|key| key.tier == tier.name) {
            for source in wanted.get(&key.digest).into_iter().flatten() {
                candidates
                    .entry((*source).to_owned())
                    .or_default()
                    .push(hubspot.id.clone());
            }
        }
    }
    Ok(candidates)
}

async fn by_index<P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    tier: &catalog::Tier,
    new: &[&MappedRecord],
) -> Result<Candidates> {
    let keys: Vec<(&str, String)> = new
        .iter()
        .flat_map(|record| &record.keys)
        .filter(|key| key.tier == tier.name)
        .map(|key| (key.tier.as_str(), hex(key.digest)))
        .collect();
    if keys.is_empty() {
        return Ok(Candidates::new());
    }
    let entries = slice
        .store
        .candidates(&slice.connection.id, &work.object.name, &keys)
        .await?;
    Ok(in_index(tier, new, entries))
}

/// Those among the index's entries that have a key of the tier, and no other of a stronger one.
pub(crate) fn in_index(
    tier: &catalog::Tier,
    new: &[&MappedRecord],
    found: Vec<IndexEntry>,
) -> Candidates {
    let mut entries: HashMap<String, Vec<IndexEntry>> = HashMap::new();
    for entry in found.into_iter().filter(|entry| entry.tier == tier.name) {
        entries.entry(entry.digest.clone()).or_default().push(entry);
    }
    let mut candidates = Candidates::new();
    for record in new {
        for key in record.keys.iter().filter(|key| key.tier == tier.name) {
            let guard = key.guard.map(hex);
            for entry in entries.get(&hex(key.digest)).into_iter().flatten() {
                // Both have the stronger key, and it differs: another record of the same name.
                let contradicts =
                    matches!((&guard, &entry.guard), (Some(ours), Some(theirs)) if ours != theirs);
                let found = candidates.entry(record.id.clone()).or_default();
                if !contradicts && !found.contains(&entry.hubspot_id) {
                    found.push(entry.hubspot_id.clone());
                }
            }
        }
    }
    candidates.retain(|_, found| !found.is_empty());
    candidates
}
