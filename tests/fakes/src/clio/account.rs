//! What an account holds.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::AccountConfig;
use super::shapes::{Shape, shape};
use super::webhooks::Outbox;
use crate::clock::Clock;

/// The kinds of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resource {
    /// People and companies.
    Contacts,
    /// Cases.
    Matters,
    /// Tasks.
    Tasks,
    /// Who has to do with a matter beside its client.
    Relationships,
    /// Practice areas.
    PracticeAreas,
    /// The firm's own people.
    Users,
    /// Notes on contacts and matters.
    Notes,
    /// What Clio tells of by itself.
    Webhooks,
}

impl Resource {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Contacts,
        Self::Matters,
        Self::Tasks,
        Self::Relationships,
        Self::PracticeAreas,
        Self::Users,
        Self::Notes,
        Self::Webhooks,
    ];

    /// As in paths, e.g. `practice_areas`.
    pub fn plural(self) -> &'static str {
        match self {
            Self::Contacts => "contacts",
            Self::Matters => "matters",
            Self::Tasks => "tasks",
            Self::Relationships => "relationships",
            Self::PracticeAreas => "practice_areas",
            Self::Users => "users",
            Self::Notes => "notes",
            Self::Webhooks => "webhooks",
        }
    }

    /// Name of its schema in the OpenAPI document.
    pub fn schema(self) -> &'static str {
        match self {
            Self::Contacts => "Contact",
            Self::Matters => "Matter",
            Self::Tasks => "Task",
            Self::Relationships => "Relationship",
            Self::PracticeAreas => "PracticeArea",
            Self::Users => "User",
            Self::Notes => "Note",
            Self::Webhooks => "Webhook",
        }
    }

    pub(super) fn of_schema(schema: &str) -> Option<Self> {
        let schema = schema.strip_suffix("_base").unwrap_or(schema);
        Self::ALL
            .into_iter()
            .find(|resource| resource.schema() == schema)
    }

    pub(super) fn shape(self) -> &'static Shape {
        const EMPTY: &Shape = &Shape {
            name: "",
            scalars: &[],
            nested: &[],
        };
        shape(self.schema()).unwrap_or(EMPTY)
    }

    /// Orders that a list takes, beside `id(asc)` and `id(desc)`.
    pub(super) fn orders(self) -> &'static [&'static str] {
        match self {
            Self::Contacts => &["name"],
            Self::Matters => &[
                "display_number",
                "open_date",
                "close_date",
                "pending_date",
                "updated_at",
                "created_at",
            ],
            Self::Tasks => &["name", "priority", "due_at", "completed_at"],
            Self::PracticeAreas => &["name", "code", "created_at", "updated_at"],
            Self::Users => &["name"],
            Self::Notes => &["date", "updated_at"],
            Self::Relationships | Self::Webhooks => &[],
        }
    }
}

/// A record.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) id: u64,
    /// Counts the changes.
    pub(super) version: u32,
    pub(super) created_at: DateTime<Utc>,
    pub(super) updated_at: DateTime<Utc>,
    /// Plain values, parts, and references as `{"id": …}`.
    pub(super) data: Map<String, Value>,
}

impl Row {
    /// With its quotes, as both the header and the field have it.
    pub(super) fn etag(&self) -> String {
        let mix =
            self.id.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(17) ^ u64::from(self.version);
        format!("\"{mix:016x}{:08x}\"", self.version)
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.data.get(name).and_then(Value::as_str)
    }

    /// The id that a reference holds.
    pub(super) fn reference(&self, name: &str) -> Option<u64> {
        self.data.get(name)?.get("id")?.as_u64()
    }
}

/// An account's records.
#[derive(Debug)]
pub(super) struct Account {
    pub(super) config: AccountConfig,
    pub(super) clock: Clock,
    rows: BTreeMap<Resource, BTreeMap<u64, Row>>,
    last_id: u64,
    /// The user that the token acts for.
    pub(super) me: u64,
    /// How many records lists of old held, until something changes: a walk over many pages asks
    /// for the same count again and again.
    counts: HashMap<String, usize>,
    pub(super) outbox: Outbox,
}

impl Account {
    pub(super) fn new(config: AccountConfig, clock: Clock) -> Self {
        // One number series for all kinds, so that ids of different kinds never look alike.
        let mut account = Self {
            config,
            clock,
            rows: BTreeMap::new(),
            last_id: 1_700_000_000,
            me: 0,
            counts: HashMap::new(),
            outbox: Outbox::default(),
        };
        account.me = account.add_user("Morgan", "Keller");
        account
    }

    /// A user of the firm.
    pub(super) fn add_user(&mut self, first: &str, last: &str) -> u64 {
        let mut data = Map::new();
        let email = format!(
            "{}.{}@firm.example",
            first.to_lowercase(),
            last.to_lowercase()
        );
        for (name, value) in [
            ("first_name", first.to_owned()),
            ("last_name", last.to_owned()),
            ("name", format!("{first} {last}")),
            ("email", email),
            ("subscription_type", "Attorney".to_owned()),
            ("time_zone", "Eastern Time (US & Canada)".to_owned()),
        ] {
            data.insert(name.to_owned(), value.into());
        }
        data.insert("enabled".to_owned(), true.into());
        self.insert(Resource::Users, data)
    }

    pub(super) fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    pub(super) fn rows(&self, resource: Resource) -> impl Iterator<Item = &Row> {
        self.rows
            .get(&resource)
            .into_iter()
            .flat_map(BTreeMap::values)
    }

    pub(super) fn len(&self, resource: Resource) -> usize {
        self.rows.get(&resource).map_or(0, BTreeMap::len)
    }

    /// How many records a list holds; `key` stands for the list's filter.
    pub(super) fn count(
        &mut self,
        resource: Resource,
        key: String,
        admits: impl Fn(&Self, &Row) -> bool,
    ) -> usize {
        if let Some(count) = self.counts.get(&key) {
            return *count;
        }
        let count = self.rows(resource).filter(|row| admits(self, row)).count();
        self.counts.insert(key, count);
        count
    }

    pub(super) fn rows_after(&self, resource: Resource, id: u64) -> impl Iterator<Item = &Row> {
        let rows = self.rows.get(&resource).into_iter();
        rows.flat_map(move |rows| rows.range(id + 1..))
            .map(|(_, row)| row)
    }

    pub(super) fn row(&self, resource: Resource, id: u64) -> Option<&Row> {
        self.rows.get(&resource)?.get(&id)
    }

    pub(super) fn row_mut(&mut self, resource: Resource, id: u64) -> Option<&mut Row> {
        self.counts.clear();
        self.rows.get_mut(&resource)?.get_mut(&id)
    }

    pub(super) fn insert(&mut self, resource: Resource, data: Map<String, Value>) -> u64 {
        self.counts.clear();
        let id = self.next_id();
        let now = self.clock.now();
        let row = Row {
            id,
            version: 1,
            created_at: now,
            updated_at: now,
            data,
        };
        self.rows.entry(resource).or_default().insert(id, row);
        id
    }

    pub(super) fn remove(&mut self, resource: Resource, id: u64) -> Option<Row> {
        self.counts.clear();
        self.rows.get_mut(&resource)?.remove(&id)
    }

    pub(super) fn remove_where(&mut self, resource: Resource, condition: impl Fn(&Row) -> bool) {
        self.counts.clear();
        if let Some(rows) = self.rows.get_mut(&resource) {
            rows.retain(|_, row| !condition(row));
        }
    }
}
