//! Batch read, update and upsert of records. Bodies of records are built and read by the core.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;

use super::{BATCH, HubSpot, VERSION};
use crate::core::mapping::{
    self, Companion, FieldTimes, HubspotError, HubspotPage, HubspotRecord, Plan, WriteInput,
};
use crate::error::{Error, Result, Side};
use crate::ports::{HttpResponse, Ports};

/// Inputs of a batch read with history: more are reported to be refused.
const HISTORY_BATCH: usize = 50;

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
        let ids = [id.to_owned()];
        let answer = self.read(object, properties, &[], None, &ids).await?;
        let record = page(plan, &answer.body, false)?.records.into_iter().next();
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
        let mut records = Vec::with_capacity(ids.len());
        for chunk in ids.chunks(BATCH) {
            let answer = self
                .read(object, properties, &[], id_property, chunk)
                .await?;
            records.extend(page(plan, &answer.body, false)?.records);
        }
        Ok(records)
    }

    /// Reads records by id together with their values, for the way back.
    ///
    /// One call per 100.
    pub async fn batch_read_values(
        &self,
        object: &str,
        plan: &Plan,
        properties: &[String],
        ids: &[String],
    ) -> Result<Vec<HubspotRecord>> {
        let mut records = Vec::with_capacity(ids.len());
        for chunk in ids.chunks(BATCH) {
            let answer = self.read(object, properties, &[], None, chunk).await?;
            records.extend(page(plan, &answer.body, true)?.records);
        }
        Ok(records)
    }

    /// Reads companions by id; those that are not there are left out. One call per 100.
    pub async fn batch_read_companions(
        &self,
        object: &str,
        plan: &Plan,
        properties: &[String],
        ids: &[String],
    ) -> Result<Vec<Companion>> {
        let mut companions = Vec::with_capacity(ids.len());
        for chunk in ids.chunks(BATCH) {
            let answer = self.read(object, properties, &[], None, chunk).await?;
            companions.extend(mapping::read_companions(plan, &answer.body).map_err(unreadable)?);
        }
        Ok(companions)
    }

    /// When these properties last changed, by record id. One call per 50: more are refused with history.
    pub async fn history(
        &self,
        object: &str,
        plan: &Plan,
        properties: &[String],
        ids: &[String],
    ) -> Result<Vec<FieldTimes>> {
        let mut times = Vec::with_capacity(ids.len());
        for chunk in ids.chunks(HISTORY_BATCH) {
            let answer = self.read(object, &[], properties, None, chunk).await?;
            let read = mapping::read_history(plan, &answer.body).map_err(unreadable)?;
            times.extend(read);
        }
        Ok(times)
    }

    /// The id under which a record lives on: another one where it was merged. None where it is gone.
    pub async fn current_id(&self, object: &str, id: &str) -> Result<Option<String>> {
        #[derive(Deserialize)]
        struct Record {
            id: String,
        }
        match self
            .get::<Record>(&format!("/crm/objects/{VERSION}/{object}/{id}"))
            .await
        {
            Ok(record) => Ok(Some(record.id)),
            Err(Error::Api { status: 404, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn read(
        &self,
        object: &str,
        properties: &[String],
        with_history: &[String],
        id_property: Option<&str>,
        ids: &[String],
    ) -> Result<HttpResponse> {
        let path = format!("/crm/objects/{VERSION}/{object}/batch/read");
        let inputs: Vec<_> = ids.iter().map(|id| json!({ "id": id })).collect();
        let mut body = json!({ "properties": properties, "propertiesWithHistory": with_history, "inputs": inputs });
        if let (Some(property), Some(body)) = (id_property, body.as_object_mut()) {
            body.insert("idProperty".to_owned(), property.into());
        }
        self.call("POST", &path, body.to_string().into_bytes())
            .await
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
                    let answer = page(plan, &answer.body, false)?;
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

impl<P: Ports> HubSpot<'_, P> {
    /// Moves records to HubSpot's recycle bin; those that are not there are left out. One call per 100.
    pub async fn batch_archive(&self, object: &str, ids: &[String]) -> Result<()> {
        let path = format!("/crm/objects/{VERSION}/{object}/batch/archive");
        for chunk in ids.chunks(BATCH) {
            let inputs: Vec<_> = chunk.iter().map(|id| json!({ "id": id })).collect();
            self.call(
                "POST",
                &path,
                json!({ "inputs": inputs }).to_string().into_bytes(),
            )
            .await?;
        }
        Ok(())
    }
}

/// Reads the answer of a batch or of a search.
pub(super) fn page(plan: &Plan, body: &[u8], values: bool) -> Result<HubspotPage> {
    mapping::read_hubspot(plan, body, values).map_err(unreadable)
}

fn unreadable(error: mapping::PageError) -> Error {
    Error::Answer {
        side: Side::HubSpot,
        error,
    }
}
