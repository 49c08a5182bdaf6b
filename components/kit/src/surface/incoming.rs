//! A request as it came, within limits.

use serde::de::DeserializeOwned;

use super::form::Fields;
use super::problem::Problem;

/// What a request may measure, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Path and query.
    pub target: usize,
    /// Names and values of all headers.
    pub headers: usize,
    /// The body.
    pub body: usize,
}

impl Default for Limits {
    /// 8 KiB of path and query, 32 KiB of headers, 1 MiB of body (HubSpot sends no more).
    fn default() -> Self {
        Self {
            target: 8 * 1024,
            headers: 32 * 1024,
            body: 1024 * 1024,
        }
    }
}

/// Why a request is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// 414.
    #[error("The address is too long.")]
    Target,
    /// 431.
    #[error("The headers are too large.")]
    Headers,
    /// 413.
    #[error("The body is too large.")]
    Body,
    /// 400: the body ended before it was complete.
    #[error("The body did not arrive.")]
    CutOff,
}

impl Refusal {
    /// Status and code.
    pub fn status(self) -> (u16, &'static str) {
        match self {
            Self::Target => (414, "uri_too_long"),
            Self::Headers => (431, "headers_too_large"),
            Self::Body => (413, "body_too_large"),
            Self::CutOff => (400, "body_incomplete"),
        }
    }
}

/// What is there of a header that must stand once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Header<'a> {
    /// It is not there.
    Absent,
    /// It stands once, as text.
    One(&'a str),
    /// It stands more than once, or is not text: two readers could take different values.
    Unclear,
}

/// A request.
pub struct Incoming {
    /// Upper case.
    pub method: String,
    /// Path and query as received: signatures are over these very bytes.
    pub target: String,
    /// Names in lower case, and values.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The raw body.
    pub body: Vec<u8>,
    /// The id to quote when asking for help.
    pub request_id: String,
}

impl std::fmt::Debug for Incoming {
    /// Query, headers and body are left out: they hold codes, signatures and cookies.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Incoming")
            .field("method", &self.method)
            .field("path", &self.path())
            .field("request_id", &self.request_id)
            .finish_non_exhaustive()
    }
}

impl Limits {
    /// Checks what is known before the body is read.
    pub fn check_head(&self, target: &str, headers: &[(String, Vec<u8>)]) -> Result<(), Refusal> {
        if target.len() > self.target {
            return Err(Refusal::Target);
        }
        let size: usize = headers
            .iter()
            .map(|(name, value)| name.len() + value.len())
            .sum();
        if size > self.headers {
            return Err(Refusal::Headers);
        }
        let announced = headers
            .iter()
            .filter(|(name, _)| name == "content-length")
            .filter_map(|(_, value)| {
                std::str::from_utf8(value)
                    .ok()?
                    .trim()
                    .parse::<usize>()
                    .ok()
            })
            .max();
        match announced {
            Some(announced) if announced > self.body => Err(Refusal::Body),
            _ => Ok(()),
        }
    }
}

impl Incoming {
    /// The path, without the query.
    pub fn path(&self) -> &str {
        self.target
            .split_once('?')
            .map_or(self.target.as_str(), |(path, _)| path)
    }

    /// The path's segments; a path that is written in an unusual way (`//`, `.`, percent-encoded) matches no route.
    pub fn segments(&self) -> Vec<&str> {
        let path = self.path();
        path.strip_prefix('/').unwrap_or(path).split('/').collect()
    }

    /// The query's parameters.
    pub fn query(&self) -> Result<Fields, Problem> {
        let (_, query) = self.target.split_once('?').unwrap_or_default();
        Fields::parse(query)
            .map_err(|_| Problem::new(400, "bad_query", "The address is not readable."))
    }

    /// A header that must stand once, by its name in lower case.
    pub fn header(&self, name: &str) -> Header<'_> {
        let mut values = self.headers.iter().filter(|(known, _)| known == name);
        match (values.next(), values.next()) {
            (None, _) => Header::Absent,
            (Some((_, value)), None) => {
                std::str::from_utf8(value).map_or(Header::Unclear, Header::One)
            }
            (Some(_), Some(_)) => Header::Unclear,
        }
    }

    /// A header's text where it stands once.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.header(name) {
            Header::One(text) => Some(text),
            Header::Absent | Header::Unclear => None,
        }
    }

    /// A cookie's value (RFC 6265, 4.2.1); none where it stands twice.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let mut values = self
            .headers
            .iter()
            .filter(|(known, _)| known == "cookie")
            .filter_map(|(_, value)| std::str::from_utf8(value).ok())
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(known, _)| *known == name)
            .map(|(_, value)| value);
        match (values.next(), values.next()) {
            (value, None) => value,
            _ => None,
        }
    }

    /// Whether a person looks at the answer: browsers ask for HTML, programs do not.
    pub fn wants_page(&self) -> bool {
        self.text("accept")
            .is_some_and(|accept| accept.contains("text/html"))
    }

    /// The body as JSON.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        self.content_type("application/json")?;
        let text = self.body_text()?;
        // Serde's own text may quote the body.
        serde_json::from_str(text).map_err(|_| {
            Problem::new(
                400,
                "bad_json",
                "The body is not the JSON that is expected.",
            )
        })
    }

    /// The fields of a form, or of a flat JSON object of strings and numbers. A request without a body has none.
    pub fn fields(&self) -> Result<Fields, Problem> {
        if self.body.is_empty() {
            return Ok(Fields::default());
        }
        if self.media_type() == Some("application/json".to_owned()) {
            let object: std::collections::BTreeMap<String, Scalar> = self.json()?;
            let pairs = object.into_iter().map(|(name, value)| (name, value.text()));
            return Ok(Fields::from_pairs(pairs.collect()));
        }
        self.content_type("application/x-www-form-urlencoded")?;
        Fields::parse(self.body_text()?)
            .map_err(|_| Problem::new(400, "bad_form", "The form is not readable."))
    }

    fn body_text(&self) -> Result<&str, Problem> {
        std::str::from_utf8(&self.body)
            .map_err(|_| Problem::new(400, "not_utf8", "The body is not UTF-8."))
    }

    /// The media type in lower case, without parameters.
    fn media_type(&self) -> Option<String> {
        let (kind, _) = self
            .text("content-type")
            .map(|text| text.split_once(';').unwrap_or((text, "")))?;
        Some(kind.trim().to_ascii_lowercase())
    }

    fn content_type(&self, expected: &'static str) -> Result<(), Problem> {
        if self.media_type().as_deref() == Some(expected) {
            return Ok(());
        }
        Err(Problem::new(
            415,
            "unsupported_media_type",
            "The body is not of a type that is understood here.",
        ))
    }
}

