//! The kit's ports on a native machine: SQLite in a file or in memory, a clock that is real or set by hand, captured
//! logs, and HTTP answered by a function. What seeds the sandbox, and what the kit's own tests run on.
#![forbid(unsafe_code)]

pub mod firm;
mod http;
mod sql;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sync300_kit::ports::{Clock, KeyValue, LogSink, Random, RandomError, SECURE_DELETE, Variables};
use sync300_kit::secret::Secret;

pub use http::Handler;
pub use rusqlite::Error as DatabaseError;
pub use sql::{execute, open_like_spin};

/// All ports of one native machine.
pub struct NativePorts {
    database: rusqlite::Connection,
    statements: Cell<u64>,
    steps: Cell<u64>,
    handler: RefCell<Option<Handler>>,
    slow: RefCell<Vec<String>>,
    unreached: RefCell<Vec<String>>,
    hanging: RefCell<Vec<String>>,
    answers_until: Cell<i64>,
    now: Cell<Option<i64>>,
    variables: HashMap<String, String>,
    cache: RefCell<HashMap<String, Vec<u8>>>,
    log: RefCell<Vec<String>>,
}

impl NativePorts {
    /// With an empty database in memory.
    pub fn in_memory() -> rusqlite::Result<Self> {
        rusqlite::Connection::open_in_memory().and_then(Self::over)
    }

    /// With the database in a file, as a Spin host keeps it.
    pub fn in_file(path: &Path) -> rusqlite::Result<Self> {
        open_like_spin(path).and_then(Self::over)
    }

    fn over(database: rusqlite::Connection) -> rusqlite::Result<Self> {
        database.query_row(SECURE_DELETE, [], |_| Ok(()))?;
        Ok(Self {
            database,
            statements: Cell::new(0),
            steps: Cell::new(0),
            handler: RefCell::new(None),
            slow: RefCell::default(),
            unreached: RefCell::default(),
            hanging: RefCell::default(),
            answers_until: Cell::new(i64::MAX),
            now: Cell::new(None),
            variables: HashMap::new(),
            cache: RefCell::new(HashMap::new()),
            log: RefCell::new(Vec::new()),
        })
    }

    /// Sets a variable.
    #[must_use]
    pub fn with_variable(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Answers outgoing requests.
    #[must_use]
    pub fn with_http(self, handler: Handler) -> Self {
        self.handler.replace(Some(handler));
        self
    }

    /// The next call whose address contains this is performed, and its answer is not there when it is first asked for.
    pub fn slow_down(&self, part: &str) {
        self.slow.borrow_mut().push(part.to_owned());
    }

    /// No connection comes about for calls whose address contains one of these.
    pub fn out_of_reach(&self, parts: &[&str]) {
        let parts = parts.iter().map(|part| (*part).to_owned());
        self.unreached.replace(parts.collect());
    }

    /// Calls whose address contains one of these are never answered: each is given up as late as it may be.
    pub fn hang(&self, parts: &[&str]) {
        let parts = parts.iter().map(|part| (*part).to_owned());
        self.hanging.replace(parts.collect());
    }

    /// Stops the clock at a time (unix milliseconds); sleeping moves it on.
    pub fn set_now(&self, millis: i64) {
        self.now.set(Some(millis));
    }

    /// How many steps of SQLite's machine these took: what a statement costs, whatever the machine.
    pub fn steps(&self) -> u64 {
        self.steps.get()
    }

    /// How many SQL statements ran so far.
    pub fn statements(&self) -> u64 {
        self.statements.get()
    }

    /// The log lines so far.
    pub fn log_lines(&self) -> Vec<String> {
        self.log.borrow().clone()
    }
}

impl KeyValue for NativePorts {
    async fn get(&self, key: &str) -> Option<Vec<u8>> {
        self.cache.borrow().get(key).cloned()
    }

    async fn set(&self, key: &str, value: &[u8]) {
        self.cache
            .borrow_mut()
            .insert(key.to_owned(), value.to_vec());
    }

    async fn delete(&self, key: &str) {
        self.cache.borrow_mut().remove(key);
    }
}

impl Clock for NativePorts {
    fn now(&self) -> i64 {
        self.now.get().unwrap_or_else(|| {
            SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |elapsed| {
                    i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX)
                })
        })
    }

    async fn sleep(&self, duration: Duration) {
        match self.now.get() {
            Some(now) => self
                .now
                .set(Some(now + i64::try_from(duration.as_millis()).unwrap_or(0))),
            None => std::thread::sleep(duration),
        }
    }
}

impl Random for NativePorts {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), RandomError> {
        getrandom::fill(buffer).map_err(|_| RandomError)
    }
}

impl Variables for NativePorts {
    fn variable(&self, name: &str) -> Option<Secret> {
        self.variables
            .get(name)
            .filter(|value| !value.is_empty())
            .map(Secret::new)
    }
}

impl LogSink for NativePorts {
    fn write(&self, line: &str) {
        self.log.borrow_mut().push(line.to_owned());
    }
}
