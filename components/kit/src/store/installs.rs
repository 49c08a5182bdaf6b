//! How a portal came to have the app, and how it leaves.

use super::{Columns, Store, first};
use crate::error::Result;
use crate::ports::Ports;

/// What is kept after an uninstall, in case the portal comes back: 30 days (S1-46, S1-51).
pub const ERASE_AFTER_MILLIS: i64 = 30 * 24 * 60 * 60 * 1_000;

/// A portal as callers need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortalState {
    /// `active`, `restricted`, `uninstalled`.
    pub status: String,
    /// Host of HubSpot's user interface for it.
    pub ui_domain: String,
}

/// An install.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Install<'a> {
    /// HubSpot portal.
    pub portal: i64,
    /// HubSpot's data hosting location, e.g. `eu1`.
    pub hublet: Option<&'a str>,
    /// Granted, separated by spaces.
    pub scopes: &'a str,
    /// HubSpot user.
    pub user: i64,
}

impl<P: Ports> Store<'_, P> {
    /// A portal, whatever its status.
    pub async fn portal_state(&self, portal: i64) -> Result<Option<PortalState>> {
        let rows = self
            .execute(
                "SELECT status, ui_domain FROM portals WHERE portal_id = ?1",
                &[portal.into()],
            )
            .await?;
        first(rows).map(portal_state).transpose()
    }

    /// Remembers an install; a repeated one replaces it, and stops the deletion clock.
    pub async fn put_install(&self, install: &Install<'_>) -> Result<()> {
        self.execute(
            "INSERT INTO installs (portal_id, hublet, scopes, installed_by, installed_at) VALUES (?1, ?2, ?3, ?4, ?5) \
             ON CONFLICT (portal_id) DO UPDATE SET hublet = excluded.hublet, scopes = excluded.scopes, \
             installed_by = excluded.installed_by, installed_at = excluded.installed_at, uninstalled_at = NULL, erase_at = NULL",
            &[
                install.portal.into(),
                install.hublet.into(),
                install.scopes.into(),
                install.user.into(),
                self.ports().now().into(),
            ],
        )
        .await?;
        Ok(())
    }

    /// The portal no longer has the app: its sync stops, HubSpot's credentials and every session are deleted, and the
    /// deletion clock starts. False where it was so already.
    ///
    /// `tokens`: the version of HubSpot's tokens (when they were stored, unix milliseconds) that turned out to be revoked;
    /// where newer ones are held the app was installed again meanwhile, and nothing is done.
    ///
    /// Settings, links and the providers' sealed credentials stay until the clock ends, so that an install in between
    /// goes on where it stood.
    pub async fn uninstall_portal(&self, portal: i64, tokens: Option<i64>) -> Result<bool> {
        let now = self.ports().now();
        // First of all the clock: what follows is done again where a call was interrupted after it.
        let begun = self
            .execute(
                "INSERT INTO installs (portal_id, scopes, installed_by, installed_at, uninstalled_at, erase_at) \
                 SELECT portal_id, '', 0, created_at, ?2, ?3 FROM portals WHERE portal_id = ?1 \
                 AND (?4 IS NULL OR ?4 = (SELECT updated_at FROM credentials \
                   WHERE portal_id = ?1 AND connection_id = '' AND purpose = 'access_token')) \
                 ON CONFLICT (portal_id) DO UPDATE SET uninstalled_at = coalesce (uninstalled_at, excluded.uninstalled_at), \
                 erase_at = coalesce (erase_at, excluded.erase_at) RETURNING 1",
                &[
                    portal.into(),
                    now.into(),
                    (now + ERASE_AFTER_MILLIS).into(),
                    tokens.into(),
                ],
            )
            .await?;
        if begun.is_empty() {
            return Ok(false);
        }
        let rows = self
            .execute(
                "UPDATE portals SET status = 'uninstalled' WHERE portal_id = ?1 AND status <> 'uninstalled' RETURNING 1",
                &[portal.into()],
            )
            .await?;
        for statement in [
            "UPDATE connections SET lease_epoch = lease_epoch + 1, lease_until = 0 WHERE portal_id = ?1",
            "DELETE FROM credentials WHERE portal_id = ?1 AND connection_id = ''",
            "DELETE FROM roles WHERE portal_id = ?1",
        ] {
            self.execute(statement, &[portal.into()]).await?;
        }
        self.end_sessions(portal).await?;
        Ok(!rows.is_empty())
    }
}

fn portal_state(mut row: Columns) -> Result<PortalState> {
    Ok(PortalState {
        status: row.text()?,
        ui_domain: row.text()?,
    })
}
