//! Portals: HubSpot accounts that installed the app.

use super::Store;
use crate::error::Result;
use crate::ports::Ports;

/// A HubSpot account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Portal {
    /// HubSpot's hub id.
    pub id: i64,
    /// Host of HubSpot's user interface for it, e.g. `app-eu1.hubspot.com`.
    pub ui_domain: String,
    /// IANA time zone name.
    pub time_zone: Option<String>,
}

impl<P: Ports> Store<'_, P> {
    /// Adds a portal, or revives and updates one that was here before. A restricted one stays so until it is resumed.
    pub async fn put_portal(&self, portal: &Portal) -> Result<()> {
        self.execute(
            "INSERT INTO portals (portal_id, status, ui_domain, time_zone, created_at) VALUES (?1, 'active', ?2, ?3, ?4) \
             ON CONFLICT (portal_id) DO UPDATE SET status = iif (status = 'restricted', status, 'active'), ui_domain = excluded.ui_domain, time_zone = excluded.time_zone",
            &[
                portal.id.into(),
                portal.ui_domain.as_str().into(),
                portal.time_zone.clone().into(),
                self.ports().now().into(),
            ],
        )
        .await?;
        Ok(())
    }

    /// Whether a portal has the app.
    pub async fn has_portal(&self, portal: i64) -> Result<bool> {
        let rows = self
            .execute(
                "SELECT 1 FROM portals WHERE portal_id = ?1 AND status <> 'uninstalled'",
                &[portal.into()],
            )
            .await?;
        Ok(!rows.is_empty())
    }
}
