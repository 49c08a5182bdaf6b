//! Bytes of a provider or of HubSpot in, compact records out; and the way back.

mod companion;
mod envelope;
mod hubspot;
mod keys;
mod link;
mod page;
mod plan;
mod relations;
mod seed;
mod to_provider;
mod trie;
mod write;

pub use sync300_core_bindings::mapping::{
    Alias, Companion, Direction, Field, FieldError, FieldTimes, Fingerprint, HubspotError,
    HubspotPage, HubspotRecord, Lookup, MappedRecord, MatchKey, Page, PageError, Plan, PlanField,
    PlanSummary, ProviderRequest, ProviderWrite, RelationPage, RelationRow, RelationSet, Rule,
    WriteInput,
};

pub use companion::read_companions;
pub use hubspot::{read_history, read_hubspot};
pub(crate) use link::LinkTemplate;
pub use page::map_page;
pub use plan::{PlanError, describe_plan};
pub use relations::map_relations;
pub use to_provider::{create_requests, read_lookup, write_requests};
pub use write::write_body;

#[cfg(test)]
mod tests;
