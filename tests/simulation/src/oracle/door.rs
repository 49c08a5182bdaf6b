//! A list is the door of a kind of record: only its members sync, and who leaves it stays as it is (S3-10).

use super::links::{Links, SOURCE, made_by_us, written_by_us};
use crate::people::People;
use crate::world::{Firm, World};

pub(super) fn check(
    world: &World,
    at: usize,
    firm: &Firm,
    links: &Links,
    people: &People,
    problems: &mut Vec<String>,
) {
    let Some((kind, members)) = world
        .shape
        .door
        .and_then(|kind| Some((kind, firm.members(world, kind)?)))
    else {
        return;
    };
    let disturbed = |id: u64| people.disturbed.contains(&(at, kind, id));
    for record in firm.portal.records(kind.object()) {
        if disturbed(record.id) {
            continue;
        }
        let name = format!("firm {at} HubSpot {kind:?} {}", record.id);
        if made_by_us(&record) {
            problems.push(format!("{name} was made, and nobody made is in the list"));
        }
        let listed = people.listed.contains(&(at, kind, record.id));
        if !listed && (record.value(SOURCE).is_some() || written_by_us(&record)) {
            problems.push(format!("{name} was never in the list, and was written"));
        }
    }
    // Who was in it is there still, as far as people have not deleted it.
    for (_, _, id) in people.listed.iter().filter(|(of, ..)| *of == at) {
        let record = firm.portal.record(kind.object(), *id);
        if !disturbed(*id) && record.is_none_or(|record| record.archived_at.is_some()) {
            problems.push(format!("firm {at} HubSpot {kind:?} {id} was deleted"));
        }
    }
    for ((_, id), link) in links.iter().filter(|((of, _), _)| *of == kind) {
        let Some(hubspot) = link.hubspot.filter(|hubspot| !disturbed(*hubspot)) else {
            continue;
        };
        let name = format!("firm {at} {kind:?} {id} ↔ {hubspot}");
        let inside = members.contains(&hubspot);
        if link.state == "active" && !inside {
            problems.push(format!("{name} is not in the list, and does not rest"));
        }
        if link.waits_outside() && inside {
            problems.push(format!("{name} is in the list, and rests"));
        }
        if !people.listed.contains(&(at, kind, hubspot)) {
            problems.push(format!("{name} was never in the list, and is linked"));
        }
    }
}
