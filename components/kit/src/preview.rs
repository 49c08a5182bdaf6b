//! What a run would do on either side, worked out as the run does and written nowhere: for a person who is about to switch
//! something on.
//!
//! One page of one object each way, read live on both sides. It is a look, not a promise: people go on working meanwhile.

mod back;
mod forth;

use std::collections::{HashMap, HashSet};

use crate::core::catalog;
use crate::core::mapping::{self, FieldTimes, HubspotRecord, MappedRecord, PageError};
use crate::core::reconciling::{self, Decision};
use crate::engine::compare::{disputed, fingerprints};
use crate::error::{Error, Result, Side};
use crate::hubspot::HubSpot;
use crate::live::Live;
use crate::ports::Ports;
use crate::provider::Provider;
use crate::store::Store;
use crate::store::links::{Link, LinkState};
use crate::store::members::NOT_LISTED;

/// What would become of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It is new in HubSpot.
    Created,
    /// It is linked to this HubSpot record.
    Linked(String),
    /// These properties of this HubSpot record take its values.
    Updated(String, Vec<String>),
    /// HubSpot's values of these properties go to the provider.
    Sent(String, Vec<String>),
    /// HubSpot alone has it: it is made at the provider.
    Made(String),
    /// There is nothing to do.
    Unchanged,
    /// It waits for a person, for this reason.
    Waits(String),
    /// It is left out, for this reason.
    Skipped(String),
}

/// A record of the provider's, or one that HubSpot alone has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// Provider id; HubSpot's behind `hubspot/` where there is none.
    pub id: String,
    /// Its mapped values, by property.
    pub values: Vec<(String, Option<String>)>,
    /// What would become of it.
    pub fate: Fate,
}

/// A page of what a run would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// In the provider's order, then what goes the other way in HubSpot's.
    pub records: Vec<Planned>,
    /// The run would read more than this page.
    pub more: bool,
    /// HubSpot has more records to compare names with than were looked at.
    pub rough: bool,
}

/// One object, and how it is mapped by the settings that are stored.
struct Work<'a, P> {
    hubspot: HubSpot<'a, P>,
    object: &'a catalog::Object,
    plan: mapping::Plan,
    properties: Vec<String>,
    fields: Vec<reconciling::Field>,
    /// Some of them travel to the provider.
    back: bool,
    strategy: reconciling::Strategy,
    /// Properties that every new record gets.
    constants: Vec<String>,
    /// Records that HubSpot alone has are made at the provider.
    creates: bool,
    /// Changes whenever records must be mapped anew.
    version: String,
    /// The list whose members alone sync.
    list: Option<String>,
    /// HubSpot has the properties that a first run gives it: before, no record can carry a provider's id.
    provisioned: bool,
}

/// Works out the first page of the next run over an object.
///
/// # Errors
/// Where a side does not answer.
pub async fn preview<P: Ports>(ports: &P, live: &Live<'_, P>, name: &str) -> Result<Preview> {
    let store = Store::new(ports);
    let work = work(live, name).await?;
    let states = store.streams(&live.held.id).await?;
    let known = states
        .get(name)
        .filter(|state| state.version.as_deref() == Some(&work.version));
    let since = known.and_then(|state| state.watermark);

    let extra = Live::<P>::extra_paths(&work.plan);
    let provider = live.provider().await?;
    let raw = provider.page(name, &extra, since, None).await?;
    let page = mapping::map_page(&work.plan, &raw.body).map_err(unreadable)?;
    if !reachable(&work).await? {
        let skip = |record| planned(&work, record, Fate::Skipped("list_gone".to_owned()));
        return Ok(Preview {
            records: page.records.into_iter().map(skip).collect(),
            more: page.cursor.is_some(),
            rough: false,
        });
    }
    let ids: Vec<&str> = page
        .records
        .iter()
        .map(|record| record.id.as_str())
        .collect();
    let links = store.links(&live.held.id, name, &ids).await?;

    let mut fates: HashMap<String, Fate> = HashMap::new();
    let (mut new, mut linked) = (Vec::new(), Vec::new());
    for record in &page.records {
        match links.get(&record.id) {
            Some(link) if matches!(link.state, LinkState::HubSpotGone | LinkState::Unlinked) => {
                let reason = link
                    .reason
                    .clone()
                    .unwrap_or_else(|| "hubspot_gone".to_owned());
                fates.insert(record.id.clone(), Fate::Skipped(reason));
            }
            Some(link) => match &link.hubspot_id {
                Some(hubspot) => linked.push((record, link, hubspot.as_str())),
                None => new.push(record),
            },
            None => new.push(record),
        }
    }
    let ids = linked.iter().map(|(_, _, id)| *id);
    let inside = admitted(&work, ids).await?;
    for (record, _, _) in linked.extract_if(.., |(_, _, id)| !inside.contains(*id)) {
        fates.insert(record.id.clone(), Fate::Skipped(NOT_LISTED.to_owned()));
    }
    forth::compared(&work, &provider, &linked, &mut fates).await?;
    let rough = forth::matched(&store, &live.held.id, &work, new, &mut fates).await?;
    let mut records: Vec<Planned> = page
        .records
        .into_iter()
        .filter_map(|record| {
            let fate = fates.remove(&record.id)?;
            Some(planned(&work, record, fate))
        })
        .collect();
    let (returning, more) = back::work_out(ports, live, &store, &work, &provider, &states).await?;
    // What goes both ways at once is told of by the way that is not expected.
    let told = |record: &Planned| returning.iter().any(|other| other.id == record.id);
    records.retain(|record| record.fate != Fate::Unchanged || !told(record));
    records.extend(returning);
    Ok(Preview {
        records,
        more: more || page.cursor.is_some(),
        rough,
    })
}

