-- What is about to be made at a provider that knows no idempotency keys: should its answer be lost, the record is known by
-- the fingerprints of its values.
CREATE TABLE IF NOT EXISTS intents (
    connection_id TEXT    NOT NULL,
    object        TEXT    NOT NULL,
    hubspot_id    TEXT    NOT NULL,
    run_id        INTEGER NOT NULL,
    at            INTEGER NOT NULL,
    prints        TEXT    NOT NULL,          -- JSON: [[property, keyed fingerprint]]
    PRIMARY KEY (connection_id, object, hubspot_id)
) STRICT, WITHOUT ROWID;

-- What is linked is made.
CREATE TRIGGER IF NOT EXISTS page_commit_intents INSTEAD OF INSERT ON page_commit
BEGIN
    DELETE FROM intents WHERE connection_id = NEW.connection_id AND object = NEW.object
        AND hubspot_id IN (SELECT value ->> 'hubspot_id' FROM json_each (NEW.links));
END;
