//! What a sync must make of the data.

use std::collections::BTreeSet;

/// What a match was decided by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MatchedBy {
    /// Contacts.
    Email,
    /// Companies.
    Domain,
    /// Both.
    Name,
}

/// A record of Clio and the hand-made record of HubSpot that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MatchedRecord {
    /// Clio's id.
    pub source: u64,
    /// HubSpot's id.
    pub hubspot: u64,
    /// How it is known.
    pub by: MatchedBy,
}

/// Of one kind of records.
#[derive(Debug, Clone, Default)]
pub struct ObjectExpectation {
    /// How many records Clio has.
    pub source: usize,
    /// Clio's ids of those that become new records.
    pub created: Vec<u64>,
    /// Those that are hand-made records already.
    pub matched: Vec<MatchedRecord>,
    /// Clio's ids of those that wait in the review queue.
    pub waiting: Vec<u64>,
    /// Clio's ids and HubSpot's properties of values that cannot be transformed; the records arrive.
    pub field_errors: Vec<(u64, &'static str)>,
    /// HubSpot's ids of hand-made records that the sync must leave alone.
    pub untouched: Vec<u64>,
}

impl ObjectExpectation {
    /// How many records of Clio have one in HubSpot afterwards.
    pub fn arriving(&self) -> usize {
        self.created.len() + self.matched.len()
    }

    /// How many records HubSpot has afterwards.
    pub fn in_hubspot(&self) -> usize {
        self.arriving() + self.untouched.len()
    }

    /// How many records HubSpot had before.
    pub fn before(&self) -> usize {
        self.matched.len() + self.untouched.len()
    }
}

/// Clio's ids of two associated records.
pub type Pair = (u64, u64);

/// What a sync must make of a [`super::Dataset`].
#[derive(Debug, Clone, Default)]
pub struct Expectation {
    /// People.
    pub contacts: ObjectExpectation,
    /// Companies.
    pub companies: ObjectExpectation,
    /// Matters.
    pub deals: ObjectExpectation,
    /// Tasks.
    pub tickets: ObjectExpectation,
    /// Person and employer.
    pub contact_company: BTreeSet<Pair>,
    /// Person and matter: clients and relationships.
    pub contact_deal: BTreeSet<Pair>,
    /// Company and matter: clients and relationships.
    pub company_deal: BTreeSet<Pair>,
    /// Task and matter.
    pub ticket_deal: BTreeSet<Pair>,
}
