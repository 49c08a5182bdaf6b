//! Pages of contacts as Clio answers them, with the untidiness that people leave: what a mapping is measured on.
//! Phone numbers are American ones, so that a simple rule makes the same of them as a library.

use serde_json::{Value, json};

use crate::Result;

/// Records on a page.
pub const PAGE: usize = 200;

const FIRST: [&str; 8] = [
    "Ada", "Grace", "  Jorge", "Zoë", "MARGARET", "Søren", "Mary Ann", "Li",
];
const LAST: [&str; 8] = [
    "Byron",
    "Hopper ",
    "García",
    "O'Neill",
    "Hamilton",
    "Kierkegaard",
    "Smith-Jones",
    "Wei",
];
const CITIES: [(&str, &str, &str); 4] = [
    ("San Francisco", "CA", "94105"),
    ("New York", "NY", "10001"),
    ("Chicago", "IL", "60601"),
    ("Seattle", "WA", "98101"),
];

/// `count` pages of [`PAGE`] contacts.
pub fn pages(count: usize) -> Result<Vec<Vec<u8>>> {
    (0..count)
        .map(|page| {
            let first = page * PAGE;
            let data: Vec<Value> = (first..first + PAGE).map(contact).collect();
            let next = format!("https://app.clio.com/api/v4/contacts.json?page_token={page}");
            let page =
                json!({ "data": data, "meta": { "paging": { "next": next }, "records": 100_000 } });
            Ok(serde_json::to_vec(&page)?)
        })
        .collect()
}

fn contact(number: usize) -> Value {
    let id = 400_000_000 + number;
    let first = pick(&FIRST, number);
    let last = pick(&LAST, number / 8);
    let (city, province, postal_code) = pick(&CITIES, number / 3);
    let email = email(number);
    let phone = phone(number);
    let street = format!(
        "{} Market Street\r\nSuite {}",
        1 + number % 999,
        number % 70
    );
    let address = json!({
        "id": id + 1, "name": "Work", "street": street, "city": city, "province": province,
        "postal_code": postal_code, "country": "US",
    });
    json!({
        "id": id,
        "etag": format!("\"{id:032x}\""),
        "type": "Person",
        "name": format!("{first} {last}"),
        "first_name": first,
        "middle_name": number.is_multiple_of(3).then_some("Augusta"),
        "last_name": last,
        "title": (!number.is_multiple_of(5)).then_some("Head of Analytical Engines"),
        "date_of_birth": number.is_multiple_of(2).then_some("1985-12-10"),
        "primary_email_address": email,
        "secondary_email_address": number.is_multiple_of(4).then(|| format!("home.{number}@example.net")),
        "primary_phone_number": phone,
        "created_at": "2024-02-29T08:15:30-08:00",
        "updated_at": format!("2026-11-{:02}T17:{:02}:{:02}-08:00", 1 + number % 28, number % 60, number % 59),
        "company": (number % 2 == 1).then(|| json!({ "id": 900_000 + number % 150, "name": "Analytical Engines LLP" })),
        "primary_address": (!number.is_multiple_of(10)).then_some(address),
        "email_addresses": [{ "id": id + 2, "name": "Work", "address": email, "primary": true }],
        "phone_numbers": [{ "id": id + 3, "name": "Work", "number": phone, "primary": true }],
        "custom_field_values": [
            { "id": format!("text_line-{id}"), "field_name": "Intake notes", "field_type": "text_line", "value": "Called twice" },
            { "id": format!("text_line-{}", id + 1), "field_name": "Referred by", "field_type": "text_line", "value": "The Bar Association" },
        ],
    })
}

fn email(number: usize) -> Option<String> {
    match number % 12 {
        0 => None,
        1 => Some(format!(" Ada.{number}@Example.ORG ")),
        2 => Some(format!("ada.{number}@Kanzlei-Müller.example")),
        3 => Some("not an address".to_owned()),
        4 => Some(format!("ada+clio.{number}@example.com")),
        _ => Some(format!("ada.{number}@example.com")),
    }
}

fn phone(number: usize) -> Option<String> {
    let area = pick(&["415", "212", "312", "206"], number);
    let line = number % 10_000;
    match number % 6 {
        0 => None,
        1 => Some(format!("+1 {area} 555 {line:04}")),
        2 => Some(format!("{area}.555.{line:04}")),
        3 => Some(format!("1-{area}-555-{line:04}")),
        _ => Some(format!("({area}) 555-{line:04}")),
    }
}

fn pick<T: Copy + Default>(from: &[T], number: usize) -> T {
    from.get(number % from.len().max(1))
        .copied()
        .unwrap_or_default()
}
