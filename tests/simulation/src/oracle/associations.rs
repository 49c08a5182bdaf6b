//! What belongs together in Clio is associated in HubSpot, and what the engine associated belongs together.

use std::collections::BTreeSet;

use serde_json::Value;
use sync300_fakes::clio::Resource;
use sync300_fakes::hubspot::ObjectType;

use super::links::Links;
use crate::people::People;
use crate::plan::Kind;
use crate::world::Firm;

/// From, to, HubSpot's association type.
const TYPES: [(Kind, Kind, u32); 4] = [
    (Kind::Contact, Kind::Company, 279),
    (Kind::Contact, Kind::Deal, 4),
    (Kind::Company, Kind::Deal, 342),
    (Kind::Ticket, Kind::Deal, 28),
];

type Pairs = BTreeSet<(Kind, u64, Kind, u64)>;

pub(super) fn check(
    at: usize,
    firm: &Firm,
    links: &Links,
    people: &People,
    problems: &mut Vec<String>,
) {
    let wanted = relations(firm);
    for (from, to, type_id) in TYPES {
        let linked = |kind: Kind, id: u64| {
            let link = links.get(&(kind, id))?;
            let hubspot = link.hubspot.filter(|_| link.state == "active")?;
            let disturbed = people.disturbed.contains(&(at, kind, hubspot));
            (!disturbed).then_some(hubspot)
        };
        let found: BTreeSet<(u64, u64)> = firm
            .portal
            .associations(ObjectType::from(from), ObjectType::from(to))
            .into_iter()
            .filter(|row| row.type_id == type_id)
            .map(|row| (row.from, row.to))
            .collect();
        let pairs: BTreeSet<(u64, u64)> = wanted
            .iter()
            .filter(|(one, _, other, _)| (*one, *other) == (from, to))
            .filter_map(|(_, one, _, other)| Some((linked(from, *one)?, linked(to, *other)?)))
            .collect();
        for pair in pairs.difference(&found) {
            problems.push(format!("firm {at} {from:?} to {to:?}: {pair:?} is missing"));
        }
        for pair in found.difference(&pairs) {
            let theirs = people.disturbed.contains(&(at, from, pair.0))
                || people.disturbed.contains(&(at, to, pair.1));
            // A record that Clio no longer has keeps what it had.
            let gone = |kind: Kind, hubspot: u64| {
                let source = links
                    .iter()
                    .find(|((of, _), link)| *of == kind && link.hubspot == Some(hubspot));
                source.is_none_or(|((kind, id), _)| {
                    firm.account.record(kind.resource(), *id).is_none()
                })
            };
            // A link that rests keeps what it had, until it comes in again.
            let rests = |kind: Kind, hubspot: u64| {
                let mut of_kind = links.iter().filter(|((of, _), _)| *of == kind);
                of_kind.any(|(_, link)| link.hubspot == Some(hubspot) && link.waits_outside())
            };
            let theirs = theirs || rests(from, pair.0) || rests(to, pair.1);
            if !theirs && !gone(from, pair.0) && !gone(to, pair.1) {
                problems.push(format!(
                    "firm {at} {from:?} to {to:?}: {pair:?} does not belong together"
                ));
            }
        }
    }
}

impl From<Kind> for ObjectType {
    fn from(kind: Kind) -> Self {
        kind.object()
    }
}

/// What Clio says belongs together, by Clio's ids.
fn relations(firm: &Firm) -> Pairs {
    let mut pairs = Pairs::new();
    let id = |record: &Value, name: &str| record.get(name)?.get("id")?.as_u64();
    let kind_of = |contact: u64| {
        let record = firm.account.record(Resource::Contacts, contact)?;
        Some(match record.get("type")?.as_str()? {
            "Company" => Kind::Company,
            _ => Kind::Contact,
        })
    };
    for (contact, record) in firm.records(Kind::Contact) {
        if let Some(company) = id(&record, "company") {
            pairs.insert((Kind::Contact, contact, Kind::Company, company));
        }
    }
    for (matter, record) in firm.records(Kind::Deal) {
        if let Some((client, kind)) = id(&record, "client").and_then(|id| Some((id, kind_of(id)?)))
        {
            pairs.insert((kind, client, Kind::Deal, matter));
        }
    }
    for record in firm.account.records(Resource::Relationships) {
        let ends = id(&record, "contact").zip(id(&record, "matter"));
        if let Some((contact, matter)) = ends
            && let Some(kind) = kind_of(contact)
        {
            pairs.insert((kind, contact, Kind::Deal, matter));
        }
    }
    for (task, record) in firm.records(Kind::Ticket) {
        if let Some(matter) = id(&record, "matter") {
            pairs.insert((Kind::Ticket, task, Kind::Deal, matter));
        }
    }
    pairs
}
