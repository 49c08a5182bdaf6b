//! Which use case answers which route. Each checks HubSpot's signature by itself, before anything else.

use sync300_kit::ports::Ports;
use sync300_kit::store::Store;
use sync300_kit::surface::{Answer, Incoming, Problem};
use sync300_kit::{caller, card};

/// Answers a request.
pub async fn answer<P: Ports>(ports: &P, incoming: &Incoming) -> Answer {
    if let Err(error) = Store::new(ports).migrate().await {
        return caller::refuse(ports, incoming, &error.into());
    }
    match (incoming.segments().as_slice(), incoming.method.as_str()) {
        (["cards", "review"], "GET") => card::review(ports, incoming).await,
        (["cards", "review"], "POST") => card::decide(ports, incoming).await,
        (["cards", "review"], _) => Answer::method_not_allowed("GET, POST", &incoming.request_id),
        (["cards", "preview"], "GET") => card::preview(ports, incoming).await,
        (["cards", "preview"], _) => Answer::method_not_allowed("GET", &incoming.request_id),
        _ => caller::refuse(ports, incoming, &Problem::not_found()),
    }
}
