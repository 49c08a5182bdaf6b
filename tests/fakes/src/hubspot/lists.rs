//! Lists (segments) of records: `/crm/lists/{version}`, as far as they are read. People make and fill them by hand, from
//! [`super::PortalHandle`]. Facts: <https://developers.hubspot.com/docs/api-reference/latest/crm/lists/guide>

use std::collections::{BTreeMap, HashSet};

use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::context::{Answer, Ctx, Json, batch, object_type, ok};
use super::error::ApiError;
use super::model::ObjectType;
use super::portal::Portal;
use crate::clock::iso_ms;

/// Most records of a page of members; without a word of it, 100.
const MAX_PAGE: usize = 250;
/// Most lists of a page of a search; without a word of it, 20.
const MAX_LISTS: usize = 500;
/// Most records that are asked about at once: unverified, it is what batches of records take.
const MAX_RECORDS: usize = 100;

/// What fills a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Processing {
    /// People.
    Manual,
    /// Its criteria, always.
    Dynamic,
    /// Its criteria, once.
    Snapshot,
}

impl Processing {
    fn name(self) -> &'static str {
        match self {
            Self::Manual => "MANUAL",
            Self::Dynamic => "DYNAMIC",
            Self::Snapshot => "SNAPSHOT",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        [Self::Manual, Self::Dynamic, Self::Snapshot]
            .into_iter()
            .find(|processing| processing.name() == name)
    }
}

/// A list.
#[derive(Debug, Clone)]
pub(super) struct List {
    pub(super) id: u64,
    pub(super) name: String,
    pub(super) kind: ObjectType,
    pub(super) processing: Processing,
    /// Records, and when they came in; also such as are in the recycle bin or merged away.
    pub(super) members: BTreeMap<u64, DateTime<Utc>>,
    pub(super) created_at: DateTime<Utc>,
    pub(super) updated_at: DateTime<Utc>,
    pub(super) added_at: Option<DateTime<Utc>>,
    pub(super) removed_at: Option<DateTime<Utc>>,
    /// In the recycle bin since then.
    pub(super) deleted_at: Option<DateTime<Utc>>,
}

impl Portal {
    /// Who is in a list now: a merged record's place is its survivor's, and what is in the recycle bin is in no list.
    pub(super) fn members(&self, list: &List) -> BTreeMap<u64, DateTime<Utc>> {
        let store = self.store(list.kind);
        let mut members = BTreeMap::new();
        for (id, at) in &list.members {
            let id = store.survivor(*id);
            let live = store
                .records
                .get(&id)
                .is_some_and(|record| record.archived_at.is_none());
            if live {
                members.entry(id).or_insert(*at);
            }
        }
        members
    }

    /// A list, deleted ones among them.
    fn list(&self, id: &str) -> Result<&List, ApiError> {
        id.parse()
            .ok()
            .and_then(|id: u64| self.lists.get(&id))
            .ok_or_else(|| not_found(id))
    }
}

fn not_found(id: &str) -> ApiError {
    ApiError::not_found(format!("List does not exist with ID {id}.")).with("listId", id)
}

fn shown(portal: &Portal, list: &List) -> Value {
    let mut body = json!({
        "listId": list.id.to_string(),
        "listVersion": 1,
        "name": list.name,
        "objectTypeId": list.kind.type_id(),
        "processingType": list.processing.name(),
        "processingStatus": "COMPLETE",
        "createdAt": iso_ms(list.created_at),
        "createdById": "9001",
        "updatedAt": iso_ms(list.updated_at),
        "updatedById": "9001",
        "filtersUpdatedAt": iso_ms(list.created_at),
        "size": portal.members(list).len(),
    });
    if let (Some(at), Some(body)) = (list.deleted_at, body.as_object_mut()) {
        body.insert("deletedAt".to_owned(), iso_ms(at).into());
    }
    body
}

