//! An answer of ours, with the headers that its kind needs (S0-89, S1-38, DX-11).

use std::borrow::Cow;

use serde::Serialize;
use serde_json::json;

/// Headers of every answer that is no page: nothing may frame it, and it may run and load nothing.
pub const SECURITY_HEADERS: [(&str, &str); 7] = [
    (
        "strict-transport-security",
        "max-age=63072000; includeSubDomains",
    ),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    (
        "permissions-policy",
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
    (
        "content-security-policy",
        "default-src 'none'; frame-ancestors 'none'",
    ),
    ("cache-control", "no-store"),
];

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// Names in lower case, and values.
    pub headers: Vec<(Cow<'static, str>, String)>,
    /// Text.
    pub body: String,
}

impl Answer {
    /// Without a body.
    pub fn empty(status: u16) -> Self {
        Self {
            status,
            headers: SECURITY_HEADERS
                .iter()
                .map(|(name, value)| (Cow::Borrowed(*name), (*value).to_owned()))
                .collect(),
            body: String::new(),
        }
    }

    /// A JSON answer.
    pub fn json(status: u16, body: &impl Serialize) -> Self {
        let mut answer = Self::empty(status);
        answer
            .headers
            .push(("content-type".into(), "application/json".to_owned()));
        match serde_json::to_string(body) {
            Ok(body) => answer.body = body,
            Err(_) => {
                answer.status = 500;
                answer.body =
                    r#"{"error":{"code":"internal","message":"The answer could not be written."}}"#
                        .to_owned();
            }
        }
        answer
    }

    /// Text to be saved as a file, e.g. `text/csv; charset=utf-8`. The name must be plain ASCII without quotes.
    pub fn file(content_type: &'static str, name: &str, body: String) -> Self {
        let mut answer = Self::empty(200);
        answer.body = body;
        answer
            .headers
            .push(("content-type".into(), content_type.to_owned()));
        answer.headers.push((
            "content-disposition".into(),
            format!("attachment; filename=\"{name}\""),
        ));
        answer
    }

    /// Sends a browser on by a `GET` (303). The caller has made sure of the place.
    pub fn redirect(location: String) -> Self {
        let mut answer = Self::empty(303);
        answer.headers.push(("location".into(), location));
        answer
    }

    /// An error: `{"error":{"code","message","request_id"}}`.
    pub fn error(status: u16, code: &str, message: &str, request_id: &str) -> Self {
        Self::json(
            status,
            &json!({ "error": { "code": code, "message": message, "request_id": request_id } }),
        )
    }

    /// The only methods that a route knows.
    pub fn method_not_allowed(allow: &str, request_id: &str) -> Self {
        let mut answer = Self::error(
            405,
            "method_not_allowed",
            &format!("Only {allow} is allowed here."),
            request_id,
        );
        answer.headers.push(("allow".into(), allow.to_owned()));
        answer
    }

    /// The first value of a header, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value.as_str())
    }

    /// Sets a header that stands once.
    pub fn set_header(&mut self, name: &'static str, value: String) {
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name.into(), value));
    }

    /// Adds a cookie.
    #[must_use]
    pub fn with_cookie(mut self, cookie: String) -> Self {
        self.headers.push(("set-cookie".into(), cookie));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// S0-89, S1-38: the header set is on errors, files and redirects too.
    #[test]
    fn every_answer_carries_the_security_headers() {
        for answer in [
            Answer::json(200, &json!({})),
            Answer::method_not_allowed("POST", "1"),
            Answer::redirect("https://app.hubspot.com".to_owned()),
            Answer::file("text/csv", "a.csv", String::new()),
        ] {
            for (name, value) in SECURITY_HEADERS {
                assert_eq!(answer.header(name), Some(value), "{name}");
            }
        }
    }
}
