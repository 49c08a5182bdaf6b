//! What the default mappings make of a Clio record, told a second time and without the engine's help.

use serde_json::Value;

use crate::plan::Kind;

/// The mapped properties of a record; None for a blank. Stages are named by their labels, dates by their days.
pub(crate) fn expected(kind: Kind, record: &Value) -> Vec<(&'static str, Option<String>)> {
    let text = |pointer: &str| {
        let text = record.pointer(pointer).and_then(Value::as_str);
        text.map(str::trim)
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    };
    match kind {
        Kind::Contact => vec![
            ("firstname", text("/first_name")),
            ("lastname", text("/last_name")),
            ("email", text("/primary_email_address")),
            ("phone", text("/primary_phone_number").map(e164)),
            ("jobtitle", text("/title")),
            ("address", text("/primary_address/street")),
            ("city", text("/primary_address/city")),
        ],
        Kind::Company => vec![
            ("name", text("/name")),
            ("domain", text("/primary_web_site/address").map(domain)),
            ("phone", text("/primary_phone_number").map(e164)),
            ("address", text("/primary_address/street")),
            ("city", text("/primary_address/city")),
        ],
        Kind::Deal => vec![
            (
                "dealname",
                text("/description").or_else(|| text("/display_number")),
            ),
            ("sync300_clio_matter_number", text("/display_number")),
            ("dealstage", text("/status")),
            ("sync300_clio_open_date", text("/open_date")),
        ],
        Kind::Ticket => vec![
            ("subject", text("/name")),
            ("content", text("/description")),
            ("hs_pipeline_stage", text("/status").map(stage)),
            ("hs_ticket_priority", text("/priority").map(priority)),
        ],
    }
}

/// The people of the simulation have North American numbers.
fn e164(number: String) -> String {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    match digits.len() {
        10 => format!("+1{digits}"),
        _ => format!("+{digits}"),
    }
}

/// … and their companies' sites stand directly below `.com`.
fn domain(address: String) -> String {
    let host = address.trim_start_matches("https://");
    let host = host.split('/').next().unwrap_or_default();
    host.trim_start_matches("www.").to_owned()
}

fn stage(status: String) -> String {
    match status.as_str() {
        "pending" => "Pending",
        "in_progress" => "In progress",
        "in_review" => "In review",
        _ => "Complete",
    }
    .to_owned()
}

fn priority(priority: String) -> String {
    match priority.as_str() {
        "High" => "HIGH",
        "Low" => "LOW",
        _ => "MEDIUM",
    }
    .to_owned()
}
