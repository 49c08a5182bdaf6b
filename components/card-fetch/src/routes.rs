//! Which use case answers which route. Each checks HubSpot's signature by itself, before anything else.

use sync300_kit::ports::Ports;
use sync300_kit::store::Store;
use sync300_kit::surface::{Answer, Incoming, Problem};
use sync300_kit::{caller, card};

/// Answers a request.
pub async fn answer<P: Ports>(ports: &P, incoming: &Incoming) -> Answer {
    let segments = incoming.segments();
    let ["cards", route] = segments.as_slice() else {
        return caller::refuse(ports, incoming, &Problem::not_found());
    };
    let method = incoming.method.as_str();
    // Asked for every few seconds by every open card: it knows what a database without tables means.
    if (*route, method) == ("status", "GET") {
        return card::status(ports, incoming).await;
    }
    if let Err(error) = Store::new(ports).migrate().await {
        return caller::refuse(ports, incoming, &error.into());
    }
    match (*route, method) {
        ("record", "GET") => card::record(ports, incoming).await,
        ("sync", "POST") => card::sync(ports, incoming).await,
        ("settings", "GET") => card::settings(ports, incoming).await,
        ("settings", "POST") => card::change_settings(ports, incoming).await,
        ("fields", "GET") => card::fields(ports, incoming).await,
        ("lists", "GET") => card::lists(ports, incoming).await,
        ("mappings", "POST") => card::change_mappings(ports, incoming).await,
        ("test", "POST") => card::test(ports, incoming).await,
        ("history", "GET") => card::history(ports, incoming).await,
        ("history.csv", "GET") => card::history_csv(ports, incoming).await,
        ("status" | "record" | "fields" | "lists" | "history" | "history.csv", _) => {
            Answer::method_not_allowed("GET", &incoming.request_id)
        }
        ("sync" | "mappings" | "test", _) => {
            Answer::method_not_allowed("POST", &incoming.request_id)
        }
        ("settings", _) => Answer::method_not_allowed("GET, POST", &incoming.request_id),
        _ => caller::refuse(ports, incoming, &Problem::not_found()),
    }
}
