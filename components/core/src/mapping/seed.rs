//! A walk over a record's bytes that captures what a [`Trie`] names and skips the rest unread.

use std::borrow::Cow;
use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::trie::{List, Node, NodeId, SlotId, Trie};

/// What a walk found in one place.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) enum Slot<'de> {
    /// The record does not hold the place.
    #[default]
    Absent,
    /// JSON null.
    Null,
    /// A scalar, as text; borrowed from the body where it has no escapes.
    Text(Cow<'de, str>),
    /// An object or list where a scalar was expected, or the other way round.
    WrongType,
}

impl Slot<'_> {
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// The captured values of one record, by [`SlotId`].
pub(crate) struct Slots<'de>(Vec<Slot<'de>>);

impl<'de> Slots<'de> {
    pub(crate) fn new(trie: &Trie) -> Self {
        Self(vec![Slot::Absent; trie.slots()])
    }

    pub(crate) fn clear(&mut self) {
        self.0.fill(Slot::Absent);
    }

    pub(crate) fn get(&self, slot: SlotId) -> &Slot<'de> {
        self.0.get(slot).unwrap_or(&Slot::Absent)
    }

    pub(crate) fn text(&self, slot: SlotId) -> Option<&str> {
        self.get(slot).text()
    }

    fn set(&mut self, slot: SlotId, value: Slot<'de>) {
        if let Some(place) = self.0.get_mut(slot) {
            *place = value;
        }
    }
}

/// A walk from the root of a record. Whatever the record is, only broken JSON is an error.
pub(crate) struct Walk<'t, 's, 'de> {
    trie: &'t Trie,
    node: NodeId,
    slots: &'s mut Slots<'de>,
}

impl<'t, 's, 'de> Walk<'t, 's, 'de> {
    pub(crate) fn new(trie: &'t Trie, slots: &'s mut Slots<'de>) -> Self {
        Self {
            trie,
            node: 0,
            slots,
        }
    }

    fn here(&self) -> Option<&'t Node> {
        self.trie.nodes.get(self.node)
    }

    fn child(&mut self, node: NodeId) -> Walk<'t, '_, 'de> {
        Walk {
            trie: self.trie,
            node,
            slots: self.slots,
        }
    }

    /// A value that has nothing beneath it.
    fn scalar<E>(mut self, value: Slot<'de>) -> Result<(), E> {
        if let Some(node) = self.here() {
            if value != Slot::Null && (!node.children.is_empty() || node.list.is_some()) {
                self.break_below(node);
            }
            if let Some(slot) = node.slot {
                self.slots.set(slot, value);
            }
        }
        Ok(())
    }

    fn text<E>(self, value: impl ToString) -> Result<(), E> {
        if self.here().is_some_and(|node| node.slot.is_some()) {
            let text = value.to_string();
            self.scalar(Slot::Text(text.into()))
        } else {
            self.scalar(Slot::WrongType)
        }
    }

    /// Marks every place below a node as being of another type.
    fn break_below(&mut self, node: &'t Node) {
        for (_, child) in &node.children {
            if let Some(child) = self.trie.nodes.get(*child) {
                if let Some(slot) = child.slot {
                    self.slots.set(slot, Slot::WrongType);
                }
                self.break_below(child);
            }
        }
        self.break_list(node);
    }

    fn break_list(&mut self, node: &'t Node) {
        let choices = node.list.iter().flat_map(|list| &list.choices);
        for (_, slot) in choices.flat_map(|choice| &choice.moves) {
            self.slots.set(*slot, Slot::WrongType);
        }
    }

    fn element<A: SeqAccess<'de>>(
        &mut self,
        list: &'t List,
        seq: &mut A,
    ) -> Result<bool, A::Error> {
        for choice in &list.choices {
            self.slots.set(choice.tested, Slot::Absent);
            for (from, _) in &choice.moves {
                self.slots.set(*from, Slot::Absent);
            }
        }
        if seq.next_element_seed(self.child(list.element))?.is_none() {
            return Ok(false);
        }
        for choice in &list.choices {
            let fits = self
                .slots
                .text(choice.tested)
                .is_some_and(|v| choice.fits(v));
            for (from, to) in choice.moves.iter().filter(|_| fits) {
                if *self.slots.get(*to) == Slot::Absent {
                    let value = self.slots.get(*from).clone();
                    self.slots.set(*to, value);
                }
            }
        }
        Ok(true)
    }
}

impl<'de> DeserializeSeed<'de> for Walk<'_, '_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_, '_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.scalar(Slot::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.scalar(Slot::Text(if value { "true" } else { "false" }.into()))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.text(value)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.text(value)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        self.text(value)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        self.text(value)
    }

    fn visit_borrowed_str<E: Error>(self, value: &'de str) -> Result<(), E> {
        self.scalar(Slot::Text(Cow::Borrowed(value)))
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        let Some(node) = self.here() else {
            return Ok(());
        };
        match &node.list {
            Some(list) => while self.element(list, &mut seq)? {},
            None => while seq.next_element::<IgnoredAny>()?.is_some() {},
        }
        if let Some(slot) = node.slot {
            self.slots.set(slot, Slot::WrongType);
        }
        if node.list.is_none() {
            self.break_below(node);
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        let Some(node) = self.here() else {
            return Ok(());
        };
        if let Some(slot) = node.slot {
            self.slots.set(slot, Slot::WrongType);
        }
        self.break_list(node);
        // Providers write the keys of every record in one order: look for the next one first.
        let mut expected = 0;
        while let Some(child) = map.next_key_seed(KeyOf { node, expected })? {
            match child {
                Some((index, child)) => {
                    expected = index + 1;
                    map.next_value_seed(self.child(child))?;
                }
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

/// Finds a key among a node's children without copying it.
struct KeyOf<'t> {
    node: &'t Node,
    expected: usize,
}

impl<'de> DeserializeSeed<'de> for KeyOf<'_> {
    type Value = Option<(usize, NodeId)>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for KeyOf<'_> {
    type Value = Option<(usize, NodeId)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<Self::Value, E> {
        let children = &self.node.children;
        let (before, after) = children.split_at(self.expected.min(children.len()));
        let after = after.iter().zip(before.len()..);
        let mut in_turn = after.chain(before.iter().zip(0..));
        Ok(in_turn
            .find(|((known, _), _)| **known == *key)
            .map(|((_, child), index)| (index, *child)))
    }
}
