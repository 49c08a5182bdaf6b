//! Writing an export as JSON or as CSV.

use serde_json::{Map, Value};

use super::export::{ExportError, Format};
use crate::error::Error;
use crate::ports::SqlValue;

/// Columns that hold JSON themselves.
const JSON_COLUMNS: [&str; 2] = ["settings", "provisioned"];

/// The text so far.
pub(super) struct Encoder {
    out: Out,
    rows: usize,
    /// In JSON, whether the next item needs a comma before it.
    comma: bool,
}

enum Out {
    Json(String),
    Csv {
        /// The sections that are complete.
        done: Vec<u8>,
        /// The one under way.
        section: Box<csv::Writer<Vec<u8>>>,
    },
}

impl Encoder {
    pub(super) fn new(format: Format) -> Self {
        let out = match format {
            Format::Json => Out::Json(String::new()),
            Format::Csv => Out::Csv {
                done: Vec::new(),
                section: Box::new(writer()),
            },
        };
        Self {
            out,
            rows: 0,
            comma: false,
        }
    }

    /// Bytes so far.
    pub(super) fn len(&self) -> usize {
        match &self.out {
            Out::Json(text) => text.len(),
            Out::Csv { done, section } => done.len() + section.get_ref().len(),
        }
    }

    /// Rows so far.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// Begins a whole export.
    pub(super) fn open(&mut self, about: &[(&str, Value)]) -> Result<(), ExportError> {
        match &mut self.out {
            Out::Json(text) => {
                begin(text, about);
                text.push_str("\"tables\":{");
            }
            Out::Csv { section, .. } => {
                for (name, value) in about {
                    record(section, [*name, &plain(value)])?;
                }
                self.end_table()?;
            }
        }
        Ok(())
    }

    pub(super) fn close(&mut self) -> Result<(), ExportError> {
        if let Out::Json(text) = &mut self.out {
            text.push_str("}}\n");
        }
        Ok(())
    }

    pub(super) fn begin_table(&mut self, name: &str, columns: &[&str]) -> Result<(), ExportError> {
        match &mut self.out {
            Out::Json(text) => {
                if !text.ends_with('{') {
                    text.push(',');
                }
                text.push_str(&format!("\n\"{name}\":["));
            }
            Out::Csv { section, .. } => {
                record(section, [name])?;
                record(section, columns)?;
            }
        }
        self.comma = false;
        Ok(())
    }

    pub(super) fn end_table(&mut self) -> Result<(), ExportError> {
        match &mut self.out {
            Out::Json(text) => text.push(']'),
            Out::Csv { done, section } => {
                done.append(&mut bytes(std::mem::replace(&mut **section, writer()))?);
                done.extend_from_slice(b"\r\n");
            }
        }
        Ok(())
    }

    /// Begins a page of one table.
    pub(super) fn open_page(
        &mut self,
        about: &[(&str, Value)],
        columns: &[&str],
    ) -> Result<(), ExportError> {
        match &mut self.out {
            Out::Json(text) => {
                begin(text, about);
                text.push_str("\"rows\":[");
            }
            Out::Csv { section, .. } => record(section, columns)?,
        }
        Ok(())
    }

    pub(super) fn close_page(&mut self, next: Option<&str>) -> Result<(), ExportError> {
        if let Out::Json(text) = &mut self.out {
            text.push_str("],\"next\":");
            text.push_str(&Value::from(next).to_string());
            text.push_str("}\n");
        }
        Ok(())
    }

    /// A row; of the secret columns, whether there is a value.
    pub(super) fn row(
        &mut self,
        columns: &[&str],
        secret: &[&str],
        values: &[SqlValue],
    ) -> Result<(), ExportError> {
        if columns.len() != values.len() {
            return Err(Error::Row.into());
        }
        let cells = columns.iter().zip(values);
        match &mut self.out {
            Out::Json(text) => {
                let cells = cells.map(|(column, value)| {
                    let value = match value {
                        SqlValue::Integer(held) if secret.contains(column) => (*held != 0).into(),
                        SqlValue::Text(text) if JSON_COLUMNS.contains(column) => {
                            serde_json::from_str(text).unwrap_or_else(|_| text.as_str().into())
                        }
                        other => json(other)?,
                    };
                    Ok(((*column).to_owned(), value))
                });
                let row = cells.collect::<Result<Map<String, Value>, Error>>()?;
                if std::mem::replace(&mut self.comma, true) {
                    text.push(',');
                }
                text.push('\n');
                text.push_str(&Value::Object(row).to_string());
            }
            Out::Csv { section, .. } => {
                let cells = cells
                    .map(|(column, value)| {
                        Ok(match value {
                            SqlValue::Integer(held) if secret.contains(column) => {
                                if *held == 0 { "not held" } else { "held" }.to_owned()
                            }
                            SqlValue::Text(text) => harmless(text),
                            other => plain(&json(other)?),
                        })
                    })
                    .collect::<Result<Vec<String>, Error>>()?;
                record(section, &cells)?;
            }
        }
        self.rows += 1;
        Ok(())
    }

    pub(super) fn into_text(self) -> Result<String, ExportError> {
        match self.out {
            Out::Json(text) => Ok(text),
            Out::Csv { mut done, section } => {
                done.append(&mut bytes(*section)?);
                String::from_utf8(done).map_err(|_| ExportError::Failed(Error::Row))
            }
        }
    }
}

fn writer() -> csv::Writer<Vec<u8>> {
    csv::WriterBuilder::new()
        .flexible(true)
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new())
}

fn bytes(writer: csv::Writer<Vec<u8>>) -> Result<Vec<u8>, ExportError> {
    writer
        .into_inner()
        .map_err(|_| ExportError::Failed(Error::Row))
}

fn begin(text: &mut String, about: &[(&str, Value)]) {
    text.push('{');
    for (name, value) in about {
        text.push_str(&format!("\"{name}\":{value},"));
    }
}

/// Writes a line, and keeps nothing back: the length counts.
fn record<T: AsRef<[u8]>>(
    writer: &mut csv::Writer<Vec<u8>>,
    cells: impl IntoIterator<Item = T>,
) -> Result<(), ExportError> {
    writer
        .write_record(cells)
        .map_err(|_| ExportError::Failed(Error::Row))?;
    writer.flush().map_err(|_| ExportError::Failed(Error::Row))
}

fn json(value: &SqlValue) -> Result<Value, Error> {
    match value {
        SqlValue::Null => Ok(Value::Null),
        SqlValue::Integer(value) => Ok((*value).into()),
        SqlValue::Text(value) => Ok(value.as_str().into()),
        SqlValue::Real(_) | SqlValue::Blob(_) => Err(Error::Row),
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A text that no spreadsheet takes for a formula: one that begins like a formula begins with an apostrophe (OWASP, "CSV
/// Injection").
fn harmless(text: &str) -> String {
    match text.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠') => {
            format!("'{text}")
        }
        _ => text.to_owned(),
    }
}
