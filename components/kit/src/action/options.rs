//! `POST /actions/{connector}/options/{name}`: what a person who builds a workflow chooses from, searched and paged.

use serde::Serialize;

use super::call::Call;
use super::{closed, refuse, verify};
use crate::core::actions;
use crate::error::Error;
use crate::live::{self, Live};
use crate::ports::Ports;
use crate::store::Store;
use crate::surface::{Answer, Incoming, Problem};
use crate::words;

/// As HubSpot reads it: what is not there is left out, for its schema knows no `null`.
#[derive(Serialize)]
struct Page<'a> {
    options: Vec<Choice<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<&'a str>,
    searchable: bool,
}

#[derive(Serialize)]
struct Choice<'a> {
    label: &'a str,
    value: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
}

/// Lists a page of options.
pub async fn options<P: Ports>(
    ports: &P,
    incoming: &Incoming,
    connector: &str,
    name: &str,
) -> Answer {
    let call = match verify(ports, incoming).and_then(|()| Call::any(incoming)) {
        Ok(call) => call,
        Err(problem) => return refuse(ports, incoming, &problem),
    };
    match page(ports, &call, connector, name).await {
        Ok(page) => {
            let options = page.choices.iter().map(|choice| Choice {
                label: &choice.label,
                value: &choice.value,
                description: choice.description.as_deref(),
            });
            let page = Page {
                options: options.collect(),
                after: page.after.as_deref(),
                searchable: true,
            };
            Answer::json(200, &page)
        }
        Err(problem) => refuse(ports, incoming, &problem),
    }
}

async fn page<P: Ports>(
    ports: &P,
    call: &Call,
    connector: &str,
    name: &str,
) -> Result<actions::OptionPage, Problem> {
    let store = Store::new(ports);
    if let Some(failure) = closed(&store, call.portal()).await? {
        return Err(Problem::new(403, "portal_closed", failure.message));
    }
    let known = store.known_connection(call.portal(), connector).await?;
    let known = known.filter(|known| known.status == "active");
    let held = match known {
        Some(known) => store.held_connection(call.portal(), &known.id).await?,
        None => None,
    };
    let held = held.ok_or_else(|| {
        let words = words::explain("disconnected", crate::objects::connector_label(connector));
        Problem::new(409, "disconnected", words.message).action(words.action)
    })?;
    let budget = live::short_budget(ports);
    let live = Live::new(ports, &budget, &held)?;
    let fetch = call.fetch_options.as_ref();
    let search = fetch.and_then(|fetch| fetch.q.as_deref());
    let after = fetch.and_then(|fetch| fetch.after.as_deref());
    let request = actions::options_request(connector, live.base_url(), name, search, after)
        .map_err(|_| Problem::not_found())?;
    let answer = live.request(&request, false).await?;
    let page = actions::read_options(connector, live.base_url(), name, &answer.body);
    page.map_err(|_| Error::no_json(crate::error::Side::Provider).into())
}
