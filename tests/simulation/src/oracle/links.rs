//! Every record linked exactly once, on both sides, to the record that it is.

use std::collections::{BTreeMap, BTreeSet};

use sync300_fakes::hubspot::{Record, Source};
use sync300_kit::ports::SqlValue;

use crate::people::People;
use crate::plan::Kind;
use crate::world::{Broken, Firm, World};

/// The property that names Clio's record.
pub(crate) const SOURCE: &str = "sync300_clio_id";

/// A row of the engine's table of links.
#[derive(Debug, Clone)]
pub(super) struct Link {
    pub hubspot: Option<u64>,
    pub state: String,
    pub reason: String,
    /// HubSpot records that it claims.
    pub claims: Vec<u64>,
}

impl Link {
    /// Before the door of its kind.
    pub fn waits_outside(&self) -> bool {
        (self.state.as_str(), self.reason.as_str()) == ("failed", "not_listed")
    }
}

/// Links by kind and Clio id.
pub(super) type Links = BTreeMap<(Kind, u64), Link>;

pub(super) fn load(world: &World, firm: &Firm) -> Result<Links, Broken> {
    let mut links = Links::new();
    let connection = firm.connection.borrow().clone();
    let rows = world.query(
        "SELECT object, provider_id, hubspot_id, state, coalesce (reason, ''), \
         (SELECT group_concat (c.hubspot_id) FROM claims c WHERE c.connection_id = l.connection_id \
          AND c.object = l.object AND c.provider_id = l.provider_id) FROM links l WHERE connection_id = ?1",
        &[connection.into()],
    )?;
    for row in rows {
        let text = |at: usize| match row.get(at) {
            Some(SqlValue::Text(text)) => text.clone(),
            _ => String::new(),
        };
        let Some(kind) = Kind::ALL.into_iter().find(|kind| kind.name() == text(0)) else {
            return Err(Broken(format!("a link of an unknown object {}", text(0))));
        };
        let id = text(1).parse()?;
        let link = Link {
            hubspot: text(2).parse().ok(),
            state: text(3),
            reason: text(4),
            claims: text(5)
                .split(',')
                .filter_map(|id| id.parse().ok())
                .collect(),
        };
        links.insert((kind, id), link);
    }
    Ok(links)
}

pub(super) fn check(
    world: &World,
    at: usize,
    firm: &Firm,
    links: &Links,
    people: &People,
    problems: &mut Vec<String>,
) {
    for kind in Kind::ALL {
        let disturbed = |id: &u64| people.disturbed.contains(&(at, kind, *id));
        let records = firm.portal.records(kind.object());
        let live: BTreeMap<u64, &Record> =
            records.iter().map(|record| (record.id, record)).collect();
        let members = firm.members(world, kind);
        for (id, _) in firm.records(kind) {
            let name = format!("firm {at} {kind:?} {id}");
            let Some(link) = links.get(&(kind, id)) else {
                problems.push(format!("{name} is not linked"));
                continue;
            };
            if let Some(choice) = people.decided.get(&(at, kind, id)) {
                decided(at, kind, id, *choice, link, &live, people, problems);
                continue;
            }
            match (link.state.as_str(), link.hubspot) {
                ("active", Some(hubspot)) => match live.get(&hubspot) {
                    Some(record) if record.value(SOURCE) == Some(id.to_string().as_str()) => {}
                    None if world.shape.told => problems.push(format!(
                        "{name} is linked to {hubspot}, which does not exist, as HubSpot told"
                    )),
                    // Two merged records have one name for Clio's: which of them is people's doing.
                    _ if disturbed(&hubspot) => {}
                    Some(record) => problems.push(format!(
                        "{name} is linked to {hubspot}, which says it is {:?}",
                        record.value(SOURCE)
                    )),
                    None => problems.push(format!(
                        "{name} is linked to {hubspot}, which does not exist"
                    )),
                },
                ("hubspot_gone", Some(hubspot)) if disturbed(&hubspot) => {}
                // Judged by who is in the list.
                _ if members.is_some() && link.waits_outside() => {}
                ("ambiguous", _) if link.claims.iter().any(disturbed) => {}
                _ => problems.push(format!("{name} is {} ({})", link.state, link.reason)),
            }
        }
        if world.shape.creates && kind.is_created() {
            let mut records = records.clone();
            if let Some(members) = &members {
                records.retain(|record| members.contains(&record.id));
            }
            arrived(at, kind, &records, links, people, problems);
        }
        one_for_one(at, kind, &records, links, people, problems);
        ended(world, at, kind, firm, links, people, problems);
    }
    twins(world, at, firm, links, people, problems);
}

