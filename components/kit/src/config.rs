//! What the deployment configures, by Spin variables. What is missing and needed is a refusal, never a default.

use crate::core::catalog;
use crate::error::{Error, Result};
use crate::oauth::Client;
use crate::ports::Variables;

/// Limits of one tick.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TickLimits {
    /// Milliseconds after which no new step begins.
    pub millis: i64,
    /// Milliseconds a connection may work at a stretch while others wait.
    pub slice_millis: i64,
    /// Milliseconds after which no call is made any more; below the host's own limit.
    pub hard_millis: i64,
    /// Outbound calls.
    pub calls: u32,
}

impl TickLimits {
    /// From `tick_seconds` (1 to 25), `slice_seconds` and `tick_calls`.
    pub fn from_variables(variables: &impl Variables) -> Result<Self> {
        let tick = number(variables, "tick_seconds", 20, 1..=25)?;
        let slice = number(variables, "slice_seconds", 8, 1..=25)?;
        let calls = number(variables, "tick_calls", 400, 20..=100_000)?;
        Ok(Self {
            millis: tick * 1_000,
            slice_millis: slice.min(tick) * 1_000,
            hard_millis: 27_000,
            calls: u32::try_from(calls).unwrap_or(u32::MAX),
        })
    }
}

/// Calls that HubSpot takes of a portal within any ten seconds: `hubspot_limit`, 110 for apps that are installed by OAuth.
pub fn hubspot_limit(variables: &impl Variables) -> Result<i64> {
    number(variables, "hubspot_limit", 110, 11..=1_000_000)
}

fn number(
    variables: &impl Variables,
    name: &str,
    default: i64,
    range: std::ops::RangeInclusive<i64>,
) -> Result<i64> {
    let Some(value) = variables.variable(name) else {
        return Ok(default);
    };
    value
        .expose()
        .trim()
        .parse()
        .ok()
        .filter(|value| range.contains(value))
        .ok_or_else(|| {
            Error::Config(format!(
                "{name} must be a whole number from {} to {}",
                range.start(),
                range.end()
            ))
        })
}

/// Scheme and host of HubSpot's API: `hubspot_api_url`.
pub fn hubspot_url(variables: &impl Variables) -> Result<String> {
    url(variables, "hubspot_api_url")?
        .ok_or_else(|| Error::Config("hubspot_api_url is not set".to_owned()))
}

/// Scheme and host of a provider in a region: `<connector>_url_<region>`, else as the connector declares it.
pub fn provider_url(
    variables: &impl Variables,
    connector: &catalog::Connector,
    region: &str,
) -> Result<String> {
    let declared = connector
        .regions
        .iter()
        .find(|known| known.id == region)
        .ok_or_else(|| Error::Config(format!("{} has no region {region}", connector.id)))?;
    let configured = url(variables, &format!("{}_url_{region}", connector.id))?;
    Ok(configured.unwrap_or_else(|| declared.url.clone()))
}

/// Scheme and host under which HubSpot and browsers reach us: `public_url`. What is signed and where browsers return
/// depends on it, so it is never taken from a request. Plain http is for one's own machine alone.
pub fn public_url(variables: &impl Variables) -> Result<String> {
    let value = url(variables, "public_url")?
        .ok_or_else(|| Error::Config("public_url is not set".to_owned()))?;
    let own = |host: &str| matches!(host, "localhost" | "127.0.0.1" | "[::1]");
    let secure = value.starts_with("https://")
        || value
            .parse::<http::Uri>()
            .ok()
            .and_then(|uri| uri.host().map(own))
            .unwrap_or(false);
    match secure {
        true => Ok(value),
        false => Err(Error::Config("public_url must be https".to_owned())),
    }
}

/// Scheme and host of HubSpot's pages: `hubspot_app_url`.
pub fn hubspot_app_url(variables: &impl Variables) -> Result<String> {
    Ok(url(variables, "hubspot_app_url")?.unwrap_or_else(|| HUBSPOT_APP_URL.to_owned()))
}

/// Whether portals pay: `billing` is `stripe`, and what a portal may do depends on its subscription; or `off`, and every
/// portal may do everything.
///
/// # Errors
/// Where it is neither, and where it cannot be read: a portal that pays may then do as little as one that does not.
pub fn billing(variables: &impl Variables) -> Result<bool> {
    match variables.certain("billing")? {
        None => Ok(false),
        Some(value) => match value.expose() {
            "off" => Ok(false),
            "stripe" => Ok(true),
            _ => Err(Error::Config("billing must be off or stripe".to_owned())),
        },
    }
}

/// Scheme and host of Stripe's API: `stripe_api_url`.
pub fn stripe_url(variables: &impl Variables) -> Result<String> {
    url(variables, "stripe_api_url")?
        .ok_or_else(|| Error::Config("stripe_api_url is not set".to_owned()))
}

