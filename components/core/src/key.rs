//! Match keys: what two records must share to be taken for one.

use icu_normalizer::DecomposingNormalizerBorrowed;
use icu_normalizer::properties::CanonicalCombiningClassMapBorrowed;
use unicase::UniCase;

use crate::declaration::KeyKind;
use crate::transform::{Transform, split_email};

const NFKD: DecomposingNormalizerBorrowed<'static> = DecomposingNormalizerBorrowed::new_nfkd();
const COMBINING: CanonicalCombiningClassMapBorrowed<'static> =
    CanonicalCombiningClassMapBorrowed::new();

/// Local parts that stand for a role or for nobody.
const ROLES: [&str; 24] = [
    "admin",
    "billing",
    "contact",
    "donotreply",
    "do-not-reply",
    "email",
    "enquiries",
    "example",
    "hello",
    "info",
    "mail",
    "na",
    "nobody",
    "noemail",
    "none",
    "noreply",
    "no-reply",
    "office",
    "reception",
    "sales",
    "support",
    "team",
    "test",
    "unknown",
];

/// Hosts whose domain says nothing about who owns a mailbox or page there.
const SHARED_HOSTS: [&str; 40] = [
    "126.com",
    "163.com",
    "aol.com",
    "att.net",
    "bigcartel.com",
    "blogspot.com",
    "carrd.co",
    "comcast.net",
    "etsy.com",
    "facebook.com",
    "fastmail.com",
    "gmail.com",
    "gmx.com",
    "gmx.de",
    "gmx.net",
    "google.com",
    "googlemail.com",
    "hotmail.com",
    "icloud.com",
    "instagram.com",
    "linkedin.com",
    "linktr.ee",
    "live.com",
    "mac.com",
    "mail.ru",
    "me.com",
    "msn.com",
    "outlook.com",
    "proton.me",
    "protonmail.com",
    "qq.com",
    "squarespace.com",
    "twitter.com",
    "verizon.net",
    "weebly.com",
    "wixsite.com",
    "wordpress.com",
    "x.com",
    "yahoo.com",
    "yelp.com",
];

const TITLES: [&str; 14] = [
    "mr",
    "mrs",
    "ms",
    "miss",
    "mx",
    "dr",
    "prof",
    "professor",
    "rev",
    "sir",
    "hon",
    "herr",
    "frau",
    "atty",
];
const SUFFIXES: [&str; 13] = [
    "jr", "sr", "ii", "iii", "iv", "esq", "esquire", "md", "phd", "jd", "cpa", "dds", "rn",
];
const LEGAL_FORMS: [&str; 26] = [
    "and",
    "inc",
    "incorporated",
    "llc",
    "ltd",
    "limited",
    "llp",
    "lp",
    "pc",
    "pllc",
    "plc",
    "pa",
    "corp",
    "corporation",
    "co",
    "company",
    "gmbh",
    "ag",
    "kg",
    "ug",
    "sa",
    "sarl",
    "bv",
    "nv",
    "pty",
    "srl",
];

/// The key that values make, where they are fit for one. `values` are in HubSpot's form.
pub(crate) fn normalise(kind: KeyKind, values: &[&str]) -> Option<String> {
    match (kind, values) {
        (KeyKind::Email, [email]) => email_key(email),
        (KeyKind::Domain, [domain]) => domain_key(domain),
        (KeyKind::PersonName, [first, last]) => person_key(first, last),
        (KeyKind::CompanyName, [name]) => company_key(name),
        (KeyKind::Title, [title]) => Some(words(title).join(" ")).filter(|key| !key.is_empty()),
        _ => None,
    }
}

/// Addresses of a role are shared, and placeholders are nobody's: neither tells one person.
fn email_key(email: &str) -> Option<String> {
    let email = Transform::Email.apply(email, "").ok()??;
    let (local, _) = split_email(&email)?;
    let local = local.split('+').next().unwrap_or(local);
    (!ROLES.contains(&local)).then_some(email)
}

fn domain_key(domain: &str) -> Option<String> {
    let domain = Transform::Domain.apply(domain, "").ok()??;
    let on = |host: &str| {
        let rest = domain.strip_suffix(host);
        rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    let shared = SHARED_HOSTS.iter().any(|host| on(host));
    (!shared).then_some(domain)
}

/// First and last name, in an order of its own: systems disagree which comes first.
fn person_key(first: &str, last: &str) -> Option<String> {
    let mut parts = [first, last].map(|name| bare(&words(name), &TITLES, &SUFFIXES));
    // A lone first or last name is shared by too many.
    if parts.iter().any(String::is_empty) {
        return None;
    }
    parts.sort();
    Some(parts.join(" "))
}

fn company_key(name: &str) -> Option<String> {
    Some(bare(&words(name), &["the"], &LEGAL_FORMS)).filter(|key| !key.is_empty())
}

/// Without words that may lead or trail a name; one word always stays.
fn bare(words: &[String], leading: &[&str], trailing: &[&str]) -> String {
    let mut words = words;
    while let [first, rest @ ..] = words
        && !rest.is_empty()
        && leading.contains(&first.as_str())
    {
        words = rest;
    }
    while let [rest @ .., last] = words
        && !rest.is_empty()
        && trailing.contains(&last.as_str())
    {
        words = rest;
    }
    words.join(" ")
}

/// Words as they compare: compatibility forms unified, case folded, diacritics and punctuation gone.
fn words(text: &str) -> Vec<String> {
    let folded = if text.is_ascii() {
        text.to_ascii_lowercase()
    } else {
        let folded = UniCase::unicode(without_marks(text)).to_folded_case();
        // Folding can give characters that decompose anew.
        without_marks(&folded)
    };
    let joined: String = folded
        .replace('&', " and ")
        .chars()
        .filter(|c| !matches!(c, '.' | '\'' | '\u{2019}'))
        .collect();
    joined
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

fn without_marks(text: &str) -> String {
    NFKD.normalize(text)
        .chars()
        .filter(|c| COMBINING.get_u8(*c) == 0)
        .collect()
}

#[cfg(test)]
mod tests;