/// What people decided of a record is what it is, unless they merged or deleted what they had chosen.
#[expect(
    clippy::too_many_arguments,
    reason = "one call, of one shape with its neighbours"
)]
fn decided(
    at: usize,
    kind: Kind,
    id: u64,
    choice: Option<u64>,
    link: &Link,
    live: &BTreeMap<u64, &Record>,
    people: &People,
    problems: &mut Vec<String>,
) {
    let name = format!("firm {at} {kind:?} {id}");
    let source = id.to_string();
    let names_it = |record: &Record| record.value(SOURCE) == Some(source.as_str());
    match choice {
        None => {
            if link.state != "unlinked" {
                problems.push(format!("{name} was to be unlinked and is {}", link.state));
            }
            for record in live.values().filter(|record| names_it(record)) {
                if !people.merged.contains(&(at, kind, record.id)) {
                    let hubspot = record.id;
                    problems.push(format!("{name} was unlinked, and {hubspot} names it"));
                }
            }
        }
        Some(hubspot) => {
            let there = live.get(&hubspot);
            let merged = people.merged.contains(&(at, kind, hubspot));
            let Some(record) = there.filter(|_| !merged) else {
                return;
            };
            // What it was linked to before may keep a value that HubSpot has once.
            let refused = (link.state.as_str(), link.reason.as_str()) == ("failed", "conflict");
            let linked = link.state == "active" && names_it(record);
            if link.hubspot != Some(hubspot) || !(linked || refused) {
                problems.push(format!(
                    "{name} was to be linked to {hubspot} and is {} ({}), to {:?}, which says it is {:?}",
                    link.state,
                    link.reason,
                    link.hubspot,
                    record.value(SOURCE)
                ));
            }
        }
    }
}

/// What only HubSpot had is in Clio, but for what may be somebody who waits for a decision, and what Clio would refuse.
fn arrived(
    at: usize,
    kind: Kind,
    records: &[Record],
    links: &Links,
    people: &People,
    problems: &mut Vec<String>,
) {
    let claimed: BTreeSet<u64> = links
        .values()
        .flat_map(|link| link.claims.iter().copied())
        .collect();
    for record in records {
        let named = ["firstname", "lastname", "name"]
            .iter()
            .any(|name| record.value(name).is_some_and(|value| !value.is_empty()));
        let theirs = people.disturbed.contains(&(at, kind, record.id));
        if record.value(SOURCE).is_none() && named && !theirs && !claimed.contains(&record.id) {
            problems.push(format!(
                "firm {at} HubSpot {kind:?} {} was not made in Clio",
                record.id
            ));
        }
    }
}

