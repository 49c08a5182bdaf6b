//! Measures what the README promises, prints it beside its bounds, and fails where one does not hold.

mod calls;
mod cards;
mod contacts;
mod core_component;
mod first_sync;
mod instantiation;
mod mapping;
mod median;
mod memory;
mod node;
mod portal;
mod simulated;
mod sizes;
mod statements;

mod table;

use std::error::Error;
use std::process::ExitCode;

use sync300_host::build;

use self::table::Table;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Contacts of the smaller and of the larger portal.
const SMALL: usize = 2_000;
const LARGE: usize = 10_000;

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let root = build::wasm()?;
    let mut table = Table::begin();

    table.extend(sizes::measure(&root)?);
    table.extend(instantiation::measure(&root).await?);
    table.extend(mapping::measure(&root).await?);

    table.extend(cards::measure().await?);

    let small = portal::first_sync(SMALL).await?;
    let large = portal::first_sync(LARGE).await?;
    table.extend(statements::compare(&small, &large)?);
    table.extend(memory::compare(&small, &large));
    table.extend(calls::measure(&small).await?);

    table.extend(first_sync::measure().await?);
    table.extend(simulated::measure()?);

    Ok(if table.holds() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
