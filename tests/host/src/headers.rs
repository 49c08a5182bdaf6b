//! What Spin changes in a request before a component sees it.

use std::net::SocketAddr;

use http::{
    HeaderName, HeaderValue, Request, Uri,
    header::HOST,
    uri::{Authority, InvalidUri, InvalidUriParts, Scheme},
};

use crate::{allowed_hosts::chained_component, routes::RouteMatch};

/// Why a request is no request.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// Neither a `Host` header nor an authority in the URI.
    #[error("the request names no host")]
    NoHost,
    /// The `Host` header is not one.
    #[error("the Host header is malformed")]
    Host(#[from] InvalidUri),
    /// The `Host` header holds bytes that are not visible ASCII.
    #[error("the Host header is malformed")]
    HostBytes(#[from] http::header::ToStrError),
    /// The `Host` header and the URI name different hosts.
    #[error("the Host header and the URI name different hosts")]
    TwoHosts,
    /// No URI can be made of scheme, host and path.
    #[error("the request's URI is malformed")]
    Uri(#[from] InvalidUriParts),
    /// What is told about the match does not fit into a header.
    #[error("the request's path does not fit into a header")]
    Header(#[from] http::header::InvalidHeaderValue),
    /// A `:name` of the route is not a header's name.
    #[error("a segment's name does not fit into a header")]
    HeaderName(#[from] http::header::InvalidHeaderName),
}

/// Drops a `Host` that would name a component: only components may.
pub fn strip_forbidden<B>(request: &mut Request<B>) {
    let forbidden = request
        .headers()
        .get(HOST)
        .and_then(|host| host.to_str().ok())
        .is_some_and(|host| chained_component(host).is_some());
    if forbidden {
        request.headers_mut().remove(HOST);
    }
}

/// Makes the URI absolute, by the `Host` header where it has no authority.
pub fn set_uri<B>(request: &mut Request<B>, scheme: Scheme) -> Result<(), RequestError> {
    let from_header: Option<Authority> = match request.headers().get(HOST) {
        Some(host) => Some(host.to_str()?.parse()?),
        None => None,
    };
    let mut parts = request.uri().clone().into_parts();
    let authority = match (from_header, parts.authority) {
        (Some(header), Some(uri)) if header != uri => return Err(RequestError::TwoHosts),
        (Some(authority), _) | (None, Some(authority)) => authority,
        (None, None) => return Err(RequestError::NoHost),
    };
    parts.scheme = Some(scheme);
    parts.authority = Some(authority);
    *request.uri_mut() = Uri::from_parts(parts)?;
    Ok(())
}

/// Adds Spin's own headers. As in Spin they come after the client's, who can send them too: a
/// component must not trust the first of several.
pub fn add_spin_headers<B>(
    request: &mut Request<B>,
    route: &RouteMatch,
    client: SocketAddr,
) -> Result<(), RequestError> {
    let host = match request.headers().get(HOST) {
        Some(host) => host.to_str()?.to_owned(),
        None => "localhost".to_owned(),
    };
    let uri = request.uri();
    let full_url = format!(
        "{}://{host}{}",
        uri.scheme_str().unwrap_or("http"),
        uri.path_and_query().map_or("/", |path| path.as_str())
    );
    let client = client.to_string();
    let headers = request.headers_mut();
    for (name, value) in [
        ("spin-path-info", route.path_info.as_str()),
        ("spin-full-url", &full_url),
        ("spin-matched-route", &route.based_route),
        ("spin-base-path", "/"),
        ("spin-raw-component-route", &route.raw_route),
        ("spin-component-route", route.route_or_prefix()),
        ("spin-client-addr", &client),
    ] {
        let value = HeaderValue::from_bytes(value.as_bytes())?;
        headers.append(HeaderName::from_static(name), value);
    }
    for (name, value) in &route.captures {
        let name = format!("spin-path-match-{}", name.to_ascii_lowercase()).replace('_', "-");
        headers.append(HeaderName::try_from(name)?, HeaderValue::from_str(value)?);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(uri: &str, host: Option<&str>) -> Request<()> {
        let mut builder = Request::builder().uri(uri);
        if let Some(host) = host {
            builder = builder.header(HOST, host);
        }
        builder.body(()).unwrap()
    }

    #[test]
    fn the_uri_becomes_absolute() {
        for (uri, host) in [
            ("/x?y", Some("example.com:3000")),
            ("http://example.com:3000/x?y", None),
            ("http://example.com:3000/x?y", Some("example.com:3000")),
        ] {
            let mut request = request(uri, host);
            set_uri(&mut request, Scheme::HTTP).unwrap();
            assert_eq!(request.uri(), "http://example.com:3000/x?y");
        }
    }

    #[test]
    fn a_request_must_name_one_host() {
        let set = |uri, host| set_uri(&mut request(uri, host), Scheme::HTTP);
        assert!(matches!(set("/x", None), Err(RequestError::NoHost)));
        assert!(matches!(
            set("http://a.example/", Some("b.example")),
            Err(RequestError::TwoHosts)
        ));
        assert!(matches!(set("/x", Some("a b")), Err(RequestError::Host(_))));
    }

    #[test]
    fn the_client_cannot_claim_to_be_a_component() {
        let mut chained = request("/x", Some("a.spin.internal:80"));
        strip_forbidden(&mut chained);
        assert!(chained.headers().is_empty());
        let mut other = request("/x", Some("example.com"));
        strip_forbidden(&mut other);
        assert_eq!(other.headers().len(), 1);
    }

    #[test]
    fn the_match_is_told_in_headers() {
        let mut request = request("http://example.com/a/7/x?y=z", Some("example.com"));
        let route = RouteMatch {
            component: "a".into(),
            raw_route: "/a/:account_id/...".into(),
            based_route: "/a/:account_id/...".into(),
            path_info: "/x".into(),
            captures: vec![("account_id".into(), "7".into())],
        };
        let client = SocketAddr::from(([127, 0, 0, 1], 4711));
        add_spin_headers(&mut request, &route, client).unwrap();
        for (name, value) in [
            ("spin-path-info", "/x"),
            ("spin-full-url", "http://example.com/a/7/x?y=z"),
            ("spin-matched-route", "/a/:account_id/..."),
            ("spin-base-path", "/"),
            ("spin-raw-component-route", "/a/:account_id/..."),
            ("spin-component-route", "/a/:account_id"),
            ("spin-client-addr", "127.0.0.1:4711"),
            ("spin-path-match-account-id", "7"),
        ] {
            assert_eq!(request.headers()[name], value, "{name}");
        }
    }
}
