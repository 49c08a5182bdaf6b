//! Paths of a record compiled to a trie: what a walk over a record's bytes captures, and where.

use crate::path::{Selector, SourcePath, Test};

/// Index of a captured value.
pub(crate) type SlotId = usize;
/// Index of a node.
pub(super) type NodeId = usize;

/// The root is node 0.
#[derive(Debug)]
pub(crate) struct Trie {
    pub(super) nodes: Vec<Node>,
    slots: usize,
}

/// A place in a record.
#[derive(Debug, Default)]
pub(super) struct Node {
    /// Keys of interest, in the order in which they were added.
    pub(super) children: Vec<(Box<str>, NodeId)>,
    /// Where a scalar in this place goes.
    pub(super) slot: Option<SlotId>,
    /// What to take of a list in this place.
    pub(super) list: Option<List>,
}

/// A list whose elements are chosen from.
#[derive(Debug)]
pub(super) struct List {
    /// The elements' trie; its slots serve one element at a time.
    pub(super) element: NodeId,
    pub(super) choices: Vec<Choice>,
}

/// One `[…]` and the values taken of the first element that fits it.
#[derive(Debug)]
pub(super) struct Choice {
    selector: Selector,
    /// The element's value under the selector's key.
    pub(super) tested: SlotId,
    /// From the element's slots to the record's.
    pub(super) moves: Vec<(SlotId, SlotId)>,
}

impl Choice {
    pub(super) fn fits(&self, value: &str) -> bool {
        match &self.selector.test {
            Test::True => value == "true",
            Test::Equals(text) => value == text,
        }
    }
}

impl Trie {
    pub(crate) fn new() -> Self {
        Self {
            nodes: vec![Node::default()],
            slots: 0,
        }
    }

    /// How many values a walk captures.
    pub(crate) fn slots(&self) -> usize {
        self.slots
    }

    /// Adds a path; the same path has the same slot.
    pub(crate) fn add(&mut self, path: &SourcePath) -> SlotId {
        let mut at = 0;
        let mut segments = path.segments().iter();
        while let Some(segment) = segments.next() {
            at = self.child(at, &segment.key);
            if let Some(selector) = &segment.element {
                let rest = segments.map(|s| s.key.as_str()).collect::<Vec<_>>();
                return self.choose(at, selector, &rest);
            }
        }
        self.slot(at)
    }

    /// Adds a path of keys alone.
    pub(crate) fn add_keys(&mut self, keys: &[&str]) -> SlotId {
        let node = self.descend(0, keys);
        self.slot(node)
    }

    fn choose(&mut self, node: NodeId, selector: &Selector, rest: &[&str]) -> SlotId {
        let element = match self.node(node).list.as_ref() {
            Some(list) => list.element,
            None => {
                let element = self.push();
                self.node(node).list = Some(List {
                    element,
                    choices: Vec::new(),
                });
                element
            }
        };
        let tested = self.descend(element, &[&selector.key]);
        let tested = self.slot(tested);
        let taken = self.descend(element, rest);
        let taken = self.slot(taken);
        let fresh = self.slots;
        let Some(list) = self.node(node).list.as_mut() else {
            return fresh;
        };
        if let Some(choice) = list.choices.iter_mut().find(|c| c.selector == *selector) {
            if let Some((_, known)) = choice.moves.iter().find(|(from, _)| *from == taken) {
                return *known;
            }
            choice.moves.push((taken, fresh));
        } else {
            list.choices.push(Choice {
                selector: selector.clone(),
                tested,
                moves: vec![(taken, fresh)],
            });
        }
        self.slots += 1;
        fresh
    }

    fn descend(&mut self, from: NodeId, keys: &[&str]) -> NodeId {
        keys.iter().fold(from, |node, key| self.child(node, key))
    }

    fn child(&mut self, node: NodeId, key: &str) -> NodeId {
        let children = &self.node(node).children;
        if let Some((_, child)) = children.iter().find(|(known, _)| **known == *key) {
            return *child;
        }
        let child = self.push();
        self.node(node).children.push((key.into(), child));
        child
    }

    fn slot(&mut self, node: NodeId) -> SlotId {
        if let Some(slot) = self.node(node).slot {
            return slot;
        }
        let slot = self.slots;
        self.slots += 1;
        self.node(node).slot = Some(slot);
        slot
    }

    fn push(&mut self) -> NodeId {
        self.nodes.push(Node::default());
        self.nodes.len() - 1
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "a NodeId is an index that `push` gave"
    )]
    fn node(&mut self, id: NodeId) -> &mut Node {
        &mut self.nodes[id]
    }
}
