//! HubSpot and Clio as servers on loopback: stateful, and as strict as the real ones.
//!
//! Tests, the sandbox and the bench talk to them over HTTP, as the product does, and look at them
//! from the inside through [`HubSpot::portal`] and [`Clio::account`]: what records and associations
//! there are, which calls came ([`CallLog`]), what a person at the other end changes. [`Fault`]s
//! make the next calls fail in the ways that networks and vendors do.
//!
//! What is not known about the real services is marked "unverified" where it is decided.
//!
//! ```
//! use sync300_fakes::hubspot::ObjectType;
//! use sync300_fakes::{Effect, Fault, HubSpot, HubSpotConfig};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), sync300_fakes::FakeError> {
//! let hubspot = HubSpot::start(HubSpotConfig::default()).await?;
//! let portal = hubspot.portal(4_200_001)?;
//! portal.create_by_hand(ObjectType::Contacts, &[("email", "ada@example.com")])?;
//! hubspot.fail(Fault::once("/batch/upsert", Effect::PerformThenDrop));
//! // … run what is under test against `hubspot.url()`, then look:
//! assert_eq!(portal.count(ObjectType::Contacts), 1);
//! assert!(portal.calls().is_empty());
//! # Ok(())
//! # }
//! ```

#![forbid(unsafe_code)]

pub mod clio;
#[cfg(feature = "contract")]
pub mod contract;
pub mod data;
pub mod hubspot;
pub mod stripe;

mod calls;
mod clock;
mod error;
mod faults;
mod form;
mod page;
mod query;
mod server;

pub use calls::{Call, CallLog, Exchange};
pub use clio::{Clio, ClioConfig};
pub use clock::Clock;
pub use error::FakeError;
pub use faults::{Effect, Fault, Tamper};
pub use hubspot::{HubSpot, HubSpotConfig};
pub use stripe::{Stripe, StripeConfig};
