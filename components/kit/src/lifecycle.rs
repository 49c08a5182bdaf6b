//! What HubSpot tells about the app's own life: portals that uninstalled it.
//!
//! HubSpot pushes no such event. It stands in the webhooks journal, an append-only list of files that is read with a token
//! of the app itself, and is kept for three days (HubSpot, "Webhooks journal", 2026-03). A portal whose refresh token is
//! refused is noticed as well, in [`crate::tokens`]; the journal tells earlier.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::budget::Budget;
use crate::error::{Error, Result, Side};
use crate::hubspot::{HubSpot, VERSION};
use crate::log::{self, Level};
use crate::oauth::hubspot::{self, App};
use crate::ports::{HttpRequest, Ports, SqlValue};
use crate::store::Store;

/// HubSpot's event type of an uninstall.
const UNINSTALLED: &str = "4-1916193";
/// What the app's own token is asked for.
const SCOPES: &[&str] = &[
    "developer.webhooks_journal.read",
    "developer.webhooks_journal.subscriptions.read",
    "developer.webhooks_journal.subscriptions.write",
];
/// Key in the cache of the offset read last. Without it the journal is read from its beginning, which does no harm: an event
/// from before a portal's newest sign-in is passed over.
const OFFSET: &str = "hubspot-journal-offset";
/// Calls of one reading, two for each file.
const CALLS: u32 = 200;

/// What a reading came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Read {
    /// Files read.
    pub files: usize,
    /// Portals that are marked uninstalled now.
    pub uninstalled: usize,
    /// Whether the journal's end was reached; otherwise another call goes on.
    pub complete: bool,
}

/// Where a file of the journal is.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Pointer {
    url: String,
    current_offset: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    #[serde(default)]
    journal_events: Vec<Event>,
}

/// An event. HubSpot's documents leave its shape open: the type stands under either name, the time is either form.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    event_type_id: Option<String>,
    object_type_id: Option<String>,
    action: Option<String>,
    portal_id: Option<i64>,
    occurred_at: Option<Value>,
}

impl Event {
    fn is_uninstall(&self) -> bool {
        let kinds = [&self.event_type_id, &self.object_type_id];
        kinds.into_iter().flatten().any(|kind| kind == UNINSTALLED)
            || self.action.as_deref() == Some("APP_UNINSTALL")
    }

    /// Unix milliseconds, or an ISO 8601 text.
    fn occurred_at(&self) -> Option<SqlValue> {
        match self.occurred_at.as_ref()? {
            Value::Number(millis) => millis.as_i64().map(SqlValue::Integer),
            Value::String(text) => Some(SqlValue::Text(text.clone())),
            _ => None,
        }
    }
}

