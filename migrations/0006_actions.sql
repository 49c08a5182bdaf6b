-- What workflows asked for, so that HubSpot may ask again. No content: ids, times and how far it is.

CREATE TABLE IF NOT EXISTS action_calls (
    portal_id   INTEGER NOT NULL,
    callback_id TEXT    NOT NULL,            -- HubSpot's, of one execution
    action      TEXT    NOT NULL,            -- e.g. clio/create_contact
    state       TEXT    NOT NULL CHECK (state IN ('begun', 'sent', 'done')),  -- sent = whether it was done is not known
    output_id   TEXT,                        -- the provider's id of what was created or changed
    at          INTEGER NOT NULL,            -- unix milliseconds of the last change: the fence of whoever works on it
    PRIMARY KEY (portal_id, callback_id, action)
) STRICT, WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS action_calls_by_time ON action_calls (at);
