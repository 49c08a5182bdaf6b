-- Links end in more ways than one; each list keeps counts of its own (`contacts` what went to HubSpot, `contacts/hubspot`
-- what went to the provider); and a run has two parts.

DROP TRIGGER IF EXISTS page_commit_apply;

-- A CHECK cannot be changed: the table is copied out, built anew and copied back. Nobody writes to it meanwhile, and
-- whatever step an instance ended behind, this can begin again.
CREATE TABLE IF NOT EXISTS links (
    connection_id TEXT    NOT NULL,
    object        TEXT    NOT NULL,
    provider_id   TEXT    NOT NULL,
    hubspot_id    TEXT,                      -- NULL while not linked
    state         TEXT    NOT NULL CHECK (state IN ('active', 'ambiguous', 'failed', 'hubspot_gone', 'provider_gone', 'unlinked')),
    reason        TEXT,                      -- a code, for every state but active
    base          TEXT,                      -- fingerprints of both sides after the last write
    changed_at    INTEGER,                   -- the provider's time of last change
    synced_at     INTEGER NOT NULL,
    attempts      INTEGER NOT NULL DEFAULT 0,
    retry_at      INTEGER,                   -- when a failed record is tried again although it did not change
    PRIMARY KEY (connection_id, object, provider_id),
    UNIQUE (connection_id, object, hubspot_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS links_moved (
    connection_id TEXT    NOT NULL,
    object        TEXT    NOT NULL,
    provider_id   TEXT    NOT NULL,
    hubspot_id    TEXT,
    state         TEXT    NOT NULL,
    reason        TEXT,
    base          TEXT,
    changed_at    INTEGER,
    synced_at     INTEGER NOT NULL,
    attempts      INTEGER NOT NULL,
    retry_at      INTEGER,
    PRIMARY KEY (connection_id, object, provider_id)
) STRICT, WITHOUT ROWID;

INSERT OR IGNORE INTO links_moved
SELECT connection_id, object, provider_id, hubspot_id, state, reason, base, changed_at, synced_at, attempts, retry_at FROM links;
DROP TABLE IF EXISTS links;
CREATE TABLE IF NOT EXISTS links (
    connection_id TEXT    NOT NULL,
    object        TEXT    NOT NULL,
    provider_id   TEXT    NOT NULL,
    hubspot_id    TEXT,                      -- NULL while not linked
    state         TEXT    NOT NULL CHECK (state IN ('active', 'ambiguous', 'failed', 'hubspot_gone', 'provider_gone', 'unlinked')),
    reason        TEXT,                      -- a code, for every state but active
    base          TEXT,                      -- fingerprints of both sides after the last write
    changed_at    INTEGER,                   -- the provider's time of last change
    synced_at     INTEGER NOT NULL,
    attempts      INTEGER NOT NULL DEFAULT 0,
    retry_at      INTEGER,                   -- when a failed record is tried again although it did not change
    PRIMARY KEY (connection_id, object, provider_id),
    UNIQUE (connection_id, object, hubspot_id)
) STRICT, WITHOUT ROWID;
INSERT OR IGNORE INTO links
SELECT connection_id, object, provider_id, hubspot_id, state, reason, base, changed_at, synced_at, attempts, retry_at FROM links_moved;
DROP TABLE IF EXISTS links_moved;

CREATE INDEX IF NOT EXISTS links_retry ON links (connection_id, object, retry_at) WHERE retry_at IS NOT NULL;

-- The first part of this run, towards HubSpot, is complete; the second goes on. A row of a run that has ended says nothing.
CREATE TABLE IF NOT EXISTS handovers (
    connection_id TEXT    NOT NULL PRIMARY KEY,
    run_id        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER IF NOT EXISTS page_commit_apply INSTEAD OF INSERT ON page_commit
BEGIN
    SELECT RAISE (ABORT, 'lease lost') WHERE NOT EXISTS (
        SELECT 1 FROM connections
        WHERE connection_id = NEW.connection_id AND lease_epoch = NEW.epoch AND lease_until > NEW.now
    );
    UPDATE connections SET lease_until = NEW.lease_until WHERE connection_id = NEW.connection_id;

    INSERT INTO links (connection_id, object, provider_id, hubspot_id, state, reason, base, changed_at, synced_at, attempts, retry_at)
    SELECT NEW.connection_id, NEW.object, value ->> 'id', value ->> 'hubspot_id', value ->> 'state', value ->> 'reason',
           value ->> 'base', value ->> 'changed_at', NEW.now, (value ->> 'state' = 'failed'), value ->> 'retry_at'
    FROM json_each (NEW.links) WHERE true
    ON CONFLICT (connection_id, object, provider_id) DO UPDATE SET
        hubspot_id = coalesce (excluded.hubspot_id, hubspot_id),
        state = excluded.state,
        reason = excluded.reason,
        base = coalesce (excluded.base, base),
        changed_at = excluded.changed_at,
        synced_at = excluded.synced_at,
        -- What is to be looked at without delay was not refused.
        attempts = CASE excluded.state WHEN 'failed' THEN attempts + iif (excluded.retry_at <= NEW.now, 0, 1)
            WHEN 'active' THEN 0 ELSE attempts END,
        retry_at = excluded.retry_at;

    -- A record that is linked now is nobody's candidate, and claims nothing any more.
    DELETE FROM candidates WHERE (connection_id, object, tier, digest, hubspot_id) IN (
        SELECT c.connection_id, c.object, c.tier, c.digest, c.hubspot_id
        FROM json_each (NEW.links) l
        CROSS JOIN candidates c ON c.connection_id = NEW.connection_id AND c.object = NEW.object
            AND c.hubspot_id = l.value ->> 'hubspot_id'
    );
    DELETE FROM claims WHERE connection_id = NEW.connection_id AND object = NEW.object
        AND provider_id IN (SELECT value ->> 'id' FROM json_each (NEW.links) WHERE value ->> 'state' = 'active');
    INSERT INTO claims (connection_id, object, provider_id, hubspot_id, tier, open)
    SELECT NEW.connection_id, NEW.object, value ->> 'id', value ->> 'hubspot_id', value ->> 'tier', 1
    FROM json_each (NEW.claims) WHERE true
    ON CONFLICT (connection_id, object, provider_id, hubspot_id) DO UPDATE SET
        tier = excluded.tier, open = 1;
    UPDATE claims SET open = 0 WHERE connection_id = NEW.connection_id AND object = NEW.object
        AND provider_id IN (SELECT value FROM json_each (NEW.decided));

    -- What a record no longer names is gone; what it names stays or is new.
    UPDATE relations SET state = 'gone' WHERE (connection_id, kind, from_id, to_id) IN (
        SELECT r.connection_id, r.kind, r.from_id, r.to_id
        FROM json_each (NEW.relation_sets) s
        CROSS JOIN relations r ON r.connection_id = NEW.connection_id AND r.kind = s.value ->> 'kind' AND r.from_id = s.value ->> 'id'
        WHERE NOT s.value ->> 'reverse'
          AND r.to_id NOT IN (SELECT value FROM json_each (s.value, '$.others'))
    );
    UPDATE relations SET state = 'gone' WHERE (connection_id, kind, from_id, to_id) IN (
        SELECT r.connection_id, r.kind, r.from_id, r.to_id
        FROM json_each (NEW.relation_sets) s
        CROSS JOIN relations r INDEXED BY relations_by_target
            ON r.connection_id = NEW.connection_id AND r.kind = s.value ->> 'kind' AND r.to_id = s.value ->> 'id'
        WHERE s.value ->> 'reverse'
          AND r.from_id NOT IN (SELECT value FROM json_each (s.value, '$.others'))
    );
    INSERT INTO relations (connection_id, kind, from_id, to_id, generation, state)
    SELECT NEW.connection_id, n.kind, n.from_id, n.to_id,
           coalesce ((SELECT generation FROM streams WHERE connection_id = NEW.connection_id AND stream = NEW.stream), 0), 'new'
    FROM (
        SELECT s.value ->> 'kind' AS kind, iif (s.value ->> 'reverse', o.value, s.value ->> 'id') AS from_id,
               iif (s.value ->> 'reverse', s.value ->> 'id', o.value) AS to_id
        FROM json_each (NEW.relation_sets) s, json_each (s.value, '$.others') o
        UNION ALL
        SELECT value ->> 'kind', value ->> 'from_id', value ->> 'to_id' FROM json_each (NEW.relation_rows)
    ) AS n WHERE true
    ON CONFLICT (connection_id, kind, from_id, to_id) DO UPDATE SET
        generation = excluded.generation,
        state = iif (state = 'gone', 'new', state);

    INSERT INTO run_errors (run_id, object, provider_id, code, property, at)
    SELECT NEW.run_id, NEW.object, value ->> 'id', value ->> 'code', coalesce (value ->> 'property', ''), NEW.now
    FROM json_each (NEW.errors) WHERE true
    ON CONFLICT DO NOTHING;

    INSERT INTO run_counts (run_id, object, read, created, updated, linked, unchanged, ambiguous, failed)
    VALUES (NEW.run_id, NEW.stream, NEW.counts ->> 'read', NEW.counts ->> 'created', NEW.counts ->> 'updated', NEW.counts ->> 'linked',
            NEW.counts ->> 'unchanged', NEW.counts ->> 'ambiguous', NEW.counts ->> 'failed')
    ON CONFLICT (run_id, object) DO UPDATE SET
        read = read + excluded.read, created = created + excluded.created, updated = updated + excluded.updated,
        linked = linked + excluded.linked, unchanged = unchanged + excluded.unchanged,
        ambiguous = ambiguous + excluded.ambiguous, failed = failed + excluded.failed;

    UPDATE streams SET phase = NEW.phase, cursor = NEW.cursor, last_id = coalesce (NEW.last_id, last_id),
        next_watermark = coalesce (next_watermark, NEW.next_watermark)
    WHERE connection_id = NEW.connection_id AND stream = NEW.stream;
END;
