//! Batch read, update and upsert of records. Bodies of records are built and read by the core.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;

use super::{BATCH, HubSpot, LAST_SYNCED, VERSION};
use crate::core::mapping::{
    self, Companion, FieldTimes, HubspotError, HubspotPage, HubspotRecord, Plan, WriteInput,
};
use crate::error::{Error, Result, Side};
use crate::ports::{HttpResponse, Ports};

/// Inputs of a batch read with history: more are reported to be refused.
const HISTORY_BATCH: usize = 50;

/// How often batches of one write are halved to find who is at fault: enough for two or three of a hundred, and an end where
/// all are.
const SPLITS: u32 = 24;

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

    /// When these properties last changed, by our clock, and when we last wrote to the record. One call per 50: more are refused
    /// with history.
    pub async fn history(
        &self,
        object: &str,
        plan: &Plan,
        properties: &[String],
        ids: &[String],
    ) -> Result<Vec<FieldTimes>> {
        let mut properties = properties.to_vec();
        properties.push(LAST_SYNCED.to_owned());
        let mut times = Vec::with_capacity(ids.len());
        for chunk in ids.chunks(HISTORY_BATCH) {
            let answer = self.read(object, &[], &properties, None, chunk).await?;
            let read =
                mapping::read_history(plan, LAST_SYNCED, &answer.body).map_err(unreadable)?;
            times.extend(read);
        }
        for record in &mut times {
            for time in record.times.iter_mut().chain([&mut record.written_at]) {
                *time = time.map(|at| self.by_our_clock(at));
            }
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

    /// Writes records, one call per 100. Each input that HubSpot refuses comes back as an error with its trace; where it refuses
    /// a batch as a whole for it, the batch is halved until it stands alone.
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
        let mut open: Vec<&[WriteInput]> = inputs.chunks(BATCH).rev().collect();
        let mut splits = SPLITS;
        while let Some(chunk) = open.pop() {
            let refusal = RefCell::new(Vec::new());
            let look = |answer: &HttpResponse| {
                refusal.borrow_mut().clone_from(&answer.body);
                super::judge(answer)
            };
            let body = mapping::write_body(chunk);
            match self.ask("POST", &path, body, &look).await {
                Ok(answer) => {
                    let answer = page(plan, &answer.body, false)?;
                    written.records.extend(answer.records);
                    written.errors.extend(answer.errors);
                }
                // The batch as a whole was refused although every input carries a trace: nothing was written, and one of
                // them is at fault.
                Err(Error::Api {
                    class: crate::Class::Invalid,
                    ..
                }) if chunk.len() > 1 && splits > 0 => {
                    splits -= 1;
                    let (front, back) = chunk.split_at(chunk.len() / 2);
                    open.extend([back, front]);
                }
                Err(Error::Api {
                    class: crate::Class::Invalid,
                    code,
                    ..
                }) => {
                    // A refusal has the shape of an entry of those that name their inputs.
                    let refusal = refusal.take();
                    let entry =
                        [br#"{"results":[],"errors":["#, refusal.as_slice(), b"]}"].concat();
                    let said = mapping::read_hubspot(plan, &entry, false).ok();
                    let said = said.and_then(|mut page| page.errors.pop());
                    let said = said.filter(|_| chunk.len() == 1);
                    written.errors.push(HubspotError {
                        traces: chunk.iter().map(|input| input.trace.clone()).collect(),
                        ids: Vec::new(),
                        category: String::new(),
                        property: said.as_ref().and_then(|said| said.property.clone()),
                        existing_id: said.as_ref().and_then(|said| said.existing_id.clone()),
                        code: said.map_or(code, |said| said.code),
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
