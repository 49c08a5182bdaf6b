//! What is about to be written. See `migrations/0014_begun_writes.sql`.

use std::collections::HashMap;

use serde::Serialize;

use super::connections::{Connection, FENCE};
use super::{Columns, Store, json_list};
use crate::core::reconciling::Begun;
use crate::error::Result;
use crate::ports::Ports;

/// A record that is about to be written to either side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BegunRow {
    /// Provider id.
    pub id: String,
    /// Fingerprints of what goes to HubSpot; none leaves what is stored.
    pub hubspot: Option<String>,
    /// Fingerprints of what goes to the provider; none leaves what is stored.
    pub provider: Option<String>,
}

/// The columns `hubspot` and `provider`; none where no write was begun.
pub(super) fn begun(row: &mut Columns) -> Result<Option<Begun>> {
    let begun = Begun {
        hubspot: row.optional_text()?,
        provider: row.optional_text()?,
    };
    Ok(Some(begun).filter(|begun| begun.hubspot.is_some() || begun.provider.is_some()))
}

impl<P: Ports> Store<'_, P> {
    /// Writes down what is about to be written, under the lease: who has lost it writes nothing any more.
    pub async fn begin_writes(
        &self,
        connection: &Connection,
        object: &str,
        rows: &[BegunRow],
    ) -> Result<()> {
        self.fenced(
            &format!(
                "INSERT INTO begun_writes (connection_id, object, provider_id, hubspot, provider) \
                 SELECT ?1, ?4, value ->> 'id', value ->> 'hubspot', value ->> 'provider' FROM json_each (?5) WHERE {FENCE} \
                 ON CONFLICT (connection_id, object, provider_id) DO UPDATE SET \
                   hubspot = coalesce (excluded.hubspot, hubspot), provider = coalesce (excluded.provider, provider) RETURNING 1"
            ),
            &[
                connection.id.as_str().into(),
                connection.epoch.into(),
                self.ports().now().into(),
                object.into(),
                json_list(rows)?,
            ],
        )
        .await
    }

    /// What was begun on these provider ids, and never committed.
    pub async fn begun_writes(
        &self,
        connection: &str,
        object: &str,
        ids: &[&str],
    ) -> Result<HashMap<String, Begun>> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let rows = self
            .execute(
                "SELECT b.provider_id, b.hubspot, b.provider FROM json_each (?3) j \
                 CROSS JOIN begun_writes b ON b.connection_id = ?1 AND b.object = ?2 AND b.provider_id = j.value",
                &[connection.into(), object.into(), json_list(ids)?],
            )
            .await?;
        let mut found = HashMap::new();
        for row in rows {
            let mut row = Columns::of(row);
            let id = row.text()?;
            found.extend(begun(&mut row)?.map(|begun| (id, begun)));
        }
        Ok(found)
    }
}
