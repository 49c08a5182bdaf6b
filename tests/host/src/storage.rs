//! Where stores and databases lie.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

/// The label that every Spin host defines; others must be defined by the operator.
pub const DEFAULT_LABEL: &str = "default";

/// Where one store or database lies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Storage {
    /// In a fresh file that goes with the application, not synced to disk.
    #[default]
    Temporary,
    /// In this file, which is made where it does not exist.
    File(PathBuf),
}

/// Stores or databases by label.
pub type Storages = BTreeMap<String, Storage>;

/// `default` alone, in a temporary file.
#[must_use]
pub fn temporary_default() -> Storages {
    BTreeMap::from([(DEFAULT_LABEL.to_owned(), Storage::Temporary)])
}

/// A file that holds a database.
#[derive(Clone, Debug)]
pub(crate) struct DatabaseFile {
    path: PathBuf,
    durable: bool,
}

impl DatabaseFile {
    /// The file of `storage`; a temporary one is named after `kind` and `label`.
    pub fn locate(
        storage: &Storage,
        kind: &str,
        label: &str,
        temporary: &TempDir,
    ) -> io::Result<Self> {
        Ok(match storage {
            Storage::Temporary => Self {
                path: temporary.path().join(format!("{kind}-{label}.db")),
                durable: false,
            },
            Storage::File(path) => {
                if let Some(folder) = path.parent() {
                    fs::create_dir_all(folder)?;
                }
                Self {
                    path: path.clone(),
                    durable: true,
                }
            }
        })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A connection of its own, with SQLite's defaults as in Spin: a rollback journal, and five
    /// seconds of patience with another one's lock.
    pub fn connect(&self) -> rusqlite::Result<rusqlite::Connection> {
        let connection = rusqlite::Connection::open(&self.path)?;
        if !self.durable {
            connection.pragma_update(None, "synchronous", "OFF")?;
        }
        Ok(connection)
    }
}
