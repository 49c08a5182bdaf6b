//! A base as text, and back.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Fingerprint;
use crate::fingerprint;

/// What is remembered of a link's fields.
#[derive(Debug, Default)]
pub(super) struct Base<'a>(BTreeMap<Cow<'a, str>, Sides>);

/// What is remembered of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sides {
    pub(super) provider: Fingerprint,
    pub(super) hubspot: Fingerprint,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Entry {
    Same(String),
    Different([String; 2]),
}

impl<'a> Base<'a> {
    /// A text that is no base, or an entry that is none, is nothing remembered.
    pub(super) fn parse(text: &str) -> Self {
        let entries: BTreeMap<String, Entry> = serde_json::from_str(text).unwrap_or_default();
        let sides = |entry| match entry {
            Entry::Same(both) => {
                let both = fingerprint::from_text(&both)?;
                Some(Sides {
                    provider: both,
                    hubspot: both,
                })
            }
            Entry::Different([provider, hubspot]) => Some(Sides {
                provider: fingerprint::from_text(&provider)?,
                hubspot: fingerprint::from_text(&hubspot)?,
            }),
        };
        Self(
            entries
                .into_iter()
                .filter_map(|(property, entry)| Some((Cow::Owned(property), sides(entry)?)))
                .collect(),
        )
    }

    pub(super) fn get(&self, property: &str) -> Option<Sides> {
        self.0.get(property).copied()
    }

    pub(super) fn set(&mut self, property: &'a str, sides: Sides) {
        self.0.insert(Cow::Borrowed(property), sides);
    }

    pub(super) fn into_text(self) -> String {
        let entries: BTreeMap<Cow<'_, str>, Entry> = self
            .0
            .into_iter()
            .map(|(property, Sides { provider, hubspot })| {
                let entry = if provider == hubspot {
                    Entry::Same(fingerprint::to_text(provider))
                } else {
                    Entry::Different([provider, hubspot].map(fingerprint::to_text))
                };
                (property, entry)
            })
            .collect();
        // Strings alone, written to memory: nothing in here can fail.
        serde_json::to_string(&entries).unwrap_or_default()
    }
}
