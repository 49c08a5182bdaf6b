//! A portal has everything that is held about it.

use futures_executor::block_on;
use serde_json::Value;
use sync300_kit::ports::Sql as _;
use sync300_kit::privacy::{Asked, Export, ExportError, Format, export};
use sync300_kit::store::export::SECTIONS;
use sync300_native_ports::NativePorts;

use crate::world::*;

fn ask(ports: &NativePorts, asked: &Asked) -> Result<Export, ExportError> {
    block_on(export(ports, &vault(RING), OURS, asked))
}

fn whole(ports: &NativePorts, format: &str) -> String {
    let asked = Asked::new(Some(format), None, None).unwrap();
    ask(ports, &asked).unwrap().body
}

/// Follows `next` to the end.
fn paged(ports: &NativePorts, table: &str) -> Vec<Value> {
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let asked = Asked::new(None, Some(table), after.as_deref()).unwrap();
        let page = ask(ports, &asked).unwrap();
        assert!(page.body.len() < 1_000_000, "{}", page.body.len());
        let body: Value = serde_json::from_str(&page.body).unwrap();
        found.extend(body["rows"].as_array().unwrap().clone());
        assert_eq!(body["next"].as_str(), page.next.as_deref());
        after = page.next;
        if after.is_none() {
            assert_eq!(body["total"], found.len());
            return found;
        }
    }
}

/// S1-49, S1-52: JSON and CSV hold every row and every value that is kept about the portal, and none of another's;
/// S0-82 to S0-84: of secrets, only that they are held, for what, and until when.
#[test]
fn holds_everything_of_the_portal_and_nothing_of_another() {
    let ports = in_memory();
    let (json, csv) = (whole(&ports, "json"), whole(&ports, "csv"));
    for section in &SECTIONS {
        let table = section.held().unwrap();
        for (column, is_number) in columns(&ports, section.table) {
            let secret = section.secret.contains(&column.as_str());
            let statement = format!("SELECT {column} FROM {}", section.table);
            for row in rows(&ports, &statement, &[]) {
                let sync300_kit::ports::SqlValue::Text(value) = &row[0] else {
                    continue;
                };
                if is_number || !value.starts_with("canary-") {
                    continue;
                }
                let ours = value.starts_with(&format!("canary-{OURS}"));
                for body in [&json, &csv] {
                    assert_eq!(
                        body.contains(value.as_str()),
                        ours && !secret,
                        "{}.{column}: {value}",
                        table.name
                    );
                }
            }
        }
    }
    for body in [&json, &csv] {
        assert!(!body.contains(&OTHERS.to_string()));
    }

    let parsed: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(parsed["portal_id"], OURS);
    for section in &SECTIONS {
        let kept = parsed["tables"][section.table].as_array().unwrap();
        let more = usize::from(section.table == "credentials");
        let expected = count_of(section.held().unwrap()) + more;
        assert_eq!(kept.len(), expected, "{}", section.table);
        for row in kept {
            for secret in section.secret {
                assert_eq!(row[secret], true, "{}.{secret}", section.table);
            }
        }
    }
    let credential = &parsed["tables"]["credentials"][1];
    assert_eq!(credential["expires_at"], NOON);
    assert!(credential["purpose"].is_string());
    // A person's name is theirs to see.
    assert_eq!(
        parsed["tables"]["accounts"][0]["account_name"],
        account_name(OURS)
    );
    assert_eq!(
        parsed["tables"]["cache"][0]["key"],
        format!("hubspot-pause/{OURS}")
    );
}

/// The same rows, table by table.
#[test]
fn pages_hold_what_the_whole_holds() {
    let ports = in_memory();
    let all: Value = serde_json::from_str(&whole(&ports, "json")).unwrap();
    for section in &SECTIONS {
        let rows = paged(&ports, section.table);
        assert_eq!(
            all["tables"][section.table],
            Value::Array(rows),
            "{}",
            section.table
        );
    }
    assert_eq!(all["tables"]["cache"], Value::Array(paged(&ports, "cache")));
}

/// A large portal's export does not fit in one answer: it says so, and comes whole in pages.
#[test]
fn a_large_portal_is_exported_in_pages() {
    let ports = in_memory();
    let many = "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 40000) \
                INSERT INTO links (connection_id, object, provider_id, hubspot_id, state, base, synced_at) \
                SELECT ?1, 'contacts', 'p' || n, 'h' || n, 'active', ?2, 1 FROM n";
    let base = "f".repeat(150);
    rows(
        &ports,
        many,
        &[connection(OURS, 0).into(), base.as_str().into()],
    );
    let error = ask(&ports, &Asked::default()).unwrap_err();
    assert_eq!((error.status(), error.code()), (413, "export_too_large"));
    assert!(error.to_string().contains("links"), "{error}");
    let rows = paged(&ports, "links");
    assert_eq!(rows.len(), 40_002);
    let mut ids: Vec<&str> = rows
        .iter()
        .map(|row| row["provider_id"].as_str().unwrap())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 40_002, "no row twice");
    assert!(
        rows.iter()
            .all(|row| row["connection_id"] == connection(OURS, 0))
    );
}

