//! The table that a run prints.

use std::collections::BTreeMap;
use std::time::Duration;

use sync300_fakes::Call;
use sync300_kit::store::runs::Counts;

/// Rows in the order of the work, and for people.
const LISTS: [(&str, &str); 6] = [
    ("contacts", "Contacts"),
    ("companies", "Companies"),
    ("matters", "Matters → deals"),
    ("tasks", "Tasks → tickets"),
    ("relationships", "Relationships"),
    ("associations", "Associations"),
];

/// The run as a table: list × counts and calls to each side.
pub fn table(
    counts: &BTreeMap<String, Counts>,
    hubspot: &[Call],
    clio: &[Call],
    time: Duration,
) -> String {
    let mut text = format!(
        "{:<16}{:>7}{:>9}{:>9}{:>8}{:>11}{:>11}{:>8}{:>10}{:>7}\n",
        "",
        "read",
        "created",
        "updated",
        "linked",
        "unchanged",
        "ambiguous",
        "failed",
        "HubSpot",
        "Clio"
    );
    for (list, label) in LISTS {
        let counts = counts.get(list).copied().unwrap_or_default();
        let on_hubspot = hubspot
            .iter()
            .filter(|call| hubspot_list(call) == list)
            .count();
        let on_clio = clio.iter().filter(|call| clio_list(call) == list).count();
        text.push_str(&row(label, &counts, on_hubspot, on_clio));
    }
    let total = counts.values().fold(Counts::default(), |sum, one| Counts {
        read: sum.read + one.read,
        created: sum.created + one.created,
        updated: sum.updated + one.updated,
        linked: sum.linked + one.linked,
        unchanged: sum.unchanged + one.unchanged,
        ambiguous: sum.ambiguous + one.ambiguous,
        failed: sum.failed + one.failed,
    });
    text.push_str(&row("Total", &total, hubspot.len(), clio.len()));
    text.push_str(&format!("{:.2} s\n", time.as_secs_f64()));
    text
}

fn row(label: &str, counts: &Counts, hubspot: usize, clio: usize) -> String {
    format!(
        "{label:<16}{:>7}{:>9}{:>9}{:>8}{:>11}{:>11}{:>8}{hubspot:>10}{clio:>7}\n",
        counts.read,
        counts.created,
        counts.updated,
        counts.linked,
        counts.unchanged,
        counts.ambiguous,
        counts.failed
    )
}

/// The list that a call to HubSpot was made for.
fn hubspot_list(call: &Call) -> &'static str {
    let objects = [
        ("contacts", "contacts"),
        ("companies", "companies"),
        ("deals", "matters"),
        ("tickets", "tasks"),
    ];
    let mut parts = call.path.trim_start_matches('/').split('/');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some("crm"), Some("associations"), ..) => "associations",
        (Some("crm"), Some(_), Some(_), Some(name)) => objects
            .iter()
            .find(|(hubspot, _)| *hubspot == name)
            .map_or("", |(_, list)| list),
        _ => "",
    }
}

/// The list that a call to Clio was made for.
fn clio_list(call: &Call) -> &'static str {
    let name = call.path.rsplit('/').next().unwrap_or_default();
    match name.trim_end_matches(".json") {
        "contacts" if call.query.contains("type=Company") => "companies",
        "contacts" => "contacts",
        "matters" => "matters",
        "tasks" => "tasks",
        "relationships" => "relationships",
        _ => "",
    }
}
