-- A write to HubSpot may have arrived although the slice that sent it ended before it could tell, while what the provider took
-- in the same slice is remembered: the note of that write stays.
DROP TRIGGER IF EXISTS page_commit_begun_writes;

CREATE TRIGGER IF NOT EXISTS page_commit_begun_writes INSTEAD OF INSERT ON page_commit
BEGIN
    DELETE FROM begun_writes WHERE (connection_id, object, provider_id) IN (
        SELECT b.connection_id, b.object, b.provider_id
        FROM json_each (NEW.links) l
        CROSS JOIN begun_writes b ON b.connection_id = NEW.connection_id AND b.object = NEW.object
            AND b.provider_id = l.value ->> 'id'
        WHERE l.value ->> 'base' IS NOT NULL AND NOT coalesce (l.value ->> 'open', 0)
    );
END;
