//! Billing at the edge: webhooks, checkout, what the settings see. The component's routes on native ports, against a
//! Stripe of a few lines; the strict one is in the end-to-end tests.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test ends where something is not as it must be"
)]

mod any_order;
mod bad_input;
mod checkout;
mod ending;
mod life;
mod retention;
mod usage;
mod world;
