//! What the tests of mapping share.

mod arbitrary;
mod companion;
mod hubspot;
mod page;
mod plan;
mod relations;
mod to_provider;

use serde_json::Value;

use super::*;

pub(super) const BASE: &str = "https://app.clio.com";

pub(super) fn plan(object: &str) -> Plan {
    Plan {
        connector: "clio".to_owned(),
        object: object.to_owned(),
        region: "us".to_owned(),
        base_url: BASE.to_owned(),
        fingerprint_key: vec![7; 32],
        rules: None,
        aliases: Vec::new(),
    }
}

pub(super) fn rule(source: &str, property: &str, transform: &str) -> Rule {
    Rule {
        source: source.to_owned(),
        property: property.to_owned(),
        transform: transform.to_owned(),
        fallback: None,
    }
}

pub(super) fn page_of(records: Value) -> Vec<u8> {
    serde_json::json!({ "data": records, "meta": { "paging": {}, "records": 1 } })
        .to_string()
        .into_bytes()
}

/// Maps one record.
pub(super) fn mapped(plan: &Plan, record: Value) -> MappedRecord {
    let mut page = map_page(plan, &page_of(serde_json::json!([record]))).unwrap();
    assert_eq!((page.records.len(), page.unreadable), (1, 0));
    page.records.remove(0)
}

/// A record's value of a property.
pub(super) fn value<'r>(plan: &Plan, record: &'r MappedRecord, property: &str) -> Option<&'r str> {
    record.fields[index_of(plan, property)].value.as_deref()
}

/// The mapped properties, in order.
pub(super) fn plan_fields(plan: &Plan) -> Vec<String> {
    let fields = describe_plan(plan).unwrap().fields;
    fields.into_iter().map(|field| field.property).collect()
}

/// Where a property stands among the fields.
pub(super) fn index_of(plan: &Plan, property: &str) -> usize {
    plan_fields(plan)
        .iter()
        .position(|f| f == property)
        .unwrap()
}
