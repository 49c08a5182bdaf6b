//! The sync engine: from a due connection to a HubSpot that is in step.
//!
//! A **tick** leases due connections, one after another. A **slice** is a tick's share of one connection: it goes on
//! with the connection's **run** where the last slice ended, and commits after every page, so that ending it anywhere
//! loses nothing.

mod associate;
mod candidates;
mod end;
mod gate;
mod index;
mod pages;
mod provision;
mod records;
mod relations;
mod settle;
mod slice;
mod tick;
mod writes;

pub use tick::{SliceSummary, TickSummary, tick};