/// RFC 4180, and nothing that a spreadsheet would run: OWASP, "CSV Injection".
#[test]
fn csv_is_rfc_4180_and_runs_nothing() {
    let ports = in_memory();
    let evil = "=HYPERLINK(\"http://x\"),\r\n+1";
    rows(
        &ports,
        "UPDATE audit SET detail = ?1 WHERE portal_id = ?2",
        &[evil.into(), OURS.into()],
    );
    let asked = Asked::new(Some("csv"), Some("audit"), None).unwrap();
    let page = ask(&ports, &asked).unwrap();
    assert_eq!(page.file_name, format!("sync300-{OURS}-audit.csv"));
    assert!(
        page.body
            .starts_with("audit_id,portal_id,at,user_id,action,connection_id,detail\r\n")
    );
    assert!(
        page.body
            .contains("\"'=HYPERLINK(\"\"http://x\"\"),\r\n+1\"\r\n")
    );
    let csv = whole(&ports, "csv");
    assert!(csv.contains("\r\n\r\nportals\r\nportal_id,status,"));
    assert!(csv.contains(",held\r\n"), "secrets are said to be held");
    let quoted = format!("\"Canary, {OURS} & \"\"Partners\"\"\"");
    assert!(csv.contains(&quoted));
    assert!(
        csv.replace("\r\n", "").find(['\r', '\n']).is_none(),
        "lines end as RFC 4180 has it"
    );
}

/// Bad input: a clear refusal.
#[test]
fn what_cannot_be_asked_for_is_refused() {
    let ports = in_memory();
    let code = |format, table, after| match Asked::new(format, table, after) {
        Err(error) => (error.status(), error.code().to_owned()),
        Ok(asked) => match ask(&ports, &asked) {
            Err(error) => (error.status(), error.code().to_owned()),
            Ok(_) => panic!("{asked:?}"),
        },
    };
    assert_eq!(
        code(Some("xml"), None, None),
        (400, "unknown_format".to_owned())
    );
    for table in ["", "chores", "sqlite_master", "links; DROP TABLE links"] {
        assert_eq!(
            code(None, Some(table), None),
            (400, "unknown_table".to_owned()),
            "{table}"
        );
    }
    // Of another table's page, of no page, and nothing at all.
    let asked = Asked::new(None, Some("runs"), Some("WzFd")).unwrap();
    assert!(ask(&ports, &asked).is_ok(), "a run's cursor");
    for after in ["WzFd", "%", "", "bnVsbA", "W251bGwsbnVsbCxudWxsXQ"] {
        assert_eq!(
            code(None, Some("links"), Some(after)),
            (400, "malformed_cursor".to_owned()),
            "{after}"
        );
    }
    assert_eq!(
        code(None, None, Some("WzFd")),
        (400, "malformed_cursor".to_owned())
    );
    let nobody = block_on(export(&ports, &vault(RING), 1, &Asked::default())).unwrap_err();
    assert_eq!((nobody.status(), nobody.code()), (404, "unknown_portal"));
}

/// A cursor is a place, never a way to another portal's rows.
#[test]
fn a_foreign_cursor_shows_no_foreign_rows() {
    let ports = in_memory();
    for format in [Format::Json, Format::Csv] {
        let asked = Asked {
            format,
            table: Some("credentials".to_owned()),
            // [0, "", ""]: before everybody's.
            after: Some("WzAsIiIsIiJd".to_owned()),
        };
        let body = ask(&ports, &asked).unwrap().body;
        assert!(body.contains(&OURS.to_string()) && !body.contains(&OTHERS.to_string()));
    }
}

/// A name under a key that is gone does not keep the rest from being exported.
#[test]
fn what_does_not_open_is_left_out() {
    let ports = in_memory();
    block_on(ports.execute(
        "UPDATE credentials SET sealed = 'v1.gone.AAAA' WHERE purpose = 'account_name'",
        &[],
    ))
    .unwrap();
    let all: Value = serde_json::from_str(&whole(&ports, "json")).unwrap();
    assert_eq!(all["tables"]["accounts"][0]["account_name"], Value::Null);
}
