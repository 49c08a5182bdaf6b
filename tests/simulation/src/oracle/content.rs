//! No personal value at rest or in a log, and nothing of one firm at another.

use sync300_kit::ports::SqlValue;

use crate::people::{CANARY, CANARY_PHONE, mark};
use crate::plan::Kind;
use crate::world::{Broken, World};

pub(super) fn check(world: &World, problems: &mut Vec<String>) -> Result<(), Broken> {
    let mut texts = Vec::new();
    let tables = world.query("SELECT name FROM sqlite_master WHERE type = 'table'", &[])?;
    for table in tables.into_iter().flatten() {
        let SqlValue::Text(table) = table else {
            continue;
        };
        let rows = world.query(&format!("SELECT * FROM \"{table}\""), &[])?;
        for value in rows.into_iter().flatten() {
            match value {
                SqlValue::Text(text) => texts.push((table.clone(), text)),
                SqlValue::Blob(bytes) => {
                    texts.push((table.clone(), String::from_utf8_lossy(&bytes).into_owned()));
                }
                SqlValue::Null | SqlValue::Integer(_) | SqlValue::Real(_) => {}
            }
        }
    }
    let log = world.log.borrow();
    texts.extend(log.iter().map(|line| ("the log".to_owned(), line.clone())));
    let cache = world.cache.borrow();
    texts.extend(cache.iter().map(|(key, value)| {
        let text = format!("{key} {}", String::from_utf8_lossy(value));
        ("the cache".to_owned(), text)
    }));
    for (place, text) in texts {
        let text = text.to_lowercase();
        if has_name(&text) || has_phone(&text) {
            problems.push(format!("a personal value stands in {place}"));
        }
    }
    strangers(world, problems);
    Ok(())
}

/// Whether a name or an e-mail address stands in it, and not five letters that a sealed value or a fingerprint has by chance.
fn has_name(text: &str) -> bool {
    let goes_on = ["x", "y", ".", " "];
    let canaries = text.match_indices(CANARY);
    let mut rests = canaries.filter_map(|(at, canary)| text.get(at + canary.len()..));
    rests.any(|rest| goes_on.iter().any(|next| rest.starts_with(next))) || text.contains("stripe")
}

/// Whether the digits of a phone number stand in it, and not by chance within a time in milliseconds, or as the id of an event.
fn has_phone(text: &str) -> bool {
    /// Every phone number that people type has as many digits, or one more.
    const DIGITS: usize = 10;
    let numbers = text.split(|letter: char| !letter.is_ascii_digit());
    let mut others = numbers.filter(|number| !(number.len() == 13 && number.starts_with("177")));
    others.any(|number| number.len() >= DIGITS && number.contains(CANARY_PHONE))
}

/// Names tell which firm a record is of.
fn strangers(world: &World, problems: &mut Vec<String>) {
    for (at, firm) in world.firms.iter().enumerate() {
        let foreign = format!("{CANARY}{}", mark(at + 1));
        for kind in Kind::ALL {
            for record in firm.portal.records(kind.object()) {
                let stranger = record
                    .values()
                    .into_iter()
                    .find(|(_, value)| value.to_lowercase().contains(&foreign));
                if let Some((property, _)) = stranger {
                    problems.push(format!(
                        "firm {at} HubSpot {kind:?} {}: {property} is another firm's",
                        record.id
                    ));
                }
            }
        }
    }
}
