//! Companions that people chose. See `migrations/0019_companions.sql`.

use std::collections::HashMap;

use super::{Store, json_list};
use crate::error::Result;
use crate::ports::Ports;

impl<P: Ports> Store<'_, P> {
    /// Of these HubSpot records, those whose companion a person chose: HubSpot id to the companion's.
    pub async fn chosen_companions(
        &self,
        connection: &str,
        object: &str,
        hubspot_ids: &[&str],
    ) -> Result<HashMap<String, String>> {
        let pairs = self
            .pairs(
                "SELECT l.hubspot_id, c.companion_id FROM json_each (?3) j \
                 CROSS JOIN links l ON l.connection_id = ?1 AND l.object = ?2 AND l.hubspot_id = j.value \
                 CROSS JOIN companion_choices c ON c.connection_id = ?1 AND c.object = ?2 AND c.provider_id = l.provider_id",
                &[connection.into(), object.into(), json_list(hubspot_ids)?],
            )
            .await?;
        Ok(pairs.into_iter().collect())
    }

    /// The linked HubSpot records for which people chose one of these companions.
    pub async fn choosing(
        &self,
        connection: &str,
        object: &str,
        companions: &[&str],
    ) -> Result<Vec<String>> {
        self.texts(
            "SELECT l.hubspot_id FROM json_each (?3) j \
             CROSS JOIN companion_choices c ON c.connection_id = ?1 AND c.object = ?2 AND c.companion_id = j.value \
             CROSS JOIN links l ON l.connection_id = ?1 AND l.object = ?2 AND l.provider_id = c.provider_id \
             WHERE l.hubspot_id IS NOT NULL",
            &[connection.into(), object.into(), json_list(companions)?],
        )
        .await
    }
}
