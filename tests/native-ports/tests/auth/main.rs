//! Connecting, and the tokens that come of it: the kit's clients and its keeping of tokens, against scripted answers.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test ends where something is not as it must be"
)]

mod clients;
mod lifecycle;
mod parameters;
mod renewal;
mod revocation;
mod sealing;
mod support;
