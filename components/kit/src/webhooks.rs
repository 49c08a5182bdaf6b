//! HubSpot's webhooks: `POST /hubspot/webhooks`, signed by HubSpot (v3), up to 100 events at a time, of any portals.
//!
//! HubSpot wants its answer within 5 s and tries again for a day, so nothing is done here but writing down, in one
//! statement a portal: which connections are due, and which links are in doubt. What an event says of a record's values is
//! not even read. Events come more than once, and in no order; each acts once, and what it asks for does no harm twice.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::caller::refuse;
use crate::config;
use crate::core::catalog;
use crate::error::{Error, Result};
use crate::log::{self, Level};
use crate::ports::Ports;
use crate::settings::Direction;
use crate::signature::{Accepts, Verifier};
use crate::store::Store;
use crate::surface::{Answer, Incoming, Problem};

/// What is read of an event (HubSpot, "Webhooks API").
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Event {
    subscription_type: String,
    portal_id: i64,
    app_id: i64,
    event_id: i64,
    occurred_at: i64,
    object_id: i64,
    object_type_id: String,
    change_source: String,
    source_id: String,
    primary_object_id: i64,
    merged_object_ids: Vec<i64>,
}

/// What an event means for a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    /// A record may hold something new.
    Changed,
    /// A record is deleted, or merged into another.
    Gone,
    /// A deleted record is back.
    Restored,
    /// A person's data is erased for privacy.
    Erased,
}

/// Something for the engine to look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Notice {
    kind: Kind,
    connection: String,
    object: String,
    id: String,
}

impl Event {
    /// What it is about, as HubSpot's object type id, and what happened.
    fn parts(&self) -> Option<(&str, &str)> {
        let (object, what) = self.subscription_type.split_once('.')?;
        let object = match object {
            "contact" => "0-1",
            "company" => "0-2",
            "deal" => "0-3",
            "ticket" => "0-5",
            "object" => self.object_type_id.as_str(),
            _ => return None,
        };
        Some((object, what))
    }

    /// HubSpot's record ids, and what happened to them.
    fn records(&self, what: &str) -> Vec<(Kind, i64)> {
        match what {
            "propertyChange" if self.is_ours() => Vec::new(),
            "propertyChange" | "creation" => vec![(Kind::Changed, self.object_id)],
            "deletion" => vec![(Kind::Gone, self.object_id)],
            "restore" => vec![(Kind::Restored, self.object_id)],
            "privacyDeletion" => vec![(Kind::Erased, self.object_id)],
            // The survivor may have a new id, so that the primary record's is gone too.
            "merge" => std::iter::once(&self.primary_object_id)
                .chain(&self.merged_object_ids)
                .map(|id| (Kind::Gone, *id))
                .collect(),
            _ => Vec::new(),
        }
    }

    /// What we wrote ourselves comes back as an event.
    fn is_ours(&self) -> bool {
        self.change_source == "INTEGRATION" && self.source_id == self.app_id.to_string()
    }

    /// HubSpot's event ids are not unique by themselves.
    fn key(&self) -> String {
        format!(
            "{} {} {} {}",
            self.subscription_type, self.object_id, self.event_id, self.occurred_at
        )
    }
}

/// Takes a batch of events.
pub async fn receive<P: Ports>(ports: &P, incoming: &Incoming) -> Answer {
    if incoming.method != "POST" {
        return Answer::method_not_allowed("POST", &incoming.request_id);
    }
    match take(ports, incoming).await {
        Ok(()) => Answer::empty(204),
        Err(problem) => refuse(ports, incoming, &problem),
    }
}

