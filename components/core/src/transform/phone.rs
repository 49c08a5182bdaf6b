//! Phone numbers, by Google's metadata.

use std::borrow::Cow;

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat, Region};

/// E.164 where the number is valid, with its extension kept apart: `+14155550100 ext. 12`.
/// Anything else stays as written: a number that we do not understand may still be dialled.
pub(super) fn e164_or_raw<'a>(value: &'a str, country: &str) -> Cow<'a, str> {
    let region = Region::try_from(country).ok();
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

/// Whether a text is written like a country that phone numbers may come from.
pub fn is_country(text: &str) -> bool {
    Region::try_from(text).is_ok()
}
