//! Takes the sync id away from HubSpot records whose link a person took away: it is unique, and another record may need it.

use std::collections::HashSet;

use super::object_work::ObjectWork;
use super::slice::Slice;
use crate::core::mapping::WriteInput;
use crate::error::Result;
use crate::hubspot::objects::Write;
use crate::hubspot::{BATCH, LAST_SYNCED, STATUS};
use crate::ports::Ports;

/// Releases all that wait for it. One statement where there are none.
pub(super) async fn all<P: Ports>(slice: &Slice<'_, P>, work: &ObjectWork<'_>) -> Result<()> {
    let object = work.object;
    loop {
        let ids = slice
            .store
            .released(&slice.connection.id, &object.name, BATCH as i64)
            .await?;
        if ids.is_empty() {
            return Ok(());
        }
        slice.budget.step(slice.ports)?;
        let now = slice.ports.now().to_string();
        let inputs: Vec<WriteInput> = ids
            .iter()
            .map(|id| WriteInput {
                id: Some(id.clone()),
                id_property: None,
                trace: id.clone(),
                properties: vec![
                    (object.id_property.clone(), String::new()),
                    (STATUS.to_owned(), "not_synced".to_owned()),
                    (LAST_SYNCED.to_owned(), now.clone()),
                ],
            })
            .collect();
        let answer = slice
            .hubspot
            .batch_write(&object.hubspot_object, &work.plan, Write::Update, &inputs)
            .await?;
        // One that is gone names nobody.
        let refused = answer
            .errors
            .iter()
            .filter(|error| error.code != "not_found");
        let refused: HashSet<&String> = refused
            .flat_map(|error| error.traces.iter().chain(&error.ids))
            .collect();
        let done: Vec<String> = ids
            .iter()
            .filter(|id| !refused.contains(id))
            .cloned()
            .collect();
        slice
            .store
            .forget_released(slice.connection, &object.name, &done)
            .await?;
        // The others are tried again by the next slice.
        if done.len() < ids.len() {
            return Ok(());
        }
    }
}
