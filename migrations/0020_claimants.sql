-- What a record that claims others is known by, to tell whether its candidates still are what they were. Keyed digests.

CREATE TABLE IF NOT EXISTS claimants (
    connection_id TEXT    NOT NULL,
    object        TEXT    NOT NULL,
    provider_id   TEXT    NOT NULL,
    keys          TEXT    NOT NULL,          -- JSON list of [tier, digest, guard or null]
    looked_at     INTEGER NOT NULL,          -- when its candidates were last read; where all fit into one call, never
    PRIMARY KEY (connection_id, object, provider_id)
) STRICT, WITHOUT ROWID;

-- Who claims something already is known by nothing yet: of its candidates it is told only whether they are there.
INSERT OR IGNORE INTO claimants
SELECT DISTINCT connection_id, object, provider_id, '[]', 0 FROM claims;

-- With each commit of a page: what a record claims now takes the place of what it claimed before.
CREATE TRIGGER IF NOT EXISTS page_commit_claimants INSTEAD OF INSERT ON page_commit
BEGIN
    INSERT INTO claimants (connection_id, object, provider_id, keys, looked_at)
    SELECT DISTINCT NEW.connection_id, NEW.object, value ->> 'id', value ->> 'keys', 0
    FROM json_each (NEW.claims) WHERE true
    ON CONFLICT (connection_id, object, provider_id) DO UPDATE SET keys = excluded.keys;
    DELETE FROM claims WHERE connection_id = NEW.connection_id AND object = NEW.object
        AND provider_id IN (SELECT value ->> 'id' FROM json_each (NEW.claims))
        AND (provider_id, hubspot_id) NOT IN (SELECT value ->> 'id', value ->> 'hubspot_id' FROM json_each (NEW.claims));
    DELETE FROM claimants WHERE connection_id = NEW.connection_id AND object = NEW.object
        AND provider_id IN (SELECT value ->> 'id' FROM json_each (NEW.links) WHERE value ->> 'state' = 'active');
END;

CREATE TRIGGER IF NOT EXISTS link_decision_claimants INSTEAD OF INSERT ON link_decision
BEGIN
    DELETE FROM claimants WHERE connection_id = NEW.connection_id AND object = NEW.object AND provider_id = NEW.provider_id;
END;
