//! An embedded host that runs a `spin.toml` as Spin does, for tests and the sandbox.
//!
//! [`App::load`] reads the manifest, composes components with their dependencies, compiles and
//! links them; [`App::request`] and [`App::serve`] answer requests, each with a fresh instance.
//! What Spin refuses is refused here, and so is what Spin runs and this host does not; see
//! [`manifest`].
//!
//! ```no_run
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! use sync300_host::{App, Options, build};
//!
//! let root = build::wasm()?;
//! let options = Options::default().variable("tick_token", "secret");
//! let app = App::load(&root.join("spin.toml"), options)?;
//! let request = http::Request::post("/sync/tick").body(bytes::Bytes::new())?;
//! assert_eq!(app.request(request).await.status(), 401);
//! # Ok(())
//! # }
//! ```

#![forbid(unsafe_code)]

pub mod allowed_hosts;
mod app;
mod bindings;
pub mod build;
mod component;
pub mod compose;
mod denied;
pub mod engine;
mod error;
mod headers;
mod key_value;
pub mod logs;
pub mod manifest;
mod options;
mod outbound;
pub mod routes;
mod server;
mod sqlite;
mod stats;
mod storage;
pub mod template;
mod variables;

pub use self::{
    app::{App, Running},
    error::Error,
    logs::{CapturedLogs, LogLine, LogSink, Stream},
    options::{Options, WallClock},
    server::Server,
    stats::RequestStats,
    storage::{Storage, Storages, temporary_default},
    variables::VariableError,
};
