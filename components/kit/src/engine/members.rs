//! The door of an object (S3-10): with an inclusion list, only its members sync, both ways; without one, all do.
//!
//! The list is read once a run, before anything else, a page at a time. A link whose HubSpot record is not in
//! it rests: it stays, what is remembered of it stays, and nothing of either side travels. What comes in is due at once. A
//! list that is not there any more, or may not be read, lets nobody through.

use std::collections::{BTreeMap, HashSet};

use super::object_work::ObjectWork;
use super::slice::Slice;
use super::sweep;
use crate::core::catalog;
use crate::core::mapping::HubspotRecord;
use crate::error::{Error, Result, Side};
use crate::hubspot::BATCH;
use crate::ports::Ports;
use crate::store::links::{HUBSPOT_MOVED, LinkState};
use crate::store::page::{LinkRow, PageCommit, Position};
use crate::store::streams::{Phase, StreamState, members_of};

/// There is no such list any more.
const GONE: &str = "list_gone";
/// HubSpot does not let the app read lists.
const FORBIDDEN: &str = "list_forbidden";

/// Whether an object syncs in this run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Door {
    /// All of it, or the members of its list.
    Open,
    /// Nothing of it, for this reason.
    Shut(&'static str),
}

impl Door {
    /// By what a walk over the list has left as its version: the list's id, or why it could not be read.
    fn of(version: Option<&str>) -> Self {
        match version {
            Some(GONE) => Self::Shut(GONE),
            Some(FORBIDDEN) => Self::Shut(FORBIDDEN),
            _ => Self::Open,
        }
    }
}

/// The objects that a part of a run works on, and those that it may not touch.
#[derive(Default)]
pub(super) struct Doors<'a> {
    pub open: Vec<&'a catalog::Object>,
    shut: Option<(&'a catalog::Object, &'static str)>,
}

impl<'a> Doors<'a> {
    /// Notes an object; true where it may be worked on.
    pub fn pass(&mut self, object: &'a catalog::Object, door: Door) -> bool {
        match door {
            Door::Open => self.open.push(object),
            Door::Shut(code) => self.shut = self.shut.or(Some((object, code))),
        }
        door == Door::Open
    }

    /// The end of a run: it fails where something could not be synced, and says what.
    pub fn end<P: Ports>(self, slice: &Slice<'_, P>) -> Result<()> {
        match self.shut {
            None => Ok(()),
            Some((object, code)) => {
                slice.enter(&object.name);
                Err(Error::List(code))
            }
        }
    }
}

/// Reads an object's list, unless this run has done so; lets in and out who came and went.
pub(super) async fn open<P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    states: &mut BTreeMap<String, StreamState>,
) -> Result<Door> {
    if let Some(door) = read(slice, work, states) {
        return Ok(door);
    }
    let name = members_of(&work.object.name);
    let Some(list) = &work.list else {
        slice
            .store
            .open_door(slice.connection, &work.object.name, &name)
            .await?;
        return Ok(Door::Open);
    };
    // In the slow cadence of looking at everything.
    let anew = sweep::is_due(slice, states, work.object);
    let state = slice.begin(states, &name, |_| None).await?;
    let state = state.ok_or(Error::Row)?;
    match walk(slice, work, &name, list, state).await? {
        Door::Open => {}
        shut => return Ok(shut),
    }
    slice
        .store
        .forget_members(slice.connection, &work.object.name, &name)
        .await?;
    rest(slice, work, &name).await?;
    slice
        .store
        .let_in(slice.connection, &work.object.name, anew)
        .await?;
    slice
        .store
        .finish_walk(slice.connection, &name, list)
        .await?;
    Ok(Door::Open)
}

/// What this run knows of an object's list; none where it has not read it to its end, or has not let in yet who waited
/// before one that was there.
pub(super) fn read<P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    states: &BTreeMap<String, StreamState>,
) -> Option<Door> {
    let state = states.get(&members_of(&work.object.name));
    if work.list.is_none() {
        return state.is_none().then_some(Door::Open);
    }
    let read = state.filter(|state| slice.is_done(state))?;
    Some(Door::of(read.version.as_deref()))
}

/// Reads the members, all of them.
async fn walk<P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    name: &str,
    list: &str,
    mut state: StreamState,
) -> Result<Door> {
    while state.phase == Phase::Walk {
        slice.budget.step(slice.ports)?;
        if let Some(reason) = shut(one(slice, work, name, list, &mut state).await)? {
            slice
                .store
                .finish_walk(slice.connection, name, reason)
                .await?;
            return Ok(Door::Shut(reason));
        }
    }
    Ok(Door::Open)
}

