//! Lists of records, which HubSpot's pages call segments. All of it needs scope [`crate::oauth::LISTS`].
//!
//! Source: HubSpot, "Lists API guide" (2026-03).

use std::collections::HashSet;

use serde::Deserialize;
use serde_json::json;

use super::{BATCH, HubSpot, VERSION};
use crate::error::{Error, Result};
use crate::ports::Ports;

/// Members of a page, the most that HubSpot gives.
pub const PAGE: usize = 250;
/// Lists of a page, for a person to choose from.
pub const CHOICES: usize = 20;

/// What was found of a list that is in use.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Found {
    /// Its id.
    pub list_id: String,
    /// For people; may name somebody, so it is never stored.
    pub name: String,
    /// Type id of its records, e.g. `0-1`.
    pub object_type_id: String,
    /// `MANUAL`, `DYNAMIC` (its criteria decide, always), `SNAPSHOT` (they did, once).
    pub processing_type: String,
    /// What HubSpot counts.
    #[serde(default)]
    additional_properties: Counted,
}

/// Numbers as texts.
#[derive(Debug, Clone, Default, Deserialize)]
struct Counted {
    hs_list_size: Option<String>,
    hs_last_record_added_at: Option<String>,
    hs_last_record_removed_at: Option<String>,
}

impl Found {
    /// How many records are in it.
    pub fn size(&self) -> Option<i64> {
        number(self.additional_properties.hs_list_size.as_deref())
    }

    /// When a record last came into it, or left it (unix milliseconds).
    pub fn changed_at(&self) -> Option<i64> {
        let counted = &self.additional_properties;
        let times = [
            counted.hs_last_record_added_at.as_deref(),
            counted.hs_last_record_removed_at.as_deref(),
        ];
        times.into_iter().filter_map(number).max()
    }
}

fn number(text: Option<&str>) -> Option<i64> {
    text?.parse().ok()
}

/// Lists that a search found.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FoundLists {
    /// In HubSpot's order.
    pub lists: Vec<Found>,
    /// Where the next page begins.
    pub offset: usize,
    /// Whether there is one.
    pub has_more: bool,
}

/// A page of a list's members.
#[derive(Debug)]
pub struct Members {
    /// Record ids.
    pub ids: Vec<String>,
    /// Where the next page begins; none at the end.
    pub after: Option<String>,
}

#[derive(Deserialize)]
struct One {
    list: Shown,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    object_type_id: String,
    #[serde(default)]
    deleted_at: Option<String>,
}

#[derive(Deserialize)]
struct MemberPage {
    results: Vec<Member>,
    #[serde(default)]
    paging: Option<Paging>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Member {
    record_id: String,
}

#[derive(Deserialize)]
struct Paging {
    #[serde(default)]
    next: Option<Next>,
}

#[derive(Deserialize)]
struct Next {
    after: String,
}

#[derive(Deserialize)]
struct Memberships {
    results: Vec<OfRecord>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OfRecord {
    record_id: String,
    #[serde(default)]
    record_list_memberships: Vec<InList>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct InList {
    list_id: String,
}

impl<P: Ports> HubSpot<'_, P> {
    /// Type id of a list's records; none where there is no such list, or it lies in the recycle bin, from which HubSpot
    /// still shows it.
    pub async fn list_type(&self, list: &str) -> Result<Option<String>> {
        let path = format!("/crm/lists/{VERSION}/{list}");
        match self.get::<One>(&path).await {
            Ok(One { list }) => Ok(Some(list.object_type_id).filter(|_| list.deleted_at.is_none())),
            Err(Error::Api { status: 404, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A page of a list's members, 250 at most; none where there is no such list.
    pub async fn members(&self, list: &str, after: Option<&str>) -> Result<Option<Members>> {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("limit", &PAGE.to_string());
        if let Some(after) = after {
            query.append_pair("after", after);
        }
        let path = format!("/crm/lists/{VERSION}/{list}/memberships?{}", query.finish());
        match self.get::<MemberPage>(&path).await {
            Ok(page) => Ok(Some(Members {
                ids: page.results.into_iter().map(|one| one.record_id).collect(),
                after: page
                    .paging
                    .and_then(|paging| paging.next)
                    .map(|next| next.after),
            })),
            Err(Error::Api { status: 404, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Lists of one type whose name holds these words, all of them where there are none. A page of 20.
    pub async fn search_lists(
        &self,
        object_type: &str,
        words: &str,
        offset: usize,
    ) -> Result<FoundLists> {
        let body = json!({
            "objectTypeId": object_type, "query": words, "offset": offset, "count": CHOICES, "additionalProperties": [],
        });
        self.post(&format!("/crm/lists/{VERSION}/search"), &body)
            .await
    }

    /// Those of these lists that are there.
    pub async fn lists(&self, ids: &[&str]) -> Result<Vec<Found>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let body =
            json!({ "listIds": ids, "offset": 0, "count": ids.len(), "additionalProperties": [] });
        let found: FoundLists = self
            .post(&format!("/crm/lists/{VERSION}/search"), &body)
            .await?;
        Ok(found.lists)
    }

    /// Which of these records are in a list. One call per 100.
    pub async fn in_list(
        &self,
        list: &str,
        object_type: &str,
        ids: &[String],
    ) -> Result<HashSet<String>> {
        let path = format!("/crm/lists/{VERSION}/records/memberships/batch/read");
        let mut members = HashSet::new();
        for chunk in ids.chunks(BATCH) {
            let inputs: Vec<_> = chunk
                .iter()
                .map(|id| json!({ "objectTypeId": object_type, "recordId": id }))
                .collect();
            let answer: Memberships = self.post(&path, &json!({ "inputs": inputs })).await?;
            members.extend(
                answer
                    .results
                    .into_iter()
                    .filter(|record| {
                        let mut lists = record.record_list_memberships.iter();
                        lists.any(|one| one.list_id == list)
                    })
                    .map(|record| record.record_id),
            );
        }
        Ok(members)
    }
}