/// What a flat JSON object may hold.
#[derive(serde::Deserialize)]
#[serde(untagged)]
enum Scalar {
    Text(String),
    Integer(i64),
    Bool(bool),
}

impl Scalar {
    fn text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Integer(number) => number.to_string(),
            Self::Bool(value) => value.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn incoming(headers: &[(&str, &[u8])], body: &[u8]) -> Incoming {
        Incoming {
            method: "POST".to_owned(),
            target: "/a/b?c=d&e=f%20g".to_owned(),
            headers: headers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.to_vec()))
                .collect(),
            body: body.to_vec(),
            request_id: "1".to_owned(),
        }
    }

    #[test]
    fn path_and_query_are_told_apart() {
        let request = incoming(&[], b"");
        assert_eq!(request.path(), "/a/b");
        assert_eq!(request.segments(), ["a", "b"]);
        assert_eq!(request.query().unwrap().get("e"), Some("f g"));
    }

    #[test]
    fn a_doubled_or_unreadable_header_is_unclear() {
        let request = incoming(
            &[("a", b"1"), ("b", b"1"), ("b", b"1"), ("c", b"\xff")],
            b"",
        );
        assert_eq!(request.header("a"), Header::One("1"));
        assert_eq!(request.header("b"), Header::Unclear);
        assert_eq!(request.header("c"), Header::Unclear);
        assert_eq!(request.header("d"), Header::Absent);
    }

    #[test]
    fn a_cookie_stands_once() {
        let request = incoming(&[("cookie", b"a=1; b=2; b=3"), ("cookie", b"c=4")], b"");
        assert_eq!(request.cookie("a"), Some("1"));
        assert_eq!(request.cookie("b"), None);
        assert_eq!(request.cookie("c"), Some("4"));
        assert_eq!(request.cookie("d"), None);
    }

    #[test]
    fn limits_are_held() {
        let limits = Limits {
            target: 10,
            headers: 20,
            body: 5,
        };
        let header = |name: &str, value: &str| (name.to_owned(), value.as_bytes().to_vec());
        assert_eq!(limits.check_head("/2345678901", &[]), Err(Refusal::Target));
        assert_eq!(
            limits.check_head("/", &[header("a", "01234567890123456789")]),
            Err(Refusal::Headers)
        );
        assert_eq!(
            limits.check_head("/", &[header("content-length", "6")]),
            Err(Refusal::Body)
        );
        assert_eq!(
            limits.check_head("/234567890", &[header("content-length", "5")]),
            Ok(())
        );
    }

    /// A body that is not UTF-8, not of the right type or not JSON has its own answer each.
    #[test]
    fn a_body_is_read_strictly() {
        let json = |body: &[u8]| {
            incoming(
                &[("content-type", b"application/json; charset=utf-8")],
                body,
            )
            .json::<serde_json::Value>()
            .map_err(|problem| (problem.status, problem.code))
        };
        assert!(json(b"{}").is_ok());
        assert_eq!(json(b"{"), Err((400, "bad_json")));
        assert_eq!(json(b"\"\xff\""), Err((400, "not_utf8")));
        let untyped = incoming(&[("content-type", b"text/plain")], b"{}");
        assert_eq!(untyped.json::<serde_json::Value>().unwrap_err().status, 415);
        assert_eq!(untyped.fields().unwrap_err().status, 415);
    }

    #[test]
    fn fields_come_from_forms_and_flat_json() {
        let form = incoming(
            &[("content-type", b"application/x-www-form-urlencoded")],
            b"a=1&b=x+y",
        );
        assert_eq!(form.fields().unwrap().get("b"), Some("x y"));
        let json = incoming(
            &[("content-type", b"application/json")],
            br#"{"a":1,"b":"x y"}"#,
        );
        assert_eq!(json.fields().unwrap().get("a"), Some("1"));
        let nested = incoming(&[("content-type", b"application/json")], br#"{"a":{}}"#);
        assert_eq!(nested.fields().unwrap_err().code, "bad_json");
        assert_eq!(incoming(&[], b"").fields().unwrap(), Fields::default());
    }
}
