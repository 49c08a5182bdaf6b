//! Sealed values by the key that sealed them, for sealing them anew.

use serde::Serialize;

use super::{Columns, Store, json_list};
use crate::error::Result;
use crate::ports::Ports;

/// Rows of a page.
const ROWS: i64 = 200;

/// A sealed value and what it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// HubSpot portal.
    pub portal: i64,
    /// Connection id; empty for the portal's own.
    pub connection: String,
    /// E.g. `access_token`.
    pub purpose: String,
    /// The vault's envelope.
    pub envelope: String,
}

/// An envelope to be replaced, as the statements read it.
#[derive(Debug, Serialize)]
pub struct Replacement<'a> {
    /// HubSpot portal.
    pub portal: i64,
    /// Connection id.
    pub connection: &'a str,
    /// What the value is for.
    pub purpose: &'a str,
    /// The envelope that was read: another one there now is newer, and stays.
    pub old: &'a str,
    /// The same value under the newest key.
    pub new: String,
}

/// Purpose under which a connection's fingerprint key is sealed.
pub const FINGERPRINT_KEY: &str = "fingerprint_key";

/// What an action that HubSpot waits for is sealed for, as [`crate::action`] names it.
macro_rules! waiting_purpose {
    () => {
        "'action/' || action || '/' || callback_id"
    };
}

impl<P: Ports> Store<'_, P> {
    /// Credentials behind `after` whose envelope does not begin so.
    pub async fn credentials_not_by(
        &self,
        prefix: &str,
        after: Option<&Sealed>,
    ) -> Result<Vec<Sealed>> {
        let (portal, connection, purpose) = after.map_or((i64::MIN, "", ""), |last| {
            (last.portal, last.connection.as_str(), last.purpose.as_str())
        });
        let rows = self
            .execute(
                "SELECT portal_id, connection_id, purpose, sealed FROM credentials \
                 WHERE (portal_id, connection_id, purpose) > (?2, ?3, ?4) AND substr (sealed, 1, length (?1)) <> ?1 \
                 ORDER BY portal_id, connection_id, purpose LIMIT ?5",
                &[prefix.into(), portal.into(), connection.into(), purpose.into(), ROWS.into()],
            )
            .await?;
        rows.into_iter()
            .map(|row| sealed(Columns::of(row)))
            .collect()
    }

    /// Connections behind `after` whose fingerprint key's envelope does not begin so.
    pub async fn fingerprint_keys_not_by(
        &self,
        prefix: &str,
        after: Option<&Sealed>,
    ) -> Result<Vec<Sealed>> {
        let after = after.map_or("", |last| last.connection.as_str());
        let rows = self
            .execute(
                "SELECT portal_id, connection_id, ?4, fingerprint_key FROM connections \
                 WHERE connection_id > ?2 AND substr (fingerprint_key, 1, length (?1)) <> ?1 \
                 ORDER BY connection_id LIMIT ?3",
                &[
                    prefix.into(),
                    after.into(),
                    ROWS.into(),
                    FINGERPRINT_KEY.into(),
                ],
            )
            .await?;
        rows.into_iter()
            .map(|row| sealed(Columns::of(row)))
            .collect()
    }

    /// Actions that HubSpot waits for, behind `after`, whose envelope does not begin so.
    pub async fn waiting_not_by(
        &self,
        prefix: &str,
        after: Option<&Sealed>,
    ) -> Result<Vec<Sealed>> {
        let (portal, purpose) =
            after.map_or((i64::MIN, ""), |last| (last.portal, last.purpose.as_str()));
        let rows = self
            .execute(
                concat!(
                    "SELECT portal_id, '', ",
                    waiting_purpose!(),
                    ", sealed FROM action_waiting WHERE (portal_id, ",
                    waiting_purpose!(),
                    ") > (?2, ?3) AND substr (sealed, 1, length (?1)) <> ?1 ORDER BY 1, 3 LIMIT ?4"
                ),
                &[prefix.into(), portal.into(), purpose.into(), ROWS.into()],
            )
            .await?;
        rows.into_iter()
            .map(|row| sealed(Columns::of(row)))
            .collect()
    }

    /// Puts the new envelopes of actions that HubSpot waits for where the old ones still are; the number of them.
    pub async fn replace_waiting(&self, items: &[Replacement<'_>]) -> Result<usize> {
        let rows = self
            .execute(
                concat!(
                    "UPDATE action_waiting SET sealed = n.value ->> 'new' FROM json_each (?1) AS n \
                     WHERE portal_id = n.value ->> 'portal' AND ",
                    waiting_purpose!(),
                    " = n.value ->> 'purpose' AND sealed = n.value ->> 'old' RETURNING 1"
                ),
                &[json_list(items)?],
            )
            .await?;
        Ok(rows.len())
    }

    /// Puts the new envelopes of credentials where the old ones still are; the number of them.
    pub async fn replace_credentials(&self, items: &[Replacement<'_>]) -> Result<usize> {
        let rows = self
            .execute(
                "UPDATE credentials SET sealed = n.value ->> 'new' FROM json_each (?1) AS n \
                 WHERE portal_id = n.value ->> 'portal' AND connection_id = n.value ->> 'connection' \
                 AND purpose = n.value ->> 'purpose' AND sealed = n.value ->> 'old' RETURNING 1",
                &[json_list(items)?],
            )
            .await?;
        Ok(rows.len())
    }

    /// Puts the new envelopes of fingerprint keys where the old ones still are; the number of them.
    pub async fn replace_fingerprint_keys(&self, items: &[Replacement<'_>]) -> Result<usize> {
        let rows = self
            .execute(
                "UPDATE connections SET fingerprint_key = n.value ->> 'new' FROM json_each (?1) AS n \
                 WHERE connection_id = n.value ->> 'connection' AND fingerprint_key = n.value ->> 'old' RETURNING 1",
                &[json_list(items)?],
            )
            .await?;
        Ok(rows.len())
    }
}

fn sealed(mut row: Columns) -> Result<Sealed> {
    Ok(Sealed {
        portal: row.integer()?,
        connection: row.text()?,
        purpose: row.text()?,
        envelope: row.text()?,
    })
}
