//! Three-way per field, on fingerprints: base, provider's side now, HubSpot's side now.
//!
//! A base is a JSON object, property → fingerprint, or `[provider, hubspot]` where both sides are
//! remembered as different (a conflict that HubSpot won, or a value that HubSpot keeps in a form
//! of its own). It holds no value of a record.

mod base;

use base::Base;
pub use sync300_core_bindings::reconciling::{
    Begun, Decision, Direction, Field, Fingerprint, Memory, Pair, Strategy,
};

use crate::fingerprint::BLANK;

/// Times closer than this are a tie: clocks differ.
const TOLERANCE_MS: u64 = 5_000;

/// What to write where, one decision a pair.
///
/// - A side whose value is unknown, or was not read, counts as unchanged.
/// - A field without a base (a new link, a new mapping) fills a blank side; a blank provider's side
///   clears nothing.
/// - Where both sides changed, the strategy decides; of last writes that tie or are not known, the
///   provider's is taken. Of a field that travels one way there is no conflict: its source changed.
/// - A new link of two values follows the strategy whichever way the field travels; of last writes, its source's is taken.
/// - A change against a field's direction stays where it is, until its source changes.
/// - A value that we were about to write, and that stands where it was to be written, is no change of that side's: its write
///   succeeded, and nobody remembers.
/// - A blank where we were about to write a value, and nothing is remembered, was cleared, or never written: it is a conflict,
///   and HubSpot's only where it changed after a write of ours had arrived.
#[must_use]
pub fn reconcile(fields: &[Field], strategy: Strategy, pairs: &[Pair]) -> Vec<Decision> {
    pairs
        .iter()
        .map(|pair| {
            let known = Known::of(pair.base.as_ref(), pair.begun.as_ref());
            let mut decision = Decision {
                to_hubspot: Vec::new(),
                to_provider: Vec::new(),
                conflicts: Vec::new(),
                unread: Vec::new(),
            };
            for (index, field) in (0..).zip(fields) {
                decide(field, strategy, pair, &known, index, &mut decision);
            }
            decision
        })
        .collect()
}

/// Whether HubSpot's side may hold what the provider's does not: one answer a pair of base and side.
///
/// Only fields that may travel to the provider count; one that nothing is remembered of does where it is not blank.
#[must_use]
pub fn touched(
    fields: &[Field],
    sides: &[(Option<String>, Vec<Option<Fingerprint>>)],
) -> Vec<bool> {
    sides
        .iter()
        .map(|(base, side)| {
            let base = base.as_deref().map(Base::parse).unwrap_or_default();
            let mut travelling = fields
                .iter()
                .enumerate()
                .filter(|(_, field)| field.direction != Direction::ToHubspot);
            travelling.any(
                |(at, field)| match (known(side, at), base.get(&field.property)) {
                    (None, _) => false,
                    (Some(now), None) => now != BLANK,
                    (Some(now), Some(base)) => now != base.hubspot,
                },
            )
        })
        .collect()
}

/// What is known of a pair from before.
struct Known<'a> {
    base: Base<'a>,
    to_hubspot: Base<'a>,
    to_provider: Base<'a>,
}

impl Known<'_> {
    fn of(base: Option<&String>, begun: Option<&Begun>) -> Self {
        let parse = |text: Option<&String>| text.map(|text| Base::parse(text)).unwrap_or_default();
        Self {
            base: parse(base),
            to_hubspot: parse(begun.and_then(|begun| begun.hubspot.as_ref())),
            to_provider: parse(begun.and_then(|begun| begun.provider.as_ref())),
        }
    }

    /// Both sides of a field when they were last in step.
    fn of_field(
        &self,
        property: &str,
        provider: Fingerprint,
        hubspot: Option<Fingerprint>,
    ) -> Option<base::Sides> {
        let arrived = self.to_hubspot.get(property);
        let brought = self.to_provider.get(property);
        arrived
            .filter(|sides| hubspot == Some(sides.hubspot))
            .or_else(|| brought.filter(|sides| provider == sides.provider))
            .or_else(|| self.base.get(property))
    }

    /// Both sides of a field that HubSpot has changed and the provider has not taken yet, as they were before.
    fn held_against(
        &self,
        property: &str,
        provider: Fingerprint,
        hubspot: Option<Fingerprint>,
    ) -> Option<base::Sides> {
        self.of_field(property, provider, hubspot).or_else(|| {
            let hubspot = self.maybe_cleared(property, hubspot)?;
            Some(base::Sides { provider, hubspot })
        })
    }

    /// What was about to be written over HubSpot's blank of a field that nothing is remembered of.
    fn maybe_cleared(&self, property: &str, hubspot: Option<Fingerprint>) -> Option<Fingerprint> {
        let written = self.to_hubspot.get(property)?.hubspot;
        (hubspot == Some(BLANK) && written != BLANK).then_some(written)
    }
}

/// Where a value goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    ToHubspot,
    ToProvider,
}

