//! Installing the app, connecting accounts at providers, and ending either.
//!
//! Every use case takes a request and gives an answer. What changes something asks for an admin; what a browser brings
//! back from HubSpot or a provider counts only in the browser it was begun in.

pub mod account;
mod begin;
mod closing;
mod door;
mod finish;
mod install;
mod parameters;
pub mod places;
mod question;
mod trail;
mod uninstall;

pub use account::view;
pub use begin::{start, ticket};
pub use closing::disconnect;
pub use door::account_ticket;
pub use finish::callback;
pub use install::{callback as install_callback, start as install_start};
pub use parameters::{check, form};
pub use question::answer as answer_question;
pub use trail::trail;
pub(crate) use uninstall::left;
pub use uninstall::uninstall;

use maud::Markup;
use sync300_plans::Feature;

use crate::caller;
use crate::core::{auth, catalog};
use crate::plan;
use crate::ports::Ports;
use crate::store::Store;
use crate::surface::{Answer, Fields, Incoming, Problem};
use crate::vault::Vault;

/// The key ring; without one nothing is stored or served.
fn vault<P: Ports>(ports: &P) -> Result<Vault, Problem> {
    Vault::from_ring(ports.variable("vault_keys").as_ref())
        .map_err(|error| crate::Error::from(error).into())
}

/// A connector and how its accounts are connected.
struct Connector {
    declared: catalog::Connector,
    scheme: auth::Scheme,
}

/// The connector of a path; one that does not exist is no address of ours.
fn connector(id: &str) -> Result<Connector, Problem> {
    let declared = catalog::describe(id).map_err(|error| {
        match catalog::connectors().iter().any(|known| known == id) {
            true => Problem::from(crate::Error::Config(error)),
            false => Problem::not_found(),
        }
    })?;
    let scheme = auth::describe(id).map_err(crate::Error::Config)?;
    Ok(Connector { declared, scheme })
}

/// Refuses a further system where the portal's plan has no room for it (S3-01); one that is connected already may be
/// connected again.
async fn require_room<P: Ports>(ports: &P, portal: i64, id: &str) -> Result<(), Problem> {
    let connections = Store::new(ports).list_connections(portal).await?;
    let standing = connections
        .iter()
        .filter(|listed| listed.status != "disconnected");
    let (mut others, mut known) = (0, false);
    for listed in standing {
        match listed.connector == id {
            true => known = true,
            false => others += 1,
        }
    }
    match known {
        true => Ok(()),
        false => plan::require(ports, portal, Feature::Connections(others + 1)).await,
    }
}

/// The region that is asked for, where it is one of the connector's.
fn region<'c>(
    connector: &'c catalog::Connector,
    fields: &Fields,
) -> Result<&'c catalog::Region, Problem> {
    let wanted = fields.get("region").unwrap_or_default();
    connector
        .regions
        .iter()
        .find(|region| region.id == wanted)
        .ok_or_else(|| {
            Problem::new(
                400,
                "region_unknown",
                format!("{} has no such region.", connector.label),
            )
            .action("Choose one of the regions.")
        })
}

/// What a callback says went wrong over there: OAuth's own word for it (RFC 6749, 4.1.2.1), where it is one.
fn refused_there(query: &Fields) -> Option<&str> {
    let code = query.get("error")?;
    let word = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
    match code.len() <= 40 && code.bytes().all(word) {
        true => Some(code),
        false => Some("unknown"),
    }
}

/// A callback that belongs to no authorization of this browser.
fn state_problem() -> Problem {
    Problem::new(
        400,
        "state_unknown",
        "This sign-in is not valid any more: it was finished already, took longer than ten minutes, or was begun in another \
         browser or window.",
    )
    .action("Start again. Should it happen again, allow cookies for this site, or try a private window.")
}

/// The authorization code of a callback.
fn code(query: &Fields) -> Result<&str, Problem> {
    query
        .get("code")
        .filter(|code| !code.is_empty())
        .ok_or_else(|| {
            Problem::new(
                400,
                "code_missing",
                "The other side sent you back without the code that completes the sign-in.",
            )
            .action("Start again.")
        })
}

/// An error of exchanging a code: one that is used up or too old is the person's to start again.
fn exchange_problem(error: crate::Error) -> Problem {
    let problem = match error.class() {
        crate::Class::Revoked | crate::Class::Invalid => Problem::new(
            400,
            "code_refused",
            "The sign-in could not be completed: its code is used up or too old.",
        )
        .action("Start again."),
        _ => return error.into(),
    };
    Problem {
        detail: Some(error.code().to_owned()),
        ..problem
    }
}

/// Tells a person what went wrong, with ways forward; a program reads JSON.
fn told<P: Ports>(ports: &P, incoming: &Incoming, problem: &Problem, ways: Markup) -> Answer {
    if problem.code == caller::NOT_SIGNED_IN || !incoming.wants_page() {
        return caller::refuse(ports, incoming, problem);
    }
    caller::log_problem(ports, incoming, None, problem);
    problem.page(ways).answer(problem.status, incoming, ports)
}
