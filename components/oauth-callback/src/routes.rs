//! Which use case answers which route. Who may call is up to the use case: each asks for a signed caller, a session, an
//! admin or the operator's token by itself.

use sync300_kit::caller;
use sync300_kit::ports::Ports;
use sync300_kit::store::Store;
use sync300_kit::surface::{Answer, Incoming, Problem};

/// Answers a request.
pub async fn answer<P: Ports>(ports: &P, incoming: &Incoming) -> Answer {
    if let Err(error) = Store::new(ports).migrate().await {
        return caller::refuse(ports, incoming, &error.into());
    }
    caller::refuse(ports, incoming, &Problem::not_found())
}
