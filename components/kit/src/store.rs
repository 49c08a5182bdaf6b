//! What is kept: identity, times, counts, settings and sealed credentials, in SQLite.
//!
//! Reads and writes of many rows go through `json_each(?)`: one statement whatever the number of rows. What is looked up by
//! such a list is joined with `CROSS JOIN`, which SQLite takes in the order written: left to itself it walks the table, and
//! a page of a large firm costs the whole firm.

pub mod accounts;
pub mod actions;
pub mod aggregate;
pub mod audit;
pub mod begun_writes;
pub mod billing;
pub mod cards;
pub mod companions;
pub mod connections;
pub mod credentials;
pub mod erase;
pub mod export;
pub mod held;
pub mod history;
pub mod index;
pub mod installs;
pub mod intents;
pub mod links;
pub mod members;
pub mod migrate;
pub mod missing;
pub mod notices;
pub mod page;
pub mod portal_limits;
pub mod portals;
pub mod provider_webhooks;
pub mod relations;
pub mod reseal;
pub mod restriction;
pub mod retention;
pub mod review;
pub mod roles;
pub mod runs;
pub mod sessions;
pub mod streams;
pub mod support;
pub mod token_leases;
pub mod waiting;
pub mod waiting_matches;

use crate::error::{Error, Result};
use crate::ports::{Ports, SqlRows, SqlValue};

/// The tables, over the ports. Methods are spread over the modules by subject.
pub struct Store<'a, P> {
    ports: &'a P,
}

impl<'a, P: Ports> Store<'a, P> {
    /// Over these ports.
    pub fn new(ports: &'a P) -> Self {
        Self { ports }
    }

    /// The ports, for the time.
    pub(crate) fn ports(&self) -> &'a P {
        self.ports
    }

    async fn execute(&self, statement: &str, params: &[SqlValue]) -> Result<SqlRows> {
        Ok(self.ports.execute(statement, params).await?)
    }

    /// A statement that selects one column of text.
    async fn texts(&self, statement: &str, params: &[SqlValue]) -> Result<Vec<String>> {
        let rows = self.execute(statement, params).await?;
        rows.into_iter()
            .map(|row| Columns::of(row).text())
            .collect()
    }

    /// A statement that selects two columns of text.
    async fn pairs(&self, statement: &str, params: &[SqlValue]) -> Result<Vec<(String, String)>> {
        let rows = self.execute(statement, params).await?;
        rows.into_iter()
            .map(|row| {
                let mut row = Columns::of(row);
                Ok((row.text()?, row.text()?))
            })
            .collect()
    }

    /// Runs a statement that changes a connection under a lease and returns a row where it did: none
    /// means that another instance holds the connection now.
    async fn fenced(&self, statement: &str, params: &[SqlValue]) -> Result<()> {
        match self.execute(statement, params).await?.is_empty() {
            true => Err(Error::LeaseLost),
            false => Ok(()),
        }
    }
}

/// A row being read, column by column.
pub(crate) struct Columns(std::vec::IntoIter<SqlValue>);

impl Columns {
    pub(crate) fn of(row: Vec<SqlValue>) -> Self {
        Self(row.into_iter())
    }

    fn next(&mut self) -> Result<SqlValue> {
        self.0.next().ok_or(Error::Row)
    }

    pub(crate) fn integer(&mut self) -> Result<i64> {
        match self.next()? {
            SqlValue::Integer(value) => Ok(value),
            _ => Err(Error::Row),
        }
    }

    pub(crate) fn optional_integer(&mut self) -> Result<Option<i64>> {
        match self.next()? {
            SqlValue::Integer(value) => Ok(Some(value)),
            SqlValue::Null => Ok(None),
            _ => Err(Error::Row),
        }
    }

    pub(crate) fn text(&mut self) -> Result<String> {
        match self.next()? {
            SqlValue::Text(value) => Ok(value),
            _ => Err(Error::Row),
        }
    }

    pub(crate) fn optional_text(&mut self) -> Result<Option<String>> {
        match self.next()? {
            SqlValue::Text(value) => Ok(Some(value)),
            SqlValue::Null => Ok(None),
            _ => Err(Error::Row),
        }
    }
}

/// The one row of an answer, if there is one.
pub(crate) fn first(rows: SqlRows) -> Option<Columns> {
    rows.into_iter().next().map(Columns::of)
}

/// A list as the JSON text that `json_each` takes.
pub(crate) fn json_list<T: serde::Serialize>(items: &[T]) -> Result<SqlValue> {
    serde_json::to_string(items)
        .map(SqlValue::Text)
        .map_err(|_| Error::Row)
}