fn decide(
    field: &Field,
    strategy: Strategy,
    pair: &Pair,
    before: &Known<'_>,
    index: u32,
    decision: &mut Decision,
) {
    let at = index as usize;
    let Some(provider) = known(&pair.provider, at) else {
        return;
    };
    let hubspot = pair.hubspot.as_deref().and_then(|read| known(read, at));
    let base = before.of_field(&field.property, provider, hubspot);
    let way = match (base, hubspot) {
        (_, Some(hubspot)) if hubspot == provider => return,
        (None, None) if provider == BLANK => return,
        (None, None) => Way::ToHubspot,
        (None, Some(BLANK)) => {
            let in_doubt = before.maybe_cleared(&field.property, hubspot).is_some();
            if !in_doubt || pair.hubspot_follows || source(field).is_some() {
                Way::ToHubspot
            } else {
                decision.conflicts.push(index);
                match changed_since_written(pair, at) {
                    true => winner(strategy, pair, at),
                    false => Way::ToHubspot,
                }
            }
        }
        (None, Some(_)) if provider == BLANK => Way::ToProvider,
        (None, Some(_)) => {
            decision.conflicts.push(index);
            match (strategy, source(field)) {
                (Strategy::LastWriteWins, Some(way)) => way,
                _ => winner(strategy, pair, at),
            }
        }
        (Some(base), hubspot) => {
            let changed_here = provider != base.provider;
            let changed_there =
                !pair.hubspot_follows && hubspot.is_some_and(|hubspot| hubspot != base.hubspot);
            match (changed_here, changed_there) {
                (false, false) => return,
                (true, false) => Way::ToHubspot,
                (false, true) => Way::ToProvider,
                (true, true) => source(field).unwrap_or_else(|| {
                    decision.conflicts.push(index);
                    winner(strategy, pair, at)
                }),
            }
        }
    };
    match (way, field.direction) {
        (Way::ToHubspot, Direction::ToHubspot | Direction::Both) => {
            decision.to_hubspot.push(index);
            if hubspot.is_none() && base.is_none() {
                decision.unread.push(index);
            }
        }
        (Way::ToProvider, Direction::ToProvider | Direction::Both) => {
            decision.to_provider.push(index);
        }
        (Way::ToHubspot, Direction::ToProvider) | (Way::ToProvider, Direction::ToHubspot) => {}
    }
}

/// Whether HubSpot's side is known to have changed after our newest write: both by HubSpot's clock.
fn changed_since_written(pair: &Pair, at: usize) -> bool {
    let changed_at = pair.hubspot_changed_at.get(at).copied().flatten();
    changed_at
        .zip(pair.hubspot_written_at)
        .is_some_and(|(changed, written)| changed > written)
}

/// The way of a field that travels one way (F1: its source changed); the strategies are for the others.
fn source(field: &Field) -> Option<Way> {
    match field.direction {
        Direction::ToHubspot => Some(Way::ToHubspot),
        Direction::ToProvider => Some(Way::ToProvider),
        Direction::Both => None,
    }
}

fn known(side: &[Option<Fingerprint>], at: usize) -> Option<Fingerprint> {
    side.get(at).copied().flatten()
}

fn winner(strategy: Strategy, pair: &Pair, at: usize) -> Way {
    match strategy {
        Strategy::ProviderWins => Way::ToHubspot,
        Strategy::HubspotWins => Way::ToProvider,
        Strategy::LastWriteWins => {
            let hubspot = pair.hubspot_changed_at.get(at).copied().flatten();
            match (pair.provider_changed_at, hubspot) {
                (Some(provider), Some(hubspot))
                    if hubspot > provider.saturating_add(TOLERANCE_MS) =>
                {
                    Way::ToProvider
                }
                _ => Way::ToHubspot,
            }
        }
    }
}

/// The base to store once the writes are done: fingerprints only, one text a memory.
///
/// A field whose value is unknown keeps what was remembered of it. So does one that was not read
/// back and has not changed at the provider; if it has, both sides now hold the provider's value. One that is still to be
/// written to the provider keeps what it was found changed against.
#[must_use]
pub fn remember(fields: &[Field], memories: &[Memory]) -> Vec<String> {
    memories
        .iter()
        .map(|memory| {
            let old = Known::of(memory.base.as_ref(), memory.begun.as_ref());
            let mut new = Base::default();
            for (at, field) in fields.iter().enumerate() {
                let before = old.base.get(&field.property);
                let hubspot = known(&memory.hubspot, at);
                let held = memory.held.iter().any(|held| *held as usize == at);
                let entry = match (known(&memory.provider, at), hubspot, before) {
                    (None, _, before) => before,
                    (Some(provider), hubspot, _) if held => {
                        old.held_against(&field.property, provider, hubspot)
                    }
                    (Some(provider), None, Some(before)) if before.provider == provider => {
                        Some(before)
                    }
                    (Some(provider), hubspot, _) => Some(base::Sides {
                        provider,
                        hubspot: hubspot.unwrap_or(provider),
                    }),
                };
                if let Some(entry) = entry {
                    new.set(&field.property, entry);
                }
            }
            new.into_text()
        })
        .collect()
}

#[cfg(test)]
mod tests;
