-- Erased for privacy: what was begun with the record goes too. More triggers on the same view, so that all happens or nothing.

CREATE TRIGGER IF NOT EXISTS hubspot_notice_intents INSTEAD OF INSERT ON hubspot_notice
BEGIN
    DELETE FROM intents WHERE (connection_id, object, hubspot_id) IN (
        SELECT value ->> 'connection', value ->> 'object', value ->> 'id'
        FROM json_each (NEW.notices) WHERE value ->> 'kind' = 'erased'
    );
END;

-- By the link, which names the record or has just lost it: no order holds between triggers of a view.
CREATE TRIGGER IF NOT EXISTS hubspot_notice_begun_writes INSTEAD OF INSERT ON hubspot_notice
BEGIN
    DELETE FROM begun_writes WHERE (connection_id, object, provider_id) IN (
        SELECT l.connection_id, l.object, l.provider_id
        FROM json_each (NEW.notices) n
        CROSS JOIN links l ON l.connection_id = n.value ->> 'connection' AND l.object = n.value ->> 'object'
            AND l.hubspot_id = n.value ->> 'id'
        WHERE n.value ->> 'kind' = 'erased'
        UNION ALL
        SELECT l.connection_id, l.object, l.provider_id
        FROM json_each (NEW.notices) n
        CROSS JOIN links l ON l.connection_id = n.value ->> 'connection' AND l.object = n.value ->> 'object'
            AND l.state <> 'active' AND l.reason = 'privacy_deleted'
        WHERE n.value ->> 'kind' = 'erased'
    );
END;
