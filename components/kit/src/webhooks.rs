//! HubSpot's webhooks: `POST /hubspot/webhooks`, signed by HubSpot (v3), up to 100 events at a time, of any portals.
//!
//! HubSpot wants its answer within 5 s and tries again for a day, so nothing is done here but writing down, in one
//! statement a portal: which connections are due, and which links are in doubt. What an event says of a record's values is
//! not even read. Events come more than once, and in no order; each acts once, and what it asks for does no harm twice.

use std::collections::BTreeMap;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::caller::refuse;
use crate::config;
use crate::core::catalog;
use crate::error::{Error, Result};
use crate::log::{self, Level};
use crate::objects;
use crate::ports::Ports;
use crate::settings::Direction;
use crate::signature::{Accepts, Verifier};
use crate::store::Store;
use crate::surface::{Answer, Incoming, Problem};

/// What is read of an event (HubSpot, "Webhooks API"). Nothing says whether ids and sources are numbers or texts, nor what
/// stands where an event has none: either is taken, and `null`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Event {
    #[serde(deserialize_with = "text")]
    subscription_type: String,
    #[serde(deserialize_with = "number")]
    portal_id: i64,
    #[serde(deserialize_with = "number")]
    app_id: i64,
    #[serde(deserialize_with = "number")]
    event_id: i64,
    #[serde(deserialize_with = "number")]
    occurred_at: i64,
    #[serde(deserialize_with = "number")]
    object_id: i64,
    #[serde(deserialize_with = "text")]
    object_type_id: String,
    #[serde(deserialize_with = "text")]
    change_source: String,
    #[serde(deserialize_with = "text")]
    source_id: String,
    #[serde(deserialize_with = "number")]
    primary_object_id: i64,
    merged_object_ids: Option<Vec<Scalar>>,
    /// E.g. `CONTACT_TO_COMPANY`.
    #[serde(deserialize_with = "text")]
    association_type: String,
    #[serde(deserialize_with = "number")]
    from_object_id: i64,
    #[serde(deserialize_with = "number")]
    to_object_id: i64,
}

/// A number or a text, or neither.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Scalar {
    Number(i64),
    Text(String),
    None(()),
}

impl Scalar {
    /// None is 0, which is no id of HubSpot's.
    fn number(&self) -> Option<i64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(text) => text.parse().ok(),
            Self::None(()) => Some(0),
        }
    }
}

fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    let number = Scalar::deserialize(deserializer)?.number();
    number.ok_or_else(|| D::Error::custom("no number"))
}

fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(match Scalar::deserialize(deserializer)? {
        Scalar::Number(number) => number.to_string(),
        Scalar::Text(text) => text,
        Scalar::None(()) => String::new(),
    })
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

/// A record that something happened to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Touched<'a> {
    kind: Kind,
    /// HubSpot's object type id.
    type_id: &'a str,
    /// HubSpot's record id.
    id: i64,
}

