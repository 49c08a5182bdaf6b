//! Whatever arrives, nothing panics, and what can be read is.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn any_json() -> impl Strategy<Value = Value> {
    let key = prop::sample::select(
        &[
            "id",
            "data",
            "meta",
            "paging",
            "next",
            "results",
            "errors",
            "context",
            "properties",
            "first_name",
            "primary_address",
            "city",
            "company",
            "client",
            "type",
            "email",
            "email_addresses",
            "address",
            "primary",
            "description",
            "status",
            "total",
            "contact",
            "matter",
            "category",
            "message",
        ][..],
    );
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        Just(Value::from("[{")),
        Just(Value::from("Existing ID: ")),
    ];
    leaf.prop_recursive(6, 64, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((key.clone(), inner), 0..8).prop_map(|entries| {
                let entries = entries
                    .into_iter()
                    .map(|(key, value)| (key.to_owned(), value));
                Value::Object(entries.collect())
            }),
        ]
    })
}

fn try_all(body: &[u8]) {
    for object in ["contacts", "companies", "matters", "tasks"] {
        let mut plan = plan(object);
        drop(map_page(&plan, body));
        drop(read_hubspot(&plan, body, true));
        drop(read_history(&plan, "sync300_last_synced_at", body));
        let write = ProviderWrite {
            id: "1".to_owned(),
            changes: (0..9).map(|at| (at, "x".to_owned())).collect(),
            found: Vec::new(),
        };
        drop(write_requests(&plan, body, &[write]));
        drop(read_lookup(&plan, 3, "x", body));
        if object == "contacts" {
            plan.rules = Some(vec![
                rule(
                    "email_addresses[primary].address",
                    "email",
                    "email_normalise",
                ),
                rule("email_addresses[name=Work].address", "work_email", "trim"),
            ]);
            drop(map_page(&plan, body));
        }
    }
    drop(map_relations("clio", "relationships", BASE, body));
    drop(crate::classifying::hubspot(400, &[], body));
    drop(crate::classifying::provider("clio", 400, &[], body));
}

proptest! {
    #[test]
    fn any_bytes(body in any::<Vec<u8>>()) {
        try_all(&body);
    }

    #[test]
    fn any_page(value in any_json(), list in prop::collection::vec(any_json(), 0..4)) {
        try_all(value.to_string().as_bytes());
        try_all(json!({ "data": list, "meta": value }).to_string().as_bytes());
        try_all(json!({ "results": list, "errors": value }).to_string().as_bytes());
    }

    /// A page cut off anywhere is malformed, never half read.
    #[test]
    fn any_cut(list in prop::collection::vec(any_json(), 1..4), cut in 0.0..1.0f64) {
        let body = json!({ "data": list }).to_string().into_bytes();
        let end = (body.len() as f64 * cut) as usize;
        let page = map_page(&plan("contacts"), &body[..end]);
        prop_assert!(matches!(page, Err(PageError::Malformed(_))));
    }

    /// What a record says of itself does not depend on the records around it.
    #[test]
    fn any_neighbours(list in prop::collection::vec(any_json(), 1..6)) {
        let plan = plan("contacts");
        let page = map_page(&plan, &page_of(list.clone().into())).unwrap();
        let alone: Vec<MappedRecord> = list
            .into_iter()
            .flat_map(|record| map_page(&plan, &page_of(json!([record]))).unwrap().records)
            .collect();
        prop_assert_eq!(page.records, alone);
    }
}
