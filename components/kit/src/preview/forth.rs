//! What would go from the provider to HubSpot: what changed in linked records, and what is new.

use std::collections::{HashMap, HashSet};

use super::{Both, Fate, Work, admitted, decided, pair};
use crate::core::mapping::MappedRecord;
use crate::core::{catalog, matching, reconciling};
use crate::engine::candidates::{Candidates, by_unique_property, in_index, keep};
use crate::engine::required::missing_required;
use crate::engine::settle::{self, Decisions};
use crate::error::Result;
use crate::hubspot::search::{PAGE, Search};
use crate::ports::Ports;
use crate::provider::Provider;
use crate::store::Store;
use crate::store::index::{IndexEntry, OpenClaims};
use crate::store::links::Link;
use crate::store::members::NOT_LISTED;

/// Pages of HubSpot's unlinked records that are compared by name; where there are more, a record may be said to be
/// created that would be linked.
const INDEX_PAGES: usize = 5;

/// Records with a link: what differs from what is remembered would be written.
pub(super) async fn compared<P: Ports>(
    work: &Work<'_, P>,
    provider: &Provider<'_, P>,
    linked: &[(&MappedRecord, &Link, &str)],
    fates: &mut HashMap<String, Fate>,
) -> Result<()> {
    let pairs: Vec<_> = linked
        .iter()
        .map(|(record, link, _)| pair(work, provider, record, link, None))
        .collect();
    let decisions = reconciling::reconcile(&work.fields, work.strategy, &pairs);
    let mut changed = Vec::new();
    for (known, decision) in linked.iter().zip(decisions) {
        match decision.to_hubspot.is_empty() {
            true => {
                fates.insert(known.0.id.clone(), Fate::Unchanged);
            }
            false => changed.push(known),
        }
    }
    if changed.is_empty() {
        return Ok(());
    }
    let ids: Vec<String> = changed.iter().map(|(_, _, id)| (*id).to_owned()).collect();
    let found = work
        .hubspot
        .batch_read(
            &work.object.hubspot_object,
            &work.plan,
            &work.properties,
            None,
            &ids,
        )
        .await?;
    let found: HashMap<&str, _> = found
        .iter()
        .map(|there| (there.id.as_str(), there))
        .collect();
    let mut both: Vec<Both<'_>> = Vec::new();
    for (record, link, id) in changed {
        match found.get(id) {
            Some(there) => both.push((record, link, there)),
            None => {
                let gone = Fate::Skipped("hubspot_gone".to_owned());
                fates.insert(record.id.clone(), gone);
            }
        }
    }
    let decisions = decided(work, provider, &both).await?;
    let named = |at: &u32| Some(work.fields.get(*at as usize)?.property.clone());
    for ((record, _, there), decision) in both.into_iter().zip(decisions) {
        let written: Vec<String> = decision.to_hubspot.iter().filter_map(named).collect();
        let fate = match written.is_empty() {
            true => Fate::Unchanged,
            false => Fate::Updated(there.id.clone(), written),
        };
        fates.insert(record.id.clone(), fate);
    }
    Ok(())
}

