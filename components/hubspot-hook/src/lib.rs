//! `POST /hubspot/webhooks`: what HubSpot tells of its records, by HubSpot's signature alone.
#![cfg(target_arch = "wasm32")]

use spin_sdk::http::{IncomingRequest, ResponseOutparam};
use spin_sdk::http_component;
use sync300_kit::ports::spin;
use sync300_kit::webhooks;

#[http_component]
async fn handle(request: IncomingRequest, out: ResponseOutparam) {
    spin::serve_with_ports(request, out, webhooks::receive).await;
}
