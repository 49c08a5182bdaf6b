//! The shape of a connector's TOML file. Every key is known: an unknown one is an error.

mod action;
mod auth;
mod object;
mod webhooks;

use std::collections::BTreeMap;

pub use action::*;
pub use auth::*;
pub use object::*;
use serde::Deserialize;
pub use webhooks::*;

/// A provider, as its file declares it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declaration {
    /// Equal to the file's name.
    pub id: String,
    /// For people.
    pub label: String,
    /// HubSpot property group.
    pub group: String,
    /// The group's label in HubSpot.
    pub group_label: String,
    /// What applies to a conflict unless the admin chooses otherwise.
    pub default_strategy: Strategy,
    /// Where the API lives and what every request carries.
    pub api: Api,
    /// How an account is connected.
    pub auth: Auth,
    /// Whose account it is.
    pub account: Account,
    /// What must hold on both sides before an account can be connected, in words for the person who connects it.
    pub requirements: Vec<String>,
    /// How lists are paged.
    pub paging: Paging,
    /// How changes since the last walk are found.
    pub changes: Changes,
    /// How records are written; none = no object is.
    pub writing: Option<Writing>,
    /// How many calls the provider allows.
    pub limits: Limits,
    /// How the provider tells of changes by itself; none = it is asked alone.
    pub webhooks: Option<Webhooks>,
    /// Where the provider runs.
    pub regions: Vec<Region>,
    /// Which of `properties` hold what the engine itself writes.
    pub system: System,
    /// Properties of every object.
    pub properties: Vec<Property>,
    /// In the order in which they must be synced.
    pub objects: Vec<Object>,
    /// Lists that hold relations alone.
    #[serde(default)]
    pub relation_streams: Vec<RelationStream>,
    /// Kinds of associations.
    #[serde(default)]
    pub relations: Vec<Relation>,
    /// What workflows may do.
    #[serde(default)]
    pub actions: Vec<Action>,
    /// Lists that inputs of actions are chosen from.
    #[serde(default)]
    pub options: Vec<Options>,
}

/// See [`Declaration::default_strategy`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strategy {
    /// The newer value.
    LastWriteWins,
    /// HubSpot's value.
    HubspotWins,
    /// The provider's value.
    ProviderWins,
}

impl Strategy {
    /// The name in the file and in the WIT.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::LastWriteWins => "last-write-wins",
            Self::HubspotWins => "hubspot-wins",
            Self::ProviderWins => "provider-wins",
        }
    }
}

/// See [`Declaration::api`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Api {
    /// Path under a region's URL.
    pub root: String,
    /// Headers of every request.
    pub headers: BTreeMap<String, String>,
}

/// See [`Declaration::paging`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, tag = "kind", rename_all = "kebab-case")]
pub enum Paging {
    /// The answer holds the next page's URL; a page without one is the last.
    NextLink {
        /// Key of the answer's list of records.
        records: String,
        /// Dot path of the next page's URL.
        next: String,
        /// Query parameter of the page size.
        size_parameter: String,
        /// Records a page.
        size: u32,
    },
}

/// See [`Declaration::changes`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Changes {
    /// Query parameter with an ISO 8601 time: only what changed at or after it.
    pub since_parameter: String,
    /// Seconds a new watermark lies before the start of the walk.
    pub overlap_seconds: u32,
    /// Seconds after which relation streams are walked in full.
    pub sweep_seconds: u32,
}

/// See [`Declaration::writing`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Writing {
    /// Method of a change: only what is sent changes.
    pub method: String,
    /// Key of the body under which the record's fields lie.
    pub body: String,
    /// Header that names the version a change is made to.
    pub precondition: Option<String>,
    /// Key that, set to true, removes an element of a list.
    pub destroy: String,
}

/// See [`Declaration::limits`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Requests a window.
    pub requests: u32,
    /// Length of the window.
    pub per_seconds: u32,
    /// Requests a window to leave for cards and actions.
    pub reserve: u32,
    /// Header with the calls that remain.
    pub remaining_header: Option<String>,
    /// Header with the unix time (seconds) of the next window.
    pub reset_header: Option<String>,
}

/// See [`Declaration::regions`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Region {
    /// Short name.
    pub id: String,
    /// For people.
    pub label: String,
    /// Scheme and host without a trailing slash.
    pub url: String,
    /// ISO 3166 country of phone numbers that are written without one.
    pub phone_country: String,
}

/// See [`Declaration::system`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct System {
    /// Unique property with the provider's id.
    pub id: String,
    /// Property with the deep link.
    pub url: String,
    /// Property with the provider's time of last change.
    pub updated_at: String,
}

/// A HubSpot property that provisioning creates.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Property {
    /// Internal name.
    pub name: String,
    /// For people.
    pub label: String,
    /// For people.
    pub description: String,
    /// HubSpot `type`.
    #[serde(rename = "type")]
    pub kind: String,
    /// HubSpot `fieldType`.
    pub field_type: String,
    /// HubSpot `hasUniqueValue`.
    #[serde(default)]
    pub unique: bool,
    /// Options of an enumeration.
    #[serde(default)]
    pub options: Vec<Choice>,
}

/// An option of an enumeration.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// For people.
    pub label: String,
    /// As stored.
    pub value: String,
}

/// A list that holds relations alone.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RelationStream {
    /// Name in the connector; no object has it.
    pub name: String,
    /// For people.
    pub label: String,
    /// Path of the list, under the API's root.
    pub path: String,
    /// Fixed query parameters of the list.
    pub parameters: BTreeMap<String, String>,
    /// Query parameter (repeated) that asks for records by id.
    pub ids_parameter: String,
    /// Whether a full walk gives ids in ascending order.
    pub ascending_ids: bool,
    /// Path of the relation's id.
    pub id: String,
    /// What a list request selects.
    pub fields: Vec<String>,
}

/// A kind of association.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relation {
    /// Unique within the connector.
    pub kind: String,
    /// The object or relation stream that tells it.
    pub stream: String,
    /// Whose association.
    pub from: End,
    /// With whom.
    pub to: End,
    /// Only records that fulfil it tell the relation.
    pub when: Option<Condition>,
    /// HubSpot association category.
    pub category: String,
    /// HubSpot association type id, from → to.
    pub type_id: u32,
}

/// One end of a relation.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct End {
    /// Name of an object.
    pub object: String,
    /// Path of its id in the stream's records; the stream's own id path means the record itself.
    pub path: String,
}

/// See [`Relation::when`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// A path in the stream's records.
    pub path: String,
    /// The text its value must equal.
    pub is: String,
}
