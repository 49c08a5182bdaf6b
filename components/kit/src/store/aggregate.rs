//! What the product as a whole is used for, in figures in which nobody can be recognised (S1-20).

use serde::Serialize;

use super::{Columns, Store, first};
use crate::error::{Error, Result};
use crate::ports::Ports;

/// Figures of fewer portals than these are not told: of few one could be recognised.
pub const FEWEST_PORTALS: i64 = 5;

/// What is used, over all portals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Aggregate {
    /// The calendar month of the sums (UTC), e.g. `2026-11`.
    pub month: String,
    /// None where too few portals used anything in it.
    pub usage: Option<Sums>,
    /// The most used first; those of too few portals are left out.
    pub connectors: Vec<ConnectorUse>,
}

/// Sums of a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Sums {
    /// Portals that used anything.
    pub portals: i64,
    /// Records created, updated or linked.
    pub records: i64,
    /// Calls to HubSpot and to providers.
    pub api_calls: i64,
}

/// How a connector is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConnectorUse {
    /// Connector id.
    pub connector: String,
    /// Portals that have it connected.
    pub portals: i64,
    /// Average minutes between scheduled runs, to the full minute; none where all are manual only.
    pub average_frequency: Option<i64>,
}

impl<P: Ports> Store<'_, P> {
    /// What is used this month, over all portals.
    pub async fn aggregate(&self) -> Result<Aggregate> {
        let sums = self
            .execute(
                "SELECT m.month, count(u.portal_id), coalesce (sum (u.records), 0), coalesce (sum (u.api_calls), 0) \
                 FROM (SELECT strftime ('%Y-%m', ?1 / 1000, 'unixepoch') AS month) m \
                 LEFT JOIN usage_by_month u ON u.month = m.month GROUP BY m.month",
                &[self.ports().now().into()],
            )
            .await?;
        let mut row = first(sums).ok_or(Error::Row)?;
        let month = row.text()?;
        let sums = Sums {
            portals: row.integer()?,
            records: row.integer()?,
            api_calls: row.integer()?,
        };
        let rows = self
            .execute(
                "SELECT connector, count(DISTINCT portal_id), CAST (round (avg (nullif (frequency, 0))) AS INTEGER) \
                 FROM connections WHERE status <> 'disconnected' GROUP BY connector \
                 HAVING count(DISTINCT portal_id) >= ?1 ORDER BY 2 DESC, 1",
                &[FEWEST_PORTALS.into()],
            )
            .await?;
        let connectors = rows
            .into_iter()
            .map(|row| {
                let mut row = Columns::of(row);
                Ok(ConnectorUse {
                    connector: row.text()?,
                    portals: row.integer()?,
                    average_frequency: row.optional_integer()?,
                })
            })
            .collect::<Result<_>>()?;
        Ok(Aggregate {
            month,
            usage: Some(sums).filter(|sums| sums.portals >= FEWEST_PORTALS),
            connectors,
        })
    }
}
