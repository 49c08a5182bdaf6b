//! A HubSpot record that is gone may live on in another: people merge duplicates.

use std::collections::HashMap;

use super::members;
use super::object_work::ObjectWork;
use super::slice::Slice;
use crate::core::mapping::HubspotRecord;
use crate::error::Result;
use crate::ports::Ports;
use crate::store::links::LinkState;
use crate::store::page::LinkRow;

/// A link whose HubSpot record was not there.
pub(super) struct Lost {
    pub provider_id: String,
    pub hubspot_id: String,
}

/// What is left of lost records.
pub(super) struct Survivors {
    /// By provider id, values included; a record that belongs to another provider record is none.
    pub found: HashMap<String, HubspotRecord>,
    /// What to store of the others: the link ends, and is not made anew; or it rests.
    pub ended: Vec<LinkRow>,
}

/// Looks for survivors: by the sync id that a merge hands on, then by what HubSpot answers to the old id.
pub(super) async fn find<P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    lost: &[Lost],
) -> Result<Survivors> {
    let object = &work.object.hubspot_object;
    let ids: Vec<String> = lost.iter().map(|one| one.provider_id.clone()).collect();
    let mut heirs: HashMap<String, String> = slice
        .hubspot
        .batch_read(
            object,
            &work.plan,
            &work.properties,
            Some(&work.object.id_property),
            &ids,
        )
        .await?
        .into_iter()
        .filter_map(|record| Some((record.source_id?, record.id)))
        .collect();
    let mut merged = Vec::new();
    for one in lost {
        if heirs.contains_key(&one.provider_id) {
            continue;
        }
        if let Some(id) = slice.hubspot.current_id(object, &one.hubspot_id).await? {
            merged.push(one.provider_id.as_str());
            heirs.insert(one.provider_id.clone(), id);
        }
    }
    let ids: Vec<String> = heirs.values().cloned().collect();
    let records: HashMap<String, HubspotRecord> = slice
        .hubspot
        .batch_read_values(object, &work.plan, &work.properties, &ids)
        .await?
        .into_iter()
        .map(|record| (record.id.clone(), record))
        .collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let owners = slice
        .store
        .owners(&slice.connection.id, &work.object.name, &ids)
        .await?;
    let inside = members::admitted(slice, work, ids.iter().copied()).await?;
    let mut survivors = Survivors {
        found: HashMap::new(),
        ended: Vec::new(),
    };
    for one in lost {
        let id = &one.provider_id;
        let heir = heirs.get(id).and_then(|heir| records.get(heir));
        let free = |record: &&HubspotRecord| {
            let other = |owner: &String| owner != id;
            !owners.get(&record.id).is_some_and(other)
                && !record.source_id.as_ref().is_some_and(other)
        };
        match heir.filter(free) {
            // It rests, and what is remembered is of another record.
            Some(record) if !inside.contains(&record.id) => survivors.ended.push(LinkRow {
                hubspot_id: Some(record.id.clone()),
                base: Some(String::new()),
                ..LinkRow::not_listed(id)
            }),
            Some(record) => {
                survivors.found.insert(id.clone(), record.clone());
            }
            None => {
                let reason = if heir.is_some() || merged.contains(&id.as_str()) {
                    "merged"
                } else {
                    "hubspot_gone"
                };
                let row = LinkRow::unresolved(id, LinkState::HubSpotGone, reason);
                survivors.ended.push(row);
            }
        }
    }
    Ok(survivors)
}
