//! What the provider no longer has. Lists tell of no deletions, and events may not arrive, so all ids are listed at a slow
//! cadence; and as a list leaves out what its user may not see, a record counts as gone only when it says so itself (404),
//! whoever told of it.
//!
//! A link whose record is gone ends, and nothing is made in its place. HubSpot's record stays, marked, or is archived
//! where the settings say so (DX-04). More than a person would delete by hand is not believed before somebody says yes.

use std::collections::{BTreeMap, HashMap};

use super::members;
use super::object_work::ObjectWork;
use super::pages::{ascends, map};
use super::slice::Slice;
use crate::core::catalog;
use crate::core::mapping::{PageError, WriteInput};
use crate::error::{Error, Result, Side};
use crate::hubspot::STATUS;
use crate::hubspot::objects::Write;
use crate::log::{self, Level};
use crate::ports::Ports;
use crate::settings::OnDelete;
use crate::store::links::LinkState;
use crate::store::missing::Missing;
use crate::store::page::{ErrorRow, LinkRow, PageCommit, Position};
use crate::store::streams::{Phase, StreamState, sweep_of};

/// Ids are not mapped, so the walks over them have one version.
const VERSION: &str = "1";
/// Records asked about between two commits: each takes a call of its own.
const BATCH: i64 = 20;

/// Whether all ids of an object are to be listed: once in the connector's slow cadence, or because it was begun. A full
/// walk has just seen everything.
pub(super) fn is_due<P: Ports>(
    slice: &Slice<'_, P>,
    states: &BTreeMap<String, StreamState>,
    object: &catalog::Object,
) -> bool {
    let fresh_after = slice.fresh_after();
    match states.get(&sweep_of(&object.name)) {
        Some(state) if state.run == slice.run.id && state.phase != Phase::Done => true,
        Some(state) => state.full_at.is_none_or(|at| at <= fresh_after),
        None => states
            .get(&object.name)
            .and_then(|walk| walk.full_at)
            .is_some_and(|at| at <= fresh_after),
    }
}

/// Lists all ids, and ends the links of what is gone.
pub(super) async fn walk<P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    name: &str,
    mut state: StreamState,
) -> Result<()> {
    if state.phase == Phase::Walk && state.cursor.is_none() {
        slice
            .store
            .forget_missing(slice.connection, &work.object.name, None)
            .await?;
    }
    while state.phase == Phase::Walk {
        slice.budget.step(slice.ports)?;
        one(slice, work, name, &mut state).await?;
    }
    settle(slice, work, name).await?;
    slice
        .store
        .finish_walk(slice.connection, name, VERSION)
        .await
}

/// Asks about the records that an event says are gone, and ends the links of those that are.
pub(super) async fn suspects<P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    name: &str,
) -> Result<()> {
    let object = &work.object.name;
    if !slice.store.miss_suspects(slice.connection, object).await? {
        return Ok(());
    }
    settle(slice, work, name).await?;
    slice.store.forget_suspects(slice.connection, object).await
}

async fn one<P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    name: &str,
    state: &mut StreamState,
) -> Result<()> {
    let object = &work.object.name;
    let raw = slice
        .provider
        .all_ids(object, state.cursor.as_deref())
        .await?;
    let page = match &raw {
        Some(raw) => map(work, raw)?,
        None => {
            state.phase = Phase::Settle;
            return Ok(());
        }
    };
    let ids: Vec<&str> = page
        .records
        .iter()
        .map(|record| record.id.as_str())
        .collect();
    ascends(state.last_id.as_deref(), ids.first().copied())?;
    if page.cursor.is_some() && page.cursor == state.cursor {
        return Err(Error::PageRepeats);
    }
    // A record without an id may be any.
    if page.unreadable > 0 {
        return Err(Error::Answer {
            side: Side::Provider,
            error: PageError::Unexpected("id".to_owned()),
        });
    }
    let last = match (&page.cursor, ids.last()) {
        (None, _) => None,
        (Some(_), last) => last.copied().or(state.last_id.as_deref()),
    };
    let between = spans(state.last_id.as_deref().unwrap_or("0"), last);
    slice
        .store
        .add_missing(slice.connection, object, &between, &ids)
        .await?;
    let phase = match page.cursor {
        Some(_) => Phase::Walk,
        None => Phase::Settle,
    };
    let position = Position {
        last_id: last.map(str::to_owned),
        cursor: page.cursor,
        next_watermark: None,
    };
    let nothing = PageCommit::default();
    slice.commit(name, nothing, phase, &position).await?;
    state.phase = phase;
    state.cursor = position.cursor;
    state.last_id = position.last_id.or(state.last_id.take());
    Ok(())
}

/// Ids behind one and up to another, as spans of texts of one length: within such, numbers are in the order of texts.
/// `(behind, up to)`.
fn spans(after: &str, up_to: Option<&str>) -> Vec<(String, String)> {
    /// Digits of the largest 64-bit number.
    const LONGEST: usize = 20;
    let end = up_to.map_or(LONGEST, str::len);
    (after.len()..=end)
        .map(|length| {
            let from = if length == after.len() {
                after.to_owned()
            } else {
                "0".repeat(length)
            };
            let to = match up_to {
                Some(last) if last.len() == length => last.to_owned(),
                _ => "9".repeat(length),
            };
            (from, to)
        })
        .collect()
}

