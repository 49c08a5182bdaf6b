-- The provider's webhooks: what was asked for, and what their events put in doubt.

CREATE TABLE IF NOT EXISTS provider_webhooks (
    connection_id TEXT    NOT NULL,
    model         TEXT    NOT NULL,          -- the provider's name of the kind of record
    token_digest  TEXT    NOT NULL,          -- of the token in its address
    public_url    TEXT    NOT NULL,          -- scheme and host of its address
    webhook_id    TEXT,                      -- the provider's; NULL = not told yet
    state         TEXT    NOT NULL CHECK (state IN ('asked', 'active')),
    expires_at    INTEGER,                   -- NULL = not told yet
    check_at      INTEGER NOT NULL,          -- when the provider is asked how it stands
    PRIMARY KEY (connection_id, model)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX IF NOT EXISTS provider_webhooks_by_token ON provider_webhooks (token_digest);

-- An account that is let go is told about no more, whatever its provider still sends.
CREATE TRIGGER IF NOT EXISTS provider_webhooks_given_up AFTER UPDATE OF status ON connections
    WHEN NEW.status = 'disconnected'
BEGIN
    DELETE FROM provider_webhooks WHERE connection_id = NEW.connection_id;
END;

-- Linked records that an event says are gone: the provider is asked before it is believed.
CREATE TABLE IF NOT EXISTS suspects (
    connection_id TEXT NOT NULL,
    object        TEXT NOT NULL,
    provider_id   TEXT NOT NULL,
    PRIMARY KEY (connection_id, object, provider_id)
) STRICT, WITHOUT ROWID;

-- What was asked about is in doubt no more.
CREATE TRIGGER IF NOT EXISTS missing_asked AFTER DELETE ON missing
BEGIN
    DELETE FROM suspects
    WHERE connection_id = OLD.connection_id AND object = OLD.object AND provider_id = OLD.provider_id;
END;
