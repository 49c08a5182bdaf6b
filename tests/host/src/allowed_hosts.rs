//! `allowed_outbound_hosts`: which addresses a component may call.
//!
//! An entry is `scheme://host[:port]`; `*` stands for any scheme, host or port, `*.domain` for
//! any subdomain, `self` for the application itself, `start..end` for a range of ports and
//! `10.0.0.0/8` for a network. Without a port, it is the scheme's own.

use std::{net::IpAddr, ops::Range, str::FromStr};

use ipnet::IpNet;
use url::Url;

/// Name of the application itself in URLs of SDKs that need an authority.
const SELF_ALIAS: &str = "self.alt";
/// Domain of components as hosts: `http://<component>.spin.internal`.
const COMPONENT_DOMAIN: &str = "spin.internal";

/// Why an entry is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AllowedHostError {
    /// It has no scheme.
    #[error("{0:?} has no scheme: hosts are written <scheme>://<host>[:<port>]")]
    NoScheme(String),
    /// Its scheme is not alphabetic.
    #[error("scheme {0:?} may hold letters only")]
    Scheme(String),
    /// It has a path.
    #[error("{0:?} may not have a path")]
    Path(String),
    /// A `*` stands where it means nothing.
    #[error("host {0:?}: '*' may only stand for the whole host or its first label")]
    Wildcard(String),
    /// Its port is not a number, a range or `*`.
    #[error("port {0:?} is not a number, a range or '*'")]
    Port(String),
    /// It has neither a port nor a scheme with one of its own.
    #[error("{0:?} needs a port")]
    NoPort(String),
}

/// The entries of one component.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowedHosts(Vec<AllowedHost>);

