//! The ports as Spin gives them: the one module that names its SDK.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use spin_sdk::{http, key_value, sqlite, variables};

use super::{
    Clock, Http, HttpError, HttpRequest, HttpResponse, KeyValue, LogSink, Random, RandomError, Sql,
    SqlError, SqlRows, SqlValue, Variables,
};
use crate::secret::Secret;
use crate::surface::Answer;

/// Answers past this size are refused: a page of 200 records is some 200 KB, and an instance has 128 MiB.
const MAX_RESPONSE_BYTES: usize = 16 * 1024 * 1024;

/// Spin's interfaces, with the default database.
pub struct SpinPorts {
    database: sqlite::Connection,
}

impl SpinPorts {
    /// Opens the default database.
    pub fn open() -> Result<Self, SqlError> {
        let database = sqlite::Connection::open_default().map_err(sql_error)?;
        Ok(Self { database })
    }
}

impl Http for SpinPorts {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        use futures::StreamExt as _;

        let method = match request.method {
            "GET" => http::Method::Get,
            "POST" => http::Method::Post,
            "PUT" => http::Method::Put,
            "PATCH" => http::Method::Patch,
            "DELETE" => http::Method::Delete,
            _ => return Err(HttpError::BadRequest),
        };
        let outgoing = http::Request::builder()
            .method(method)
            .uri(request.url)
            .headers(request.headers)
            .body(request.body)
            .build();
        let incoming: http::IncomingResponse = http::send(outgoing).await.map_err(send_error)?;
        let status = incoming.status();
        let headers = incoming
            .headers()
            .entries()
            .into_iter()
            .filter_map(|(name, value)| {
                Some((name.to_ascii_lowercase(), String::from_utf8(value).ok()?))
            })
            .collect();
        let mut body = Vec::new();
        let mut stream = incoming.take_body_stream();
        while let Some(chunk) = stream.next().await {
            let chunk = chunk.map_err(|_| HttpError::Network)?;
            if body.len() + chunk.len() > MAX_RESPONSE_BYTES {
                return Err(HttpError::TooLarge {
                    limit: MAX_RESPONSE_BYTES,
                });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(HttpResponse {
            status,
            headers,
            body,
        })
    }
}

fn send_error(error: http::SendError) -> HttpError {
    match error {
        http::SendError::RequestConversion(_) => HttpError::BadRequest,
        http::SendError::Http(http::ErrorCode::HttpRequestDenied) => HttpError::Forbidden,
        _ => HttpError::Network,
    }
}

impl Sql for SpinPorts {
    async fn execute(&self, statement: &str, params: &[SqlValue]) -> Result<SqlRows, SqlError> {
        let params: Vec<sqlite::Value> = params.iter().map(to_spin).collect();
        let result = self
            .database
            .execute(statement, &params)
            .map_err(sql_error)?;
        Ok(result
            .rows
            .into_iter()
            .map(|row| row.values.into_iter().map(from_spin).collect())
            .collect())
    }
}

fn to_spin(value: &SqlValue) -> sqlite::Value {
    match value {
        SqlValue::Null => sqlite::Value::Null,
        SqlValue::Integer(value) => sqlite::Value::Integer(*value),
        SqlValue::Real(value) => sqlite::Value::Real(*value),
        SqlValue::Text(value) => sqlite::Value::Text(value.clone()),
        SqlValue::Blob(value) => sqlite::Value::Blob(value.clone()),
    }
}

fn from_spin(value: sqlite::Value) -> SqlValue {
    match value {
        sqlite::Value::Null => SqlValue::Null,
        sqlite::Value::Integer(value) => SqlValue::Integer(value),
        sqlite::Value::Real(value) => SqlValue::Real(value),
        sqlite::Value::Text(value) => SqlValue::Text(value),
        sqlite::Value::Blob(value) => SqlValue::Blob(value),
    }
}

fn sql_error(error: sqlite::Error) -> SqlError {
    match error {
        sqlite::Error::NoSuchDatabase | sqlite::Error::AccessDenied => SqlError::Unavailable,
        sqlite::Error::InvalidConnection => SqlError::Failed("invalid connection".to_owned()),
        sqlite::Error::DatabaseFull => SqlError::Failed("database full".to_owned()),
        sqlite::Error::Io(message) => SqlError::Failed(message),
    }
}

impl KeyValue for SpinPorts {
    async fn get(&self, key: &str) -> Option<Vec<u8>> {
        key_value::Store::open_default().ok()?.get(key).ok()?
    }

    async fn set(&self, key: &str, value: &[u8]) {
        if let Ok(store) = key_value::Store::open_default() {
            store.set(key, value).ok();
        }
    }
}

impl Clock for SpinPorts {
    fn now(&self) -> i64 {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |elapsed| {
                i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX)
            })
    }

    async fn sleep(&self, duration: Duration) {
        // The instance has nothing else to do meanwhile, so blocking it is no loss.
        std::thread::sleep(duration);
    }
}

/// The system's randomness, for components that need no other port.
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), RandomError> {
        getrandom::fill(buffer).map_err(|_| RandomError)
    }
}

impl Random for SpinPorts {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), RandomError> {
        SystemRandom.fill(buffer)
    }
}

impl Variables for SpinPorts {
    fn variable(&self, name: &str) -> Option<Secret> {
        // Undeclared and failing providers count as missing; callers refuse to work without what they need.
        variables::get(name)
            .ok()
            .filter(|value| !value.is_empty())
            .map(Secret::new)
    }
}

impl LogSink for SpinPorts {
    fn write(&self, line: &str) {
        println!("{line}");
    }
}

/// An answer as Spin sends it.
pub fn respond(answer: Answer) -> http::Response {
    let mut response = http::Response::builder();
    response.status(answer.status);
    for (name, value) in answer.headers {
        response.header(name, value);
    }
    response.body(answer.body);
    response.build()
}
