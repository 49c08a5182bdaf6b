//! The way back: what only HubSpot holds is written to the provider, one record a call, in the version that was read.

use std::collections::HashMap;

use super::begun;
use super::companions;
use super::compare::{self, Sides};
use super::object_work::ObjectWork;
use super::pages;
use super::slice::Slice;
use super::survivors::{self, Lost};
use super::writes::{Kind, Pending, Writes};
use crate::core::mapping::{self, HubspotRecord, MappedRecord, ProviderRequest, ProviderWrite};
use crate::core::reconciling::{Decision, Direction};
use crate::error::{Class, Error, Result, Side};
use crate::ports::Ports;
use crate::store::links::Link;
use crate::store::page::{ErrorRow, PageCommit};

/// How often a record is read and merged anew because somebody changed it in between.
const TRIES: usize = 3;

/// The core's word for a value that is none of the provider's.
const UNKNOWN_OPTION: &str = "unknown_option";

/// A link whose HubSpot side may hold what the provider's does not.
pub(super) struct Behind {
    pub provider_id: String,
    pub hubspot_id: String,
    pub link: Link,
}

/// What became of one link.
struct Brought {
    record: MappedRecord,
    decision: Decision,
    /// Indices of what the provider did not take.
    held: Vec<u32>,
    trouble: Option<String>,
    /// Whether the provider's record was changed.
    sent: bool,
}

/// Brings links in step, both ways; adds what to commit to the page. `counts.updated` counts the provider's records. What
/// ends the slice comes back where some were brought before: that stands.
pub(super) async fn bring<P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    behind: Vec<Behind>,
    page: &mut PageCommit,
) -> Result<Option<Error>> {
    if behind.is_empty() {
        return Ok(None);
    }
    let ids: Vec<String> = behind.iter().map(|one| one.hubspot_id.clone()).collect();
    let found = companions::read(slice, work, &ids).await?;
    merge(slice, work, behind, &found, page).await
}

/// The same, with HubSpot's side read already, its values included.
pub(super) async fn merge<P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    behind: Vec<Behind>,
    found: &HashMap<String, HubspotRecord>,
    page: &mut PageCommit,
) -> Result<Option<Error>> {
    let (mut behind, mut moved): (Vec<Behind>, Vec<Behind>) = behind
        .into_iter()
        .partition(|one| found.contains_key(&one.hubspot_id));
    let mut heirs = HashMap::new();
    if !moved.is_empty() {
        let lost: Vec<Lost> = moved
            .iter()
            .map(|one| Lost {
                provider_id: one.provider_id.clone(),
                hubspot_id: one.hubspot_id.clone(),
            })
            .collect();
        let survivors = survivors::find(slice, work, &lost).await?;
        page.links.extend(survivors.ended);
        for one in &mut moved {
            if let Some(heir) = survivors.found.get(&one.provider_id) {
                // Compared like a new match: what is remembered is of another record.
                one.link.base = None;
                one.link.begun = None;
                one.hubspot_id.clone_from(&heir.id);
                heirs.insert(heir.id.clone(), heir.clone());
            }
        }
        moved.retain(|one| heirs.contains_key(&one.hubspot_id));
        behind.extend(moved);
    }
    if behind.is_empty() {
        return Ok(None);
    }
    let found = |id: &str| found.get(id).or_else(|| heirs.get(id));
    let mut brought = HashMap::new();
    let ended = provider_side(slice, work, &behind, &found, page, &mut brought)
        .await
        .err();
    let mut writes = Writes::default();
    let mut links = HashMap::new();
    for one in behind {
        let (Some(brought), Some(hubspot)) =
            (brought.get(&one.provider_id), found(&one.hubspot_id))
        else {
            continue;
        };
        page.counts.updated += i64::from(brought.sent);
        let pending = Pending {
            hubspot_id: Some(one.hubspot_id),
            base: one.link.base.clone(),
            begun: one.link.begun.clone(),
            hubspot: Some(hubspot.clone()),
            fields: brought.decision.to_hubspot.clone(),
            held: brought.held.clone(),
            trouble: brought.trouble.clone(),
            sent: brought.sent,
            ..Pending::new(
                &brought.record,
                if one.link.base.is_none() {
                    Kind::Linked
                } else {
                    Kind::Answered
                },
            )
        };
        // A new link writes the sync id, whatever else there is to write.
        if pending.fields.is_empty() && pending.kind == Kind::Answered {
            writes.settled.push(pending);
        } else {
            writes.updates.push(pending);
        }
        links.insert(one.provider_id, one.link);
    }
    match ended {
        None => writes.perform(slice, work, &links, page).await,
        Some(error) => writes.abandon(slice, work, &links, page, error).await,
    }
}

