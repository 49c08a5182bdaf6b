//! What a field that goes both ways must be, given what people said at either end, and when.
//!
//! Only last words are compared. Whether the engine ran in between is not asked, so that where its answer would
//! depend on that, both words are allowed; but both sides hold the same one.

use std::collections::BTreeMap;

use sync300_fakes::hubspot::{Source, Version};
use sync300_kit::settings::Strategy;

use crate::people::true_time;

/// Clocks are told apart by this much: the engine's tolerance, and what `Date` headers leave open.
const TOLERANCE: i64 = 10_000;
/// HubSpot takes no conditional writes: what a person writes between the engine's read and its write is lost. The
/// engine stops so long after a read at the latest.
const RACE: i64 = 60_000;
/// Properties with so few values that people come back to one: what is as it was before has not changed.
const FEW: [&str; 2] = ["dealstage", "sync300_clio_open_date"];
/// Properties that never travel to Clio.
const ONE_WAY: [&str; 2] = ["sync300_clio_matter_number", "domain"];

/// A field of a linked record.
pub(super) struct Field<'a> {
    pub property: &'static str,
    /// In HubSpot's words.
    pub at_clio: Option<String>,
    pub at_hubspot: Option<String>,
    /// Newest first.
    pub history: &'a [Version],
    /// Labels by stage id.
    pub stages: &'a BTreeMap<String, String>,
    /// How far HubSpot's clock is ahead.
    pub skew: i64,
    /// When the record was linked.
    pub linked: i64,
    /// What people last said in Clio, and when.
    pub said: Option<&'a (i64, Option<String>)>,
    /// When people last changed the record in Clio, whichever field.
    pub touched: i64,
}

/// Whether both sides hold what they must.
pub(super) fn judge(strategy: Strategy, field: &Field<'_>) -> Result<(), String> {
    let (clio, hubspot) = (&field.at_clio, &field.at_hubspot);
    if ONE_WAY.contains(&field.property) && clio.is_none() {
        return Ok(());
    }
    if clio != hubspot {
        return Err(format!("{clio:?} in Clio, {hubspot:?} in HubSpot"));
    }
    let by_hand = field
        .history
        .iter()
        .find(|version| matches!(version.source, Source::User(_)));
    let (here, there) = match (field.said, by_hand) {
        (None, None) => return Ok(()),
        (Some((_, value)), None) => return is(clio, &[value]),
        (None, Some(version)) => return is(clio, &[&word(field, version)]),
        (Some(here), Some(there)) => (here, there),
    };
    let (said_at, value) = (here.0, &here.1);
    let (answered_at, answer) = (true_time(there.at, field.skew), word(field, there));
    let later_here = said_at > answered_at + TOLERANCE;
    let later_there = answered_at > said_at + TOLERANCE;
    // Clio has one time for a whole record.
    let surely_later_there = answered_at > field.touched + TOLERANCE;
    let overrun = field.history.iter().any(|version| {
        let at = true_time(version.at, field.skew);
        matches!(version.source, Source::Integration(_))
            && (answered_at..=answered_at + RACE).contains(&at)
    });
    // Who takes back what the engine never saw has changed nothing.
    let known = field
        .history
        .iter()
        .filter(|version| version.at < there.at)
        .find(|version| matches!(version.source, Source::Integration(_)))
        .and_then(|version| word(field, version));
    let open = FEW.contains(&field.property)
        || known == answer
        // A blank clears nothing of a record that is only now linked.
        || (value.is_none() && said_at <= field.linked)
        || (answer.is_none() && answered_at <= field.linked);
    let clio_alone = later_here && strategy != Strategy::HubspotWins;
    let hubspot_alone = match strategy {
        Strategy::LastWriteWins => surely_later_there,
        Strategy::HubspotWins => later_there,
        Strategy::ProviderWins => false,
    };
    if open {
        is(clio, &[value, &answer])
    } else if clio_alone {
        is(clio, &[value])
    } else if hubspot_alone && !overrun {
        is(clio, &[&answer])
    } else {
        is(clio, &[value, &answer])
    }
}

fn is(found: &Option<String>, allowed: &[&Option<String>]) -> Result<(), String> {
    if allowed.contains(&found) {
        Ok(())
    } else {
        Err(format!("{found:?}, where people said {allowed:?}"))
    }
}

/// What a person wrote, as [`super::expected`] has it.
fn word(field: &Field<'_>, version: &Version) -> Option<String> {
    let value = field.stages.get(&version.value).unwrap_or(&version.value);
    Some(value.trim())
        .filter(|value| !value.is_empty())
        .map(str::to_owned)
}
