-- What is about to be written, and to which side. Should the write succeed and its commit be lost, the next run knows a value
-- of ours for what it is: nobody at that side has changed it.
CREATE TABLE IF NOT EXISTS begun_writes (
    connection_id TEXT    NOT NULL,
    object        TEXT    NOT NULL,
    provider_id   TEXT    NOT NULL,
    hubspot       TEXT,                      -- fingerprints, as in links.base, of what goes to HubSpot
    provider      TEXT,                      -- and of what goes to the provider
    PRIMARY KEY (connection_id, object, provider_id)
) STRICT, WITHOUT ROWID;

-- A link that remembers both sides needs it no more.
CREATE TRIGGER IF NOT EXISTS page_commit_begun_writes INSTEAD OF INSERT ON page_commit
BEGIN
    DELETE FROM begun_writes WHERE (connection_id, object, provider_id) IN (
        SELECT b.connection_id, b.object, b.provider_id
        FROM json_each (NEW.links) l
        CROSS JOIN begun_writes b ON b.connection_id = NEW.connection_id AND b.object = NEW.object
            AND b.provider_id = l.value ->> 'id'
        WHERE l.value ->> 'base' IS NOT NULL
    );
END;
