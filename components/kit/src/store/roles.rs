//! Who administers, as HubSpot said when it was last asked.

use super::{Store, first};
use crate::error::Result;
use crate::ports::Ports;

impl<P: Ports> Store<'_, P> {
    /// Whether a user administers: who installed the app does, and whoever HubSpot has called a super admin since
    /// `checked_after` (unix milliseconds). None where HubSpot is to be asked.
    pub async fn is_admin(
        &self,
        portal: i64,
        user: i64,
        checked_after: i64,
    ) -> Result<Option<bool>> {
        let rows = self
            .execute(
                "SELECT 1 FROM installs WHERE portal_id = ?1 AND installed_by = ?2 \
                 UNION ALL SELECT role = 'admin' FROM roles WHERE portal_id = ?1 AND user_id = ?2 AND checked_at > ?3 LIMIT 1",
                &[portal.into(), user.into(), checked_after.into()],
            )
            .await?;
        first(rows)
            .map(|mut row| Ok(row.integer()? == 1))
            .transpose()
    }

    /// Remembers what HubSpot said now.
    pub async fn put_role(&self, portal: i64, user: i64, admin: bool) -> Result<()> {
        let role = if admin { "admin" } else { "member" };
        self.execute(
            "INSERT INTO roles (portal_id, user_id, role, checked_at) VALUES (?1, ?2, ?3, ?4) \
             ON CONFLICT (portal_id, user_id) DO UPDATE SET role = excluded.role, checked_at = excluded.checked_at",
            &[
                portal.into(),
                user.into(),
                role.into(),
                self.ports().now().into(),
            ],
        )
        .await?;
        Ok(())
    }
}
