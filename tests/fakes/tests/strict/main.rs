//! The fakes are as strict as the services they stand for; no OpenAPI documents are needed here.

mod client;
mod clio_reads;
mod clio_writes;
mod data;
mod gate;
mod hubspot;
mod hubspot_batches;
mod hubspot_records;
mod hubspot_schema;
mod hubspot_search;
