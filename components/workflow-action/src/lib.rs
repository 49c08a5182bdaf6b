//! The workflow-action component: not built yet, and says so.
#![cfg(target_arch = "wasm32")]

use spin_sdk::http::{IntoResponse, Request};
use spin_sdk::http_component;
use sync300_kit::ports::spin;
use sync300_kit::surface::{self, Answer};

#[http_component]
async fn handle(_request: Request) -> impl IntoResponse {
    let request_id = surface::request_id(&spin::SystemRandom);
    spin::respond(Answer::not_implemented(
        "The workflow action endpoint",
        &request_id,
    ))
}
