//! What cards and settings pages inside HubSpot ask for. HubSpot's proxy calls, signed, and says who asks: portal and user of
//! the signed query are the caller, and everything else in a request is the caller's own word. An expected failure is
//! `{"ok":false,"code","message","action"}` with status 200, because the proxy hides every other body; and every route can be
//! called twice, because the proxy tries once more.

mod fit;
mod history;
mod imports;
mod lists;
mod mappings;
mod object_view;
mod preview;
mod record;
mod review;
mod settings;
mod status;
mod sync;

use serde::Serialize;
use serde_json::Value;

use crate::caller::{self, Caller};
use crate::objects;
use crate::ports::Ports;
use crate::store::Store;
use crate::store::cards::Held;
use crate::surface::{Answer, Fields, Incoming, Problem};

pub use history::{history, history_csv};
pub use lists::lists;
pub use mappings::{change_mappings, fields, test};
pub use preview::preview;
pub(crate) use record::code_of;
pub use record::record;
pub use review::{decide, review};
pub use settings::{change_settings, settings};
pub use status::status;
pub use sync::sync;

/// Most digits of a HubSpot record id.
const ID_DIGITS: usize = 20;

/// A record that a card stands on, as the card says: whether the portal has it is not known yet.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place<'a> {
    /// HubSpot's object type id, e.g. `0-1`.
    type_id: &'static str,
    /// HubSpot's record id.
    id: &'a str,
}

impl<'a> Place<'a> {
    /// From `objectType` and `objectId`.
    fn of(fields: &'a Fields) -> Result<Self, Problem> {
        let name = fields.get("objectType").unwrap_or_default();
        let type_id = objects::hubspot_type(name).ok_or_else(|| {
            Problem::new(
                400,
                "object_unknown",
                "300Sync has nothing to show for this kind of record.",
            )
            .action("Open a contact, company, deal or ticket.")
        })?;
        let id = fields.get("objectId").unwrap_or_default();
        let number = (1..=ID_DIGITS).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_digit());
        match number {
            true => Ok(Self { type_id, id }),
            false => Err(Problem::new(
                400,
                "record_unknown",
                "The record's id is not one of HubSpot's.",
            )
            .action("Open the record again.")),
        }
    }
}

/// Answers a signed call with what a use case gives: its members beside `"ok":true`, or the problem as cards read it.
async fn answer<P: Ports, T: Serialize>(
    ports: &P,
    incoming: &Incoming,
    work: impl AsyncFnOnce(&Caller) -> Result<T, Problem>,
) -> Answer {
    match Caller::of_hubspot(ports, incoming).await {
        Ok(caller) => match work(&caller).await {
            Ok(body) => told(&body),
            Err(problem) => caller.refuse(ports, incoming, &problem),
        },
        // Whoever is not believed is nobody's card.
        Err(problem) => caller::refuse(ports, incoming, &problem),
    }
}

/// As [`answer`], for what only admins may do.
async fn answer_admin<P: Ports, T: Serialize>(
    ports: &P,
    incoming: &Incoming,
    work: impl AsyncFnOnce(&Caller) -> Result<T, Problem>,
) -> Answer {
    answer(ports, incoming, async |caller| {
        caller.require_admin(ports).await?;
        work(caller).await
    })
    .await
}

/// A success: the members of `body` beside `"ok":true`.
fn told(body: &impl Serialize) -> Answer {
    let mut members = match serde_json::to_value(body) {
        Ok(Value::Object(members)) => members,
        _ => serde_json::Map::new(),
    };
    members.insert("ok".to_owned(), true.into());
    Answer::json(200, &members)
}

/// A connection of the caller's portal.
async fn held<P: Ports>(ports: &P, caller: &Caller, id: &str) -> Result<Held, Problem> {
    let found = Store::new(ports).held_connection(caller.portal, id).await?;
    found.ok_or_else(|| {
        Problem::new(
            404,
            "connection_unknown",
            "This HubSpot account has no such connection.",
        )
        .action("Open the settings again.")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(kind: &str, id: &str) -> Result<(&'static str, String), &'static str> {
        let fields = Fields::from_pairs(vec![
            ("objectType".to_owned(), kind.to_owned()),
            ("objectId".to_owned(), id.to_owned()),
        ]);
        Place::of(&fields)
            .map(|place| (place.type_id, place.id.to_owned()))
            .map_err(|problem| problem.code)
    }

    #[test]
    fn a_place_is_a_known_type_and_a_number() {
        assert_eq!(place("0-1", "42"), Ok(("0-1", "42".to_owned())));
        assert_eq!(place("DEAL", "42"), Ok(("0-3", "42".to_owned())));
        for kind in ["", "0-4", "products", "0-1; DROP TABLE links"] {
            assert_eq!(place(kind, "42"), Err("object_unknown"), "{kind}");
        }
        for id in ["", "-1", "4 2", "x", "123456789012345678901", "٤٢"] {
            assert_eq!(place("0-1", id), Err("record_unknown"), "{id}");
        }
    }
}
