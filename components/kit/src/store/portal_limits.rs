//! What HubSpot allows a portal. See `migrations/0015_portal_limits.sql`.

use super::{Store, first};
use crate::error::{Error, Result};
use crate::hubspot::rate::Limit;
use crate::ports::Ports;

/// A bucket that is emptied further ahead than this was emptied by a clock that is wrong: it counts as full.
const ASTRAY_MILLIS: i64 = 60_000;

impl<P: Ports> Store<'_, P> {
    /// Takes so many calls of a portal at once; otherwise says in how many milliseconds they will be there.
    pub async fn take_calls(&self, portal: i64, calls: i64, limit: Limit) -> Result<Option<i64>> {
        let (now, fills) = (self.ports().now(), limit.millis(calls));
        let taken = self
            .execute(
                "INSERT INTO portal_limits (portal_id, taken_until) VALUES (?1, ?2 - ?3 + ?4) \
                 ON CONFLICT (portal_id) DO UPDATE SET \
                   taken_until = iif (taken_until > ?2 + ?5, ?2 - ?3, max (taken_until, ?2 - ?3)) + ?4 \
                 WHERE iif (taken_until > ?2 + ?5, ?2 - ?3, max (taken_until, ?2 - ?3)) + ?4 <= ?2 RETURNING 1",
                &[
                    portal.into(),
                    now.into(),
                    limit.burst().into(),
                    fills.into(),
                    ASTRAY_MILLIS.into(),
                ],
            )
            .await?;
        if !taken.is_empty() {
            return Ok(None);
        }
        let rows = self
            .execute(
                "SELECT taken_until FROM portal_limits WHERE portal_id = ?1",
                &[portal.into()],
            )
            .await?;
        let until = first(rows).ok_or(Error::Row)?.integer()?;
        Ok(Some((until + fills - now).max(1)))
    }

    /// Remembers how far ahead of UTC a portal's clocks are.
    pub async fn set_utc_offset(&self, portal: i64, minutes: Option<i64>) -> Result<()> {
        self.execute(
            "INSERT INTO portal_limits (portal_id, utc_offset) VALUES (?1, ?2) \
             ON CONFLICT (portal_id) DO UPDATE SET utc_offset = excluded.utc_offset",
            &[portal.into(), minutes.into()],
        )
        .await?;
        Ok(())
    }
}
