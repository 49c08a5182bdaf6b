//! The sync engine: from a due connection to a HubSpot that is in step.
//!
//! A **tick** has slices worked, one after another, while connections are due. A **slice** is a tick's share of one
//! connection: it leases it, goes on with the connection's **run** where the last slice ended, and commits after every
//! page, so that ending it anywhere loses nothing. Slices are worked by a component of their own, in an instance each:
//! the tick that everyone can reach holds no keys and reaches no provider.

mod associate;
mod candidates;
mod end;
mod frame;
mod gate;
mod index;
mod pages;
mod provision;
mod records;
mod relations;
mod relay;
mod routes;
mod settle;
mod slice;
mod tick;
mod writes;

pub use frame::SliceSummary;
pub use routes::{slice_route, tick_route};
pub use tick::{Here, Share, Slices, TickSummary, tick};
