//! What is held about a portal: exported, erased, restricted, ended by its age, sealed anew, and seen by support.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test ends where something is not as it must be"
)]

mod erase;
mod export;
mod reseal;
mod restriction;
mod retention;
mod schema;
mod support;
mod world;
