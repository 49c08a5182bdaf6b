//! Batch read, update and upsert of records. Bodies of records are built and read by the core.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;

use super::{BATCH, HubSpot, VERSION};
use crate::core::mapping::{self, HubspotError, HubspotPage, HubspotRecord, Plan, WriteInput};
use crate::error::{Error, Result, Side};
use crate::ports::Ports;

/// A batch write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Write {
    /// By record id.
    Update,
    /// By a unique property: creates what is not there.
    Upsert,
}

/// A record with its values, for a person to look at.
#[derive(Debug)]
pub struct ReadRecord {
    /// As the engine compares it.
    pub record: HubspotRecord,
    /// By property name; what is blank is none.
    pub values: BTreeMap<String, Option<String>>,
}

#[derive(Deserialize)]
struct Results {
    results: Vec<Values>,
}

#[derive(Deserialize)]
struct Values {
    properties: BTreeMap<String, Option<String>>,
}

impl<P: Ports> HubSpot<'_, P> {
    /// Reads one record with its values, in one call; none where HubSpot has none of that id.
    pub async fn read_values(
        &self,
        object: &str,
        plan: &Plan,
        properties: &[String],
        id: &str,
    ) -> Result<Option<ReadRecord>> {
        let path = format!("/crm/objects/{VERSION}/{object}/batch/read");
        let body = json!({ "properties": properties, "propertiesWithHistory": [], "inputs": [{ "id": id }] });
        let answer = self
            .call("POST", &path, body.to_string().into_bytes())
            .await?;
        let record = page(plan, &answer.body)?.records.into_iter().next();
        let results: Results = super::read(&answer)?;
        let values = results.results.into_iter().next();
        Ok(record.zip(values).map(|(record, values)| ReadRecord {
            record,
            values: values.properties,
        }))
    }

    /// Reads records by id, or by a unique property; those that are not there are left out.
    ///
    /// One call per 100.
    pub async fn batch_read(
        &self,
        object: &str,
        plan: &Plan,
        properties: &[String],
        id_property: Option<&str>,
        ids: &[String],
    ) -> Result<Vec<HubspotRecord>> {
        let path = format!("/crm/objects/{VERSION}/{object}/batch/read");
        let mut records = Vec::with_capacity(ids.len());
        for chunk in ids.chunks(BATCH) {
            let inputs: Vec<_> = chunk.iter().map(|id| json!({ "id": id })).collect();
            let mut body =
                json!({ "properties": properties, "propertiesWithHistory": [], "inputs": inputs });
            if let (Some(property), Some(body)) = (id_property, body.as_object_mut()) {
                body.insert("idProperty".to_owned(), property.into());
            }
            let answer = self
                .call("POST", &path, body.to_string().into_bytes())
                .await?;
            records.extend(page(plan, &answer.body)?.records);
        }
        Ok(records)
    }

    /// Writes records, one call per 100. Each input that HubSpot refuses comes back as an error with its trace.
    pub async fn batch_write(
        &self,
        object: &str,
        plan: &Plan,
        write: Write,
        inputs: &[WriteInput],
    ) -> Result<HubspotPage> {
        let name = match write {
            Write::Update => "update",
            Write::Upsert => "upsert",
        };
        let path = format!("/crm/objects/{VERSION}/{object}/batch/{name}");
        let mut written = HubspotPage {
            records: Vec::new(),
            errors: Vec::new(),
            total: None,
        };
        for chunk in inputs.chunks(BATCH) {
            match self.call("POST", &path, mapping::write_body(chunk)).await {
                Ok(answer) => {
                    let answer = page(plan, &answer.body)?;
                    written.records.extend(answer.records);
                    written.errors.extend(answer.errors);
                }
                // The batch as a whole was refused although every input carries a trace: nothing was written.
                Err(Error::Api {
                    class: crate::Class::Invalid,
                    code,
                    ..
                }) => {
                    written.errors.push(HubspotError {
                        traces: chunk.iter().map(|input| input.trace.clone()).collect(),
                        ids: Vec::new(),
                        category: String::new(),
                        code,
                        property: None,
                        existing_id: None,
                    });
                }
                Err(error) => return Err(error),
            }
        }
        Ok(written)
    }
}

/// Reads the answer of a batch or of a search.
pub(super) fn page(plan: &Plan, body: &[u8]) -> Result<HubspotPage> {
    mapping::read_hubspot(plan, body).map_err(|error| Error::Answer {
        side: Side::HubSpot,
        error,
    })
}
