-- A portal leaves by one INSERT into a view: its sync stops, HubSpot's credentials and every session are deleted, and the
-- deletion clock starts, together or not at all. An instance that ends in between leaves no portal half here.

CREATE VIEW IF NOT EXISTS portal_uninstall (
    portal_id, now, erase_at,
    version,        -- of HubSpot's tokens that turned out to be revoked: where newer ones are held, nothing is done
    signal          -- how HubSpot told us, a code for the audit trail; NULL = an admin's wish, which is entered with the user
) AS
SELECT NULL, NULL, NULL, NULL, NULL
WHERE 0;

CREATE TRIGGER IF NOT EXISTS portal_uninstall_apply INSTEAD OF INSERT ON portal_uninstall
BEGIN
    SELECT RAISE (IGNORE) WHERE NEW.version IS NOT NULL AND NEW.version IS NOT (
        SELECT updated_at FROM credentials
        WHERE portal_id = NEW.portal_id AND connection_id = '' AND purpose = 'access_token'
    );
    INSERT INTO audit (portal_id, at, action, detail)
    SELECT portal_id, NEW.now, 'app_uninstalled', NEW.signal FROM portals
    WHERE portal_id = NEW.portal_id AND status <> 'uninstalled' AND NEW.signal IS NOT NULL;
    UPDATE portals SET status = 'uninstalled' WHERE portal_id = NEW.portal_id;
    INSERT INTO installs (portal_id, scopes, installed_by, installed_at, uninstalled_at, erase_at)
    SELECT portal_id, '', 0, created_at, NEW.now, NEW.erase_at FROM portals WHERE portal_id = NEW.portal_id
    ON CONFLICT (portal_id) DO UPDATE SET
        uninstalled_at = coalesce (uninstalled_at, excluded.uninstalled_at),
        erase_at = coalesce (erase_at, excluded.erase_at);
    UPDATE connections SET lease_epoch = lease_epoch + 1, lease_until = 0 WHERE portal_id = NEW.portal_id;
    DELETE FROM credentials WHERE portal_id = NEW.portal_id AND connection_id = '';
    DELETE FROM roles WHERE portal_id = NEW.portal_id;
    DELETE FROM sessions WHERE portal_id = NEW.portal_id;
    DELETE FROM oauth_states WHERE portal_id = NEW.portal_id;
END;
