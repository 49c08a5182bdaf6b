//! What an operator decides when an application starts.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use crate::{
    build,
    logs::LogSink,
    storage::{Storages, temporary_default},
};

/// How an application is run. The defaults are those of the smallest hosts Spin applications run
/// on (30 s, 128 MiB), with storage that goes with the application.
#[derive(Clone, Debug)]
pub struct Options {
    /// Values of application variables, as `spin up --variable` gives them.
    pub variables: BTreeMap<String, String>,
    /// Whether `SPIN_VARIABLE_…` of our own environment count, after `variables`.
    pub environment_variables: bool,
    /// SQLite databases by label.
    pub sqlite: Storages,
    /// Key-value stores by label.
    pub key_value: Storages,
    /// Most linear memory of an instance, in bytes.
    pub memory_limit: usize,
    /// Most time of a request.
    pub time_limit: Duration,
    /// Takes what components write to stdout and stderr.
    pub logs: LogSink,
    /// Where the manifest's relative paths start; none: the manifest's folder.
    pub root: Option<PathBuf>,
    /// Where compiled components are kept; none: nowhere.
    pub cache: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            variables: BTreeMap::new(),
            environment_variables: false,
            sqlite: temporary_default(),
            key_value: temporary_default(),
            memory_limit: 128 << 20,
            time_limit: Duration::from_secs(30),
            logs: LogSink::default(),
            root: None,
            cache: Some(build::repository().join("target/sync300-host/compiled")),
        }
    }
}

impl Options {
    /// Sets one variable.
    #[must_use]
    pub fn variable(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.variables.insert(name.into(), value.into());
        self
    }
}
