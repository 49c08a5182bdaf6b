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

/// Whether a transform gives values as the key of a kind has them.
pub(crate) fn is_normal(kind: KeyKind, transform: &Transform) -> bool {
    matches!(
        (kind, transform),
        (KeyKind::Email, Transform::Email) | (KeyKind::Domain, Transform::Domain)
    )
}

/// The key that a value in HubSpot's form makes, where it is fit for one.
pub(crate) fn of_one(kind: KeyKind, value: &str, is_normal: bool) -> Option<String> {
    let normalise = |transform: Transform| match is_normal {
        true => Some(value.to_owned()),
        false => transform.apply(value, "").ok()?,
    };
    match kind {
        KeyKind::Email => normalise(Transform::Email).filter(|email| is_personal(email)),
        KeyKind::Domain => normalise(Transform::Domain).filter(|domain| is_own(domain)),
        KeyKind::CompanyName => Some(bare(&fold(value), &["the"], &LEGAL_FORMS)),
        KeyKind::Title => Some(bare(&fold(value), &[], &[])),
        KeyKind::PersonName => None,
    }
    .filter(|key| !key.is_empty())
}

/// Addresses of a role are shared, and placeholders are nobody's: neither tells one person.
fn is_personal(email: &str) -> bool {
    let local = split_email(email).map_or("", |(local, _)| local);
    let local = local.split('+').next().unwrap_or(local);
    !ROLES.contains(&local)
}

fn is_own(domain: &str) -> bool {
    let on = |host: &str| {
        let rest = domain.strip_suffix(host);
        rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    !SHARED_HOSTS.iter().any(|host| on(host))
}

/// First and last name, in an order of its own: systems disagree which comes first.
pub(crate) fn of_person(first: &str, last: &str) -> Option<String> {
    let [first, last] = [first, last].map(|name| bare(&fold(name), &TITLES, &SUFFIXES));
    // A lone first or last name is shared by too many.
    if first.is_empty() || last.is_empty() {
        return None;
    }
    let (mut key, other) = if first <= last {
        (first, last)
    } else {
        (last, first)
    };
    key.push(' ');
    key.push_str(&other);
    Some(key)
}

/// The words of a folded name without those that may lead or trail it; one word always stays.
fn bare(folded: &str, leading: &[&str], trailing: &[&str]) -> String {
    let words = folded.split(|c: char| !c.is_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let mut words = &words[..];
    while let [first, rest @ ..] = words
        && !rest.is_empty()
        && leading.contains(first)
    {
        words = rest;
    }
    while let [rest @ .., last] = words
        && !rest.is_empty()
        && trailing.contains(last)
    {
        words = rest;
    }
    words.join(" ")
}

/// Text as it compares: compatibility forms unified, case folded, diacritics and dots gone.
fn fold(text: &str) -> String {
    if text.is_ascii() {
        return plain(text, |c| c.to_ascii_lowercase());
    }
    let folded = UniCase::unicode(without_marks(text)).to_folded_case();
    // Folding can give characters that decompose anew.
    plain(&without_marks(&folded), |c| c)
}

/// `L.L.C.` is `llc`, `O'Neil` is `oneil`, `&` is a word.
fn plain(text: &str, lower: impl Fn(char) -> char) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '.' | '\'' | '\u{2019}' => {}
            '&' => plain.push_str(" and "),
            c => plain.push(lower(c)),
        }
    }
    plain
}

fn without_marks(text: &str) -> String {
    NFKD.normalize(text)
        .chars()
        .filter(|c| COMBINING.get_u8(*c) == 0)
        .collect()
}

#[cfg(test)]
mod tests;
