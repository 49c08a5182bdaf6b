//! Who is in the list that is the door of an object, and what waits before it. See `migrations/0016_list_members.sql`.

use super::connections::{Connection, FENCE};
use super::{Store, json_list};
use crate::error::Result;
use crate::ports::{Ports, SqlValue};

/// The reason of a record that waits before the door: its link rests, or it has none.
pub const NOT_LISTED: &str = "not_listed";
/// The reason of a link that has just come in: both sides are compared at once.
const LISTED: &str = "listed";

/// The members of an object's list, as a condition on `column`.
fn is_member(column: &str) -> String {
    format!(
        "EXISTS (SELECT 1 FROM list_members m WHERE m.connection_id = ?1 AND m.object = ?4 AND m.hubspot_id = {column})"
    )
}

impl<P: Ports> Store<'_, P> {
    /// Notes members that a walk over the list has seen.
    pub async fn add_members(
        &self,
        connection: &Connection,
        object: &str,
        stream: &str,
        hubspot_ids: &[String],
    ) -> Result<()> {
        self.under_lease(
            connection,
            object,
            &format!(
                "INSERT INTO list_members (connection_id, object, hubspot_id, generation, matching, making) \
                 SELECT ?1, ?4, j.value, s.generation, 1, 1 FROM streams s CROSS JOIN json_each (?6) j \
                 WHERE s.connection_id = ?1 AND s.stream = ?5 AND {FENCE} \
                 ON CONFLICT DO UPDATE SET generation = excluded.generation"
            ),
            &[stream.into(), json_list(hubspot_ids)?],
        )
        .await
    }

    /// After a complete walk: whom it has not seen is no member any more.
    pub async fn forget_members(
        &self,
        connection: &Connection,
        object: &str,
        stream: &str,
    ) -> Result<()> {
        self.under_lease(
            connection,
            object,
            &format!(
                "DELETE FROM list_members WHERE connection_id = ?1 AND object = ?4 AND {FENCE} \
                 AND generation <> (SELECT generation FROM streams WHERE connection_id = ?1 AND stream = ?5)"
            ),
            &[stream.into()],
        )
        .await
    }

    /// Links whose HubSpot record is no member and that do not rest yet, behind a provider id: `(provider id, HubSpot id)`.
    pub async fn links_without_member(
        &self,
        connection: &str,
        object: &str,
        after: &str,
        limit: i64,
    ) -> Result<Vec<(String, String)>> {
        self.pairs(
                "SELECT l.provider_id, l.hubspot_id FROM links l WHERE l.connection_id = ?1 AND l.object = ?2 \
                   AND l.provider_id > ?3 AND l.hubspot_id IS NOT NULL AND l.state IN ('active', 'failed') \
                   AND coalesce (l.reason, '') <> 'not_listed' \
                   AND NOT EXISTS (SELECT 1 FROM list_members m WHERE m.connection_id = ?1 AND m.object = ?2 \
                     AND m.hubspot_id = l.hubspot_id) \
                 ORDER BY l.provider_id LIMIT ?4",
                &[connection.into(), object.into(), after.into(), limit.into()],
        )
        .await
    }

    /// Lets in what waits and may come in: links of members; records without a link, where a member has none either; and
    /// claims on those who are no members end, so that their records are matched anew. `anew`: also where no member has come
    /// in since they were matched last; somebody may have corrected one.
    ///
    /// Each statement can be repeated, and what tells the next one what to do is taken away last.
    pub async fn let_in(&self, connection: &Connection, object: &str, anew: bool) -> Result<()> {
        let matching = if anew { "1" } else { "m.matching" };
        let (linked, claimed) = (is_member("links.hubspot_id"), is_member("c.hubspot_id"));
        let statements = [
            format!(
                "UPDATE links SET reason = '{LISTED}', attempts = 0, retry_at = ?3 WHERE connection_id = ?1 AND object = ?4 \
                 AND state <> 'active' AND reason = '{NOT_LISTED}' AND hubspot_id IS NOT NULL AND {linked} AND {FENCE}"
            ),
            format!(
                "UPDATE links SET attempts = 0, retry_at = ?3 WHERE connection_id = ?1 AND object = ?4 \
                 AND state <> 'active' AND reason = '{NOT_LISTED}' AND hubspot_id IS NULL AND {FENCE} \
                 AND EXISTS (SELECT 1 FROM list_members m WHERE m.connection_id = ?1 AND m.object = ?4 AND {matching} \
                   AND NOT EXISTS (SELECT 1 FROM links l WHERE l.connection_id = ?1 AND l.object = ?4 \
                     AND l.hubspot_id = m.hubspot_id))"
            ),
            format!(
                "UPDATE links SET retry_at = ?3 WHERE connection_id = ?1 AND object = ?4 AND state = 'ambiguous' \
                 AND hubspot_id IS NULL AND {FENCE} AND provider_id IN (SELECT c.provider_id FROM claims c \
                   WHERE c.connection_id = ?1 AND c.object = ?4 AND NOT {claimed})"
            ),
            format!(
                "DELETE FROM claims AS c WHERE connection_id = ?1 AND object = ?4 AND NOT {claimed} AND {FENCE}"
            ),
            format!(
                "UPDATE list_members SET matching = 0, making = making AND NOT EXISTS (SELECT 1 FROM links l \
                   WHERE l.connection_id = ?1 AND l.object = ?4 AND l.hubspot_id = list_members.hubspot_id) \
                 WHERE connection_id = ?1 AND object = ?4 AND (matching OR making) AND {FENCE}"
            ),
        ];
        for statement in statements {
            self.under_lease(connection, object, &statement, &[])
                .await?;
        }
        Ok(())
    }

    /// There is no list any more: all that waited before it is due.
    pub async fn open_door(
        &self,
        connection: &Connection,
        object: &str,
        stream: &str,
    ) -> Result<()> {
        let due = format!(
            "UPDATE links SET reason = '{LISTED}', attempts = 0, retry_at = ?3 WHERE connection_id = ?1 AND object = ?4 \
             AND state <> 'active' AND reason = '{NOT_LISTED}' AND {FENCE}"
        );
        let forgotten = format!(
            "DELETE FROM list_members WHERE connection_id = ?1 AND object = ?4 AND {FENCE}"
        );
        // The stream is what tells that there was a list.
        let closed =
            format!("DELETE FROM streams WHERE connection_id = ?1 AND stream = ?5 AND {FENCE}");
        self.under_lease(connection, object, &due, &[]).await?;
        self.under_lease(connection, object, &forgotten, &[])
            .await?;
        self.under_lease(connection, object, &closed, &[stream.into()])
            .await
    }

    /// Which of these HubSpot records are members.
    pub async fn members_among(
        &self,
        connection: &str,
        object: &str,
        hubspot_ids: &[&str],
    ) -> Result<Vec<String>> {
        self.texts(
            "SELECT m.hubspot_id FROM json_each (?3) j CROSS JOIN list_members m \
               ON m.connection_id = ?1 AND m.object = ?2 AND m.hubspot_id = j.value",
            &[connection.into(), object.into(), json_list(hubspot_ids)?],
        )
        .await
    }

    /// Members of whom nobody has asked yet whether they are to be made at the provider.
    pub async fn members_to_make(
        &self,
        connection: &str,
        object: &str,
        limit: i64,
    ) -> Result<Vec<String>> {
        self.texts(
            "SELECT hubspot_id FROM list_members WHERE connection_id = ?1 AND object = ?2 AND making \
             ORDER BY hubspot_id LIMIT ?3",
            &[connection.into(), object.into(), limit.into()],
        )
        .await
    }

    /// These have been asked about.
    pub async fn members_asked(
        &self,
        connection: &Connection,
        object: &str,
        hubspot_ids: &[String],
    ) -> Result<()> {
        self.under_lease(
            connection,
            object,
            &format!(
                "UPDATE list_members SET making = 0 WHERE connection_id = ?1 AND object = ?4 AND {FENCE} \
                 AND hubspot_id IN (SELECT value FROM json_each (?5))"
            ),
            &[json_list(hubspot_ids)?],
        )
        .await
    }

    /// A statement that holds under the lease, whatever it finds: `?1` to `?4` are the connection, its epoch, the time and
    /// the object.
    async fn under_lease(
        &self,
        connection: &Connection,
        object: &str,
        statement: &str,
        more: &[SqlValue],
    ) -> Result<()> {
        let mut params: Vec<SqlValue> = vec![
            connection.id.as_str().into(),
            connection.epoch.into(),
            self.ports().now().into(),
            object.into(),
        ];
        params.extend_from_slice(more);
        self.execute(statement, &params).await?;
        Ok(())
    }
}
