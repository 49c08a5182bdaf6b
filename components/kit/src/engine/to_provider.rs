//! The second part of a run: what people did in HubSpot goes to the provider, and what is gone there ends its links.

use std::collections::BTreeMap;

use super::companions::Companions;
use super::members::Doors;
use super::object_work::ObjectWork;
use super::part::{self, Part};
use super::slice::Slice;
use super::{creates, hubspot_changes, prepare, subscriptions, sweep, ways};
use crate::error::Result;
use crate::ports::Ports;
use crate::store::streams::{
    StreamState, companions_of, hubspot_side, new_in, suspects_of, sweep_of,
};

/// Works until the part is complete, and with it the run.
pub(super) async fn work<P: Ports>(slice: &Slice<'_, P>) -> Result<()> {
    let enabled = slice.enabled()?;
    let told = subscriptions::scheme(slice)?.is_some();
    let mut states = slice.store.streams(&slice.connection.id).await?;
    let Some(objects) = prepare::done(slice, &enabled, &states)? else {
        return part::hand_over(slice, Part::Prepare).await;
    };
    let mut doors = Doors::default();
    for (work, door) in objects {
        if !doors.pass(work.object, door) {
            continue;
        }
        let object = work.object;
        if work.back {
            let name = hubspot_side(&object.name);
            slice.enter(&name);
            changes(slice, &work, None, &name, &mut states).await?;
        }
        if let Some(companions) = &work.companions {
            let name = companions_of(&object.name);
            slice.enter(&name);
            changes(slice, &work, Some(companions), &name, &mut states).await?;
        }
        if work.creates {
            let name = new_in(&object.name);
            slice.enter(&name);
            let begun = slice
                .begin(&mut states, &name, |state| {
                    let known = state.version.as_deref() == Some(creates::version(&work));
                    state.watermark.filter(|_| known)
                })
                .await?;
            if let Some(state) = begun {
                creates::walk(slice, &work, &name, state).await?;
            }
        }
        if sweep::is_due(slice, &states, object) {
            let name = sweep_of(&object.name);
            slice.enter(&name);
            if let Some(state) = slice.begin(&mut states, &name, |_| None).await? {
                sweep::walk(slice, &work, &name, state).await?;
            }
        }
        if told {
            let name = suspects_of(&object.name);
            slice.enter(&name);
            sweep::suspects(slice, &work, &name).await?;
        }
    }
    doors.end(slice)
}

/// What changed in HubSpot since the last run: everything that is linked, where other fields travel back now.
async fn changes<P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    companions: Option<&Companions<'_>>,
    name: &str,
    states: &mut BTreeMap<String, StreamState>,
) -> Result<()> {
    let version = ways::version(&work.version, &work.fields);
    let begun = slice
        .begin(states, name, |state| {
            let known = state.version.as_deref() == Some(version.as_str());
            state.watermark.filter(|_| known)
        })
        .await?;
    match begun {
        Some(state) => hubspot_changes::walk(slice, work, companions, name, &version, state).await,
        None => Ok(()),
    }
}
