//! The core library as a WebAssembly component.
