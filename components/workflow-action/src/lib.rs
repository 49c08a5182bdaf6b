//! The workflow-action component: not built yet, and says so.
#![cfg(target_arch = "wasm32")]

use spin_sdk::http::{IncomingRequest, ResponseOutparam};
use spin_sdk::http_component;
use sync300_kit::ports::spin;
use sync300_kit::surface::Answer;

#[http_component]
async fn handle(request: IncomingRequest, out: ResponseOutparam) {
    spin::serve(request, out, async |incoming| {
        Answer::not_implemented("The workflow action endpoint", &incoming.request_id)
    })
    .await;
}
