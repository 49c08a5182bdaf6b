//! What is about to be made at the provider, and how it is known again.

use std::collections::HashMap;

use super::object_work::ObjectWork;
use super::slice::Slice;
use crate::core::mapping::{HubspotRecord, MappedRecord};
use crate::core::reconciling::{self, Direction, Memory};
use crate::error::Result;
use crate::ports::Ports;
use crate::store::index::{hex, unhex};
use crate::store::intents::Intent;
use crate::store::links::LinkState;
use crate::store::page::PageCommit;

/// Of new records of the provider's, those that were made from HubSpot's without our hearing of it, by provider id: HubSpot's
/// record as it is now.
pub(super) async fn made<P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    records: &[&MappedRecord],
    open: &[Intent],
) -> Result<HashMap<String, HubspotRecord>> {
    let known = recognise(work, records, open);
    if known.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: Vec<String> = known
        .iter()
        .map(|(_, intent)| intent.hubspot_id.clone())
        .collect();
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
        .filter_map(|(record, intent)| Some((record.id.clone(), found.remove(&intent.hubspot_id)?)))
        .collect())
}

/// What is remembered of a record that was made from this one of HubSpot's: then both sides held the same.
pub(super) fn base(work: &ObjectWork<'_>, open: &[Intent], hubspot_id: &str) -> Option<String> {
    let intent = open.iter().find(|intent| intent.hubspot_id == hubspot_id)?;
    let print = |property: &str| {
        let (_, print) = intent.prints.iter().find(|(name, _)| name == property)?;
        unhex(print)
    };
    let memory = Memory {
        base: None,
        provider: work
            .fields
            .iter()
            .map(|field| print(&field.property))
            .collect(),
        begun: None,
        hubspot: Vec::new(),
        held: Vec::new(),
    };
    reconciling::remember(&work.fields, &[memory]).pop()
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

/// Each record with what was written down of it, where that is told by nothing else's. Of several that are written down
/// alike any will do, as long as there are no more records than were asked for.
fn recognise<'a>(
    work: &ObjectWork<'_>,
    records: &[&'a MappedRecord],
    intents: &'a [Intent],
) -> Vec<(&'a MappedRecord, &'a Intent)> {
    let mut alike: Vec<(Vec<&Intent>, Vec<&MappedRecord>)> = Vec::new();
    for intent in intents {
        let known = |(asked, _): &&mut (Vec<&Intent>, _)| {
            asked.iter().any(|other| other.prints == intent.prints)
        };
        match alike.iter_mut().find(known) {
            Some((asked, _)) => asked.push(intent),
            None => alike.push((vec![intent], Vec::new())),
        }
    }
    for record in records {
        let mut fitting = alike.iter_mut().filter(|(asked, _)| {
            let first = asked.first();
            first.is_some_and(|intent| same(work, record, &intent.prints))
        });
        if let (Some((_, made)), None) = (fitting.next(), fitting.next()) {
            made.push(*record);
        }
    }
    alike
        .into_iter()
        .filter(|(asked, made)| made.len() <= asked.len())
        .flat_map(|(asked, made)| made.into_iter().zip(asked))
        .collect()
}

fn same(work: &ObjectWork<'_>, record: &MappedRecord, prints: &[(String, String)]) -> bool {
    let holds = |property: &str, print: &str| {
        let mut fields = work.fields.iter().zip(&record.fields);
        fields.any(|(field, value)| {
            field.property == property && value.fingerprint.map(hex).as_deref() == Some(print)
        })
    };
    !prints.is_empty()
        && prints
            .iter()
            .all(|(property, print)| holds(property, print))
}
