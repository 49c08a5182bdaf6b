//! Which use case answers which route. Who may call is up to the use case: each asks for a signed caller, a session, an
//! admin or the operator's token by itself.

use sync300_kit::ports::Ports;
use sync300_kit::store::Store;
use sync300_kit::surface::{Answer, Incoming, Problem};
use sync300_kit::{caller, operator, privacy};

use privacy_statement::statement;

// The tests compile this file in elsewhere, and look for the module beside it all the same.
#[path = "privacy.rs"]
mod privacy_statement;

/// Answers a request.
pub async fn answer<P: Ports>(ports: &P, incoming: &Incoming) -> Answer {
    if let Err(error) = Store::new(ports).migrate().await {
        return caller::refuse(ports, incoming, &error.into());
    }
    let segments = incoming.segments();
    match (segments.as_slice(), incoming.method.as_str()) {
        (["account", "export"], "GET") => privacy::routes::export(ports, incoming).await,
        (["account", "restrict"], "POST") => privacy::routes::restrict(ports, incoming).await,
        (["account", "resume"], "POST") => privacy::routes::resume(ports, incoming).await,
        (["account", "erase"], "POST") => privacy::routes::erase(ports, incoming).await,
        (["account", "privacy"], "GET") => statement(ports, incoming),
        (["operator", "portals", id], "GET") => operator::routes::portal(ports, incoming, id).await,
        (["operator", "usage"], "GET") => operator::routes::usage(ports, incoming).await,
        (["operator", "reseal"], "POST") => operator::routes::reseal(ports, incoming).await,
        (["operator", "lifecycle"], "POST") => operator::routes::lifecycle(ports, incoming).await,
        (
            ["account", "restrict" | "resume" | "erase"] | ["operator", "reseal" | "lifecycle"],
            _,
        ) => Answer::method_not_allowed("POST", &incoming.request_id),
        (
            ["account", "export" | "privacy"] | ["operator", "usage"] | ["operator", "portals", _],
            _,
        ) => Answer::method_not_allowed("GET", &incoming.request_id),
        _ => caller::refuse(ports, incoming, &Problem::not_found()),
    }
}
