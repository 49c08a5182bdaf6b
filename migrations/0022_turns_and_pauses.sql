-- A run has three parts. And what it must not be overtaken by: an ask for a sync that would cut a wait short, and a slice that does not know yet what
-- HubSpot has just told.

-- The part that a run is in, where it is not the first: 1 = to the provider, 2 = what comes before both. A row of a run that
-- has ended says nothing. It takes the place of `handovers`, which this can begin again with.
CREATE TABLE IF NOT EXISTS turns (
    connection_id TEXT    NOT NULL PRIMARY KEY,
    run_id        INTEGER NOT NULL,
    part          INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS handovers (
    connection_id TEXT    NOT NULL PRIMARY KEY,
    run_id        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT OR IGNORE INTO turns (connection_id, run_id, part)
SELECT connection_id, run_id, 1 FROM handovers;
DROP TABLE IF EXISTS handovers;

-- Until when a connection rests, whoever asks for a sync: a limit was reached, or a side does not answer.
CREATE TABLE IF NOT EXISTS pauses (
    connection_id TEXT    NOT NULL PRIMARY KEY,
    until         INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A slice that leaves its run unfinished says when it goes on, and one that failed when it is tried again.
CREATE TRIGGER IF NOT EXISTS connection_pauses AFTER UPDATE OF lease_until ON connections
WHEN NEW.lease_until = 0 AND OLD.lease_until <> 0 AND NEW.due_at IS NOT NULL AND (
    NEW.failures > 0
    OR EXISTS (SELECT 1 FROM runs r WHERE r.connection_id = NEW.connection_id AND r.status = 'running')
)
BEGIN
    INSERT INTO pauses (connection_id, until) VALUES (NEW.connection_id, NEW.due_at)
    ON CONFLICT (connection_id) DO UPDATE SET until = excluded.until;
END;

CREATE TRIGGER IF NOT EXISTS connection_rests AFTER UPDATE OF due_at ON connections
WHEN NEW.due_at < (SELECT until FROM pauses p WHERE p.connection_id = NEW.connection_id)
    AND OLD.due_at IS NOT NULL AND NEW.lease_until = 0 AND OLD.lease_until = 0
BEGIN
    UPDATE connections SET due_at = (SELECT until FROM pauses p WHERE p.connection_id = NEW.connection_id)
    WHERE connection_id = NEW.connection_id;
END;

-- Deleted, merged or restored: what a slice under way holds of these records is not so any more, and must not be committed
-- over what was told.
CREATE TRIGGER IF NOT EXISTS hubspot_notice_fence INSTEAD OF INSERT ON hubspot_notice
BEGIN
    UPDATE connections SET lease_epoch = lease_epoch + 1, lease_until = 0
    WHERE portal_id = NEW.portal_id AND lease_until > NEW.now AND connection_id IN (
        SELECT l.connection_id
        FROM json_each (NEW.notices) n
        CROSS JOIN links l ON l.connection_id = n.value ->> 'connection' AND l.object = n.value ->> 'object'
            AND l.hubspot_id = n.value ->> 'id'
        WHERE n.value ->> 'kind' IN ('gone', 'restored')
    );
END;
