//! What a run needs before it can work: HubSpot is given properties and pipelines, the lists that are the doors of objects
//! are read, and the provider is asked for webhooks. Whichever part finds something of it not done hands the run over to
//! this one, which comes to its end and begins the run: nothing of it is asked for twice.

use std::collections::BTreeMap;

use super::members::{self, Door};
use super::object_work::ObjectWork;
use super::part::{self, Part};
use super::slice::Slice;
use super::{provision, subscriptions};
use crate::core::catalog;
use crate::error::Result;
use crate::ports::Ports;
use crate::store::streams::StreamState;

/// Does all of it.
pub(super) async fn work<P: Ports>(slice: &Slice<'_, P>) -> Result<()> {
    let enabled = slice.enabled()?;
    let provisioned = provision::ensure(slice, &enabled).await?;
    let mut states = slice.store.streams(&slice.connection.id).await?;
    for object in enabled.iter().copied() {
        let work = slice.object_work(object, &provisioned)?;
        slice.enter(&object.name);
        members::open(slice, &work, &mut states).await?;
    }
    slice.enter("webhooks");
    subscriptions::tend(slice, &enabled).await?;
    part::hand_over(slice, Part::ToHubspot).await
}

/// The objects of the run and whether each may be worked on; none where that, or what HubSpot needs first, is not known.
pub(super) fn done<'a, P: Ports>(
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
