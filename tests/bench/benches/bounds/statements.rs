//! SQL statements a page: each is a network round trip where the database is a remote one.

use crate::Result;
use crate::portal::Synced;
use crate::table::Row;

/// Records on a page of Clio.
const PAGE: usize = 200;

/// The difference between two sizes, so that what a run costs once is left out.
pub fn compare(small: &Synced, large: &Synced) -> Result<Vec<Row>> {
    let pages = large.people.len().saturating_sub(small.people.len()) / PAGE;
    let more = large.statements.saturating_sub(small.statements);
    let per_page = more as f64 / u32::try_from(pages)?.max(1) as f64;
    let row = Row::new("SQL statements a page of 200", format!("{per_page:.1}"));
    Ok(vec![row.bound("≤ 10", per_page <= 10.0)])
}
