//! The audit trail.

use serde::Serialize;

use super::{Columns, Store};
use crate::error::Result;
use crate::ports::Ports;

/// One thing that was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Unix milliseconds.
    pub at: i64,
    /// HubSpot user; none = the system.
    pub user: Option<i64>,
    /// A code, e.g. `connection_connected`.
    pub action: String,
    /// Connection id.
    pub connection: Option<String>,
    /// A code.
    pub detail: Option<String>,
}

impl<P: Ports> Store<'_, P> {
    /// Adds an entry.
    pub async fn add_audit(
        &self,
        portal: i64,
        user: Option<i64>,
        action: &str,
        connection: Option<&str>,
        detail: Option<&str>,
    ) -> Result<()> {
        self.execute(
            "INSERT INTO audit (portal_id, at, user_id, action, connection_id, detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            &[
                portal.into(),
                self.ports().now().into(),
                user.into(),
                action.into(),
                connection.into(),
                detail.into(),
            ],
        )
        .await?;
        Ok(())
    }

    /// A portal's newest entries, newest first.
    pub async fn audit(&self, portal: i64, limit: i64) -> Result<Vec<Entry>> {
        let rows = self
            .execute(
                "SELECT at, user_id, action, connection_id, detail FROM audit WHERE portal_id = ?1 \
                 ORDER BY at DESC, audit_id DESC LIMIT ?2",
                &[portal.into(), limit.into()],
            )
            .await?;
        rows.into_iter()
            .map(|row| {
                let mut row = Columns::of(row);
                Ok(Entry {
                    at: row.integer()?,
                    user: row.optional_integer()?,
                    action: row.text()?,
                    connection: row.optional_text()?,
                    detail: row.optional_text()?,
                })
            })
            .collect()
    }
}
