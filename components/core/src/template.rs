//! Texts with names in braces: `{base}/nc/#/matters/{id}`, `Bearer {api_key}`.

/// A template, read.
#[derive(Debug)]
pub(crate) struct Template<'a> {
    parts: Vec<Part<'a>>,
}

/// A piece of a template.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Part<'a> {
    Text(&'a str),
    Name(&'a str),
}

impl<'a> Template<'a> {
    /// None where a brace stands alone.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, tail)) = rest.split_once('{') {
            let (name, after) = tail.split_once('}')?;
            parts.push(Part::Text(before));
            parts.push(Part::Name(name));
            rest = after;
        }
        parts.push(Part::Text(rest));
        let closed = |part: &Part<'_>| !matches!(part, Part::Text(t) if t.contains('}'));
        parts.iter().all(closed).then_some(Self { parts })
    }

    /// The names in braces.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'a str> {
        self.parts.iter().filter_map(|part| match *part {
            Part::Name(name) => Some(name),
            Part::Text(_) => None,
        })
    }

    pub(crate) fn parts(&self) -> &[Part<'a>] {
        &self.parts
    }

    /// The text with every name replaced; none where a name has no value.
    pub(crate) fn fill(&self, mut value: impl FnMut(&str) -> Option<String>) -> Option<String> {
        let mut filled = String::new();
        for part in &self.parts {
            match *part {
                Part::Text(text) => filled.push_str(text),
                Part::Name(name) => filled.push_str(&value(name)?),
            }
        }
        Some(filled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_read_and_filled() {
        let template = Template::parse("ODFHIR {app_secret}/{customer_key}").unwrap();
        assert_eq!(
            template.names().collect::<Vec<_>>(),
            ["app_secret", "customer_key"]
        );
        assert_eq!(
            template.fill(|name| Some(name.to_uppercase())).as_deref(),
            Some("ODFHIR APP_SECRET/CUSTOMER_KEY")
        );
        assert_eq!(template.fill(|_| None), None);
        for text in ["{a", "a}", "}{", "{a}}"] {
            assert!(Template::parse(text).is_none(), "{text}");
        }
    }
}
