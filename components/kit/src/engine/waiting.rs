//! What waits for a person because of its candidates, and HubSpot's side of it: people merge, delete and correct duplicates
//! there. So the candidates of what waits are read once a run, by their ids, and a record whose match is another one now is
//! matched anew (S2-48). It is one call where anything waits; where more wait than go into it, they take turns.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::index::{self, LAG_MILLIS};
use super::object_work::ObjectWork;
use super::slice::Slice;
use crate::core::catalog;
use crate::core::mapping::HubspotRecord;
use crate::error::Result;
use crate::hubspot::BATCH;
use crate::ports::Ports;
use crate::store::waiting_matches::{StoredKey, Waiting};

/// Reads the candidates of what waits, and makes due what is to be matched anew.
pub(super) async fn look<P: Ports>(slice: &Slice<'_, P>, work: &ObjectWork<'_>) -> Result<()> {
    let (object, connection) = (work.object, slice.connection);
    let mut waiting = slice
        .store
        .waiting_matches(&connection.id, &object.name, BATCH as i64)
        .await?;
    let all = waiting.len();
    let ids = take_turns(&mut waiting);
    if waiting.is_empty() {
        return Ok(());
    }
    slice.budget.step(slice.ports)?;
    let properties = index::properties(object);
    let records: HashMap<String, HubspotRecord> = slice
        .hubspot
        .batch_read(&object.hubspot_object, &work.plan, &properties, None, &ids)
        .await?
        .into_iter()
        .map(|record| (record.id.clone(), record))
        .collect();

    let mut due = BTreeMap::new();
    let mut moved = BTreeSet::new();
    for one in &waiting {
        let mut changed = one.is_over();
        for (id, tier) in &one.claims {
            let stays = records.get(id).is_some_and(|there| {
                one.keys.is_empty() || rank(object, &one.keys, there) == Some(*tier)
            });
            if !stays {
                changed = true;
                moved.insert(id.as_str());
            }
        }
        if changed {
            let left = one.claims.iter().any(|(id, _)| records.contains_key(id));
            // What they were merged into may have another id, and search does not show it at once.
            let wait = if left { 0 } else { LAG_MILLIS };
            due.insert(one.id.as_str(), slice.ports.now() + wait);
        }
    }
    if !due.is_empty() {
        let moved: Vec<&str> = moved.into_iter().collect();
        let there = moved.iter().filter_map(|id| records.get(*id));
        let there: Vec<HubspotRecord> = there.cloned().collect();
        let entries = index::entries(object, &there);
        slice
            .store
            .correct_candidates(connection, &object.name, &moved, &entries)
            .await?;
        slice
            .store
            .match_anew(connection, &object.name, &due)
            .await?;
    }
    if waiting.len() < all || all == BATCH {
        let ids: Vec<&str> = waiting.iter().map(|one| one.id.as_str()).collect();
        slice
            .store
            .looked_at(connection, &object.name, &ids)
            .await?;
    }
    Ok(())
}

/// The candidates to read, as many as go into one call. Where not all do, `waiting` is left with those whose turn it is;
/// what is judged by all that HubSpot has of a common name is judged by the first of them.
fn take_turns(waiting: &mut Vec<Waiting>) -> Vec<String> {
    let mut ids: BTreeSet<String> = BTreeSet::new();
    for one in waiting.iter_mut() {
        one.claims.truncate(BATCH);
    }
    let fit = waiting.iter().take_while(|one| {
        let new = one.claims.iter().filter(|(id, _)| !ids.contains(id));
        let fits = ids.len() + new.count() <= BATCH;
        if fits {
            ids.extend(one.claims.iter().map(|(id, _)| id.clone()));
        }
        fits
    });
    let fit = fit.count();
    waiting.truncate(fit);
    ids.into_iter().collect()
}

/// The tier at which a record that is known by these keys matches HubSpot's; 0 = strongest.
fn rank(object: &catalog::Object, keys: &[StoredKey], there: &HubspotRecord) -> Option<i64> {
    let theirs: Vec<StoredKey> = there.keys.iter().map(StoredKey::of).collect();
    let matches = |tier: &catalog::Tier| {
        let ours = keys.iter().filter(|StoredKey(name, ..)| *name == tier.name);
        ours.clone()
            .any(|ours| theirs.iter().any(|their| ours.matches(their)))
    };
    let rank = object.tiers.iter().position(matches)?;
    i64::try_from(rank).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiting(claims: &[usize]) -> Waiting {
        Waiting {
            id: String::new(),
            keys: Vec::new(),
            reason: None,
            linked: 0,
            claims: claims.iter().map(|id| (id.to_string(), 0)).collect(),
        }
    }

    /// S2-48: however many wait, a run reads a hundred of their candidates, and of none of them half.
    #[test]
    fn what_waits_takes_turns() {
        let all: Vec<usize> = (0..150).collect();
        let mut one = vec![waiting(&all), waiting(&[200])];
        assert_eq!((take_turns(&mut one).len(), one.len()), (BATCH, 1));
        let mut shared = vec![waiting(&all[..99]), waiting(&[0, 200]), waiting(&[1, 201])];
        assert_eq!((take_turns(&mut shared).len(), shared.len()), (BATCH, 2));
        assert!(take_turns(&mut Vec::new()).is_empty());
    }
}
