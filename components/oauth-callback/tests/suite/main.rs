//! Installing, connecting and ending, on native ports with scripted services on the other side.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test ends where something is not as it must be"
)]

mod account;
mod connect;
mod identity;
mod install;
mod parameters;
mod support;
mod switch;
