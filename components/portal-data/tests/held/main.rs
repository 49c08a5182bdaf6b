//! What is held about a portal, over its routes; and what the operator may do.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test ends where something is not as it must be"
)]

/// The component is a cdylib, which no test can link: its routes are compiled in here.
#[path = "../../src/routes.rs"]
mod routes;

mod account;
mod operator;
mod statement;
mod world;
