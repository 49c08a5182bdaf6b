//! What is about to be made at the provider, and how it is known again.

use std::collections::HashMap;

use super::object_work::ObjectWork;
use super::slice::Slice;
use crate::core::mapping::{HubspotRecord, MappedRecord};
use crate::core::reconciling::Direction;
use crate::error::Result;
use crate::ports::Ports;
use crate::store::index::hex;
use crate::store::intents::Intent;
use crate::store::links::LinkState;
use crate::store::page::PageCommit;

/// Of new records of the provider's, those that were made from HubSpot's without our hearing of it: HubSpot's record by
/// provider id.
pub(super) async fn made<P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    records: &[&MappedRecord],
) -> Result<HashMap<String, HubspotRecord>> {
    let open = slice
        .store
        .open_intents(&slice.connection.id, &work.object.name)
        .await?;
    let known = recognise(work, records, &open);
    if known.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: Vec<String> = known.values().cloned().collect();
    let object = &work.object.hubspot_object;
    let mut found: HashMap<String, HubspotRecord> = slice
        .hubspot
        .batch_read(object, &work.plan, &work.properties, None, &ids)
        .await?
        .into_iter()
        .map(|record| (record.id.clone(), record))
        .collect();
    Ok(known
        .into_iter()
        .filter_map(|(id, hubspot_id)| Some((id, found.remove(&hubspot_id)?)))
        .collect())
}

/// What is written down of a HubSpot record that is about to be made at the provider.
pub(super) fn of(work: &ObjectWork<'_>, record: &HubspotRecord) -> Intent {
    Intent {
        hubspot_id: record.id.clone(),
        prints: travelling(work)
            .filter(|(at, _)| {
                let value = record.values.get(*at as usize);
                value.is_some_and(|value| !value.is_empty())
            })
            .filter_map(|(at, property)| {
                let print = record.fields.get(at as usize).copied().flatten()?;
                Some((property.to_owned(), hex(print)))
            })
            .collect(),
    }
}

/// Fields that travel to the provider, with their indices.
pub(super) fn travelling<'w>(work: &'w ObjectWork<'_>) -> impl Iterator<Item = (u32, &'w str)> {
    (0..)
        .zip(&work.fields)
        .filter(|(_, field)| field.direction != Direction::ToHubspot)
        .map(|(at, field)| (at, field.property.as_str()))
}

/// Whatever HubSpot said to the sync id: these records belong together, and none is made in their place.
pub(super) fn belong(page: &mut PageCommit, pairs: &HashMap<&str, String>) {
    for row in &mut page.links {
        let failed = row.state == LinkState::Failed.name();
        if let (true, None, Some(hubspot_id)) =
            (failed, &row.hubspot_id, pairs.get(row.id.as_str()))
        {
            row.hubspot_id = Some(hubspot_id.clone());
        }
    }
}

/// HubSpot id by provider id: exactly one on both sides, or none.
fn recognise(
    work: &ObjectWork<'_>,
    records: &[&MappedRecord],
    intents: &[Intent],
) -> HashMap<String, String> {
    let mut found: HashMap<&str, Vec<&Intent>> = HashMap::new();
    let mut claimed: HashMap<&str, usize> = HashMap::new();
    for intent in intents {
        for record in records.iter().filter(|record| same(work, record, intent)) {
            found.entry(&record.id).or_default().push(intent);
            *claimed.entry(&intent.hubspot_id).or_default() += 1;
        }
    }
    found
        .into_iter()
        .filter_map(|(id, intents)| match intents.as_slice() {
            [only] if claimed.get(only.hubspot_id.as_str()) == Some(&1) => {
                Some((id.to_owned(), only.hubspot_id.clone()))
            }
            _ => None,
        })
        .collect()
}

fn same(work: &ObjectWork<'_>, record: &MappedRecord, intent: &Intent) -> bool {
    let holds = |property: &str, print: &str| {
        let mut fields = work.fields.iter().zip(&record.fields);
        fields.any(|(field, value)| {
            field.property == property && value.fingerprint.map(hex).as_deref() == Some(print)
        })
    };
    !intent.prints.is_empty()
        && intent
            .prints
            .iter()
            .all(|(property, print)| holds(property, print))
}
