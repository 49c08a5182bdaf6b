//! Phone numbers, by Google's metadata.

use std::borrow::Cow;

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat, Region};

/// Country calling code of North America: one country code, many regions.
const NANP: i32 = 1;

/// E.164 where the number is valid, with its extension kept apart: `+14155550100 ext. 12`.
/// Anything else stays as written: a number that we do not understand may still be dialled.
pub(super) fn e164_or_raw<'a>(value: &'a str, country: &str) -> Cow<'a, str> {
    let region = Region::try_from(country).ok();
    if let Some(e164) = north_american(value, region) {
        return e164.into();
    }
    by_grammar(value, region)
}

/// The library's whole grammar of how numbers are written: some ten expressions a number.
fn by_grammar(value: &str, region: Option<Region>) -> Cow<'_, str> {
    let Ok(mut number) = PHONE_NUMBER_UTIL.parse(value, region) else {
        return value.into();
    };
    if !PHONE_NUMBER_UTIL.is_valid_number(&number) {
        return value.into();
    }
    let extension = number.extension.take().filter(|e| !e.is_empty());
    let e164 = PHONE_NUMBER_UTIL.format(&number, PhoneNumberFormat::E164);
    match extension {
        Some(extension) => format!("{e164} ext. {extension}").into(),
        None => e164.into_owned().into(),
    }
}

/// A North American number in its plain form, which is all of most accounts: ten digits, perhaps
/// behind a 1, and separators. Needs the metadata alone, a tenth of the grammar's time; none where
/// the grammar must decide.
fn north_american(value: &str, region: Option<Region>) -> Option<String> {
    let (is_international, rest) = match value.strip_prefix('+') {
        Some(rest) => (true, rest),
        None => (false, value),
    };
    let mut e164 = String::with_capacity(12);
    e164.push('+');
    for byte in rest.bytes() {
        match byte {
            b'0'..=b'9' if e164.len() < 12 => e164.push(char::from(byte)),
            b' ' | b'(' | b')' | b'-' | b'.' => {}
            _ => return None,
        }
    }
    let is_home = |r: &Region| PHONE_NUMBER_UTIL.get_country_code_for_region(*r) == Some(NANP);
    let home = region.filter(is_home);
    match e164.len() {
        12 if e164.starts_with("+1") && (is_international || home.is_some()) => {}
        11 if !is_international && home.is_some() => e164.insert(1, '1'),
        _ => return None,
    }
    let national = e164
        .get(2..)
        .filter(|digits| !digits.starts_with(['0', '1']))?;
    let number = PhoneNumber {
        country_code: NANP,
        national_number: national.parse().ok()?,
        ..PhoneNumber::default()
    };
    // Valid in one region of a country code is valid; the home region is likeliest.
    let is_valid = home.is_some_and(|r| PHONE_NUMBER_UTIL.is_valid_number_for_region(&number, r))
        || PHONE_NUMBER_UTIL.is_valid_number(&number);
    is_valid.then_some(e164)
}

/// Whether a text is written like a country that phone numbers may come from.
pub fn is_country(text: &str) -> bool {
    Region::try_from(text).is_ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn both_ways(value: &str, country: &str) -> (String, String) {
        let grammar = by_grammar(value, Region::try_from(country).ok());
        (
            e164_or_raw(value, country).into_owned(),
            grammar.into_owned(),
        )
    }

    #[test]
    fn short_way_and_grammar_agree_on_known_numbers() {
        for value in [
            "(415) 555-2671",
            "1-415-555-2671",
            "+1 415 555 2671",
            "1 (242) 322-1000",
            "604.555.2671",
            "115 555 2671",
            "+11 415 555 2671",
            "415 555 26711",
            "+415 555 2671",
            "((415)) 555--2671",
            "415 555 2671.",
            ") 415 555 2671",
            "800 555 2671",
            "+1 201 000 0000",
            "",
            "+",
            "()",
        ] {
            for country in ["US", "CA", "BS", "GB", "AU", "ZZ"] {
                let (short, grammar) = both_ways(value, country);
                assert_eq!(short, grammar, "{value} in {country}");
            }
        }
    }

    proptest! {
        #[test]
        fn short_way_and_grammar_agree(
            value in "\\+?[ (]{0,2}1?[ -]?[(]?[0-9]{3}[) .-]{0,2}[0-9]{3}[ .-]?[0-9]{3,5}[ .)-]?",
            country in prop::sample::select(&["US", "CA", "PR", "GB", "DE"][..]),
        ) {
            let (short, grammar) = both_ways(&value, country);
            prop_assert_eq!(short, grammar);
        }
    }
}