/// Ends the links of records that are gone, unless there are too many to believe.
async fn settle<P: Ports>(slice: &Slice<'_, P>, work: &ObjectWork<'_>, name: &str) -> Result<()> {
    let object = &work.object.name;
    if let Some(missing) = slice.store.held_back(slice.connection, object).await? {
        log::write(
            slice.ports,
            Level::Warn,
            "deletions_held_back",
            &[
                ("connection", slice.connection.id.as_str().into()),
                ("object", object.as_str().into()),
                ("missing", missing.into()),
            ],
        );
        let mut page = PageCommit::default();
        page.errors.push(ErrorRow {
            id: String::new(),
            code: "deletions_held_back".to_owned(),
            property: None,
        });
        return commit(slice, name, page).await;
    }
    loop {
        slice.budget.step(slice.ports)?;
        let asked = slice
            .store
            .missing(&slice.connection.id, object, BATCH)
            .await?;
        if asked.is_empty() {
            return slice.store.forget_brake(slice.connection, object).await;
        }
        let mut page = PageCommit::default();
        let mut gone: Vec<&Missing> = Vec::new();
        for one in &asked {
            if slice.provider.is_gone(object, &one.id).await? {
                page.counts.read += 1;
                gone.push(one);
            }
        }
        let unheard = unheard_of(slice, work, &gone).await?;
        let mut ended: Vec<String> = Vec::new();
        for one in gone {
            let found = unheard.get(&one.id);
            page.links.push(LinkRow {
                hubspot_id: found.cloned(),
                ..LinkRow::unresolved(&one.id, LinkState::ProviderGone, "provider_gone")
            });
            ended.extend(one.hubspot_id.as_ref().or(found).cloned());
        }
        let inside = members::admitted(slice, work, ended.iter().map(String::as_str)).await?;
        ended.retain(|id| inside.contains(id));
        tell(slice, work, &ended).await?;
        commit(slice, name, page).await?;
        let ids: Vec<&str> = asked.iter().map(|one| one.id.as_str()).collect();
        slice
            .store
            .forget_missing(slice.connection, object, Some(&ids))
            .await?;
    }
}

/// HubSpot's records, by provider id, that were written and never linked: nobody heard of the write's end before the
/// provider's record was gone.
async fn unheard_of<P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    gone: &[&Missing],
) -> Result<HashMap<String, String>> {
    let ids: Vec<String> = gone
        .iter()
        .filter(|one| one.begun && one.hubspot_id.is_none())
        .map(|one| one.id.clone())
        .collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let object = work.object;
    let mut found: HashMap<String, String> = slice
        .hubspot
        .batch_read(
            &object.hubspot_object,
            &work.plan,
            &work.properties,
            Some(&object.id_property),
            &ids,
        )
        .await?
        .into_iter()
        .filter_map(|record| Some((record.source_id?, record.id)))
        .collect();
    let there: Vec<&str> = found.values().map(String::as_str).collect();
    let owners = slice
        .store
        .owners(&slice.connection.id, &object.name, &there)
        .await?;
    found.retain(|_, id| !owners.contains_key(id));
    Ok(found)
}

/// Marks HubSpot's records, or archives them. What HubSpot refuses is gone there too.
async fn tell<P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    hubspot_ids: &[String],
) -> Result<()> {
    let object = &work.object.hubspot_object;
    if hubspot_ids.is_empty() {
        return Ok(());
    }
    if work.on_delete == OnDelete::Archive {
        return slice.hubspot.batch_archive(object, hubspot_ids).await;
    }
    let inputs: Vec<WriteInput> = hubspot_ids
        .iter()
        .map(|id| WriteInput {
            id: Some(id.clone()),
            id_property: None,
            trace: id.clone(),
            properties: vec![(STATUS.to_owned(), "source_deleted".to_owned())],
        })
        .collect();
    slice
        .hubspot
        .batch_write(object, &work.plan, Write::Update, &inputs)
        .await?;
    Ok(())
}

async fn commit<P: Ports>(slice: &Slice<'_, P>, name: &str, page: PageCommit) -> Result<()> {
    slice
        .commit(name, page, Phase::Settle, &Position::default())
        .await
}

#[cfg(test)]
mod tests {
    use super::spans;

    fn holds(after: &str, up_to: Option<&str>, id: &str) -> bool {
        spans(after, up_to)
            .iter()
            .any(|(from, to)| from.len() == id.len() && from.as_str() < id && id <= to.as_str())
    }

    /// Spans of texts hold the same numbers as the span of numbers.
    #[test]
    fn spans_are_those_of_numbers() {
        let ids = [1_u64, 2, 9, 10, 11, 99, 100, 101, 998, 1_000, 123_456];
        for after in ids {
            for up_to in ids.iter().filter(|up_to| **up_to >= after) {
                for id in ids {
                    let (from, to) = (after.to_string(), up_to.to_string());
                    let expected = after < id && id <= *up_to;
                    let found = holds(&from, Some(&to), &id.to_string());
                    assert_eq!(found, expected, "{id} in ({after}, {up_to}]");
                    assert_eq!(holds(&from, None, &id.to_string()), after < id);
                }
            }
        }
        assert!(holds("0", None, "1"));
    }
}
