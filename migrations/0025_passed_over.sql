-- HubSpot records that nobody made at the provider, because a record that waits for a decision claims them: made when nobody
-- claims them any more, though nothing about them has changed.
CREATE TABLE IF NOT EXISTS passed_over (
    connection_id TEXT NOT NULL,
    object        TEXT NOT NULL,
    hubspot_id    TEXT NOT NULL,
    PRIMARY KEY (connection_id, object, hubspot_id)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER IF NOT EXISTS hubspot_notice_passed_over INSTEAD OF INSERT ON hubspot_notice
BEGIN
    DELETE FROM passed_over WHERE (connection_id, object, hubspot_id) IN (
        SELECT value ->> 'connection', value ->> 'object', value ->> 'id'
        FROM json_each (NEW.notices) WHERE value ->> 'kind' = 'erased'
    );
END;
