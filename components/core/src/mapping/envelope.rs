//! What surrounds a page's records.

use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::PageError;
use super::seed::{Slots, Walk};
use super::trie::Trie;

/// Takes a page apart: its records one by one, and what else is of interest.
pub(super) trait Envelope<'de> {
    /// Key of the list of records.
    fn records(&self) -> &str;
    /// The trie of a record.
    fn trie(&self) -> &Trie;
    /// A record was walked.
    fn record(&mut self, slots: &Slots<'de>);
    /// Any other key of the page; the value must be consumed.
    fn other<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error>;
}

/// Reads a whole body. The list of records must be there and be a list.
pub(super) fn read<'de, E: Envelope<'de>>(
    body: &'de [u8],
    envelope: &mut E,
) -> Result<(), PageError> {
    let text = std::str::from_utf8(body)
        .map_err(|error| PageError::Malformed(error.valid_up_to() as u64))?;
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let mut found = Found::Nothing;
    let page = PageSeed {
        envelope,
        found: &mut found,
    };
    page.deserialize(&mut deserializer)
        .and_then(|()| deserializer.end())
        .map_err(|error| PageError::Malformed(offset(body, &error)))?;
    match found {
        Found::Records => Ok(()),
        Found::Nothing => Err(PageError::Unexpected("the page is no object".to_owned())),
        Found::Object | Found::Other => Err(PageError::Unexpected(format!(
            "`{}` is no list",
            envelope.records()
        ))),
    }
}

/// What a body turned out to be.
enum Found {
    /// No object.
    Nothing,
    /// An object without records.
    Object,
    /// An object whose records are no list.
    Other,
    /// A list of records.
    Records,
}

/// Byte offset of an error that names line and column.
fn offset(body: &[u8], error: &serde_json::Error) -> u64 {
    let lines = body.split_inclusive(|byte| *byte == b'\n');
    let before: usize = lines
        .take(error.line().saturating_sub(1))
        .map(<[u8]>::len)
        .sum();
    (before + error.column()) as u64
}

/// A visitor that takes every scalar for nothing.
macro_rules! ignore_scalars {
    ($value:expr) => {
        fn visit_unit<Er: Error>(self) -> Result<Self::Value, Er> {
            Ok($value)
        }
        fn visit_bool<Er: Error>(self, _: bool) -> Result<Self::Value, Er> {
            Ok($value)
        }
        fn visit_i64<Er: Error>(self, _: i64) -> Result<Self::Value, Er> {
            Ok($value)
        }
        fn visit_u64<Er: Error>(self, _: u64) -> Result<Self::Value, Er> {
            Ok($value)
        }
        fn visit_f64<Er: Error>(self, _: f64) -> Result<Self::Value, Er> {
            Ok($value)
        }
        fn visit_str<Er: Error>(self, _: &str) -> Result<Self::Value, Er> {
            Ok($value)
        }
    };
}

struct PageSeed<'e, E> {
    envelope: &'e mut E,
    found: &'e mut Found,
}

impl<'de, E: Envelope<'de>> DeserializeSeed<'de> for PageSeed<'_, E> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, E: Envelope<'de>> Visitor<'de> for PageSeed<'_, E> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a page")
    }

    ignore_scalars!(());

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        *self.found = Found::Object;
        while let Some(key) = map.next_key::<String>()? {
            if key == self.envelope.records() {
                let is_list = map.next_value_seed(RecordsSeed {
                    envelope: self.envelope,
                })?;
                *self.found = if is_list {
                    Found::Records
                } else {
                    Found::Other
                };
            } else {
                self.envelope.other(&key, &mut map)?;
            }
        }
        Ok(())
    }
}

/// Whether the value was a list.
struct RecordsSeed<'e, E> {
    envelope: &'e mut E,
}

impl<'de, E: Envelope<'de>> DeserializeSeed<'de> for RecordsSeed<'_, E> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, E: Envelope<'de>> Visitor<'de> for RecordsSeed<'_, E> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of records")
    }

    ignore_scalars!(false);

    /// One record alone, as a read or write of it answers.
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<bool, A::Error> {
        let mut slots = Slots::new(self.envelope.trie());
        Walk::new(self.envelope.trie(), &mut slots).visit_map(map)?;
        self.envelope.record(&slots);
        Ok(true)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<bool, A::Error> {
        let mut slots = Slots::new(self.envelope.trie());
        while seq
            .next_element_seed(Walk::new(self.envelope.trie(), &mut slots))?
            .is_some()
        {
            self.envelope.record(&slots);
            slots.clear();
        }
        Ok(true)
    }
}
