//! Domains, by the public suffix list (compiled in by the `psl` crate: as old as the build).

use std::borrow::Cow;

use idna::AsciiDenyList;
use idna::uts46::{DnsLength, Hyphens, Uts46};

use super::ValueError;

/// The registrable domain of a URL, a host, or an address's part behind the `@`.
pub(super) fn registrable(value: &str) -> Result<String, ValueError> {
    let host = to_ascii(host(value)).ok_or(ValueError::Domain)?;
    // The list's last rule makes a suffix of any last label, so that new and private ones count; what ends in a
    // number is an address (WHATWG URL, "ends in a number").
    let domain = psl::domain(host.as_bytes())
        .filter(|_| !ends_in_a_number(&host))
        .ok_or(ValueError::Domain)?;
    String::from_utf8(domain.as_bytes().to_vec()).map_err(|_| ValueError::Domain)
}

fn ends_in_a_number(host: &str) -> bool {
    let last = host.rsplit('.').next().unwrap_or_default();
    last.bytes().all(|byte| byte.is_ascii_digit())
}

/// The host within what people type into a web site field.
fn host(value: &str) -> &str {
    let rest = match value.find("://") {
        Some(at) => value.get(at + 3..).unwrap_or_default(),
        None => value.trim_start_matches('/'),
    };
    let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    let authority = rest.get(..end).unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    host.trim().trim_end_matches('.')
}

/// A domain name in ASCII and lower case, as DNS knows it.
pub(super) fn to_ascii(domain: &str) -> Option<Cow<'_, str>> {
    Uts46::new()
        .to_ascii(
            domain.as_bytes(),
            AsciiDenyList::STD3,
            Hyphens::CheckFirstLast,
            DnsLength::Verify,
        )
        .ok()
}
