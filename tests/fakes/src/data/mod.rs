//! Lifelike data for both sides, and what must come of it.
//!
//! [`generate`] makes people, companies, matters, tasks and relationships of a law firm, and records
//! that somebody made in HubSpot by hand before. [`Dataset::install`] puts them into the fakes and
//! says what a sync must make of them: an [`Expectation`].

mod cast;
mod companies;
mod drift;
mod expectation;
mod install;
mod matters;
mod people;
mod words;

pub use drift::{Change, Drift};
pub use expectation::{Expectation, MatchedBy, MatchedRecord, ObjectExpectation, Pair};

use crate::hubspot::ObjectType;

/// How much data, and which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DataConfig {
    /// The same seed gives the same data.
    pub seed: u64,
    /// Contacts of type Person, the hand-made cases (about 60) included.
    pub people: usize,
    /// Contacts of type Company, the hand-made cases (about 25) included.
    pub companies: usize,
    /// Matters.
    pub matters: usize,
    /// Tasks.
    pub tasks: usize,
}

impl Default for DataConfig {
    fn default() -> Self {
        Self {
            seed: 300,
            people: 1_200,
            companies: 150,
            matters: 400,
            tasks: 900,
        }
    }
}

/// What a sync must do with a record of Clio.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Nothing in HubSpot is the same: a new record.
    Created,
    /// It is this hand-made record (position in [`Dataset::by_hand`]).
    Matched(usize, MatchedBy),
    /// Several could be meant: it waits in the review queue.
    Waiting,
}

/// An address; every part may be missing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Address {
    /// Street and number.
    pub street: String,
    /// City.
    pub city: String,
    /// State or province.
    pub province: String,
    /// ZIP or postal code.
    pub postal_code: String,
    /// Country.
    pub country: String,
}

/// A contact of type Person, as Clio's users typed it.
#[derive(Debug, Clone)]
pub struct Person {
    /// May be blank, but not with `last_name`.
    pub first_name: String,
    /// May be blank.
    pub last_name: String,
    /// Job title.
    pub title: Option<String>,
    /// Valid or not.
    pub email: Option<String>,
    /// In any format.
    pub phone: Option<String>,
    /// Where they live.
    pub address: Option<Address>,
    /// Position of the employer in [`Dataset::companies`].
    pub company: Option<usize>,
    /// What must come of it.
    pub fate: Fate,
}

/// A contact of type Company.
#[derive(Debug, Clone)]
pub struct Company {
    /// Never blank.
    pub name: String,
    /// As typed: with or without scheme, `www`, path.
    pub web_site: Option<String>,
    /// In any format.
    pub phone: Option<String>,
    /// Its seat.
    pub address: Option<Address>,
    /// What must come of it.
    pub fate: Fate,
}

/// A contact of either type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Party {
    /// Position in [`Dataset::people`].
    Person(usize),
    /// Position in [`Dataset::companies`].
    Company(usize),
}

/// A matter.
#[derive(Debug, Clone)]
pub struct Matter {
    /// May be blank.
    pub description: String,
    /// `open`, `pending`, `closed`.
    pub status: &'static str,
    /// Who pays.
    pub client: Party,
    /// Position in [`Dataset::practice_areas`].
    pub practice_area: Option<usize>,
    /// Position in [`Dataset::attorneys`].
    pub attorney: Option<usize>,
    /// `YYYY-MM-DD`.
    pub open_date: String,
    /// `YYYY-MM-DD`.
    pub close_date: Option<String>,
}

/// A task.
#[derive(Debug, Clone)]
pub struct Task {
    /// With or without blanks around it.
    pub name: String,
    /// Plain text or HTML.
    pub description: String,
    /// The description is HTML.
    pub rich_text: bool,
    /// `pending`, `in_progress`, `in_review`, `complete`.
    pub status: &'static str,
    /// `High`, `Normal`, `Low`.
    pub priority: &'static str,
    /// `YYYY-MM-DD`.
    pub due_at: Option<String>,
    /// Position in [`Dataset::matters`].
    pub matter: Option<usize>,
}

/// Somebody who has to do with a matter beside its client.
#[derive(Debug, Clone)]
pub struct Relationship {
    /// Position in [`Dataset::matters`].
    pub matter: usize,
    /// Who.
    pub contact: Party,
    /// Their part in it.
    pub description: &'static str,
}

/// A record that was in HubSpot before the first sync.
#[derive(Debug, Clone)]
pub struct HandMade {
    /// Kind of record.
    pub kind: ObjectType,
    /// HubSpot's properties.
    pub values: Vec<(&'static str, String)>,
}

/// Data for both sides.
#[derive(Debug, Clone, Default)]
pub struct Dataset {
    /// First and last names of the firm's attorneys.
    pub attorneys: Vec<(&'static str, &'static str)>,
    /// Names.
    pub practice_areas: Vec<&'static str>,
    /// In the order of their Clio ids.
    pub companies: Vec<Company>,
    /// In the order of their Clio ids.
    pub people: Vec<Person>,
    /// In the order of their Clio ids.
    pub matters: Vec<Matter>,
    /// In the order of their Clio ids.
    pub tasks: Vec<Task>,
    /// In the order of their Clio ids.
    pub relationships: Vec<Relationship>,
    /// What is in HubSpot already.
    pub by_hand: Vec<HandMade>,
}

/// Makes data; the same configuration gives the same data.
pub fn generate(config: &DataConfig) -> Dataset {
    let mut rng = fastrand::Rng::with_seed(config.seed);
    let mut data = Dataset {
        attorneys: words::ATTORNEYS.to_vec(),
        practice_areas: words::PRACTICE_AREAS.to_vec(),
        ..Dataset::default()
    };
    companies::add(&mut data, &mut rng, config.companies);
    people::add(&mut data, &mut rng, config.people);
    matters::add_matters(&mut data, &mut rng, config.matters);
    matters::add_tasks(&mut data, &mut rng, config.tasks);
    matters::add_relationships(&mut data, &mut rng);
    cast::add_bystanders(&mut data);
    data
}

/// One of a list; the list's first where there is no other.
pub(crate) fn pick<T: Copy>(rng: &mut fastrand::Rng, list: &[T], otherwise: T) -> T {
    rng.choice(list.iter()).copied().unwrap_or(otherwise)
}

/// True in so many of a hundred cases.
pub(crate) fn chance(rng: &mut fastrand::Rng, percent: u32) -> bool {
    rng.u32(0..100) < percent
}
