//! What is held about a portal, for it to see, have, restrict and erase; and what the operator may do. Its own component,
//! because it reaches no provider.

pub mod routes;

#[cfg(target_arch = "wasm32")]
mod edge {
    use spin_sdk::http::{IncomingRequest, ResponseOutparam};
    use spin_sdk::http_component;
    use sync300_kit::ports::spin;

    #[http_component]
    async fn handle(request: IncomingRequest, out: ResponseOutparam) {
        spin::serve_with_ports(request, out, crate::routes::answer).await;
    }
}
