//! Dates and times, in the forms that HubSpot takes: `YYYY-MM-DD`, and RFC 3339 in UTC.

use chrono::{DateTime, NaiveDate, NaiveTime, SecondsFormat, Utc};

use super::ValueError;

/// A date as written, the date of a time as written, or that of HubSpot's milliseconds in UTC.
pub(super) fn date(value: &str) -> Result<String, ValueError> {
    if civil(value).is_some() {
        return Ok(value.to_owned());
    }
    let date = match DateTime::parse_from_rfc3339(value) {
        Ok(time) => time.date_naive(),
        Err(_) => millis(value).ok_or(ValueError::Date)?.date_naive(),
    };
    Ok(date.format("%Y-%m-%d").to_string())
}

/// A time in UTC, to the millisecond.
pub(super) fn datetime(value: &str) -> Result<String, ValueError> {
    parse_instant(value).map(to_rfc3339).ok_or(ValueError::Date)
}

/// The first instant of a date in UTC.
pub(super) fn midnight(value: &str) -> Result<String, ValueError> {
    datetime(&date(value)?)
}

/// A time with an offset, a date (its first instant), or milliseconds since 1970.
pub(crate) fn parse_instant(value: &str) -> Option<DateTime<Utc>> {
    if let Some(date) = civil(value) {
        return Some(date.and_time(NaiveTime::MIN).and_utc());
    }
    match DateTime::parse_from_rfc3339(value) {
        Ok(time) => Some(time.to_utc()),
        Err(_) => millis(value),
    }
}

/// To the millisecond, which is as fine as HubSpot keeps it; without a fraction where it is zero.
pub(crate) fn to_rfc3339(time: DateTime<Utc>) -> String {
    let format = if time.timestamp_subsec_millis() == 0 {
        SecondsFormat::Secs
    } else {
        SecondsFormat::Millis
    };
    time.to_rfc3339_opts(format, true)
}

/// Exactly `YYYY-MM-DD`.
fn civil(value: &str) -> Option<NaiveDate> {
    let mut parts = value.splitn(3, '-');
    let mut number = |width| {
        let part = parts.next()?;
        let fits = part.len() == width && part.bytes().all(|b| b.is_ascii_digit());
        fits.then(|| part.parse::<u32>().ok()).flatten()
    };
    let (year, month, day) = (number(4)?, number(2)?, number(2)?);
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)
}

/// HubSpot's other form of a time. Shorter numbers are years or days, not times.
fn millis(value: &str) -> Option<DateTime<Utc>> {
    let digits = value.strip_prefix('-').unwrap_or(value);
    let fits = (9..=14).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    let millis = fits.then(|| value.parse().ok()).flatten()?;
    DateTime::from_timestamp_millis(millis)
}
