//! Export: everything that is held about a portal, as JSON or as CSV.
//!
//! Secrets are not in it, only that they are held, for what, and until when. A large portal's links alone may pass what
//! an instance's memory and a host's answers hold, so the whole comes in one piece up to [`WHOLE_BYTES`]; past that, and
//! for callers with smaller limits, it comes table by table, in pages of at most some [`PAGE_BYTES`].

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::encode::Encoder;
use crate::error::Error;
use crate::hubspot;
use crate::ports::{Ports, SqlValue};
use crate::store::Store;
use crate::store::export::{ACCOUNT_NAMES, SECTIONS, Section};
use crate::vault::Vault;

/// Bytes of an export in one piece: hosts answer with 10 MB at most.
pub const WHOLE_BYTES: usize = 8 * 1024 * 1024;
/// Bytes of a page: `hubspot.fetch` reads answers of 1 MB.
pub const PAGE_BYTES: usize = 900_000;
/// Rows that one statement reads.
const ROWS: usize = 500;
/// The cache's section: no table, but held too.
const CACHE: &str = "cache";

/// What it is written as.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Format {
    /// One object: `{"portal_id", "exported_at", "tables": {"<table>": [{…}]}}`.
    #[default]
    Json,
    /// RFC 4180: a section a table, each of a line with its name, a line with its columns, its rows, and an empty line.
    /// A page is the columns and rows alone.
    Csv,
}

/// What is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// What it is written as.
    pub format: Format,
    /// One table; none for everything in one piece.
    pub table: Option<String>,
    /// Where a page goes on, as the one before said.
    pub after: Option<String>,
}

impl Asked {
    /// From the values of the query parameters `format`, `table` and `after`.
    pub fn new(
        format: Option<&str>,
        table: Option<&str>,
        after: Option<&str>,
    ) -> Result<Self, ExportError> {
        let format = match format {
            None | Some("json") => Format::Json,
            Some("csv") => Format::Csv,
            Some(_) => return Err(ExportError::UnknownFormat),
        };
        if after.is_some() && table.is_none() {
            return Err(ExportError::MalformedCursor);
        }
        Ok(Self {
            format,
            table: table.map(str::to_owned),
            after: after.map(str::to_owned),
        })
    }
}

/// An export, or a page of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export {
    /// `application/json` or `text/csv; charset=utf-8; header=present`.
    pub content_type: &'static str,
    /// E.g. `sync300-1234-links.csv`.
    pub file_name: String,
    /// The text.
    pub body: String,
    /// Where the next page begins; none after the last, and for a whole.
    pub next: Option<String>,
}

/// Why there is no export.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// Neither of the two.
    #[error("format must be json or csv")]
    UnknownFormat,
    /// No table of the export.
    #[error("table must be one of {}", tables())]
    UnknownTable,
    /// Not what a page before said, or without its table.
    #[error("after must be what the page before gave as next, with the same table")]
    MalformedCursor,
    /// Too much for one piece.
    #[error(
        "this export is larger than {} MiB: ask for it table by table, with table= one of {}, and after= the next of each answer until there is none",
        WHOLE_BYTES / 1024 / 1024, tables()
    )]
    TooLarge,
    /// Nothing is held.
    #[error("nothing is held about this portal")]
    UnknownPortal,
    /// The database or the vault failed.
    #[error(transparent)]
    Failed(#[from] Error),
}

impl ExportError {
    /// A bare word.
    pub fn code(&self) -> &str {
        match self {
            Self::UnknownFormat => "unknown_format",
            Self::UnknownTable => "unknown_table",
            Self::MalformedCursor => "malformed_cursor",
            Self::TooLarge => "export_too_large",
            Self::UnknownPortal => "unknown_portal",
            Self::Failed(error) => error.code(),
        }
    }

    /// The HTTP status that says so.
    pub fn status(&self) -> u16 {
        match self {
            Self::UnknownFormat | Self::UnknownTable | Self::MalformedCursor => 400,
            Self::UnknownPortal => 404,
            Self::TooLarge => 413,
            Self::Failed(_) => 500,
        }
    }
}

fn tables() -> String {
    let mut names: Vec<&str> = SECTIONS.iter().map(|section| section.table).collect();
    names.push(CACHE);
    names.join(", ")
}

/// Everything that is held about a portal, or a page of it.
pub async fn export<P: Ports>(
    ports: &P,
    vault: &Vault,
    portal: i64,
    asked: &Asked,
) -> Result<Export, ExportError> {
    let reader = Reader {
        ports,
        store: Store::new(ports),
        vault,
        portal,
    };
    let (text, next) = match &asked.table {
        None => (reader.whole(asked.format).await?, None),
        Some(table) => {
            reader
                .page(asked.format, table, asked.after.as_deref())
                .await?
        }
    };
    let part = asked
        .table
        .as_ref()
        .map_or(String::new(), |table| format!("-{table}"));
    let (content_type, extension) = match asked.format {
        Format::Json => ("application/json", "json"),
        Format::Csv => ("text/csv; charset=utf-8; header=present", "csv"),
    };
    Ok(Export {
        content_type,
        file_name: format!("sync300-{portal}{part}.{extension}"),
        body: text,
        next,
    })
}

struct Reader<'a, P> {
    ports: &'a P,
    store: Store<'a, P>,
    vault: &'a Vault,
    portal: i64,
}

