//! The first part of a run: what the provider has goes to HubSpot.

use super::members::Doors;
use super::part::{self, Part};
use super::slice::Slice;
use super::{associate, pages, prepare, relations, release, subscriptions, sweep};
use crate::error::Result;
use crate::ports::Ports;

/// Works until the part is complete. Hands the run over where something must be prepared first, or where the next part has
/// something to do.
pub(super) async fn work<P: Ports>(slice: &Slice<'_, P>) -> Result<()> {
    let enabled = slice.enabled()?;
    let mut states = slice.store.streams(&slice.connection.id).await?;
    let Some(open) = prepare::done(slice, &enabled, &states)? else {
        return part::hand_over(slice, Part::Prepare).await;
    };
    if subscriptions::untended(slice, &enabled).await? {
        return part::hand_over(slice, Part::Prepare).await;
    }
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
    if !goes_on && !subscriptions::doubt(slice, &enabled).await? {
        return doors.end(slice);
    }
    part::hand_over(slice, Part::ToProvider).await
}
