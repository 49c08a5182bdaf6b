//! Restricting a portal, and resuming it.

use super::Store;
use crate::error::Result;
use crate::ports::Ports;

impl<P: Ports> Store<'_, P> {
    /// Makes an active portal restricted: no connection of it is leased any more, and whoever works on one loses the
    /// lease. False where the portal is not active.
    pub async fn restrict_portal(&self, portal: i64) -> Result<bool> {
        let rows = self
            .execute(
                "UPDATE portals SET status = 'restricted' WHERE portal_id = ?1 AND status = 'active' RETURNING 1",
                &[portal.into()],
            )
            .await?;
        if rows.is_empty() {
            return Ok(false);
        }
        self.execute(
            "UPDATE connections SET lease_epoch = lease_epoch + 1, lease_until = 0 WHERE portal_id = ?1",
            &[portal.into()],
        )
        .await?;
        Ok(true)
    }

    /// Makes a restricted portal active. False where it is not restricted.
    pub async fn resume_portal(&self, portal: i64) -> Result<bool> {
        let rows = self
            .execute(
                "UPDATE portals SET status = 'active' WHERE portal_id = ?1 AND status = 'restricted' RETURNING 1",
                &[portal.into()],
            )
            .await?;
        Ok(!rows.is_empty())
    }
}
