//! What a declaration must hold to about the provider's own webhooks.

use std::collections::BTreeSet;

use super::auth::is_free_header;
use super::{Finding, non_empty, unique, url_path};
use crate::declaration::{Connector, EventPaths, Problem, Subscription, Webhooks};
use crate::selection::Selection;

/// Bounds of a life, in seconds: an hour to a year.
const LIFE: std::ops::RangeInclusive<u32> = 3_600..=31_536_000;

pub(super) fn check(connector: &Connector) -> Result<(), Finding> {
    let Some(webhooks) = &connector.declaration.webhooks else {
        return Ok(());
    };
    check_paths(webhooks).map_err(|p| ("webhooks".to_owned(), p))?;
    non_empty("signature_encodings", webhooks.signature_encodings.len())?;
    non_empty("subscriptions", webhooks.subscriptions.len())?;
    let subscriptions = || webhooks.subscriptions.iter();
    unique("subscriptions", subscriptions().map(|s| s.model.as_str()))?;
    unique(
        "subscriptions",
        subscriptions().flat_map(|s| s.objects.iter().map(String::as_str)),
    )?;
    for subscription in &webhooks.subscriptions {
        check_subscription(connector, &webhooks.event, subscription)
            .map_err(|p| (format!("subscription {}", subscription.model), p))?;
    }
    let asked: BTreeSet<&String> = subscriptions().flat_map(|s| &s.events).collect();
    match webhooks
        .event
        .means
        .keys()
        .find(|name| !asked.contains(name))
    {
        Some(name) => Err((
            "webhooks, event".to_owned(),
            Problem::EventUnused(name.clone()),
        )),
        None => Ok(()),
    }
}

fn check_paths(webhooks: &Webhooks) -> Result<(), Problem> {
    for path in [
        &webhooks.path,
        &webhooks.record_path,
        &webhooks.activate_path,
    ] {
        url_path(path)?;
    }
    for path in [&webhooks.record_path, &webhooks.activate_path] {
        if path.matches("{id}").count() != 1 {
            return Err(Problem::IdMissing(path.clone()));
        }
    }
    for name in [&webhooks.secret_header, &webhooks.signature_header] {
        if !is_free_header(name) {
            return Err(Problem::Header(name.clone()));
        }
    }
    if !LIFE.contains(&webhooks.life_seconds) {
        return Err(Problem::Bound(
            "`life_seconds` must be an hour at least, and a year at most",
        ));
    }
    if webhooks.states.pending == webhooks.states.active {
        return Err(Problem::Duplicate(webhooks.states.active.clone()));
    }
    Ok(())
}

fn check_subscription(
    connector: &Connector,
    event: &EventPaths,
    subscription: &Subscription,
) -> Result<(), Problem> {
    if subscription.objects.is_empty() {
        return Err(Problem::Empty("objects"));
    }
    if subscription.events.is_empty() {
        return Err(Problem::Empty("events"));
    }
    if let Some(name) = subscription
        .events
        .iter()
        .find(|name| !event.means.contains_key(*name))
    {
        return Err(Problem::EventUnknown(name.clone()));
    }
    let selection = Selection::parse(&subscription.selection)?;
    for name in &subscription.objects {
        let stream = connector
            .object(name)
            .and_then(|_| connector.stream(name))
            .ok_or_else(|| Problem::UnknownObject(name.clone()))?;
        for path in selection.leaves() {
            stream.source(&path)?;
        }
    }
    Ok(())
}
