//! The lists of what is held, against the database itself.

use std::collections::BTreeSet;

use futures_executor::block_on;
use sync300_kit::store::Store;
use sync300_kit::store::export::{SECTIONS, page_statement};
use sync300_kit::store::held::{By, KEPT, TABLES};
use sync300_native_ports::NativePorts;

use crate::world::*;

/// Tables that hold nothing about anybody.
const OWN: [&str; 3] = ["chores", "schema_lock", "schema_migrations"];

fn migrated() -> NativePorts {
    let ports = NativePorts::in_memory().unwrap();
    block_on(Store::new(&ports).migrate()).unwrap();
    ports
}

fn tables(ports: &NativePorts) -> BTreeSet<String> {
    let statement =
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
    rows(ports, statement, &[])
        .iter()
        .map(|row| text(&row[0]))
        .collect()
}

/// S1-46, S1-49, S1-51, S1-52: a table that is added must be exported and erased, or be said to hold nothing about
/// anybody; the same for a column. S1-47: billing records are exported, and outlive the portal.
#[test]
fn every_table_is_exported_and_erased() {
    let ports = migrated();
    let names = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect();
    let mut erased: BTreeSet<String> = names(&TABLES.map(|table| table.name));
    let kept: BTreeSet<String> = names(&KEPT.map(|table| table.name));
    erased.extend(kept);
    let exported: BTreeSet<String> = names(&SECTIONS.map(|section| section.table));
    let own: BTreeSet<String> = names(&OWN);
    let mine: BTreeSet<String> = tables(&ports).difference(&own).cloned().collect();
    assert_eq!(mine, erased, "erased");
    assert_eq!(mine, exported, "exported");
    for section in &SECTIONS {
        let shown: BTreeSet<String> = section.columns().map(str::to_owned).collect();
        let there = columns(&ports, section.table);
        let all: BTreeSet<String> = there.into_iter().map(|(name, _)| name).collect();
        assert_eq!(shown, all, "{}", section.table);
    }
}

/// S0-91, S0-92, S1-02, S1-03, S1-08, S1-09, S1-23: the database holds five classes of things and no more. A column that is
/// added has to be put into one of them here, and so thought about: ids, times and status of portals, connections and
/// records; sealed credentials and what stands for them; settings; logs of counts and codes; billing.
#[test]
fn every_column_is_of_one_of_five_classes() {
    let ports = migrated();
    let mut classes = std::collections::BTreeMap::new();
    for line in include_str!("columns.txt").lines() {
        let (column, class) = line
            .split_once(' ')
            .unwrap_or_else(|| panic!("{line}: of which class?"));
        let known = ["record", "credential", "setting", "log", "billing"];
        let own = OWN
            .iter()
            .any(|table| column.starts_with(&format!("{table}.")));
        assert!(
            known.contains(&class) != own && (class == "own") == own,
            "{line}"
        );
        assert!(
            classes.insert(column.to_owned(), class).is_none(),
            "{line}: twice"
        );
    }
    let there: BTreeSet<String> = tables(&ports)
        .iter()
        .flat_map(|table| {
            let columns = columns(&ports, table).into_iter();
            columns.map(move |(column, _)| format!("{table}.{column}"))
        })
        .collect();
    let named: BTreeSet<String> = classes.keys().cloned().collect();
    assert_eq!(there, named);
    for section in &SECTIONS {
        for column in section.secret {
            let name = format!("{}.{column}", section.table);
            assert_eq!(
                classes.get(&name),
                Some(&"credential"),
                "{name}: no export shows it"
            );
        }
    }
}

/// What a table's rows are found by is a column of it, and its key is its primary key.
#[test]
fn every_table_is_found_by_what_it_says() {
    let ports = migrated();
    for table in TABLES.iter().chain(&KEPT) {
        let by = match table.by {
            By::Portal => "portal_id",
            By::Connection => "connection_id",
            By::Run => "run_id",
            By::Customer => "customer_id",
        };
        let there = columns(&ports, table.name);
        assert!(there.iter().any(|(name, _)| name == by), "{}", table.name);
        let key = "SELECT name FROM pragma_table_info (?1) WHERE pk > 0 ORDER BY pk";
        let key: Vec<String> = rows(&ports, key, &[table.name.into()])
            .iter()
            .map(|row| text(&row[0]))
            .collect();
        assert_eq!(key.join(", "), table.key, "{}", table.name);
    }
}

/// A page of the tables that grow with the records reads the portal's rows alone, however many others have.
#[test]
fn a_page_walks_no_table_of_other_portals() {
    let ports = migrated();
    for section in SECTIONS
        .iter()
        .filter(|section| section.held().unwrap().by != By::Portal)
    {
        let keys = section.held().unwrap().key.split(", ").count();
        for after in [0, keys] {
            let (statement, _) = page_statement(section, after).unwrap();
            let plan = format!("EXPLAIN QUERY PLAN {statement}");
            let mut params = vec![OURS.into(), 10.into()];
            params.extend(vec![sync300_kit::ports::SqlValue::from("a"); after]);
            let plan: Vec<String> = rows(&ports, &plan, &params)
                .iter()
                .map(|row| text(&row[3]))
                .collect();
            let scan = format!("SCAN {}", section.table);
            assert!(
                !plan.iter().any(|step| step.starts_with(&scan)),
                "{}: {plan:?}",
                section.table
            );
        }
    }
}
