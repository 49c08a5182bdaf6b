//! Migrations: embedded, applied in order, under a lock, tracked in the database itself.
//!
//! Every statement can be run twice (`IF NOT EXISTS`), because an instance may end between two of them.

use std::time::Duration;

use super::{Store, first};
use crate::error::{Error, Result};
use crate::ports::{Ports, SqlError};

/// `(version, statements)`, in order: the files of `migrations/`, which are only ever added to.
const MIGRATIONS: &[(i64, &[&str])] = include!(concat!(env!("OUT_DIR"), "/migrations.rs"));

/// An instance that died while migrating loses the lock after this time.
const LOCK_MILLIS: i64 = 30_000;
/// How often, and how many times, another instance's migration is waited for.
const WAIT: Duration = Duration::from_millis(100);
const WAITS: u32 = 100;

impl<P: Ports> Store<'_, P> {
    /// Brings the database to the newest version. One statement when it is there already.
    pub async fn migrate(&self) -> Result<()> {
        let newest = MIGRATIONS
            .iter()
            .map(|(version, _)| *version)
            .max()
            .unwrap_or(0);
        for _ in 0..WAITS {
            if self.schema_version().await? >= newest {
                return Ok(());
            }
            if self.lock_schema().await? {
                return self.apply().await;
            }
            self.ports.sleep(WAIT).await;
        }
        Err(Error::Config(
            "another instance is still migrating the database".to_owned(),
        ))
    }

    async fn schema_version(&self) -> Result<i64> {
        match self
            .ports
            .execute("SELECT max(version) FROM schema_migrations", &[])
            .await
        {
            Ok(rows) => Ok(match first(rows) {
                Some(mut row) => row.optional_integer()?.unwrap_or(0),
                None => 0,
            }),
            Err(SqlError::Failed(message)) if message.contains("no such table") => Ok(0),
            Err(error) => Err(error.into()),
        }
    }

    async fn lock_schema(&self) -> Result<bool> {
        self.execute(
            "CREATE TABLE IF NOT EXISTS schema_lock (only INTEGER PRIMARY KEY CHECK (only = 1), until INTEGER NOT NULL) STRICT",
            &[],
        )
        .await?;
        let now = self.ports.now();
        let rows = self
            .execute(
                "INSERT INTO schema_lock (only, until) VALUES (1, ?1) \
                 ON CONFLICT (only) DO UPDATE SET until = ?1 WHERE until <= ?2 RETURNING until",
                &[(now + LOCK_MILLIS).into(), now.into()],
            )
            .await?;
        Ok(!rows.is_empty())
    }

    async fn apply(&self) -> Result<()> {
        self.execute(
            "CREATE TABLE IF NOT EXISTS schema_migrations (version INTEGER PRIMARY KEY, applied_at INTEGER NOT NULL) STRICT",
            &[],
        )
        .await?;
        let current = self.schema_version().await?;
        for (version, statements) in MIGRATIONS.iter().filter(|(version, _)| *version > current) {
            for statement in *statements {
                self.execute(statement, &[]).await?;
            }
            self.execute(
                "INSERT INTO schema_migrations (version, applied_at) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
                &[(*version).into(), self.ports.now().into()],
            )
            .await?;
        }
        self.execute("UPDATE schema_lock SET until = 0", &[])
            .await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_grow_by_one() {
        let versions: Vec<i64> = MIGRATIONS.iter().map(|(version, _)| *version).collect();
        assert_eq!(versions, (1..=versions.len() as i64).collect::<Vec<_>>());
    }

    /// Triggers hold statements of their own, and are one.
    #[test]
    fn every_statement_is_one_and_can_be_run_twice() {
        for (version, statements) in MIGRATIONS {
            for statement in *statements {
                let verbs = ["CREATE ", "DROP ", "INSERT OR IGNORE "]
                    .map(|verb| usize::from(statement.starts_with(verb)));
                let more = ["CREATE ", "DROP "].map(|verb| statement.matches(verb).count());
                assert_eq!(
                    verbs.iter().sum::<usize>(),
                    1,
                    "migration {version}: {statement}"
                );
                assert!(
                    more.iter().sum::<usize>() <= 1,
                    "migration {version}: {statement}"
                );
                assert!(
                    ["IF NOT EXISTS", "IF EXISTS", "INSERT OR IGNORE "]
                        .iter()
                        .any(|words| statement.contains(words)),
                    "migration {version}: {statement}"
                );
                assert!(statement.ends_with(';'), "migration {version}: {statement}");
                assert!(
                    !statement.contains("--"),
                    "migration {version}: {statement}"
                );
            }
        }
    }
}
