//! `GET` and `POST /cards/settings`: what is chosen for a connection. A change counts from the next run on: a run under way
//! keeps the settings it began with (S0-23). It names the version that it was made from, so that of two admins the second
//! sees what the first did (optimistic locking).

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use sha2::{Digest, Sha256};
use sync300_plans::{Entitlement, Feature};

use super::object_view::{ObjectView, StrategyChoice, object_view, same, strategies};
use super::status::{Moment, RunView, run_view};
use super::{answer, answer_admin, held, lists};
use crate::audit::{self, Action};
use crate::caller::Caller;
use crate::core::catalog;
use crate::error::Error;
use crate::objects;
use crate::plan;
use crate::ports::Ports;
use crate::roles;
use crate::settings::{Direction, OnDelete, Rule, Settings, Strategy};
use crate::store::Store;
use crate::store::cards::Held;
use crate::surface::{Answer, Incoming, Problem};
use crate::words;

/// The choices, in minutes; 0 = manual only (S0-17, S0-51, DX-02).
const FREQUENCIES: [(i64, &str); 6] = [
    (5, "Every 5 minutes"),
    (15, "Every 15 minutes"),
    (30, "Every 30 minutes"),
    (60, "Every hour"),
    (1_440, "Every day"),
    (0, "Manual only"),
];

/// What the settings page shows.
#[derive(Debug, Serialize)]
pub(super) struct View {
    connection: String,
    connector: String,
    label: String,
    /// Whether the caller may change anything.
    admin: bool,
    /// Of what is shown: a change names it.
    version: String,
    status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<String>,
    syncing: &'static str,
    last_run: Option<RunView>,
    objects: Vec<ObjectView>,
    strategies: [StrategyChoice; 3],
    frequency: i64,
    frequencies: Vec<Choice>,
    /// Whether the portal's plan has mappings that are not the connector's own (S3-11, S3-12).
    custom_mappings: bool,
    /// When somebody answers.
    support: &'static str,
    paths: Paths,
}

/// Where the rest is done, under the same host: signed calls as this one, but `reconnect` gives a link for a window.
#[derive(Debug, Serialize)]
struct Paths {
    reconnect: String,
    disconnect: &'static str,
    export: &'static str,
    erase: &'static str,
    restrict: &'static str,
    resume: &'static str,
}

#[derive(Debug, Serialize)]
struct Choice {
    minutes: i64,
    label: &'static str,
    /// Whether the portal's plan has it (S0-46).
    allowed: bool,
    /// The name of the first plan that has it, where this one has not.
    #[serde(skip_serializing_if = "Option::is_none")]
    needs: Option<&'static str>,
}

/// A change; what is not named stays.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    connection: String,
    version: String,
    frequency: Option<i64>,
    #[serde(default)]
    objects: BTreeMap<String, ObjectChange>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ObjectChange {
    enabled: Option<bool>,
    direction: Option<Direction>,
    strategy: Option<Strategy>,
    on_delete: Option<OnDelete>,
    create: Option<bool>,
    /// A list's id, or null: all records.
    #[serde(default, deserialize_with = "given")]
    inclusion_list: Option<Option<String>>,
}

/// Tells null from nothing.
fn given<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(value).map(Some)
}

/// Shows what is chosen, to every user of the portal.
pub async fn settings<P: Ports>(ports: &P, incoming: &Incoming) -> Answer {
    answer(ports, incoming, async |caller| {
        let query = incoming.query()?;
        let id = query.get("connection").unwrap_or_default();
        let held = held(ports, caller, id).await?;
        view(ports, caller, &held).await
    })
    .await
}

/// Changes what is chosen.
pub async fn change_settings<P: Ports>(ports: &P, incoming: &Incoming) -> Answer {
    answer_admin(ports, incoming, async |caller| {
        let change: Change = incoming.json()?;
        let held = held(ports, caller, &change.connection).await?;
        let settings = changed(&held, &change)?;
        lists::check(ports, &held, &declared(&held)?, &settings).await?;
        let frequency = change.frequency.unwrap_or(held.frequency);
        if frequency != held.frequency {
            check_frequency(frequency)?;
            plan::require(ports, caller.portal, Feature::Frequency(frequency)).await?;
        }
        save(ports, caller, &held, &change.version, &settings, frequency).await
    })
    .await
}

