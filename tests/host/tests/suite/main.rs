//! The host, tried on probes that it builds (`guests/`) and on components written as text.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod refusals;
mod requests;
mod rights;
mod support;
