//! `POST /provider/webhooks/{token}`: what providers tell of their records, by the webhook's own secret alone.
#![cfg(target_arch = "wasm32")]

use spin_sdk::http::{IncomingRequest, ResponseOutparam};
use spin_sdk::http_component;
use sync300_kit::ports::spin;
use sync300_kit::provider_webhooks;

#[http_component]
async fn handle(request: IncomingRequest, out: ResponseOutparam) {
    spin::serve_with_ports(request, out, provider_webhooks::receive).await;
}
