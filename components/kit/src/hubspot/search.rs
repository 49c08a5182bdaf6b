//! Search with keyset paging on `hs_object_id`: paging by `after` ends at 10,000 results, and ties in time lose records.

use serde_json::{Value, json};

use super::objects::page;
use super::{HubSpot, VERSION};
use crate::core::mapping::{HubspotPage, Plan};
use crate::error::Result;
use crate::ports::Ports;

/// Results of one search.
pub const PAGE: usize = 200;

impl<P: Ports> HubSpot<'_, P> {
    /// Records that lack `missing`, behind record id `after`, changed at or after `since` where given
    /// (`(property, unix milliseconds)`), in the order of their ids.
    pub async fn search_without(
        &self,
        object: &str,
        plan: &Plan,
        properties: &[String],
        missing: &str,
        after: Option<&str>,
        since: Option<(&str, i64)>,
    ) -> Result<HubspotPage> {
        let mut filters: Vec<Value> =
            vec![json!({ "propertyName": missing, "operator": "NOT_HAS_PROPERTY" })];
        if let Some(after) = after {
            filters
                .push(json!({ "propertyName": "hs_object_id", "operator": "GT", "value": after }));
        }
        if let Some((property, since)) = since {
            filters.push(
                json!({ "propertyName": property, "operator": "GTE", "value": since.to_string() }),
            );
        }
        let body = json!({
            "filterGroups": [{ "filters": filters }],
            "sorts": [{ "propertyName": "hs_object_id", "direction": "ASCENDING" }],
            "properties": properties,
            "limit": PAGE,
        });
        let path = format!("/crm/objects/{VERSION}/{object}/search");
        let answer = self
            .call("POST", &path, body.to_string().into_bytes())
            .await?;
        page(plan, &answer.body)
    }
}
