//! Which tables hold something about a portal, and how their rows are found: what is exported and what is erased is the
//! same list.
//!
//! Billing records, which tax law keeps for seven years (S1-47), are exported and not erased: they name no other row, lie
//! in tables of their own, are cut loose from the portal, and end by their own clock.

/// How the rows of a table name their portal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// In `portal_id`.
    Portal,
    /// By `connection_id`.
    Connection,
    /// By `run_id`, of a connection.
    Run,
    /// By `customer_id`, of a billing customer.
    Customer,
}

impl By {
    /// The condition that holds for the rows about portals of which this holds, e.g. `portal_id = ?1`.
    pub(super) fn condition(self, portals: &str) -> String {
        let [before, after] = match self {
            Self::Customer => [
                "customer_id IN (SELECT customer_id FROM billing_customers WHERE ",
                ")",
            ],
            Self::Portal => ["", ""],
            Self::Connection => [
                "connection_id IN (SELECT connection_id FROM connections WHERE ",
                ")",
            ],
            Self::Run => [
                "run_id IN (SELECT run_id FROM runs WHERE connection_id IN (SELECT connection_id FROM connections WHERE ",
                "))",
            ],
        };
        [before, portals, after].concat()
    }
}

/// A table with rows about portals.
#[derive(Debug, Clone, Copy)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// How its rows name their portal.
    pub by: By,
    /// The columns of its primary key, in order, separated by commas.
    pub key: &'static str,
}

const fn table(name: &'static str, by: By, key: &'static str) -> Table {
    Table { name, by, key }
}

/// All of them, in the order in which they are erased: secrets first, and no row before those that are found through it.
pub static TABLES: [Table; 38] = [
    table(
        "credentials",
        By::Portal,
        "portal_id, connection_id, purpose",
    ),
    table("sessions", By::Portal, "session_digest"),
    table("oauth_states", By::Portal, "state_digest"),
    table("token_leases", By::Portal, "portal_id, connection_id"),
    table(
        "run_errors",
        By::Run,
        "run_id, object, provider_id, code, property",
    ),
    table("run_counts", By::Run, "run_id, object"),
    table("runs", By::Connection, "run_id"),
    table("turns", By::Connection, "connection_id"),
    table("pauses", By::Connection, "connection_id"),
    table("streams", By::Connection, "connection_id, stream"),
    table(
        "links",
        By::Connection,
        "connection_id, object, provider_id",
    ),
    table(
        "candidates",
        By::Connection,
        "connection_id, object, tier, digest, hubspot_id",
    ),
    table(
        "claimants",
        By::Connection,
        "connection_id, object, provider_id",
    ),
    table(
        "claims",
        By::Connection,
        "connection_id, object, provider_id, hubspot_id",
    ),
    table(
        "relations",
        By::Connection,
        "connection_id, kind, from_id, to_id",
    ),
    table(
        "associations",
        By::Connection,
        "connection_id, type_id, from_id, to_id",
    ),
    table(
        "released",
        By::Connection,
        "connection_id, object, hubspot_id",
    ),
    table(
        "missing",
        By::Connection,
        "connection_id, object, provider_id",
    ),
    table("brakes", By::Connection, "connection_id, object"),
    table(
        "passed_over",
        By::Connection,
        "connection_id, object, hubspot_id",
    ),
    table(
        "intents",
        By::Connection,
        "connection_id, object, hubspot_id",
    ),
    table(
        "begun_writes",
        By::Connection,
        "connection_id, object, provider_id",
    ),
    table(
        "companion_choices",
        By::Connection,
        "connection_id, object, provider_id",
    ),
    table(
        "list_members",
        By::Connection,
        "connection_id, object, hubspot_id",
    ),
    table("provider_webhooks", By::Connection, "connection_id, model"),
    table(
        "suspects",
        By::Connection,
        "connection_id, object, provider_id",
    ),
    table("accounts", By::Connection, "connection_id"),
    table("action_calls", By::Portal, "portal_id, callback_id, action"),
    table(
        "action_waiting",
        By::Portal,
        "portal_id, callback_id, action",
    ),
    table("hubspot_events", By::Portal, "portal_id, event"),
    table("roles", By::Portal, "portal_id, user_id"),
    table("usage_by_month", By::Portal, "portal_id, month"),
    table("audit", By::Portal, "audit_id"),
    table("connections", By::Portal, "connection_id"),
    table("portal_calls", By::Portal, "portal_id, second"),
    table("portal_limits", By::Portal, "portal_id"),
    table("installs", By::Portal, "portal_id"),
    table("portals", By::Portal, "portal_id"),
];

/// What is about a portal, and outlives it without its name.
pub static KEPT: [Table; 2] = [
    table("billing_customers", By::Portal, "customer_id"),
    table("billing_events", By::Customer, "event_id"),
];
