//! What an operator decides when an application starts.

use std::{
    collections::BTreeMap,
    fmt,
    path::PathBuf,
    sync::Arc,
    time::{Duration, SystemTime},
};

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
    /// What components see as the time of day.
    pub wall_clock: WallClock,
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
            wall_clock: WallClock::default(),
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

/// The time of day; the system's, unless a test moves it.
#[derive(Clone)]
pub struct WallClock(Arc<dyn Fn() -> SystemTime + Send + Sync>);

impl WallClock {
    /// A clock that asks `now`.
    pub fn new(now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }
}

impl Default for WallClock {
    fn default() -> Self {
        Self::new(SystemTime::now)
    }
}

impl fmt::Debug for WallClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WallClock").finish_non_exhaustive()
    }
}

impl wasmtime_wasi::clocks::HostWallClock for WallClock {
    fn resolution(&self) -> Duration {
        Duration::from_millis(1)
    }

    fn now(&self) -> Duration {
        let since = (self.0)().duration_since(SystemTime::UNIX_EPOCH);
        since.unwrap_or_default()
    }
}
