//! Why an application does not start.

use std::{io, path::PathBuf};

use crate::{
    allowed_hosts::AllowedHostError, compose::ComposeError, manifest::ManifestError,
    routes::RouteError, variables::VariableError,
};

/// Why an application does not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Its manifest is refused.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// Its variables are refused.
    #[error(transparent)]
    Variables(#[from] VariableError),
    /// Its routes are refused.
    #[error(transparent)]
    Routes(#[from] RouteError),
    /// An entry of `allowed_outbound_hosts` is refused.
    #[error("component {component:?}, allowed_outbound_hosts: {source}")]
    AllowedHost {
        /// The component.
        component: String,
        /// What is wrong with it.
        source: AllowedHostError,
    },
    /// A component names a store or database that the operator has not defined.
    #[error("component {component:?}: unknown {kind} label {label:?}")]
    UnknownLabel {
        /// The component.
        component: String,
        /// `key_value_stores` or `sqlite_databases`.
        kind: &'static str,
        /// The label.
        label: String,
    },
    /// A wasm file cannot be read.
    #[error("component {component:?}: cannot read {path}: {source}")]
    Source {
        /// The component.
        component: String,
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A component and its dependencies do not fit.
    #[error("component {component:?}: {source}")]
    Compose {
        /// The component.
        component: String,
        /// What does not fit.
        source: ComposeError,
    },
    /// A component is malformed, imports what it is not given, or is no HTTP handler.
    #[error("component {component:?} {reason}")]
    Component {
        /// The component.
        component: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Neither folder nor file of a store or database can be made.
    #[error("cannot make a place for stores and databases: {0}")]
    Storage(#[from] io::Error),
    /// A key-value store cannot be opened.
    #[error("cannot open a key-value store: {0}")]
    Store(#[from] rusqlite::Error),
    /// The engine cannot be set up.
    #[error("cannot set up the engine: {0:#}")]
    Engine(wasmtime::Error),
}