impl<P: Ports> Reader<'_, P> {
    /// All tables, in one piece.
    async fn whole(&self, format: Format) -> Result<String, ExportError> {
        let mut out = Encoder::new(format);
        out.open(&self.about())?;
        for section in &SECTIONS {
            out.begin_table(section.table, &columns(section))?;
            if self
                .rows(&mut out, section, Vec::new(), WHOLE_BYTES)
                .await?
                .is_some()
            {
                return Err(ExportError::TooLarge);
            }
            out.end_table()?;
            if section.table == "portals" && out.rows() == 0 {
                return Err(ExportError::UnknownPortal);
            }
        }
        out.begin_table(CACHE, &CACHE_COLUMNS)?;
        self.cache(&mut out).await?;
        out.end_table()?;
        out.close()?;
        out.into_text()
    }

    /// One table, from where the page before ended.
    async fn page(
        &self,
        format: Format,
        table: &str,
        after: Option<&str>,
    ) -> Result<(String, Option<String>), ExportError> {
        let mut out = Encoder::new(format);
        let about = |total: i64| {
            let mut about = self.about();
            about.push(("table", table.into()));
            about.push(("total", total.into()));
            about
        };
        if table == CACHE {
            out.open_page(&about(1), &CACHE_COLUMNS)?;
            self.cache(&mut out).await?;
            out.close_page(None)?;
            return Ok((out.into_text()?, None));
        }
        let section = SECTIONS
            .iter()
            .find(|section| section.table == table)
            .ok_or(ExportError::UnknownTable)?;
        let after = match after {
            Some(cursor) => read_cursor(section, cursor)?,
            None => Vec::new(),
        };
        let total = self.store.export_count(section, self.portal).await?;
        out.open_page(&about(total), &columns(section))?;
        let next = self
            .rows(&mut out, section, after, PAGE_BYTES)
            .await?
            .map(|key| write_cursor(&key));
        out.close_page(next.as_deref())?;
        Ok((out.into_text()?, next))
    }

    fn about(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("ok", true.into()),
            ("portal_id", self.portal.into()),
            ("exported_at", self.ports.now().into()),
            (
                "note",
                "Times are unix milliseconds. Of secrets it says only whether they are held."
                    .into(),
            ),
        ]
    }

    /// Writes a table's rows behind `after` until it ends, or the text is so long: then the key of the last row.
    async fn rows(
        &self,
        out: &mut Encoder,
        section: &Section,
        mut after: Vec<SqlValue>,
        bytes: usize,
    ) -> Result<Option<Vec<SqlValue>>, ExportError> {
        let columns = columns(section);
        let names = match section.table {
            NAMED => self.store.account_names(self.vault, self.portal).await?,
            _ => Vec::new(),
        };
        loop {
            let page = self
                .store
                .export_page(section, self.portal, &after, ROWS as i64)
                .await?;
            let last = page.len() < ROWS;
            for mut row in page {
                if out.len() >= bytes {
                    return Ok(Some(after));
                }
                if section.table == NAMED {
                    for column in ACCOUNT_NAMES {
                        let name = names.iter().find(|name| {
                            name.purpose == column
                                && row.key.first() == Some(&name.connection.as_str().into())
                        });
                        row.values.push(name.map(|name| name.name.expose()).into());
                    }
                }
                out.row(&columns, section.secret, &row.values)?;
                after = row.key;
            }
            if last {
                return Ok(None);
            }
        }
    }

    async fn cache(&self, out: &mut Encoder) -> Result<(), ExportError> {
        let key = hubspot::pause_key(self.portal);
        if let Some(value) = self.ports.get(&key).await {
            let value = String::from_utf8_lossy(&value).into_owned();
            out.row(&CACHE_COLUMNS, &[], &[key.into(), value.into()])?;
        }
        Ok(())
    }
}

/// The table whose rows are shown with the accounts' names, which are opened for it.
const NAMED: &str = "accounts";
const CACHE_COLUMNS: [&str; 2] = ["key", "value"];

fn columns(section: &Section) -> Vec<&'static str> {
    let mut columns: Vec<&str> = section.columns().collect();
    if section.table == NAMED {
        columns.extend(ACCOUNT_NAMES);
    }
    columns
}

/// The primary key of the last row, as an opaque text.
fn write_cursor(key: &[SqlValue]) -> String {
    let key: Vec<Value> = key
        .iter()
        .map(|value| match value {
            SqlValue::Integer(value) => json!(value),
            SqlValue::Text(value) => json!(value),
            SqlValue::Null | SqlValue::Real(_) | SqlValue::Blob(_) => Value::Null,
        })
        .collect();
    URL_SAFE_NO_PAD.encode(Value::Array(key).to_string())
}

fn read_cursor(section: &Section, cursor: &str) -> Result<Vec<SqlValue>, ExportError> {
    let malformed = |_| ExportError::MalformedCursor;
    let text = URL_SAFE_NO_PAD
        .decode(cursor)
        .map_err(|_| ExportError::MalformedCursor)?;
    let key: Vec<Value> = serde_json::from_slice(&text).map_err(malformed)?;
    if key.len() != section.held()?.key.split(", ").count() {
        return Err(ExportError::MalformedCursor);
    }
    key.into_iter()
        .map(|value| match value {
            Value::Number(number) => number.as_i64().map(SqlValue::Integer),
            Value::String(text) => Some(SqlValue::Text(text)),
            _ => None,
        })
        .map(|value| value.ok_or(ExportError::MalformedCursor))
        .collect()
}
