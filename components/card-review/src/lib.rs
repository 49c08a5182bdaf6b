//! What the settings page asks for before it decides: which records wait for a person, and what the next sync would do.
//! Its own component, because it reads as a run does.

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
