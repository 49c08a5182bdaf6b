//! SQLite as a Spin host runs it: one statement a call.

use std::path::Path;
use std::time::Duration;

use rusqlite::StatementStatus;
use rusqlite::types::{Value, ValueRef};
use sync300_kit::ports::{Sql, SqlError, SqlRows, SqlValue};

use crate::NativePorts;

/// Opens a database file that a Spin host may have open too.
pub fn open_like_spin(path: &Path) -> rusqlite::Result<rusqlite::Connection> {
    let database = rusqlite::Connection::open(path)?;
    database.busy_timeout(Duration::from_secs(5))?;
    Ok(database)
}

impl Sql for NativePorts {
    async fn execute(&self, statement: &str, params: &[SqlValue]) -> Result<SqlRows, SqlError> {
        self.statements.set(self.statements.get() + 1);
        let answer = execute(&self.database, statement, params);
        let statement = self.database.prepare_cached(statement);
        if let Ok(statement) = statement {
            let steps = statement.reset_status(StatementStatus::VmStep);
            self.steps
                .set(self.steps.get() + u64::try_from(steps).unwrap_or(0));
        }
        answer
    }
}

/// Runs one statement, as a Spin host does.
pub fn execute(
    database: &rusqlite::Connection,
    statement: &str,
    params: &[SqlValue],
) -> Result<SqlRows, SqlError> {
    run(database, statement, params).map_err(|error| SqlError::Failed(error.to_string()))
}

fn run(
    database: &rusqlite::Connection,
    statement: &str,
    params: &[SqlValue],
) -> rusqlite::Result<SqlRows> {
    let mut statement = database.prepare_cached(statement)?;
    let columns = statement.column_count();
    let mut rows = statement.query(rusqlite::params_from_iter(params.iter().map(bind)))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let values: rusqlite::Result<Vec<SqlValue>> =
            (0..columns).map(|at| row.get_ref(at).map(read)).collect();
        found.push(values?);
    }
    Ok(found)
}

fn bind(value: &SqlValue) -> Value {
    match value {
        SqlValue::Null => Value::Null,
        SqlValue::Integer(value) => Value::Integer(*value),
        SqlValue::Real(value) => Value::Real(*value),
        SqlValue::Text(value) => Value::Text(value.clone()),
        SqlValue::Blob(value) => Value::Blob(value.clone()),
    }
}

fn read(value: ValueRef<'_>) -> SqlValue {
    match value {
        ValueRef::Null => SqlValue::Null,
        ValueRef::Integer(value) => SqlValue::Integer(value),
        ValueRef::Real(value) => SqlValue::Real(value),
        ValueRef::Text(value) => SqlValue::Text(String::from_utf8_lossy(value).into_owned()),
        ValueRef::Blob(value) => SqlValue::Blob(value.to_vec()),
    }
}
