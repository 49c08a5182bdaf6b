//! `fermyon:spin/sqlite@2.0.0` and `spin:sqlite/sqlite@3.0.0`.
//!
//! As in Spin, every `open` makes a connection of its own, and `execute` takes one statement.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use rusqlite::{
    params_from_iter,
    types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef},
};
use wasmtime::component::{HasData, Resource, ResourceTable};

use crate::{
    bindings::{sqlite as v2, sqlite3 as v3},
    stats::Counters,
    storage::DatabaseFile,
};

/// The most that one statement may answer, as in Spin: 128 MiB.
const MAX_RESULT_BYTES: usize = 128 << 20;

/// An open connection.
#[derive(Clone, Debug)]
pub struct Connection(Arc<Mutex<rusqlite::Connection>>);

impl Connection {
    /// Runs `query` where it may block.
    async fn run<T: Send + 'static>(
        &self,
        query: impl FnOnce(&rusqlite::Connection) -> Result<T, v3::Error> + Send + 'static,
    ) -> wasmtime::Result<Result<T, v3::Error>> {
        let connection = Arc::clone(&self.0);
        Ok(tokio::task::spawn_blocking(move || {
            query(&connection.lock().unwrap_or_else(PoisonError::into_inner))
        })
        .await?)
    }
}

/// The databases a component may open.
pub(crate) type Databases = Arc<BTreeMap<String, DatabaseFile>>;

/// The interfaces' state within an instance.
pub struct View<'a> {
    pub(crate) databases: &'a Databases,
    pub(crate) table: &'a mut ResourceTable,
    pub(crate) counters: &'a Counters,
}

impl HasData for Connection {
    type Data<'a> = View<'a>;
}

impl View<'_> {
    async fn open_database(
        &mut self,
        label: &str,
    ) -> wasmtime::Result<Result<Resource<Connection>, v3::Error>> {
        let Some(file) = self.databases.get(label).cloned() else {
            return Ok(Err(v3::Error::AccessDenied));
        };
        match tokio::task::spawn_blocking(move || file.connect()).await? {
            Ok(connection) => {
                let connection = Connection(Arc::new(Mutex::new(connection)));
                Ok(Ok(self.table.push(connection)?))
            }
            Err(error) => Ok(Err(io(error))),
        }
    }

    async fn query(
        &mut self,
        connection: &Resource<Connection>,
        statement: String,
        parameters: Vec<v3::Value>,
    ) -> wasmtime::Result<Result<v3::QueryResult, v3::Error>> {
        Counters::increment(&self.counters.sql_statements);
        let connection = self.table.get(connection)?.clone();
        connection
            .run(move |connection| execute(connection, &statement, &parameters))
            .await
    }

    /// Changes and the last row id are read at once: nothing waits for the disk.
    fn read<T>(
        &self,
        connection: &Resource<Connection>,
        read: impl FnOnce(&rusqlite::Connection) -> T,
    ) -> wasmtime::Result<T> {
        let connection = self.table.get(connection)?;
        Ok(read(
            &connection.0.lock().unwrap_or_else(PoisonError::into_inner),
        ))
    }
}

fn execute(
    connection: &rusqlite::Connection,
    statement: &str,
    parameters: &[v3::Value],
) -> Result<v3::QueryResult, v3::Error> {
    let mut statement = connection.prepare_cached(statement).map_err(io)?;
    let columns: Vec<String> = statement
        .column_names()
        .into_iter()
        .map(str::to_owned)
        .collect();
    let width = columns.len();
    let mut answer = statement.query(params_from_iter(parameters)).map_err(io)?;
    let mut rows = Vec::new();
    let mut bytes = 0;
    while let Some(row) = answer.next().map_err(io)? {
        let values = (0..width)
            .map(|column| row.get(column))
            .collect::<Result<Vec<v3::Value>, _>>()
            .map_err(io)?;
        bytes += values.iter().map(size).sum::<usize>();
        if bytes > MAX_RESULT_BYTES {
            return Err(v3::Error::Io(format!(
                "query result exceeds limit of {MAX_RESULT_BYTES} bytes"
            )));
        }
        rows.push(v3::RowResult { values });
    }
    Ok(v3::QueryResult { columns, rows })
}

fn io(error: rusqlite::Error) -> v3::Error {
    v3::Error::Io(error.to_string())
}

