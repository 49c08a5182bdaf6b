//! Which use case answers which route. Who may call is up to the use case.

use sync300_kit::ports::Ports;
use sync300_kit::store::Store;
use sync300_kit::surface::{Answer, Incoming, Problem};
use sync300_kit::{billing, caller};

/// Answers a request.
pub async fn answer<P: Ports>(ports: &P, incoming: &Incoming) -> Answer {
    let segments = incoming.segments();
    let method = match segments.as_slice() {
        ["stripe", "webhook"] | ["billing", "checkout" | "portal"] => "POST",
        ["billing"] => "GET",
        _ => return caller::refuse(ports, incoming, &Problem::not_found()),
    };
    if incoming.method != method {
        return Answer::method_not_allowed(method, &incoming.request_id);
    }
    if let Err(error) = Store::new(ports).migrate().await {
        return caller::refuse(ports, incoming, &error.into());
    }
    match segments.as_slice() {
        ["stripe", _] => billing::webhook(ports, incoming).await,
        ["billing", "checkout"] => billing::checkout(ports, incoming).await,
        ["billing", "portal"] => billing::portal(ports, incoming).await,
        _ => billing::view(ports, incoming).await,
    }
}
