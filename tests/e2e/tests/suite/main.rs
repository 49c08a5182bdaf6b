//! End-to-end tests: the components as WebAssembly on the embedded host, against the fakes.

mod associations;
mod calls;
mod contract;
mod failures;
mod first_sync;
mod interrupted;
mod mapping;
mod matching;
mod privacy;
mod support;
mod surface;
