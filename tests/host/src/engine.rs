//! The engine that compiles and runs components.

use std::{fs, path::Path, thread, time::Duration};

use wasmtime::{Cache, CacheConfig, Config, Engine, Result};

/// How often running guests give way.
const TICK: Duration = Duration::from_millis(10);

/// An engine whose compiled code is kept in `cache`. Its epoch goes on by itself: a store must say
/// what happens at its deadline.
///
/// # Errors
/// Where `cache` cannot be made or used.
pub fn engine(cache: Option<&Path>) -> Result<Engine> {
    let mut config = Config::new();
    config.epoch_interruption(true);
    if let Some(folder) = cache {
        fs::create_dir_all(folder)?;
        let mut cache = CacheConfig::new();
        cache.with_directory(folder.canonicalize()?);
        config.cache(Some(Cache::new(cache)?));
    }
    let engine = Engine::new(&config)?;
    tick(&engine)?;
    Ok(engine)
}

/// Advances the engine's epoch until the engine is gone.
fn tick(engine: &Engine) -> Result<()> {
    let engine = engine.weak();
    thread::Builder::new()
        .name("epoch".to_owned())
        .spawn(move || {
            while let Some(engine) = engine.upgrade() {
                engine.increment_epoch();
                drop(engine);
                thread::sleep(TICK);
            }
        })?;
    Ok(())
}
