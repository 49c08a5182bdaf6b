//! What a HubSpot user does with lists.

use super::PortalHandle;
use super::lists::{List, Processing};
use super::model::ObjectType;
use super::portal::Portal;
use crate::error::FakeError;

fn unknown(id: u64) -> FakeError {
    FakeError::Unknown { kind: "list", id }
}

impl PortalHandle {
    /// Makes a list; its id.
    pub fn create_list(&self, kind: ObjectType, name: &str, processing: Processing) -> u64 {
        self.with(|portal| {
            let now = portal.clock.now();
            let id = portal.lists.keys().next_back().map_or(1, |last| last + 1);
            let list = List {
                id,
                name: name.to_owned(),
                kind,
                processing,
                members: Default::default(),
                created_at: now,
                updated_at: now,
                added_at: None,
                removed_at: None,
                deleted_at: None,
            };
            portal.lists.insert(id, list);
            id
        })
    }

    /// Puts records into a list.
    pub fn add_to_list(&self, list: u64, records: &[u64]) -> Result<(), FakeError> {
        self.with(|portal| {
            let kind = portal.lists.get(&list).ok_or_else(|| unknown(list))?.kind;
            for id in records {
                Self::live(portal, kind, *id)?;
            }
            let now = portal.clock.now();
            change(portal, list, |list| {
                list.added_at = Some(now);
                for id in records {
                    list.members.entry(*id).or_insert(now);
                }
            })
        })
    }

    /// Takes records out of a list; what was merged into them goes along.
    pub fn remove_from_list(&self, list: u64, records: &[u64]) -> Result<(), FakeError> {
        self.with(|portal| {
            let known = portal.lists.get(&list).ok_or_else(|| unknown(list))?;
            let store = portal.store(known.kind);
            let members = known.members.iter();
            let left = members
                .filter(|(id, _)| !records.contains(&store.survivor(**id)))
                .map(|(id, at)| (*id, *at))
                .collect();
            let now = portal.clock.now();
            change(portal, list, |list| {
                list.removed_at = Some(now);
                list.members = left;
            })
        })
    }

    /// Who is in a list, by id.
    pub fn list_members(&self, list: u64) -> Result<Vec<u64>, FakeError> {
        self.with(|portal| {
            let list = portal.lists.get(&list).ok_or_else(|| unknown(list))?;
            Ok(portal.members(list).into_keys().collect())
        })
    }

    /// Moves a list to the recycle bin.
    pub fn delete_list(&self, list: u64) -> Result<(), FakeError> {
        self.with(|portal| {
            let now = portal.clock.now();
            change(portal, list, |list| list.deleted_at = Some(now))
        })
    }

    /// Takes a list back out of the recycle bin, with its members.
    pub fn restore_list(&self, list: u64) -> Result<(), FakeError> {
        self.with(|portal| change(portal, list, |list| list.deleted_at = None))
    }
}

fn change(portal: &mut Portal, id: u64, act: impl FnOnce(&mut List)) -> Result<(), FakeError> {
    let now = portal.clock.now();
    let list = portal.lists.get_mut(&id).ok_or_else(|| unknown(id))?;
    list.updated_at = now;
    act(list);
    Ok(())
}
