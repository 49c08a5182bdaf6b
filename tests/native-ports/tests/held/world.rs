//! A database with something about two portals in every table.

use std::path::Path;

use futures_executor::block_on;
use sync300_kit::ports::{Sql as _, SqlValue};
use sync300_kit::secret::Secret;
use sync300_kit::store::Store;
use sync300_kit::store::held::{By, KEPT, TABLES, Table};
use sync300_kit::vault::{Purpose, Vault};
use sync300_native_ports::NativePorts;

/// The time in these tests.
pub const NOON: i64 = 1_800_000_000_000;
pub const DAY: i64 = 24 * 60 * 60_000;
/// Two portals whose numbers stand nowhere else.
pub const OURS: i64 = 70_000_001;
pub const OTHERS: i64 = 70_000_002;

pub const RING: &str = "old:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

pub fn vault(ring: &str) -> Vault {
    Vault::from_ring(Some(&Secret::new(ring))).unwrap()
}

/// What a table's constraints ask for; everything else is filled with texts and numbers that stand nowhere else.
const CHECKED: [(&str, &str, &str); 11] = [
    ("portals", "status", "active"),
    ("connections", "status", "active"),
    ("runs", "cause", "scheduled"),
    ("runs", "status", "succeeded"),
    ("streams", "phase", "done"),
    ("links", "state", "active"),
    ("relations", "state", "kept"),
    ("roles", "role", "admin"),
    ("sessions", "kind", "session"),
    ("action_calls", "state", "done"),
    ("provider_webhooks", "state", "active"),
];

/// A text of a portal's row that stands nowhere else.
pub fn canary(portal: i64, table: &str, column: &str, row: usize) -> String {
    format!("canary-{portal}-{table}-{column}-{row}.")
}

/// Name, and whether it holds a number, of every column of a table.
pub fn columns(ports: &NativePorts, table: &str) -> Vec<(String, bool)> {
    rows(
        ports,
        "SELECT name, type FROM pragma_table_info (?1) ORDER BY cid",
        &[table.into()],
    )
    .into_iter()
    .map(|row| (text(&row[0]), text(&row[1]) == "INTEGER"))
    .collect()
}

pub fn rows(ports: &NativePorts, statement: &str, params: &[SqlValue]) -> Vec<Vec<SqlValue>> {
    block_on(ports.execute(statement, params)).unwrap()
}

pub fn number(ports: &NativePorts, statement: &str, params: &[SqlValue]) -> i64 {
    match rows(ports, statement, params)[0][0] {
        SqlValue::Integer(value) => value,
        ref other => panic!("{other:?}"),
    }
}

pub fn text(value: &SqlValue) -> String {
    match value {
        SqlValue::Text(text) => text.clone(),
        other => panic!("{other:?}"),
    }
}

/// Puts `count` rows about a portal into a table.
fn fill(ports: &NativePorts, table: &Table, portal: i64, count: usize) {
    let columns = columns(ports, table.name);
    for row in 0..count {
        let values: Vec<SqlValue> = columns
            .iter()
            .map(|(column, is_number)| value(table, column, *is_number, portal, row))
            .collect();
        let places = vec!["?"; values.len()].join(", ");
        let statement = format!("INSERT INTO {} VALUES ({places})", table.name);
        rows(ports, &statement, &values);
    }
}

fn value(table: &Table, column: &str, is_number: bool, portal: i64, row: usize) -> SqlValue {
    let checked = CHECKED
        .iter()
        .find(|(name, of, _)| (*name, *of) == (table.name, column));
    match column {
        "portal_id" => portal.into(),
        "connection_id" if table.name == "connections" => connection(portal, row).into(),
        "connection_id" => connection(portal, 0).into(),
        "run_id" if table.name == "runs" => (portal * 10 + row as i64).into(),
        "run_id" => (portal * 10).into(),
        "audit_id" => (portal * 10 + row as i64).into(),
        // The clock stands still, and nothing is past its time.
        "erase_at" | "ended_at" => SqlValue::Null,
        // What is written counts as usage, which has a table of its own.
        "created" | "updated" | "linked" => 0.into(),
        // What outlives the portal names it nowhere else.
        _ if !is_number && KEPT.iter().any(|kept| kept.name == table.name) => {
            let of = if portal == OURS { "ours" } else { "others" };
            match column {
                "customer_id" => format!("cus_{of}").into(),
                _ => format!("{column}-{row}-{of}").into(),
            }
        }
        "expires_at" | "started_at" | "at" | "updated_at" | "received_at" | "until" => NOON.into(),
        "flow" => "connect".into(),
        _ if checked.is_some() => checked.map(|(_, _, value)| *value).into(),
        _ if is_number => (portal * 100 + row as i64).into(),
        _ => canary(portal, table.name, column, row).into(),
    }
}

/// The id of a portal's connection.
pub fn connection(portal: i64, row: usize) -> String {
    canary(portal, "connections", "connection_id", row)
}

/// How many rows a portal has in a table.
pub fn count_of(table: &Table) -> usize {
    // One row a portal; but for them, two of each.
    match (table.name, table.by) {
        ("portals" | "installs" | "portal_limits" | "billing_customers", _)
        | ("accounts" | "turns" | "pauses", By::Connection) => 1,
        ("token_leases", _) => 1,
        _ => 2,
    }
}

/// Both portals, with rows in every table, an account's name, and a place in the cache.
pub fn filled(ports: &NativePorts) {
    ports.set_now(NOON);
    block_on(Store::new(ports).migrate()).unwrap();
    for portal in [OURS, OTHERS] {
        // Parents first.
        for table in TABLES.iter().rev().chain(&KEPT) {
            fill(ports, table, portal, count_of(table));
        }
        let name = Purpose {
            portal,
            connection: &connection(portal, 0),
            name: "account_name",
        };
        let value = Secret::new(account_name(portal));
        block_on(Store::new(ports).put_credential(&vault(RING), name, &value, None)).unwrap();
        let key = format!("hubspot-pause/{portal}");
        block_on(sync300_kit::ports::KeyValue::set(
            ports,
            &key,
            b"1800000000000",
        ));
    }
}

pub fn account_name(portal: i64) -> String {
    format!("Canary, {portal} & \"Partners\"")
}

pub fn in_memory() -> NativePorts {
    let ports = NativePorts::in_memory().unwrap();
    filled(&ports);
    ports
}

pub fn in_file(path: &Path) -> NativePorts {
    let ports = NativePorts::in_file(path).unwrap();
    filled(&ports);
    ports
}
