//! The match keys of a record, from its mapped values.

use super::MatchKey;
use super::plan::{CompiledRule, PlainRule};
use crate::declaration::{KeyKind, Object};
use crate::fingerprint::{FieldFingerprinter, Fingerprint, Fingerprinter};
use crate::key;

/// A tier, with its properties as indices of rules.
pub(super) struct Tier {
    name: &'static str,
    kind: KeyKind,
    parts: Vec<usize>,
    fingerprinter: FieldFingerprinter,
    /// The rule of the key's property normalises like the key itself.
    is_normal: bool,
    /// Index of the tier that guards this one.
    guard: Option<usize>,
}

/// Whose record's keys are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// Values have gone through their transforms.
    Provider,
    /// Values are what people made of them.
    Hubspot,
}

/// The default rules of properties that keys need and a plan does not map.
pub(super) fn unmapped<'a>(
    object: &'static Object,
    mapped: &[PlainRule<'a>],
) -> Vec<PlainRule<'a>> {
    let needed = |property: &str| {
        object
            .tiers
            .iter()
            .any(|t| t.properties.iter().any(|p| p == property))
    };
    object
        .rules
        .iter()
        .filter(|rule| {
            needed(&rule.property) && !mapped.iter().any(|m| m.property == rule.property)
        })
        .filter_map(|rule| PlainRule::default(rule).ok())
        .collect()
}

pub(super) fn compile(
    object: &'static Object,
    rules: &[CompiledRule<'_>],
    fingerprinter: &Fingerprinter,
) -> Vec<Tier> {
    let index = |property: &String| rules.iter().position(|r| r.property == property);
    let tier = |name: &String| object.tiers.iter().position(|t| t.name == *name);
    object
        .tiers
        .iter()
        .map(|declared| Tier {
            name: &declared.name,
            kind: declared.key,
            parts: declared.properties.iter().filter_map(index).collect(),
            fingerprinter: fingerprinter.tier(&declared.name),
            is_normal: declared.properties.iter().all(|property| {
                let rule = rules.iter().find(|r| r.property == property);
                rule.is_some_and(|rule| key::is_normal(declared.key, &rule.transform))
            }),
            guard: declared.guard.as_ref().and_then(tier),
        })
        .collect()
}

/// The keys that values make; `value` gives that of a rule's index, in HubSpot's form.
pub(super) fn of<'v>(
    tiers: &[Tier],
    side: Side,
    value: impl Fn(usize) -> Option<&'v str>,
) -> Vec<MatchKey> {
    let mut digests: Vec<Option<Fingerprint>> = Vec::with_capacity(tiers.len());
    let mut keys = Vec::with_capacity(tiers.len());
    for tier in tiers {
        let is_normal = tier.is_normal && side == Side::Provider;
        let key = match tier.parts[..] {
            [only] => value(only).and_then(|value| key::of_one(tier.kind, value, is_normal)),
            [first, last] => match (value(first), value(last)) {
                (Some(first), Some(last)) => key::of_person(first, last),
                _ => None,
            },
            _ => None,
        };
        let digest = key.as_deref().map(|key| tier.fingerprinter.of(key));
        if let (Some(value), Some(digest)) = (key, digest) {
            let guard = tier.guard.and_then(|guard| *digests.get(guard)?);
            keys.push(MatchKey {
                tier: tier.name.to_owned(),
                digest,
                value,
                guard,
            });
        }
        digests.push(digest);
    }
    keys
}
