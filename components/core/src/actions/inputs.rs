//! What a person or a workflow gave, checked and in the provider's form.

use std::ops::RangeInclusive;

use chrono::{DateTime, Datelike, NaiveDate};

use super::{ActionError, Values, find, get};
use crate::declaration;
use crate::transform::Transform;

/// Longest line of text, in characters: Clio's, and most others', limit of a name.
const MAX_LINE: usize = 255;
/// Longest text of many lines, in characters.
const MAX_NOTE: usize = 65_536;

/// Checks what was given, and puts it into the provider's form. Blank is not given; what is not asked for is left out.
///
/// # Errors
/// Names the input that is missing or wrong, never its value.
pub fn prepare(
    connector: &str,
    action: &str,
    given: &[(String, String)],
) -> Result<Values, ActionError> {
    let (_, action) = find(connector, action)?;
    let mut values = Values::new();
    for input in &action.inputs {
        let text = given
            .iter()
            .find(|(name, _)| *name == input.name)
            .map(|(_, value)| value.trim())
            .filter(|value| !value.is_empty());
        let Some(text) = text else {
            if input.required {
                return Err(refused("input_missing", input));
            }
            continue;
        };
        let value = value_of(input, text)?;
        // An id needs no look-up.
        if input.kind == declaration::InputKind::Named && is_id(&value) {
            let finds = action.lookups.iter();
            let mut finds = finds.filter(|find| find.from.as_ref() == Some(&input.name));
            if let Some(find) = finds.next() {
                values.push((find.sets.clone(), value.clone()));
            }
        }
        values.push((input.name.clone(), value));
    }
    let any = &action.any_of;
    if !any.is_empty() && !any.iter().any(|name| get(&values, name).is_some()) {
        let labels: Vec<&str> = action
            .inputs
            .iter()
            .filter(|input| any.contains(&input.name))
            .map(|input| input.label.as_str())
            .collect();
        return Err(ActionError {
            code: "input_missing".to_owned(),
            input: labels.join(" or "),
        });
    }
    Ok(values)
}

fn refused(code: &str, input: &declaration::Input) -> ActionError {
    ActionError {
        code: code.to_owned(),
        input: input.label.clone(),
    }
}

fn value_of(input: &declaration::Input, text: &str) -> Result<String, ActionError> {
    use declaration::InputKind as Kind;
    let wrong = || refused("input_invalid", input);
    let max = match input.kind {
        Kind::Note => MAX_NOTE,
        _ => MAX_LINE,
    };
    if text.chars().count() > max {
        return Err(refused("input_too_long", input));
    }
    let many_lines = |letter| input.kind == Kind::Note && matches!(letter, '\n' | '\r' | '\t');
    if text
        .chars()
        .any(|letter| letter.is_control() && !many_lines(letter))
    {
        return Err(wrong());
    }
    match input.kind {
        Kind::Note | Kind::Text | Kind::Phone | Kind::Named => Ok(text.to_owned()),
        Kind::Email => Transform::Email
            .apply(text, "")
            .ok()
            .flatten()
            .ok_or_else(wrong),
        Kind::Id if is_id(text) => Ok(text.to_owned()),
        Kind::Id => Err(wrong()),
        Kind::Date => date(text).ok_or_else(wrong),
        Kind::Choice if input.choices.iter().any(|choice| choice == text) => Ok(text.to_owned()),
        Kind::Choice => Err(refused("input_unknown_choice", input)),
    }
}

fn is_id(text: &str) -> bool {
    (1..=18).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && !text.starts_with('0')
}

/// Years in which a date lies that was given in milliseconds: no other number is one, e.g. `20260312`.
const YEARS: RangeInclusive<i32> = 1990..=2200;

/// `YYYY-MM-DD`; HubSpot gives dates of properties in unix milliseconds.
fn date(text: &str) -> Option<String> {
    let millis = || {
        let millis = text.parse().ok()?;
        let date = DateTime::from_timestamp_millis(millis)?.date_naive();
        YEARS.contains(&date.year()).then_some(date)
    };
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
    date.or_else(millis)
        .map(|date| date.format("%Y-%m-%d").to_string())
}
