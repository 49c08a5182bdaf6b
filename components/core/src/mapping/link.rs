//! Deep links: templates with paths in braces.

use url::form_urlencoded;

use crate::template::{self, Template};

/// `{base}/nc/#/matters/{matter.id}/tasks`.
#[derive(Debug)]
pub(crate) struct LinkTemplate<'a> {
    parts: Vec<Part<'a>>,
}

/// A piece of a template.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Part<'a> {
    Text(&'a str),
    /// The connection's URL.
    Base,
    Path(&'a str),
}

impl<'a> LinkTemplate<'a> {
    /// None where a brace stands alone.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let template = Template::parse(text)?;
        let parts = template.parts().iter().map(|part| match *part {
            template::Part::Text(text) => Part::Text(text),
            template::Part::Name("base") => Part::Base,
            template::Part::Name(path) => Part::Path(path),
        });
        Some(Self {
            parts: parts.collect(),
        })
    }

    pub(crate) fn paths(&self) -> impl Iterator<Item = &'a str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Path(path) => Some(*path),
            _ => None,
        })
    }

    pub(crate) fn parts(&self) -> &[Part<'a>] {
        &self.parts
    }
}

/// Escapes what could leave its segment of a URL.
pub(super) fn push_segment(link: &mut String, value: &str) {
    if value.bytes().all(|b| b.is_ascii_alphanumeric()) {
        link.push_str(value);
    } else {
        link.extend(form_urlencoded::byte_serialize(value.as_bytes()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_its_paths() {
        let link = LinkTemplate::parse("{base}/a/{x.id}/b").unwrap();
        assert_eq!(link.paths().collect::<Vec<_>>(), ["x.id"]);
        assert!(LinkTemplate::parse("{base/a").is_none());
        assert!(LinkTemplate::parse("base}/a").is_none());
    }
}
