//! The first part of a run: what the provider has goes to HubSpot. What must be known before is read by the other part, as
//! each must stay small: see `to_provider`.

use std::collections::BTreeMap;

use super::members::{self, Door, Doors};
use super::object_work::ObjectWork;
use super::slice::Slice;
use super::{associate, pages, provision, relations, release, subscriptions, sweep};
use crate::core::catalog;
use crate::error::{Error, Result};
use crate::ports::Ports;
use crate::store::streams::StreamState;

/// Works until the part is complete. Hands the run over where something must be known first, or there is more to do, in the
/// other one.
pub(super) async fn work<P: Ports>(slice: &Slice<'_, P>) -> Result<()> {
    let enabled = slice.enabled()?;
    let mut states = slice.store.streams(&slice.connection.id).await?;
    let Some(open) = prepared(slice, &enabled, &states)? else {
        return hand_over(slice).await;
    };
    let mut doors = Doors::default();
    let mut goes_on = false;
    for (work, door) in open {
        let object = work.object;
        slice.enter(&object.name);
        if !doors.pass(object, door) {
            continue;
        }
        goes_on |= work.back;
        release::all(slice, &work).await?;
        let begun = slice
            .begin(&mut states, &object.name, |state| {
                let known = state.version.as_deref() == Some(work.version.as_str());
                state.watermark.filter(|_| known)
            })
            .await?;
        if let Some(state) = begun {
            pages::walk(slice, &work, state).await?;
        }
    }
    for stream in &slice.connector.relation_streams {
        slice.enter(&stream.name);
        let fresh_after = slice.fresh_after();
        let begun = slice
            .begin(&mut states, &stream.name, |state| {
                let swept = state.full_at.is_some_and(|at| at > fresh_after);
                state.watermark.filter(|_| swept)
            })
            .await?;
        if let Some(state) = begun {
            relations::walk(slice, stream, state).await?;
        }
    }
    slice.enter("associations");
    associate::all(slice, &doors.open).await?;
    if !goes_on {
        let states = slice.store.streams(&slice.connection.id).await?;
        goes_on = doors
            .open
            .iter()
            .any(|object| sweep::is_due(slice, &states, object));
    }
    if !goes_on && !subscriptions::wait(slice, &enabled).await? {
        return doors.end(slice);
    }
    hand_over(slice).await
}

/// The objects of the run and whether each may be worked on; none where that, or what HubSpot needs first, is not known.
fn prepared<'a, P: Ports>(
    slice: &Slice<'a, P>,
    enabled: &[&'a catalog::Object],
    states: &BTreeMap<String, StreamState>,
) -> Result<Option<Vec<(ObjectWork<'a>, Door)>>> {
    let Some(provisioned) = provision::known(slice, enabled) else {
        return Ok(None);
    };
    let mut objects = Vec::new();
    for object in enabled.iter().copied() {
        let work = slice.object_work(object, provisioned)?;
        let Some(door) = members::read(slice, &work, states) else {
            return Ok(None);
        };
        objects.push((work, door));
    }
    Ok(Some(objects))
}

/// It is the other part's turn.
async fn hand_over<P: Ports>(slice: &Slice<'_, P>) -> Result<()> {
    slice
        .store
        .hand_over(slice.connection, slice.run.id)
        .await?;
    Err(Error::HandedOver)
}
