-- What belongs to a change of plan happens with it, what actions write is counted, and what is charged twice is known.

-- `renews` of billing_customers counts from now on: how many of the customer's subscriptions go on and are charged after
-- their period, unless somebody ends them.
DROP INDEX IF EXISTS billing_customers_renewing;

CREATE INDEX IF NOT EXISTS billing_customers_charged ON billing_customers (customer_id) WHERE renews > 0;

-- Another plan or status is written into the audit trail and looked at by the next tick by the statement that stores it:
-- both happen, or neither. Manual connections become due only where the plan had stopped them.
CREATE TRIGGER IF NOT EXISTS billing_plan_changed AFTER UPDATE OF plan, status ON billing_customers
    WHEN NEW.portal_id IS NOT NULL AND NEW.plan IS NOT NULL AND (NEW.plan IS NOT OLD.plan OR NEW.status IS NOT OLD.status)
BEGIN
    INSERT INTO audit (portal_id, at, action, detail)
    SELECT portal_id, NEW.changed_at, 'plan_changed', NEW.plan || '_' || NEW.status FROM portals WHERE portal_id = NEW.portal_id;
    UPDATE connections SET due_at = min (coalesce (due_at, NEW.changed_at), NEW.changed_at)
    WHERE portal_id = NEW.portal_id AND status = 'active' AND (frequency > 0 OR status_reason LIKE 'plan\_%' ESCAPE '\');
END;

-- The same where the customer is gone from Stripe. A portal that is erased is not here any more, and has no trail.
CREATE TRIGGER IF NOT EXISTS billing_customer_gone AFTER UPDATE OF portal_id ON billing_customers
    WHEN NEW.portal_id IS NULL AND OLD.portal_id IS NOT NULL
BEGIN
    INSERT INTO audit (portal_id, at, action, detail)
    SELECT portal_id, NEW.changed_at, 'plan_changed', 'customer_deleted' FROM portals WHERE portal_id = OLD.portal_id;
    UPDATE connections SET due_at = min (coalesce (due_at, NEW.changed_at), NEW.changed_at)
    WHERE portal_id = OLD.portal_id AND status = 'active' AND (frequency > 0 OR status_reason LIKE 'plan\_%' ESCAPE '\');
END;

-- An action that created or changed a record counts as a record of the month, once: what was there already is stored as done
-- by another statement (REPLACE), which this does not see.
CREATE TRIGGER IF NOT EXISTS usage_of_action AFTER UPDATE OF state ON action_calls WHEN NEW.state = 'done' AND OLD.state <> 'done'
BEGIN
    INSERT INTO usage_by_month (portal_id, month, records)
    SELECT portal_id, strftime ('%Y-%m', NEW.at / 1000, 'unixepoch'), 1 FROM portals WHERE portal_id = NEW.portal_id
    ON CONFLICT (portal_id, month) DO UPDATE SET records = records + excluded.records;
END;
