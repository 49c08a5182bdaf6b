-- What the provider's lists of ids did not name.

CREATE TABLE IF NOT EXISTS missing (
    connection_id TEXT NOT NULL,
    object        TEXT NOT NULL,
    provider_id   TEXT NOT NULL,
    PRIMARY KEY (connection_id, object, provider_id)
) STRICT, WITHOUT ROWID;

-- More of them than are believed without somebody's word.
CREATE TABLE IF NOT EXISTS brakes (
    connection_id TEXT    NOT NULL,
    object        TEXT    NOT NULL,
    missing       INTEGER NOT NULL,
    held_at       INTEGER NOT NULL,
    approved      INTEGER NOT NULL,          -- as many are believed; 0 = it waits
    PRIMARY KEY (connection_id, object)
) STRICT, WITHOUT ROWID;