fn size(value: &v3::Value) -> usize {
    size_of::<v3::Value>()
        + match value {
            v3::Value::Text(text) => text.len(),
            v3::Value::Blob(bytes) => bytes.len(),
            v3::Value::Integer(_) | v3::Value::Real(_) | v3::Value::Null => 0,
        }
}

impl FromSql for v3::Value {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Ok(match value {
            ValueRef::Null => Self::Null,
            ValueRef::Integer(number) => Self::Integer(number),
            ValueRef::Real(number) => Self::Real(number),
            ValueRef::Text(_) => Self::Text(value.as_str()?.to_owned()),
            ValueRef::Blob(bytes) => Self::Blob(bytes.to_vec()),
        })
    }
}

impl ToSql for v3::Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Integer(number) => ValueRef::Integer(*number),
            Self::Real(number) => ValueRef::Real(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

impl v3::Host for View<'_> {}

impl v3::HostConnection for View<'_> {
    async fn open(
        &mut self,
        database: String,
    ) -> wasmtime::Result<Result<Resource<Connection>, v3::Error>> {
        self.open_database(&database).await
    }

    async fn execute(
        &mut self,
        connection: Resource<Connection>,
        statement: String,
        parameters: Vec<v3::Value>,
    ) -> wasmtime::Result<Result<v3::QueryResult, v3::Error>> {
        self.query(&connection, statement, parameters).await
    }

    async fn last_insert_rowid(
        &mut self,
        connection: Resource<Connection>,
    ) -> wasmtime::Result<i64> {
        self.read(&connection, rusqlite::Connection::last_insert_rowid)
    }

    async fn changes(&mut self, connection: Resource<Connection>) -> wasmtime::Result<u64> {
        self.read(&connection, rusqlite::Connection::changes)
    }

    async fn drop(&mut self, connection: Resource<Connection>) -> wasmtime::Result<()> {
        self.table.delete(connection)?;
        Ok(())
    }
}

impl v2::Host for View<'_> {}

impl v2::HostConnection for View<'_> {
    async fn open(
        &mut self,
        database: String,
    ) -> wasmtime::Result<Result<Resource<Connection>, v2::Error>> {
        Ok(self.open_database(&database).await?.map_err(into_v2_error))
    }

    async fn execute(
        &mut self,
        connection: Resource<Connection>,
        statement: String,
        parameters: Vec<v2::Value>,
    ) -> wasmtime::Result<Result<v2::QueryResult, v2::Error>> {
        let parameters = parameters.into_iter().map(from_v2_value).collect();
        let answer = self.query(&connection, statement, parameters).await?;
        Ok(answer
            .map(|answer| v2::QueryResult {
                columns: answer.columns,
                rows: answer.rows.into_iter().map(into_v2_row).collect(),
            })
            .map_err(into_v2_error))
    }

    async fn drop(&mut self, connection: Resource<Connection>) -> wasmtime::Result<()> {
        self.table.delete(connection)?;
        Ok(())
    }
}

fn into_v2_error(error: v3::Error) -> v2::Error {
    match error {
        v3::Error::NoSuchDatabase => v2::Error::NoSuchDatabase,
        v3::Error::AccessDenied => v2::Error::AccessDenied,
        v3::Error::InvalidConnection => v2::Error::InvalidConnection,
        v3::Error::DatabaseFull => v2::Error::DatabaseFull,
        v3::Error::Io(reason) => v2::Error::Io(reason),
    }
}

fn into_v2_row(row: v3::RowResult) -> v2::RowResult {
    let value = |value| match value {
        v3::Value::Integer(number) => v2::Value::Integer(number),
        v3::Value::Real(number) => v2::Value::Real(number),
        v3::Value::Text(text) => v2::Value::Text(text),
        v3::Value::Blob(bytes) => v2::Value::Blob(bytes),
        v3::Value::Null => v2::Value::Null,
    };
    v2::RowResult {
        values: row.values.into_iter().map(value).collect(),
    }
}

fn from_v2_value(value: v2::Value) -> v3::Value {
    match value {
        v2::Value::Integer(number) => v3::Value::Integer(number),
        v2::Value::Real(number) => v3::Value::Real(number),
        v2::Value::Text(text) => v3::Value::Text(text),
        v2::Value::Blob(bytes) => v3::Value::Blob(bytes),
        v2::Value::Null => v3::Value::Null,
    }
}
