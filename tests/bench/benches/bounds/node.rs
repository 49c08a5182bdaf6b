//! The same mapping, written by hand in Node: `node/map.mjs`.

use std::fs;
use std::io::ErrorKind;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde::Deserialize;

use crate::Result;
use crate::mapping::{KEY, Made, RUNS};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/node/map.mjs");

/// What the script answers.
#[derive(Deserialize)]
pub struct Answer {
    /// Version of Node.
    pub version: String,
    seconds: Vec<f64>,
    pub made: Made,
}

impl Answer {
    /// Time of each run.
    pub fn times(&self) -> Vec<Duration> {
        self.seconds
            .iter()
            .map(|s| Duration::from_secs_f64(*s))
            .collect()
    }
}

/// Maps `pages` in Node; none where there is no Node.
pub fn run(pages: &[Vec<u8>]) -> Result<Option<Answer>> {
    let folder = tempfile::tempdir()?;
    for (number, page) in pages.iter().enumerate() {
        fs::write(folder.path().join(format!("{number:04}.json")), page)?;
    }
    let key: String = KEY.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut node = Command::new("node");
    node.arg(SCRIPT)
        .arg(folder.path())
        .arg(RUNS.to_string())
        .arg(key)
        .stderr(Stdio::inherit());
    let output = match node.output() {
        Ok(output) => output,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    if !output.status.success() {
        return Err(format!("node ended with {}", output.status).into());
    }
    Ok(Some(serde_json::from_slice(&output.stdout)?))
}
