//! Search with keyset paging on `hs_object_id`: paging by `after` ends at 10,000 results, and ties in time lose records.

use serde_json::{Value, json};

use super::objects::page;
use super::{HubSpot, VERSION};
use crate::call;
use crate::core::mapping::{HubspotPage, Plan};
use crate::error::Result;
use crate::ports::Ports;

/// Results of one search.
pub const PAGE: usize = 200;

/// Which records a search is for.
#[derive(Debug, Clone, Copy)]
pub struct Search<'a> {
    /// HubSpot's object in paths.
    pub object: &'a str,
    /// Properties to answer with.
    pub properties: &'a [String],
    /// The property with the provider's id, and whether records must have it or lack it; none = either.
    pub linked: Option<(&'a str, bool)>,
    /// A property that records must lack.
    pub lacking: Option<&'a str>,
    /// Behind this record id.
    pub after: Option<&'a str>,
    /// The property with the time of last change, and the window (unix milliseconds, inclusive).
    pub changed: Option<(&'a str, i64, Option<i64>)>,
}

impl<P: Ports> HubSpot<'_, P> {
    /// A page of records in the order of their ids, with HubSpot's own time (unix milliseconds). What it says of a
    /// record may be some seconds old.
    pub async fn search(
        &self,
        plan: &Plan,
        search: &Search<'_>,
    ) -> Result<(HubspotPage, Option<i64>)> {
        let present = |(property, has): (&str, bool)| {
            let operator = if has {
                "HAS_PROPERTY"
            } else {
                "NOT_HAS_PROPERTY"
            };
            json!({ "propertyName": property, "operator": operator })
        };
        let lacking = search.lacking.map(|property| (property, false));
        let mut filters: Vec<Value> = search
            .linked
            .into_iter()
            .chain(lacking)
            .map(present)
            .collect();
        let mut bound = |property: &str, operator: &str, value: &str| {
            filters.push(json!({ "propertyName": property, "operator": operator, "value": value }));
        };
        if let Some(after) = search.after {
            bound("hs_object_id", "GT", after);
        }
        if let Some((property, since, until)) = search.changed {
            bound(property, "GTE", &since.to_string());
            if let Some(until) = until {
                bound(property, "LTE", &until.to_string());
            }
        }
        let body = json!({
            "filterGroups": [{ "filters": filters }],
            "sorts": [{ "propertyName": "hs_object_id", "direction": "ASCENDING" }],
            "properties": search.properties,
            "limit": PAGE,
        });
        let path = format!("/crm/objects/{VERSION}/{}/search", search.object);
        let answer = self
            .call("POST", &path, body.to_string().into_bytes())
            .await?;
        Ok((page(plan, &answer.body, false)?, call::date(&answer)))
    }
}
