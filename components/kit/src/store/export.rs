//! Reading what is held about a portal, table by table, in pages.

use super::held::{KEPT, TABLES, Table};
use super::{Columns, Store, first, json_list};
use crate::error::{Error, Result};
use crate::ports::{Ports, SqlRows, SqlValue};
use crate::secret::Secret;
use crate::vault::{Purpose, Vault};

/// How a table is exported.
#[derive(Debug, Clone, Copy)]
pub struct Section {
    /// The table.
    pub table: &'static str,
    /// Columns that are shown as they are.
    pub shown: &'static [&'static str],
    /// Columns that hold secrets, or what stands for one: only whether there is one is shown, as 1 or 0.
    pub secret: &'static [&'static str],
}

const fn section(
    table: &'static str,
    shown: &'static [&'static str],
    secret: &'static [&'static str],
) -> Section {
    Section {
        table,
        shown,
        secret,
    }
}

/// Every column of every table about portals; a new one must be put here, shown or secret.
pub const SECTIONS: [Section; TABLES.len() + KEPT.len()] = [
    section(
        "portals",
        &[
            "portal_id",
            "status",
            "ui_domain",
            "time_zone",
            "created_at",
        ],
        &[],
    ),
    section("portal_calls", &["portal_id", "second", "calls"], &[]),
    section("portal_limits", &["portal_id", "utc_offset"], &[]),
    section(
        "installs",
        &[
            "portal_id",
            "hublet",
            "scopes",
            "installed_by",
            "installed_at",
            "uninstalled_at",
            "erase_at",
        ],
        &[],
    ),
    section(
        "connections",
        &[
            "connection_id",
            "portal_id",
            "connector",
            "region",
            "status",
            "status_reason",
            "settings",
            "frequency",
            "due_at",
            "requested_at",
            "failures",
            "lease_epoch",
            "lease_until",
            "provisioned",
            "created_at",
        ],
        &["fingerprint_key"],
    ),
    section(
        "accounts",
        &[
            "connection_id",
            "account_id",
            "connected_by",
            "connected_at",
            "disconnected_at",
            "pending_id",
            "pending_region",
            "pending_by",
            "pending_until",
        ],
        &[],
    ),
    section(
        "credentials",
        &[
            "portal_id",
            "connection_id",
            "purpose",
            "expires_at",
            "updated_at",
        ],
        &["sealed"],
    ),
    section(
        "token_leases",
        &[
            "portal_id",
            "connection_id",
            "epoch",
            "lease_until",
            "failures",
        ],
        &[],
    ),
    section(
        "roles",
        &["portal_id", "user_id", "role", "checked_at"],
        &[],
    ),
    section(
        "usage_by_month",
        &["portal_id", "month", "records", "api_calls"],
        &[],
    ),
    section(
        "billing_customers",
        &[
            "customer_id",
            "portal_id",
            "plan",
            "status",
            "status_since",
            "period_end",
            "renews",
            "revision",
            "changed_at",
            "ended_at",
        ],
        &[],
    ),
    section(
        "billing_events",
        &["event_id", "customer_id", "applied_at"],
        &[],
    ),
    section(
        "sessions",
        &["kind", "portal_id", "user_id", "created_at", "expires_at"],
        &["session_digest"],
    ),
    section(
        "oauth_states",
        &[
            "flow",
            "portal_id",
            "user_id",
            "connector",
            "region",
            "return_to",
            "created_at",
            "expires_at",
        ],
        &["state_digest", "session_digest", "verifier"],
    ),
    section(
        "audit",
        &[
            "audit_id",
            "portal_id",
            "at",
            "user_id",
            "action",
            "connection_id",
            "detail",
        ],
        &[],
    ),
    section(
        "action_calls",
        &[
            "portal_id",
            "callback_id",
            "action",
            "state",
            "output_id",
            "at",
        ],
        &[],
    ),
    section(
        "action_waiting",
        &[
            "portal_id",
            "callback_id",
            "action",
            "outcome",
            "until",
            "due_at",
            "attempts",
        ],
        &["sealed"],
    ),
    section(
        "runs",
        &[
            "run_id",
            "connection_id",
            "cause",
            "status",
            "reason",
            "reason_object",
            "settings",
            "started_at",
            "finished_at",
            "slices",
            "hubspot_calls",
            "provider_calls",
        ],
        &[],
    ),
    section(
        "run_counts",
        &[
            "run_id",
            "object",
            "read",
            "created",
            "updated",
            "linked",
            "unchanged",
            "ambiguous",
            "failed",
        ],
        &[],
    ),
    section(
        "run_errors",
        &["run_id", "object", "provider_id", "code", "property", "at"],
        &[],
    ),
    section("turns", &["connection_id", "run_id", "part"], &[]),
    section("pauses", &["connection_id", "until"], &[]),
    section(
        "streams",
        &[
            "connection_id",
            "stream",
            "run_id",
            "phase",
            "full",
            "since",
            "cursor",
            "last_id",
            "next_watermark",
            "watermark",
            "version",
            "generation",
            "full_at",
            "index_run",
            "index_since",
            "index_after",
        ],
        &[],
    ),
    section(
        "links",
        &[
            "connection_id",
            "object",
            "provider_id",
            "hubspot_id",
            "state",
            "reason",
            "base",
            "changed_at",
            "synced_at",
            "attempts",
            "retry_at",
        ],
        &[],
    ),
    section(
        "candidates",
        &[
            "connection_id",
            "object",
            "tier",
            "digest",
            "hubspot_id",
            "guard",
        ],
        &[],
    ),
    section(
        "claimants",
        &[
            "connection_id",
            "object",
            "provider_id",
            "keys",
            "looked_at",
        ],
        &[],
    ),
    section(
        "claims",
        &[
            "connection_id",
            "object",
            "provider_id",
            "hubspot_id",
            "tier",
            "open",
        ],
        &[],
    ),
    section(
        "relations",
        &[
            "connection_id",
            "kind",
            "from_id",
            "to_id",
            "generation",
            "state",
        ],
        &[],
    ),
    section(
        "associations",
        &["connection_id", "type_id", "from_id", "to_id", "made"],
        &[],
    ),
    section(
        "released",
        &["connection_id", "object", "hubspot_id", "released_at"],
        &[],
    ),
    section("missing", &["connection_id", "object", "provider_id"], &[]),
    section(
        "passed_over",
        &["connection_id", "object", "hubspot_id"],
        &[],
    ),
    section(
        "brakes",
        &["connection_id", "object", "missing", "held_at", "approved"],
        &[],
    ),
    section(
        "intents",
        &[
            "connection_id",
            "object",
            "hubspot_id",
            "run_id",
            "at",
            "prints",
        ],
        &[],
    ),
    section(
        "begun_writes",
        &[
            "connection_id",
            "object",
            "provider_id",
            "hubspot",
            "provider",
        ],
        &[],
    ),
    section(
        "companion_choices",
        &["connection_id", "object", "provider_id", "companion_id"],
        &[],
    ),
    section(
        "list_members",
        &[
            "connection_id",
            "object",
            "hubspot_id",
            "generation",
            "matching",
            "making",
        ],
        &[],
    ),
    section(
        "provider_webhooks",
        &[
            "connection_id",
            "model",
            "public_url",
            "webhook_id",
            "state",
            "expires_at",
            "check_at",
        ],
        &["token_digest"],
    ),
    section("suspects", &["connection_id", "object", "provider_id"], &[]),
    section(
        "hubspot_events",
        &["portal_id", "event", "received_at"],
        &[],
    ),
];

