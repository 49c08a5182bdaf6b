-- Calls are counted with the page that they were made for, so that an instance that ends loses none of what it committed.
-- A second trigger on the same view: the page is committed by the first, and both count or neither.

CREATE TRIGGER IF NOT EXISTS page_commit_calls INSTEAD OF INSERT ON page_commit
    WHEN NEW.counts ->> 'hubspot_calls' + NEW.counts ->> 'provider_calls' > 0
BEGIN
    UPDATE runs SET hubspot_calls = hubspot_calls + (NEW.counts ->> 'hubspot_calls'),
        provider_calls = provider_calls + (NEW.counts ->> 'provider_calls')
    WHERE run_id = NEW.run_id;
END;

-- A portal that is erased leaves nothing of itself here. Who has not paid yet may just be paying: the customer's id stays
-- for the two days in which Stripe may still say so, for what it says must be ended there.

DROP TRIGGER IF EXISTS billing_cut_loose;

CREATE TRIGGER IF NOT EXISTS billing_cut_loose AFTER DELETE ON portals
BEGIN
    UPDATE billing_customers SET portal_id = NULL, revision = revision + 1 WHERE portal_id = OLD.portal_id;
END;
