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
    /// deletion clock starts, all in one statement. False where nothing was done, or it was so already.
    ///
    /// `signal`: HubSpot told so, in a way that is entered in the audit trail as a code, of the tokens with this version
    /// (when they were stored, unix milliseconds); where newer ones are held the app was installed again meanwhile, and
    /// nothing is done. None: an admin wishes it.
    ///
    /// Settings, links and the providers' sealed credentials stay until the clock ends, so that an install in between
    /// goes on where it stood.
    pub async fn uninstall_portal(&self, portal: i64, signal: Option<(i64, &str)>) -> Result<bool> {
        let now = self.ports().now();
        self.execute(
            "INSERT INTO portal_uninstall (portal_id, now, erase_at, version, signal) VALUES (?1, ?2, ?3, ?4, ?5)",
            &[
                portal.into(),
                now.into(),
                (now + ERASE_AFTER_MILLIS).into(),
                signal.map(|(version, _)| version).into(),
                signal.map(|(_, code)| code).into(),
            ],
        )
        .await?;
        let done = self
            .execute(
                "SELECT 1 FROM installs WHERE portal_id = ?1 AND uninstalled_at = ?2",
                &[portal.into(), now.into()],
            )
            .await?;
        Ok(!done.is_empty())
    }
}

fn portal_state(mut row: Columns) -> Result<PortalState> {
    Ok(PortalState {
        status: row.text()?,
        ui_domain: row.text()?,
    })
}
