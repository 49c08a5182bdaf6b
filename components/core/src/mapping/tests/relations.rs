use serde_json::json;

use super::*;

/// S0-36: people and companies of a matter, each its own kind.
#[test]
fn reads_relationships() {
    let body = page_of(json!([
        { "id": 1, "matter": { "id": 7 }, "contact": { "id": 3, "type": "Person" } },
        { "id": 2, "matter": { "id": 7 }, "contact": { "id": 4, "type": "Company" } },
        { "id": 3, "matter": null, "contact": { "id": 4, "type": "Company" } },
        { "id": 4, "matter": { "id": 7 }, "contact": { "id": 4 } },
        { "matter": { "id": 7 }, "contact": { "id": 4, "type": "Person" } },
        "x",
    ]));
    let page = map_relations("clio", "relationships", BASE, &body).unwrap();
    let rows: Vec<[&str; 4]> = page
        .rows
        .iter()
        .map(|row| [&row.kind, &row.id, &row.from_id, &row.to_id].map(String::as_str))
        .collect();
    assert_eq!(
        rows,
        [
            ["matter_contact", "1", "3", "7"],
            ["matter_contact_company", "2", "4", "7"]
        ]
    );
    assert_eq!((page.unreadable, page.cursor), (2, None));
}

#[test]
fn refuses_what_it_cannot_read() {
    let foreign = br#"{"data":[],"meta":{"paging":{"next":"https://evil.example/x"}}}"#;
    let refused = map_relations("clio", "relationships", BASE, foreign);
    assert_eq!(refused, Err(PageError::ForeignCursor));
    let unknown = map_relations("clio", "links", BASE, b"{}");
    assert!(matches!(unknown, Err(PageError::Plan(_))));
}
