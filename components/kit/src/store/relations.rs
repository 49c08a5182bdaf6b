//! Relations at the provider, and the associations that stand in HubSpot because of them.

use super::connections::{Connection, FENCE};
use super::{Columns, Store, first, json_list};
use crate::error::{Error, Result};
use crate::ports::Ports;

/// A relation with both ends linked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// Provider id of the `from` side.
    pub from_id: String,
    /// Provider id of the `to` side.
    pub to_id: String,
    /// HubSpot id of the `from` side.
    pub from_hubspot: String,
    /// HubSpot id of the `to` side.
    pub to_hubspot: String,
}

/// What a relation waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelationState {
    /// To be associated.
    New,
    /// To be taken away.
    Gone,
}

/// A relation kind, as the statements need it.
#[derive(Debug, Clone, Copy)]
pub struct Kind<'a> {
    /// Its name.
    pub kind: &'a str,
    /// Object of the `from` side.
    pub from_object: &'a str,
    /// Object of the `to` side.
    pub to_object: &'a str,
    /// Only records that are in the list of that object are associated.
    pub from_listed: bool,
    /// The same for the other side.
    pub to_listed: bool,
    /// HubSpot's association type.
    pub type_id: i64,
    /// All kinds of the same association type.
    pub siblings: &'a [&'a str],
}

