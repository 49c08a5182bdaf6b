//! The sync engine: from a due connection to a HubSpot that is in step.
//!
//! A **tick** has slices worked, one after another, while connections are due. A **slice** is a tick's share of one
//! connection: it leases it, goes on with the connection's **run** where the last slice ended, and commits after every
//! page, so that ending it anywhere loses nothing. Slices are worked by a component of their own, in an instance each:
//! the tick that everyone can reach holds no keys and reaches no provider.

mod associate;
mod back;
mod batch;
mod begun;
pub(crate) mod candidates;
mod companions;
pub(crate) mod compare;
mod creates;
mod end;
mod frame;
mod gate;
mod hubspot_changes;
mod index;
mod intents;
mod members;
mod object_work;
mod pages;
mod part;
mod prepare;
mod provision;
mod records;
mod relations;
mod relay;
mod release;
pub(crate) mod required;
mod retries;
mod routes;
pub(crate) mod settle;
mod slice;
mod subscriptions;
mod survivors;
mod sweep;
mod tick;
mod to_hubspot;
mod to_provider;
mod under_way;
mod waiting;
pub(crate) mod ways;
mod writes;

pub use frame::SliceSummary;
pub use part::Part;
pub use routes::{actions_route, prepare_route, tick_route, to_hubspot_route, to_provider_route};
pub use tick::{Here, Share, Slices, TickSummary, tick};
