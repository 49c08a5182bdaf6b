//! HubSpot's answers to batch reads, batch writes and searches.

use std::collections::HashMap;

use serde::de::{IgnoredAny, MapAccess};

use super::envelope::{self, Envelope};
use super::keys::{self, Side};
use super::plan::Compiled;
use super::seed::{Slot, Slots};
use super::trie::{SlotId, Trie};
use super::{FieldTimes, HubspotError, HubspotPage, HubspotRecord, PageError, Plan};
use crate::hubspot_error::{ErrorBody, Lenient};
use crate::transform;

/// Reads the body of a batch or search answer (200, 201 or 207); with `values`, what it holds for the way back.
///
/// # Errors
/// Where the body is no JSON or holds no results, or the plan is not usable.
pub fn read_hubspot(plan: &Plan, body: &[u8], values: bool) -> Result<HubspotPage, PageError> {
    let plan = Compiled::new(plan).map_err(|error| PageError::Plan(error.to_string()))?;
    let mut trie = Trie::new();
    let system_id = plan.connector.declaration.system.id.as_str();
    let mut reader = Reader {
        id: trie.add_keys(&["id"]),
        trace: trie.add_keys(&["objectWriteTraceId"]),
        created: trie.add_keys(&["new"]),
        source_id: trie.add_keys(&["properties", system_id]),
        properties: plan
            .rules
            .iter()
            .map(|rule| trie.add_keys(&["properties", rule.property]))
            .collect(),
        plan: &plan,
        trie,
        records: Vec::new(),
        errors: Vec::new(),
        total: None,
        with_values: values,
    };
    envelope::read(body, &mut reader)?;
    Ok(HubspotPage {
        records: reader.records,
        errors: reader.errors,
        total: reader.total,
    })
}

struct Reader<'p> {
    plan: &'p Compiled<'p>,
    trie: Trie,
    id: SlotId,
    trace: SlotId,
    created: SlotId,
    source_id: SlotId,
    /// One a rule.
    properties: Vec<SlotId>,
    records: Vec<HubspotRecord>,
    errors: Vec<HubspotError>,
    total: Option<u64>,
    with_values: bool,
}

impl<'de> Envelope<'de> for Reader<'_> {
    fn records(&self) -> &str {
        "results"
    }

    fn trie(&self) -> &Trie {
        &self.trie
    }

    fn record(&mut self, slots: &Slots<'de>) {
        let filled = |slot| slots.text(slot).filter(|text| !text.is_empty());
        // HubSpot's records always have an id; what has none is no record.
        let Some(id) = filled(self.id) else {
            return;
        };
        let mut values = Vec::with_capacity(self.properties.len());
        let mut fields = Vec::with_capacity(self.plan.mapped);
        for (index, (rule, slot)) in self.plan.rules.iter().zip(&self.properties).enumerate() {
            let value = match slots.get(*slot) {
                Slot::Absent | Slot::WrongType => None,
                Slot::Null => Some("".into()),
                Slot::Text(text) => Some(rule.transform.canonical(text, self.plan.country)),
            };
            if index < self.plan.mapped {
                fields.push(value.as_deref().map(|value| rule.fingerprinter.of(value)));
            }
            values.push(value);
        }
        let kept = if self.with_values {
            self.plan.mapped
        } else {
            0
        };
        let keys = keys::of(&self.plan.tiers, Side::Hubspot, |rule| {
            values.get(rule)?.as_deref()
        });
        self.records.push(HubspotRecord {
            id: id.to_owned(),
            source_id: filled(self.source_id).map(str::to_owned),
            trace: filled(self.trace).map(str::to_owned),
            created: slots.text(self.created) == Some("true"),
            fields,
            keys,
            values: values
                .iter()
                .take(kept)
                .map(|value| value.as_deref().unwrap_or_default().to_owned())
                .collect(),
        });
    }

    fn other<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "errors" => {
                let Lenient(errors) = map.next_value::<Lenient<Vec<Lenient<ErrorBody>>>>()?;
                self.errors
                    .extend(errors.into_iter().map(|Lenient(error)| refused(error)));
            }
            "total" => self.total = map.next_value::<Lenient<Option<u64>>>()?.0,
            _ => {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

/// Reads the history of properties from the body of a batch read.
///
/// # Errors
/// As [`read_hubspot`].
pub fn read_history(plan: &Plan, written: &str, body: &[u8]) -> Result<Vec<FieldTimes>, PageError> {
    #[derive(serde::Deserialize)]
    struct Body {
        results: Vec<Record>,
    }
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Record {
        id: String,
        #[serde(default)]
        properties_with_history: HashMap<String, Vec<Version>>,
    }
    #[derive(serde::Deserialize)]
    struct Version {
        timestamp: Option<String>,
    }
    let plan = Compiled::new(plan).map_err(|error| PageError::Plan(error.to_string()))?;
    let body: Body = serde_json::from_slice(body).map_err(|error| {
        if error.is_data() {
            PageError::Unexpected("history".to_owned())
        } else {
            PageError::Malformed(error.column() as u64)
        }
    })?;
    let newest = |versions: &Vec<Version>| {
        let times = versions.iter().filter_map(|version| {
            let time = transform::parse_instant(version.timestamp.as_deref()?)?;
            u64::try_from(time.timestamp_millis()).ok()
        });
        times.max()
    };
    Ok(body
        .results
        .into_iter()
        .map(|record| FieldTimes {
            written_at: record.properties_with_history.get(written).and_then(newest),
            times: plan
                .fields()
                .map(|rule| newest(record.properties_with_history.get(rule.property)?))
                .collect(),
            id: record.id,
        })
        .collect())
}

fn refused(error: ErrorBody) -> HubspotError {
    HubspotError {
        traces: error.context_list("objectWriteTraceId"),
        ids: error.context_list("ids"),
        code: error.code().to_owned(),
        property: error.property(),
        existing_id: error.existing_id(),
        category: error.category_word().unwrap_or_default(),
    }
}