/// The settings with a change made.
fn changed(held: &Held, change: &Change) -> Result<Settings, Problem> {
    let connector = declared(held)?;
    let mut settings = held.settings.clone();
    for (name, chosen) in &change.objects {
        if !connector.objects.iter().any(|object| object.name == *name) {
            let message = format!("{} has no such kind of record.", connector.label);
            return Err(Problem::new(422, "settings_refused", message));
        }
        let object = settings.objects.entry(name.clone()).or_default();
        object.enabled = chosen.enabled.unwrap_or(object.enabled);
        object.direction = chosen.direction.unwrap_or(object.direction);
        object.strategy = chosen.strategy.or(object.strategy);
        object.on_delete = chosen.on_delete.unwrap_or(object.on_delete);
        // What travels one way again makes nothing at the provider, without being told.
        let kept = object.create && object.direction == Direction::Both;
        object.create = chosen.create.unwrap_or(kept);
        if let Some(list) = &chosen.inclusion_list {
            object.inclusion_list.clone_from(list);
        }
    }
    settings.check(&connector).map_err(|error| {
        Problem::new(422, "settings_refused", sentence(&error.to_string()))
            .action("Choose one of the ways that are offered.")
    })?;
    Ok(settings)
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).chain(['.']).collect()
}

fn check_frequency(frequency: i64) -> Result<(), Problem> {
    if FREQUENCIES.iter().any(|(minutes, _)| *minutes == frequency) {
        return Ok(());
    }
    Err(
        Problem::new(422, "frequency_unknown", "There is no such schedule.")
            .action("Choose one of the schedules that are offered."),
    )
}

/// Stores settings that were made from this version, and shows them.
pub(super) async fn save<P: Ports>(
    ports: &P,
    caller: &Caller,
    held: &Held,
    version: &str,
    settings: &Settings,
    frequency: i64,
) -> Result<View, Problem> {
    let text = serde_json::to_string(settings).map_err(|_| Error::Row)?;
    let changed = text != held.stored || frequency != held.frequency;
    let store = Store::new(ports);
    if !is_of(held, version) {
        // The proxy tries once more where the first answer was lost: what it asks for is there already.
        if !changed {
            return view(ports, caller, held).await;
        }
        return Err(changed_meanwhile());
    }
    if changed {
        // What is switched on need not wait for the schedule (DX-05), nor what is mapped (S2-30).
        let at_once = switched_on(held, settings) || mapped(held, settings)?;
        if !store
            .change_settings(held, &text, frequency, at_once)
            .await?
        {
            return Err(changed_meanwhile());
        }
        let (user, connection) = (Some(caller.user), Some(held.id.as_str()));
        let action = Action::SettingsChanged;
        audit::write(&store, caller.portal, user, action, connection, None).await?;
    }
    let now = super::held(ports, caller, &held.id).await?;
    view(ports, caller, &now).await
}

/// Whether a kind of record is on that was off.
fn switched_on(held: &Held, settings: &Settings) -> bool {
    let mut objects = settings.objects.iter();
    objects.any(|(name, chosen)| chosen.enabled && !held.settings.object(name).enabled)
}

/// Whether a field fills a property of a kind of record that did not: the next sync reads everything of it.
fn mapped(held: &Held, settings: &Settings) -> Result<bool, Problem> {
    let connector = declared(held)?;
    Ok(connector.objects.iter().any(|object| {
        let before = held.settings.object(&object.name).rules;
        let now = settings.object(&object.name);
        let declared = &object.rules;
        let known = |rule: &Rule| match &before {
            Some(rules) => rules.contains(rule),
            None => declared.iter().any(|known| same(rule, known)),
        };
        let brought_back = |rule: &catalog::Rule| {
            let rules = before.iter().flatten();
            before.is_some() && !rules.into_iter().any(|known| same(known, rule))
        };
        now.enabled
            && match &now.rules {
                Some(rules) => !rules.iter().all(known),
                None => declared.iter().any(brought_back),
            }
    }))
}

