//! What workflows and agents inside HubSpot do, on native ports with the fakes on the other side.
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

mod actions;
mod failures;
mod identity;
mod linked;
mod options;
mod support;
mod waiting;
