-- Who installed, who is connected, who may do what, and what was done. Times are unix milliseconds throughout.

-- How a portal came to have the app, and how it leaves.
CREATE TABLE IF NOT EXISTS installs (
    portal_id       INTEGER PRIMARY KEY REFERENCES portals (portal_id),
    hublet          TEXT,                    -- HubSpot's data hosting location, e.g. eu1
    scopes          TEXT    NOT NULL,        -- granted, separated by spaces
    installed_by    INTEGER NOT NULL,        -- HubSpot user id
    installed_at    INTEGER NOT NULL,        -- of the newest install
    uninstalled_at  INTEGER,
    erase_at        INTEGER                  -- when everything about the portal is deleted; NULL = it stays
) STRICT;

CREATE INDEX IF NOT EXISTS installs_erase ON installs (erase_at) WHERE erase_at IS NOT NULL;

-- The account at the provider that a connection belongs to. Its name is a person's often enough: it lies sealed in credentials.
CREATE TABLE IF NOT EXISTS accounts (
    connection_id    TEXT    PRIMARY KEY,
    account_id       TEXT    NOT NULL,       -- the provider's id of the organization
    connected_by     INTEGER NOT NULL,       -- HubSpot user id
    connected_at     INTEGER NOT NULL,
    disconnected_at  INTEGER,
    pending_id       TEXT,                   -- another account signed in on reconnect: its sealed tokens wait for an answer
    pending_region   TEXT,
    pending_by       INTEGER,                -- HubSpot user id: who is asked
    pending_until    INTEGER
) STRICT;

-- One instance at a time refreshes a token.
CREATE TABLE IF NOT EXISTS token_leases (
    portal_id     INTEGER NOT NULL,
    connection_id TEXT    NOT NULL,          -- '' = HubSpot's own
    epoch         INTEGER NOT NULL,          -- grows with every lease: the fence
    lease_until   INTEGER NOT NULL,
    failures      INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (portal_id, connection_id)
) STRICT, WITHOUT ROWID;

-- Authorizations under way. Nonces are kept as digests: reading the table lets nobody finish one.
CREATE TABLE IF NOT EXISTS oauth_states (
    state_digest   TEXT    PRIMARY KEY,
    session_digest TEXT    NOT NULL,         -- of the cookie that the same browser must bring back
    flow           TEXT    NOT NULL CHECK (flow IN ('install', 'connect')),
    portal_id      INTEGER,                  -- NULL while a portal is still to be chosen at HubSpot
    user_id        INTEGER,
    connector      TEXT,
    region         TEXT,
    verifier       TEXT,                     -- PKCE, sealed
    return_to      TEXT,                     -- where the browser goes in the end: a page of HubSpot's
    created_at     INTEGER NOT NULL,
    expires_at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS oauth_states_expired ON oauth_states (expires_at);

-- Who a browser is: a ticket from a signed HubSpot request is used once, a session is a cookie's.
CREATE TABLE IF NOT EXISTS sessions (
    session_digest TEXT    PRIMARY KEY,
    kind           TEXT    NOT NULL CHECK (kind IN ('ticket', 'session')),
    portal_id      INTEGER NOT NULL,
    user_id        INTEGER NOT NULL,
    created_at     INTEGER NOT NULL,
    expires_at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS sessions_expired ON sessions (expires_at);

-- Who administers, as HubSpot said when it was last asked.
CREATE TABLE IF NOT EXISTS roles (
    portal_id  INTEGER NOT NULL,
    user_id    INTEGER NOT NULL,
    role       TEXT    NOT NULL CHECK (role IN ('admin', 'member')),
    checked_at INTEGER NOT NULL,
    PRIMARY KEY (portal_id, user_id)
) STRICT, WITHOUT ROWID;

-- Who did what when, without content.
CREATE TABLE IF NOT EXISTS audit (
    audit_id      INTEGER PRIMARY KEY,
    portal_id     INTEGER NOT NULL,
    at            INTEGER NOT NULL,
    user_id       INTEGER,                   -- HubSpot user id; NULL = the system
    action        TEXT    NOT NULL,          -- a code, e.g. connection_connected
    connection_id TEXT,
    detail        TEXT                       -- a code
) STRICT;

CREATE INDEX IF NOT EXISTS audit_by_portal ON audit (portal_id, at);
CREATE INDEX IF NOT EXISTS audit_by_time ON audit (at);
CREATE INDEX IF NOT EXISTS runs_by_time ON runs (started_at);

-- Work that runs now and then, from whichever tick comes first.
CREATE TABLE IF NOT EXISTS chores (
    chore  TEXT    PRIMARY KEY,              -- e.g. retention
    due_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
