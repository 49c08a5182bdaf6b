-- What HubSpot allows a portal. Instances take calls from it before they make them, so that all of them together keep to it.
CREATE TABLE IF NOT EXISTS portal_limits (
    portal_id   INTEGER NOT NULL PRIMARY KEY,
    taken_until INTEGER NOT NULL DEFAULT 0,  -- a call fills so many milliseconds: up to when calls are taken
    utc_offset  INTEGER                      -- minutes ahead of UTC: the daily limit ends at the portal's midnight
) STRICT;
