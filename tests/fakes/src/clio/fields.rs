//! The `fields` parameter: what is asked for, one level of nesting deep.

use super::error::ApiError;
use super::shapes::{Shape, shape};

/// One field asked for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Selected {
    pub(super) name: String,
    /// Of a nested record: what is asked of it.
    pub(super) inner: Vec<Selected>,
}

/// What is shown when nothing is asked for.
const DEFAULT: [&str; 2] = ["id", "etag"];

/// Reads a `fields` parameter and checks it against a shape.
pub(super) fn parse(fields: Option<&str>, of: &Shape) -> Result<Vec<Selected>, ApiError> {
    match fields.map(str::trim) {
        None | Some("") => Ok(defaults(of)),
        Some(fields) => level(fields, of, 1),
    }
}

fn defaults(of: &Shape) -> Vec<Selected> {
    let known = DEFAULT.into_iter().filter(|name| of.scalars.contains(name));
    known
        .map(|name| Selected {
            name: name.to_owned(),
            inner: Vec::new(),
        })
        .collect()
}

fn level(fields: &str, of: &Shape, depth: u8) -> Result<Vec<Selected>, ApiError> {
    let mut selected = Vec::new();
    for item in split(fields)? {
        let (name, inner) = match item.split_once('{') {
            Some((name, rest)) => (name.trim(), Some(rest.strip_suffix('}').unwrap_or(rest))),
            None => (item, None),
        };
        if of.scalars.contains(&name) && inner.is_none() {
            selected.push(Selected {
                name: name.to_owned(),
                inner: Vec::new(),
            });
            continue;
        }
        let nested = of.nested.iter().find(|(nested, ..)| *nested == name);
        let Some(nested) = nested.and_then(|(_, schema, _)| shape(schema)) else {
            return Err(ApiError::invalid_fields(format!(
                "{name} is not a valid field"
            )));
        };
        let inner = match inner {
            None => defaults(nested),
            Some(_) if depth > 1 => {
                let message = format!(
                    "{name} is a second-level nested resource, its fields cannot be selected"
                );
                return Err(ApiError::invalid_fields(message));
            }
            Some(inner) => level(inner, nested, depth + 1)?,
        };
        selected.push(Selected {
            name: name.to_owned(),
            inner,
        });
    }
    Ok(selected)
}

/// Splits at the commas that stand in no braces.
fn split(fields: &str) -> Result<Vec<&str>, ApiError> {
    let unbalanced = || ApiError::invalid_fields("The braces of fields are not balanced");
    let (mut items, mut depth, mut start) = (Vec::new(), 0_i32, 0);
    for (at, c) in fields.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                items.push(fields.get(start..at).unwrap_or_default());
                start = at + 1;
            }
            _ => {}
        }
        if depth < 0 {
            return Err(unbalanced());
        }
    }
    if depth != 0 {
        return Err(unbalanced());
    }
    items.push(fields.get(start..).unwrap_or_default());
    Ok(items
        .into_iter()
        .map(str::trim)
        .filter(|item| !item.is_empty())
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(fields: &str, schema: &str) -> Result<Vec<String>, ApiError> {
        let selected = parse(Some(fields), shape(schema).unwrap())?;
        Ok(selected
            .into_iter()
            .map(|field| format!("{}{}", field.name, field.inner.len()))
            .collect())
    }

    #[test]
    fn nesting_goes_one_level_deep() {
        assert_eq!(
            names("id,client{id,name}", "Matter").unwrap(),
            ["id0", "client2"]
        );
        assert_eq!(names("matter{id,client}", "Task").unwrap(), ["matter2"]);
        assert!(names("matter{client{name}}", "Task").is_err());
    }

    #[test]
    fn unknown_fields_and_loose_braces_are_refused() {
        assert!(names("id,domain", "Contact").is_err());
        assert!(names("company{domain}", "Contact").is_err());
        assert!(names("name{id}", "Contact").is_err());
        assert!(names("company{id", "Contact").is_err());
        assert!(names("id},company{id", "Contact").is_err());
    }

    #[test]
    fn without_fields_id_and_etag_are_shown() {
        let selected = parse(None, shape("Contact").unwrap()).unwrap();
        assert_eq!(
            selected
                .iter()
                .map(|field| field.name.as_str())
                .collect::<Vec<_>>(),
            ["id", "etag"]
        );
        assert_eq!(names("company", "Contact").unwrap(), ["company2"]);
    }
}
