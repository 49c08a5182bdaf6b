//! Stripe, as far as subscriptions go: its webhooks' signatures and events, subscriptions, and a client of its API.
//!
//! No card and no payment detail ever comes here: people enter those on Stripe's own pages (S1-10).

pub mod api;
pub mod event;
pub mod signature;
pub mod subscription;

pub use api::{Stripe, StripeError};

/// The version of Stripe's API that is spoken here: sent with every call, and to be set on the webhook endpoint.
pub const VERSION: &str = "2026-10-28.endive";
/// The name under which objects at Stripe carry the HubSpot portal they belong to.
pub const PORTAL_KEY: &str = "sync300_portal_id";
/// The name under which a price carries its plan where it lost its lookup key to a newer price.
pub const PLAN_KEY: &str = "sync300_plan";
