-- What people decide about links, and what HubSpot tells of its records: each by one INSERT into a view, so that it
-- happens as a whole.

-- HubSpot records whose link was taken away while they still name the provider's record.
CREATE TABLE IF NOT EXISTS released (
    connection_id TEXT    NOT NULL,
    object        TEXT    NOT NULL,
    hubspot_id    TEXT    NOT NULL,
    released_at   INTEGER NOT NULL,
    PRIMARY KEY (connection_id, object, hubspot_id)
) STRICT, WITHOUT ROWID;

-- The review queue, in the order in which it is paged.
CREATE INDEX IF NOT EXISTS links_review ON links (connection_id, object, provider_id) WHERE state <> 'active';

CREATE VIEW IF NOT EXISTS link_decision (
    portal_id, connection_id, object, provider_id, user_id, now,
    hubspot_id      -- NULL = no link, and none is to be made
) AS
SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL
WHERE 0;

CREATE TRIGGER IF NOT EXISTS link_decision_apply INSTEAD OF INSERT ON link_decision
BEGIN
    SELECT RAISE (ABORT, 'unknown connection') WHERE NOT EXISTS (
        SELECT 1 FROM connections
        WHERE connection_id = NEW.connection_id AND portal_id = NEW.portal_id AND status <> 'disconnected'
    );
    SELECT RAISE (ABORT, 'unknown record') WHERE NOT EXISTS (
        SELECT 1 FROM links
        WHERE connection_id = NEW.connection_id AND object = NEW.object AND provider_id = NEW.provider_id
    );
    SELECT RAISE (ABORT, 'linked to another') WHERE EXISTS (
        SELECT 1 FROM links
        WHERE connection_id = NEW.connection_id AND object = NEW.object AND hubspot_id = NEW.hubspot_id
          AND provider_id <> NEW.provider_id
    );
    SELECT RAISE (IGNORE) WHERE EXISTS (
        SELECT 1 FROM links
        WHERE connection_id = NEW.connection_id AND object = NEW.object AND provider_id = NEW.provider_id
          AND hubspot_id IS NEW.hubspot_id AND state = iif (NEW.hubspot_id IS NULL, 'unlinked', 'active')
    );
    -- A slice under way has read what is decided anew here: what it has not committed must not be.
    UPDATE connections SET lease_epoch = lease_epoch + 1, lease_until = 0,
        requested_at = iif (status = 'active', coalesce (requested_at, NEW.now), requested_at),
        due_at = iif (status = 'active', min (coalesce (due_at, NEW.now), NEW.now), due_at)
    WHERE connection_id = NEW.connection_id;

    INSERT INTO released (connection_id, object, hubspot_id, released_at)
    SELECT connection_id, object, hubspot_id, NEW.now FROM links
    WHERE connection_id = NEW.connection_id AND object = NEW.object AND provider_id = NEW.provider_id
      AND hubspot_id IS NOT NEW.hubspot_id AND hubspot_id IS NOT NULL
    ON CONFLICT DO NOTHING;
    DELETE FROM released
    WHERE connection_id = NEW.connection_id AND object = NEW.object AND hubspot_id = NEW.hubspot_id;

    -- The provider's relations are associated on the other record.
    UPDATE relations SET state = 'new'
    WHERE connection_id = NEW.connection_id AND state = 'kept' AND NEW.provider_id IN (from_id, to_id)
      AND NEW.hubspot_id IS NOT NULL;

    UPDATE links SET
        base = iif (hubspot_id IS NEW.hubspot_id, base, NULL),
        hubspot_id = NEW.hubspot_id,
        state = iif (NEW.hubspot_id IS NULL, 'unlinked', 'failed'),
        reason = iif (NEW.hubspot_id IS NULL, 'unlinked_by_user', 'linked_by_user'),
        attempts = 0,
        retry_at = iif (NEW.hubspot_id IS NULL, NULL, NEW.now),
        synced_at = NEW.now
    WHERE connection_id = NEW.connection_id AND object = NEW.object AND provider_id = NEW.provider_id;

    -- Others that claimed the record are decided anew.
    DELETE FROM candidates
    WHERE connection_id = NEW.connection_id AND object = NEW.object AND hubspot_id = NEW.hubspot_id;
    DELETE FROM claims
    WHERE connection_id = NEW.connection_id AND object = NEW.object AND provider_id = NEW.provider_id;
    UPDATE claims SET open = 1
    WHERE connection_id = NEW.connection_id AND object = NEW.object AND hubspot_id = NEW.hubspot_id;

    INSERT INTO audit (portal_id, at, user_id, action, connection_id, detail)
    VALUES (NEW.portal_id, NEW.now, NEW.user_id, iif (NEW.hubspot_id IS NULL, 'record_unlinked', 'record_linked'),
            NEW.connection_id, NEW.object || ' ' || NEW.provider_id);
END;

