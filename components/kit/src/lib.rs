//! What the edge components share: the ports to the outside world, the vault, the store, the clients
//! of HubSpot and of the providers, and the sync engine.
//!
//! Everything here is generic over [`ports::Ports`], so that one code path runs in Spin, in native
//! tests and in simulations. Only [`ports::spin`] names the Spin SDK.
#![forbid(unsafe_code)]

pub mod action;
pub mod audit;
pub mod billing;
pub mod budget;
pub mod call;
pub mod caller;
pub mod card;
pub mod chores;
pub mod config;
pub mod connect;
pub mod core;
pub mod engine;
pub mod error;
pub mod hubspot;
pub mod lifecycle;
pub mod live;
pub mod log;
pub mod oauth;
pub mod objects;
pub mod operator;
pub mod page;
pub mod plan;
pub mod ports;
pub mod preview;
pub mod privacy;
pub mod provider;
pub mod provider_webhooks;
pub mod review;
pub mod roles;
pub mod secret;
pub mod session;
pub mod settings;
pub mod signature;
pub mod store;
pub mod stripe;
pub mod surface;
pub mod tokens;
pub mod vault;
pub mod webhooks;
pub mod words;

pub use error::{Class, Error, Result};
