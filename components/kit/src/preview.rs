//! What a run would do on either side, worked out as the run does and written nowhere: for a person who is about to switch
//! something on.
//!
//! One page of one object each way, read live on both sides. It is a look, not a promise: people go on working meanwhile.

mod back;

use std::collections::{HashMap, HashSet};

use crate::core::mapping::{self, MappedRecord};
use crate::core::{catalog, reconciling};
use crate::engine::candidates::{Candidates, by_unique_property, in_index, keep};
use crate::engine::required::missing_required;
use crate::engine::settle::{self, Decisions};
use crate::error::{Error, Result, Side};
use crate::hubspot::HubSpot;
use crate::hubspot::search::{PAGE, Search};
use crate::live::Live;
use crate::ports::Ports;
use crate::store::Store;
use crate::store::index::{IndexEntry, OpenClaims};
use crate::store::links::{Link, LinkState};
use crate::store::members::NOT_LISTED;

/// Pages of HubSpot's unlinked records that are compared by name; where there are more, a record may be said to be
/// created that would be linked.
const INDEX_PAGES: usize = 5;

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
    let raw = live
        .provider()
        .await?
        .page(name, &extra, since, None)
        .await?;
    let page = mapping::map_page(&work.plan, &raw.body).map_err(|error| Error::Answer {
        side: Side::Provider,
        error,
    })?;
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
    compared(&work, &linked, &mut fates).await?;
    let rough = matched(&store, &live.held.id, &work, new, &mut fates).await?;
    let mut records: Vec<Planned> = page
        .records
        .into_iter()
        .filter_map(|record| {
            let fate = fates.remove(&record.id)?;
            Some(planned(&work, record, fate))
        })
        .collect();
    let (returning, more) = back::work_out(ports, live, &store, &work, &states).await?;
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

/// Records with a link: what differs from what is remembered would be written.
async fn compared<P: Ports>(
    work: &Work<'_, P>,
    linked: &[(&MappedRecord, &Link, &str)],
    fates: &mut HashMap<String, Fate>,
) -> Result<()> {
    let pair = |record: &MappedRecord, link: &Link, hubspot| reconciling::Pair {
        base: link.base.clone(),
        begun: link.begun.clone(),
        provider: record
            .fields
            .iter()
            .map(|field| field.fingerprint)
            .collect(),
        hubspot,
        hubspot_follows: !work.back,
        provider_changed_at: record.updated_at,
        hubspot_changed_at: Vec::new(),
    };
    let pairs: Vec<_> = linked
        .iter()
        .map(|(record, link, _)| pair(record, link, None))
        .collect();
    let decisions = reconciling::reconcile(&work.fields, work.strategy, &pairs);
    let mut changed = Vec::new();
    for (known, decision) in linked.iter().zip(decisions) {
        match decision.to_hubspot.is_empty() {
            true => {
                fates.insert(known.0.id.clone(), Fate::Unchanged);
            }
            false => changed.push(known),
        }
    }
    if changed.is_empty() {
        return Ok(());
    }
    let ids: Vec<String> = changed.iter().map(|(_, _, id)| (*id).to_owned()).collect();
    let found = work
        .hubspot
        .batch_read(
            &work.object.hubspot_object,
            &work.plan,
            &work.properties,
            None,
            &ids,
        )
        .await?;
    let found: HashMap<&str, _> = found
        .iter()
        .map(|there| (there.id.as_str(), there))
        .collect();
    for (record, link, id) in changed {
        let fate = match found.get(id) {
            None => Fate::Skipped("hubspot_gone".to_owned()),
            Some(there) => {
                let pair = pair(record, link, Some(there.fields.clone()));
                let decisions = reconciling::reconcile(&work.fields, work.strategy, &[pair]);
                let written = decisions
                    .into_iter()
                    .flat_map(|decision| decision.to_hubspot);
                let named = |at: u32| Some(work.fields.get(at as usize)?.property.clone());
                match written.filter_map(named).collect::<Vec<_>>() {
                    none if none.is_empty() => Fate::Unchanged,
                    properties => Fate::Updated((*id).to_owned(), properties),
                }
            }
        };
        fates.insert(record.id.clone(), fate);
    }
    Ok(())
}

