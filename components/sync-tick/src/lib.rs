//! `POST /sync/tick`: works on what is due, and says what it did.
//!
//! Woken by a timer (cron, a Kubernetes CronJob, `spin aka cron`) with the bearer token of variable
//! `sync_tick_token`; without a configured token nobody is let in.
#![cfg(target_arch = "wasm32")]

use spin_sdk::http::{IntoResponse, Method, Request};
use spin_sdk::http_component;
use sync300_kit::engine;
use sync300_kit::log::{self, Level};
use sync300_kit::ports::Variables;
use sync300_kit::ports::spin::{self, SpinPorts};
use sync300_kit::surface::{self, Answer, BearerError};

#[http_component]
async fn handle(request: Request) -> impl IntoResponse {
    let ports = match SpinPorts::open() {
        Ok(ports) => ports,
        Err(error) => {
            return spin::respond(Answer::error(503, "database", &error.to_string(), "none"));
        }
    };
    let request_id = surface::request_id(&ports);
    if *request.method() != Method::Post {
        return spin::respond(Answer::method_not_allowed("POST", &request_id));
    }
    let authorization = request
        .header("authorization")
        .and_then(|value| value.as_str());
    if let Err(error) =
        surface::check_bearer(authorization, ports.variable("sync_tick_token").as_ref())
    {
        let status = if error == BearerError::NotConfigured {
            503
        } else {
            401
        };
        return spin::respond(Answer::error(
            status,
            "unauthorized",
            &error.to_string(),
            &request_id,
        ));
    }
    match engine::tick(&ports).await {
        Ok(summary) => spin::respond(Answer::json(200, &summary)),
        Err(error) => {
            log::write(
                &ports,
                Level::Error,
                "tick",
                &[
                    ("code", error.code().into()),
                    ("request_id", request_id.as_str().into()),
                ],
            );
            spin::respond(Answer::error(
                500,
                error.code(),
                &error.to_string(),
                &request_id,
            ))
        }
    }
}
