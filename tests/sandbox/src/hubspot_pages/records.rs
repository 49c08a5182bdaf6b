//! A record's page: its cards, and its properties as a form, which a person edits as in HubSpot.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::{Path as At, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use sync300_fakes::FakeError;
use sync300_fakes::hubspot::{ObjectType, PortalHandle, Record};
use sync300_kit::core::catalog;

use super::{Pages, PagesError, Query, Shared};
use crate::clio_pages;
use crate::form::{Field, changed};

/// How a record is called.
pub(super) fn name(kind: ObjectType, record: &Record) -> String {
    let value = |property| record.value(property).unwrap_or_default();
    let name = match kind {
        ObjectType::Contacts => format!("{} {}", value("firstname"), value("lastname")),
        ObjectType::Companies => value("name").to_owned(),
        ObjectType::Deals => value("dealname").to_owned(),
        ObjectType::Tickets => value("subject").to_owned(),
    };
    match name.trim() {
        "" => format!("{} {}", kind.singular(), record.id),
        name => name.to_owned(),
    }
}

/// `GET /hubspot/record/{kind}/{id}`.
pub(super) async fn show(
    State(pages): Shared,
    At((kind, id)): At<(String, u64)>,
    RawQuery(raw): RawQuery,
) -> Result<Html<String>, PagesError> {
    let query = Query::read(raw.as_deref());
    shown(
        &pages,
        &pages.platform.portal()?,
        find(&kind)?,
        id,
        &query,
        None,
    )
}

/// Writes what was changed, as a user of HubSpot does, with its time and source.
pub(super) async fn save(
    State(pages): Shared,
    At((kind, id)): At<(String, u64)>,
    RawQuery(raw): RawQuery,
    body: Bytes,
) -> Result<Response, PagesError> {
    let query = Query::read(raw.as_deref());
    let portal = pages.platform.portal()?;
    let found = find(&kind)?;
    let record = record(&portal, found, id)?;
    let changes = changed(&fields(&portal, found, Some(&record))?, &body);
    match portal.edit(found, id, &pairs(&changes)) {
        Ok(()) => Ok(Redirect::to(&page(&kind, id, &query)).into_response()),
        Err(FakeError::Refused(reason)) => {
            let page = shown(&pages, &portal, found, id, &query, Some(&reason))?;
            Ok((StatusCode::BAD_REQUEST, page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// A form for a record that is made by hand.
pub(super) async fn blank(
    State(pages): Shared,
    At(kind): At<String>,
    RawQuery(raw): RawQuery,
) -> Result<Html<String>, PagesError> {
    let query = Query::read(raw.as_deref());
    asked(&pages, find(&kind)?, &query, None)
}

/// Makes a record as a user of HubSpot does.
pub(super) async fn create(
    State(pages): Shared,
    At(kind): At<String>,
    RawQuery(raw): RawQuery,
    body: Bytes,
) -> Result<Response, PagesError> {
    let query = Query::read(raw.as_deref());
    let portal = pages.platform.portal()?;
    let found = find(&kind)?;
    let values = changed(&fields(&portal, found, None)?, &body);
    match portal.create_by_hand(found, &pairs(&values)) {
        Ok(id) => Ok(Redirect::to(&page(&kind, id, &query)).into_response()),
        Err(FakeError::Refused(reason)) => {
            let page = asked(&pages, found, &query, Some(&reason))?;
            Ok((StatusCode::BAD_REQUEST, page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

fn asked(
    pages: &Pages,
    kind: ObjectType,
    query: &Query,
    problem: Option<&str>,
) -> Result<Html<String>, PagesError> {
    let fields = fields(&pages.platform.portal()?, kind, None)?;
    let shell = pages.shell(&format!("Create a {}", kind.singular()), query)?;
    Ok(Html(shell.blank(&fields, problem)))
}

fn pairs(values: &BTreeMap<String, String>) -> Vec<(&str, &str)> {
    let values = values.iter();
    values
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect()
}

/// A record's page, for the same user.
fn page(kind: &str, id: u64, query: &Query) -> String {
    format!("/hubspot/record/{kind}/{id}?user={}", query.viewer())
}

fn find(kind: &str) -> Result<ObjectType, PagesError> {
    ObjectType::parse(kind).ok_or_else(|| PagesError::Unknown(format!("object {kind}")))
}

fn record(portal: &PortalHandle, kind: ObjectType, id: u64) -> Result<Record, PagesError> {
    let record = portal.record(kind, id);
    record.ok_or_else(|| PagesError::Unknown(format!("{} {id}", kind.singular())))
}

fn shown(
    pages: &Pages,
    portal: &PortalHandle,
    kind: ObjectType,
    id: u64,
    query: &Query,
    problem: Option<&str>,
) -> Result<Html<String>, PagesError> {
    let record = record(portal, kind, id)?;
    let fields = fields(portal, kind, Some(&record))?;
    let other = record.value("sync300_clio_id");
    let other = other.map(|id| clio_pages::path(kind, id));
    let values: Vec<(String, String)> = record
        .values()
        .into_iter()
        .filter(|(name, _)| fields.iter().all(|field| field.name != *name))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let cards = pages.definitions.cards(kind);
    let shell = pages.shell(&name(kind, &record), query)?;
    let aside = shell.aside((kind, id), (&fields, problem), other.as_deref(), &values);
    Ok(Html(shell.record((kind, id), &cards, aside)))
}

/// The properties that the connector maps, as a form; blank for a new record.
fn fields(
    portal: &PortalHandle,
    kind: ObjectType,
    record: Option<&Record>,
) -> Result<Vec<Field>, PagesError> {
    let connector = catalog::describe("clio").map_err(PagesError::Connector)?;
    let objects = connector.objects.iter();
    let object = objects.filter(|object| object.hubspot_object == kind.plural());
    let properties = portal.properties(kind);
    let fields = object.flat_map(|object| &object.rules).filter_map(|rule| {
        let property = properties.get(&rule.property)?;
        let choices = choices(portal, kind, &rule.property).unwrap_or_else(|| {
            let options = property.options.iter();
            let shown = options.filter(|option| !option.hidden);
            shown
                .map(|option| (option.value.clone(), option.label.clone()))
                .collect()
        });
        let value = record.and_then(|record| record.value(&property.name));
        Some(Field {
            name: property.name.clone(),
            label: property.label.clone(),
            value: value.unwrap_or_default().to_owned(),
            choices,
            long: property.field_type == "textarea",
        })
    });
    Ok(fields.collect())
}

/// The stages of the pipelines, where the property is one.
fn choices(
    portal: &PortalHandle,
    kind: ObjectType,
    property: &str,
) -> Option<Vec<(String, String)>> {
    if !matches!(property, "dealstage" | "hs_pipeline_stage") {
        return None;
    }
    let pipelines = portal.pipelines(kind);
    let stages = pipelines.iter().flat_map(|pipeline| {
        let stages = pipeline.stages.iter();
        stages.map(|stage| {
            let label = format!("{}: {}", pipeline.label, stage.label);
            (stage.id.clone(), label)
        })
    });
    Some(stages.collect())
}
