//! What a portal holds.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use serde::Serialize;

/// The four kinds of records that the product writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ObjectType {
    /// People, `0-1`.
    Contacts,
    /// Companies, `0-2`.
    Companies,
    /// Deals, `0-3`.
    Deals,
    /// Tickets, `0-5`.
    Tickets,
}

impl ObjectType {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Contacts, Self::Companies, Self::Deals, Self::Tickets];

    /// From a path segment: plural, singular or type id.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "contacts" | "contact" | "0-1" => Some(Self::Contacts),
            "companies" | "company" | "0-2" => Some(Self::Companies),
            "deals" | "deal" | "0-3" => Some(Self::Deals),
            "tickets" | "ticket" | "0-5" => Some(Self::Tickets),
            _ => None,
        }
    }

    /// As in paths: `contacts`.
    pub fn plural(self) -> &'static str {
        match self {
            Self::Contacts => "contacts",
            Self::Companies => "companies",
            Self::Deals => "deals",
            Self::Tickets => "tickets",
        }
    }

    /// As in messages, in lower case: `contact`.
    pub fn singular(self) -> &'static str {
        match self {
            Self::Contacts => "contact",
            Self::Companies => "company",
            Self::Deals => "deal",
            Self::Tickets => "ticket",
        }
    }

    /// `0-1` and so on.
    pub fn type_id(self) -> &'static str {
        match self {
            Self::Contacts => "0-1",
            Self::Companies => "0-2",
            Self::Deals => "0-3",
            Self::Tickets => "0-5",
        }
    }

    /// The property with the time of last change.
    pub fn modified_property(self) -> &'static str {
        match self {
            Self::Contacts => "lastmodifieddate",
            _ => "hs_lastmodifieddate",
        }
    }

    /// The properties for pipeline and stage, of the kinds that have pipelines.
    pub(super) fn pipeline_properties(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Deals => Some(("pipeline", "dealstage")),
            Self::Tickets => Some(("hs_pipeline", "hs_pipeline_stage")),
            Self::Contacts | Self::Companies => None,
        }
    }
}

/// A property's definition, serialised as the API shows it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Property {
    /// Lower snake case.
    pub name: String,
    /// For people.
    pub label: String,
    /// For people, may be empty.
    pub description: String,
    /// Name of its property group.
    pub group_name: String,
    /// `string`, `number`, `date`, `datetime`, `bool`, `enumeration`, `phone_number`.
    #[serde(rename = "type")]
    pub kind: String,
    /// `text`, `select`, …
    pub field_type: String,
    /// Of an enumeration.
    pub options: Vec<PropertyOption>,
    /// Position in lists, -1: at the end.
    pub display_order: i32,
    /// No two records share a value.
    pub has_unique_value: bool,
    /// Not shown to people.
    pub hidden: bool,
    /// May be put into forms.
    pub form_field: bool,
    /// HubSpot's own.
    pub hubspot_defined: bool,
    /// Computed by HubSpot.
    pub calculated: bool,
    /// In the recycle bin.
    pub archived: bool,
    /// What may be changed about it.
    pub modification_metadata: ModificationMetadata,
    /// When it was made.
    #[serde(serialize_with = "iso")]
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    #[serde(serialize_with = "iso")]
    pub updated_at: DateTime<Utc>,
}

/// One choice of an enumeration.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PropertyOption {
    /// For people.
    pub label: String,
    /// As stored.
    pub value: String,
    /// Position in the list.
    pub display_order: i32,
    /// Not offered to people.
    pub hidden: bool,
}

/// What may be changed about a property.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ModificationMetadata {
    /// It can be archived.
    pub archivable: bool,
    /// Its definition is fixed.
    pub read_only_definition: bool,
    /// Its values are HubSpot's to set.
    pub read_only_value: bool,
}

/// A property group.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PropertyGroup {
    /// Lower snake case.
    pub name: String,
    /// For people.
    pub label: String,
    /// Position in lists.
    pub display_order: i32,
    /// In the recycle bin.
    pub archived: bool,
}

/// A pipeline with its stages.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Pipeline {
    /// `default` or a number.
    pub id: String,
    /// For people.
    pub label: String,
    /// Position in lists.
    pub display_order: i32,
    /// In their order.
    pub stages: Vec<Stage>,
    /// In the recycle bin.
    pub archived: bool,
    /// When it was made.
    #[serde(serialize_with = "iso")]
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    #[serde(serialize_with = "iso")]
    pub updated_at: DateTime<Utc>,
}

/// A stage of a pipeline.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Stage {
    /// Unique within the object type.
    pub id: String,
    /// For people.
    pub label: String,
    /// Position in the pipeline.
    pub display_order: i32,
    /// `probability` or `ticketState`, and `isClosed`.
    pub metadata: BTreeMap<String, String>,
    /// Who may move records there.
    pub write_permissions: &'static str,
    /// In the recycle bin.
    pub archived: bool,
    /// When it was made.
    #[serde(serialize_with = "iso")]
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    #[serde(serialize_with = "iso")]
    pub updated_at: DateTime<Utc>,
}

