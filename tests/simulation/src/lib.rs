//! The sync engine on simulated ports: time, order, randomness, HubSpot, Clio, SQL and every fault come from a seed.
//!
//! One seed makes one [`Plan`]: a few law firms, what people do in their HubSpot and Clio, and what goes wrong on the
//! way. [`simulate`] plays it: up to three instances of the engine take turns at every port call, on one virtual clock
//! and one thread, until everybody is done; then the faults end, the engine gets the time it needs, and the
//! [`oracle`] says what is not as it must be. A plan that fails is [`shrink`]ed to the few things that matter.
//!
//! What is simulated is the world. The engine is the one that is deployed (`sync300_kit::engine::tick`), with its
//! mapping core linked in instead of composed.
#![forbid(unsafe_code)]

mod generate;
mod makespan;
mod network;
pub mod oracle;
mod people;
mod plan;
mod ports;
mod schedule;
mod settle;
mod shrink;
mod simulation;
mod summary;
mod webhooks;
mod world;

pub use makespan::{Makespan, makespan};
pub use plan::{Act, Edit, Fault, Kind, On, Plan, Shape, What};
pub use shrink::shrink;
pub use simulation::{Outcome, simulate, simulate_traced};
pub use summary::Summary;
