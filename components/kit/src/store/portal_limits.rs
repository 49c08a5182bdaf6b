//! What HubSpot allows a portal. See `migrations/0015_portal_limits.sql`.

use super::{Store, first};
use crate::error::{Error, Result};
use crate::ports::Ports;

/// Ten seconds anywhere reach into so many counted ones.
const SECONDS: i64 = 11;

impl<P: Ports> Store<'_, P> {
    /// Takes so many calls of a portal at once, of `share` within any ten seconds; otherwise says in how many milliseconds
    /// some will be free. A portal that is gone, or going, has none: whoever works on it has lost its lease.
    pub async fn take_calls(&self, portal: i64, calls: i64, share: i64) -> Result<Option<i64>> {
        let now = self.ports().now();
        let second = now.div_euclid(1_000);
        let taken = self
            .execute(
                "INSERT INTO portal_calls (portal_id, second, calls) SELECT ?1, ?2, ?3 \
                 WHERE ?3 + (SELECT coalesce (sum (calls), 0) FROM portal_calls \
                   WHERE portal_id = ?1 AND second > ?5 AND second <= ?2) <= ?4 \
                 AND EXISTS (SELECT 1 FROM portals WHERE portal_id = ?1 AND status <> 'uninstalled') \
                 ON CONFLICT (portal_id, second) DO UPDATE SET calls = calls + excluded.calls RETURNING 1",
                &[
                    portal.into(),
                    second.into(),
                    calls.into(),
                    share.into(),
                    (second - SECONDS).into(),
                ],
            )
            .await?;
        if !taken.is_empty() {
            return Ok(None);
        }
        let rows = self
            .execute(
                "SELECT (SELECT min (second) FROM portal_calls WHERE portal_id = ?1 AND second > ?3 AND second <= ?2) \
                 FROM portals WHERE portal_id = ?1 AND status <> 'uninstalled'",
                &[portal.into(), second.into(), (second - SECONDS).into()],
            )
            .await?;
        let oldest = first(rows).ok_or(Error::LeaseLost)?.optional_integer()?;
        let free = oldest.map_or(now, |oldest| (oldest + SECONDS) * 1_000);
        Ok(Some((free - now).max(1)))
    }

    /// Remembers how far ahead of UTC a portal's clocks are.
    pub async fn set_utc_offset(&self, portal: i64, minutes: Option<i64>) -> Result<()> {
        self.execute(
            "INSERT INTO portal_limits (portal_id, utc_offset) SELECT portal_id, ?2 FROM portals WHERE portal_id = ?1 \
             ON CONFLICT (portal_id) DO UPDATE SET utc_offset = excluded.utc_offset",
            &[portal.into(), minutes.into()],
        )
        .await?;
        Ok(())
    }
}
