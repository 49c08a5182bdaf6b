//! Which use case answers which route. Each checks HubSpot's signature by itself, before anything else.

use sync300_kit::ports::Ports;
use sync300_kit::store::Store;
use sync300_kit::surface::{Answer, Incoming, Problem};
use sync300_kit::{action, caller};

/// Answers a request.
pub async fn answer<P: Ports>(ports: &P, incoming: &Incoming) -> Answer {
    let segments = incoming.segments();
    let route = match segments.as_slice() {
        ["actions", route @ ..] if matches!(route.len(), 1..=3) => route,
        _ => return caller::refuse(ports, incoming, &Problem::not_found()),
    };
    if let Err(answer) = incoming.only(&["POST"]) {
        return answer;
    }
    if let Err(error) = Store::new(ports).migrate().await {
        return caller::refuse(ports, incoming, &error.into());
    }
    match route {
        ["trigger_sync"] => action::trigger_sync(ports, incoming).await,
        [connector, "options", name] => action::options(ports, incoming, connector, name).await,
        [connector, name] => action::perform(ports, incoming, connector, name).await,
        _ => caller::refuse(ports, incoming, &Problem::not_found()),
    }
}
