//! Installing, connecting and ending, on native ports with scripted services on the other side.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test ends where something is not as it must be"
)]

/// The component is a cdylib, which no test can link: its routes are compiled in here.
#[path = "../../src/routes.rs"]
mod routes;

mod account;
mod connect;
mod identity;
mod install;
mod parameters;
mod support;
mod switch;
