//! A portal's rights over what is held about it: to have it (S1-49, S1-52), to have it erased (S1-46, S1-51), and to have
//! it left alone meanwhile (S1-53).
//!
//! Rectification (S1-50) needs no function: nothing is kept that was typed in by hand but the settings, which are changed
//! where they are made; the portal's details are read again on every install, the account's name on every connect.

mod encode;
mod erase;
mod export;
mod restriction;
pub mod routes;

pub use erase::{Erasure, erase};
pub use export::{Asked, Export, ExportError, Format, export};
pub use restriction::{restrict, resume};
