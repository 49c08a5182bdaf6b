//! The seams to the outside world. Logic sees these traits and nothing of Spin.

#[cfg(target_arch = "wasm32")]
pub mod spin;

use std::time::Duration;

use crate::secret::Secret;

/// An outgoing HTTP request.
#[derive(Clone)]
pub struct HttpRequest {
    /// `GET`, `POST`, …
    pub method: &'static str,
    /// Absolute URL.
    pub url: String,
    /// Header names in lower case, and values. May hold credentials.
    pub headers: Vec<(String, String)>,
    /// The raw body; empty for none.
    pub body: Vec<u8>,
}

impl std::fmt::Debug for HttpRequest {
    /// Headers and body are left out: they hold credentials and records.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpRequest")
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}

/// The answer to an [`HttpRequest`].
pub struct HttpResponse {
    /// Status code.
    pub status: u16,
    /// Header names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The raw body.
    pub body: Vec<u8>,
}

impl HttpResponse {
    /// The first value of a header, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

/// Why no answer came. Never holds the URL, which may hold values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// The host does not allow this destination; nothing but a new configuration helps.
    #[error("the destination is not among the allowed outbound hosts")]
    Forbidden,
    /// The request is not one that can be sent.
    #[error("the request cannot be sent")]
    BadRequest,
    /// The answer's body is larger than the limit.
    #[error("the answer is larger than {limit} bytes")]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// No connection came about: refused, no such name, no trust. Nothing was sent.
    #[error("no connection")]
    Unreached,
    /// Connection reset, timed out, or cut off in the body: what was sent may have arrived.
    #[error("no complete answer")]
    Network,
}

/// Outgoing HTTP.
#[allow(
    async_fn_in_trait,
    reason = "an instance serves one request on one thread; no future is ever sent"
)]
pub trait Http {
    /// Sends the request and reads the whole answer.
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError>;

    /// No answer is waited for past this time (unix milliseconds), where it is earlier than what the host sets anyway:
    /// somebody waits for ours.
    fn answer_by(&self, _time: i64) {}
}

/// A value bound to or read from SQLite.
#[derive(Debug, Clone, PartialEq)]
pub enum SqlValue {
    /// `NULL`.
    Null,
    /// `INTEGER`.
    Integer(i64),
    /// `REAL`.
    Real(f64),
    /// `TEXT`.
    Text(String),
    /// `BLOB`.
    Blob(Vec<u8>),
}

impl From<i64> for SqlValue {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<&str> for SqlValue {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for SqlValue {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl<T: Into<SqlValue>> From<Option<T>> for SqlValue {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// The rows a statement answers with, each in the order of its columns.
pub type SqlRows = Vec<Vec<SqlValue>>;

/// Why a statement failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SqlError {
    /// The component may not use this database, or it is not configured.
    #[error("the database is not available to this component")]
    Unavailable,
    /// SQLite's own message: names of tables, columns and constraints, never values.
    #[error("SQLite: {0}")]
    Failed(String),
}

/// What a connection to the database begins with: deleted content does not stay in the file.
pub const SECURE_DELETE: &str = "PRAGMA secure_delete = ON";

/// The database. One statement is one unit of atomicity: there is no transaction across calls. What is deleted or
/// replaced is overwritten in the file, where the database can (`PRAGMA secure_delete`).
#[allow(
    async_fn_in_trait,
    reason = "an instance serves one request on one thread; no future is ever sent"
)]
pub trait Sql {
    /// Runs one statement with positional parameters.
    async fn execute(&self, statement: &str, params: &[SqlValue]) -> Result<SqlRows, SqlError>;
}

/// The key-value store: a cache. Losing it costs calls, never correctness.
#[allow(
    async_fn_in_trait,
    reason = "an instance serves one request on one thread; no future is ever sent"
)]
pub trait KeyValue {
    /// The value of a key; none where there is none, or the store is out of reach.
    async fn get(&self, key: &str) -> Option<Vec<u8>>;
    /// Sets a key; a failure is silent, because a cache may forget.
    async fn set(&self, key: &str, value: &[u8]);
    /// Forgets a key.
    async fn delete(&self, key: &str);
}

/// The clock.
#[allow(
    async_fn_in_trait,
    reason = "an instance serves one request on one thread; no future is ever sent"
)]
pub trait Clock {
    /// Unix milliseconds.
    fn now(&self) -> i64;
    /// Waits.
    async fn sleep(&self, duration: Duration);
}

/// Cryptographic randomness.
pub trait Random {
    /// Fills the buffer, or fails closed.
    fn fill(&self, buffer: &mut [u8]) -> Result<(), RandomError>;
}

/// The system has no randomness to give.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no randomness available")]
pub struct RandomError;

/// Whoever keeps the variables does not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("variables cannot be read at the moment")]
pub struct VariablesError;

/// The application's variables.
pub trait Variables {
    /// The value of a variable; none where it is not declared, empty, or cannot be read. For what nothing works without.
    fn variable(&self, name: &str) -> Option<Secret>;

    /// As [`Variables::variable`], for what also works without it: then it counts what cannot be read, and is an error.
    fn certain(&self, name: &str) -> Result<Option<Secret>, VariablesError> {
        Ok(self.variable(name))
    }
}

/// Where log lines go.
pub trait LogSink {
    /// One line, without its line feed.
    fn write(&self, line: &str);
}

/// All ports in one.
pub trait Ports: Http + Sql + KeyValue + Clock + Random + Variables + LogSink {}

impl<T: Http + Sql + KeyValue + Clock + Random + Variables + LogSink> Ports for T {}
