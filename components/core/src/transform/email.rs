//! E-mail addresses.

use email_address::{EmailAddress, Options};
use icu_normalizer::ComposingNormalizerBorrowed;

use super::ValueError;

const NFKC: ComposingNormalizerBorrowed<'static> = ComposingNormalizerBorrowed::new_nfkc();

/// NFKC, lower case, domain in ASCII. HubSpot stores addresses lower-cased and refuses those that
/// are not plain ASCII `local@domain.tld`.
pub(super) fn normalise(value: &str) -> Result<String, ValueError> {
    let lower = if value.is_ascii() {
        value.to_ascii_lowercase()
    } else {
        NFKC.normalize(value).to_lowercase()
    };
    let (local, domain) = split(&lower).ok_or(ValueError::Email)?;
    let domain = super::domain::to_ascii(domain).ok_or(ValueError::Email)?;
    let address = format!("{local}@{domain}");
    let options = Options::default()
        .with_required_tld()
        .without_domain_literal()
        .without_display_text();
    let quoted = local.starts_with('"');
    if quoted || !address.is_ascii() || EmailAddress::parse_with_options(&address, options).is_err()
    {
        return Err(ValueError::Email);
    }
    Ok(address)
}

/// Local part and domain.
pub(crate) fn split(address: &str) -> Option<(&str, &str)> {
    address
        .rsplit_once('@')
        .filter(|(local, domain)| !local.is_empty() && !domain.is_empty())
}
