//! Figures beside their bounds, in Markdown.

use std::fmt;

/// One figure.
#[derive(Debug)]
pub struct Row {
    what: String,
    measured: String,
    bound: Option<Bound>,
}

#[derive(Debug)]
struct Bound {
    text: String,
    holds: bool,
}

impl Row {
    /// A figure for orientation.
    pub fn new(what: impl Into<String>, measured: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            measured: measured.into(),
            bound: None,
        }
    }

    /// A count with the most that it may be.
    pub fn at_most(what: impl Into<String>, measured: usize, bound: usize) -> Self {
        Self::new(what, measured.to_string()).bound(format!("≤ {bound}"), measured <= bound)
    }

    /// Says what the figure must fulfil, and whether it does.
    pub fn bound(mut self, text: impl Into<String>, holds: bool) -> Self {
        let text = text.into();
        self.bound = Some(Bound { text, holds });
        self
    }
}

/// All figures.
#[derive(Debug, Default)]
pub struct Table(Vec<Row>);

impl Table {
    /// Whether every bound holds.
    pub fn holds(&self) -> bool {
        let bounds = self.0.iter().filter_map(|row| row.bound.as_ref());
        bounds.into_iter().all(|bound| bound.holds)
    }
}

impl Extend<Row> for Table {
    fn extend<I: IntoIterator<Item = Row>>(&mut self, rows: I) {
        self.0.extend(rows);
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| Figure | Measured | Bound | Holds |")?;
        writeln!(f, "|---|---:|---:|:---:|")?;
        for row in &self.0 {
            let (bound, holds) = match &row.bound {
                Some(bound) if bound.holds => (bound.text.as_str(), "yes"),
                Some(bound) => (bound.text.as_str(), "**no**"),
                None => ("", ""),
            };
            writeln!(f, "| {} | {} | {bound} | {holds} |", row.what, row.measured)?;
        }
        Ok(())
    }
}