/// Records without a link: matched tier by tier, and created where nobody is the same. True where not all of HubSpot's
/// records were compared.
async fn matched<P: Ports>(
    store: &Store<'_, P>,
    connection: &str,
    work: &Work<'_, P>,
    mut new: Vec<&MappedRecord>,
    fates: &mut HashMap<String, Fate>,
) -> Result<bool> {
    if new.is_empty() {
        return Ok(false);
    }
    let object = work.object;
    if work.provisioned {
        let ids: Vec<String> = new.iter().map(|record| record.id.clone()).collect();
        let by_sync_id = work
            .hubspot
            .batch_read(
                &object.hubspot_object,
                &work.plan,
                &work.properties,
                Some(&object.id_property),
                &ids,
            )
            .await?;
        let inside = admitted(work, by_sync_id.iter().map(|there| there.id.as_str())).await?;
        for there in by_sync_id {
            if let Some(source) = there.source_id {
                let fate = match inside.contains(&there.id) {
                    true => Fate::Linked(there.id),
                    false => Fate::Skipped(NOT_LISTED.to_owned()),
                };
                fates.insert(source, fate);
            }
        }
    }
    new.retain(|record| !fates.contains_key(&record.id));
    let (mut index, mut rough) = (None, false);
    for tier in &object.tiers {
        let mut candidates = match tier.lookup {
            catalog::Lookup::UniqueProperty => {
                let read = (object, &work.plan, work.properties.as_slice());
                by_unique_property(&work.hubspot, read, tier, &new).await?
            }
            catalog::Lookup::Index => {
                if index.is_none() && !new.is_empty() {
                    let (entries, more) = unlinked(work).await?;
                    (index, rough) = (Some(entries), more);
                }
                in_index(tier, &new, index.clone().unwrap_or_default())
            }
        };
        let found = candidates.values().flatten().map(String::as_str);
        let inside = admitted(work, found).await?;
        keep(&mut candidates, &inside);
        let decisions = decide(store, connection, object, tier, &candidates).await?;
        for (source, hubspot) in decisions.resolved {
            if let Some(hubspot) = hubspot {
                fates.insert(source, Fate::Linked(hubspot));
            }
        }
        for (source, reason) in decisions.ambiguous {
            fates.insert(source, Fate::Waits(reason.to_owned()));
        }
        new.retain(|record| !fates.contains_key(&record.id));
    }
    for record in new {
        let constant = |property: &str| work.constants.iter().any(|known| known == property);
        let fate = match missing_required(object, constant, &work.fields, record) {
            _ if work.list.is_some() => Fate::Skipped(NOT_LISTED.to_owned()),
            None => Fate::Created,
            Some(_) => Fate::Skipped("required_missing".to_owned()),
        };
        fates.insert(record.id.clone(), fate);
    }
    Ok(rough)
}

/// Exactly one on both sides, as the engine has it.
async fn decide<P: Ports>(
    store: &Store<'_, P>,
    connection: &str,
    object: &catalog::Object,
    tier: &catalog::Tier,
    candidates: &Candidates,
) -> Result<Decisions> {
    let hubspot: HashSet<&str> = candidates.values().flatten().map(String::as_str).collect();
    let hubspot: Vec<&str> = hubspot.into_iter().collect();
    let owners = store.owners(connection, &object.name, &hubspot).await?;
    let claims = candidates.iter().flat_map(|(source, found)| {
        found.iter().map(|candidate| crate::core::matching::Claim {
            source: source.clone(),
            candidate: candidate.clone(),
        })
    });
    let open = OpenClaims {
        sources: candidates.keys().cloned().collect(),
        claims: claims.collect(),
        linked: owners.into_keys().collect(),
    };
    Ok(settle::decide(tier, open))
}

/// HubSpot's records that are nobody's yet, by their keys; and whether there are more.
async fn unlinked<P: Ports>(work: &Work<'_, P>) -> Result<(Vec<IndexEntry>, bool)> {
    let tiers = work
        .object
        .tiers
        .iter()
        .flat_map(|tier| tier.properties.clone());
    let mut properties: Vec<String> = tiers.collect();
    properties.sort();
    properties.dedup();
    let mut entries = Vec::new();
    let mut after: Option<String> = None;
    for _ in 0..INDEX_PAGES {
        let search = Search {
            object: &work.object.hubspot_object,
            properties: &properties,
            linked: match work.provisioned {
                true => Some((&work.object.id_property, false)),
                // Every record has this one.
                false => Some(("hs_object_id", true)),
            },
            lacking: None,
            after: after.as_deref(),
            changed: None,
        };
        let (page, _) = work.hubspot.search(&work.plan, &search).await?;
        let read = page.records.len();
        for record in page.records {
            let keys = record.keys.iter();
            entries.extend(keys.map(|key| IndexEntry::of(&record, key)));
            after = Some(record.id);
        }
        if read < PAGE {
            return Ok((entries, false));
        }
    }
    Ok((entries, true))
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