-- What HubSpot's webhooks told already: they come more than once.
CREATE TABLE IF NOT EXISTS hubspot_events (
    portal_id   INTEGER NOT NULL,
    event       TEXT    NOT NULL,            -- kind, record id, event id and time
    received_at INTEGER NOT NULL,
    PRIMARY KEY (portal_id, event)
) STRICT, WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS hubspot_events_by_time ON hubspot_events (received_at);

CREATE VIEW IF NOT EXISTS hubspot_notice (
    portal_id, now,
    events,         -- JSON list of keys
    notices         -- JSON list of { kind, connection, object, id }
) AS
SELECT NULL, NULL, NULL, NULL
WHERE 0;

CREATE TRIGGER IF NOT EXISTS hubspot_notice_apply INSTEAD OF INSERT ON hubspot_notice
BEGIN
    SELECT RAISE (IGNORE) WHERE NOT EXISTS (
        SELECT 1 FROM json_each (NEW.events) e
        WHERE NOT EXISTS (SELECT 1 FROM hubspot_events h WHERE h.portal_id = NEW.portal_id AND h.event = e.value)
    );
    -- Deleted or merged: the next run looks for it, and for what it lives on in.
    UPDATE links SET state = 'failed', reason = 'hubspot_moved', retry_at = NEW.now
    WHERE (connection_id, object, provider_id) IN (
        SELECT l.connection_id, l.object, l.provider_id
        FROM json_each (NEW.notices) n
        CROSS JOIN links l ON l.connection_id = n.value ->> 'connection' AND l.object = n.value ->> 'object'
            AND l.hubspot_id = n.value ->> 'id'
        WHERE n.value ->> 'kind' = 'gone' AND l.state = 'active'
    );
    UPDATE links SET state = 'failed', reason = 'hubspot_restored', retry_at = NEW.now
    WHERE (connection_id, object, provider_id) IN (
        SELECT l.connection_id, l.object, l.provider_id
        FROM json_each (NEW.notices) n
        CROSS JOIN links l ON l.connection_id = n.value ->> 'connection' AND l.object = n.value ->> 'object'
            AND l.hubspot_id = n.value ->> 'id'
        WHERE n.value ->> 'kind' = 'restored' AND l.state = 'hubspot_gone' AND l.reason = 'hubspot_gone'
    );
    -- Erased for privacy: of the link stays that there is none to be made again. A slice under way loses its lease, for
    -- it may hold what was erased.
    UPDATE connections SET lease_epoch = lease_epoch + 1, lease_until = 0
    WHERE portal_id = NEW.portal_id AND connection_id IN (
        SELECT value ->> 'connection' FROM json_each (NEW.notices) WHERE value ->> 'kind' = 'erased'
    );
    DELETE FROM candidates WHERE (connection_id, object, tier, digest, hubspot_id) IN (
        SELECT c.connection_id, c.object, c.tier, c.digest, c.hubspot_id
        FROM json_each (NEW.notices) n
        CROSS JOIN candidates c ON c.connection_id = n.value ->> 'connection' AND c.object = n.value ->> 'object'
            AND c.hubspot_id = n.value ->> 'id'
        WHERE n.value ->> 'kind' = 'erased'
    );
    DELETE FROM claims WHERE (connection_id, object, provider_id, hubspot_id) IN (
        SELECT c.connection_id, c.object, c.provider_id, c.hubspot_id
        FROM json_each (NEW.notices) n
        CROSS JOIN claims c ON c.connection_id = n.value ->> 'connection' AND c.object = n.value ->> 'object'
            AND c.hubspot_id = n.value ->> 'id'
        WHERE n.value ->> 'kind' = 'erased'
    );
    DELETE FROM released WHERE (connection_id, object, hubspot_id) IN (
        SELECT value ->> 'connection', value ->> 'object', value ->> 'id'
        FROM json_each (NEW.notices) WHERE value ->> 'kind' = 'erased'
    );
    UPDATE links SET hubspot_id = NULL, state = 'hubspot_gone', reason = 'privacy_deleted', base = NULL, changed_at = NULL,
        attempts = 0, retry_at = NULL, synced_at = NEW.now
    WHERE (connection_id, object, provider_id) IN (
        SELECT l.connection_id, l.object, l.provider_id
        FROM json_each (NEW.notices) n
        CROSS JOIN links l ON l.connection_id = n.value ->> 'connection' AND l.object = n.value ->> 'object'
            AND l.hubspot_id = n.value ->> 'id'
        WHERE n.value ->> 'kind' = 'erased'
    );
    UPDATE connections SET requested_at = coalesce (requested_at, NEW.now), due_at = min (coalesce (due_at, NEW.now), NEW.now)
    WHERE portal_id = NEW.portal_id AND status = 'active' AND connection_id IN (
        SELECT value ->> 'connection' FROM json_each (NEW.notices)
    );
    INSERT INTO hubspot_events (portal_id, event, received_at)
    SELECT NEW.portal_id, value, NEW.now FROM json_each (NEW.events) WHERE true
    ON CONFLICT DO NOTHING;
END;
