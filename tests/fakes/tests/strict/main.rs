//! The fakes are as strict as the services they stand for; no OpenAPI documents are needed here.

mod client;
mod hubspot;
mod hubspot_batches;
