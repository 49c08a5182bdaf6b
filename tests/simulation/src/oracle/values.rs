//! Every field is what the mapping says, or what a person made of it later.

use std::collections::BTreeMap;

use sync300_fakes::hubspot::{Record, Source, Version};

use super::both_ways::{Field, judge};
use super::expected;
use super::links::Links;
use crate::people::{People, since_start, true_time};
use crate::plan::Kind;
use crate::world::{Firm, World};

pub(super) fn check(
    world: &World,
    at: usize,
    firm: &Firm,
    links: &Links,
    people: &People,
    problems: &mut Vec<String>,
) {
    let skew = world.shape.hubspot_skew;
    for kind in Kind::ALL {
        let stages = stages(firm, kind);
        for (id, clio) in firm.records(kind) {
            let link = links.get(&(kind, id));
            let Some(hubspot) = link
                .filter(|link| link.state == "active")
                .and_then(|link| link.hubspot)
                // A merge takes the values of either side.
                .filter(|id| !people.disturbed.contains(&(at, kind, *id)))
            else {
                continue;
            };
            let Some(record) = firm.portal.record(kind.object(), hubspot) else {
                continue;
            };
            for (property, value) in expected(kind, &clio) {
                let found = record.value(property).map(|found| {
                    let found = stages.get(found).map_or(found, String::as_str);
                    found.to_owned()
                });
                if let Some(strategy) = world.shape.both_ways.filter(|_| kind.goes_both_ways()) {
                    let field = Field {
                        property,
                        at_clio: value,
                        at_hubspot: found,
                        history: record.history(property),
                        stages: &stages,
                        skew,
                        linked: record
                            .history(super::SOURCE)
                            .last()
                            .map_or(0, |first| true_time(first.at, skew)),
                        said: people.said.get(&(at, id, property)),
                        touched: people
                            .said
                            .iter()
                            .filter(|((of, who, _), _)| (*of, *who) == (at, id))
                            .map(|(_, (time, _))| *time)
                            .max()
                            .unwrap_or(0),
                    };
                    if undone_unseen(&field, people.replaced.get(&(at, id, property))) {
                        continue;
                    }
                    if let Err(why) = judge(strategy, &field) {
                        problems.push(format!(
                            "firm {at} {kind:?} {id} ↔ {hubspot}: {property}: {why} ({:?}; said in Clio: {:?})",
                            story(&record, property, skew),
                            field.said.map(|(time, value)| (since_start(*time), value)),
                        ));
                    }
                    continue;
                }
                let changed = people.changes.get(&(at, id, property)).copied();
                if found == value || left_alone(&record, property, value.is_some(), changed, skew) {
                    continue;
                }
                problems.push(format!(
                    "firm {at} {kind:?} {id} → {hubspot}: {property} is {found:?}, not {value:?} (changed in Clio at {}; {:?})",
                    since_start(changed.unwrap_or_default()),
                    story(&record, property, skew),
                ));
            }
        }
        remarks(at, firm, kind, people, problems);
    }
}

/// Whether people cleared in Clio what never arrived in HubSpot: between two syncs nothing changed there, and a blank gives
/// way to HubSpot's value.
fn undone_unseen(field: &Field<'_>, replaced: Option<&String>) -> bool {
    let cleared = field.said.is_some_and(|(_, value)| value.is_none());
    let arrived = |value: &String| field.history.iter().any(|version| version.value == *value);
    cleared && field.at_clio == field.at_hubspot && replaced.is_some_and(|value| !arrived(value))
}

/// Whether HubSpot's own value is to stay: made by a person after Clio's last change, or there before the records were
/// linked, where a blank at Clio clears nothing.
fn left_alone(
    record: &Record,
    property: &str,
    filled: bool,
    changed: Option<i64>,
    skew: i64,
) -> bool {
    let Some(newest) = record.history(property).first() else {
        return false;
    };
    if !matches!(newest.source, Source::User(_)) {
        return false;
    }
    let later = changed.is_none_or(|changed| true_time(newest.at, skew) >= changed);
    let ours = |version: &Version| matches!(version.source, Source::Integration(_));
    later || (!filled && !record.history(property).iter().any(ours))
}

fn story(record: &Record, property: &str, skew: i64) -> Vec<String> {
    record
        .history(property)
        .iter()
        .map(|version| {
            let at = since_start(true_time(version.at, skew));
            format!("{} at {at} by {:?}", version.value, version.source)
        })
        .collect()
}

/// Labels by stage id.
fn stages(firm: &Firm, kind: Kind) -> BTreeMap<String, String> {
    let pipelines = firm.portal.pipelines(kind.object());
    let ours = pipelines
        .into_iter()
        .filter(|pipeline| pipeline.label.starts_with("Clio"));
    ours.flat_map(|pipeline| pipeline.stages)
        .map(|stage| (stage.id, stage.label))
        .collect()
}

/// Nothing that a mapping does not know is touched.
fn remarks(at: usize, firm: &Firm, kind: Kind, people: &People, problems: &mut Vec<String>) {
    let property = crate::people::unmapped(kind);
    for ((_, _, id), value) in people
        .remarks
        .iter()
        .filter(|((of, what, _), _)| (*of, *what) == (at, kind))
    {
        let Some(record) = firm.portal.record(kind.object(), *id) else {
            continue;
        };
        if record.value(property) != Some(value.as_str()) {
            problems.push(format!(
                "firm {at} HubSpot {kind:?} {id} lost its {property}"
            ));
        }
    }
}
