//! `POST /sync/tick`: works on what is due, and says what it did.
//!
//! Woken by a timer (cron, a Kubernetes CronJob, `spin aka cron`) with the bearer token of variable
//! `sync_tick_token`; without a configured token nobody is let in.
#![cfg(target_arch = "wasm32")]

use spin_sdk::http::{IncomingRequest, ResponseOutparam};
use spin_sdk::http_component;
use sync300_kit::engine;
use sync300_kit::log::{self, Level};
use sync300_kit::ports::Variables;
use sync300_kit::ports::spin::{self, SpinPorts};
use sync300_kit::surface::{self, Answer, BearerError, Incoming};

#[http_component]
async fn handle(request: IncomingRequest, out: ResponseOutparam) {
    spin::serve_with_ports(request, out, answer).await;
}

async fn answer(ports: &SpinPorts, incoming: &Incoming) -> Answer {
    let request_id = incoming.request_id.as_str();
    if incoming.method != "POST" {
        return Answer::method_not_allowed("POST", request_id);
    }
    let authorization = incoming.text("authorization");
    if let Err(error) =
        surface::check_bearer(authorization, ports.variable("sync_tick_token").as_ref())
    {
        let status = if error == BearerError::NotConfigured {
            503
        } else {
            401
        };
        return Answer::error(status, "unauthorized", &error.to_string(), request_id);
    }
    match engine::tick(ports).await {
        Ok(summary) => Answer::json(200, &summary),
        Err(error) => {
            log::write(
                ports,
                Level::Error,
                "tick",
                &[
                    ("code", error.code().into()),
                    ("request_id", request_id.into()),
                ],
            );
            Answer::error(500, error.code(), &error.to_string(), request_id)
        }
    }
}
