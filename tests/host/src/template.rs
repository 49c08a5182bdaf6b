//! Spin's templates: text with `{{ name }}` expressions.

use std::fmt;

/// A parsed template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(String),
    Variable(String),
}

/// Why a template is not one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// An expression is not closed.
    #[error("unmatched '{{{{' in template")]
    Unmatched,
    /// It names a variable that `[variables]` does not declare.
    #[error("unknown variable {0:?} in template")]
    UnknownVariable(String),
}

impl Template {
    /// Parses a template.
    ///
    /// # Errors
    /// Where a `{{` has no `}}`.
    pub fn parse(mut text: &str) -> Result<Self, TemplateError> {
        let mut parts = Vec::new();
        while let Some((literal, rest)) = text.split_once("{{") {
            let (name, rest) = rest.split_once("}}").ok_or(TemplateError::Unmatched)?;
            if !literal.is_empty() {
                parts.push(Part::Literal(literal.to_owned()));
            }
            parts.push(Part::Variable(name.trim().to_owned()));
            text = rest;
        }
        if !text.is_empty() {
            parts.push(Part::Literal(text.to_owned()));
        }
        Ok(Self(parts))
    }

    /// The text with every variable replaced by what `value_of` gives for its name.
    ///
    /// # Errors
    /// Where `value_of` knows no value.
    pub fn resolve<'a>(
        &self,
        value_of: impl Fn(&str) -> Option<&'a str>,
    ) -> Result<String, TemplateError> {
        let mut text = String::new();
        for part in &self.0 {
            text.push_str(match part {
                Part::Literal(literal) => literal,
                Part::Variable(name) => {
                    value_of(name).ok_or_else(|| TemplateError::UnknownVariable(name.clone()))?
                }
            });
        }
        Ok(text)
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.0 {
            match part {
                Part::Literal(literal) => f.write_str(literal)?,
                Part::Variable(name) => write!(f, "{{{{ {name} }}}}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(text: &str) -> Result<String, TemplateError> {
        Template::parse(text)?.resolve(|name| match name {
            "host" => Some("example.com"),
            "empty" => Some(""),
            _ => None,
        })
    }

    #[test]
    fn expressions_are_replaced_wherever_they_stand() {
        for (text, expected) in [
            ("", ""),
            ("plain", "plain"),
            ("{{ host }}", "example.com"),
            ("{{host}}", "example.com"),
            ("https://{{ host }}:443/", "https://example.com:443/"),
            ("{{ empty }}{{ host }}", "example.com"),
            ("a } b }} c", "a } b }} c"),
        ] {
            assert_eq!(resolve(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn unclosed_expressions_and_unknown_names_are_errors() {
        assert_eq!(resolve("{{ host }} {{ host"), Err(TemplateError::Unmatched));
        assert_eq!(
            resolve("{{ hots }}"),
            Err(TemplateError::UnknownVariable("hots".to_owned()))
        );
    }
}
