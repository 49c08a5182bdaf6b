//! The same mapping, written by hand in Node: `node/map.mjs`.

use std::fs;
use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use tempfile::TempDir;

use crate::Result;
use crate::mapping::{KEY, Made};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/node/map.mjs");

/// A Node that waits to be told to map; it ends when it is dropped.
pub struct Node {
    child: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
    _pages: TempDir,
}

/// What the script says once it has read the pages and mapped them a first time.
#[derive(Deserialize)]
pub struct Ready {
    /// Version of Node.
    pub version: String,
    pub made: Made,
}

#[derive(Deserialize)]
struct Mapped {
    seconds: f64,
}

impl Node {
    /// Starts Node on `pages`; none where there is no Node.
    pub fn start(pages: &[Vec<u8>]) -> Result<Option<(Self, Ready)>> {
        let folder = tempfile::tempdir()?;
        for (number, page) in pages.iter().enumerate() {
            fs::write(folder.path().join(format!("{number:04}.json")), page)?;
        }
        let key: String = KEY.iter().map(|byte| format!("{byte:02x}")).collect();
        let started = Command::new("node")
            .arg(SCRIPT)
            .arg(folder.path())
            .arg(key)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let mut child = match started {
            Ok(child) => child,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let orders = child.stdin.take().ok_or("node has no stdin")?;
        let answers = child.stdout.take().ok_or("node has no stdout")?;
        let mut node = Self {
            child,
            orders,
            answers: BufReader::new(answers),
            _pages: folder,
        };
        let ready = node.answer()?;
        Ok(Some((node, ready)))
    }

    /// Maps all pages once more.
    pub fn run(&mut self) -> Result<Duration> {
        writeln!(self.orders, "run")?;
        let mapped: Mapped = self.answer()?;
        Ok(Duration::from_secs_f64(mapped.seconds))
    }

    fn answer<T: DeserializeOwned>(&mut self) -> Result<T> {
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        if line.is_empty() {
            return Err("node has ended; it says above why".into());
        }
        Ok(serde_json::from_str(&line)?)
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // Where it has ended by itself there is nothing to kill, and nobody to tell.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