/// Records without a link: matched tier by tier, and created where nobody is the same. True where not all of HubSpot's
/// records were compared.
pub(super) async fn matched<P: Ports>(
    store: &Store<'_, P>,
    connection: &str,
    work: &Work<'_, P>,
    mut new: Vec<&MappedRecord>,
    fates: &mut HashMap<String, Fate>,
) -> Result<bool> {
    if new.is_empty() {
        return Ok(false);
    }
    let object = work.object;
    if work.provisioned {
        let ids: Vec<String> = new.iter().map(|record| record.id.clone()).collect();
        let by_sync_id = work
            .hubspot
            .batch_read(
                &object.hubspot_object,
                &work.plan,
                &work.properties,
                Some(&object.id_property),
                &ids,
            )
            .await?;
        let inside = admitted(work, by_sync_id.iter().map(|there| there.id.as_str())).await?;
        for there in by_sync_id {
            if let Some(source) = there.source_id {
                let fate = match inside.contains(&there.id) {
                    true => Fate::Linked(there.id),
                    false => Fate::Skipped(NOT_LISTED.to_owned()),
                };
                fates.insert(source, fate);
            }
        }
    }
    new.retain(|record| !fates.contains_key(&record.id));
    let (mut index, mut rough) = (None, false);
    for tier in &object.tiers {
        let mut candidates = match tier.lookup {
            catalog::Lookup::UniqueProperty => {
                let read = (object, &work.plan, work.properties.as_slice());
                by_unique_property(&work.hubspot, read, tier, &new).await?
            }
            catalog::Lookup::Index => {
                if index.is_none() && !new.is_empty() {
                    let (entries, more) = unlinked(work).await?;
                    (index, rough) = (Some(entries), more);
                }
                in_index(tier, &new, index.clone().unwrap_or_default())
            }
        };
        let found = candidates.values().flatten().map(String::as_str);
        let inside = admitted(work, found).await?;
        keep(&mut candidates, &inside);
        let decisions = decide(store, connection, object, tier, &candidates).await?;
        for (source, hubspot) in decisions.resolved {
            if let Some(hubspot) = hubspot {
                fates.insert(source, Fate::Linked(hubspot));
            }
        }
        for (source, reason) in decisions.ambiguous {
            fates.insert(source, Fate::Waits(reason.to_owned()));
        }
        new.retain(|record| !fates.contains_key(&record.id));
    }
    for record in new {
        let constant = |property: &str| work.constants.iter().any(|known| known == property);
        let fate = match missing_required(object, constant, &work.fields, record) {
            _ if work.list.is_some() => Fate::Skipped(NOT_LISTED.to_owned()),
            None => Fate::Created,
            Some(_) => Fate::Skipped("required_missing".to_owned()),
        };
        fates.insert(record.id.clone(), fate);
    }
    Ok(rough)
}

/// Exactly one on both sides, as the engine has it.
async fn decide<P: Ports>(
    store: &Store<'_, P>,
    connection: &str,
    object: &catalog::Object,
    tier: &catalog::Tier,
    candidates: &Candidates,
) -> Result<Decisions> {
    let hubspot: HashSet<&str> = candidates.values().flatten().map(String::as_str).collect();
    let hubspot: Vec<&str> = hubspot.into_iter().collect();
    let owners = store.owners(connection, &object.name, &hubspot).await?;
    let claims = candidates.iter().flat_map(|(source, found)| {
        found.iter().map(|candidate| matching::Claim {
            source: source.clone(),
            candidate: candidate.clone(),
        })
    });
    let open = OpenClaims {
        sources: candidates.keys().cloned().collect(),
        claims: claims.collect(),
        linked: owners.into_keys().collect(),
    };
    Ok(settle::decide(tier, open))
}

/// HubSpot's records that are nobody's yet, by their keys; and whether there are more.
async fn unlinked<P: Ports>(work: &Work<'_, P>) -> Result<(Vec<IndexEntry>, bool)> {
    let tiers = work
        .object
        .tiers
        .iter()
        .flat_map(|tier| tier.properties.clone());
    let mut properties: Vec<String> = tiers.collect();
    properties.sort();
    properties.dedup();
    let mut entries = Vec::new();
    let mut after: Option<String> = None;
    for _ in 0..INDEX_PAGES {
        let search = Search {
            object: &work.object.hubspot_object,
            properties: &properties,
            linked: match work.provisioned {
                true => Some((&work.object.id_property, false)),
                // Every record has this one.
                false => Some(("hs_object_id", true)),
            },
            lacking: None,
            after: after.as_deref(),
            changed: None,
        };
        let (page, _) = work.hubspot.search(&work.plan, &search).await?;
        let read = page.records.len();
        for record in page.records {
            let keys = record.keys.iter();
            entries.extend(keys.map(|key| IndexEntry::of(&record, key)));
            after = Some(record.id);
        }
        if read < PAGE {
            return Ok((entries, false));
        }
    }
    Ok((entries, true))
}
