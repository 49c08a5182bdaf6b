-- Actions that HubSpot waits for, because they take longer than it does: a tick does them and completes them there.

CREATE TABLE IF NOT EXISTS action_waiting (
    portal_id   INTEGER NOT NULL,
    callback_id TEXT    NOT NULL,            -- HubSpot's, of one execution
    action      TEXT    NOT NULL,            -- e.g. clio/create_contact
    sealed      TEXT,                        -- what was given, in the vault's envelope; NULL once it is known how it ended
    outcome     TEXT,                        -- what HubSpot is told then: ids, codes, words of our own
    until       INTEGER NOT NULL,            -- unix milliseconds: HubSpot is told by then in any case
    due_at      INTEGER NOT NULL,            -- unix milliseconds: from then on a tick takes it
    attempts    INTEGER NOT NULL,
    PRIMARY KEY (portal_id, callback_id, action)
) STRICT, WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS action_waiting_by_time ON action_waiting (due_at);