fn changed_meanwhile() -> Problem {
    Problem::new(
        409,
        "settings_changed",
        "Somebody else changed these settings in the meantime.",
    )
    .action("Look at them as they are now, and make your change again.")
}

/// Whether a change was made from what is stored.
pub(super) fn is_of(held: &Held, version: &str) -> bool {
    version == version_of(held)
}

/// Tells one version of the settings from another.
pub(super) fn version_of(held: &Held) -> String {
    let digest = Sha256::digest(format!("{} {}", held.frequency, held.stored));
    digest
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

pub(super) fn declared(held: &Held) -> Result<catalog::Connector, Problem> {
    Ok(catalog::describe(&held.connector).map_err(Error::Config)?)
}

pub(super) async fn view<P: Ports>(
    ports: &P,
    caller: &Caller,
    held: &Held,
) -> Result<View, Problem> {
    let connector = declared(held)?;
    let label = connector.label.clone();
    let store = Store::new(ports);
    let now = ports.now();
    // Where HubSpot cannot be asked, everything can be looked at and nothing changed.
    let admin = roles::is_admin(ports, caller.portal, caller.user).await;
    let entitlement = plan::entitlement(ports, caller.portal).await?;
    let denied = entitlement.and_then(|plan| plan.allows(Feature::Frequency(held.frequency)).err());
    let reason = held.reason.as_deref();
    let by_plan = reason
        .filter(|reason| reason.starts_with("plan_"))
        .or(denied.map(|denied| denied.code));
    let code = match (held.status.as_str(), caller.restricted) {
        ("active", false) => by_plan,
        ("active", true) => Some("restricted"),
        ("expired", _) => Some(held.reason.as_deref().unwrap_or("token_expired")),
        ("paused", _) => Some(held.reason.as_deref().unwrap_or("paused")),
        _ => Some("disconnected"),
    };
    let words = code.map(|code| words::explain(code, &label));
    let last_run = store.last_ended(&held.id).await?;
    let mut lists = lists::chosen(ports, held, &connector).await?;
    Ok(View {
        connection: held.id.clone(),
        admin: admin.unwrap_or(false),
        version: version_of(held),
        status: held.status.clone(),
        message: words.as_ref().map(|words| words.message.to_string()),
        action: words.map(|words| words.action.to_string()),
        syncing: match (held.running, held.requested) {
            (true, _) => "running",
            (_, true) => "queued",
            _ => "no",
        },
        last_run: last_run.map(|ended| {
            let moment = Moment {
                at: ended.at,
                ago: words::ago(now, ended.at),
            };
            run_view(&ended, &held.connector, &label, moment)
        }),
        objects: connector
            .objects
            .iter()
            .map(|object| {
                let list = lists.remove(&object.name);
                object_view(&held.settings, &connector, object, list)
            })
            .collect(),
        strategies: strategies(&label),
        frequency: held.frequency,
        frequencies: choices(entitlement.as_ref()),
        custom_mappings: entitlement
            .is_none_or(|entitlement| entitlement.allows(Feature::CustomMappings).is_ok()),
        support: words::SUPPORT,
        paths: Paths {
            reconnect: format!("/oauth/{}/ticket", held.connector),
            disconnect: "/account/disconnect",
            export: "/account/export",
            erase: "/account/erase",
            restrict: "/account/restrict",
            resume: "/account/resume",
        },
        connector: held.connector.clone(),
        label,
    })
}

/// The schedules, and which of them the plan has.
fn choices(entitlement: Option<&Entitlement>) -> Vec<Choice> {
    FREQUENCIES
        .map(|(minutes, label)| {
            let denied = entitlement
                .and_then(|entitlement| entitlement.allows(Feature::Frequency(minutes)).err());
            Choice {
                minutes,
                label,
                allowed: denied.is_none(),
                needs: denied.and_then(|denied| denied.plan).map(|plan| plan.name),
            }
        })
        .into()
}

/// The connector's name, where a message needs it.
pub(super) fn label(held: &Held) -> &str {
    objects::connector_label(&held.connector)
}
