//! A provider's page to mapped records.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use serde::de::{IgnoredAny, MapAccess};

use super::envelope::{self, Envelope};
use super::keys::{self, Side};
use super::link::push_segment;
use super::plan::{Compiled, CompiledRelation, CompiledRule, LinkPart};
use super::seed::{Slot, Slots, Walk};
use super::trie::{SlotId, Trie};
use super::{Field, FieldError, MappedRecord, Page, PageError, Plan, RelationSet};
use crate::declaration::Paging;
use crate::fingerprint::BLANK;
use crate::provider;
use crate::transform::{self, ValueError};

/// Maps one page of a provider's list.
///
/// # Errors
/// Where the body is no JSON or no page, its next page lies on another host, or the plan is not
/// usable. What is wrong with a record, or with a field of one, is told with the record.
pub fn map_page(plan: &Plan, body: &[u8]) -> Result<Page, PageError> {
    let compiled = Compiled::new(plan).map_err(|error| PageError::Plan(error.to_string()))?;
    let mut reader = Reader {
        next: NextLink::new(&compiled.connector.declaration.paging),
        plan: &compiled,
        records: Vec::new(),
        unreadable: 0,
    };
    envelope::read(body, &mut reader)?;
    let cursor = reader.next.cursor(compiled.base_url)?;
    Ok(Page {
        records: reader.records,
        unreadable: reader.unreadable,
        cursor,
    })
}

/// The next page's URL, wherever the connector declares it.
pub(super) struct NextLink<'a> {
    records: &'a str,
    path: Vec<&'a str>,
    found: Option<String>,
}

impl<'a> NextLink<'a> {
    pub(super) fn new(paging: &'a Paging) -> Self {
        let Paging::NextLink { records, next, .. } = paging;
        Self {
            records,
            path: next.split('.').collect(),
            found: None,
        }
    }

    pub(super) fn records(&self) -> &'a str {
        self.records
    }

    /// Consumes the value of a page's key, and keeps the link if it is in there.
    pub(super) fn read<'de, A: MapAccess<'de>>(
        &mut self,
        key: &str,
        map: &mut A,
    ) -> Result<(), A::Error> {
        match self.path.split_first() {
            Some((first, rest)) if *first == key => {
                let mut trie = Trie::new();
                let slot = trie.add_keys(rest);
                let mut slots = Slots::new(&trie);
                map.next_value_seed(Walk::new(&trie, &mut slots))?;
                self.found = slots.text(slot).map(str::to_owned);
            }
            _ => {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }

    pub(super) fn cursor(self, base_url: &str) -> Result<Option<String>, PageError> {
        match self.found.filter(|link| !link.is_empty()) {
            Some(link) if provider::same_origin(base_url, &link) => Ok(Some(link)),
            Some(_) => Err(PageError::ForeignCursor),
            None => Ok(None),
        }
    }
}

struct Reader<'p> {
    plan: &'p Compiled<'p>,
    next: NextLink<'p>,
    records: Vec<MappedRecord>,
    unreadable: u32,
}

impl<'de> Envelope<'de> for Reader<'_> {
    fn records(&self) -> &str {
        self.next.records()
    }

    fn trie(&self) -> &Trie {
        &self.plan.trie
    }

    fn record(&mut self, slots: &Slots<'de>) {
        match self.plan.record(slots) {
            Some(record) => self.records.push(record),
            None => self.unreadable += 1,
        }
    }

    fn other<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        self.next.read(key, map)
    }
}

