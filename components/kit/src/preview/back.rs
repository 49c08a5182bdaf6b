//! What would go from HubSpot to the provider: what people changed in linked records, and what HubSpot alone has.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{Both, Fate, Planned, Work, admitted, decided, planned, unreadable};
use crate::core::mapping::{self, HubspotPage, HubspotRecord, ProviderWrite};
use crate::core::reconciling::{self, Direction};
use crate::engine::ways;
use crate::error::Result;
use crate::hubspot::STATUS;
use crate::hubspot::search::{PAGE, Search};
use crate::live::Live;
use crate::ports::Ports;
use crate::provider::Provider;
use crate::store::Store;
use crate::store::links::Link;
use crate::store::streams::{StreamState, hubspot_side, new_in};

/// Records of each kind that are looked at closely.
const LOOKED: usize = 50;

/// In HubSpot's order; and whether there is more than was looked at.
pub(super) async fn work_out<P: Ports>(
    ports: &P,
    live: &Live<'_, P>,
    store: &Store<'_, P>,
    work: &Work<'_, P>,
    provider: &Provider<'_, P>,
    states: &BTreeMap<String, StreamState>,
) -> Result<(Vec<Planned>, bool)> {
    if !work.back || !work.provisioned {
        return Ok((Vec::new(), false));
    }
    let (mut records, mut more) = changed(ports, live, store, work, provider, states).await?;
    if work.creates {
        let (new, further) = new(ports, live, store, work, states).await?;
        records.extend(new);
        more |= further;
    }
    Ok((records, more))
}

/// The first page of a walk that the next run would make.
async fn page<P: Ports>(
    ports: &P,
    work: &Work<'_, P>,
    state: Option<&StreamState>,
    version: &str,
    linked: bool,
) -> Result<(HubspotPage, bool)> {
    let known = state.filter(|state| state.version.as_deref() == Some(version));
    let since = known.and_then(|state| state.watermark);
    let search = Search {
        object: &work.object.hubspot_object,
        properties: &work.properties,
        linked: Some((&work.object.id_property, linked)),
        lacking: (!linked).then_some(STATUS),
        after: None,
        changed: since.map(|since| {
            let modified = work.object.modified_property.as_str();
            (modified, since, Some(ports.now()))
        }),
    };
    let (found, _) = work.hubspot.search(&work.plan, &search).await?;
    let full = found.records.len() == PAGE;
    Ok((found, full))
}

/// Linked records that hold what the provider does not.
async fn changed<P: Ports>(
    ports: &P,
    live: &Live<'_, P>,
    store: &Store<'_, P>,
    work: &Work<'_, P>,
    provider: &Provider<'_, P>,
    states: &BTreeMap<String, StreamState>,
) -> Result<(Vec<Planned>, bool)> {
    let name = &work.object.name;
    let version = ways::version(&work.version, &work.fields);
    let state = states.get(&hubspot_side(name));
    let (found, mut more) = page(ports, work, state, &version, true).await?;
    let ids: Vec<&str> = found
        .records
        .iter()
        .map(|there| there.id.as_str())
        .collect();
    let mut links = store.links_by_hubspot(&live.held.id, name, &ids).await?;
    links.retain(|_, (_, link)| link.state.is_live());
    let inside = admitted(work, links.keys().map(String::as_str)).await?;
    let linked: Vec<(String, Link, HubspotRecord)> = found
        .records
        .into_iter()
        .filter(|there| inside.contains(&there.id))
        .filter_map(|there| {
            let (id, link) = links.remove(&there.id)?;
            Some((id, link, there))
        })
        .collect();
    let sides: Vec<_> = linked
        .iter()
        .map(|(_, link, there)| (link.base.clone(), there.fields.clone()))
        .collect();
    let touched = reconciling::touched(&work.fields, &sides);
    let mut linked: Vec<_> = linked
        .into_iter()
        .zip(touched)
        .filter_map(|(one, touched)| touched.then_some(one))
        .collect();
    more |= linked.len() > LOOKED;
    linked.truncate(LOOKED);
    if linked.is_empty() {
        return Ok((Vec::new(), more));
    }
    let ids: Vec<String> = linked.iter().map(|(id, _, _)| id.clone()).collect();
    let extra = Live::<P>::extra_paths(&work.plan);
    let raw = provider.by_ids(name, &extra, &ids).await?;
    let mut records: HashMap<String, _> = mapping::map_page(&work.plan, &raw.body)
        .map_err(unreadable)?
        .records
        .into_iter()
        .map(|record| (record.id.clone(), record))
        .collect();
    let both: Vec<_> = linked
        .into_iter()
        .filter_map(|(id, link, there)| Some((records.remove(&id)?, link, there)))
        .collect();
    let sides: Vec<Both<'_>> = both
        .iter()
        .map(|(record, link, there)| (record, link, there))
        .collect();
    let decisions = decided(work, provider, &sides).await?;
    let named = |at: &u32| Some(work.fields.get(*at as usize)?.property.clone());
    let records = both
        .into_iter()
        .zip(decisions)
        .filter_map(|(one, decision)| {
            let (record, _, there) = one;
            let properties: Vec<String> = decision.to_provider.iter().filter_map(named).collect();
            let sent = !properties.is_empty();
            sent.then(|| planned(work, record, Fate::Sent(there.id, properties)))
        });
    Ok((records.collect(), more))
}