impl<P: Ports> Store<'_, P> {
    /// Relations of a kind in this state whose both ends are linked, behind `after` in their order; not those whose
    /// association HubSpot refused in this run. A record that is gone at the provider gets no new ones.
    pub async fn open_relations(
        &self,
        connection: &str,
        kind: Kind<'_>,
        state: RelationState,
        run: i64,
        after: Option<&Pair>,
        limit: i64,
    ) -> Result<Vec<Pair>> {
        let state = match state {
            RelationState::New => "new",
            RelationState::Gone => "gone",
        };
        let (after_from, after_to) = after.map_or(("", ""), |pair| {
            (pair.from_id.as_str(), pair.to_id.as_str())
        });
        let rows = self
            .execute(
                "SELECT r.from_id, r.to_id, f.hubspot_id, t.hubspot_id FROM relations r \
                 JOIN links f ON f.connection_id = ?1 AND f.object = ?4 AND f.provider_id = r.from_id AND f.hubspot_id IS NOT NULL \
                 JOIN links t ON t.connection_id = ?1 AND t.object = ?5 AND t.provider_id = r.to_id AND t.hubspot_id IS NOT NULL \
                 WHERE r.connection_id = ?1 AND r.state = ?2 AND r.kind = ?3 AND f.state <> 'hubspot_gone' AND t.state <> 'hubspot_gone' \
                   AND (?2 = 'gone' OR f.state <> 'provider_gone' AND t.state <> 'provider_gone') \
                   AND (r.from_id, r.to_id) > (?7, ?8) AND NOT EXISTS (SELECT 1 FROM run_errors e WHERE e.run_id = ?9 \
                   AND e.object = 'associations' AND e.provider_id = r.from_id AND e.code = 'association_refused' \
                   AND e.property = r.kind || ' ' || r.to_id) \
                   AND (NOT ?10 OR EXISTS (SELECT 1 FROM list_members m WHERE m.connection_id = ?1 AND m.object = ?4 \
                     AND m.hubspot_id = f.hubspot_id)) \
                   AND (NOT ?11 OR EXISTS (SELECT 1 FROM list_members m WHERE m.connection_id = ?1 AND m.object = ?5 \
                     AND m.hubspot_id = t.hubspot_id)) \
                 ORDER BY r.from_id, r.to_id LIMIT ?6",
                &[
                    connection.into(),
                    state.into(),
                    kind.kind.into(),
                    kind.from_object.into(),
                    kind.to_object.into(),
                    limit.into(),
                    after_from.into(),
                    after_to.into(),
                    run.into(),
                    i64::from(kind.from_listed).into(),
                    i64::from(kind.to_listed).into(),
                ],
            )
            .await?;
        rows.into_iter()
            .map(|row| {
                let mut row = Columns::of(row);
                Ok(Pair {
                    from_id: row.text()?,
                    to_id: row.text()?,
                    from_hubspot: row.text()?,
                    to_hubspot: row.text()?,
                })
            })
            .collect()
    }

    /// Notes which associations are about to be made: should nobody hear that they were, they are ours all the same.
    pub async fn associating(
        &self,
        connection: &Connection,
        kind: Kind<'_>,
        wanted: &[&Pair],
    ) -> Result<()> {
        self.fenced(
            &format!(
                "INSERT INTO associations (connection_id, type_id, from_id, to_id, made) \
                 SELECT ?1, ?4, value ->> 0, value ->> 1, 1 FROM json_each (?5) WHERE {FENCE} \
                 ON CONFLICT DO UPDATE SET made = 1 RETURNING 1"
            ),
            &[
                connection.id.as_str().into(),
                connection.epoch.into(),
                self.ports().now().into(),
                kind.type_id.into(),
                ids(wanted.iter().copied())?,
            ],
        )
        .await
    }

    /// Notes that the associations of these relations stand: made by us, or there before.
    pub async fn associated(
        &self,
        connection: &Connection,
        kind: Kind<'_>,
        made: &[&Pair],
        found: &[&Pair],
    ) -> Result<()> {
        let now = self.ports().now();
        if !found.is_empty() {
            self.execute(
                &format!(
                    "INSERT INTO associations (connection_id, type_id, from_id, to_id, made) \
                     SELECT ?1, ?4, value ->> 0, value ->> 1, 0 FROM json_each (?5) WHERE {FENCE} \
                     ON CONFLICT DO NOTHING"
                ),
                &[
                    connection.id.as_str().into(),
                    connection.epoch.into(),
                    now.into(),
                    kind.type_id.into(),
                    ids(found.iter().copied())?,
                ],
            )
            .await?;
        }
        let rows = ids(made.iter().chain(found).copied())?;
        self.execute(
            &format!(
                "UPDATE relations SET state = 'kept' WHERE connection_id = ?1 AND kind = ?4 AND state = 'new' AND {FENCE} \
                 AND (from_id, to_id) IN (SELECT value ->> 0, value ->> 1 FROM json_each (?5))"
            ),
            &[
                connection.id.as_str().into(),
                connection.epoch.into(),
                now.into(),
                kind.kind.into(),
                rows,
            ],
        )
        .await?;
        Ok(())
    }

    /// Of these gone relations, those whose association we made and which no other relation stands for.
    pub async fn to_archive(
        &self,
        connection: &str,
        kind: Kind<'_>,
        pairs: &[Pair],
    ) -> Result<Vec<(String, String)>> {
        self.pairs(
                "SELECT a.from_id, a.to_id FROM json_each (?2) j \
                 CROSS JOIN associations a ON a.connection_id = ?1 AND a.type_id = ?3 AND a.from_id = j.value ->> 0 AND a.to_id = j.value ->> 1 \
                 WHERE a.made AND NOT EXISTS (SELECT 1 FROM relations r WHERE r.connection_id = ?1 AND r.from_id = a.from_id \
                   AND r.to_id = a.to_id AND r.state <> 'gone' AND r.kind IN (SELECT value FROM json_each (?4)))",
                &[connection.into(), ids(pairs)?, kind.type_id.into(), json_list(kind.siblings)?],
        )
        .await
    }

    /// Forgets gone relations, and associations that no relation stands for any more.
    pub async fn forget_relations(
        &self,
        connection: &Connection,
        kind: Kind<'_>,
        pairs: &[Pair],
    ) -> Result<()> {
        let now = self.ports().now();
        self.execute(
            &format!(
                "DELETE FROM relations WHERE connection_id = ?1 AND kind = ?4 AND state = 'gone' AND {FENCE} \
                 AND (from_id, to_id) IN (SELECT value ->> 0, value ->> 1 FROM json_each (?5))"
            ),
            &[
                connection.id.as_str().into(),
                connection.epoch.into(),
                now.into(),
                kind.kind.into(),
                ids(pairs)?,
            ],
        )
        .await?;
        self.execute(
            &format!(
                "DELETE FROM associations WHERE connection_id = ?1 AND type_id = ?4 AND {FENCE} \
                 AND (from_id, to_id) IN (SELECT value ->> 0, value ->> 1 FROM json_each (?5)) \
                 AND NOT EXISTS (SELECT 1 FROM relations r WHERE r.connection_id = ?1 AND r.from_id = associations.from_id \
                   AND r.to_id = associations.to_id AND r.kind IN (SELECT value FROM json_each (?6)))"
            ),
            &[
                connection.id.as_str().into(),
                connection.epoch.into(),
                now.into(),
                kind.type_id.into(),
                ids(pairs)?,
                json_list(kind.siblings)?,
            ],
        )
        .await?;
        Ok(())
    }

    /// After a full walk of a list of relations: what it did not name is gone, unless that is too much to believe.
    ///
    /// Returns how many would be gone where the brake held them back (more than 20 and more than a tenth).
    pub async fn sweep_relations(
        &self,
        connection: &Connection,
        stream: &str,
        kinds: &[&str],
    ) -> Result<Option<i64>> {
        let rows = self
            .execute(
                "SELECT count(*), coalesce (sum (generation < (SELECT generation FROM streams WHERE connection_id = ?1 AND stream = ?2)), 0) \
                 FROM relations WHERE connection_id = ?1 AND state <> 'gone' AND kind IN (SELECT value FROM json_each (?3))",
                &[connection.id.as_str().into(), stream.into(), json_list(kinds)?],
            )
            .await?;
        let mut row = first(rows).ok_or(Error::Row)?;
        let (all, missing) = (row.integer()?, row.integer()?);
        if missing > (all / 10).max(20) {
            return Ok(Some(missing));
        }
        if missing > 0 {
            self.execute(
                &format!(
                    "UPDATE relations SET state = 'gone' WHERE connection_id = ?1 AND state <> 'gone' AND {FENCE} \
                     AND kind IN (SELECT value FROM json_each (?5)) \
                     AND generation < (SELECT generation FROM streams WHERE connection_id = ?1 AND stream = ?4)"
                ),
                &[
                    connection.id.as_str().into(),
                    connection.epoch.into(),
                    self.ports().now().into(),
                    stream.into(),
                    json_list(kinds)?,
                ],
            )
            .await?;
        }
        Ok(None)
    }
}

fn ids<'p>(pairs: impl IntoIterator<Item = &'p Pair>) -> Result<crate::ports::SqlValue> {
    let ids: Vec<(&str, &str)> = pairs
        .into_iter()
        .map(|pair| (pair.from_id.as_str(), pair.to_id.as_str()))
        .collect();
    json_list(&ids)
}
