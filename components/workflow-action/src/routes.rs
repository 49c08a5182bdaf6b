//! Which use case answers which route. Those of HubSpot check its signature by themselves, before anything else; that of the
//! tick, its token.

use sync300_kit::engine::{self, Share};
use sync300_kit::ports::Ports;
use sync300_kit::store::Store;
use sync300_kit::surface::{Answer, Incoming, Problem};
use sync300_kit::{action, caller};

/// Answers a request by `reply`, behind which the work may go on. `spend` is told what the tick gives.
pub async fn handle<P: Ports>(
    ports: &P,
    incoming: &Incoming,
    spend: impl FnOnce(Share),
    reply: impl AsyncFnOnce(Answer),
) {
    let segments = incoming.segments();
    let route = match segments.as_slice() {
        // No public route leads here.
        ["waiting"] => {
            let answer = engine::actions_route(ports, incoming, spend).await;
            return reply(answer).await;
        }
        ["actions", route @ ..] if matches!(route.len(), 1..=3) => route,
        _ => return reply(caller::refuse(ports, incoming, &Problem::not_found())).await,
    };
    if let Err(answer) = incoming.only(&["POST"]) {
        return reply(answer).await;
    }
    if let Err(error) = Store::new(ports).migrate().await {
        return reply(caller::refuse(ports, incoming, &error.into())).await;
    }
    let answer = match route {
        ["trigger_sync"] => action::trigger_sync(ports, incoming).await,
        [connector, "options", name] => action::options(ports, incoming, connector, name).await,
        [connector, name] => {
            return action::perform(ports, incoming, connector, name, reply).await;
        }
        _ => caller::refuse(ports, incoming, &Problem::not_found()),
    };
    reply(answer).await;
}
