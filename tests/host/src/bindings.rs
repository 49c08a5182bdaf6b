//! Spin's interfaces, generated from the WIT of the `spin-sdk` crate (see `build.rs`).

#![allow(missing_docs, clippy::all)]

include!(concat!(env!("OUT_DIR"), "/spin.rs"));

pub use self::fermyon::spin::{key_value, sqlite, variables};
pub use self::spin::sqlite::sqlite as sqlite3;
