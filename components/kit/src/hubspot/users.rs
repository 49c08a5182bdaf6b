//! A portal's users (HubSpot, "User provisioning").

use serde::Deserialize;

use super::{HubSpot, VERSION};
use crate::error::{Error, Result};
use crate::ports::Ports;

/// What is read of a user; names and addresses are not.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct User {
    #[serde(default)]
    super_admin: bool,
}

impl<P: Ports> HubSpot<'_, P> {
    /// Whether a user is a super admin; one whom HubSpot does not know is none. Needs scope `settings.users.read`.
    pub async fn is_super_admin(&self, user: i64) -> Result<bool> {
        match self
            .get::<User>(&format!("/settings/users/{VERSION}/{user}"))
            .await
        {
            Ok(user) => Ok(user.super_admin),
            Err(Error::Api { status: 404, .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
