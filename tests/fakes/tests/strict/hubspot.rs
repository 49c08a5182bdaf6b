//! What the HubSpot tests begin with.

use serde_json::json;
use sync300_fakes::hubspot::{PortalConfig, PortalHandle};
use sync300_fakes::{HubSpot, HubSpotConfig};

use crate::client::Api;

pub const CONTACTS: &str = "/crm/objects/2026-03/contacts";
pub const DEALS: &str = "/crm/objects/2026-03/deals";
pub const TICKETS: &str = "/crm/objects/2026-03/tickets";
pub const COMPANIES: &str = "/crm/objects/2026-03/companies";

/// A HubSpot with one portal.
pub async fn start() -> (HubSpot, Api, PortalHandle) {
    start_with(PortalConfig::default()).await
}

pub async fn start_with(portal: PortalConfig) -> (HubSpot, Api, PortalHandle) {
    let (id, token) = (portal.id, portal.tokens[0].clone());
    let config = HubSpotConfig {
        portals: vec![portal],
        ..HubSpotConfig::default()
    };
    let hubspot = HubSpot::start(config).await.unwrap();
    let api = Api::new(hubspot.url(), &token);
    let portal = hubspot.portal(id).unwrap();
    (hubspot, api, portal)
}

/// Makes `sync300_clio_id` with its group.
pub async fn unique_id(api: &Api, object: &str) {
    let path = format!("/crm/properties/2026-03/{object}");
    let group = api
        .post(
            &format!("{path}/groups"),
            json!({ "name": "sync300_clio", "label": "Clio" }),
        )
        .await;
    assert_eq!(group.status, 201);
    let property = json!({
        "name": "sync300_clio_id", "label": "Clio ID", "groupName": "sync300_clio",
        "type": "string", "fieldType": "text", "hasUniqueValue": true,
    });
    assert_eq!(api.post(&path, property).await.status, 201);
}
