//! HubSpot and Clio as servers on loopback: stateful, and as strict as the real ones.
//!
//! Tests, the sandbox and the bench talk to them over HTTP, as the product does, and look at them
//! from the inside through [`HubSpot::portal`] and [`Clio::account`]: what records and associations
//! there are, which calls came ([`CallLog`]), what a person at the other end changes. [`Fault`]s
//! make the next calls fail in the ways that networks and vendors do.
//!
//! What is not known about the real services is marked "unverified" where it is decided.

#![forbid(unsafe_code)]

pub mod clio;
#[cfg(feature = "contract")]
pub mod contract;
pub mod data;
pub mod hubspot;

mod calls;
mod clock;
mod error;
mod faults;
mod query;
mod server;

pub use calls::{Call, CallLog, Exchange};
pub use clio::{Clio, ClioConfig};
pub use clock::Clock;
pub use error::FakeError;
pub use faults::{Effect, Fault, Tamper};
pub use hubspot::{HubSpot, HubSpotConfig};
