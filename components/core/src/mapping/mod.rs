//! Bytes of a provider or of HubSpot in, compact records out; and the way back.

mod envelope;
mod hubspot;
mod keys;
mod link;
mod page;
mod plan;
mod relations;
mod seed;
mod trie;
mod write;

pub use sync300_core_bindings::mapping::{
    Alias, Field, FieldError, Fingerprint, HubspotError, HubspotPage, HubspotRecord, MappedRecord,
    MatchKey, Page, PageError, Plan, RelationPage, RelationRow, RelationSet, Rule, WriteInput,
};

pub use hubspot::read_hubspot;
pub(crate) use link::LinkTemplate;
pub use page::map_page;
pub use plan::{PlanError, plan_fields, plan_properties, plan_version};
pub use relations::map_relations;
pub use write::write_body;

#[cfg(test)]
mod tests;
