//! What HubSpot's webhooks tell, for the engine to look at. See `migrations/0011_link_decisions.sql`.

use super::{Columns, Store, json_list};
use crate::error::{Error, Result};
use crate::ports::Ports;
use crate::settings::Settings;
use crate::webhooks::Notice;

impl<P: Ports> Store<'_, P> {
    /// A portal's connections with their settings: `(connection, connector, settings)`.
    pub async fn settings_of(&self, portal: i64) -> Result<Vec<(String, String, Settings)>> {
        let rows = self
            .execute(
                "SELECT connection_id, connector, settings FROM connections WHERE portal_id = ?1 ORDER BY connection_id",
                &[portal.into()],
            )
            .await?;
        rows.into_iter()
            .map(|row| {
                let mut row = Columns::of(row);
                let (connection, connector) = (row.text()?, row.text()?);
                let settings = serde_json::from_str(&row.text()?).map_err(|_| {
                    Error::Config("a connection's settings are not readable".to_owned())
                })?;
                Ok((connection, connector, settings))
            })
            .collect()
    }

    /// Notes what events of these keys mean, all of it or nothing; events that are all known already mean nothing new.
    pub async fn note_hubspot(
        &self,
        portal: i64,
        events: &[String],
        notices: &[Notice],
    ) -> Result<()> {
        self.execute(
            "INSERT INTO hubspot_notice (portal_id, now, events, notices) VALUES (?1, ?2, ?3, ?4)",
            &[
                portal.into(),
                self.ports().now().into(),
                json_list(events)?,
                json_list(notices)?,
            ],
        )
        .await?;
        Ok(())
    }
}
