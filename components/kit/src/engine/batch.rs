//! A batch of writes to HubSpot: what goes out with each record, and which answer is whose.

use std::collections::HashMap;

use super::object_work::ObjectWork;
use super::slice::Slice;
use super::writes::{Kind, Pending};
use crate::core::catalog;
use crate::core::mapping::{HubspotError, HubspotPage, HubspotRecord, WriteInput};
use crate::core::reconciling::Direction;
use crate::error::Result;
use crate::hubspot::objects::Write;
use crate::hubspot::{LAST_SYNCED, STATUS};
use crate::ports::Ports;

/// What HubSpot sets by itself where a deal, or a ticket, enters a closed stage, unless it is given (knowledge base,
/// "HubSpot's default deal properties", "... ticket properties").
const SET_BY_STAGE: [&str; 2] = ["closedate", "closed_date"];

/// Writes, and gives each record its answer.
pub(super) async fn send<'r, P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    write: Write,
    pending: Vec<Pending<'r>>,
) -> Result<Vec<(Pending<'r>, Answer)>> {
    if pending.is_empty() {
        return Ok(Vec::new());
    }
    let inputs: Vec<WriteInput> = pending.iter().map(|one| input(slice, work, one)).collect();
    let answer = slice
        .hubspot
        .batch_write(&work.object.hubspot_object, &work.plan, write, &inputs)
        .await?;
    let mut answers = Answers::new(answer);
    Ok(pending
        .into_iter()
        .map(|one| {
            let answer = answers.of(&one);
            (one, answer)
        })
        .collect())
}

/// The write of one record: its changed fields, and what rides along.
fn input<P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    pending: &Pending<'_>,
) -> WriteInput {
    let object: &catalog::Object = work.object;
    let value = |at: u32| {
        let at = at as usize;
        let value = &pending.record.fields.get(at)?.value;
        Some((work.fields.get(at)?.property.clone(), value.clone()))
    };
    // An empty text clears a property.
    let mut properties: Vec<(String, String)> = pending
        .fields
        .iter()
        .filter_map(|at| value(*at))
        .map(|(property, value)| (property, value.unwrap_or_default()))
        .collect();
    properties.extend(
        along(work, pending)
            .filter_map(value)
            .filter_map(|(property, value)| Some((property, value?))),
    );
    // A stage is one of its pipeline: a record that people made or moved may stand in another.
    if pending.kind == Kind::Created || staged(work, pending) {
        properties.extend(work.constants.iter().cloned());
    }
    properties.extend(pending.record.system.iter().cloned());
    properties.push((LAST_SYNCED.to_owned(), slice.ports.now().to_string()));
    properties.push((STATUS.to_owned(), "synced".to_owned()));
    let (id, id_property) = match &pending.hubspot_id {
        Some(id) => {
            // Also where it has it: HubSpot's changes are searched by it, and people may have emptied it.
            properties.push((object.id_property.clone(), pending.record.id.clone()));
            (id.clone(), None)
        }
        None => (pending.record.id.clone(), Some(object.id_property.clone())),
    };
    WriteInput {
        id: Some(id),
        id_property,
        trace: pending.record.id.clone(),
        properties,
    }
}

/// Whether a write sets the record's stage.
fn staged(work: &ObjectWork<'_>, pending: &Pending<'_>) -> bool {
    let stage = work.object.pipeline.as_ref();
    stage.is_some_and(|pipeline| {
        let mut written = pending.fields.iter();
        written.any(|at| {
            let field = work.fields.get(*at as usize);
            field.is_some_and(|field| field.property == pipeline.stage_property)
        })
    })
}

/// Indices of what HubSpot would set by itself with this write: the provider's value goes along, and what HubSpot makes of it
/// is nobody's change.
pub(super) fn along(work: &ObjectWork<'_>, pending: &Pending<'_>) -> impl Iterator<Item = u32> {
    let fields = work.fields.iter().filter(|_| staged(work, pending));
    (0..)
        .zip(fields)
        .filter(|(at, field)| {
            SET_BY_STAGE.contains(&field.property.as_str())
                && field.direction != Direction::ToProvider
                && !pending.fields.contains(at)
                && !pending.held.contains(at)
        })
        .map(|(at, _)| at)
}

/// What HubSpot says of one input; nothing where it does not name it.
pub(super) type Answer = Result<HubspotRecord, Option<Box<HubspotError>>>;

/// The answers of a batch by the record they are about.
struct Answers {
    records: HashMap<String, HubspotRecord>,
    errors: HashMap<String, HubspotError>,
}

impl Answers {
    fn new(page: HubspotPage) -> Self {
        let mut records = HashMap::new();
        for record in page.records {
            let key = record.trace.clone().or_else(|| record.source_id.clone());
            records.insert(key.unwrap_or_else(|| record.id.clone()), record);
        }
        let mut errors = HashMap::new();
        for error in page.errors {
            for trace in error.traces.iter().chain(&error.ids) {
                errors.insert(trace.clone(), error.clone());
            }
        }
        Self { records, errors }
    }

    /// What HubSpot says of a write; an error without text where it says nothing.
    fn of(&mut self, pending: &Pending<'_>) -> Answer {
        let keys = [
            Some(pending.record.id.as_str()),
            pending.hubspot_id.as_deref(),
        ];
        for key in keys.into_iter().flatten() {
            if let Some(record) = self.records.remove(key) {
                return Ok(record);
            }
        }
        Err(keys
            .into_iter()
            .flatten()
            .find_map(|key| self.errors.remove(key))
            .map(Box::new))
    }
}
