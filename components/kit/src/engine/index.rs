//! The index of HubSpot's unlinked records by name and domain: digests only, brought up to date once a run and only
//! when there is a new record to match. One search per 200 records that are not linked yet.

use super::object_work::ObjectWork;
use super::slice::Slice;
use crate::core::catalog;
use crate::core::mapping::{HubspotRecord, MatchKey};
use crate::error::Result;
use crate::hubspot::search::{PAGE, Search};
use crate::ports::Ports;
use crate::store::index::{IndexEntry, IndexProgress};
use crate::store::streams::StreamState;

/// HubSpot's search lags behind its records by up to about 30 s.
pub(super) const LAG_MILLIS: i64 = 60_000;

/// Whether candidates of a tier are looked up here.
fn is_indexed(tier: &catalog::Tier) -> bool {
    tier.lookup == catalog::Lookup::Index
}

/// What HubSpot's records are read by: everything that they are known by.
pub(super) fn properties(object: &catalog::Object) -> Vec<String> {
    let tiers = object.tiers.iter();
    let mut properties: Vec<String> = tiers.flat_map(|tier| tier.properties.clone()).collect();
    properties.sort();
    properties.dedup();
    properties
}

/// What is stored of HubSpot's records.
pub(super) fn entries(object: &catalog::Object, records: &[HubspotRecord]) -> Vec<IndexEntry> {
    let indexed = |key: &&MatchKey| {
        let mut tiers = object.tiers.iter().filter(|tier| is_indexed(tier));
        tiers.any(|tier| tier.name == key.tier)
    };
    let keys = records
        .iter()
        .flat_map(|record| record.keys.iter().map(move |key| (record, key)));
    keys.filter(|(_, key)| indexed(key))
        .map(|(record, key)| IndexEntry::of(record, key))
        .collect()
}

/// Brings the index of an object up to date, unless this run has done so.
pub(super) async fn refresh<P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    state: &mut StreamState,
) -> Result<()> {
    let object = work.object;
    if !object.tiers.iter().any(is_indexed) || state.index_run == Some(slice.run.id) {
        return Ok(());
    }
    let properties = properties(object);
    let since = state
        .index_since
        .map(|since| (object.modified_property.as_str(), since - LAG_MILLIS, None));
    loop {
        let search = Search {
            object: &object.hubspot_object,
            properties: &properties,
            linked: Some((&object.id_property, false)),
            lacking: None,
            after: state.index_after.as_deref(),
            changed: since,
        };
        let (page, _) = slice.hubspot.search(&work.plan, &search).await?;
        let entries = entries(object, &page.records);
        if since.is_some() {
            let ids: Vec<&str> = page.records.iter().map(|record| &*record.id).collect();
            slice
                .store
                .correct_candidates(slice.connection, &object.name, &ids, &entries)
                .await?;
        }
        let progress = match page.records.last() {
            Some(last) if page.records.len() >= PAGE => IndexProgress::After(last.id.clone()),
            _ => IndexProgress::UpTo(slice.run.started_at),
        };
        slice
            .store
            .add_candidates(
                slice.connection,
                &object.name,
                slice.run.id,
                &entries,
                &progress,
            )
            .await?;
        match progress {
            IndexProgress::After(id) => state.index_after = Some(id),
            IndexProgress::UpTo(time) => {
                state.index_after = None;
                state.index_since = Some(time);
                state.index_run = Some(slice.run.id);
                return Ok(());
            }
        }
        slice.budget.step(slice.ports)?;
    }
}
