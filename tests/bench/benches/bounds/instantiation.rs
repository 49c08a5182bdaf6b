//! What it costs a request that its component is composed with the core.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Request;
use sync300_host::compose::{Part, compose};
use sync300_host::engine::engine;
use sync300_host::manifest::Manifest;
use sync300_host::{App, LogSink, Options};
use wasmtime::component::{Component, InstancePre, Linker};
use wasmtime::{Engine, Store};

use crate::Result;
use crate::core_component::Prepared;
use crate::median::median;
use crate::table::Row;

const COMPONENT: &str = "sync-to-hubspot";
const WARM_UP: usize = 50;
const RUNS: usize = 500;

/// Instantiation with and without the core; a whole request that ends at once; the core's first call.
pub async fn measure(root: &Path) -> Result<Vec<Row>> {
    let (alone, composed) = instances(root).await?;
    let added = composed.saturating_sub(alone);
    let row = Row::new("Composing the core in adds to a request", micros(added));
    let row = row.bound("≤ 1,000 µs", added <= Duration::from_millis(1));
    Ok(vec![
        row,
        Row::new(
            format!("… instance of `{COMPONENT}` alone, made and dropped"),
            micros(alone),
        ),
        Row::new("… the same composed", micros(composed)),
        Row::new(
            "… whole request to `sync-tick` that ends at once (401)",
            micros(refused(root).await?),
        ),
        Row::new(
            "… first call into the core (reads the connector)",
            micros(first_call(root).await?),
        ),
    ])
}

fn micros(time: Duration) -> String {
    format!("{} µs", time.as_micros())
}

/// In turns, so that a slow spell of the machine hits both.
async fn instances(root: &Path) -> Result<(Duration, Duration)> {
    let engine = engine(Options::default().cache.as_deref())?;
    let manifest = Manifest::read(&root.join("spin.toml"))?;
    let component = manifest
        .components
        .get(COMPONENT)
        .ok_or("the manifest has no such component")?;
    let bytes = fs::read(root.join(component.source(COMPONENT)?))?;
    let mut parts = Vec::new();
    for (name, dependency) in &component.dependencies {
        let path = dependency.path().ok_or("a dependency is no file")?;
        parts.push(Part {
            name,
            bytes: fs::read(root.join(path))?,
            export: dependency.export(),
        });
    }
    let alone = prepare(&engine, &bytes)?;
    let composed = prepare(&engine, &compose(COMPONENT, bytes, &parts, false)?.bytes)?;
    let (mut alone_times, mut composed_times) = (Vec::new(), Vec::new());
    for run in 0..WARM_UP + RUNS {
        let times = (instantiate(&alone).await?, instantiate(&composed).await?);
        if run >= WARM_UP {
            alone_times.push(times.0);
            composed_times.push(times.1);
        }
    }
    Ok((median(alone_times), median(composed_times)))
}

/// Nothing is called, so what is imported need not work.
fn prepare(engine: &Engine, bytes: &[u8]) -> Result<InstancePre<()>> {
    let component = Component::new(engine, bytes)?;
    let mut linker = Linker::new(engine);
    linker.define_unknown_imports_as_traps(&component)?;
    Ok(linker.instantiate_pre(&component)?)
}

async fn instantiate(pre: &InstancePre<()>) -> Result<Duration> {
    let begun = Instant::now();
    let mut store = Store::new(pre.engine(), ());
    store.set_epoch_deadline(u64::from(u32::MAX));
    pre.instantiate_async(&mut store).await?;
    drop(store);
    Ok(begun.elapsed())
}

async fn refused(root: &Path) -> Result<Duration> {
    let options = Options {
        logs: LogSink::new(|_| {}),
        ..Options::default()
    };
    let app = App::load(
        &root.join("spin.toml"),
        options.variable("sync_tick_token", "right"),
    )?;
    let mut times = Vec::new();
    for run in 0..WARM_UP + RUNS {
        let request = Request::post("/sync/tick")
            .header("authorization", "Bearer wrong")
            .body(Bytes::new())?;
        let begun = Instant::now();
        let status = app.request(request).await.status();
        let time = begun.elapsed();
        if status != 401 {
            return Err(format!("a wrong token was answered with {status}").into());
        }
        if run >= WARM_UP {
            times.push(time);
        }
    }
    Ok(median(times))
}

async fn first_call(root: &Path) -> Result<Duration> {
    let prepared = Prepared::new(root)?;
    let mut times = Vec::new();
    for run in 0..WARM_UP + RUNS {
        let mut instance = prepared.instantiate().await?;
        let catalog = instance.core.sync300_core_catalog();
        let begun = Instant::now();
        catalog.call_describe(&mut instance.store, "clio").await??;
        if run >= WARM_UP {
            times.push(begun.elapsed());
        }
    }
    Ok(median(times))
}
