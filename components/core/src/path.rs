//! Source paths: `last_name`, `primary_address.city`, `email_addresses[primary].address`,
//! `custom_field_values[field_name=Referred by].value`.

use std::fmt;

/// A path into a provider's record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourcePath {
    segments: Vec<Segment>,
}

/// One step of a [`SourcePath`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// Key of an object.
    pub key: String,
    /// Which element, where the key holds a list.
    pub element: Option<Selector>,
}

/// Chooses the first element of a list whose `key` fulfils `test`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selector {
    /// Key of the element.
    pub key: String,
    /// What its value must be.
    pub test: Test,
}

/// See [`Selector`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// `[primary]`: JSON `true`.
    True,
    /// `[field_name=Referred by]`: this text.
    Equals(String),
}

/// Why a text is no path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// An empty path or segment.
    #[error("a segment is empty")]
    Empty,
    /// A character that no key has.
    #[error("a key may hold letters, digits and `_` only")]
    Key,
    /// `[` without `]`, or nothing between them.
    #[error("a list selector is written `[flag]` or `[key=value]`")]
    Selector,
    /// More than one `[…]`.
    #[error("only one list can be selected from")]
    Nested,
}

impl SourcePath {
    /// Reads a path.
    ///
    /// # Errors
    /// Where the text is not of the form shown in the module's description.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        let mut segments = Vec::new();
        let mut rest = text;
        loop {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            let (key, mut tail) = rest.split_at(end);
            check_key(key)?;
            let mut element = None;
            if let Some(inner) = tail.strip_prefix('[') {
                let (selector, after) = inner.split_once(']').ok_or(PathError::Selector)?;
                element = Some(parse_selector(selector)?);
                tail = after;
            }
            segments.push(Segment {
                key: key.to_owned(),
                element,
            });
            match tail.strip_prefix('.') {
                Some(next) => rest = next,
                None if tail.is_empty() => break,
                None => return Err(PathError::Selector),
            }
        }
        if segments.iter().filter(|s| s.element.is_some()).count() > 1 {
            return Err(PathError::Nested);
        }
        Ok(Self { segments })
    }

    /// The steps, outermost first; at least one.
    #[must_use]
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// Gives the first step the name that an alias stands for.
    pub(crate) fn resolve<'a>(&mut self, alias: impl Fn(&str) -> Option<&'a str>) {
        if let Some(first) = self.segments.first_mut()
            && let Some(name) = alias(&first.key)
        {
            name.clone_into(&mut first.key);
        }
    }
}

fn check_key(key: &str) -> Result<(), PathError> {
    if key.is_empty() {
        return Err(PathError::Empty);
    }
    if !key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
        return Err(PathError::Key);
    }
    Ok(())
}

fn parse_selector(text: &str) -> Result<Selector, PathError> {
    let (key, test) = match text.split_once('=') {
        Some((key, value)) => (key, Test::Equals(value.to_owned())),
        None => (text, Test::True),
    };
    check_key(key).map_err(|_| PathError::Selector)?;
    Ok(Selector {
        key: key.to_owned(),
        test,
    })
}

impl fmt::Display for SourcePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, segment) in self.segments.iter().enumerate() {
            if index > 0 {
                f.write_str(".")?;
            }
            f.write_str(&segment.key)?;
            match &segment.element {
                None => {}
                Some(Selector {
                    key,
                    test: Test::True,
                }) => write!(f, "[{key}]")?,
                Some(Selector {
                    key,
                    test: Test::Equals(value),
                }) => write!(f, "[{key}={value}]")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes() {
        for text in [
            "id",
            "primary_address.city",
            "email_addresses[primary].address",
            "custom_field_values[field_name=Referred by (old)].value",
            "a.b.c",
        ] {
            assert_eq!(SourcePath::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn refuses_what_is_no_path() {
        for (text, error) in [
            ("", PathError::Empty),
            ("a..b", PathError::Empty),
            (".a", PathError::Empty),
            ("a.", PathError::Empty),
            ("a b", PathError::Key),
            ("a[primary", PathError::Selector),
            ("a[]", PathError::Selector),
            ("a[x]b", PathError::Selector),
            ("a[x].b[y].c", PathError::Nested),
        ] {
            assert_eq!(SourcePath::parse(text), Err(error), "{text}");
        }
    }
}
