//! The walk over a list that holds only relations.

use super::pages::{ascends, watermark};
use super::slice::Slice;
use crate::core::{catalog, mapping};
use crate::error::{Error, Result, Side};
use crate::log::{self, Level};
use crate::ports::Ports;
use crate::store::page::{PageCommit, Position, RelationRow};
use crate::store::streams::{Phase, StreamState};

/// Lists of relations are not mapped, so their walks have one version.
const VERSION: &str = "1";

/// Walks the list; after a full walk, what it did not name is gone.
pub(super) async fn walk<P: Ports>(
    slice: &Slice<'_, P>,
    stream: &catalog::RelationStream,
    mut state: StreamState,
) -> Result<()> {
    while state.phase == Phase::Walk {
        slice.budget.step(slice.ports)?;
        one(slice, stream, &mut state).await?;
    }
    if state.full {
        let kinds: Vec<&str> = slice
            .connector
            .relations
            .iter()
            .filter(|relation| relation.stream == stream.name)
            .map(|relation| relation.kind.as_str())
            .collect();
        if let Some(missing) = slice
            .store
            .sweep_relations(slice.connection, &stream.name, &kinds)
            .await?
        {
            log::write(
                slice.ports,
                Level::Warn,
                "sweep_held_back",
                &[
                    ("connection", slice.connection.id.as_str().into()),
                    ("list", stream.name.as_str().into()),
                    ("missing", missing.into()),
                ],
            );
        }
    }
    slice
        .store
        .finish_walk(slice.connection, &stream.name, VERSION)
        .await
}

async fn one<P: Ports>(
    slice: &Slice<'_, P>,
    stream: &catalog::RelationStream,
    state: &mut StreamState,
) -> Result<()> {
    let raw = slice
        .provider
        .page(&stream.name, &[], state.since, state.cursor.as_deref())
        .await?;
    let page = mapping::map_relations(&slice.connector.id, &stream.name, slice.base_url, &raw.body)
        .map_err(|error| Error::Answer {
            side: Side::Provider,
            error,
        })?;
    if stream.ascending_ids {
        ascends(
            state.last_id.as_deref(),
            page.rows.first().map(|row| row.id.as_str()),
        )?;
    }
    if page.cursor.is_some() && page.cursor == state.cursor {
        return Err(Error::PageRepeats);
    }
    let position = Position {
        last_id: page.rows.last().map(|row| row.id.clone()),
        next_watermark: Some(watermark(slice, &raw)),
        cursor: page.cursor,
    };
    let mut commit = PageCommit::default();
    commit.counts.read = page.rows.len() as i64 + i64::from(page.unreadable);
    commit.counts.failed = i64::from(page.unreadable);
    commit.relation_rows = page
        .rows
        .into_iter()
        .map(|row| RelationRow {
            kind: row.kind,
            from_id: row.from_id,
            to_id: row.to_id,
        })
        .collect();
    let phase = if position.cursor.is_some() {
        Phase::Walk
    } else {
        Phase::Settle
    };
    slice.commit(&stream.name, commit, phase, &position).await?;
    state.phase = phase;
    state.cursor = position.cursor;
    state.last_id = position.last_id.or(state.last_id.take());
    Ok(())
}
