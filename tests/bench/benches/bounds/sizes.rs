//! Sizes of the components as they are deployed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use sync300_host::manifest::Manifest;

use crate::Result;
use crate::table::Row;

/// Bytes of a kilobyte.
const KB: u64 = 1_000;

/// Every component that the manifest names, and what it is composed with.
pub fn measure(root: &Path) -> Result<Vec<Row>> {
    let manifest = Manifest::read(&root.join("spin.toml"))?;
    let mut files: BTreeMap<PathBuf, u64> = BTreeMap::new();
    for (id, component) in &manifest.components {
        files.insert(component.source(id)?.to_owned(), 700);
        for dependency in component.dependencies.values() {
            if let Some(path) = dependency.path() {
                files.insert(path.to_owned(), 3_000);
            }
        }
    }
    files
        .into_iter()
        .map(|(path, bound)| {
            let bytes = fs::metadata(root.join(&path))?.len();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let row = Row::new(format!("Size of `{name}`"), format!("{} KB", bytes / KB));
            Ok(row.bound(format!("≤ {bound} KB"), bytes <= bound * KB))
        })
        .collect()
}
