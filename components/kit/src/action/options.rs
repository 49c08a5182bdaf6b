//! `POST /actions/{connector}/options/{name}`: what a person who builds a workflow chooses from, searched and paged.

use serde_json::json;

use super::call::Call;
use super::{closed, refuse, verify};
use crate::core::actions;
use crate::error::Error;
use crate::live::{self, Live};
use crate::ports::Ports;
use crate::store::Store;
use crate::surface::{Answer, Incoming, Problem};
use crate::words;

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
            let options = page.choices.iter().map(|choice| {
                json!({ "label": choice.label, "value": choice.value, "description": choice.description })
            });
            let options: Vec<_> = options.collect();
            Answer::json(
                200,
                &json!({ "options": options, "after": page.after, "searchable": true }),
            )
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