#[derive(Deserialize)]
struct Subscriptions {
    results: Vec<Subscription>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Subscription {
    event_type_id: Option<String>,
    object_type_id: Option<String>,
}

/// Reads the journal on from where the last reading ended, until the deadline (unix milliseconds), and marks portals that
/// uninstalled the app. The app is subscribed to the event where it is not yet.
///
/// # Errors
/// Those of HubSpot's API. `host_not_allowed`: HubSpot keeps the files on a host that the component may not call.
pub async fn read<P: Ports>(ports: &P, deadline: i64) -> Result<Read> {
    let app = App::from_variables(ports)?;
    let budget = Budget::new(deadline, deadline, CALLS);
    let token = hubspot::client_credentials(ports, &budget, &app, SCOPES).await?;
    let api = hubspot::portal(ports, &budget, &app, &token.access_token);
    subscribe(&api).await?;
    let mut done = Read::default();
    while budget.step(ports).is_ok() {
        let Some(pointer) = next(ports, &api).await? else {
            done.complete = true;
            break;
        };
        done.uninstalled += file(ports, &budget, &pointer.url).await?;
        done.files += 1;
        ports.set(OFFSET, pointer.current_offset.as_bytes()).await;
    }
    Ok(done)
}

/// Subscribes the app to uninstalls, once.
async fn subscribe<P: Ports>(api: &HubSpot<'_, P>) -> Result<()> {
    let path = format!("/webhooks-journal/subscriptions/{VERSION}");
    let there: Subscriptions = api.get(&path).await?;
    let known = there.results.iter().any(|subscription| {
        let kinds = [&subscription.event_type_id, &subscription.object_type_id];
        kinds.into_iter().flatten().any(|kind| kind == UNINSTALLED)
    });
    if !known {
        let wanted = json!({
            "subscriptionType": "APP_LIFECYCLE_EVENT",
            "eventTypeId": UNINSTALLED,
            "properties": [],
        });
        api.post::<Value>(&path, &wanted).await?;
    }
    Ok(())
}

/// The file behind the last one that was read; none where there is none yet.
async fn next<P: Ports>(ports: &P, api: &HubSpot<'_, P>) -> Result<Option<Pointer>> {
    let journal = format!("/webhooks-journal/journal/{VERSION}");
    let offset = ports
        .get(OFFSET)
        .await
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .filter(|offset| is_offset(offset));
    let answer = match offset {
        Some(offset) => api.fetch(&format!("{journal}/offset/{offset}/next")).await,
        None => api.fetch(&format!("{journal}/earliest")).await,
    };
    match answer {
        Ok(response) if response.body.is_empty() => Ok(None),
        Ok(response) => serde_json::from_slice(&response.body)
            .map(Some)
            .map_err(|_| Error::no_json(Side::HubSpot)),
        // An offset that HubSpot no longer knows: what it still has is read from the beginning, by the next call.
        Err(Error::Api { status: 404, .. }) => {
            ports.delete(OFFSET).await;
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// A UUID: it becomes part of a path.
fn is_offset(offset: &str) -> bool {
    let letter = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    (1..=64).contains(&offset.len()) && offset.bytes().all(letter)
}

/// Without TLS a file is read from the place alone that is configured for files.
fn is_on_own_machine<P: Ports>(ports: &P, url: &str) -> bool {
    let place = ports.variable("hubspot_journal_url");
    place
        .and_then(|place| url.strip_prefix(place.expose()))
        .is_some_and(|rest| rest.starts_with('/'))
}

/// Reads one file. Its address is a secret of its own: it is called without our token.
async fn file<P: Ports>(ports: &P, budget: &Budget, url: &str) -> Result<usize> {
    if !url.starts_with("https://") && !is_on_own_machine(ports, url) {
        return Err(Error::no_json(Side::HubSpot));
    }
    budget.take(ports, Side::HubSpot)?;
    let request = HttpRequest {
        method: "GET",
        url: url.to_owned(),
        headers: vec![("accept".to_owned(), "application/json".to_owned())],
        body: Vec::new(),
    };
    let response = ports.send(request).await.map_err(|error| Error::Http {
        side: Side::HubSpot,
        error,
    })?;
    let read: File = match response.status {
        200 => serde_json::from_slice(&response.body).ok(),
        _ => None,
    }
    .ok_or_else(|| Error::no_json(Side::HubSpot))?;
    let mut uninstalled = 0;
    for event in read
        .journal_events
        .iter()
        .filter(|event| event.is_uninstall())
    {
        if let (Some(portal), Some(at)) = (event.portal_id, event.occurred_at()) {
            uninstalled += usize::from(uninstall(ports, portal, at).await?);
        }
    }
    Ok(uninstalled)
}

/// Marks a portal uninstalled, unless it has signed in again since.
async fn uninstall<P: Ports>(ports: &P, portal: i64, at: SqlValue) -> Result<bool> {
    let store = Store::new(ports);
    let Some(version) = store.hubspot_tokens_before(portal, at).await? else {
        return Ok(false);
    };
    let marked = store
        .uninstall_portal(portal, Some((version, "journal")))
        .await?;
    if marked {
        log::write(
            ports,
            Level::Info,
            "portal_uninstalled",
            &[("portal", portal.into())],
        );
    }
    Ok(marked)
}
