-- Portals, their connections and sealed credentials. Times are unix milliseconds throughout.

CREATE TABLE IF NOT EXISTS portals (
    portal_id  INTEGER PRIMARY KEY,          -- HubSpot's hub id
    status     TEXT    NOT NULL CHECK (status IN ('active', 'restricted', 'uninstalled')),
    ui_domain  TEXT    NOT NULL,             -- e.g. app-eu1.hubspot.com
    time_zone  TEXT,                         -- IANA name
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS connections (
    connection_id    TEXT    PRIMARY KEY,    -- random, 128 bits in hex
    portal_id        INTEGER NOT NULL REFERENCES portals (portal_id),
    connector        TEXT    NOT NULL,
    region           TEXT    NOT NULL,
    status           TEXT    NOT NULL CHECK (status IN ('active', 'expired', 'paused', 'disconnected')),
    status_reason    TEXT,                   -- a code
    settings         TEXT    NOT NULL,       -- JSON: objects, directions, rules, strategy
    frequency        INTEGER NOT NULL,       -- minutes between scheduled runs; 0 = manual only
    due_at           INTEGER,                -- when the next slice may begin; NULL = not due
    requested_at     INTEGER,                -- a sync was asked for, and no run has begun since
    failures         INTEGER NOT NULL DEFAULT 0,  -- consecutive slices that ended in an error
    lease_epoch      INTEGER NOT NULL DEFAULT 0,  -- grows with every lease: the fence
    lease_until      INTEGER NOT NULL DEFAULT 0,
    fingerprint_key  TEXT    NOT NULL,       -- sealed, 32 bytes
    provisioned      TEXT,                   -- JSON: what HubSpot was given, and the ids it gave back
    created_at       INTEGER NOT NULL,
    UNIQUE (portal_id, connector)
) STRICT;

-- A tick reads due connections alone, however many there are.
CREATE INDEX IF NOT EXISTS connections_due ON connections (due_at)
    WHERE due_at IS NOT NULL AND status = 'active';

CREATE TABLE IF NOT EXISTS credentials (
    portal_id     INTEGER NOT NULL REFERENCES portals (portal_id),
    connection_id TEXT    NOT NULL,          -- '' = HubSpot's own
    purpose       TEXT    NOT NULL,          -- access_token, refresh_token, …
    sealed        TEXT    NOT NULL,          -- the vault's envelope
    expires_at    INTEGER,
    updated_at    INTEGER NOT NULL,
    PRIMARY KEY (portal_id, connection_id, purpose)
) STRICT, WITHOUT ROWID;