/// Whether there is a list of this object's records, where one is chosen.
async fn reachable<P: Ports>(work: &Work<'_, P>) -> Result<bool> {
    let Some(list) = &work.list else {
        return Ok(true);
    };
    let kind = work.hubspot.list_type(list).await?;
    Ok(kind.as_ref() == Some(&work.object.hubspot_type_id))
}

/// Of these HubSpot ids, those that may come in, by what HubSpot says now.
async fn admitted<'i, P: Ports>(
    work: &Work<'_, P>,
    ids: impl Iterator<Item = &'i str>,
) -> Result<HashSet<String>> {
    let ids: HashSet<String> = ids.map(str::to_owned).collect();
    let Some(list) = &work.list else {
        return Ok(ids);
    };
    let ids: Vec<String> = ids.into_iter().collect();
    work.hubspot
        .in_list(list, &work.object.hubspot_type_id, &ids)
        .await
}

async fn work<'l, P: Ports>(live: &'l Live<'_, P>, name: &str) -> Result<Work<'l, P>> {
    let object = live.object(name)?;
    let plan = live.plan(name, None)?;
    let settings = live.settings().object(name);
    let summary = mapping::describe_plan(&plan).map_err(Error::Config)?;
    let fields = settings.fields(summary.fields);
    let provisioned = live.held.provisioned.as_ref();
    let constants = provisioned.iter().flat_map(|given| &given.constants);
    Ok(Work {
        hubspot: live.hubspot().await?,
        object,
        plan,
        properties: summary.properties,
        back: settings.travels_back(&fields),
        fields,
        strategy: settings.strategy(&live.connector).into(),
        creates: settings.create && object.creatable,
        version: summary.version,
        list: settings.inclusion_list,
        constants: constants
            .filter(|(object, _, _)| object == name)
            .map(|(_, property, _)| property.clone())
            .collect(),
        provisioned: provisioned.is_some(),
    })
}

/// Both sides of a link, as far as they are known.
fn pair<P: Ports>(
    work: &Work<'_, P>,
    provider: &Provider<'_, P>,
    record: &MappedRecord,
    link: &Link,
    hubspot: Option<&HubspotRecord>,
) -> reconciling::Pair {
    reconciling::Pair {
        base: link.base.clone(),
        begun: link.begun.clone(),
        provider: fingerprints(record),
        hubspot: hubspot.map(|there| there.fields.clone()),
        hubspot_follows: !work.back,
        provider_changed_at: record.updated_at.map(|at| provider.by_our_clock(at)),
        hubspot_changed_at: Vec::new(),
        hubspot_written_at: None,
    }
}

/// A link with both its sides.
type Both<'r> = (&'r MappedRecord, &'r Link, &'r HubspotRecord);

/// What the run would decide of links, with the times of HubSpot's changes where they decide.
async fn decided<P: Ports>(
    work: &Work<'_, P>,
    provider: &Provider<'_, P>,
    both: &[Both<'_>],
) -> Result<Vec<Decision>> {
    let mut pairs: Vec<_> = both
        .iter()
        .map(|(record, link, there)| pair(work, provider, record, link, Some(there)))
        .collect();
    let decisions = reconciling::reconcile(&work.fields, work.strategy, &pairs);
    let mut properties: Vec<String> = decisions
        .iter()
        .flat_map(|decision| disputed(&work.fields, work.strategy, decision))
        .map(str::to_owned)
        .collect();
    properties.sort();
    properties.dedup();
    if properties.is_empty() {
        return Ok(decisions);
    }
    let ids: Vec<String> = both.iter().map(|(_, _, there)| there.id.clone()).collect();
    let object = &work.object.hubspot_object;
    let history = work
        .hubspot
        .history(object, &work.plan, &properties, &ids)
        .await?;
    let mut history: HashMap<String, FieldTimes> = history
        .into_iter()
        .map(|record| (record.id.clone(), record))
        .collect();
    for ((_, _, there), pair) in both.iter().zip(&mut pairs) {
        if let Some(times) = history.remove(&there.id) {
            pair.hubspot_changed_at = times.times;
            pair.hubspot_written_at = times.written_at;
        }
    }
    Ok(reconciling::reconcile(&work.fields, work.strategy, &pairs))
}

fn unreadable(error: PageError) -> Error {
    Error::Answer {
        side: Side::Provider,
        error,
    }
}

fn planned<P>(work: &Work<'_, P>, record: MappedRecord, fate: Fate) -> Planned {
    let properties = work.fields.iter().map(|field| field.property.clone());
    let values = record.fields.into_iter().map(|field| field.value);
    Planned {
        id: record.id,
        values: properties.zip(values).collect(),
        fate,
    }
}