impl Stage {
    /// Records in it are done with.
    pub(super) fn is_closed(&self) -> bool {
        self.metadata.get("isClosed").map(String::as_str) == Some("true")
    }
}

fn iso<S: serde::Serializer>(time: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&crate::clock::iso_ms(*time))
}

/// Who wrote a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// An app, by its id.
    Integration(u64),
    /// A person in HubSpot, by user id.
    User(u64),
    /// HubSpot itself.
    Calculated,
}

impl Source {
    pub(super) fn source_type(&self) -> &'static str {
        match self {
            Self::Integration(_) => "INTEGRATION",
            Self::User(_) => "CRM_UI",
            Self::Calculated => "CALCULATED",
        }
    }

    pub(super) fn source_id(&self) -> Option<String> {
        match self {
            Self::Integration(app) => Some(app.to_string()),
            Self::User(user) => Some(format!("userId:{user}")),
            Self::Calculated => None,
        }
    }
}

/// A value that a property had from a time on.
#[derive(Debug, Clone, PartialEq)]
pub struct Version {
    /// Empty: cleared.
    pub value: String,
    /// Since when.
    pub at: DateTime<Utc>,
    /// By whom.
    pub source: Source,
}

/// HubSpot keeps the last 20 values of a property.
const HISTORY_LENGTH: usize = 20;

/// A record.
#[derive(Debug, Clone)]
pub struct Record {
    /// `hs_object_id`.
    pub id: u64,
    /// In the recycle bin since then.
    pub archived_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    /// Newest value first.
    versions: BTreeMap<String, Vec<Version>>,
}

impl Record {
    pub(super) fn new(id: u64, at: DateTime<Utc>) -> Self {
        Self {
            id,
            archived_at: None,
            created_at: at,
            updated_at: at,
            versions: BTreeMap::new(),
        }
    }

    /// A property's value; None where it is blank.
    pub fn value(&self, property: &str) -> Option<&str> {
        let value = self.versions.get(property)?.first()?.value.as_str();
        (!value.is_empty()).then_some(value)
    }

    /// A property's value as it was at a time, which is how the search index lags.
    pub(super) fn value_at(&self, property: &str, time: DateTime<Utc>) -> Option<&str> {
        let versions = self.versions.get(property)?;
        let value = versions
            .iter()
            .find(|version| version.at <= time)?
            .value
            .as_str();
        (!value.is_empty()).then_some(value)
    }

    /// All values that are not blank.
    pub fn values(&self) -> BTreeMap<&str, &str> {
        let names = self.versions.keys();
        names
            .filter_map(|name| Some((name.as_str(), self.value(name)?)))
            .collect()
    }

    /// The values that a property had, newest first.
    pub fn history(&self, property: &str) -> &[Version] {
        self.versions.get(property).map_or(&[], Vec::as_slice)
    }

    /// Sets a value; false where it was that already.
    pub(super) fn set(
        &mut self,
        property: &str,
        value: &str,
        at: DateTime<Utc>,
        source: Source,
    ) -> bool {
        if self.value(property).unwrap_or_default() == value {
            return false;
        }
        let versions = self.versions.entry(property.to_owned()).or_default();
        versions.insert(
            0,
            Version {
                value: value.to_owned(),
                at,
                source,
            },
        );
        versions.truncate(HISTORY_LENGTH);
        true
    }
}

/// All of one object type.
#[derive(Debug, Default)]
pub(super) struct Store {
    pub(super) properties: BTreeMap<String, Property>,
    pub(super) groups: BTreeMap<String, PropertyGroup>,
    pub(super) pipelines: Vec<Pipeline>,
    pub(super) records: BTreeMap<u64, Record>,
    /// Property → value in lower case → record.
    pub(super) unique: HashMap<String, HashMap<String, u64>>,
    /// Ids that merges took away → the record that now stands for them.
    pub(super) merged: HashMap<u64, u64>,
}

impl Store {
    /// E-mail addresses and `hasUniqueValue` properties.
    pub(super) fn is_unique(&self, property: &str) -> bool {
        self.properties
            .get(property)
            .is_some_and(|definition| definition.has_unique_value)
            || (property == "email" && self.properties.contains_key("email"))
    }

    pub(super) fn holder(&self, property: &str, value: &str) -> Option<u64> {
        self.unique
            .get(property)?
            .get(&value.to_lowercase())
            .copied()
    }

    /// Follows merges to the record that is left.
    pub(super) fn survivor(&self, mut id: u64) -> u64 {
        while let Some(next) = self.merged.get(&id) {
            id = *next;
        }
        id
    }

    pub(super) fn stage(&self, pipeline: &str, stage: &str) -> Option<&Stage> {
        let pipeline = self
            .pipelines
            .iter()
            .find(|candidate| candidate.id == pipeline)?;
        pipeline
            .stages
            .iter()
            .find(|candidate| candidate.id == stage && !candidate.archived)
    }
}
