//! Associations in batches.

use std::collections::HashSet;
use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};
use serde_json::{Value, json};

use super::{HubSpot, VERSION};
use crate::error::Result;
use crate::ports::{HttpResponse, Ports};

/// Inputs of a batch read (HubSpot's limit is 1,000).
pub const READ_BATCH: usize = 1_000;
/// Inputs of a batch create or archive (HubSpot's limit is 2,000).
pub const WRITE_BATCH: usize = 2_000;
/// Some inputs were refused.
const MULTI_STATUS: u16 = 207;

/// An association type from one object to another.
#[derive(Debug, Clone, Copy)]
pub struct AssociationType<'a> {
    /// HubSpot object names in paths.
    pub from: &'a str,
    /// HubSpot object names in paths.
    pub to: &'a str,
    /// `HUBSPOT_DEFINED`, `USER_DEFINED`, `INTEGRATOR_DEFINED`.
    pub category: &'a str,
    /// The type's id in this direction.
    pub id: i64,
}

#[derive(Deserialize)]
struct ReadAnswer {
    results: Vec<ReadResult>,
}

#[derive(Deserialize)]
struct ReadResult {
    from: Id,
    to: Vec<Target>,
    paging: Option<Paging>,
}

#[derive(Deserialize)]
struct Paging {
    next: Option<Next>,
}

#[derive(Deserialize)]
struct Next {
    after: String,
}

#[derive(Deserialize)]
struct Id {
    id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Target {
    to_object_id: RecordId,
    association_types: Vec<TargetType>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TargetType {
    type_id: i64,
}

#[derive(Deserialize)]
struct CreateAnswer {
    results: Vec<CreateResult>,
    #[serde(default)]
    errors: Vec<CreateError>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreateError {
    #[serde(default)]
    category: String,
    #[serde(default)]
    sub_category: String,
}

impl CreateError {
    /// A record is not there any more, in either of HubSpot's words.
    fn is_gone(&self) -> bool {
        self.category == "OBJECT_NOT_FOUND" || self.sub_category.ends_with(".INVALID_OBJECTIDS")
    }
}

/// What HubSpot did not associate.
#[derive(Debug, Default)]
pub struct Refused {
    /// `(from, to)`.
    pub pairs: HashSet<(String, String)>,
    /// Some of them because a record is not there any more.
    pub gone: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreateResult {
    from_object_id: RecordId,
    to_object_id: RecordId,
}

impl CreateResult {
    fn pair(self) -> (String, String) {
        (self.from_object_id.0, self.to_object_id.0)
    }
}

impl<P: Ports> HubSpot<'_, P> {
    /// Which records these are associated with, by this type: `(from, to)`. One call per 1,000; a record with more
    /// associations than one answer holds is asked about again.
    pub async fn associations(
        &self,
        kind: AssociationType<'_>,
        from: &[&str],
    ) -> Result<HashSet<(String, String)>> {
        self.read_associations(kind.from, kind.to, Some(kind.id), from)
            .await
    }

    /// The same, by any type.
    pub async fn associated(
        &self,
        from: &str,
        to: &str,
        ids: &[&str],
    ) -> Result<HashSet<(String, String)>> {
        self.read_associations(from, to, None, ids).await
    }

    async fn read_associations(
        &self,
        from: &str,
        to: &str,
        kind: Option<i64>,
        ids: &[&str],
    ) -> Result<HashSet<(String, String)>> {
        let path = format!("/crm/associations/{VERSION}/{from}/{to}/batch/read");
        let mut found = HashSet::new();
        let mut inputs: Vec<Value> = ids.iter().map(|id| json!({ "id": id })).collect();
        while !inputs.is_empty() {
            let rest = inputs.split_off(READ_BATCH.min(inputs.len()));
            let answer: ReadAnswer = self.post(&path, &json!({ "inputs": inputs })).await?;
            inputs = rest;
            for result in answer.results {
                if let Some(next) = result.paging.and_then(|paging| paging.next) {
                    inputs.push(json!({ "id": result.from.id, "after": next.after }));
                }
                for target in result.to {
                    let mut types = target.association_types.iter();
                    if kind.is_none_or(|kind| types.any(|known| known.type_id == kind)) {
                        found.insert((result.from.id.clone(), target.to_object_id.0));
                    }
                }
            }
        }
        Ok(found)
    }

    /// Associates records; what is associated already stays. One call per 2,000.
    ///
    /// Answers with what HubSpot refused, e.g. because a record is gone.
    pub async fn associate(
        &self,
        kind: AssociationType<'_>,
        pairs: &[(&str, &str)],
    ) -> Result<Refused> {
        let mut refused = Refused::default();
        for chunk in pairs.chunks(WRITE_BATCH) {
            let answer = self.write_associations(kind, "create", chunk).await?;
            if answer.status != MULTI_STATUS {
                continue;
            }
            let made: CreateAnswer = super::read(&answer)?;
            refused.gone |= made.errors.iter().any(CreateError::is_gone);
            let made: HashSet<(String, String)> =
                made.results.into_iter().map(CreateResult::pair).collect();
            let all = chunk
                .iter()
                .map(|(from, to)| ((*from).to_owned(), (*to).to_owned()));
            refused
                .pairs
                .extend(all.filter(|pair| !made.contains(pair)));
        }
        Ok(refused)
    }

    /// Takes associations of this type away; other types between the same records stay. One call per 2,000.
    pub async fn dissociate(
        &self,
        kind: AssociationType<'_>,
        pairs: &[(&str, &str)],
    ) -> Result<()> {
        for chunk in pairs.chunks(WRITE_BATCH) {
            self.write_associations(kind, "labels/archive", chunk)
                .await?;
        }
        Ok(())
    }

    async fn write_associations(
        &self,
        kind: AssociationType<'_>,
        write: &str,
        pairs: &[(&str, &str)],
    ) -> Result<HttpResponse> {
        let inputs: Vec<Value> = pairs
            .iter()
            .map(|(from, to)| {
                json!({
                    "from": { "id": from },
                    "to": { "id": to },
                    "types": [{ "associationCategory": kind.category, "associationTypeId": kind.id }],
                })
            })
            .collect();
        let path = format!(
            "/crm/associations/{VERSION}/{}/{}/batch/{write}",
            kind.from, kind.to
        );
        self.call(
            "POST",
            &path,
            json!({ "inputs": inputs }).to_string().into_bytes(),
        )
        .await
    }
}

/// A record id, which is a number in some answers and a text in others.
struct RecordId(String);

impl<'de> Deserialize<'de> for RecordId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;

        impl Visitor<'_> for Either {
            type Value = RecordId;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a record id")
            }

            fn visit_str<E: de::Error>(self, id: &str) -> Result<RecordId, E> {
                Ok(RecordId(id.to_owned()))
            }

            fn visit_u64<E: de::Error>(self, id: u64) -> Result<RecordId, E> {
                Ok(RecordId(id.to_string()))
            }
        }

        deserializer.deserialize_any(Either)
    }
}
