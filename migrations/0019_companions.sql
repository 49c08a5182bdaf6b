-- Which HubSpot record beside a linked one a person chose to take values of. Where nobody chose, the most recently created
-- one is asked for each time, and nothing is stored.
CREATE TABLE IF NOT EXISTS companion_choices (
    connection_id TEXT    NOT NULL,
    object        TEXT    NOT NULL,
    provider_id   TEXT    NOT NULL,
    companion_id  TEXT    NOT NULL,          -- HubSpot's id
    PRIMARY KEY (connection_id, object, provider_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS companion_choices_of ON companion_choices (connection_id, object, companion_id);

-- A decision about a link, and the companion that goes with it: both or neither.
CREATE VIEW IF NOT EXISTS companion_decision (
    portal_id, connection_id, object, provider_id, user_id, now, hubspot_id,
    companion_id    -- NULL = the most recently created one
) AS
SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
WHERE 0;

CREATE TRIGGER IF NOT EXISTS companion_decision_apply INSTEAD OF INSERT ON companion_decision
BEGIN
    -- Refuses for both.
    INSERT INTO link_decision (portal_id, connection_id, object, provider_id, user_id, now, hubspot_id)
    VALUES (NEW.portal_id, NEW.connection_id, NEW.object, NEW.provider_id, NEW.user_id, NEW.now, NEW.hubspot_id);

    -- A link that stays as it is, and takes other values.
    UPDATE connections SET lease_epoch = lease_epoch + 1, lease_until = 0,
        requested_at = iif (status = 'active', coalesce (requested_at, NEW.now), requested_at),
        due_at = iif (status = 'active', min (coalesce (due_at, NEW.now), NEW.now), due_at)
    WHERE connection_id = NEW.connection_id AND NEW.companion_id IS NOT (
        SELECT companion_id FROM companion_choices
        WHERE connection_id = NEW.connection_id AND object = NEW.object AND provider_id = NEW.provider_id
    );
    UPDATE links SET state = 'failed', reason = 'provider_behind', attempts = 0, retry_at = NEW.now
    WHERE connection_id = NEW.connection_id AND object = NEW.object AND provider_id = NEW.provider_id
      AND state = 'active' AND NEW.companion_id IS NOT (
        SELECT companion_id FROM companion_choices
        WHERE connection_id = NEW.connection_id AND object = NEW.object AND provider_id = NEW.provider_id
    );
    DELETE FROM companion_choices
    WHERE connection_id = NEW.connection_id AND object = NEW.object AND provider_id = NEW.provider_id;
    INSERT INTO companion_choices (connection_id, object, provider_id, companion_id)
    SELECT NEW.connection_id, NEW.object, NEW.provider_id, NEW.companion_id WHERE NEW.companion_id IS NOT NULL;
END;