/// HubSpot's pages for any region.
pub const HUBSPOT_APP_URL: &str = "https://app.hubspot.com";

/// Our app at HubSpot (`hubspot`) or at a provider (its connector's id): `<name>_client_id` and `<name>_client_secret`;
/// none where neither is set.
pub fn client(variables: &impl Variables, name: &str) -> Result<Option<Client>> {
    let id = variables.variable(&[name, "_client_id"].concat());
    let secret = variables.variable(&[name, "_client_secret"].concat());
    match (id, secret) {
        (Some(id), Some(secret)) => Ok(Some(Client {
            id: id.expose().to_owned(),
            secret,
        })),
        (None, None) => Ok(None),
        _ => Err(Error::Config(
            [
                name,
                "_client_id and ",
                name,
                "_client_secret belong together",
            ]
            .concat(),
        )),
    }
}

fn url(variables: &impl Variables, name: &str) -> Result<Option<String>> {
    let Some(value) = variables.variable(name) else {
        return Ok(None);
    };
    let value = value.expose().trim().trim_end_matches('/').to_owned();
    match value.parse::<http::Uri>() {
        Ok(uri)
            if matches!(uri.scheme_str(), Some("https" | "http"))
                && uri.path() == "/"
                && uri.query().is_none() =>
        {
            Ok(Some(value))
        }
        _ => Err(Error::Config(format!(
            "{name} must be a scheme and host, e.g. https://api.example.com"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Class;
    use crate::ports::VariablesError;
    use crate::secret::Secret;

    struct Given(&'static str, &'static str);
    impl Variables for Given {
        fn variable(&self, name: &str) -> Option<Secret> {
            (name == self.0).then(|| Secret::new(self.1))
        }
    }

    struct Silent;
    impl Variables for Silent {
        fn variable(&self, _: &str) -> Option<Secret> {
            None
        }

        fn certain(&self, _: &str) -> Result<Option<Secret>, VariablesError> {
            Err(VariablesError)
        }
    }

    /// S1-18: what cannot be read is not `off`: whoever asks what a portal may do is told to come again.
    #[test]
    fn billing_that_cannot_be_read_is_not_off() {
        assert!(!billing(&Given("", "")).unwrap());
        assert!(billing(&Given("billing", "stripe")).unwrap());
        let error = billing(&Silent).unwrap_err();
        assert_eq!(error.class(), Class::Transient);
        assert_eq!(error.code(), "variables_unavailable");
        assert_eq!(crate::surface::Problem::from(error).status, 503);
    }

    #[test]
    fn limits_out_of_range_are_refused() {
        assert!(TickLimits::from_variables(&Given("", "")).is_ok());
        for (name, value) in [
            ("tick_seconds", "0"),
            ("tick_seconds", "60"),
            ("tick_calls", "many"),
            ("slice_seconds", "-1"),
        ] {
            assert!(
                TickLimits::from_variables(&Given(name, value)).is_err(),
                "{name}={value}"
            );
        }
    }

    #[test]
    fn a_url_is_scheme_and_host_alone() {
        assert_eq!(
            hubspot_url(&Given("hubspot_api_url", "https://api.hubapi.com/")).unwrap(),
            "https://api.hubapi.com"
        );
        for value in [
            "api.hubapi.com",
            "ftp://api.hubapi.com",
            "https://api.hubapi.com/crm",
        ] {
            assert!(
                hubspot_url(&Given("hubspot_api_url", value)).is_err(),
                "{value}"
            );
        }
        assert!(hubspot_url(&Given("", "")).is_err());
    }

    /// A misspelt choice is an error and neither of them.
    #[test]
    fn billing_is_on_or_off() {
        for (value, expected) in [("off", false), ("stripe", true), ("", false)] {
            let given = Given(if value.is_empty() { "" } else { "billing" }, value);
            assert_eq!(billing(&given).unwrap(), expected, "{value}");
        }
        for value in ["Stripe", "on", "true", " stripe"] {
            assert!(billing(&Given("billing", value)).is_err(), "{value}");
        }
    }

    /// S1-33: browsers and HubSpot reach us over TLS; only one's own machine goes without.
    #[test]
    fn the_public_url_is_https() {
        for good in [
            "https://sync.example.com",
            "http://localhost:3000",
            "http://127.0.0.1:3000/",
        ] {
            assert!(public_url(&Given("public_url", good)).is_ok(), "{good}");
        }
        for bad in [
            "http://sync.example.com",
            "http://localhost.example.com",
            "https://sync.example.com/app",
            "",
        ] {
            assert!(public_url(&Given("public_url", bad)).is_err(), "{bad}");
        }
        assert!(public_url(&Given("", "")).is_err());
    }
}
