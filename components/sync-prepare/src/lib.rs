//! Private: prepares the run of the connection that is due for longest among those that wait for it, within the share of a
//! tick that is told.
#![cfg(target_arch = "wasm32")]

use spin_sdk::http::{IncomingRequest, ResponseOutparam};
use spin_sdk::http_component;
use sync300_kit::engine;
use sync300_kit::ports::spin;

/// What a slice has to write down how it ended, in milliseconds.
const CLOSING: i64 = 1_000;

#[http_component]
async fn handle(request: IncomingRequest, out: ResponseOutparam) {
    spin::serve_with_ports(request, out, async |ports, incoming| {
        engine::prepare_route(ports, incoming, |share| {
            ports.answer_by(share.call_until + CLOSING);
        })
        .await
    })
    .await;
}