/// Why a list lets nobody through, by what became of reading it.
fn shut(read: Result<bool>) -> Result<Option<&'static str>> {
    match read {
        Ok(true) => Ok(None),
        Ok(false) => Ok(Some(GONE)),
        Err(Error::Api {
            side: Side::HubSpot,
            status: 403,
            ..
        }) => Ok(Some(FORBIDDEN)),
        Err(error) => Err(error),
    }
}

/// One page of members; false where there is no such list.
async fn one<P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    name: &str,
    list: &str,
    state: &mut StreamState,
) -> Result<bool> {
    if state.cursor.is_none() {
        // A list in the recycle bin may still name members.
        let kind = slice.hubspot.list_type(list).await?;
        if kind.as_ref() != Some(&work.object.hubspot_type_id) {
            return Ok(false);
        }
    }
    let Some(members) = slice.hubspot.members(list, state.cursor.as_deref()).await? else {
        return Ok(false);
    };
    if members.after.is_some() && members.after == state.cursor {
        return Err(Error::PageRepeats);
    }
    slice
        .store
        .add_members(slice.connection, &work.object.name, name, &members.ids)
        .await?;
    let mut page = PageCommit::default();
    page.counts.read = members.ids.len() as i64;
    let phase = match members.after {
        Some(_) => Phase::Walk,
        None => Phase::Settle,
    };
    let position = Position {
        cursor: members.after,
        ..Position::default()
    };
    slice.commit(name, page, phase, &position).await?;
    state.phase = phase;
    state.cursor = position.cursor;
    Ok(true)
}

/// Lets links rest whose HubSpot record is not in the list. One that left because it was merged or deleted is looked for
/// as ever: it may live on in a member.
async fn rest<P: Ports>(slice: &Slice<'_, P>, work: &ObjectWork<'_>, name: &str) -> Result<()> {
    let object = work.object;
    let mut after = String::new();
    loop {
        let links = slice
            .store
            .links_without_member(&slice.connection.id, &object.name, &after, BATCH as i64)
            .await?;
        let Some((last, _)) = links.last() else {
            return Ok(());
        };
        after.clone_from(last);
        slice.budget.step(slice.ports)?;
        let ids: Vec<String> = links.iter().map(|(_, id)| id.clone()).collect();
        let there: HashSet<String> = slice
            .hubspot
            .batch_read(&object.hubspot_object, &work.plan, &[], None, &ids)
            .await?
            .into_iter()
            .map(|record| record.id)
            .collect();
        let mut page = PageCommit::default();
        page.links.extend(links.iter().map(|(id, hubspot_id)| {
            if there.contains(hubspot_id) {
                return LinkRow::not_listed(id);
            }
            LinkRow {
                retry_at: Some(slice.ports.now()),
                ..LinkRow::unresolved(id, LinkState::Failed, HUBSPOT_MOVED)
            }
        }));
        slice
            .commit(name, page, Phase::Settle, &Position::default())
            .await?;
    }
}

/// Of these HubSpot ids, those that may come in.
pub(super) async fn admitted<'i, P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    ids: impl Iterator<Item = &'i str>,
) -> Result<HashSet<String>> {
    let ids: Vec<&str> = ids.collect();
    if work.list.is_none() || ids.is_empty() {
        return Ok(ids.into_iter().map(str::to_owned).collect());
    }
    let members = slice
        .store
        .members_among(&slice.connection.id, &work.object.name, &ids)
        .await?;
    Ok(members.into_iter().collect())
}

/// A record that was made by us, or names its HubSpot record itself, and that record is not in the list: the two belong
/// together, and rest. A HubSpot record that another one holds is left to that.
pub(super) async fn resting<P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    pairs: &[(&str, &HubspotRecord)],
) -> Result<Vec<LinkRow>> {
    let ids: Vec<&str> = pairs.iter().map(|(_, there)| there.id.as_str()).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let owners = slice
        .store
        .owners(&slice.connection.id, &work.object.name, &ids)
        .await?;
    let mut taken: HashSet<&str> = owners.keys().map(String::as_str).collect();
    Ok(pairs
        .iter()
        .map(|(id, there)| LinkRow {
            hubspot_id: taken.insert(&there.id).then(|| there.id.clone()),
            ..LinkRow::not_listed(id)
        })
        .collect())
}
