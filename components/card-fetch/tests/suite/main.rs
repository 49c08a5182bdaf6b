//! What cards and settings pages inside HubSpot ask for, on native ports with the fakes on the other side.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test ends where something is not as it must be"
)]

/// Of the component beside it, which answers two of the addresses.
#[path = "../../../card-review/src/routes.rs"]
mod review_routes;
/// The component is a cdylib, which no test can link: its routes are compiled in here.
#[path = "../../src/routes.rs"]
mod routes;

mod first_sync;
mod history;
mod identity;
mod imports;
mod lists;
mod mappings;
mod plan;
mod preview;
mod record;
mod recorded;
mod review;
mod settings;
mod status;
mod support;
mod sync;