async fn take<P: Ports>(ports: &P, incoming: &Incoming) -> Result<(), Problem> {
    let base = config::public_url(ports)?;
    Verifier::from_variables(ports)
        .and_then(|verifier| verifier.verify(incoming, &base, Accepts::V3, ports.now()))
        .map_err(|error| Problem::new(401, error.code(), "The signature is not HubSpot's."))?;
    let events: Vec<Event> = incoming.json()?;
    let store = Store::new(ports);
    store.migrate().await?;
    let mut by_portal: BTreeMap<i64, Vec<Event>> = BTreeMap::new();
    for event in events {
        by_portal.entry(event.portal_id).or_default().push(event);
    }
    for (portal, events) in by_portal {
        let (notices, seen) = notices(&store, portal, &events).await?;
        if !seen.is_empty() {
            store.look_again(&seen).await?;
        }
        if notices.is_empty() {
            continue;
        }
        let keys: Vec<String> = events.iter().map(Event::key).collect();
        store.note_hubspot(portal, &keys, &notices).await?;
        let fields = [
            ("portal", portal.into()),
            ("events", events.len().into()),
            ("notices", notices.len().into()),
        ];
        log::write(ports, Level::Info, "webhook", &fields);
    }
    Ok(())
}

/// What a portal's connections make of events, and what records they are about. A change counts only where changes travel
/// to the provider; but whatever happens to a record, somebody may wait because of it.
async fn notices<P: Ports>(
    store: &Store<'_, P>,
    portal: i64,
    events: &[Event],
) -> Result<(Vec<Notice>, Vec<Notice>)> {
    let (mut notices, mut seen) = (Vec::new(), Vec::new());
    for (connection, connector, settings) in store.settings_of(portal).await? {
        let connector = catalog::describe(&connector).map_err(Error::Config)?;
        for event in events {
            let Some((type_id, what)) = event.parts() else {
                continue;
            };
            for object in &connector.objects {
                if object.hubspot_type_id != type_id {
                    continue;
                }
                let chosen = settings.object(&object.name);
                let travels = chosen.enabled && chosen.direction == Direction::Both;
                for (kind, id) in event.records(what) {
                    let notice = Notice {
                        kind,
                        connection: connection.clone(),
                        object: object.name.clone(),
                        id: id.to_string(),
                    };
                    if chosen.enabled && !seen.contains(&notice) {
                        seen.push(notice.clone());
                    }
                    if (kind != Kind::Changed || travels) && !notices.contains(&notice) {
                        notices.push(notice);
                    }
                }
            }
        }
    }
    Ok((notices, seen))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(text: &str) -> Event {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn an_event_says_what_happened_to_which_records() {
        let deleted = event(r#"{"subscriptionType":"deal.deletion","objectId":7}"#);
        let (object, what) = deleted.parts().unwrap();
        assert_eq!(
            (object, deleted.records(what)),
            ("0-3", vec![(Kind::Gone, 7)])
        );
        let merged = event(
            r#"{"subscriptionType":"object.merge","objectTypeId":"0-1","objectId":3,"primaryObjectId":1,"mergedObjectIds":[2],"newObjectId":3}"#,
        );
        let (object, what) = merged.parts().unwrap();
        assert_eq!(object, "0-1");
        assert_eq!(merged.records(what), [(Kind::Gone, 1), (Kind::Gone, 2)]);
        assert!(
            event(r#"{"subscriptionType":"conversation.creation"}"#)
                .parts()
                .is_none()
        );
    }

    /// What the engine wrote itself makes nothing due.
    #[test]
    fn an_echo_is_nothing() {
        let change = |source: &str| {
            event(&format!(
                r#"{{"subscriptionType":"contact.propertyChange","objectId":7,"appId":42,"changeSource":"INTEGRATION","sourceId":"{source}","propertyValue":"secret"}}"#
            ))
        };
        assert_eq!(change("42").records("propertyChange"), []);
        assert_eq!(change("43").records("propertyChange"), [(Kind::Changed, 7)]);
    }

    #[test]
    fn a_key_tells_events_of_one_id_apart() {
        let at = |time| {
            event(&format!(
                r#"{{"subscriptionType":"contact.creation","objectId":7,"eventId":1,"occurredAt":{time}}}"#
            ))
            .key()
        };
        assert_eq!(at(5), at(5));
        assert_ne!(at(5), at(6));
    }
}
