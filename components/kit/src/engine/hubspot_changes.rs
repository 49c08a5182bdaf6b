//! HubSpot's side of an object: what people changed there since the last run.
//!
//! A search tells which records changed within a fixed window, in the order of their ids; as its index lags, it tells
//! no more than that. What looks changed is read anew, merged with the provider's side, and written.

use super::back::{self, Behind};
use super::companions::{self, Companions};
use super::object_work::ObjectWork;
use super::retries;
use super::slice::Slice;
use crate::core::mapping::{HubspotPage, HubspotRecord};
use crate::core::reconciling;
use crate::error::Result;
use crate::hubspot::search::{PAGE, Search};
use crate::ports::Ports;
use crate::store::links::{HUBSPOT_MOVED, LinkState};
use crate::store::page::{LinkRow, PageCommit, Position};
use crate::store::streams::{Phase, StreamState};

/// What a watermark lies before the time of its search: HubSpot's index lags by up to about 30 s.
pub(super) const OVERLAP_MILLIS: i64 = 120_000;
/// Links merged between two commits: each may need a call of its own to the provider.
const CHUNK: usize = 50;

/// Walks HubSpot's changes to their end, then tries again what failed before. The changes are those of linked records, or of
/// their companions.
pub(super) async fn walk<P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    companions: Option<&Companions<'_>>,
    name: &str,
    version: &str,
    mut state: StreamState,
) -> Result<()> {
    while state.phase == Phase::Walk {
        slice.budget.step(slice.ports)?;
        one(slice, work, companions, name, &mut state).await?;
    }
    retries::again(slice, work, name).await?;
    slice
        .store
        .finish_walk(slice.connection, name, version)
        .await
}

/// One page of the search.
async fn one<P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    companions: Option<&Companions<'_>>,
    name: &str,
    state: &mut StreamState,
) -> Result<()> {
    let (search, modified_property) = search(work, companions);
    let found = page(slice, work, search, modified_property, state).await?;
    let last = found.records.last().map(|record| record.id.clone());
    let read = found.records.len();

    let records = match companions {
        #[cfg(companions)]
        Some(companions) => companions::taking(slice, work, companions, &found.records).await?,
        _ => found.records,
    };
    let mut page = PageCommit::default();
    let behind = changed(slice, work, records, &mut page).await?;
    let ids: Vec<String> = behind.iter().map(|one| one.hubspot_id.clone()).collect();
    let fresh = companions::read(slice, work, &ids).await?;
    page.counts.read = read as i64;
    page.counts.unchanged = read.saturating_sub(behind.len()) as i64;
    let mut rest = behind.into_iter().peekable();
    while rest.peek().is_some() {
        let chunk: Vec<Behind> = rest.by_ref().take(CHUNK).collect();
        // Of companions the page as a whole is repeated, where nothing is left to do for what is done.
        let here = chunk.last().filter(|_| companions.is_none());
        let here = here.map(|one| one.hubspot_id.clone());
        if let Some(error) = back::merge(slice, work, chunk, &fresh, &mut page).await? {
            // Who was read is read again.
            page.counts.read = 0;
            page.counts.unchanged = 0;
            commit(slice, name, page, None, state).await?;
            return Err(error);
        }
        if rest.peek().is_some() {
            commit(slice, name, std::mem::take(&mut page), here, state).await?;
            slice.budget.step(slice.ports)?;
        }
    }
    if read < PAGE {
        state.phase = Phase::Settle;
    }
    commit(slice, name, page, last, state).await
}

/// What a walk over changes searches for, and the property with the time of change.
fn search<'s>(
    work: &'s ObjectWork<'_>,
    companions: Option<&'s Companions<'_>>,
) -> (Search<'s>, &'s str) {
    let object = work.object;
    let linked = Search {
        object: &object.hubspot_object,
        properties: &work.properties,
        linked: Some((&object.id_property, true)),
        lacking: None,
        after: None,
        changed: None,
    };
    match companions {
        None => (linked, &object.modified_property),
        Some(Companions { declared, .. }) => {
            let companions = Search {
                object: &declared.hubspot_object,
                properties: &[],
                linked: None,
                ..linked
            };
            (companions, &declared.modified_property)
        }
    }
}

/// The next page of what changed in a walk's window of time, whose end is set by the first search.
pub(super) async fn page<P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    search: Search<'_>,
    modified_property: &str,
    state: &mut StreamState,
) -> Result<HubspotPage> {
    let until = match state.next_watermark {
        Some(watermark) => watermark + OVERLAP_MILLIS,
        None => slice.ports.now(),
    };
    let search = Search {
        after: state.cursor.as_deref(),
        changed: state
            .since
            .map(|since| (modified_property, since, Some(until))),
        ..search
    };
    let (found, at) = slice.hubspot.search(&work.plan, &search).await?;
    let watermark = until.min(at.unwrap_or(until)) - OVERLAP_MILLIS;
    state.next_watermark.get_or_insert(watermark);
    Ok(found)
}

/// Commits what is done up to a record.
async fn commit<P: Ports>(
    slice: &Slice<'_, P>,
    name: &str,
    page: PageCommit,
    up_to: Option<String>,
    state: &mut StreamState,
) -> Result<()> {
    if up_to.is_some() {
        state.cursor = up_to;
    }
    let position = Position {
        cursor: state.cursor.clone(),
        last_id: None,
        next_watermark: state.next_watermark,
    };
    slice.commit(name, page, state.phase, &position).await
}

/// Of records that HubSpot says changed, those that hold something we do not remember, in their order. A record that has the
/// sync id of a link and is not the linked one may be what that was merged into: the link is looked at anew.
async fn changed<P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    records: Vec<HubspotRecord>,
    page: &mut PageCommit,
) -> Result<Vec<Behind>> {
    let ids: Vec<&str> = records.iter().map(|record| record.id.as_str()).collect();
    let mut links = slice
        .store
        .links_by_hubspot(&slice.connection.id, &work.object.name, &ids)
        .await?;
    let strays: Vec<&str> = records
        .iter()
        .filter(|record| !links.contains_key(&record.id))
        .filter_map(|record| record.source_id.as_deref())
        .collect();
    if !strays.is_empty() {
        let elsewhere = slice
            .store
            .links(&slice.connection.id, &work.object.name, &strays)
            .await?;
        let moved = elsewhere
            .iter()
            .filter(|(_, link)| link.state == LinkState::Active && link.hubspot_id.is_some());
        page.links.extend(moved.map(|(id, _)| LinkRow {
            retry_at: Some(slice.ports.now()),
            ..LinkRow::unresolved(id, LinkState::Failed, HUBSPOT_MOVED)
        }));
    }
    let linked: Vec<(Behind, _)> = records
        .into_iter()
        .filter_map(|record| {
            let (provider_id, link) = links.remove(&record.id)?;
            let side = (link.base.clone(), record.fields);
            let behind = Behind {
                provider_id,
                hubspot_id: record.id,
                link,
            };
            (behind.link.state.is_live() && !work.rests(&behind.link)).then_some((behind, side))
        })
        .collect();
    let (behind, sides): (Vec<Behind>, Vec<_>) = linked.into_iter().unzip();
    let touched = reconciling::touched(&work.fields, &sides);
    Ok(behind
        .into_iter()
        .zip(touched)
        .filter_map(|(one, touched)| touched.then_some(one))
        .collect())
}
