//! A firm at work: a few records change now and then.

use serde_json::{Value, json};

use super::pick;
use super::words::{FIRST_NAMES, LAST_NAMES, TITLES};
use crate::clio::{AccountHandle, Resource};
use crate::error::FakeError;

/// Makes changes in an account; the same seed and account give the same changes.
#[derive(Debug, Clone)]
pub struct Drift {
    rng: fastrand::Rng,
    count: u32,
}

/// What was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Kind of record.
    pub resource: Resource,
    /// Clio's id.
    pub id: u64,
    /// What was done, for people.
    pub what: &'static str,
}

impl Drift {
    /// Changes that follow from a seed.
    pub fn new(seed: u64) -> Self {
        Self {
            rng: fastrand::Rng::with_seed(seed),
            count: 0,
        }
    }

    /// Makes one change. An account without the records for it gets a new person instead.
    pub fn step(&mut self, clio: &AccountHandle) -> Result<Change, FakeError> {
        self.count += 1;
        let (resource, what) = match self.rng.u32(0..10) {
            0..=2 => (Resource::Contacts, "job title changed"),
            3..=4 => (Resource::Contacts, "telephone number added"),
            5..=6 => (Resource::Matters, "status changed"),
            7..=8 => (Resource::Tasks, "status changed"),
            _ => return self.new_person(clio),
        };
        let ids = clio.ids(resource);
        let Some(id) = self.rng.choice(ids.iter()).copied() else {
            return self.new_person(clio);
        };
        let data = self.edit(resource, what);
        clio.edit(resource, id, &data)?;
        Ok(Change { resource, id, what })
    }

    fn edit(&mut self, resource: Resource, what: &str) -> Value {
        match resource {
            Resource::Matters => {
                json!({ "status": pick(&mut self.rng, &["open", "pending", "closed"], "open") })
            }
            Resource::Tasks => {
                let statuses = ["pending", "in_progress", "in_review", "complete"];
                json!({ "status": pick(&mut self.rng, &statuses, "pending") })
            }
            _ if what.starts_with("job") => {
                json!({ "title": format!("{} {}", pick(&mut self.rng, TITLES, "Owner").trim(), self.count) })
            }
            _ => {
                let number = format!("(212) 555-0{}", self.rng.u32(100..200));
                json!({ "phone_numbers": [{ "name": "Work", "number": number, "default_number": true }] })
            }
        }
    }

    fn new_person(&mut self, clio: &AccountHandle) -> Result<Change, FakeError> {
        let first = pick(&mut self.rng, FIRST_NAMES, "Quinn");
        let last = pick(&mut self.rng, LAST_NAMES, "Lee");
        let email = format!("new.person{}.{}@mail.example", self.count, self.rng.u32(..));
        let id = clio.add(
            Resource::Contacts,
            &json!({
                "type": "Person",
                "first_name": first,
                "last_name": last,
                "email_addresses": [{ "name": "Work", "address": email, "default_email": true }],
            }),
        )?;
        Ok(Change {
            resource: Resource::Contacts,
            id,
            what: "person added",
        })
    }
}