impl AllowedHosts {
    /// Parses resolved entries.
    ///
    /// # Errors
    /// At the first entry that Spin would refuse.
    pub fn parse<S: AsRef<str>>(
        entries: impl IntoIterator<Item = S>,
    ) -> Result<Self, AllowedHostError> {
        entries
            .into_iter()
            .map(|entry| entry.as_ref().parse())
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Whether a request to `url` may leave.
    #[must_use]
    pub fn allows(&self, url: &Url) -> bool {
        self.0.iter().any(|entry| entry.allows(url))
    }

    /// Whether a component may call its own application.
    #[must_use]
    pub fn allows_self(&self) -> bool {
        self.0.iter().any(|entry| {
            matches!(entry.host, Host::Any | Host::Application)
                && entry
                    .scheme
                    .as_deref()
                    .is_none_or(|scheme| matches!(scheme, "http" | "https"))
        })
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct AllowedHost {
    /// None: any.
    scheme: Option<String>,
    host: Host,
    port: Port,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Host {
    Any,
    /// The application itself.
    Application,
    /// `.example.com`
    Subdomain(String),
    Network(IpNet),
    Name(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Port {
    Any,
    Range(Range<u32>),
}

impl AllowedHost {
    fn allows(&self, url: &Url) -> bool {
        let scheme = url.scheme();
        self.scheme.as_deref().is_none_or(|own| own == scheme)
            && url.host_str().is_some_and(|host| self.host.allows(host))
            && self
                .port
                .allows(url.port().or_else(|| well_known_port(scheme)))
    }
}

impl Host {
    fn allows(&self, host: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Application => false,
            Self::Subdomain(suffix) => host.ends_with(suffix),
            Self::Network(network) => host
                .trim_matches(['[', ']'])
                .parse::<IpAddr>()
                .is_ok_and(|ip| network.contains(&ip)),
            Self::Name(name) => name == host,
        }
    }
}

impl Port {
    fn allows(&self, port: Option<u16>) -> bool {
        match self {
            Self::Any => true,
            Self::Range(range) => port.is_some_and(|port| range.contains(&u32::from(port))),
        }
    }
}

impl FromStr for AllowedHost {
    type Err = AllowedHostError;

    fn from_str(entry: &str) -> Result<Self, Self::Err> {
        let entry = entry.trim();
        let (scheme, address) = entry
            .split_once("://")
            .ok_or_else(|| AllowedHostError::NoScheme(entry.to_owned()))?;
        if scheme != "*" && !scheme.chars().all(char::is_alphabetic) {
            return Err(AllowedHostError::Scheme(scheme.to_owned()));
        }
        let (host, port) = match address.rsplit_once(':') {
            // A colon within brackets belongs to an IPv6 address.
            Some((host, port)) if !port.contains(']') => (host, Some(port)),
            _ => (address, None),
        };
        Ok(Self {
            scheme: (scheme != "*").then(|| scheme.to_owned()),
            host: parse_host(host, entry)?,
            port: parse_port(port, scheme, entry)?,
        })
    }
}

fn parse_host(host: &str, entry: &str) -> Result<Host, AllowedHostError> {
    match host {
        "*" => return Ok(Host::Any),
        "self" | SELF_ALIAS => return Ok(Host::Application),
        _ => {}
    }
    let address = host.trim_matches(['[', ']']);
    if let Ok(network) = address.parse::<IpNet>() {
        return Ok(Host::Network(network));
    }
    if let Ok(ip) = address.parse::<IpAddr>() {
        return Ok(Host::Network(ip.into()));
    }
    let name = host.trim_end_matches('/');
    if name.contains('/') {
        return Err(AllowedHostError::Path(entry.to_owned()));
    }
    match name.strip_prefix('*') {
        Some(suffix) if suffix.starts_with('.') && !suffix.contains('*') => {
            Ok(Host::Subdomain(suffix.to_owned()))
        }
        _ if name.contains('*') => Err(AllowedHostError::Wildcard(host.to_owned())),
        _ => Ok(Host::Name(name.to_owned())),
    }
}

fn parse_port(port: Option<&str>, scheme: &str, entry: &str) -> Result<Port, AllowedHostError> {
    let Some(text) = port else {
        return well_known_port(scheme)
            .map(single)
            .ok_or_else(|| AllowedHostError::NoPort(entry.to_owned()));
    };
    let text = match text.split_once('/') {
        Some((port, "")) => port,
        Some(_) => return Err(AllowedHostError::Path(entry.to_owned())),
        None => text,
    };
    if text == "*" {
        return Ok(Port::Any);
    }
    let number = |text: &str| {
        text.parse::<u16>()
            .map_err(|_| AllowedHostError::Port(text.to_owned()))
    };
    match text.split_once("..") {
        Some((start, end)) => Ok(Port::Range(number(start)?.into()..number(end)?.into())),
        None => number(text).map(single),
    }
}

fn single(port: u16) -> Port {
    let port = u32::from(port);
    Port::Range(port..port + 1)
}

fn well_known_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        "postgres" => Some(5432),
        "mysql" => Some(3306),
        "redis" => Some(6379),
        "mqtt" => Some(1883),
        _ => None,
    }
}

/// The component that `host` names, where it is one of this application's.
#[must_use]
pub fn chained_component(host: &str) -> Option<&str> {
    let host = host.split_once(':').map_or(host, |(host, _)| host);
    let (component, domain) = host.trim().split_once('.')?;
    (domain == COMPONENT_DOMAIN).then_some(component)
}

/// Whether `host` is the application itself.
#[must_use]
pub fn is_self(host: &str) -> bool {
    host == SELF_ALIAS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(entry: &str, url: &str) -> bool {
        AllowedHosts::parse([entry])
            .unwrap()
            .allows(&url.parse().unwrap())
    }

    #[test]
    fn scheme_host_and_port_must_all_agree() {
        for (entry, url) in [
            ("https://api.hubapi.com", "https://api.hubapi.com/crm/v3"),
            ("https://api.hubapi.com", "https://api.hubapi.com:443/"),
            ("https://api.hubapi.com/", "https://api.hubapi.com/"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080/x?y#z"),
            ("http://localhost:8080/", "http://localhost:8080/"),
            ("http://[::1]:8080", "http://[::1]:8080/"),
            ("http://10.0.0.0/8:80", "http://10.1.2.3/"),
            ("*://example.com:*", "ftp://example.com:2121/"),
            ("https://*.clio.com", "https://eu.app.clio.com/"),
            ("https://*", "https://anything.example/"),
            ("http://localhost:8000..8010", "http://localhost:8009/"),
            ("http://a.spin.internal", "http://a.spin.internal/x"),
        ] {
            assert!(allows(entry, url), "{entry} allows {url}");
        }
        for (entry, url) in [
            ("https://api.hubapi.com", "http://api.hubapi.com/"),
            ("https://api.hubapi.com", "https://api.hubapi.com:8443/"),
            (
                "https://api.hubapi.com",
                "https://api.hubapi.com.evil.example/",
            ),
            (
                "https://api.hubapi.com",
                "https://user@evil.example/api.hubapi.com",
            ),
            ("https://*.clio.com", "https://clio.com/"),
            ("https://*.clio.com", "https://evilclio.com/"),
            ("https://*", "http://anything.example/"),
            ("http://localhost:8000..8010", "http://localhost:8010/"),
            ("http://10.0.0.0/8:80", "http://11.0.0.1/"),
            ("http://self", "http://self/"),
            ("http://a.spin.internal", "http://b.spin.internal/"),
        ] {
            assert!(!allows(entry, url), "{entry} refuses {url}");
        }
    }

    #[test]
    fn the_application_itself_needs_an_entry_of_its_own() {
        for (entry, allowed) in [
            ("http://self", true),
            ("https://self.alt", true),
            ("*://*:*", true),
            ("redis://self", false),
            ("http://localhost", false),
        ] {
            let hosts = AllowedHosts::parse([entry]).unwrap();
            assert_eq!(hosts.allows_self(), allowed, "{entry}");
        }
    }

    #[test]
    fn what_spin_refuses_is_refused() {
        use AllowedHostError as E;
        for (entry, error) in [
            ("*", E::NoScheme("*".into())),
            ("", E::NoScheme(String::new())),
            ("example.com", E::NoScheme("example.com".into())),
            ("ht1p://example.com", E::Scheme("ht1p".into())),
            (
                "https://example.com/api",
                E::Path("https://example.com/api".into()),
            ),
            (
                "https://example.com:443/api",
                E::Path("https://example.com:443/api".into()),
            ),
            ("https://a.*.com", E::Wildcard("a.*.com".into())),
            ("https://*.*.com", E::Wildcard("*.*.com".into())),
            ("https://example.com:x", E::Port("x".into())),
            ("https://example.com:70000", E::Port("70000".into())),
            ("*://example.com", E::NoPort("*://example.com".into())),
        ] {
            assert_eq!(AllowedHosts::parse([entry]), Err(error), "{entry}");
        }
    }

    #[test]
    fn components_are_hosts_of_their_own_domain() {
        assert_eq!(chained_component("core.spin.internal"), Some("core"));
        assert_eq!(chained_component("core.spin.internal:80"), Some("core"));
        assert_eq!(chained_component("spin.internal"), None);
        assert_eq!(chained_component("a.b.spin.internal"), None);
        assert_eq!(chained_component("core.spin.internal.example"), None);
    }
}
