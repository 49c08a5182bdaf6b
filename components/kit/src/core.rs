//! The core, by one name in both worlds: a composed component in wasm, the library natively.

#[cfg(not(target_arch = "wasm32"))]
pub use sync300_core::{
    actions, auth, catalog, classifying, mapping, matching, provider, reconciling, webhooks,
};
#[cfg(target_arch = "wasm32")]
pub use sync300_core_bindings::{
    actions, auth, catalog, classifying, mapping, matching, provider, reconciling, webhooks,
};
