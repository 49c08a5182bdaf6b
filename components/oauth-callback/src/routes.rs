//! Which use case answers which route. Who may call is up to the use case: each asks for a signed caller, a session or
//! an admin by itself.

use sync300_kit::ports::Ports;
use sync300_kit::store::Store;
use sync300_kit::surface::{Answer, Incoming, Problem};
use sync300_kit::{caller, connect};

/// Answers a request.
pub async fn answer<P: Ports>(ports: &P, incoming: &Incoming) -> Answer {
    if let Err(error) = Store::new(ports).migrate().await {
        return caller::refuse(ports, incoming, &error.into());
    }
    match incoming.segments().as_slice() {
        ["oauth", "hubspot", "start"] => {
            only(incoming, "GET", connect::install_start(ports, incoming)).await
        }
        ["oauth", "hubspot", "callback"] => {
            only(incoming, "GET", connect::install_callback(ports, incoming)).await
        }
        ["oauth", id, "ticket"] => {
            only(incoming, "POST", connect::ticket(ports, incoming, id)).await
        }
        ["oauth", id, "start"] => only(incoming, "GET", connect::start(ports, incoming, id)).await,
        ["oauth", id, "callback"] => {
            only(incoming, "GET", connect::callback(ports, incoming, id)).await
        }
        ["oauth", id, "account"] => {
            only(
                incoming,
                "POST",
                connect::answer_question(ports, incoming, id),
            )
            .await
        }
        ["oauth", id, "parameters"] => match incoming.method.as_str() {
            "GET" => connect::form(ports, incoming, id).await,
            "POST" => connect::check(ports, incoming, id).await,
            _ => Answer::method_not_allowed("GET, POST", &incoming.request_id),
        },
        ["account"] => only(incoming, "GET", connect::view(ports, incoming)).await,
        ["account", "ticket"] => {
            only(incoming, "POST", connect::account_ticket(ports, incoming)).await
        }
        ["account", "audit"] => only(incoming, "GET", connect::trail(ports, incoming)).await,
        ["account", "disconnect"] => {
            only(incoming, "POST", connect::disconnect(ports, incoming)).await
        }
        ["account", "uninstall"] => {
            only(incoming, "POST", connect::uninstall(ports, incoming)).await
        }
        _ => caller::refuse(ports, incoming, &Problem::not_found()),
    }
}

/// Answers only this method; the others are refused before anything is begun.
async fn only(
    incoming: &Incoming,
    method: &'static str,
    answer: impl Future<Output = Answer>,
) -> Answer {
    if incoming.method == method {
        return answer.await;
    }
    Answer::method_not_allowed(method, &incoming.request_id)
}
