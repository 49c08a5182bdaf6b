-- What portals pay for and what they use. Times are unix milliseconds throughout.

-- Billing lies apart: of a customer only this is kept, until 7 years after the end, whatever becomes of the portal (S1-10,
-- S1-47). It therefore refers to no other table.
CREATE TABLE IF NOT EXISTS billing_customers (
    customer_id  TEXT    PRIMARY KEY,        -- Stripe's, e.g. cus_…
    portal_id    INTEGER,                    -- NULL = cut loose: the portal is erased, or the customer gone from Stripe
    plan         TEXT,                       -- id of the plan; NULL = never subscribed
    status       TEXT,                       -- Stripe's word
    status_since INTEGER,                    -- when this status was first seen: the grace of late payments counts from it
    period_end   INTEGER,
    renews       INTEGER NOT NULL DEFAULT 0, -- 1 = goes on and is charged after the period, unless somebody ends it
    revision     INTEGER NOT NULL DEFAULT 0, -- grows with every write: of two writers one reads again
    changed_at   INTEGER NOT NULL,           -- when plan or status last became another
    ended_at     INTEGER,                    -- when the last subscription ended; NULL = it stands
    CHECK ((plan IS NULL) = (status IS NULL) AND (plan IS NULL) = (status_since IS NULL))
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX IF NOT EXISTS billing_customers_portal ON billing_customers (portal_id) WHERE portal_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS billing_customers_renewing ON billing_customers (customer_id) WHERE renews = 1;
CREATE INDEX IF NOT EXISTS billing_customers_ended ON billing_customers (ended_at) WHERE ended_at IS NOT NULL;

-- Events that were applied: Stripe delivers at least once.
CREATE TABLE IF NOT EXISTS billing_events (
    event_id    TEXT    PRIMARY KEY,         -- Stripe's, e.g. evt_…
    customer_id TEXT    NOT NULL,
    applied_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS billing_events_customer ON billing_events (customer_id);

-- Events end with their customer.
CREATE TRIGGER IF NOT EXISTS billing_forgotten AFTER DELETE ON billing_customers
BEGIN
    DELETE FROM billing_events WHERE customer_id = OLD.customer_id;
END;

-- A portal that is erased leaves nothing of itself here; who never paid leaves nothing at all.
CREATE TRIGGER IF NOT EXISTS billing_cut_loose AFTER DELETE ON portals
BEGIN
    DELETE FROM billing_customers WHERE portal_id = OLD.portal_id AND plan IS NULL;
    UPDATE billing_customers SET portal_id = NULL, revision = revision + 1 WHERE portal_id = OLD.portal_id;
END;

-- Counts by portal and calendar month (UTC) of the day a run began, e.g. 2026-11; ends with the portal.
CREATE TABLE IF NOT EXISTS usage_by_month (
    portal_id INTEGER NOT NULL,
    month     TEXT    NOT NULL,
    records   INTEGER NOT NULL DEFAULT 0,    -- created, updated or linked, on either side
    api_calls INTEGER NOT NULL DEFAULT 0,    -- to HubSpot and to providers
    PRIMARY KEY (portal_id, month)
) STRICT, WITHOUT ROWID;

-- Usage is counted by the statement that commits a page or closes a slice: both happen, or neither. What is repeated after a
-- crash was not committed, and so not counted.
CREATE TRIGGER IF NOT EXISTS usage_of_first_page AFTER INSERT ON run_counts WHEN NEW.created + NEW.updated + NEW.linked > 0
BEGIN
    INSERT INTO usage_by_month (portal_id, month, records)
    SELECT c.portal_id, strftime ('%Y-%m', r.started_at / 1000, 'unixepoch'), NEW.created + NEW.updated + NEW.linked
    FROM runs r JOIN connections c ON c.connection_id = r.connection_id WHERE r.run_id = NEW.run_id
    ON CONFLICT (portal_id, month) DO UPDATE SET records = records + excluded.records;
END;

CREATE TRIGGER IF NOT EXISTS usage_of_page AFTER UPDATE OF created, updated, linked ON run_counts
    WHEN NEW.created + NEW.updated + NEW.linked > OLD.created + OLD.updated + OLD.linked
BEGIN
    INSERT INTO usage_by_month (portal_id, month, records)
    SELECT c.portal_id, strftime ('%Y-%m', r.started_at / 1000, 'unixepoch'),
           NEW.created + NEW.updated + NEW.linked - OLD.created - OLD.updated - OLD.linked
    FROM runs r JOIN connections c ON c.connection_id = r.connection_id WHERE r.run_id = NEW.run_id
    ON CONFLICT (portal_id, month) DO UPDATE SET records = records + excluded.records;
END;

CREATE TRIGGER IF NOT EXISTS usage_of_slice AFTER UPDATE OF hubspot_calls, provider_calls ON runs
    WHEN NEW.hubspot_calls + NEW.provider_calls > OLD.hubspot_calls + OLD.provider_calls
BEGIN
    INSERT INTO usage_by_month (portal_id, month, api_calls)
    SELECT c.portal_id, strftime ('%Y-%m', NEW.started_at / 1000, 'unixepoch'),
           NEW.hubspot_calls + NEW.provider_calls - OLD.hubspot_calls - OLD.provider_calls
    FROM connections c WHERE c.connection_id = NEW.connection_id
    ON CONFLICT (portal_id, month) DO UPDATE SET api_calls = api_calls + excluded.api_calls;
END;
