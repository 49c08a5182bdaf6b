//! Where browsers are sent: known places alone, so that no link of ours leads astray.

use crate::config;
use crate::ports::Ports;
use crate::surface::cors::is_hubspot_app_host;
use crate::surface::{Fields, Problem};

/// Scheme and host of HubSpot's pages for a portal: its own region's, unless the deployment names another place.
pub fn hubspot_pages<P: Ports>(ports: &P, ui_domain: &str) -> Result<String, Problem> {
    let configured = config::hubspot_app_url(ports)?;
    if configured == config::HUBSPOT_APP_URL && is_hubspot_app_host(ui_domain) {
        return Ok(format!("https://{ui_domain}"));
    }
    Ok(configured)
}

/// Where the admin goes on after installing: the app's settings in HubSpot, or our own page where no app id is
/// configured.
pub fn onboarding<P: Ports>(ports: &P, portal: i64, ui_domain: &str) -> Result<String, Problem> {
    let app = ports
        .variable("hubspot_app_id")
        .filter(|id| id.expose().bytes().all(|byte| byte.is_ascii_digit()));
    let Some(app) = app else {
        return Ok(format!("{}/account", config::public_url(ports)?));
    };
    let pages = hubspot_pages(ports, ui_domain)?;
    Ok(format!(
        "{pages}/integrations-settings/{portal}/installed/framework/{}/general-settings",
        app.expose()
    ))
}

/// The page of HubSpot's that a request asks to return to in the end: `return_to`, or `returnUrl` as HubSpot's
/// marketplace calls it. Any other place is refused.
pub fn return_to<P: Ports>(ports: &P, fields: &Fields) -> Result<Option<String>, Problem> {
    let wanted = fields.get("return_to").or_else(|| fields.get("returnUrl"));
    let Some(wanted) = wanted.filter(|wanted| !wanted.is_empty()) else {
        return Ok(None);
    };
    if is_known(wanted, &config::hubspot_app_url(ports)?) {
        return Ok(Some(wanted.to_owned()));
    }
    Err(Problem::new(
        400,
        "return_unknown",
        "The link names a place to return to that is not HubSpot.",
    )
    .action("Open 300Sync from HubSpot again."))
}

/// Whether a URL is one of HubSpot's pages. `configured` is scheme and host of those in this deployment.
fn is_known(url: &str, configured: &str) -> bool {
    let plain = url.len() <= 2_000
        && url
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if !plain {
        return false;
    }
    let at = url
        .find("://")
        .and_then(|scheme| Some(scheme + 3 + url.get(scheme + 3..)?.find(['/', '?', '#'])?));
    let origin = at.and_then(|at| url.get(..at)).unwrap_or(url);
    origin == configured
        || origin
            .strip_prefix("https://")
            .is_some_and(is_hubspot_app_host)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Open redirects: what only looks like HubSpot is not.
    #[test]
    fn only_hubspots_pages_are_returned_to() {
        for known in [
            "https://app.hubspot.com",
            "https://app.hubspot.com/x?y=https://evil.example",
            "https://app-eu1.hubspot.com/settings/1#a",
            "http://127.0.0.1:4000/settings",
        ] {
            assert!(is_known(known, "http://127.0.0.1:4000"), "{known}");
        }
        for unknown in [
            "//app.hubspot.com",
            "/account",
            "http://app.hubspot.com/",
            "https://app.hubspot.com.evil.example/",
            "https://app.hubspot.com@evil.example/",
            "https://app.hubspot.com:443@evil.example/",
            "https://evil.example/app.hubspot.com",
            "https://evil.example?https://app.hubspot.com",
            "https://evil.example#https://app.hubspot.com/",
            "https://app.hubspot.com\\@evil.example/",
            "https:app.hubspot.com",
            "javascript:alert(1)//https://app.hubspot.com/",
            "https://app.hubspot.com/\r\nset-cookie: a=b",
            "http://127.0.0.1:4000.evil.example/",
            "http://127.0.0.1:40001/",
            "",
        ] {
            assert!(!is_known(unknown, "http://127.0.0.1:4000"), "{unknown}");
        }
    }
}
