//! Which fields of a record are asked for, as Clio writes it: `id,company{id,name}`.

use crate::path::{Selector, SourcePath};

/// A tree of fields, in the order declared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    fields: Vec<Field>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Field {
    name: String,
    inner: Selection,
}

/// Why a text selects no fields.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SelectionError {
    /// Not of the form `name` or `name{a,b}`.
    #[error("`{0}` is not of the form `name` or `name{{a,b}}`")]
    Malformed(String),
    /// The same field twice.
    #[error("`{0}` is selected twice")]
    Duplicate(String),
}

impl Selection {
    /// Reads declared fields, each `name` or `name{a,b}`: providers select one level below the first.
    ///
    /// # Errors
    /// Where one is malformed or declared twice.
    pub fn parse<S: AsRef<str>>(declared: &[S]) -> Result<Self, SelectionError> {
        let mut selection = Self::default();
        for text in declared {
            let text = text.as_ref();
            let malformed = || SelectionError::Malformed(text.to_owned());
            let (name, inner) = match text.split_once('{') {
                None => (text, Self::default()),
                Some((name, rest)) => {
                    let list = rest.strip_suffix('}').ok_or_else(malformed)?;
                    let mut inner = Self::default();
                    for leaf in list.split(',') {
                        inner.push(text, leaf, Self::default())?;
                    }
                    (name, inner)
                }
            };
            selection.push(text, name, inner)?;
        }
        Ok(selection)
    }

    fn push(&mut self, whole: &str, name: &str, inner: Self) -> Result<(), SelectionError> {
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
            return Err(SelectionError::Malformed(whole.to_owned()));
        }
        if self.field(name).is_some() {
            return Err(SelectionError::Duplicate(name.to_owned()));
        }
        self.fields.push(Field {
            name: name.to_owned(),
            inner,
        });
        Ok(())
    }

    fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|f| f.name == name)
    }

    /// The paths of all selected values, in the order declared.
    #[must_use]
    pub fn leaves(&self) -> Vec<String> {
        let mut leaves = Vec::new();
        for field in &self.fields {
            if field.inner.fields.is_empty() {
                leaves.push(field.name.clone());
            }
            for inner in field.inner.leaves() {
                leaves.push(format!("{}.{inner}", field.name));
            }
        }
        leaves
    }

    /// Whether a path leads to a selected field.
    #[must_use]
    pub fn holds(&self, path: &SourcePath) -> bool {
        let mut level = self;
        for segment in path.segments() {
            let Some(field) = level.field(&segment.key) else {
                return false;
            };
            if let Some(Selector { key, .. }) = &segment.element
                && field.inner.field(key).is_none()
            {
                return false;
            }
            level = &field.inner;
        }
        // A bare name of an object answers its id alone: no path may end on one.
        level.fields.is_empty()
    }

    /// Adds what a path needs.
    pub fn include(&mut self, path: &SourcePath) {
        let mut level = self;
        for segment in path.segments() {
            let field = level.ensure(&segment.key);
            if let Some(Selector { key, .. }) = &segment.element {
                field.inner.ensure(key);
            }
            level = &mut field.inner;
        }
    }

    fn ensure(&mut self, name: &str) -> &mut Field {
        let index = self
            .fields
            .iter()
            .position(|f| f.name == name)
            .unwrap_or_else(|| {
                self.fields.push(Field {
                    name: name.to_owned(),
                    inner: Self::default(),
                });
                self.fields.len() - 1
            });
        #[expect(clippy::indexing_slicing, reason = "found or pushed right above")]
        &mut self.fields[index]
    }

    /// The value of the provider's `fields` parameter.
    #[must_use]
    pub fn render(&self) -> String {
        let mut text = String::new();
        self.write(&mut text);
        text
    }

    fn write(&self, text: &mut String) {
        for (index, field) in self.fields.iter().enumerate() {
            if index > 0 {
                text.push(',');
            }
            text.push_str(&field.name);
            if !field.inner.fields.is_empty() {
                text.push('{');
                field.inner.write(text);
                text.push('}');
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> SourcePath {
        SourcePath::parse(text).unwrap()
    }

    #[test]
    fn holds_leaves_only() {
        let selection = Selection::parse(&["id", "company{id,name}", "emails{address,primary}"]);
        let selection = selection.unwrap();
        for held in ["id", "company.name", "emails[primary].address"] {
            assert!(selection.holds(&path(held)), "{held}");
        }
        for other in [
            "company",
            "company.url",
            "id.x",
            "emails[main].address",
            "name",
        ] {
            assert!(!selection.holds(&path(other)), "{other}");
        }
    }

    #[test]
    fn leaves_are_paths_in_order() {
        let selection = Selection::parse(&["id", "company{id,name}", "title"]).unwrap();
        assert_eq!(
            selection.leaves(),
            ["id", "company.id", "company.name", "title"]
        );
        assert!(
            selection
                .leaves()
                .iter()
                .all(|leaf| selection.holds(&path(leaf)))
        );
    }

    #[test]
    fn includes_what_a_path_needs_once() {
        let mut selection = Selection::parse(&["id", "company{id}"]).unwrap();
        for extra in [
            "company.name",
            "values[field=X].value",
            "company.name",
            "title",
        ] {
            selection.include(&path(extra));
        }
        assert_eq!(
            selection.render(),
            "id,company{id,name},values{field,value},title"
        );
    }

    #[test]
    fn refuses_malformed_fields() {
        for text in ["", "a b", "a{", "a{}", "a{b{c}}", "a{b},c"] {
            assert!(Selection::parse(&[text]).is_err(), "{text}");
        }
        assert_eq!(
            Selection::parse(&["a", "a{b}"]),
            Err(SelectionError::Duplicate("a".to_owned()))
        );
    }
}
