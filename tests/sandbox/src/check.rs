//! Whether everything arrived that can: HubSpot's state held against what the data calls for.

use std::collections::{BTreeMap, BTreeSet};

use sync300_fakes::data::{Expectation, ObjectExpectation, Pair};
use sync300_fakes::hubspot::{ObjectType, PortalHandle};

/// The property that names the provider's record.
const SOURCE: &str = "sync300_clio_id";

/// What is not as it must be, in words; empty when all is well.
pub fn problems(expected: &Expectation, portal: &PortalHandle) -> Vec<String> {
    let mut problems = Vec::new();
    let kinds = [
        (ObjectType::Contacts, &expected.contacts),
        (ObjectType::Companies, &expected.companies),
        (ObjectType::Deals, &expected.deals),
        (ObjectType::Tickets, &expected.tickets),
    ];
    let mut sources = BTreeMap::new();
    for (kind, expected) in kinds {
        sources.insert(kind, records(kind, expected, portal, &mut problems));
    }
    let pairs = [
        (
            ObjectType::Contacts,
            ObjectType::Companies,
            279,
            &expected.contact_company,
        ),
        (
            ObjectType::Contacts,
            ObjectType::Deals,
            4,
            &expected.contact_deal,
        ),
        (
            ObjectType::Companies,
            ObjectType::Deals,
            342,
            &expected.company_deal,
        ),
        (
            ObjectType::Tickets,
            ObjectType::Deals,
            28,
            &expected.ticket_deal,
        ),
    ];
    for (from, to, type_id, expected) in pairs {
        let (Some(from_ids), Some(to_ids)) = (sources.get(&from), sources.get(&to)) else {
            continue;
        };
        let found: BTreeSet<Pair> = portal
            .associations(from, to)
            .into_iter()
            .filter(|row| row.type_id == type_id)
            .filter_map(|row| Some((*from_ids.get(&row.from)?, *to_ids.get(&row.to)?)))
            .collect();
        compare(
            &format!("{from:?} to {to:?}"),
            expected,
            &found,
            &mut problems,
        );
    }
    problems
}

/// Provider id by HubSpot id.
fn records(
    kind: ObjectType,
    expected: &ObjectExpectation,
    portal: &PortalHandle,
    problems: &mut Vec<String>,
) -> BTreeMap<u64, u64> {
    let mut by_source: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
    let mut sources = BTreeMap::new();
    for record in portal.records(kind) {
        if let Some(source) = record.value(SOURCE).and_then(|id| id.parse().ok()) {
            by_source.entry(source).or_default().push(record.id);
            sources.insert(record.id, source);
        }
    }
    for (source, hubspot) in by_source.iter().filter(|(_, hubspot)| hubspot.len() > 1) {
        problems.push(format!(
            "{kind:?} {source} is there {} times",
            hubspot.len()
        ));
    }
    let arriving: BTreeSet<u64> = expected
        .created
        .iter()
        .copied()
        .chain(expected.matched.iter().map(|matched| matched.source))
        .collect();
    compare(
        &format!("{kind:?}"),
        &arriving,
        &by_source.keys().copied().collect(),
        problems,
    );
    for matched in &expected.matched {
        if sources.get(&matched.hubspot) != Some(&matched.source) {
            problems.push(format!(
                "{kind:?} {} is not linked to the record made by hand",
                matched.source
            ));
        }
    }
    for hubspot in expected
        .untouched
        .iter()
        .filter(|id| sources.contains_key(id))
    {
        problems.push(format!("{kind:?} record {hubspot} was to be left alone"));
    }
    if portal.count(kind) != expected.in_hubspot() {
        problems.push(format!(
            "{kind:?}: {} records, not {}",
            portal.count(kind),
            expected.in_hubspot()
        ));
    }
    sources
}

fn compare<T: Ord + std::fmt::Debug>(
    what: &str,
    expected: &BTreeSet<T>,
    found: &BTreeSet<T>,
    problems: &mut Vec<String>,
) {
    for (text, some) in [
        ("missing", expected.difference(found)),
        ("too many", found.difference(expected)),
    ] {
        let some: Vec<_> = some.collect();
        if !some.is_empty() {
            let shown: Vec<_> = some.iter().take(5).collect();
            problems.push(format!("{what}: {} {text}, e.g. {shown:?}", some.len()));
        }
    }
}
