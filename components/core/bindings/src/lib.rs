//! The core component as its callers see it: the types of `wit/core.wit`, and the calls.
//!
//! The types are used on both sides of the border (by the pure library and by the edge
//! components), the functions only by edge components: they exist in wasm alone.
#![allow(missing_docs, clippy::all)]

wit_bindgen::generate!({
    path: "../../../wit",
    world: "caller",
    generate_all,
    pub_export_macro: false,
    additional_derives: [PartialEq],
});

pub use sync300::core::{
    actions, auth, catalog, classifying, mapping, matching, provider, reconciling, webhooks,
};
