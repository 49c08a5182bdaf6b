//! What workflows and agents inside HubSpot do at connected systems.

pub mod routes;

#[cfg(target_arch = "wasm32")]
mod edge {
    use spin_sdk::http::{IncomingRequest, ResponseOutparam};
    use spin_sdk::http_component;
    use sync300_kit::ports::spin;

    /// What a tick's call takes to end when its time is up, in milliseconds.
    const CLOSING: i64 = 1_000;

    #[http_component]
    async fn handle(request: IncomingRequest, out: ResponseOutparam) {
        spin::serve_and_go_on(request, out, async |ports, incoming, reply| {
            let spend = |share: sync300_kit::engine::Share| {
                ports.answer_by(share.call_until + CLOSING);
            };
            let reply = async |answer| reply.send(incoming, answer).await;
            crate::routes::handle(ports, incoming, spend, reply).await;
        })
        .await;
    }
}
