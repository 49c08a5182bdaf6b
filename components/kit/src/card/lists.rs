//! `GET /cards/lists`, and what the settings say of the lists that are chosen (S3-10): read live, for a list's name may name
//! somebody.

use std::collections::BTreeMap;

use serde::Serialize;

use super::status::Moment;
use super::{answer_admin, held, mappings, settings};
use crate::core::catalog;
use crate::error::{Error, Result, Side};
use crate::hubspot::lists::Found;
use crate::live::{self, Live};
use crate::ports::Ports;
use crate::settings::Settings;
use crate::store::cards::Held;
use crate::surface::{Answer, Incoming, Problem};
use crate::words;

/// Letters that a list's name is searched by, at most.
const MAX_WORDS: usize = 200;

/// A list, chosen or to choose from.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct ListView {
    id: String,
    /// None where HubSpot does not tell.
    name: Option<String>,
    /// Records in it.
    size: Option<i64>,
    /// How it is filled, in a sentence (S3-21).
    #[serde(skip_serializing_if = "Option::is_none")]
    filled: Option<&'static str>,
    /// When a record last came in or left (S3-21).
    #[serde(skip_serializing_if = "Option::is_none")]
    changed: Option<Moment>,
    /// What is wrong with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<String>,
}

#[derive(Debug, Serialize)]
struct Choices {
    lists: Vec<ListView>,
    /// Where the next page begins; none at the end.
    next: Option<String>,
}

/// Lists of an `object`'s records to choose from, by the words `q` of their names, `after` a place.
pub async fn lists<P: Ports>(ports: &P, incoming: &Incoming) -> Answer {
    answer_admin(ports, incoming, async |caller| {
        let query = incoming.query()?;
        let held = held(ports, caller, query.get("connection").unwrap_or_default()).await?;
        let words = query.get("q").unwrap_or_default();
        let after = query.get("after").unwrap_or("0").parse();
        let (Ok(after), true) = (after, words.len() <= MAX_WORDS) else {
            return Err(
                Problem::new(400, "bad_search", "Lists cannot be searched like this.")
                    .action("Search for a part of the list's name."),
            );
        };
        let budget = live::budget(ports);
        let live = Live::new(ports, &budget, &held)?;
        let Ok(object) = live.object(query.get("object").unwrap_or_default()) else {
            return Err(Problem::new(
                404,
                "object_unknown",
                "There is no such kind of record.",
            ));
        };
        let found = async {
            let hubspot = live.hubspot().await?;
            hubspot
                .search_lists(&object.hubspot_type_id, words, after)
                .await
        };
        let found = found.await.map_err(|error| unread(&error, &held))?;
        Ok(Choices {
            next: found.has_more.then(|| found.offset.to_string()),
            lists: found
                .lists
                .into_iter()
                .map(|list| view(list, ports.now()))
                .collect(),
        })
    })
    .await
}

fn view(list: Found, now: i64) -> ListView {
    ListView {
        size: list.size(),
        filled: Some(match list.processing_type.as_str() {
            "DYNAMIC" => "HubSpot keeps it as its criteria say.",
            "SNAPSHOT" => "Its criteria filled it once; since then it changes by hand alone.",
            _ => "It is filled by hand.",
        }),
        changed: list.changed_at().map(|at| Moment {
            at,
            ago: words::ago(now, at),
        }),
        id: list.list_id,
        name: Some(list.name),
        ..ListView::default()
    }
}

/// The lists that are chosen, by object: as HubSpot has them, or why they cannot be shown. One call, and none without a
/// list.
pub(super) async fn chosen<P: Ports>(
    ports: &P,
    held: &Held,
    connector: &catalog::Connector,
) -> Result<BTreeMap<String, ListView>> {
    let objects = held.settings.objects.iter();
    let lists: Vec<(&str, &str)> = objects
        .filter_map(|(name, object)| Some((name.as_str(), object.inclusion_list.as_deref()?)))
        .collect();
    if lists.is_empty() {
        return Ok(BTreeMap::new());
    }
    let found = find(ports, held, &lists).await;
    let mut views = BTreeMap::new();
    for (name, id) in lists {
        let object = connector.objects.iter().find(|object| object.name == name);
        let fits = |list: &&Found| {
            list.list_id == id
                && object.is_some_and(|object| object.hubspot_type_id == list.object_type_id)
        };
        let problem = match &found {
            Ok(found) => match found.iter().find(fits) {
                Some(list) => {
                    views.insert(name.to_owned(), view(list.clone(), ports.now()));
                    continue;
                }
                None => words::explain("list_gone", &connector.label),
            },
            Err(error) if forbidden(error) => words::explain("list_forbidden", &connector.label),
            Err(error) => words::explain(&super::record::code_of(error), &connector.label),
        };
        let unknown = ListView {
            id: id.to_owned(),
            message: Some(problem.message.into_owned()),
            action: Some(problem.action.into_owned()),
            ..ListView::default()
        };
        views.insert(name.to_owned(), unknown);
    }
    Ok(views)
}

/// Refuses a list that is newly chosen and is none, or one of other records.
pub(super) async fn check<P: Ports>(
    ports: &P,
    held: &Held,
    connector: &catalog::Connector,
    wanted: &Settings,
) -> Result<(), Problem> {
    let mut lists: Vec<(&catalog::Object, &str)> = Vec::new();
    for object in &connector.objects {
        let chosen = wanted.objects.get(&object.name);
        let Some(id) = chosen.and_then(|chosen| chosen.inclusion_list.as_deref()) else {
            continue;
        };
        if held.settings.object(&object.name).inclusion_list.as_deref() != Some(id) {
            lists.push((object, id));
        }
    }
    if lists.is_empty() {
        return Ok(());
    }
    let ids: Vec<(&str, &str)> = lists
        .iter()
        .map(|(object, id)| (object.name.as_str(), *id))
        .collect();
    // An id goes into addresses.
    let number = |id: &str| (1..=20).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_digit());
    let found = match ids.iter().all(|(_, id)| number(id)) {
        true => find(ports, held, &ids).await,
        false => Ok(Vec::new()),
    };
    let found = found.map_err(|error| unread(&error, held))?;
    for (object, id) in lists {
        match found.iter().find(|list| list.list_id == id) {
            Some(list) if list.object_type_id == object.hubspot_type_id => {}
            Some(_) => {
                return Err(refused(format!(
                    "This list does not hold {}.",
                    object.hubspot_object
                )));
            }
            None => return Err(refused("HubSpot has no such list.".to_owned())),
        }
    }
    Ok(())
}

fn refused(message: String) -> Problem {
    Problem::new(422, "list_refused", message).action("Choose one of the lists that are offered.")
}

async fn find<P: Ports>(ports: &P, held: &Held, lists: &[(&str, &str)]) -> Result<Vec<Found>> {
    let budget = live::budget(ports);
    let live = Live::new(ports, &budget, held)?;
    let ids: Vec<&str> = lists.iter().map(|(_, id)| *id).collect();
    live.hubspot().await?.lists(&ids).await
}

/// The app was installed before it asked for lists, or was not allowed to see them.
fn forbidden(error: &Error) -> bool {
    matches!(
        error,
        Error::Api {
            side: Side::HubSpot,
            status: 403,
            ..
        }
    )
}

fn unread(error: &Error, held: &Held) -> Problem {
    if !forbidden(error) {
        return mappings::said(error, settings::label(held));
    }
    Problem::new(
        403,
        "lists_forbidden",
        "300Sync may not see the lists of this HubSpot account yet.",
    )
    .action("Install 300Sync again in HubSpot, and allow it to see lists.")
}
