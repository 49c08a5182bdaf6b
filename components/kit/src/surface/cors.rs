//! Cross-origin requests (Fetch, "CORS protocol"): HubSpot's own pages may read answers, no other site may (S0-88).

use super::answer::Answer;
use super::incoming::{Header, Incoming};

/// Methods and headers that a page of HubSpot's may use.
const ALLOW_METHODS: &str = "GET, POST";
const ALLOW_HEADERS: &str = "authorization, content-type";

/// Whether a host serves HubSpot's user interface: `app.hubspot.com`, and `app-eu1.hubspot.com` and the like by region.
pub fn is_hubspot_app_host(host: &str) -> bool {
    let Some(name) = host.strip_suffix(".hubspot.com") else {
        return false;
    };
    match name.strip_prefix("app") {
        Some("") => true,
        Some(region) => matches!(
            region.as_bytes(),
            [b'-', first, second, digit]
                if first.is_ascii_lowercase() && second.is_ascii_lowercase() && digit.is_ascii_digit()
        ),
        None => false,
    }
}

/// The origin that the answer may be read by.
fn allowed_origin(incoming: &Incoming) -> Option<&str> {
    let origin = incoming.text("origin")?;
    is_hubspot_app_host(origin.strip_prefix("https://")?).then_some(origin)
}

/// The answer to a preflight request; none where the request is not one.
pub fn preflight(incoming: &Incoming) -> Option<Answer> {
    if incoming.method != "OPTIONS"
        || incoming.header("origin") == Header::Absent
        || incoming.header("access-control-request-method") == Header::Absent
    {
        return None;
    }
    if allowed_origin(incoming).is_none() {
        return Some(Answer::error(
            403,
            "origin_not_allowed",
            "Pages of this origin may not call here.",
            &incoming.request_id,
        ));
    }
    let mut answer = Answer::empty(204);
    for (name, value) in [
        ("access-control-allow-methods", ALLOW_METHODS),
        ("access-control-allow-headers", ALLOW_HEADERS),
        ("access-control-max-age", "600"),
    ] {
        answer.headers.push((name.into(), value.to_owned()));
    }
    Some(answer)
}

/// Says who may read the answer. Credentials are never allowed: cookies are for our own pages.
pub fn apply(incoming: &Incoming, answer: &mut Answer) {
    answer.headers.push(("vary".into(), "Origin".to_owned()));
    if let Some(origin) = allowed_origin(incoming) {
        answer
            .headers
            .push(("access-control-allow-origin".into(), origin.to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(method: &str, origin: Option<&str>, preflight: bool) -> Incoming {
        let mut headers = Vec::new();
        if let Some(origin) = origin {
            headers.push(("origin".to_owned(), origin.as_bytes().to_vec()));
        }
        if preflight {
            headers.push(("access-control-request-method".to_owned(), b"POST".to_vec()));
        }
        Incoming {
            method: method.to_owned(),
            target: "/".to_owned(),
            headers,
            body: Vec::new(),
            request_id: "1".to_owned(),
        }
    }

    const STRANGERS: [&str; 14] = [
        "https://hubspot.com",
        "https://www.hubspot.com",
        "http://app.hubspot.com",
        "https://app.hubspot.com:8443",
        "https://app.hubspot.com.evil.example",
        "https://evil-app.hubspot.com",
        "https://app-.hubspot.com",
        "https://app-eu.hubspot.com",
        "https://app-eu12.hubspot.com",
        "https://app-EU1.hubspot.com",
        "https://x.app.hubspot.com",
        "https://apphubspot.com",
        "https://app.hubspot.com@evil.example",
        "null",
    ];

    /// S0-88: `app.hubspot.com` and its regions, over https, and nobody else.
    #[test]
    fn only_hubspots_pages_may_read() {
        for origin in [
            "https://app.hubspot.com",
            "https://app-eu1.hubspot.com",
            "https://app-na2.hubspot.com",
            "https://app-ap1.hubspot.com",
        ] {
            let mut answer = Answer::empty(204);
            apply(&asked("GET", Some(origin), false), &mut answer);
            assert_eq!(answer.header("access-control-allow-origin"), Some(origin));
            assert_eq!(answer.header("access-control-allow-credentials"), None);
            assert_eq!(
                preflight(&asked("OPTIONS", Some(origin), true))
                    .unwrap()
                    .status,
                204
            );
        }
        for origin in STRANGERS {
            let mut answer = Answer::empty(204);
            apply(&asked("GET", Some(origin), false), &mut answer);
            assert_eq!(
                answer.header("access-control-allow-origin"),
                None,
                "{origin}"
            );
            assert_eq!(answer.header("vary"), Some("Origin"));
            let refused = preflight(&asked("OPTIONS", Some(origin), true)).unwrap();
            assert_eq!(refused.status, 403, "{origin}");
            assert_eq!(refused.header("access-control-allow-methods"), None);
        }
    }

    #[test]
    fn what_is_no_preflight_goes_on() {
        let origin = Some("https://app.hubspot.com");
        assert!(preflight(&asked("GET", origin, true)).is_none());
        assert!(preflight(&asked("OPTIONS", origin, false)).is_none());
        assert!(preflight(&asked("OPTIONS", None, true)).is_none());
    }
}
