//! Puts a dataset into the fakes.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::expectation::{Expectation, MatchedRecord, ObjectExpectation};
use super::people::is_invalid;
use super::{Address, Company, Dataset, Fate, Matter, Party, Person, Task};
use crate::clio::{AccountHandle, Resource};
use crate::error::FakeError;
use crate::hubspot::{ObjectType, PortalHandle};

/// Ids in the order of the dataset.
#[derive(Default)]
struct Ids {
    attorneys: Vec<u64>,
    practice_areas: Vec<u64>,
    companies: Vec<u64>,
    people: Vec<u64>,
    matters: Vec<u64>,
    by_hand: Vec<u64>,
}

impl Ids {
    fn party(&self, party: Party) -> Option<u64> {
        match party {
            Party::Person(position) => self.people.get(position).copied(),
            Party::Company(position) => self.companies.get(position).copied(),
        }
    }
}

impl Dataset {
    /// Puts everything into an account and a portal, both empty, and says what must come of it.
    pub fn install(
        &self,
        clio: &AccountHandle,
        hubspot: &PortalHandle,
    ) -> Result<Expectation, FakeError> {
        let mut ids = Ids::default();
        let mut expected = Expectation::default();
        for record in &self.by_hand {
            let values: Vec<(&str, &str)> = record
                .values
                .iter()
                .map(|(name, value)| (*name, value.as_str()))
                .collect();
            ids.by_hand
                .push(hubspot.create_by_hand(record.kind, &values)?);
        }
        let backdate = Backdate::new();
        for (first, last) in &self.attorneys {
            ids.attorneys.push(clio.add_user(first, last));
        }
        for name in &self.practice_areas {
            ids.practice_areas
                .push(clio.add(Resource::PracticeAreas, &json!({ "name": name }))?);
        }
        for company in &self.companies {
            let id = clio.add(Resource::Contacts, &company_data(company))?;
            backdate.apply(clio, Resource::Contacts, id)?;
            ids.companies.push(id);
            settle(&mut expected.companies, id, company.fate, &ids.by_hand);
        }
        for person in &self.people {
            let employer = person
                .company
                .and_then(|position| ids.companies.get(position).copied());
            let id = clio.add(Resource::Contacts, &person_data(person, employer))?;
            backdate.apply(clio, Resource::Contacts, id)?;
            ids.people.push(id);
            settle(&mut expected.contacts, id, person.fate, &ids.by_hand);
            if person.email.as_deref().is_some_and(is_invalid) {
                expected.contacts.field_errors.push((id, "email"));
            }
        }
        for matter in &self.matters {
            let id = clio.add(Resource::Matters, &matter_data(matter, &ids))?;
            backdate.apply(clio, Resource::Matters, id)?;
            ids.matters.push(id);
            settle(&mut expected.deals, id, Fate::Created, &ids.by_hand);
        }
        for task in &self.tasks {
            let matter = task
                .matter
                .and_then(|position| ids.matters.get(position).copied());
            let assignee = ids.attorneys.first().copied().unwrap_or_default();
            let id = clio.add(Resource::Tasks, &task_data(task, matter, assignee))?;
            backdate.apply(clio, Resource::Tasks, id)?;
            settle(&mut expected.tickets, id, Fate::Created, &ids.by_hand);
            if task.description.chars().count() > 65_536 {
                expected.tickets.field_errors.push((id, "content"));
            }
            expected
                .ticket_deal
                .extend(matter.map(|matter| (id, matter)));
        }
        for relationship in &self.relationships {
            let ends = ids
                .matters
                .get(relationship.matter)
                .copied()
                .zip(ids.party(relationship.contact));
            let Some((matter, contact)) = ends else {
                continue;
            };
            let id = clio.add(
                Resource::Relationships,
                &json!({
                    "description": relationship.description,
                    "matter": { "id": matter },
                    "contact": { "id": contact },
                }),
            )?;
            backdate.apply(clio, Resource::Relationships, id)?;
        }
        self.associate(&ids, &mut expected);
        self.leave_alone(&ids, &mut expected);
        Ok(expected)
    }

    /// Associations exist between records that arrive.
    fn associate(&self, ids: &Ids, expected: &mut Expectation) {
        let arrives = |party: Party| {
            let fate = match party {
                Party::Person(position) => self.people.get(position).map(|person| person.fate),
                Party::Company(position) => {
                    self.companies.get(position).map(|company| company.fate)
                }
            };
            ids.party(party)
                .filter(|_| fate.is_some_and(|fate| fate != Fate::Waiting))
        };
        for (position, person) in self.people.iter().enumerate() {
            let employer = person
                .company
                .and_then(|position| arrives(Party::Company(position)));
            expected
                .contact_company
                .extend(arrives(Party::Person(position)).zip(employer));
        }
        let clients = self
            .matters
            .iter()
            .enumerate()
            .map(|(position, matter)| (position, matter.client));
        let others = self
            .relationships
            .iter()
            .map(|relationship| (relationship.matter, relationship.contact));
        for (matter, party) in clients.chain(others) {
            let pair = arrives(party).zip(ids.matters.get(matter).copied());
            match party {
                Party::Person(_) => expected.contact_deal.extend(pair),
                Party::Company(_) => expected.company_deal.extend(pair),
            }
        }
    }