impl Event {
    /// HubSpot's records that it is about, and what happened to them.
    fn records(&self) -> Vec<Touched<'_>> {
        let Some((object, what)) = self.subscription_type.split_once('.') else {
            return Vec::new();
        };
        let type_id = match object {
            "contact" => "0-1",
            "company" => "0-2",
            "deal" => "0-3",
            "ticket" => "0-5",
            "object" => self.object_type_id.as_str(),
            _ => return Vec::new(),
        };
        let record = |kind, id| Touched { kind, type_id, id };
        match what {
            "propertyChange" | "creation" | "associationChange" if self.is_ours() => Vec::new(),
            "propertyChange" | "creation" => vec![record(Kind::Changed, self.object_id)],
            "associationChange" => self.ends(type_id),
            "deletion" => vec![record(Kind::Gone, self.object_id)],
            "restore" => vec![record(Kind::Restored, self.object_id)],
            "privacyDeletion" => vec![record(Kind::Erased, self.object_id)],
            // The survivor may have a new id, so that the primary record's is gone too.
            "merge" => std::iter::once(self.primary_object_id)
                .chain(
                    self.merged_object_ids
                        .iter()
                        .flatten()
                        .filter_map(Scalar::number),
                )
                .map(|id| record(Kind::Gone, id))
                .collect(),
            _ => Vec::new(),
        }
    }

    /// Both ends of an association that changed: of which types they are is in its name; where it is not, the first is of the
    /// type that was subscribed to.
    fn ends<'a>(&'a self, subscribed: &'a str) -> Vec<Touched<'a>> {
        let (from, to) = match self.association_type.split_once("_TO_") {
            Some((from, to)) => (objects::hubspot_type(from), objects::hubspot_type(to)),
            None => (Some(subscribed), None),
        };
        [(from, self.from_object_id), (to, self.to_object_id)]
            .into_iter()
            .filter_map(|(type_id, id)| {
                Some(Touched {
                    kind: Kind::Changed,
                    type_id: type_id?,
                    id,
                })
            })
            .collect()
    }

    /// What we wrote ourselves comes back as an event.
    fn is_ours(&self) -> bool {
        let app = self.app_id.to_string();
        let mut numbers = self
            .source_id
            .split(|letter: char| !letter.is_ascii_digit());
        self.change_source == "INTEGRATION" && numbers.any(|number| number == app)
    }

    /// HubSpot's event ids are not unique by themselves.
    fn key(&self) -> String {
        let id = match self.object_id {
            0 => self.from_object_id,
            id => id,
        };
        format!(
            "{} {id} {} {}",
            self.subscription_type, self.event_id, self.occurred_at
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
    let told: Vec<Value> = incoming.json()?;
    let (count, read) = (told.len(), told.into_iter());
    // One by one: an event of another shape must not keep all others from being read, now and for a day of tries.
    let events: Vec<Event> = read
        .filter_map(|event| Event::deserialize(event).ok())
        .collect();
    if events.len() < count {
        let fields = [("events", (count - events.len()).into())];
        log::write(ports, Level::Warn, "webhook_unreadable", &fields);
    }
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
        for Touched { kind, type_id, id } in events.iter().flat_map(Event::records) {
            for object in &connector.objects {
                if object.hubspot_type_id != type_id {
                    continue;
                }
                let chosen = settings.object(&object.name);
                let travels = chosen.enabled && chosen.direction == Direction::Both;
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
    Ok((notices, seen))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(text: &str) -> Event {
        serde_json::from_str(text).unwrap()
    }

    fn touched(kind: Kind, type_id: &str, id: i64) -> Touched<'_> {
        Touched { kind, type_id, id }
    }

    #[test]
    fn an_event_says_what_happened_to_which_records() {
        let deleted = event(r#"{"subscriptionType":"deal.deletion","objectId":7}"#);
        assert_eq!(deleted.records(), [touched(Kind::Gone, "0-3", 7)]);
        let merged = event(
            r#"{"subscriptionType":"object.merge","objectTypeId":"0-1","objectId":3,"primaryObjectId":1,"mergedObjectIds":[2,"4"],"newObjectId":3}"#,
        );
        let gone = [1, 2, 4].map(|id| touched(Kind::Gone, "0-1", id));
        assert_eq!(merged.records(), gone);
        let strange = event(r#"{"subscriptionType":"conversation.creation"}"#);
        assert_eq!(strange.records(), []);
    }

    /// An association has two ends, and both have changed.
    #[test]
    fn an_association_is_of_both_ends() {
        let changed = event(
            r#"{"subscriptionType":"object.associationChange","objectTypeId":"0-1","associationType":"CONTACT_TO_COMPANY",
                "fromObjectId":1,"toObjectId":"2","associationRemoved":false,"isPrimaryAssociation":true}"#,
        );
        let ends = [
            touched(Kind::Changed, "0-1", 1),
            touched(Kind::Changed, "0-2", 2),
        ];
        assert_eq!(changed.records(), ends);
        let labelled = event(
            r#"{"subscriptionType":"deal.associationChange","associationType":"41","fromObjectId":1,"toObjectId":2}"#,
        );
        assert_eq!(labelled.records(), [touched(Kind::Changed, "0-3", 1)]);
        let elsewhere = event(
            r#"{"subscriptionType":"deal.associationChange","associationType":"DEAL_TO_LINE_ITEM","fromObjectId":1,"toObjectId":2}"#,
        );
        assert_eq!(elsewhere.records(), [touched(Kind::Changed, "0-3", 1)]);
    }

    /// What the engine wrote itself makes nothing due, however HubSpot names its source.
    #[test]
    fn an_echo_is_nothing() {
        let change = |what: &str, source: &str| {
            let event = event(&format!(
                r#"{{"subscriptionType":"contact.{what}","objectId":7,"appId":42,"changeSource":"INTEGRATION","sourceId":{source},"propertyValue":"secret"}}"#
            ));
            event.records().len()
        };
        for source in [r#""42""#, "42", r#""appId:42""#] {
            for what in ["propertyChange", "creation", "associationChange"] {
                assert_eq!(change(what, source), 0, "{what} {source}");
            }
        }
        for source in [r#""43""#, r#""142""#, r#""420""#, "null", r#""""#] {
            assert_eq!(change("propertyChange", source), 1, "{source}");
        }
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
