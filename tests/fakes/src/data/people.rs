//! Contacts of type Person.

use fastrand::Rng;

use super::companies::{address, phone};
use super::words::{FIRST_NAMES, INVALID_EMAILS, LAST_NAMES, TITLES};
use super::{Dataset, Fate, Person, cast, chance, pick};

pub(super) fn add(data: &mut Dataset, rng: &mut Rng, count: usize) {
    let groups = cast::people(data);
    let special: usize = groups.iter().map(Vec::len).sum();
    let employers = data.companies.len();
    let bulk = (0..count.saturating_sub(special))
        .map(|number| person(rng, number, employers))
        .collect();
    data.people = interleave(rng, bulk, groups);
}

/// Puts groups that must stay together at random places within the bulk.
pub(super) fn interleave<T>(rng: &mut Rng, bulk: Vec<T>, groups: Vec<Vec<T>>) -> Vec<T> {
    let mut placed: Vec<(usize, Vec<T>)> = groups
        .into_iter()
        .map(|group| (rng.usize(0..=bulk.len()), group))
        .collect();
    placed.sort_by_key(|(place, _)| *place);
    let mut groups = placed.into_iter().peekable();
    let mut all = Vec::new();
    for (place, one) in bulk.into_iter().enumerate() {
        while let Some((_, group)) = groups.next_if(|(wanted, _)| *wanted <= place) {
            all.extend(group);
        }
        all.push(one);
    }
    all.extend(groups.flat_map(|(_, group)| group));
    all
}

fn person(rng: &mut Rng, number: usize, employers: usize) -> Person {
    let mut first_name = pick(rng, FIRST_NAMES, "Quinn").to_owned();
    let mut last_name = pick(rng, LAST_NAMES, "Lee").to_owned();
    let email = email(rng, number, &first_name, &last_name);
    match rng.u32(0..200) {
        0 => first_name.clear(),
        1 => last_name.clear(),
        2..=7 => first_name = format!("  {first_name} "),
        8..=11 => last_name = last_name.to_uppercase(),
        _ => {}
    }
    Person {
        first_name,
        last_name,
        title: chance(rng, 60).then(|| pick(rng, TITLES, "Owner").to_owned()),
        email,
        phone: phone(rng),
        address: address(rng),
        company: (employers > 0 && chance(rng, 45)).then(|| rng.usize(0..employers)),
        fate: Fate::Created,
    }
}

/// Numbered, because shared addresses are cases of their own.
fn email(rng: &mut Rng, number: usize, first: &str, last: &str) -> Option<String> {
    let ascii = |name: &str| -> String {
        let letters = name.chars().filter(char::is_ascii_alphabetic);
        letters.map(|letter| letter.to_ascii_lowercase()).collect()
    };
    let address = format!("{}.{}{number}@mail.example", ascii(first), ascii(last));
    Some(match rng.u32(0..100) {
        0..=17 => return None,
        18..=22 => format!(" {address} "),
        23..=29 => address.to_uppercase(),
        30..=33 => format!("{}.{number}@Kanzlei-Müller.example", ascii(first)),
        34..=36 => pick(rng, INVALID_EMAILS, "none").to_owned(),
        37..=40 => address.replace('@', "+clio@"),
        _ => address,
    })
}

/// Whether HubSpot and the product take it for an e-mail address.
pub(super) fn is_invalid(email: &str) -> bool {
    INVALID_EMAILS.contains(&email)
}
