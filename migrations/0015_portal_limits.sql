-- What HubSpot allows a portal. Instances take calls before they make them, so that all of them together keep to it.
CREATE TABLE IF NOT EXISTS portal_calls (
    portal_id INTEGER NOT NULL,
    second    INTEGER NOT NULL,              -- unix time
    calls     INTEGER NOT NULL,              -- taken in this second
    PRIMARY KEY (portal_id, second)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER IF NOT EXISTS portal_calls_pass AFTER INSERT ON portal_calls
BEGIN
    DELETE FROM portal_calls WHERE portal_id = NEW.portal_id AND second < NEW.second - 60;
END;

CREATE TABLE IF NOT EXISTS portal_limits (
    portal_id  INTEGER NOT NULL PRIMARY KEY,
    utc_offset INTEGER                       -- minutes ahead of UTC: the daily limit ends at the portal's midnight
) STRICT;
