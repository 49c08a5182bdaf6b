//! The walk over an object's list: page by page, each committed as one.

use super::object_work::ObjectWork;
use super::records::{self, Origin};
use super::settle;
use super::slice::Slice;
use super::waiting;
use crate::core::mapping;
use crate::error::{Error, Result, Side};
use crate::ports::Ports;
use crate::provider::RawPage;
use crate::store::page::Position;
use crate::store::streams::{Phase, StreamState};

/// Walks the list to its end, then settles what waited for it.
pub(super) async fn walk<P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    mut state: StreamState,
) -> Result<()> {
    if state.phase == Phase::Walk && state.cursor.is_none() {
        waiting::look(slice, work).await?;
    }
    while state.phase == Phase::Walk {
        slice.budget.step(slice.ports)?;
        one(slice, work, &mut state).await?;
    }
    settle::settle(slice, work, &mut state).await?;
    slice
        .store
        .finish_walk(slice.connection, &work.object.name, &work.version)
        .await
}

async fn one<P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    state: &mut StreamState,
) -> Result<()> {
    let name = &work.object.name;
    let raw = slice
        .provider
        .page(
            name,
            &work.extra_paths,
            state.since,
            state.cursor.as_deref(),
        )
        .await?;
    let page = map(work, &raw)?;
    let last_id = page.records.last().map(|record| record.id.clone());
    if work.object.ascending_ids {
        ascends(
            state.last_id.as_deref(),
            page.records.first().map(|record| record.id.as_str()),
        )?;
    }
    if page.cursor.is_some() && page.cursor == state.cursor {
        return Err(Error::PageRepeats);
    }
    let mut commit = records::process(slice, work, state, page.records, Origin::Walk).await?;
    commit.counts.read += i64::from(page.unreadable);
    commit.counts.failed += i64::from(page.unreadable);
    let phase = if page.cursor.is_some() {
        Phase::Walk
    } else {
        Phase::Settle
    };
    let position = Position {
        cursor: page.cursor,
        last_id,
        next_watermark: Some(watermark(slice, &raw)),
    };
    slice.commit(name, commit, phase, &position).await?;
    state.phase = phase;
    state.cursor = position.cursor;
    state.last_id = position.last_id.or(state.last_id.take());
    Ok(())
}

/// Maps a provider's page.
pub(super) fn map(work: &ObjectWork<'_>, raw: &RawPage) -> Result<mapping::Page> {
    mapping::map_page(&work.plan, &raw.body).map_err(|error| Error::Answer {
        side: Side::Provider,
        error,
    })
}

/// The provider's own time less an overlap: what changes while the walk goes on is read again by the next one.
pub(super) fn watermark<P: Ports>(slice: &Slice<'_, P>, raw: &RawPage) -> i64 {
    raw.at.unwrap_or_else(|| slice.ports.now()) - i64::from(slice.connector.overlap_seconds) * 1_000
}

/// A page that does not continue the order of ids is one that was there before: following it would never end.
pub(super) fn ascends(last: Option<&str>, first: Option<&str>) -> Result<()> {
    let number = |id: Option<&str>| id.and_then(|id| id.parse::<u64>().ok());
    match (number(last), number(first)) {
        (Some(last), Some(first)) if first <= last => Err(Error::PageRepeats),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::ascends;

    #[test]
    fn a_page_that_does_not_go_on_repeats() {
        assert!(ascends(None, Some("1")).is_ok());
        assert!(ascends(Some("9"), Some("10")).is_ok());
        assert!(ascends(Some("10"), None).is_ok());
        assert!(ascends(Some("10"), Some("10")).is_err());
        assert!(ascends(Some("10"), Some("9")).is_err());
    }
}
