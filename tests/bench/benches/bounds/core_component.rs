//! The core component on the host's engine, called without an edge component around it.

use std::path::Path;

use sync300_host::Options;
use sync300_host::engine::engine;
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Store, UpdateDeadline};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

use crate::Result;

wasmtime::component::bindgen!({
    path: "../../wit",
    world: "core",
    exports: { default: async },
});

pub use self::exports::sync300::core::mapping;

/// The file, below the repository's root.
pub const FILE: &str = "target/wasm32-wasip2/core/sync300_core_component.wasm";

/// Compiled and linked; instances are made from it.
pub struct Prepared(CorePre<State>);

/// One instance.
pub struct Instance {
    pub store: Store<State>,
    pub core: Core,
}

/// The core has no rights: no environment, no files, no network.
pub struct State {
    wasi: WasiCtx,
    table: ResourceTable,
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl Prepared {
    /// Compiles the core.
    pub fn new(root: &Path) -> Result<Self> {
        let engine = engine(Options::default().cache.as_deref())?;
        let component = Component::from_file(&engine, root.join(FILE))?;
        let mut linker = Linker::<State>::new(&engine);
        wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
        Ok(Self(CorePre::new(linker.instantiate_pre(&component)?)?))
    }

    /// A fresh instance, as every request has one.
    pub async fn instantiate(&self) -> Result<Instance> {
        let state = State {
            wasi: WasiCtx::builder().build(),
            table: ResourceTable::new(),
        };
        let mut store = Store::new(self.0.engine(), state);
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(|_| Ok(UpdateDeadline::Yield(1)));
        let core = self.0.instantiate_async(&mut store).await?;
        Ok(Instance { store, core })
    }
}
