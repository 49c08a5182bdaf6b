//! Where the walk over each list of a connection stands.

use std::collections::BTreeMap;

use super::connections::{Connection, FENCE};
use super::{Columns, Store};
use crate::error::{Error, Result};
use crate::ports::Ports;

/// What is done next on a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Pages are read.
    Walk,
    /// Claims are decided and failed records tried again.
    Settle,
    /// Nothing more in this run.
    Done,
}

impl Phase {
    /// As stored.
    pub fn name(self) -> &'static str {
        match self {
            Self::Walk => "walk",
            Self::Settle => "settle",
            Self::Done => "done",
        }
    }

    fn parse(name: &str) -> Result<Self> {
        match name {
            "walk" => Ok(Self::Walk),
            "settle" => Ok(Self::Settle),
            "done" => Ok(Self::Done),
            _ => Err(Error::Row),
        }
    }
}

/// What the name of HubSpot's side of a list ends in: `contacts/hubspot`.
const HUBSPOT_SIDE: &str = "/hubspot";

/// The name of HubSpot's side of an object.
pub fn hubspot_side(object: &str) -> String {
    format!("{object}{HUBSPOT_SIDE}")
}

/// What the name of an object's list of all ids ends in: `contacts/ids`.
const SWEEP: &str = "/ids";

/// The name of an object's list of all ids.
pub fn sweep_of(object: &str) -> String {
    format!("{object}{SWEEP}")
}

/// What the name of an object's list of what is new in HubSpot ends in: `contacts/new`.
const NEW: &str = "/new";

/// The name of an object's list of what is new in HubSpot.
pub fn new_in(object: &str) -> String {
    format!("{object}{NEW}")
}

/// What the name of the list that is an object's door ends in: `contacts/members`.
pub(super) const MEMBERS: &str = "/members";

/// The name of the list that is an object's door.
pub fn members_of(object: &str) -> String {
    format!("{object}{MEMBERS}")
}

/// What the name of the list of an object's companions ends in: `customers/companions`.
const COMPANIONS: &str = "/companions";

/// The name of the list of an object's companions in HubSpot.
pub fn companions_of(object: &str) -> String {
    format!("{object}{COMPANIONS}")
}

/// What the name of an object's records in doubt ends in: `contacts/suspects`.
const SUSPECTS: &str = "/suspects";

/// The name under which an object's records in doubt are asked about: no list, so nothing of it is remembered.
pub fn suspects_of(object: &str) -> String {
    format!("{object}{SUSPECTS}")
}

/// The object that a list is about.
pub(super) fn object_of(stream: &str) -> &str {
    [HUBSPOT_SIDE, SWEEP, NEW, MEMBERS, COMPANIONS, SUSPECTS]
        .iter()
        .find_map(|ending| stream.strip_suffix(ending))
        .unwrap_or(stream)
}

/// The state of one list.
#[derive(Debug, Clone)]
pub struct StreamState {
    /// The run it belongs to.
    pub run: i64,
    /// What is next.
    pub phase: Phase,
    /// Everything is read, rather than changes alone.
    pub full: bool,
    /// What this walk asks for, in unix milliseconds.
    pub since: Option<i64>,
    /// URL of the next page; none = the first.
    pub cursor: Option<String>,
    /// Highest id seen in this walk.
    pub last_id: Option<String>,
    /// The watermark once this walk is complete.
    pub next_watermark: Option<i64>,
    /// The watermark of the last complete walk.
    pub watermark: Option<i64>,
    /// Version of the plan that the watermark was reached with.
    pub version: Option<String>,
    /// When the last full walk was complete.
    pub full_at: Option<i64>,
    /// The run in which the index of candidates was brought up to date.
    pub index_run: Option<i64>,
    /// HubSpot's changes up to here are in the index.
    pub index_since: Option<i64>,
    /// Keyset cursor of an index walk under way.
    pub index_after: Option<String>,
}

impl<P: Ports> Store<'_, P> {
    /// The state of every list of a connection.
    pub async fn streams(&self, connection: &str) -> Result<BTreeMap<String, StreamState>> {
        let rows = self
            .execute(
                "SELECT stream, run_id, phase, full, since, cursor, last_id, next_watermark, watermark, version, full_at, \
                 index_run, index_since, index_after FROM streams WHERE connection_id = ?1",
                &[connection.into()],
            )
            .await?;
        rows.into_iter()
            .map(|row| {
                let mut row = Columns::of(row);
                let name = row.text()?;
                let state = StreamState {
                    run: row.integer()?,
                    phase: Phase::parse(&row.text()?)?,
                    full: row.integer()? != 0,
                    since: row.optional_integer()?,
                    cursor: row.optional_text()?,
                    last_id: row.optional_text()?,
                    next_watermark: row.optional_integer()?,
                    watermark: row.optional_integer()?,
                    version: row.optional_text()?,
                    full_at: row.optional_integer()?,
                    index_run: row.optional_integer()?,
                    index_since: row.optional_integer()?,
                    index_after: row.optional_text()?,
                };
                Ok((name, state))
            })
            .collect()
    }

    /// Begins a walk: of everything, or of what changed since `since`. The version of one over everything is empty until it
    /// ends: what takes it away meanwhile asks for another.
    pub async fn begin_walk(
        &self,
        connection: &Connection,
        stream: &str,
        run: i64,
        since: Option<i64>,
    ) -> Result<()> {
        self.fenced(
            &format!(
                "INSERT INTO streams (connection_id, stream, run_id, phase, full, since, version, generation) \
                 SELECT ?1, ?4, ?5, 'walk', ?6 IS NULL, ?6, '', 1 WHERE {FENCE} \
                 ON CONFLICT (connection_id, stream) DO UPDATE SET run_id = excluded.run_id, phase = 'walk', \
                   version = iif (excluded.full, '', version), full = excluded.full, since = excluded.since, cursor = NULL, last_id = NULL, next_watermark = NULL, \
                   generation = generation + excluded.full RETURNING 1"
            ),
            &[
                connection.id.as_str().into(),
                connection.epoch.into(),
                self.ports().now().into(),
                stream.into(),
                run.into(),
                since.into(),
            ],
        )
        .await
    }

    /// Ends a walk: its watermark is the one the next walk starts from. Where everything was asked for since it began, it
    /// still is.
    pub async fn finish_walk(
        &self,
        connection: &Connection,
        stream: &str,
        version: &str,
    ) -> Result<()> {
        self.fenced(
            &format!(
                "UPDATE streams SET phase = 'done', watermark = coalesce (next_watermark, watermark), \
                 full_at = iif (full AND version IS NOT NULL, ?3, full_at), version = iif (version IS NULL, NULL, ?5) WHERE connection_id = ?1 AND stream = ?4 AND {FENCE} RETURNING 1"
            ),
            &[
                connection.id.as_str().into(),
                connection.epoch.into(),
                self.ports().now().into(),
                stream.into(),
                version.into(),
            ],
        )
        .await
    }
}