/// What HubSpot alone has, and nobody may be who waits.
async fn new<P: Ports>(
    ports: &P,
    live: &Live<'_, P>,
    store: &Store<'_, P>,
    work: &Work<'_, P>,
    states: &BTreeMap<String, StreamState>,
) -> Result<(Vec<Planned>, bool)> {
    let name = &work.object.name;
    let version = ways::version_of_new(work.list.as_deref());
    let (found, mut more) = page(ports, work, states.get(&new_in(name)), version, false).await?;
    let ids: Vec<&str> = found
        .records
        .iter()
        .map(|there| there.id.as_str())
        .collect();
    let taken = store.spoken_for(&live.held.id, name, &ids).await?;
    let taken: HashSet<&str> = taken.iter().map(String::as_str).collect();
    let inside = admitted(work, ids.iter().copied()).await?;
    let mut free: Vec<String> = ids
        .into_iter()
        .filter(|id| !taken.contains(id) && inside.contains(*id))
        .map(str::to_owned)
        .collect();
    more |= free.len() > LOOKED;
    free.truncate(LOOKED);
    if free.is_empty() {
        return Ok((Vec::new(), more));
    }
    let object = &work.object.hubspot_object;
    let fresh = work
        .hubspot
        .batch_read_values(object, &work.plan, &work.properties, &free)
        .await?;
    let value = |there: &HubspotRecord, at: usize| {
        let value = there.values.get(at)?;
        Some(value.clone()).filter(|value| !value.is_empty())
    };
    let writes: Vec<ProviderWrite> = fresh
        .iter()
        .map(|there| ProviderWrite {
            id: there.id.clone(),
            changes: (0..)
                .zip(&work.fields)
                .filter(|(_, field)| field.direction != Direction::ToHubspot)
                .filter_map(|(at, _)| Some((at, value(there, at as usize)?)))
                .collect(),
            found: Vec::new(),
        })
        .collect();
    let requests = mapping::create_requests(&work.plan, &writes).map_err(unreadable)?;
    let planned = fresh.iter().zip(requests).map(|(there, request)| Planned {
        id: format!("hubspot/{}", there.id),
        values: work
            .fields
            .iter()
            .enumerate()
            .map(|(at, field)| (field.property.clone(), value(there, at)))
            .collect(),
        fate: match request.errors.into_iter().next() {
            Some(error) if request.body.is_empty() => Fate::Skipped(error.code),
            _ => Fate::Made(there.id.clone()),
        },
    });
    Ok((planned.collect(), more))
}
