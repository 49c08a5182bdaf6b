//! The whole platform on one machine: the application on the embedded host, HubSpot and Clio as fakes with data in
//! them, and a connected portal. What `cargo run` shows, and what the end-to-end tests and the bench drive.
#![forbid(unsafe_code)]

pub mod browser;
pub mod check;
pub mod clio_pages;
pub mod document;
mod form;
pub mod hubspot_pages;
pub mod index_page;
pub mod platform;
pub mod report;

pub use platform::{Platform, PlatformConfig, PlatformError};