/// Reads the provider's side, decides, and writes to it. A record that it does not show is left out. What is done is done
/// also where an error ends it.
async fn provider_side<'h, P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    behind: &[Behind],
    found: &impl Fn(&str) -> Option<&'h HubspotRecord>,
    page: &mut PageCommit,
    done: &mut HashMap<String, Brought>,
) -> Result<()> {
    let mut open: Vec<&Behind> = behind.iter().collect();
    for last in [false, false, true].into_iter().take(TRIES) {
        if open.is_empty() {
            break;
        }
        let ids: Vec<String> = open.iter().map(|one| one.provider_id.clone()).collect();
        let raw = slice
            .provider
            .by_ids(&work.object.name, &work.write_paths, &ids)
            .await?;
        let mut records: HashMap<String, MappedRecord> = pages::map(work, &raw)?
            .records
            .into_iter()
            .map(|record| (record.id.clone(), record))
            .collect();
        open.retain(|one| records.contains_key(&one.provider_id));
        let sides: Vec<Sides<'_>> = open
            .iter()
            .filter_map(|one| {
                Some(Sides {
                    record: records.get(&one.provider_id)?,
                    base: one.link.base.clone(),
                    begun: one.link.begun.clone(),
                    hubspot: found(&one.hubspot_id),
                })
            })
            .collect();
        let decisions = compare::decide(slice, work, &sides).await?;
        begun::to_provider(slice, work, &sides, &decisions).await?;
        let mut overtaken = Vec::new();
        for (one, decision) in std::mem::take(&mut open).into_iter().zip(decisions) {
            let (Some(record), Some(hubspot)) =
                (records.remove(&one.provider_id), found(&one.hubspot_id))
            else {
                continue;
            };
            let mut brought = Brought {
                record,
                held: Vec::new(),
                trouble: None,
                sent: false,
                decision,
            };
            match send(slice, work, &raw.body, hubspot, &mut brought, page).await {
                Ok(()) => {}
                // Somebody was faster: what they wrote is read, and merged.
                Err(Error::Api {
                    side: Side::Provider,
                    status: 412,
                    ..
                }) if !last => {
                    overtaken.push(one);
                    continue;
                }
                Err(Error::Api {
                    side: Side::Provider,
                    class: Class::Invalid,
                    code,
                    ..
                }) => refuse(page, &mut brought, &code),
                Err(error) => return Err(error),
            }
            done.insert(one.provider_id.clone(), brought);
        }
        open = overtaken;
    }
    Ok(())
}

/// The provider did not take the record's changes: it fails alone.
fn refuse(page: &mut PageCommit, brought: &mut Brought, code: &str) {
    page.counts.failed += 1;
    page.errors.push(ErrorRow {
        id: brought.record.id.clone(),
        code: code.to_owned(),
        property: None,
    });
    brought.held.clone_from(&brought.decision.to_provider);
    brought.trouble = Some(code.to_owned());
}

/// Writes one record's fields; what comes back is what the provider holds now.
async fn send<P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    body: &[u8],
    hubspot: &HubspotRecord,
    brought: &mut Brought,
    page: &mut PageCommit,
) -> Result<()> {
    if brought.decision.to_provider.is_empty() {
        return Ok(());
    }
    let mut write = ProviderWrite {
        id: brought.record.id.clone(),
        changes: brought
            .decision
            .to_provider
            .iter()
            .filter_map(|at| Some((*at, hubspot.values.get(*at as usize)?.clone())))
            .collect(),
        found: Vec::new(),
    };
    let mut request = request(work, body, &write)?;
    if !request.lookups.is_empty() {
        for lookup in &request.lookups {
            let answer = slice.provider.look_up(lookup).await?;
            let id = mapping::read_lookup(&work.plan, lookup.field, &lookup.value, &answer.body)
                .map_err(unreadable)?;
            write.found.push((lookup.field, id.unwrap_or_default()));
        }
        request = self::request(work, body, &write)?;
    }
    for error in &request.errors {
        let at = (0..)
            .zip(&work.fields)
            .find(|(_, field)| field.property == error.property)
            .map(|(at, _): (u32, _)| at);
        if let Some(at) = at.filter(|at| gives_way(work, &brought.decision, *at, &error.code)) {
            brought.decision.to_provider.retain(|other| *other != at);
            brought.decision.to_hubspot.push(at);
            continue;
        }
        page.errors.push(ErrorRow {
            id: brought.record.id.clone(),
            code: error.code.clone(),
            property: Some(error.property.clone()),
        });
        brought.trouble = Some(error.code.clone());
        brought.held.extend(at);
    }
    page.counts.failed += i64::from(brought.trouble.is_some());
    if request.body.is_empty() {
        return Ok(());
    }
    let answer = slice.provider.change(&request).await?;
    brought.sent = true;
    let after = pages::map(work, &answer)?.records.into_iter().next();
    if let Some(record) = after.filter(|record| record.id == brought.record.id) {
        brought.record = record;
    }
    Ok(())
}

/// A value that the provider has no option for, such as a stage of another pipeline, gives way where the provider has one
/// of its own to offer.
fn gives_way(work: &ObjectWork<'_>, decision: &Decision, at: u32, code: &str) -> bool {
    let both = work
        .fields
        .get(at as usize)
        .is_some_and(|field| field.direction == Direction::Both);
    code == UNKNOWN_OPTION && both && decision.conflicts.contains(&at)
}

fn request(work: &ObjectWork<'_>, body: &[u8], write: &ProviderWrite) -> Result<ProviderRequest> {
    mapping::write_requests(&work.plan, body, std::slice::from_ref(write))
        .map_err(unreadable)?
        .into_iter()
        .next()
        .ok_or_else(|| unreadable(mapping::PageError::Unexpected("record".to_owned())))
}

fn unreadable(error: mapping::PageError) -> Error {
    Error::Answer {
        side: Side::Provider,
        error,
    }
}
