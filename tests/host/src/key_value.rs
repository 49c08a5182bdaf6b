//! `fermyon:spin/key-value@2.0.0`, kept in SQLite as Spin's default store is.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use rusqlite::{Connection, OptionalExtension, params};
use wasmtime::component::{HasData, Resource, ResourceTable};

use crate::{
    bindings::key_value::{Error, Host, HostStore},
    stats::Counters,
    storage::DatabaseFile,
};

/// An open store.
#[derive(Clone, Debug)]
pub struct Store(Arc<Mutex<Connection>>);

impl Store {
    pub(crate) fn open(file: &DatabaseFile) -> rusqlite::Result<Self> {
        let connection = file.connect()?;
        connection.execute(
            "CREATE TABLE IF NOT EXISTS spin_key_value (key TEXT PRIMARY KEY, value BLOB NOT NULL)",
            [],
        )?;
        Ok(Self(Arc::new(Mutex::new(connection))))
    }

    /// Runs `query` where it may block.
    async fn run<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> wasmtime::Result<Result<T, Error>> {
        let connection = Arc::clone(&self.0);
        let outcome = tokio::task::spawn_blocking(move || {
            query(&connection.lock().unwrap_or_else(PoisonError::into_inner))
        })
        .await?;
        Ok(outcome.map_err(|error| Error::Other(error.to_string())))
    }
}

/// The stores a component may open.
pub(crate) type Stores = Arc<BTreeMap<String, Store>>;

/// The interface's state within an instance.
pub struct View<'a> {
    pub(crate) stores: &'a Stores,
    pub(crate) table: &'a mut ResourceTable,
    pub(crate) counters: &'a Counters,
}

impl HasData for Store {
    type Data<'a> = View<'a>;
}

impl View<'_> {
    fn store(&self, store: &Resource<Store>) -> wasmtime::Result<Store> {
        Counters::increment(&self.counters.key_value_operations);
        Ok(self.table.get(store)?.clone())
    }
}

impl Host for View<'_> {}

impl HostStore for View<'_> {
    async fn open(&mut self, label: String) -> wasmtime::Result<Result<Resource<Store>, Error>> {
        match self.stores.get(&label) {
            Some(store) => Ok(Ok(self.table.push(store.clone())?)),
            None => Ok(Err(Error::AccessDenied)),
        }
    }

    async fn get(
        &mut self,
        store: Resource<Store>,
        key: String,
    ) -> wasmtime::Result<Result<Option<Vec<u8>>, Error>> {
        self.store(&store)?
            .run(move |connection| {
                connection
                    .prepare_cached("SELECT value FROM spin_key_value WHERE key = ?1")?
                    .query_row([key], |row| row.get(0))
                    .optional()
            })
            .await
    }

    async fn set(
        &mut self,
        store: Resource<Store>,
        key: String,
        value: Vec<u8>,
    ) -> wasmtime::Result<Result<(), Error>> {
        self.store(&store)?
            .run(move |connection| {
                connection
                    .prepare_cached(
                        "INSERT INTO spin_key_value (key, value) VALUES (?1, ?2)
                         ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                    )?
                    .execute(params![key, value])
                    .map(|_| ())
            })
            .await
    }

    async fn delete(
        &mut self,
        store: Resource<Store>,
        key: String,
    ) -> wasmtime::Result<Result<(), Error>> {
        self.store(&store)?
            .run(move |connection| {
                connection
                    .prepare_cached("DELETE FROM spin_key_value WHERE key = ?1")?
                    .execute([key])
                    .map(|_| ())
            })
            .await
    }

    async fn exists(
        &mut self,
        store: Resource<Store>,
        key: String,
    ) -> wasmtime::Result<Result<bool, Error>> {
        self.store(&store)?
            .run(move |connection| {
                connection
                    .prepare_cached("SELECT 1 FROM spin_key_value WHERE key = ?1")?
                    .exists([key])
            })
            .await
    }

    async fn get_keys(
        &mut self,
        store: Resource<Store>,
    ) -> wasmtime::Result<Result<Vec<String>, Error>> {
        self.store(&store)?
            .run(|connection| {
                connection
                    .prepare_cached("SELECT key FROM spin_key_value")?
                    .query_map([], |row| row.get(0))?
                    .collect()
            })
            .await
    }

    async fn drop(&mut self, store: Resource<Store>) -> wasmtime::Result<()> {
        self.table.delete(store)?;
        Ok(())
    }
}
