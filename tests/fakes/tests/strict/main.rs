//! The fakes are as strict as the services they stand for; no OpenAPI documents are needed here.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "clippy.toml allows them in tests, but not in what tests share"
)]

mod client;
mod clio_oauth;
mod clio_reads;
mod clio_webhooks;
mod clio_writes;
mod data;
mod gate;
mod hubspot;
mod hubspot_batches;
mod hubspot_callbacks;
mod hubspot_fetch;
mod hubspot_journal;
mod hubspot_lists;
mod hubspot_oauth;
mod hubspot_records;
mod hubspot_schema;
mod hubspot_search;
mod stripe;
