//! `POST /sync/tick`: has worked on what is due, and says what was done.
//!
//! Woken by a timer (cron, a Kubernetes CronJob) with the bearer token of variable
//! `sync_tick_token`; without a configured token nobody is let in. The work itself is done by `sync-prepare`,
//! `sync-to-hubspot` and `sync-to-provider`, which nobody but the tick reaches.
#![cfg(target_arch = "wasm32")]

use spin_sdk::http::{IncomingRequest, ResponseOutparam};
use spin_sdk::http_component;
use sync300_kit::engine;
use sync300_kit::ports::spin::{self, Components};

#[http_component]
async fn handle(request: IncomingRequest, out: ResponseOutparam) {
    let components = Components::open();
    spin::serve_with_ports(request, out, async |ports, incoming| {
        engine::tick_route(ports, &components, incoming).await
    })
    .await;
}
