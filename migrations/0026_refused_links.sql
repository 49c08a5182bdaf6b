-- A HubSpot record that people linked to another record of the provider's, and that HubSpot refuses to write to, names the first
-- one still: it is released, as one is that was taken out of a link.
CREATE TRIGGER IF NOT EXISTS page_commit_released INSTEAD OF INSERT ON page_commit
BEGIN
    INSERT INTO released (connection_id, object, hubspot_id, released_at)
    SELECT l.connection_id, l.object, l.hubspot_id, NEW.now
    FROM json_each (NEW.links) r
    CROSS JOIN links l ON l.connection_id = NEW.connection_id AND l.object = NEW.object AND l.provider_id = r.value ->> 'id'
    WHERE r.value ->> 'release' AND l.hubspot_id IS NOT NULL
    ON CONFLICT DO NOTHING;
END;