impl Section {
    /// How rows of the table are found.
    pub fn held(&self) -> Result<&'static Table> {
        TABLES
            .iter()
            .chain(&KEPT)
            .find(|table| table.name == self.table)
            .ok_or(Error::Row)
    }

    /// The names of the columns in the order of [`ExportRow::values`].
    pub fn columns(&self) -> impl Iterator<Item = &'static str> {
        self.shown.iter().chain(self.secret).copied()
    }
}

/// A row being exported.
#[derive(Debug, Clone, PartialEq)]
pub struct ExportRow {
    /// Its primary key: where the next page goes on.
    pub key: Vec<SqlValue>,
    /// In the order of [`Section::columns`].
    pub values: Vec<SqlValue>,
}

impl<P: Ports> Store<'_, P> {
    /// Rows about a portal behind `after`, in the order of their primary key.
    pub async fn export_page(
        &self,
        section: &Section,
        portal: i64,
        after: &[SqlValue],
        rows: i64,
    ) -> Result<Vec<ExportRow>> {
        let (statement, width) = page_statement(section, after.len())?;
        let mut params = vec![portal.into(), rows.into()];
        params.extend_from_slice(after);
        let found: SqlRows = self.execute(&statement, &params).await?;
        Ok(found
            .into_iter()
            .map(|mut key| {
                let values = key.split_off(width.min(key.len()));
                ExportRow { key, values }
            })
            .collect())
    }

    /// How many rows of a table are about a portal.
    pub async fn export_count(&self, section: &Section, portal: i64) -> Result<i64> {
        let about = section.held()?.by.condition(PORTAL);
        let rows = self
            .execute(
                &format!("SELECT count(*) FROM {} WHERE {about}", section.table),
                &[portal.into()],
            )
            .await?;
        first(rows).ok_or(Error::Row)?.integer()
    }

    /// What the accounts that a portal connected are called: sealed because it is a person's name often enough, and the
    /// portal's own all the same. A name that does not open is left out.
    pub async fn account_names(&self, vault: &Vault, portal: i64) -> Result<Vec<AccountName>> {
        let rows = self
            .execute(
                "SELECT connection_id, purpose, sealed FROM credentials \
                 WHERE portal_id = ?1 AND purpose IN (SELECT value FROM json_each (?2))",
                &[portal.into(), json_list(&ACCOUNT_NAMES)?],
            )
            .await?;
        let mut names = Vec::new();
        for row in rows {
            let mut row = Columns::of(row);
            let (connection, purpose) = (row.text()?, row.text()?);
            let of = Purpose {
                portal,
                connection: &connection,
                name: &purpose,
            };
            if let Ok(name) = vault.open_text(of, &row.text()?) {
                names.push(AccountName {
                    connection,
                    purpose,
                    name,
                });
            }
        }
        Ok(names)
    }
}

