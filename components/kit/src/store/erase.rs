//! Erasing what is held about portals whose deletion clock is due (S1-46, S1-51).
//!
//! What is interrupted goes on with the next tick, because the clock stays due until the end; an install in between takes
//! the clock away, and ends the erasure.

use super::Store;
use super::held::TABLES;
use super::retention::deletion;
use crate::error::Result;
use crate::ports::Ports;

/// Holds for portals whose deletion clock is due at `?1`.
const DUE: &str = "portal_id IN (SELECT portal_id FROM installs WHERE erase_at <= ?1)";

/// Portals that went, and of which nothing is left but their own row; answers with their ids.
pub(super) const EMPTY_PORTALS: &str = "DELETE FROM portals WHERE status = 'uninstalled' \
    AND NOT EXISTS (SELECT 1 FROM installs i WHERE i.portal_id = portals.portal_id) \
    AND NOT EXISTS (SELECT 1 FROM connections c WHERE c.portal_id = portals.portal_id) \
    AND NOT EXISTS (SELECT 1 FROM credentials c WHERE c.portal_id = portals.portal_id) AND ?1 RETURNING portal_id";

impl<P: Ports> Store<'_, P> {
    /// Makes a portal's deletion clock due at a time (unix milliseconds). False where there is no such portal.
    pub async fn set_erase_at(&self, portal: i64, at: i64) -> Result<bool> {
        let rows = self
            .execute(
                "INSERT INTO installs (portal_id, scopes, installed_by, installed_at, uninstalled_at, erase_at) \
                 SELECT portal_id, '', 0, created_at, ?3, ?2 FROM portals WHERE portal_id = ?1 \
                 ON CONFLICT (portal_id) DO UPDATE SET erase_at = excluded.erase_at, \
                 uninstalled_at = coalesce (uninstalled_at, excluded.uninstalled_at) RETURNING 1",
                &[portal.into(), at.into(), self.ports().now().into()],
            )
            .await?;
        Ok(!rows.is_empty())
    }
}

/// Statements that erase the portals whose deletion clock is due at `?1`, but for their own row.
pub(super) fn erasure() -> Vec<String> {
    // Whoever works on them loses the lease, and with it every further commit.
    let mut statements = vec![
        ["UPDATE portals SET status = 'uninstalled' WHERE ", DUE].concat(),
        [
            "UPDATE connections SET status = 'disconnected', due_at = NULL, lease_epoch = lease_epoch + 1, lease_until = 0 WHERE ",
            DUE,
        ]
        .concat(),
    ];
    let [tables @ .., _portals] = &TABLES;
    for table in tables {
        statements.push(deletion(table.name, table.key, &table.by.condition(DUE)));
    }
    statements
}
