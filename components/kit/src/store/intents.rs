//! Records that are about to be made at the provider. See `migrations/0013_intents.sql`.

use serde::{Deserialize, Serialize};

use super::connections::{Connection, FENCE};
use super::{Columns, Store, json_list};
use crate::error::{Error, Result};
use crate::ports::Ports;

/// What was, or is, about to be made at the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intent {
    /// HubSpot's record.
    pub hubspot_id: String,
    /// HubSpot property and fingerprint, in hex, of every value that goes along.
    pub prints: Vec<(String, String)>,
}

#[derive(Serialize, Deserialize)]
struct Row<'a> {
    id: &'a str,
    prints: String,
}

impl<P: Ports> Store<'_, P> {
    /// Writes down what is about to be made, all of it, under the lease.
    pub async fn intend(
        &self,
        connection: &Connection,
        object: &str,
        run: i64,
        intents: &[Intent],
    ) -> Result<()> {
        let rows = intents
            .iter()
            .map(|intent| {
                Ok(Row {
                    id: &intent.hubspot_id,
                    prints: serde_json::to_string(&intent.prints).map_err(|_| Error::Row)?,
                })
            })
            .collect::<Result<Vec<_>>>()?;
        self.fenced(
            &format!(
                "INSERT INTO intents (connection_id, object, hubspot_id, run_id, at, prints) \
                 SELECT ?1, ?4, value ->> 'id', ?5, ?3, value ->> 'prints' FROM json_each (?6) WHERE {FENCE} \
                 ON CONFLICT (connection_id, object, hubspot_id) DO UPDATE SET run_id = excluded.run_id, at = excluded.at, \
                   prints = excluded.prints RETURNING 1"
            ),
            &[
                connection.id.as_str().into(),
                connection.epoch.into(),
                self.ports().now().into(),
                object.into(),
                run.into(),
                json_list(&rows)?,
            ],
        )
        .await
    }

    /// What was about to be made, and of which nobody knows whether it was.
    pub async fn open_intents(&self, connection: &str, object: &str) -> Result<Vec<Intent>> {
        let rows = self
            .execute(
                "SELECT hubspot_id, prints FROM intents WHERE connection_id = ?1 AND object = ?2",
                &[connection.into(), object.into()],
            )
            .await?;
        rows.into_iter()
            .map(|row| {
                let mut row = Columns::of(row);
                Ok(Intent {
                    hubspot_id: row.text()?,
                    prints: serde_json::from_str(&row.text()?).map_err(|_| Error::Row)?,
                })
            })
            .collect()
    }

    /// HubSpot ids of what earlier runs were about to make before this time (unix milliseconds), and that nobody who waits
    /// for a decision may be.
    pub async fn lapsed_intents(
        &self,
        connection: &str,
        object: &str,
        run: i64,
        before: i64,
        limit: i64,
    ) -> Result<Vec<String>> {
        self.texts(
            "SELECT hubspot_id FROM intents WHERE connection_id = ?1 AND object = ?2 AND run_id <> ?3 AND at < ?4 \
             AND NOT EXISTS (SELECT 1 FROM claims c WHERE c.connection_id = ?1 AND c.object = ?2 AND c.hubspot_id = intents.hubspot_id) \
             ORDER BY hubspot_id LIMIT ?5",
            &[connection.into(), object.into(), run.into(), before.into(), limit.into()],
        )
        .await
    }

    /// Nothing is to be made for these HubSpot records any more.
    pub async fn forget_intents(
        &self,
        connection: &Connection,
        object: &str,
        hubspot_ids: &[&str],
    ) -> Result<()> {
        self.execute(
            &format!(
                "DELETE FROM intents WHERE connection_id = ?1 AND object = ?4 AND {FENCE} \
                 AND hubspot_id IN (SELECT value FROM json_each (?5))"
            ),
            &[
                connection.id.as_str().into(),
                connection.epoch.into(),
                self.ports().now().into(),
                object.into(),
                json_list(hubspot_ids)?,
            ],
        )
        .await?;
        Ok(())
    }

    /// Which of these HubSpot records somebody may be already: linked, claimed by a record that waits for a decision, just
    /// taken out of a link, or about to be made.
    pub async fn spoken_for(
        &self,
        connection: &str,
        object: &str,
        hubspot_ids: &[&str],
    ) -> Result<Vec<String>> {
        let table = |name: &str| {
            format!(
                "EXISTS (SELECT 1 FROM {name} t WHERE t.connection_id = ?1 AND t.object = ?2 AND t.hubspot_id = j.value)"
            )
        };
        let any = ["links", "claims", "released", "intents"]
            .map(table)
            .join(" OR ");
        self.texts(
            &format!("SELECT j.value FROM json_each (?3) j WHERE {any}"),
            &[connection.into(), object.into(), json_list(hubspot_ids)?],
        )
        .await
    }

    /// Remembers those of these HubSpot records that a record claims which waits for a decision.
    pub async fn pass_over(
        &self,
        connection: &Connection,
        object: &str,
        hubspot_ids: &[&str],
    ) -> Result<()> {
        if hubspot_ids.is_empty() {
            return Ok(());
        }
        self.execute(
            &format!(
                "INSERT INTO passed_over (connection_id, object, hubspot_id) SELECT ?1, ?4, j.value FROM json_each (?5) j \
                 WHERE {FENCE} AND EXISTS (SELECT 1 FROM claims t \
                   WHERE t.connection_id = ?1 AND t.object = ?4 AND t.hubspot_id = j.value) ON CONFLICT DO NOTHING"
            ),
            &[
                connection.id.as_str().into(),
                connection.epoch.into(),
                self.ports().now().into(),
                object.into(),
                json_list(hubspot_ids)?,
            ],
        )
        .await?;
        Ok(())
    }

    /// Passed over once, and claimed by nobody any more.
    pub async fn unclaimed(
        &self,
        connection: &str,
        object: &str,
        limit: i64,
    ) -> Result<Vec<String>> {
        self.texts(
            "SELECT p.hubspot_id FROM passed_over p WHERE p.connection_id = ?1 AND p.object = ?2 \
             AND NOT EXISTS (SELECT 1 FROM claims t \
               WHERE t.connection_id = ?1 AND t.object = ?2 AND t.hubspot_id = p.hubspot_id) \
             ORDER BY p.hubspot_id LIMIT ?3",
            &[connection.into(), object.into(), limit.into()],
        )
        .await
    }

    /// These are passed over no more.
    pub async fn forget_passed_over(
        &self,
        connection: &Connection,
        object: &str,
        hubspot_ids: &[&str],
    ) -> Result<()> {
        self.execute(
            &format!(
                "DELETE FROM passed_over WHERE connection_id = ?1 AND object = ?4 AND {FENCE} \
                 AND hubspot_id IN (SELECT value FROM json_each (?5))"
            ),
            &[
                connection.id.as_str().into(),
                connection.epoch.into(),
                self.ports().now().into(),
                object.into(),
                json_list(hubspot_ids)?,
            ],
        )
        .await?;
        Ok(())
    }
}