/// What Clio no longer has is linked no more, and HubSpot's record stays and says so.
fn ended(
    world: &World,
    at: usize,
    kind: Kind,
    firm: &Firm,
    links: &Links,
    people: &People,
    problems: &mut Vec<String>,
) {
    let members = firm.members(world, kind);
    let outside = |id: u64| {
        let members = members.as_ref();
        members.is_some_and(|members| !members.contains(&id))
    };
    for ((_, id), link) in links.iter().filter(|((of, _), _)| *of == kind) {
        if firm.account.record(kind.resource(), *id).is_some() {
            continue;
        }
        let name = format!("firm {at} {kind:?} {id}, which Clio no longer has,");
        // What never came in is nobody's.
        let nobodys = link.hubspot.is_none() && members.is_some() && link.waits_outside();
        let unlinked = people.decided.contains_key(&(at, kind, *id)) && link.state == "unlinked";
        if !nobodys
            && !unlinked
            && !["provider_gone", "hubspot_gone"].contains(&link.state.as_str())
        {
            problems.push(format!("{name} is {} ({})", link.state, link.reason));
        }
        let kept = link
            .hubspot
            .filter(|id| !people.disturbed.contains(&(at, kind, *id)) && !outside(*id))
            .map(|id| firm.portal.record(kind.object(), id));
        match kept {
            Some(Some(record)) if record.value("sync300_sync_status") == Some("source_deleted") => {
            }
            Some(_) => problems.push(format!("{name} is not marked in HubSpot")),
            None => {}
        }
    }
}

/// What the engine made stands in the table, and nothing stands for a Clio record twice.
fn one_for_one(
    at: usize,
    kind: Kind,
    records: &[Record],
    links: &Links,
    people: &People,
    problems: &mut Vec<String>,
) {
    let mut seen = BTreeSet::new();
    for record in records {
        let name = format!("firm {at} HubSpot {kind:?} {}", record.id);
        let disturbed = people.disturbed.contains(&(at, kind, record.id));
        let ours = made_by_us(record);
        let Some(source) = record.value(SOURCE) else {
            if ours && !disturbed {
                problems.push(format!("{name} was made by the engine and names nobody"));
            }
            if !disturbed && written_by_us(record) {
                problems.push(format!("{name} is nobody's and was written"));
            }
            continue;
        };
        if !seen.insert(source.to_owned()) {
            problems.push(format!(
                "{name} stands for Clio's {source}, as another does"
            ));
        }
        let id = source.parse().ok();
        let link = id.and_then(|id| links.get(&(kind, id)));
        let linked = link.is_some_and(|link| link.hubspot == Some(record.id));
        if !linked && !disturbed {
            problems.push(format!(
                "{name} stands for Clio's {source}, which is not linked to it"
            ));
        }
    }
}

/// The first value of a property that every record has from its beginning.
pub(super) fn made_by_us(record: &Record) -> bool {
    ["firstname", "lastname", "name", "dealname", "subject"]
        .iter()
        .filter_map(|name| record.history(name).last())
        .min_by_key(|version| version.at)
        .is_some_and(|version| {
            matches!(version.source, Source::Integration(_)) && version.at == record.created_at
        })
}

/// Any value of it came from the engine.
pub(super) fn written_by_us(record: &Record) -> bool {
    let values = record.values();
    values.into_iter().any(|(name, _)| {
        record
            .history(name)
            .iter()
            .any(|version| matches!(version.source, Source::Integration(_)))
    })
}

/// A record that people have made at both ends is found, not made again. One that they delete in Clio before it was linked
/// is nobody's any more.
fn twins(
    world: &World,
    at: usize,
    firm: &Firm,
    links: &Links,
    people: &People,
    problems: &mut Vec<String>,
) {
    for twin in people.twins.iter().filter(|twin| twin.firm == at) {
        let Some(link) = links.get(&(twin.kind, twin.clio)) else {
            continue;
        };
        let mut records = firm.records(twin.kind).into_iter();
        if link.hubspot.is_none() && !records.any(|(id, _)| id == twin.clio) {
            continue;
        }
        let members = firm.members(world, twin.kind);
        let outside = members.is_some_and(|members| !members.contains(&twin.hubspot));
        if outside && link.hubspot.is_none() {
            continue;
        }
        let disturbed = |id: u64| people.disturbed.contains(&(at, twin.kind, id));
        if link.hubspot != Some(twin.hubspot)
            && !disturbed(twin.hubspot)
            && !link.hubspot.is_some_and(disturbed)
        {
            problems.push(format!(
                "firm {at} {:?} {} is linked to {:?}, not to {}, which people had made before",
                twin.kind, twin.clio, link.hubspot, twin.hubspot
            ));
        }
    }
}
