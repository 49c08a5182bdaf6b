//! Queries and form bodies: `name=value&…`, percent-encoded (WHATWG URL, `application/x-www-form-urlencoded`).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// RFC 3986's unreserved characters stay.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// What is between `=` and `&` decodes to bytes that are not UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a parameter is not UTF-8")]
pub struct BadEncoding;

/// The parameters of a query or a form, in order.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Fields(Vec<(String, String)>);

impl std::fmt::Debug for Fields {
    /// Names alone: values may be codes and passwords.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list()
            .entries(self.0.iter().map(|(name, _)| name))
            .finish()
    }
}

impl Fields {
    /// Decodes. Unlike a browser, bytes that are not UTF-8 are refused and not replaced.
    pub fn parse(text: &str) -> Result<Self, BadEncoding> {
        let decode = |part: &str| {
            let spaced = part.replace('+', " ");
            percent_decode_str(&spaced)
                .decode_utf8()
                .map(std::borrow::Cow::into_owned)
                .map_err(|_| BadEncoding)
        };
        text.split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                Ok((decode(name)?, decode(value)?))
            })
            .collect::<Result<Vec<_>, _>>()
            .map(Self)
    }

    /// From names and values.
    pub fn from_pairs(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }

    /// The value of a parameter that stands there exactly once. Of doubled ones neither counts: two readers could take
    /// different ones.
    pub fn get(&self, name: &str) -> Option<&str> {
        let mut values = self
            .0
            .iter()
            .filter(|(known, _)| known == name)
            .map(|(_, value)| value.as_str());
        let first = values.next();
        match values.next() {
            None => first,
            Some(_) => None,
        }
    }

    /// All names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// Percent-encodes a value for a query or form: all but unreserved characters.
pub fn encode(value: &str) -> String {
    utf8_percent_encode(value, RESERVED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_query_is_decoded() {
        let fields = Fields::parse("a=1&b=x%20y+z&c&d=%26%3D&=").unwrap();
        assert_eq!(fields.get("a"), Some("1"));
        assert_eq!(fields.get("b"), Some("x y z"));
        assert_eq!(fields.get("c"), Some(""));
        assert_eq!(fields.get("d"), Some("&="));
        assert_eq!(fields.get("e"), None);
    }

    #[test]
    fn a_doubled_parameter_has_no_value() {
        assert_eq!(Fields::parse("a=1&a=2").unwrap().get("a"), None);
        assert_eq!(Fields::parse("a=1&%61=1").unwrap().get("a"), None);
    }

    #[test]
    fn bytes_that_are_not_utf_8_are_refused() {
        assert_eq!(Fields::parse("a=%FF"), Err(BadEncoding));
    }

    #[test]
    fn debug_shows_no_values() {
        let fields = Fields::parse("code=s3cret").unwrap();
        assert_eq!(format!("{fields:?}"), r#"["code"]"#);
    }

    proptest! {
        #[test]
        fn what_is_encoded_decodes_to_itself(name in "\\PC{1,20}", value in "\\PC*") {
            let fields = Fields::parse(&format!("{}={}", encode(&name), encode(&value))).unwrap();
            prop_assert_eq!(fields.get(&name), Some(value.as_str()));
        }
    }
}