/// What a connected account is called.
#[derive(Debug, Clone)]
pub struct AccountName {
    /// Connection id.
    pub connection: String,
    /// Which of [`ACCOUNT_NAMES`].
    pub purpose: String,
    /// The name.
    pub name: Secret,
}

/// Purposes under which names are sealed: of the account that is connected, and of one that waits for an answer.
pub const ACCOUNT_NAMES: [&str; 2] = ["account_name", "pending_account_name"];

/// The portal that an export is about.
const PORTAL: &str = "portal_id = ?1";

/// The statement of a page, and the number of key columns that its rows begin with. Parameters: portal, rows, then the key
/// behind which it begins.
pub fn page_statement(section: &Section, after: usize) -> Result<(String, usize)> {
    let Table { name, by, key } = section.held()?;
    let about = by.condition(PORTAL);
    let width = key.split(", ").count();
    let shown = section.shown.join(", ");
    let secret: String = section
        .secret
        .iter()
        .map(|column| format!(", {column} IS NOT NULL"))
        .collect();
    // With `+` the comparison is no way to seek rows: they are sought by portal, and never walked across portals.
    let behind = if after == 0 {
        String::new()
    } else {
        let places: Vec<String> = (3..3 + after).map(|at| format!("?{at}")).collect();
        format!(
            " AND (+{}) > ({})",
            key.replace(", ", ", +"),
            places.join(", ")
        )
    };
    Ok((
        format!(
            "SELECT {key}, {shown}{secret} FROM {name} WHERE {about}{behind} ORDER BY {key} LIMIT ?2"
        ),
        width,
    ))
}
