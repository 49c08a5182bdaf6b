//! Companions: of the HubSpot records associated with a linked one, the most recently created gives the object values as
//! well (S2-12 to S2-15).
//!
//! Which one it is is asked for whenever its values are, so that a newer one takes over (DX-06); remembered is only what a
//! person chose, and that stays. Components carry the code for it as soon as a connector declares companions (`cfg(companions)`,
//! which the build script sets).

#[cfg(companions)]
mod taken;

use std::collections::HashMap;

use super::object_work::ObjectWork;
use super::slice::Slice;
use crate::core::catalog;
use crate::core::mapping::HubspotRecord;
use crate::error::Result;
use crate::ports::Ports;
#[cfg(companions)]
pub(super) use taken::taking;

/// What an object takes of companions.
pub(super) struct Companions<'a> {
    /// Which records they are.
    pub declared: &'a catalog::Companion,
    /// Their properties to read.
    pub properties: Vec<String>,
}

/// HubSpot's side of records, with its values and those of their companions, by id; what is not there is left out.
pub(super) async fn read<P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    ids: &[String],
) -> Result<HashMap<String, HubspotRecord>> {
    let object = &work.object.hubspot_object;
    #[cfg_attr(not(companions), expect(unused_mut, reason = "nothing is added"))]
    let mut records = slice
        .hubspot
        .batch_read_values(object, &work.plan, &work.properties, ids)
        .await?;
    #[cfg(companions)]
    if let Some(companions) = &work.companions {
        taken::add(slice, work, companions, &mut records).await?;
    }
    Ok(records
        .into_iter()
        .map(|record| (record.id.clone(), record))
        .collect())
}
