//! Who did what when, without content (S0-94).

use crate::error::Result;
use crate::ports::Ports;
use crate::store::Store;

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// The app was installed, or installed again.
    Installed,
    /// The app was uninstalled, by us on an admin's wish or by a signal from HubSpot.
    Uninstalled,
    /// An account was connected for the first time.
    Connected,
    /// An account was connected again.
    Reconnected,
    /// A connection now belongs to another account.
    AccountSwitched,
    /// A connection's credentials were deleted on an admin's wish.
    Disconnected,
    /// A sync was asked for outside the schedule.
    SyncRequested,
    /// A workflow or an agent did something at a provider.
    WorkflowAction,
    /// Settings were changed.
    SettingsChanged,
    /// Everything held about the portal was exported.
    Exported,
    /// Everything held about the portal is to be erased.
    ErasureRequested,
    /// Processing was paused.
    Restricted,
    /// Processing goes on.
    Resumed,
}

impl Action {
    /// The code that is stored.
    pub fn code(self) -> &'static str {
        match self {
            Self::Installed => "app_installed",
            Self::Uninstalled => "app_uninstalled",
            Self::Connected => "connection_connected",
            Self::Reconnected => "connection_reconnected",
            Self::AccountSwitched => "connection_account_switched",
            Self::Disconnected => "connection_disconnected",
            Self::SyncRequested => "sync_requested",
            Self::WorkflowAction => "workflow_action",
            Self::SettingsChanged => "settings_changed",
            Self::Exported => "data_exported",
            Self::ErasureRequested => "erasure_requested",
            Self::Restricted => "processing_restricted",
            Self::Resumed => "processing_resumed",
        }
    }
}

/// Writes an entry. `user` is HubSpot's user id, none for the system; `detail` is a code, never content.
pub async fn write<P: Ports>(
    store: &Store<'_, P>,
    portal: i64,
    user: Option<i64>,
    action: Action,
    connection: Option<&str>,
    detail: Option<&str>,
) -> Result<()> {
    store
        .add_audit(portal, user, action.code(), connection, detail)
        .await
}
