//! A firm's whole data, end to end, as `cargo run` shows it.

use std::time::Instant;

use sync300_fakes::data::DataConfig;
use sync300_host::LogSink;
use sync300_sandbox::{Platform, PlatformConfig, check};

use crate::Result;
use crate::table::Row;

const TICKS: usize = 2_000;

/// For orientation: how long, and how many calls; all that can arrive must have arrived.
pub async fn measure() -> Result<Vec<Row>> {
    let data = DataConfig::default();
    let count = data.people + data.companies + data.matters + data.tasks;
    let platform = Platform::start(PlatformConfig {
        data: Some(data),
        logs: LogSink::new(|_| {}),
        ..PlatformConfig::default()
    })
    .await?;
    let begun = Instant::now();
    let last = platform.run(TICKS).await?;
    let time = begun.elapsed();
    let problems = check::problems(&platform.expectation, &platform.portal()?);
    if last.status != "succeeded" || !problems.is_empty() {
        return Err(format!("the first sync ended as {}: {problems:?}", last.status).into());
    }
    Ok(vec![
        Row::new(
            format!("First sync of the sandbox's {count} records with their associations"),
            format!("{:.1} s", time.as_secs_f64()),
        ),
        Row::new(
            "… calls to Clio",
            platform.clio.calls().list().len().to_string(),
        ),
        Row::new(
            "… calls to HubSpot",
            platform.hubspot.calls().list().len().to_string(),
        ),
    ])
}
