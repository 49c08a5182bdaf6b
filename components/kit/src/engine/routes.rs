//! What the engine's components answer: the tick to a timer, slices to the tick.

use super::frame::slice;
use super::part::{Prepare, Stage, ToHubspot, ToProvider};
use super::relay::Relay;
use super::tick::{Share, tick};
use crate::action;
use crate::error::Error;
use crate::log::{self, Level};
use crate::ports::{Http, Ports};
use crate::surface::{Answer, Incoming, let_in};

/// Who may wake the engine.
const TOKEN: &str = "sync_tick_token";

/// Answers a timer with what the tick did. `http` reaches the components that work slices.
pub async fn tick_route<P: Ports>(ports: &P, http: &impl Http, incoming: &Incoming) -> Answer {
    let token = match let_in(incoming, ports.variable(TOKEN)) {
        Ok(token) => token,
        Err(refused) => return refused,
    };
    match tick(ports, &Relay::new(http, token)).await {
        Ok(summary) => Answer::json(200, &summary),
        Err(error) => failed(ports, "tick", &error, incoming),
    }
}

/// Answers a tick with what a slice towards HubSpot did, or `null` where nothing is due. `spend` is told the slice's share
/// first.
pub async fn to_hubspot_route<P: Ports>(
    ports: &P,
    incoming: &Incoming,
    spend: impl FnOnce(Share),
) -> Answer {
    slice_route::<ToHubspot, P>(ports, incoming, spend).await
}

/// As [`to_hubspot_route`], before it.
pub async fn prepare_route<P: Ports>(
    ports: &P,
    incoming: &Incoming,
    spend: impl FnOnce(Share),
) -> Answer {
    slice_route::<Prepare, P>(ports, incoming, spend).await
}

/// As [`to_hubspot_route`], towards the provider.
pub async fn to_provider_route<P: Ports>(
    ports: &P,
    incoming: &Incoming,
    spend: impl FnOnce(Share),
) -> Answer {
    slice_route::<ToProvider, P>(ports, incoming, spend).await
}

/// Answers a tick with what was done of the actions that HubSpot waits for. `spend` is told the share of the tick first.
pub async fn actions_route<P: Ports>(
    ports: &P,
    incoming: &Incoming,
    spend: impl FnOnce(Share),
) -> Answer {
    let share = match share(ports, incoming) {
        Ok(share) => share,
        Err(refused) => return refused,
    };
    spend(share);
    match action::finish(ports, share).await {
        Ok(finished) => Answer::json(200, &finished),
        Err(error) => failed(ports, "actions", &error, incoming),
    }
}

async fn slice_route<S: Stage, P: Ports>(
    ports: &P,
    incoming: &Incoming,
    spend: impl FnOnce(Share),
) -> Answer {
    let share = match share(ports, incoming) {
        Ok(share) => share,
        Err(refused) => return refused,
    };
    spend(share);
    match slice::<S, P>(ports, share).await {
        Ok(summary) => Answer::json(200, &summary),
        Err(error) => failed(ports, "slice", &error, incoming),
    }
}

/// What the tick, and nobody else, gives a component to spend.
fn share<P: Ports>(ports: &P, incoming: &Incoming) -> Result<Share, Answer> {
    let_in(incoming, ports.variable(TOKEN))?;
    incoming
        .json()
        .map_err(|problem| problem.json(&incoming.request_id))
}

fn failed<P: Ports>(ports: &P, what: &'static str, error: &Error, incoming: &Incoming) -> Answer {
    let request_id = incoming.request_id.as_str();
    let fields = [
        ("code", error.code().into()),
        ("request_id", request_id.into()),
    ];
    log::write(ports, Level::Error, what, &fields);
    Answer::error(500, error.code(), &error.to_string(), request_id)
}
