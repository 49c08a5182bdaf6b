//! From a page inside HubSpot to a page of ours, by a link that opens once: `POST /account/ticket` makes one for
//! `GET /account`, where files can be saved, which HubSpot's pages cannot do.

use maud::html;
use serde_json::{Map, Value};

use crate::caller::{Caller, Means, Reply, as_admin};
use crate::config;
use crate::page::Page;
use crate::ports::Ports;
use crate::session;
use crate::surface::{Answer, Incoming, Problem, encode};

/// A link to the account's page: `{"ok","url","expires_in"}`, `expires_in` in seconds. For an admin's signed call.
pub async fn account_ticket<P: Ports>(ports: &P, incoming: &Incoming) -> Answer {
    as_admin(ports, incoming, async |caller| {
        require_signature(caller)?;
        let url = format!("{}/account?", config::public_url(ports)?);
        ticketed(ports, caller, url).await
    })
    .await
}

/// Tickets are asked for inside HubSpot alone: whoever has a session needs none.
pub(super) fn require_signature(caller: &Caller) -> Result<(), Problem> {
    match caller.means {
        Means::Signature => Ok(()),
        Means::Session => Err(Problem::new(
            403,
            "not_signed",
            "Only HubSpot asks for these links.",
        )),
    }
}

/// The link, with a ticket of the caller's behind `url`, which ends in `?` or `&`.
pub(super) async fn ticketed<P: Ports>(
    ports: &P,
    caller: &Caller,
    mut url: String,
) -> Result<Reply, Problem> {
    let ticket = session::issue_ticket(ports, caller.holder()).await?;
    url.push_str(&format!("ticket={}", encode(&ticket)));
    let mut json = Map::new();
    json.insert("url".to_owned(), url.into());
    let expires_in = Value::from(session::TICKET_MILLIS / 1_000);
    json.insert("expires_in".to_owned(), expires_in);
    Ok(Reply {
        json,
        page: Page::new("Link made", html! {}),
    })
}

/// Changes a ticket for a session: the cookie to set.
pub(super) async fn enter<P: Ports>(ports: &P, ticket: &str) -> Result<String, Problem> {
    let holder = session::take_ticket(ports, ticket).await?.ok_or_else(|| {
        Problem::new(
            401,
            "ticket_unknown",
            "This link is not valid any more: it was opened already, or is older than ten minutes.",
        )
        .action("Go back to HubSpot, and choose the same button again.")
    })?;
    let caller = Caller::in_portal(ports, holder, Means::Session).await?;
    caller.require_admin(ports).await?;
    Ok(session::open(ports, holder).await?)
}
