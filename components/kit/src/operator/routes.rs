//! `GET /operator/portals/{id}`, `GET /operator/usage`, `POST /operator/reseal` and `POST /operator/lifecycle`: for whoever
//! has the operator's token. Without a configured one nobody is let in (S1-41).

use serde::Serialize;
use serde_json::json;

use super::{PortalView, Resealed};
use crate::caller;
use crate::lifecycle;
use crate::log::{self, Level};
use crate::ports::Ports;
use crate::store::Store;
use crate::store::aggregate::Aggregate;
use crate::surface::{Answer, BearerError, Incoming, Problem, check_bearer};
use crate::vault::Vault;

/// Milliseconds that sealing anew works at a stretch.
const RESEAL_MILLIS: i64 = 20_000;
/// Milliseconds that reading the journal takes at most.
const LIFECYCLE_MILLIS: i64 = 20_000;

/// A portal as support sees it.
pub async fn portal<P: Ports>(ports: &P, incoming: &Incoming, id: &str) -> Answer {
    let view = async || -> Result<PortalView, Problem> {
        let unknown = || Problem::new(404, "portal_unknown", "There is no such portal here.");
        let digits = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
        let id = id.parse().ok().filter(|_| digits).ok_or_else(unknown)?;
        super::portal(ports, id).await?.ok_or_else(unknown)
    };
    answer(ports, incoming, "portal_viewed", view).await
}

/// Seals everything with the newest key: again, until it says that it is complete.
pub async fn reseal<P: Ports>(ports: &P, incoming: &Incoming) -> Answer {
    let work = async || -> Result<Resealed, Problem> {
        let vault = Vault::from_ring(ports.variable("vault_keys").as_ref())
            .map_err(|error| Problem::from(crate::Error::from(error)))?;
        Ok(super::reseal(ports, &vault, ports.now() + RESEAL_MILLIS).await?)
    };
    answer(ports, incoming, "resealed", work).await
}

/// Reads what HubSpot tells about the app's own life: woken by a timer, as the tick is.
pub async fn lifecycle<P: Ports>(ports: &P, incoming: &Incoming) -> Answer {
    let work = async || -> Result<lifecycle::Read, Problem> {
        Ok(lifecycle::read(ports, ports.now() + LIFECYCLE_MILLIS).await?)
    };
    answer(ports, incoming, "lifecycle_read", work).await
}

/// What is used over all portals, in figures in which nobody can be recognised (S1-20).
pub async fn usage<P: Ports>(ports: &P, incoming: &Incoming) -> Answer {
    let work = async || -> Result<Aggregate, Problem> { Ok(Store::new(ports).aggregate().await?) };
    answer(ports, incoming, "usage_viewed", work).await
}

/// Lets the operator in, and leaves a line of it in the log (S0-94).
async fn answer<P: Ports, T: Serialize>(
    ports: &P,
    incoming: &Incoming,
    event: &'static str,
    work: impl AsyncFnOnce() -> Result<T, Problem>,
) -> Answer {
    let expected = ports.variable("operator_token");
    if let Err(error) = check_bearer(incoming.text("authorization"), expected.as_ref()) {
        let status = match error {
            BearerError::NotConfigured => 503,
            BearerError::Missing | BearerError::Wrong => 401,
        };
        let problem = Problem::new(status, "unauthorized", error.to_string());
        return caller::refuse(ports, incoming, &problem);
    }
    match work().await {
        Ok(done) => {
            log::write(
                ports,
                Level::Info,
                event,
                &[
                    ("path", json!(incoming.path())),
                    ("request_id", json!(incoming.request_id)),
                ],
            );
            Answer::json(200, &done)
        }
        Err(problem) => caller::refuse(ports, incoming, &problem),
    }
}
