//! Records that a workflow action has created, or may be creating just now: they have their HubSpot record already, and
//! must not get another (S0-72).

use std::collections::HashSet;

use super::object_work::ObjectWork;
use super::slice::Slice;
use crate::core::mapping::MappedRecord;
use crate::error::Result;
use crate::ports::Ports;
use crate::store::links::LinkState;
use crate::store::page::{LinkRow, PageCommit};

/// A record that may be an action's is looked at again after this time, when the action is done or gone.
const AGAIN_MILLIS: i64 = 60_000;

/// Those of the new records that may be created in HubSpot.
pub(super) async fn leave_out<'r, P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    new: Vec<&'r MappedRecord>,
    page: &mut PageCommit,
) -> Result<Vec<&'r MappedRecord>> {
    if new.is_empty() {
        return Ok(new);
    }
    let (connection, name) = (slice.connection, work.object.name.as_str());
    let ids: Vec<&str> = new.iter().map(|record| record.id.as_str()).collect();
    let place = (connection.id.as_str(), name);
    let (linked, creating) = slice
        .store
        .created_meanwhile(connection.portal, &connection.connector, place, &ids)
        .await?;
    let linked: HashSet<&str> = linked.iter().map(String::as_str).collect();
    let mut free = Vec::with_capacity(new.len());
    for record in new {
        if linked.contains(record.id.as_str()) {
            page.counts.unchanged += 1;
        } else if creating {
            page.links.push(LinkRow {
                retry_at: Some(slice.ports.now() + AGAIN_MILLIS),
                ..LinkRow::unresolved(&record.id, LinkState::Failed, "created_by_action")
            });
        } else {
            free.push(record);
        }
    }
    Ok(free)
}
