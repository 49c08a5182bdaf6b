//! One kind of record: where it is listed, how it is mapped, matched and staged.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Property;

/// One kind of record.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Object {
    /// Name in the connector.
    pub name: String,
    /// For people, one.
    pub label: String,
    /// For people, several.
    pub plural: String,
    /// HubSpot's object type in paths.
    pub hubspot_object: String,
    /// HubSpot's object type id.
    pub hubspot_type_id: String,
    /// HubSpot's property with the time of last change.
    pub modified_property: String,
    /// May be switched to both directions.
    pub bidirectional: bool,
    /// Properties without which HubSpot refuses a new record.
    pub required: Vec<String>,
    /// Path of the list, under the API's root.
    pub path: String,
    /// Path of one record with `{id}` in it; needed where records travel back, and to tell which are gone.
    pub record_path: Option<String>,
    /// Path of the record's version, which a write must name; none = writes are not guarded.
    pub etag: Option<String>,
    /// Fixed query parameters of the list.
    pub parameters: BTreeMap<String, String>,
    /// Query parameter (repeated) that asks for records by id.
    pub ids_parameter: String,
    /// Whether a full walk gives ids in ascending order.
    pub ascending_ids: bool,
    /// Path of the record's id.
    pub id: String,
    /// Path of the record's time of last change.
    pub updated_at: String,
    /// What every list request selects, as [`crate::selection`] reads it.
    pub fields: Vec<String>,
    /// What custom mappings may select besides.
    #[serde(default)]
    pub optional_fields: Vec<String>,
    /// Types of the fields that hold no plain text, by their path; of a list, by its name alone.
    #[serde(default)]
    pub types: BTreeMap<String, FieldType>,
    /// Other names of a path's first segment.
    #[serde(default)]
    pub aliases: BTreeMap<String, String>,
    /// Templates of the record's page; the first whose `{path}`s all have a value is taken.
    /// `{base}` is the connection's URL.
    pub deep_links: Vec<String>,
    /// Default mappings.
    pub rules: Vec<Rule>,
    /// Lists that writes reach into.
    #[serde(default)]
    pub lists: Vec<PartList>,
    /// Properties that the default mappings write and HubSpot has not.
    #[serde(default)]
    pub properties: Vec<Property>,
    /// Match tiers below the sync id, strongest first.
    pub tiers: Vec<Tier>,
    /// The pipeline that holds these records in HubSpot.
    pub pipeline: Option<Pipeline>,
    /// HubSpot records beside the linked one, whose values the object takes as well.
    pub companion: Option<Companion>,
    /// How HubSpot's record is made at the provider, where an admin wants that; none = it never is.
    pub create: Option<Create>,
}

/// See [`Object::companion`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Companion {
    /// HubSpot's object type in paths: the prefix of its properties in rules, as in `deals.amount`.
    pub hubspot_object: String,
    /// HubSpot's property with the time of last change.
    pub modified_property: String,
}

impl Companion {
    /// HubSpot's own name of a property that a rule names as a companion's; none where it is of the linked record.
    pub fn property<'p>(&self, named: &'p str) -> Option<&'p str> {
        named
            .strip_prefix(self.hubspot_object.as_str())?
            .strip_prefix('.')
    }
}

/// See [`Object::create`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Create {
    /// Path that takes new records, under the API's root.
    pub path: String,
    /// What a new record has besides what is mapped.
    #[serde(default)]
    pub constants: serde_json::Map<String, serde_json::Value>,
    /// Groups of `write` paths: the provider refuses a record that has none of a group.
    #[serde(default)]
    pub needs: Vec<Vec<String>>,
}

/// What a field of the provider's holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FieldType {
    /// A number that counts or measures.
    Number,
    /// `true` or `false`.
    Boolean,
    /// `YYYY-MM-DD`.
    Date,
    /// RFC 3339.
    DateTime,
    /// Text with markup.
    Html,
    /// Several values: read by a path with a selector, as [`crate::path`] has it.
    List,
}

/// A default mapping.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Path in the provider's record.
    pub source: String,
    /// HubSpot property.
    pub property: String,
    /// Name of the transform; see [`crate::transform`].
    pub transform: String,
    /// Path read when `source` has no value.
    pub fallback: Option<String>,
    /// Which way the field may travel.
    pub direction: Direction,
    /// Path that a write to the provider sets; not always the one that is read.
    pub write: Option<String>,
    /// Transform whose inverse makes the value that is written, where that is not `transform`'s.
    pub write_transform: Option<String>,
    /// Written only while the provider has no value: HubSpot holds less than the provider would.
    #[serde(default)]
    pub write_if_blank: bool,
    /// How the id that is written is found.
    pub lookup: Option<IdLookup>,
}

/// A record of the provider that is written by its id and read by its name.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdLookup {
    /// Path of the list, under the API's root.
    pub path: String,
    /// Query parameter that takes the name.
    pub parameter: String,
    /// Key of the name in the list's records.
    pub name: String,
    /// Key of the id in the list's records.
    pub id: String,
}

/// A list in a record whose elements are written one by one, by their `id`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartList {
    /// Key of the list.
    pub key: String,
    /// Key of an element without which it is nothing: where it is cleared, the element goes.
    pub whole: Option<String>,
    /// What a new element has besides what is written.
    #[serde(default)]
    pub new: serde_json::Map<String, serde_json::Value>,
}

/// See [`Rule::direction`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// From the provider to HubSpot.
    ToHubspot,
    /// From HubSpot to the provider.
    ToProvider,
    /// Either way, where the object is switched to both.
    Both,
}

/// A match tier.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// Unique within the object.
    pub name: String,
    /// How the key is normalised.
    pub key: KeyKind,
    /// How candidates are found in HubSpot.
    pub lookup: Lookup,
    /// The mapped properties that the key is made of.
    pub properties: Vec<String>,
    /// A stronger tier whose differing keys forbid a match of this one.
    pub guard: Option<String>,
}

/// How a match key is normalised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyKind {
    /// An e-mail address that belongs to one person.
    Email,
    /// A registrable domain that belongs to one company.
    Domain,
    /// First and last name, in either order.
    PersonName,
    /// A name without its legal form.
    CompanyName,
    /// Any title.
    Title,
}

/// See [`Tier::lookup`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lookup {
    /// Batch read by a property that HubSpot holds unique.
    UniqueProperty,
    /// An index of HubSpot's not yet linked records.
    Index,
}

/// See [`Object::pipeline`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pipeline {
    /// For people.
    pub label: String,
    /// Property with the pipeline's id.
    pub pipeline_property: String,
    /// Property with the stage's id.
    pub stage_property: String,
    /// In display order.
    pub stages: Vec<Stage>,
}

/// A stage of a pipeline.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// The mapped value that means this stage.
    pub value: String,
    /// For people.
    pub label: String,
    /// HubSpot's stage metadata.
    pub metadata: BTreeMap<String, String>,
}