/// As a search shows it: the size is among the additional properties, all of them texts.
fn found(portal: &Portal, list: &List, more: &[String]) -> Value {
    let mut properties = BTreeMap::from([
        ("hs_list_size", portal.members(list).len().to_string()),
        ("hs_list_reference_count", "0".to_owned()),
    ]);
    let times = [
        ("hs_last_record_added_at", list.added_at),
        ("hs_last_record_removed_at", list.removed_at),
    ];
    for (name, at) in times {
        if let Some(at) = at {
            properties.insert(name, at.timestamp_millis().to_string());
        }
    }
    if more.iter().any(|name| name == "hs_list_size_week_delta") {
        properties.insert("hs_list_size_week_delta", "0".to_owned());
    }
    let mut body = shown(portal, list);
    if let Some(body) = body.as_object_mut() {
        body.remove("size");
        body.insert("additionalProperties".to_owned(), json!(properties));
    }
    body
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Search {
    query: Option<String>,
    offset: Option<usize>,
    count: Option<usize>,
    #[serde(default)]
    processing_types: Vec<String>,
    object_type_id: Option<String>,
    #[serde(default)]
    additional_properties: Vec<String>,
    #[serde(default)]
    list_ids: Vec<String>,
}

/// `POST /crm/lists/{version}/search`. Deleted lists are left out.
pub(super) async fn search(ctx: Ctx, Json(search): Json<Search>) -> Answer {
    let kind = search
        .object_type_id
        .as_deref()
        .map(object_type)
        .transpose()?;
    let count = match search.count {
        None => 20,
        Some(count @ 1..=MAX_LISTS) => count,
        Some(_) => {
            return Err(ApiError::validation(format!(
                "count must be between 1 and {MAX_LISTS}"
            )));
        }
    };
    let mut wanted = Vec::new();
    for name in &search.processing_types {
        let processing = Processing::parse(name)
            .ok_or_else(|| ApiError::validation(format!("{name} is not a processing type")))?;
        wanted.push(processing);
    }
    let query = search.query.unwrap_or_default().to_lowercase();
    let portal = ctx.portal();
    let fits = |list: &&List| {
        list.deleted_at.is_none()
            && kind.is_none_or(|kind| list.kind == kind)
            && (wanted.is_empty() || wanted.contains(&list.processing))
            && (search.list_ids.is_empty() || search.list_ids.contains(&list.id.to_string()))
            && list.name.to_lowercase().contains(&query)
    };
    let all: Vec<&List> = portal.lists.values().filter(fits).collect();
    let offset = search.offset.unwrap_or(0);
    let lists: Vec<Value> = all
        .iter()
        .skip(offset)
        .take(count)
        .map(|list| found(&portal, list, &search.additional_properties))
        .collect();
    let end = offset + lists.len();
    ok(&json!({ "lists": lists, "offset": end, "hasMore": end < all.len(), "total": all.len() }))
}

/// `GET /crm/lists/{version}/{listId}`. A deleted list is shown, and says since when.
pub(super) async fn read(ctx: Ctx) -> Answer {
    if let Some(name) = ctx.query.names().find(|name| *name != "includeFilters") {
        return Err(ApiError::validation(format!(
            "Unknown query parameter {name}"
        )));
    }
    let portal = ctx.portal();
    let list = portal.list(ctx.path("listId"))?;
    ok(&json!({ "list": shown(&portal, list) }))
}

/// `GET /crm/lists/{version}/{listId}/memberships`, by record id. That a deleted list has none to read is unverified.
pub(super) async fn memberships(ctx: Ctx) -> Answer {
    let limit = match ctx.query.get("limit").map(str::parse::<usize>) {
        None => 100,
        Some(Ok(limit @ 1..=MAX_PAGE)) => limit,
        Some(_) => {
            return Err(ApiError::validation(format!(
                "limit must be between 1 and {MAX_PAGE}"
            )));
        }
    };
    let after = match ctx.query.get("after").map(after_of) {
        None => 0,
        Some(Some(after)) => after,
        Some(None) => return Err(ApiError::validation("after is not a paging cursor")),
    };
    let portal = ctx.portal();
    let list = portal.list(ctx.path("listId"))?;
    if list.deleted_at.is_some() {
        return Err(not_found(ctx.path("listId")));
    }
    let members = portal.members(list);
    let rest: Vec<(&u64, &DateTime<Utc>)> = members.range(after + 1..).collect();
    let results: Vec<Value> = rest
        .iter()
        .take(limit)
        .map(|(id, at)| json!({ "recordId": id.to_string(), "membershipTimestamp": iso_ms(**at) }))
        .collect();
    let mut body = json!({ "results": results, "total": members.len() });
    let last = rest
        .get(limit.wrapping_sub(1))
        .filter(|_| rest.len() > limit);
    if let (Some((last, _)), Some(body)) = (last, body.as_object_mut()) {
        body.insert(
            "paging".to_owned(),
            json!({ "next": { "after": cursor(**last) } }),
        );
    }
    ok(&body)
}

/// Cursors are opaque texts.
fn cursor(id: u64) -> String {
    format!("{id:x}==")
}

fn after_of(cursor: &str) -> Option<u64> {
    u64::from_str_radix(cursor.strip_suffix("==")?, 16).ok()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct RecordId {
    object_type_id: String,
    record_id: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Records {
    inputs: Vec<RecordId>,
}

/// `POST /crm/lists/{version}/records/memberships/batch/read`: the lists that records are in.
pub(super) async fn of_records(ctx: Ctx, Json(records): Json<Records>) -> Answer {
    super::batch::check_length(records.inputs.len(), MAX_RECORDS)?;
    let portal = ctx.portal();
    let now = portal.clock.now();
    let mut seen = HashSet::new();
    let mut results = Vec::new();
    for input in &records.inputs {
        let kind = object_type(&input.object_type_id)?;
        if !seen.insert((kind, input.record_id.as_str())) {
            return Err(ApiError::validation(format!(
                "Duplicate record {}",
                input.record_id
            )));
        }
        let id: u64 = input
            .record_id
            .parse()
            .map_err(|_| ApiError::validation(format!("{} is not a record id", input.record_id)))?;
        let lists = portal.lists.values();
        let lists = lists.filter(|list| list.kind == kind && list.deleted_at.is_none());
        let memberships: Vec<Value> = lists
            .filter_map(|list| Some((list, *portal.members(list).get(&id)?)))
            .map(|(list, at)| {
                json!({
                    "listId": list.id.to_string(), "listVersion": 1, "isPublicList": true,
                    "firstAddedTimestamp": iso_ms(at), "lastAddedTimestamp": iso_ms(at),
                })
            })
            .collect();
        results.push(json!({
            "objectTypeId": kind.type_id(), "recordId": input.record_id, "recordListMemberships": memberships,
        }));
    }
    batch(StatusCode::OK, now, now, results, Vec::new())
}
