//! The commit of a page: links, claims, relations, counts, errors and the cursor, in one atomic statement that
//! holds only under the lease. See `migrations/0003_page_commit.sql` and its successors.

use serde::Serialize;

use super::connections::{Connection, LEASE_MILLIS};
use super::links::LinkState;
use super::members::NOT_LISTED;
use super::runs::Counts;
use super::streams::{Phase, object_of};
use super::waiting_matches::StoredKey;
use super::{Store, json_list};
use crate::budget::Calls;
use crate::core::mapping::MatchKey;
use crate::error::{Error, Result};
use crate::ports::{Ports, SqlError};

/// A link to be stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LinkRow {
    /// Provider id.
    pub id: String,
    /// HubSpot id; none leaves what is stored.
    pub hubspot_id: Option<String>,
    /// One of [`LinkState`]'s names.
    pub state: &'static str,
    /// A code, for every state but active.
    pub reason: Option<String>,
    /// Fingerprints; none leaves what is stored.
    pub base: Option<String>,
    /// Unix milliseconds.
    pub changed_at: Option<i64>,
    /// Unix milliseconds.
    pub retry_at: Option<i64>,
    /// A write to it was begun to whose end nobody knows: the note of it stays.
    pub open: bool,
    /// Its HubSpot record names another record of the provider's, and could not be written to.
    pub release: bool,
}

impl LinkRow {
    /// A link in step.
    pub fn active(id: &str, hubspot_id: &str, base: String, changed_at: Option<i64>) -> Self {
        Self {
            id: id.to_owned(),
            hubspot_id: Some(hubspot_id.to_owned()),
            state: LinkState::Active.name(),
            reason: None,
            base: Some(base),
            changed_at,
            retry_at: None,
            open: false,
            release: false,
        }
    }

    /// A record that waits before the door of its object.
    pub fn not_listed(id: &str) -> Self {
        Self::unresolved(id, LinkState::Failed, NOT_LISTED)
    }

    /// A record that is not in step, and why.
    pub fn unresolved(id: &str, state: LinkState, reason: &str) -> Self {
        Self {
            id: id.to_owned(),
            hubspot_id: None,
            state: state.name(),
            reason: Some(reason.to_owned()),
            base: None,
            changed_at: None,
            retry_at: None,
            open: false,
            release: false,
        }
    }
}

/// A claim to be stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClaimRow {
    /// Provider id.
    pub id: String,
    /// HubSpot id of the candidate.
    pub hubspot_id: String,
    /// 0 = strongest.
    pub tier: i64,
    /// What the record is known by, where that is what it matches by.
    pub keys: Vec<StoredKey>,
}

impl ClaimRow {
    /// What a record claims, and by what.
    pub fn new(id: &str, hubspot_id: &str, tier: i64, keys: &[MatchKey]) -> Self {
        Self {
            id: id.to_owned(),
            hubspot_id: hubspot_id.to_owned(),
            tier,
            keys: keys.iter().map(StoredKey::of).collect(),
        }
    }
}

/// All relations of one kind that a record names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RelationSetRow {
    /// Relation kind.
    pub kind: String,
    /// The record is the `to` side.
    pub reverse: bool,
    /// The record.
    pub id: String,
    /// The other sides.
    pub others: Vec<String>,
}

/// One relation that a list names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RelationRow {
    /// Relation kind.
    pub kind: String,
    /// Provider id of the `from` side.
    pub from_id: String,
    /// Provider id of the `to` side.
    pub to_id: String,
}

/// Something wrong with a record: field and code, never the value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ErrorRow {
    /// Provider id.
    pub id: String,
    /// A code.
    pub code: String,
    /// HubSpot property; none = the record as a whole.
    pub property: Option<String>,
}

