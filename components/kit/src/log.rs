//! Log lines: JSON objects of ids, codes and counts. There is no way to pass free text of a record.

use serde_json::{Map, Value};

use crate::ports::Ports;

/// How serious a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Normal operation.
    Info,
    /// Something a person may want to look at.
    Warn,
    /// Something that did not work.
    Error,
}

/// Writes one line: `{"level":…,"event":…,"at":…,…fields}`.
pub fn write<P: Ports>(
    ports: &P,
    level: Level,
    event: &'static str,
    fields: &[(&'static str, Value)],
) {
    let mut line = Map::new();
    let level = match level {
        Level::Info => "info",
        Level::Warn => "warn",
        Level::Error => "error",
    };
    line.insert("level".to_owned(), level.into());
    line.insert("event".to_owned(), event.into());
    line.insert("at".to_owned(), ports.now().into());
    for (name, value) in fields {
        line.insert((*name).to_owned(), value.clone());
    }
    ports.write(&Value::Object(line).to_string());
}
