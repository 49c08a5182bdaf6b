//! What people enter in Clio.

use serde_json::{Value, json};
use sync300_fakes::clio::Resource;

use super::chosen;
use super::fields::Field;
use super::words::{domain, email, phone, word};
use crate::plan::Kind;
use crate::world::Firm;

/// Somebody is a witness in a matter.
pub(super) fn relate(firm: &Firm, contact: usize, matter: usize) -> bool {
    let (contacts, matters) = (
        firm.account.ids(Resource::Contacts),
        firm.account.ids(Resource::Matters),
    );
    let (Some(contact), Some(matter)) = (chosen(&contacts, contact), chosen(&matters, matter))
    else {
        return false;
    };
    let data = json!({ "contact": { "id": contact }, "matter": { "id": matter }, "description": "Witness" });
    firm.account.add(Resource::Relationships, &data).is_ok()
}

/// What a `POST` for a new record has under `data`; None where what it needs is not there.
pub(super) fn new_record(
    at: usize,
    firm: &Firm,
    kind: Kind,
    serial: u32,
    pick: usize,
    bare: bool,
) -> Option<Value> {
    let word = word(at, serial);
    let mut data = match kind {
        Kind::Contact => json!({ "type": "Person", "first_name": word, "last_name": "Stripe" }),
        Kind::Company => json!({ "type": "Company", "name": format!("{word} Holding") }),
        Kind::Deal => {
            let (client, _) = chosen(&firm.records(Kind::Contact), pick)?.clone();
            json!({ "client": { "id": client }, "description": format!("{word} matter"), "status": "open" })
        }
        Kind::Ticket => {
            let user = firm.account.ids(Resource::Users).first().copied()?;
            let assignee = json!({ "id": user, "type": "User" });
            json!({ "name": format!("{word} task"), "description": format!("{word} text"), "assignee": assignee })
        }
    };
    let fields = data.as_object_mut()?;
    if !bare {
        let more = match kind {
            Kind::Contact => json!({
                "title": format!("{word} title"),
                "email_addresses": [{ "name": "Work", "address": email(serial), "default_email": true }],
                "phone_numbers": [{ "name": "Work", "number": phone(serial), "default_number": true }],
                "addresses": [{ "name": "Work", "street": format!("{word} street 1"), "city": format!("{word} city") }],
            }),
            Kind::Company => json!({
                "web_sites": [{ "name": "Work", "address": format!("https://www.{}/about", domain(at, serial)), "default_web_site": true }],
                "addresses": [{ "name": "Work", "street": format!("{word} street 1"), "city": format!("{word} city") }],
            }),
            Kind::Deal | Kind::Ticket => json!({}),
        };
        fields.extend(more.as_object()?.clone());
        match kind {
            Kind::Contact => {
                if let Some((company, _)) = chosen(&firm.records(Kind::Company), pick) {
                    fields.insert("company".to_owned(), json!({ "id": company }));
                }
            }
            Kind::Ticket => {
                if let Some(matter) = chosen(&firm.account.ids(Resource::Matters), pick) {
                    fields.insert("matter".to_owned(), json!({ "id": matter }));
                }
            }
            Kind::Company | Kind::Deal => {}
        }
    }
    Some(data)
}

/// What a `PATCH` of one field has under `data`; None where Clio would refuse it, or nothing would change.
pub(super) fn change(
    at: usize,
    record: &Value,
    kind: Kind,
    field: Field,
    serial: Option<u32>,
) -> Option<Value> {
    let text = serial.map(|serial| word(at, serial));
    let part = |list: &str| {
        let first = record[list].as_array().and_then(|parts| parts.first());
        first.and_then(|part| part["id"].as_u64())
    };
    let parts = |list: &str, name: &str, value: Option<String>| match (part(list), value) {
        (Some(id), None) => Some(json!({ list: [{ "id": id, "_destroy": true }] })),
        (None, None) => None,
        (Some(id), Some(value)) => Some(json!({ list: [{ "id": id, name: value }] })),
        (None, Some(value)) => Some(json!({ list: [{ "name": "Work", name: value }] })),
    };
    match (field.clio, kind) {
        ("email_addresses", _) => parts("email_addresses", "address", serial.map(email)),
        ("phone_numbers", _) => parts("phone_numbers", "number", serial.map(phone)),
        ("web_sites", _) => {
            let address = serial.map(|serial| format!("https://{}", domain(at, serial)));
            parts("web_sites", "address", address)
        }
        ("addresses.city", _) => {
            let id = part("addresses")?;
            Some(json!({ "addresses": [{ "id": id, "city": text }] }))
        }
        ("addresses.street", _) => {
            let id = part("addresses")?;
            Some(json!({ "addresses": [{ "id": id, "street": text }] }))
        }
        ("status", Kind::Deal) => {
            let status = ["open", "pending", "closed"];
            Some(json!({ "status": status.get(serial? as usize % 3)? }))
        }
        ("status", _) => {
            let status = ["pending", "in_progress", "in_review", "complete"];
            Some(json!({ "status": status.get(serial? as usize % 4)? }))
        }
        ("priority", _) => {
            let priority = ["High", "Normal", "Low"];
            Some(json!({ "priority": priority.get(serial? as usize % 3)? }))
        }
        ("open_date", _) => {
            let day = 1 + serial? % 28;
            Some(json!({ "open_date": format!("2025-11-{day:02}") }))
        }
        // A record keeps its name.
        ("first_name" | "name", _) => Some(json!({ field.clio: text? })),
        ("description", Kind::Deal) => Some(json!({ field.clio: text? })),
        (name, _) => Some(json!({ name: text })),
    }
}