/// Everything that one page changes.
#[derive(Debug, Clone, Default)]
pub struct PageCommit {
    /// Links made, changed or failed.
    pub links: Vec<LinkRow>,
    /// Claims to decide at the end of the walk.
    pub claims: Vec<ClaimRow>,
    /// Provider ids whose claims are decided, and wait in the review queue.
    pub decided: Vec<String>,
    /// What the page's records name.
    pub relation_sets: Vec<RelationSetRow>,
    /// What a list of relations names.
    pub relation_rows: Vec<RelationRow>,
    /// What was wrong.
    pub errors: Vec<ErrorRow>,
    /// What became of the records.
    pub counts: Counts,
    /// What the page has cost.
    pub calls: Calls,
}

/// How far a page was filled.
#[derive(Debug, Clone, Copy)]
pub struct Mark([usize; 6], Counts);

impl PageCommit {
    /// How far it is filled now.
    pub fn mark(&self) -> Mark {
        let filled = [
            self.links.len(),
            self.claims.len(),
            self.decided.len(),
            self.relation_sets.len(),
            self.relation_rows.len(),
            self.errors.len(),
        ];
        Mark(filled, self.counts)
    }

    /// Forgets what was added since.
    pub fn back_to(&mut self, mark: Mark) {
        let [links, claims, decided, sets, rows, errors] = mark.0;
        self.links.truncate(links);
        self.claims.truncate(claims);
        self.decided.truncate(decided);
        self.relation_sets.truncate(sets);
        self.relation_rows.truncate(rows);
        self.errors.truncate(errors);
        self.counts = mark.1;
    }
}

/// What a page adds to its run.
#[derive(Serialize)]
struct Added {
    #[serde(flatten)]
    counts: Counts,
    hubspot_calls: i64,
    provider_calls: i64,
}

/// Where the list stands after the page.
#[derive(Debug, Clone, Default)]
pub struct Position {
    /// URL of the next page.
    pub cursor: Option<String>,
    /// Highest id seen.
    pub last_id: Option<String>,
    /// The watermark once the walk is complete; kept from the first page that sets it.
    pub next_watermark: Option<i64>,
}

impl<P: Ports> Store<'_, P> {
    /// Commits a page under the lease, and extends the lease.
    ///
    /// [`Error::Plan`] says that the page is committed, and that no further record is left in the plan.
    pub async fn commit_page(
        &self,
        connection: &Connection,
        run: i64,
        stream: &str,
        page: &PageCommit,
        phase: Phase,
        position: &Position,
    ) -> Result<()> {
        let now = self.ports().now();
        let added = Added {
            counts: page.counts,
            hubspot_calls: page.calls.hubspot,
            provider_calls: page.calls.provider,
        };
        let result = self
            .ports()
            .execute(
                "INSERT INTO page_commit (connection_id, epoch, now, lease_until, run_id, stream, object, links, claims, decided, \
                 relation_sets, relation_rows, errors, counts, phase, cursor, last_id, next_watermark) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?18, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
                &[
                    connection.id.as_str().into(),
                    connection.epoch.into(),
                    now.into(),
                    (now + LEASE_MILLIS).into(),
                    run.into(),
                    stream.into(),
                    json_list(&page.links)?,
                    json_list(&page.claims)?,
                    json_list(&page.decided)?,
                    json_list(&page.relation_sets)?,
                    json_list(&page.relation_rows)?,
                    json_list(&page.errors)?,
                    serde_json::to_string(&added).map_err(|_| Error::Row)?.into(),
                    phase.name().into(),
                    position.cursor.clone().into(),
                    position.last_id.clone().into(),
                    position.next_watermark.into(),
                    object_of(stream).into(),
                ],
            )
            .await;
        match result {
            Ok(_) => spend(connection, page.counts),
            Err(SqlError::Failed(message)) if message.contains("lease lost") => {
                Err(Error::LeaseLost)
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// Takes what was written from what the plan has left for this slice. What is used is counted by the database itself.
fn spend(connection: &Connection, counts: Counts) -> Result<()> {
    let Some(left) = connection.records_left.get() else {
        return Ok(());
    };
    let left = left - counts.created - counts.updated - counts.linked;
    connection.records_left.set(Some(left));
    match left > 0 {
        true => Ok(()),
        false => Err(Error::Plan("plan_records")),
    }
}
