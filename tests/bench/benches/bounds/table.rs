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

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (bound, holds) = match &self.bound {
            Some(bound) if bound.holds => (bound.text.as_str(), "yes"),
            Some(bound) => (bound.text.as_str(), "**no**"),
            None => ("", ""),
        };
        write!(
            f,
            "| {} | {} | {bound} | {holds} |",
            self.what, self.measured
        )
    }
}

/// Prints the figures, each as soon as it is known.
#[derive(Debug)]
pub struct Table {
    holds: bool,
}

impl Table {
    /// Begins the table.
    pub fn begin() -> Self {
        println!("| Figure | Measured | Bound | Holds |");
        println!("|---|---:|---:|:---:|");
        Self { holds: true }
    }

    /// Whether every bound so far holds.
    pub fn holds(&self) -> bool {
        self.holds
    }
}

impl Extend<Row> for Table {
    fn extend<I: IntoIterator<Item = Row>>(&mut self, rows: I) {
        for row in rows {
            println!("{row}");
            self.holds &= row.bound.is_none_or(|bound| bound.holds);
        }
    }
}