impl Compiled<'_> {
    /// None where the record has no id.
    fn record(&self, slots: &Slots<'_>) -> Option<MappedRecord> {
        let id = slots.text(self.id).filter(|id| !id.is_empty())?;
        let mut fields = Vec::with_capacity(self.rules.len());
        let mut errors = Vec::new();
        for (index, rule) in self.rules.iter().enumerate() {
            let field = match self.value(rule, slots) {
                Ok(value) => Field {
                    fingerprint: Some(match &value {
                        Some(text) => rule.fingerprinter.of(text),
                        None => BLANK,
                    }),
                    value,
                },
                Err(error) => {
                    // A rule that only serves a key is nobody's field.
                    if index < self.mapped {
                        errors.push(FieldError {
                            property: rule.property.to_owned(),
                            code: error.to_string(),
                        });
                    }
                    Field {
                        value: None,
                        fingerprint: None,
                    }
                }
            };
            fields.push(field);
        }
        let keys = keys::of(&self.tiers, Side::Provider, |rule| {
            fields.get(rule)?.value.as_deref()
        });
        fields.truncate(self.mapped);
        let updated_at = slots
            .text(self.updated_at)
            .and_then(transform::parse_instant);
        Some(MappedRecord {
            id: id.to_owned(),
            updated_at: updated_at.and_then(|time| u64::try_from(time.timestamp_millis()).ok()),
            fields,
            keys,
            errors,
            relations: self
                .relations
                .iter()
                .filter_map(|relation| relation.read(slots))
                .collect(),
            system: self.system(slots, updated_at),
        })
    }

    fn value(
        &self,
        rule: &CompiledRule<'_>,
        slots: &Slots<'_>,
    ) -> Result<Option<String>, ValueError> {
        let transformed = |slot| match slots.get(slot) {
            Slot::Absent | Slot::Null => Ok(None),
            Slot::Text(text) => rule.transform.apply(text, self.country),
            Slot::WrongType => Err(ValueError::Type),
        };
        let value = match (transformed(rule.source)?, rule.fallback) {
            (None, Some(fallback)) => transformed(fallback)?,
            (value, _) => value,
        };
        Ok(value.map(|value| match rule.alias(&value) {
            Some(id) => id.to_owned(),
            None => value,
        }))
    }

    fn system(
        &self,
        slots: &Slots<'_>,
        updated_at: Option<DateTime<Utc>>,
    ) -> Vec<(String, String)> {
        let names = &self.connector.declaration.system;
        let mut system = Vec::with_capacity(2);
        if let Some(link) = self.links.iter().find_map(|parts| deep_link(parts, slots)) {
            system.push((names.url.clone(), link));
        }
        if let Some(time) = updated_at {
            system.push((names.updated_at.clone(), transform::to_rfc3339(time)));
        }
        system
    }
}

impl CompiledRule<'_> {
    /// The id that provisioning gave a value.
    fn alias(&self, value: &str) -> Option<&str> {
        let alias = self.aliases.iter().find(|(known, _)| *known == value);
        alias.map(|(_, id)| *id)
    }
}

impl CompiledRelation {
    /// None where the record does not tell: a value of another type is no proof of absence.
    fn read(&self, slots: &Slots<'_>) -> Option<RelationSet> {
        let holds = match self.when {
            Some((slot, is)) => match scalar(slots, slot)? {
                Some(text) => text == is,
                None => false,
            },
            None => true,
        };
        let other = scalar(slots, self.other)?.filter(|_| holds);
        Some(RelationSet {
            kind: self.relation.kind.clone(),
            reverse: self.reverse,
            others: other.map(Cow::into_owned).into_iter().collect(),
        })
    }
}

/// The text in a place, none where it is blank; nothing at all where it is of another type.
fn scalar<'s>(slots: &'s Slots<'_>, slot: SlotId) -> Option<Option<Cow<'s, str>>> {
    match slots.get(slot) {
        Slot::WrongType => None,
        Slot::Text(text) => Some(Some(Cow::Borrowed(text.as_ref())).filter(|t| !t.is_empty())),
        Slot::Absent | Slot::Null => Some(None),
    }
}

fn deep_link(parts: &[LinkPart<'_>], slots: &Slots<'_>) -> Option<String> {
    let mut link = String::new();
    for part in parts {
        match part {
            LinkPart::Text(text) => link.push_str(text),
            LinkPart::Value(slot) => {
                push_segment(&mut link, slots.text(*slot).filter(|v| !v.is_empty())?);
            }
        }
    }
    Some(link)
}