    fn leave_alone(&self, ids: &Ids, expected: &mut Expectation) {
        let matched: HashSet<u64> = [&expected.contacts, &expected.companies]
            .into_iter()
            .flat_map(|object| &object.matched)
            .map(|matched| matched.hubspot)
            .collect();
        for (record, id) in self
            .by_hand
            .iter()
            .zip(&ids.by_hand)
            .filter(|(_, id)| !matched.contains(id))
        {
            let object = match record.kind {
                ObjectType::Contacts => &mut expected.contacts,
                ObjectType::Companies => &mut expected.companies,
                ObjectType::Deals => &mut expected.deals,
                ObjectType::Tickets => &mut expected.tickets,
            };
            object.untouched.push(*id);
        }
    }
}

fn settle(object: &mut ObjectExpectation, id: u64, fate: Fate, by_hand: &[u64]) {
    object.source += 1;
    match fate {
        Fate::Created => object.created.push(id),
        Fate::Waiting => object.waiting.push(id),
        Fate::Matched(position, by) => {
            let hubspot = by_hand.get(position).copied().unwrap_or_default();
            object.matched.push(MatchedRecord {
                source: id,
                hubspot,
                by,
            });
        }
    }
}

/// Records are months old when the first sync comes.
struct Backdate {
    end: DateTime<Utc>,
}

impl Backdate {
    fn new() -> Self {
        Self {
            end: DateTime::from_timestamp(1_767_225_600, 0).unwrap_or_default(),
        }
    }

    fn apply(&self, clio: &AccountHandle, resource: Resource, id: u64) -> Result<(), FakeError> {
        // Spread by the id over two years, newest changes in no order.
        let hours = i64::try_from(id.wrapping_mul(7_919) % (2 * 365 * 24)).unwrap_or_default();
        let created = self.end - TimeDelta::hours(hours);
        clio.set_times(resource, id, created, created + TimeDelta::hours(hours / 3))
    }
}

fn put(data: &mut Map<String, Value>, name: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        data.insert(name.to_owned(), value.into());
    }
}

fn parts(name: &str, field: &str, value: Option<&String>, flag: &str) -> Option<Value> {
    value.map(|value| json!([{ "name": name, field: value, flag: true }]))
}

fn address_parts(address: Option<&Address>) -> Option<Value> {
    address.map(|address| {
        json!([{
            "name": "Work",
            "street": address.street,
            "city": address.city,
            "province": address.province,
            "postal_code": address.postal_code,
            "country": address.country,
        }])
    })
}

fn company_data(company: &Company) -> Value {
    let mut data = Map::new();
    put(&mut data, "type", Some("Company"));
    put(&mut data, "name", Some(company.name.as_str()));
    put(
        &mut data,
        "web_sites",
        parts(
            "Work",
            "address",
            company.web_site.as_ref(),
            "default_web_site",
        ),
    );
    put(
        &mut data,
        "phone_numbers",
        parts("Work", "number", company.phone.as_ref(), "default_number"),
    );
    put(
        &mut data,
        "addresses",
        address_parts(company.address.as_ref()),
    );
    Value::Object(data)
}

fn person_data(person: &Person, employer: Option<u64>) -> Value {
    let mut data = Map::new();
    put(&mut data, "type", Some("Person"));
    put(&mut data, "first_name", Some(person.first_name.as_str()));
    put(&mut data, "last_name", Some(person.last_name.as_str()));
    put(&mut data, "title", person.title.as_deref());
    put(&mut data, "company", employer.map(|id| json!({ "id": id })));
    put(
        &mut data,
        "email_addresses",
        parts("Work", "address", person.email.as_ref(), "default_email"),
    );
    put(
        &mut data,
        "phone_numbers",
        parts("Mobile", "number", person.phone.as_ref(), "default_number"),
    );
    put(
        &mut data,
        "addresses",
        address_parts(person.address.as_ref()),
    );
    Value::Object(data)
}

fn matter_data(matter: &Matter, ids: &Ids) -> Value {
    let reference = |list: &[u64], position: Option<usize>| {
        position
            .and_then(|position| list.get(position))
            .map(|id| json!({ "id": id }))
    };
    let mut data = Map::new();
    put(&mut data, "description", Some(matter.description.as_str()));
    put(&mut data, "status", Some(matter.status));
    put(
        &mut data,
        "client",
        ids.party(matter.client).map(|id| json!({ "id": id })),
    );
    put(
        &mut data,
        "practice_area",
        reference(&ids.practice_areas, matter.practice_area),
    );
    put(
        &mut data,
        "responsible_attorney",
        reference(&ids.attorneys, matter.attorney),
    );
    put(
        &mut data,
        "originating_attorney",
        reference(&ids.attorneys, matter.attorney),
    );
    put(&mut data, "open_date", Some(matter.open_date.as_str()));
    put(&mut data, "close_date", matter.close_date.as_deref());
    Value::Object(data)
}

fn task_data(task: &Task, matter: Option<u64>, assignee: u64) -> Value {
    let mut data = Map::new();
    put(&mut data, "name", Some(task.name.as_str()));
    put(&mut data, "description", Some(task.description.as_str()));
    put(
        &mut data,
        "description_text_type",
        Some(if task.rich_text {
            "rich_text"
        } else {
            "plain_text"
        }),
    );
    put(&mut data, "status", Some(task.status));
    put(&mut data, "priority", Some(task.priority));
    put(&mut data, "due_at", task.due_at.as_deref());
    put(&mut data, "matter", matter.map(|id| json!({ "id": id })));
    put(
        &mut data,
        "assignee",
        Some(json!({ "id": assignee, "type": "User" })),
    );
    Value::Object(data)
}
