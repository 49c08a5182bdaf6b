-- Runs, the state of each list, links and what hangs on them. No content: ids, times, codes, counts and keyed fingerprints.

CREATE TABLE IF NOT EXISTS runs (
    run_id         INTEGER PRIMARY KEY,
    connection_id  TEXT    NOT NULL,
    cause          TEXT    NOT NULL CHECK (cause IN ('scheduled', 'requested')),
    status         TEXT    NOT NULL CHECK (status IN ('running', 'succeeded', 'failed')),
    reason         TEXT,                     -- a code, where it failed or has something to say
    reason_object  TEXT,
    settings       TEXT    NOT NULL,         -- the settings this run works by: a snapshot
    started_at     INTEGER NOT NULL,
    finished_at    INTEGER,
    slices         INTEGER NOT NULL DEFAULT 0,
    hubspot_calls  INTEGER NOT NULL DEFAULT 0,
    provider_calls INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE UNIQUE INDEX IF NOT EXISTS runs_one_running ON runs (connection_id) WHERE status = 'running';
CREATE INDEX IF NOT EXISTS runs_by_connection ON runs (connection_id, started_at);

CREATE TABLE IF NOT EXISTS run_counts (
    run_id    INTEGER NOT NULL,
    object    TEXT    NOT NULL,
    read      INTEGER NOT NULL DEFAULT 0,
    created   INTEGER NOT NULL DEFAULT 0,
    updated   INTEGER NOT NULL DEFAULT 0,
    linked    INTEGER NOT NULL DEFAULT 0,    -- attached to a record that HubSpot had already
    unchanged INTEGER NOT NULL DEFAULT 0,
    ambiguous INTEGER NOT NULL DEFAULT 0,    -- waiting in the review queue
    failed    INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (run_id, object)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS run_errors (
    run_id      INTEGER NOT NULL,
    object      TEXT    NOT NULL,
    provider_id TEXT    NOT NULL,
    code        TEXT    NOT NULL,
    property    TEXT    NOT NULL,            -- '' = the record as a whole
    at          INTEGER NOT NULL,
    PRIMARY KEY (run_id, object, provider_id, code, property)
) STRICT, WITHOUT ROWID;

-- One list of one connection: where its walk stands.
CREATE TABLE IF NOT EXISTS streams (
    connection_id  TEXT    NOT NULL,
    stream         TEXT    NOT NULL,
    run_id         INTEGER NOT NULL,         -- the run this state belongs to
    phase          TEXT    NOT NULL CHECK (phase IN ('walk', 'settle', 'done')),
    full           INTEGER NOT NULL,         -- 1 = everything is read, 0 = changes since the watermark
    since          INTEGER,                  -- what this walk asked for
    cursor         TEXT,                     -- URL of the next page; NULL = first page
    last_id        TEXT,                     -- highest id seen in this walk
    next_watermark INTEGER,                  -- the watermark once this walk is complete
    watermark      INTEGER,                  -- the last complete walk's
    version        TEXT,                     -- of the plan that the watermark was reached with
    generation     INTEGER NOT NULL DEFAULT 0,  -- grows with every full walk
    full_at        INTEGER,                  -- when the last full walk was complete
    index_run      INTEGER,                  -- the run in which the index of candidates was brought up to date
    index_since    INTEGER,                  -- HubSpot changes up to here are in the index
    index_after    TEXT,                     -- keyset cursor of an index walk that is under way
    PRIMARY KEY (connection_id, stream)
) STRICT, WITHOUT ROWID;

-- One record here, one there. Both sides are unique: the schema refuses a second link.
CREATE TABLE IF NOT EXISTS links (
    connection_id TEXT    NOT NULL,
    object        TEXT    NOT NULL,
    provider_id   TEXT    NOT NULL,
    hubspot_id    TEXT,                      -- NULL while not linked
    state         TEXT    NOT NULL CHECK (state IN ('active', 'ambiguous', 'failed', 'hubspot_gone')),
    reason        TEXT,                      -- a code, for every state but active
    base          TEXT,                      -- fingerprints of both sides after the last write
    changed_at    INTEGER,                   -- the provider's time of last change
    synced_at     INTEGER NOT NULL,
    attempts      INTEGER NOT NULL DEFAULT 0,
    retry_at      INTEGER,                   -- when a failed record is tried again although it did not change
    PRIMARY KEY (connection_id, object, provider_id),
    UNIQUE (connection_id, object, hubspot_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS links_retry ON links (connection_id, object, retry_at) WHERE retry_at IS NOT NULL;

-- HubSpot's records that are not linked yet, by digests of their keys: what names and domains are looked up in.
CREATE TABLE IF NOT EXISTS candidates (
    connection_id TEXT NOT NULL,
    object        TEXT NOT NULL,
    tier          TEXT NOT NULL,
    digest        TEXT NOT NULL,             -- keyed, 128 bits in hex
    hubspot_id    TEXT NOT NULL,
    guard         TEXT,                      -- digest of the stronger key, if the record has one
    PRIMARY KEY (connection_id, object, tier, digest, hubspot_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS candidates_by_record ON candidates (connection_id, object, hubspot_id);

-- A provider record that may be a HubSpot record; decided when all claims are in.
CREATE TABLE IF NOT EXISTS claims (
    connection_id TEXT    NOT NULL,
    object        TEXT    NOT NULL,
    provider_id   TEXT    NOT NULL,
    hubspot_id    TEXT    NOT NULL,
    tier          INTEGER NOT NULL,          -- 0 = strongest
    open          INTEGER NOT NULL,          -- 0 = decided; stays while it waits in the review queue
    PRIMARY KEY (connection_id, object, provider_id, hubspot_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS claims_by_candidate ON claims (connection_id, object, hubspot_id);
CREATE INDEX IF NOT EXISTS claims_open ON claims (connection_id, object, tier, provider_id) WHERE open = 1;

-- What the provider says belongs together.
CREATE TABLE IF NOT EXISTS relations (
    connection_id TEXT    NOT NULL,
    kind          TEXT    NOT NULL,
    from_id       TEXT    NOT NULL,          -- provider ids
    to_id         TEXT    NOT NULL,
    generation    INTEGER NOT NULL,          -- of the last full walk that saw it
    state         TEXT    NOT NULL CHECK (state IN ('new', 'kept', 'gone')),
    PRIMARY KEY (connection_id, kind, from_id, to_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS relations_by_target ON relations (connection_id, kind, to_id);
CREATE INDEX IF NOT EXISTS relations_open ON relations (connection_id, state, kind) WHERE state <> 'kept';

-- What stands associated in HubSpot because of them. Several kinds may stand for one association.
CREATE TABLE IF NOT EXISTS associations (
    connection_id TEXT    NOT NULL,
    type_id       INTEGER NOT NULL,          -- HubSpot's association type, from → to
    from_id       TEXT    NOT NULL,          -- provider ids
    to_id         TEXT    NOT NULL,
    made          INTEGER NOT NULL,          -- 1 = by us; 0 = it stood already, and is never taken away
    PRIMARY KEY (connection_id, type_id, from_id, to_id)
) STRICT, WITHOUT ROWID;
