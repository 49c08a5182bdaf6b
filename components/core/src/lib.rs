//! The pure core of sync300: connectors as data, mapping, matching, reconciling, classifying.
//!
//! The public modules mirror the interfaces of `wit/core.wit`: same names, same functions, and the
//! types of [`sync300_core_bindings`], so that native code and the WebAssembly component read alike.
//! Nothing in here does I/O, reads a clock or draws a random number.
#![forbid(unsafe_code)]

pub mod actions;
pub mod auth;
pub mod catalog;
pub mod classifying;
pub mod declaration;
mod fingerprint;
mod hubspot_error;
mod key;
pub mod mapping;
pub mod matching;
pub mod path;
pub mod provider;
pub mod reconciling;
pub mod selection;
mod template;
pub mod transform;
pub mod webhooks;
