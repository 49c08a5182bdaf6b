-- Who is in the list that is the door of an object: HubSpot ids alone. Read anew by every run; no rows, no list.

CREATE TABLE IF NOT EXISTS list_members (
    connection_id TEXT    NOT NULL,
    object        TEXT    NOT NULL,
    hubspot_id    TEXT    NOT NULL,
    generation    INTEGER NOT NULL,          -- of the last walk over the list that saw it
    matching      INTEGER NOT NULL,          -- 1 = what waits at the provider has not been matched since it came in
    making        INTEGER NOT NULL,          -- 1 = whether it is to be made at the provider has not been asked since
    PRIMARY KEY (connection_id, object, hubspot_id)
) STRICT, WITHOUT ROWID;

-- Erased for privacy: a second trigger on the same view, so that both happen or neither.
CREATE TRIGGER IF NOT EXISTS hubspot_notice_members INSTEAD OF INSERT ON hubspot_notice
BEGIN
    DELETE FROM list_members WHERE (connection_id, object, hubspot_id) IN (
        SELECT value ->> 'connection', value ->> 'object', value ->> 'id'
        FROM json_each (NEW.notices) WHERE value ->> 'kind' = 'erased'
    );
END;
