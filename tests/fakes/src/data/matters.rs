//! Matters, tasks and relationships.

use fastrand::Rng;

use super::words::{MATTERS, ROLES, TASKS};
use super::{Dataset, Matter, Party, Relationship, Task, chance, pick};

/// HubSpot takes 65,536 characters; somebody pasted more.
const TOO_LONG: usize = 70_000;

fn date(rng: &mut Rng, years: std::ops::Range<u32>) -> String {
    format!(
        "{}-{:02}-{:02}",
        rng.u32(years),
        rng.u32(1..=12),
        rng.u32(1..=28)
    )
}

fn party(data: &Dataset, rng: &mut Rng, companies_percent: u32) -> Option<Party> {
    let (people, companies) = (data.people.len(), data.companies.len());
    match (people, companies) {
        (0, 0) => None,
        (_, 1..) if people == 0 || chance(rng, companies_percent) => {
            Some(Party::Company(rng.usize(0..companies)))
        }
        _ => Some(Party::Person(rng.usize(0..people))),
    }
}

pub(super) fn add_matters(data: &mut Dataset, rng: &mut Rng, count: usize) {
    for number in 0..count {
        let Some(client) = party(data, rng, 25) else {
            return;
        };
        let description = match rng.u32(0..100) {
            // Blank: the deal's name falls back to the matter's number.
            0..=1 => " ".to_owned(),
            2..=4 => format!("  {}\n", pick(rng, MATTERS, "Adoption")),
            5..=6 => format!(
                "{}. {}",
                pick(rng, MATTERS, "Adoption"),
                "Further background of the matter. ".repeat(40)
            ),
            _ => pick(rng, MATTERS, "Adoption").to_owned(),
        };
        let status = match rng.u32(0..100) {
            0..=59 => "open",
            60..=74 => "pending",
            _ => "closed",
        };
        let open_date = match number % 97 {
            // Odd, but dates all the same.
            13 => "1900-01-01".to_owned(),
            29 => "2024-02-29".to_owned(),
            _ => date(rng, 2019..2026),
        };
        let close_date = match (status, number % 89) {
            ("closed", 7) => Some("2099-12-31".to_owned()),
            ("closed", _) => Some(date(rng, 2024..2026)),
            _ => None,
        };
        data.matters.push(Matter {
            description,
            status,
            client,
            practice_area: (!data.practice_areas.is_empty() && chance(rng, 95))
                .then(|| rng.usize(0..data.practice_areas.len())),
            attorney: (!data.attorneys.is_empty() && chance(rng, 97))
                .then(|| rng.usize(0..data.attorneys.len())),
            open_date,
            close_date,
        });
    }
}

pub(super) fn add_tasks(data: &mut Dataset, rng: &mut Rng, count: usize) {
    for number in 0..count {
        let name = pick(rng, TASKS, "Call client");
        let (description, rich_text) = match number {
            17 => ("Pasted transcript. ".repeat(TOO_LONG / 19 + 1), false),
            _ => match rng.u32(0..100) {
                0..=39 => (String::new(), false),
                40..=59 => (html(name), true),
                _ => (
                    format!("{name} before the end of the week & report back"),
                    false,
                ),
            },
        };
        data.tasks.push(Task {
            name: if chance(rng, 4) {
                format!("  {name} ")
            } else {
                name.to_owned()
            },
            description,
            rich_text,
            status: match rng.u32(0..100) {
                0..=44 => "pending",
                45..=64 => "in_progress",
                65..=74 => "in_review",
                _ => "complete",
            },
            priority: pick(rng, &["High", "Normal", "Normal", "Low"], "Normal"),
            due_at: chance(rng, 70).then(|| date(rng, 2025..2027)),
            matter: (!data.matters.is_empty() && chance(rng, 85))
                .then(|| rng.usize(0..data.matters.len())),
        });
    }
}

fn html(name: &str) -> String {
    format!(
        "<div><p><strong>{name}</strong>&nbsp;&mdash; see <a href=\"https://files.example/1?a=1&amp;b=2\">file</a>.</p>\
         <ul><li>first &lt;draft&gt;</li><li>caf&eacute;<br>at noon</li></ul><script>alert('x')</script></div>"
    )
}

pub(super) fn add_relationships(data: &mut Dataset, rng: &mut Rng) {
    for matter in 0..data.matters.len() {
        if !chance(rng, 40) {
            continue;
        }
        for _ in 0..rng.usize(1..=3) {
            let Some(contact) = party(data, rng, 15) else {
                return;
            };
            let description = pick(rng, ROLES, "Witness");
            data.relationships.push(Relationship {
                matter,
                contact,
                description,
            });
        }
    }
}
