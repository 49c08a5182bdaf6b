//! End-to-end tests: the components as WebAssembly on the embedded host, against the fakes.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test ends where something is not as it must be"
)]

mod actions;
mod associations;
mod billing;
mod both_ways;
mod calls;
mod cards;
mod connect;
mod connect_portals;
mod connect_refusals;
mod connect_tokens;
mod contract;
mod creates;
mod deletions;
mod failures;
mod first_sync;
mod interrupted;
mod links;
mod lists;
mod mapping;
mod matching;
mod merged;
mod operator;
mod privacy;
mod provider_webhooks;
mod review;
mod support;
mod surface;
mod waiting;
mod webhooks;
