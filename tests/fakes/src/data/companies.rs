//! Contacts of type Company.

use fastrand::Rng;

use super::words::{CITIES, COMPANY_FORMS, COMPANY_STEMS, COMPANY_TRADES, STREETS};
use super::{Address, Company, Dataset, Fate, cast, chance, pick};

pub(super) fn add(data: &mut Dataset, rng: &mut Rng, count: usize) {
    let groups = cast::companies(data);
    let special: usize = groups.iter().map(Vec::len).sum();
    let bulk = (0..count.saturating_sub(special))
        .map(|number| company(rng, number))
        .collect();
    data.companies = super::people::interleave(rng, bulk, groups);
}

fn company(rng: &mut Rng, number: usize) -> Company {
    let stem = pick(rng, COMPANY_STEMS, "Alder");
    let trade = pick(rng, COMPANY_TRADES, "Supply");
    let form = pick(rng, COMPANY_FORMS, "");
    // Numbered, because equal names and domains are cases of their own.
    let name = format!("{stem} {trade} {number} {form}").trim().to_owned();
    let host = format!("{stem}-{}-{number}.example", trade.replace(' ', "-"));
    let web_site = match rng.u32(0..100) {
        0..=19 => None,
        20..=39 => Some(host.to_lowercase()),
        40..=59 => Some(format!("www.{host}")),
        60..=79 => Some(format!("https://{}/", host.to_lowercase())),
        80..=94 => Some(format!(
            " HTTP://WWW.{}/about-us?ref=clio ",
            host.to_uppercase()
        )),
        // A page on a shared host tells nothing about a company.
        _ => Some(format!(
            "https://www.facebook.com/{}",
            host.replace('.', "-")
        )),
    };
    Company {
        name,
        web_site,
        phone: phone(rng),
        address: address(rng),
        fate: Fate::Created,
    }
}

/// A telephone number in one of the ways that people write it, or what they wrote instead.
pub(super) fn phone(rng: &mut Rng) -> Option<String> {
    let line = rng.u32(100..200);
    Some(match rng.u32(0..100) {
        0..=19 => return None,
        20..=44 => format!("(212) 555-0{line}"),
        45..=59 => format!("212-555-0{line}"),
        60..=69 => format!("+1 212 555 0{line}"),
        70..=77 => format!("2125550{line}"),
        78..=85 => format!(" 1.212.555.0{line} "),
        86..=90 => format!("212 555 0{line} ext. {}", rng.u32(10..99)),
        91..=93 => "+44 20 7946 0018".to_owned(),
        94..=95 => "+41 44 668 18 00".to_owned(),
        96..=97 => "call reception".to_owned(),
        _ => "555-01".to_owned(),
    })
}

pub(super) fn address(rng: &mut Rng) -> Option<Address> {
    if chance(rng, 25) {
        return None;
    }
    let (city, province, zip) = pick(rng, CITIES, ("Albany", "NY", "122"));
    let street = format!("{} {}", rng.u32(1..9_999), pick(rng, STREETS, "Main St"));
    Some(Address {
        street: if chance(rng, 5) {
            String::new()
        } else {
            street
        },
        city: if chance(rng, 10) {
            format!(" {} ", city.to_uppercase())
        } else {
            city.to_owned()
        },
        province: province.to_owned(),
        postal_code: format!("{zip}{:02}", rng.u32(0..100)),
        country: "US".to_owned(),
    })
}
