//! Which use case answers which route. Each checks HubSpot's signature by itself, before anything else.

use sync300_kit::ports::Ports;
use sync300_kit::store::Store;
use sync300_kit::surface::{Answer, Incoming, Problem};
use sync300_kit::{caller, card};

/// Answers a request.
pub async fn answer<P: Ports>(ports: &P, incoming: &Incoming) -> Answer {
    // Asked for every few seconds by every open card: it knows what a database without tables means.
    if let (["cards", "status"], "GET") = (incoming.segments().as_slice(), incoming.method.as_str())
    {
        return card::status(ports, incoming).await;
    }
    if let Err(error) = Store::new(ports).migrate().await {
        return caller::refuse(ports, incoming, &error.into());
    }
    match (incoming.segments().as_slice(), incoming.method.as_str()) {
        (["cards", "record"], "GET") => card::record(ports, incoming).await,
        (["cards", "sync"], "POST") => card::sync(ports, incoming).await,
        (["cards", "status" | "record"], _) => {
            Answer::method_not_allowed("GET", &incoming.request_id)
        }
        (["cards", "sync"], _) => Answer::method_not_allowed("POST", &incoming.request_id),
        _ => caller::refuse(ports, incoming, &Problem::not_found()),
    }
}
