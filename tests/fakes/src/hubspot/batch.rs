//! `/crm/objects/{version}/{objectType}/batch/…`: up to 100 records at once.

use std::collections::HashSet;

use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::Value;

use super::associations::{NewAssociation, associate_new, check_new};
use super::checks::Claimed;
use super::context::{Answer, Ctx, Json, Shown, batch, no_content, shown};
use super::error::ApiError;
use super::model::ObjectType;
use super::objects::{Properties, after_write};
use super::portal::{Portal, Values};

/// Most inputs of a batch.
const LIMIT: usize = 100;
/// Most inputs of a batch that reads history.
const HISTORY_LIMIT: usize = 50;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Id {
    pub(super) id: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Inputs<T> {
    pub(super) inputs: Vec<T>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Read {
    inputs: Vec<Id>,
    id_property: Option<String>,
    #[serde(default)]
    properties: Vec<String>,
    #[serde(default)]
    properties_with_history: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Create {
    properties: Properties,
    #[serde(default)]
    associations: Vec<NewAssociation>,
    object_write_trace_id: Option<String>,
}

/// An input of an update or an upsert.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Change {
    id: String,
    id_property: Option<String>,
    properties: Properties,
    object_write_trace_id: Option<String>,
}

/// Refuses batches that are empty or too long.
pub(super) fn check_length(length: usize, limit: usize) -> Result<(), ApiError> {
    match length {
        0 => Err(ApiError::validation(
            "At least one input is required in a batch request",
        )),
        _ if length > limit => Err(ApiError::validation(format!(
            "The number of inputs ({length}) exceeds the maximum batch size of {limit}"
        ))),
        _ => Ok(()),
    }
}

fn check_distinct<'a>(what: &str, values: impl Iterator<Item = &'a str>) -> Result<(), ApiError> {
    let mut seen = HashSet::new();
    let twice: Vec<&str> = values
        .filter(|value| !seen.insert(value.to_lowercase()))
        .collect();
    if twice.is_empty() {
        return Ok(());
    }
    let list = twice.join(", ");
    Err(ApiError::validation(format!(
        "Duplicate {what} found in batch input: [{list}]. {what} must be unique"
    )))
}

/// Ids that name no record, as one error.
fn missing(kind: ObjectType, ids: &[String]) -> ApiError {
    let mut error = ApiError::not_found(format!(
        "Could not get some {} objects, they may be deleted or not exist. Check that ids are valid.",
        kind.singular().to_uppercase()
    ));
    for id in ids {
        error = error.with("ids", id);
    }
    error
}

pub(super) async fn read(ctx: Ctx, Json(input): Json<Read>) -> Answer {
    let kind = ctx.kind()?;
    let history = !input.properties_with_history.is_empty();
    check_length(
        input.inputs.len(),
        if history { HISTORY_LIMIT } else { LIMIT },
    )?;
    let portal = ctx.portal();
    let started = portal.clock.now();
    let archived = ctx.query.flag("archived");
    let asked = Shown {
        properties: input.properties,
        with_history: input.properties_with_history,
        at: None,
    };
    let (mut results, mut absent, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
    for Id { id } in input.inputs {
        let found = portal.find(kind, &id, input.id_property.as_deref())?;
        let record = found
            .and_then(|found| portal.store(kind).records.get(&found))
            .filter(|record| record.archived_at.is_some() == archived);
        match record {
            Some(record) if seen.insert(record.id) => {
                results.push(shown(&portal, kind, record, &asked))
            }
            Some(_) => {}
            None => absent.push(id),
        }
    }
    let errors = if absent.is_empty() {
        Vec::new()
    } else {
        vec![missing(kind, &absent).entry()]
    };
    batch(StatusCode::OK, started, portal.clock.now(), results, errors)
}

/// A checked input of a batch write.
struct Prepared {
    target: Option<u64>,
    values: Values,
    written: Properties,
    trace: Option<String>,
    associations: Vec<NewAssociation>,
}

/// How a batch deals with inputs that are refused.
#[derive(Clone, Copy, PartialEq)]
enum Failing {
    /// One bad input refuses all.
    Together,
    /// Every input carries its `objectWriteTraceId` and fails alone.
    Alone,
}

impl Failing {
    fn of<'a>(traces: impl Iterator<Item = Option<&'a str>>) -> Result<Self, ApiError> {
        let traces: Vec<Option<&str>> = traces.collect();
        check_distinct("objectWriteTraceIds", traces.iter().copied().flatten())?;
        let all = traces.iter().all(Option::is_some);
        Ok(if all { Self::Alone } else { Self::Together })
    }

    /// Traces may count for creates alone.
    fn unless(&mut self, portal: &Portal) {
        if !portal.config.traces_for_all {
            *self = Self::Together;
        }
    }
}

/// Applies what was prepared and answers.
fn finish(
    portal: &mut Portal,
    kind: ObjectType,
    success: StatusCode,
    outcomes: Vec<Result<Prepared, Value>>,
    upsert: bool,
) -> Answer {
    let started = portal.clock.now();
    let source = portal.app();
    let (mut results, mut errors) = (Vec::new(), Vec::new());
    for outcome in outcomes {
        let input = match outcome {
            Ok(input) => input,
            Err(error) => {
                errors.push(error);
                continue;
            }
        };
        let id = portal.write(kind, input.target, input.values, &source);
        associate_new(portal, kind, id, &input.associations);
        let mut result = after_write(portal, kind, id, &input.written)?;
        if let Some(result) = result.as_object_mut() {
            if upsert {
                result.insert("new".to_owned(), input.target.is_none().into());
            }
            if let Some(trace) = input.trace {
                result.insert("objectWriteTraceId".to_owned(), trace.into());
            }
        }
        results.push(result);
    }
    batch(success, started, portal.clock.now(), results, errors)
}

/// Turns a refused input into an error entry, or gives up the batch.
fn refused(error: ApiError, failing: Failing, trace: Option<&str>) -> Result<Value, ApiError> {
    match (failing, trace) {
        (Failing::Alone, Some(trace)) => Ok(error.with("objectWriteTraceId", trace).entry()),
        _ => Err(error),
    }
}

pub(super) async fn create(ctx: Ctx, Json(input): Json<Inputs<Create>>) -> Answer {
    let kind = ctx.kind()?;
    check_length(input.inputs.len(), LIMIT)?;
    let failing = Failing::of(
        input
            .inputs
            .iter()
            .map(|input| input.object_write_trace_id.as_deref()),
    )?;
    let mut portal = ctx.portal();
    let mut claimed = Claimed::new();
    let mut outcomes = Vec::new();
    for input in input.inputs {
        let prepared = check_new(&portal, kind, &input.associations)
            .and_then(|()| portal.prepare(kind, None, &input.properties, &mut claimed));
        outcomes.push(match prepared {
            Ok(values) => Ok(Prepared {
                target: None,
                values,
                written: input.properties,
                trace: input.object_write_trace_id,
                associations: input.associations,
            }),
            Err(error) => Err(refused(
                error,
                failing,
                input.object_write_trace_id.as_deref(),
            )?),
        });
    }
    finish(&mut portal, kind, StatusCode::CREATED, outcomes, false)
}

pub(super) async fn update(ctx: Ctx, Json(input): Json<Inputs<Change>>) -> Answer {
    let kind = ctx.kind()?;
    check_length(input.inputs.len(), LIMIT)?;
    check_distinct("IDs", input.inputs.iter().map(|input| input.id.as_str()))?;
    let mut failing = Failing::of(
        input
            .inputs
            .iter()
            .map(|input| input.object_write_trace_id.as_deref()),
    )?;
    let mut portal = ctx.portal();
    failing.unless(&portal);
    let mut claimed = Claimed::new();
    let mut outcomes = Vec::new();
    for input in input.inputs {
        let target = match input.id_property.as_deref() {
            None => input.id.parse().ok(),
            // Unlike the upsert, the update takes no e-mail addresses.
            Some(property) if property == "email" || !portal.store(kind).is_unique(property) => {
                return Err(non_unique(&portal, kind, property));
            }
            Some(property) => portal.find(kind, &input.id, Some(property))?,
        };
        // An id that a merge took away is as unknown as any other.
        let Some(target) = target.filter(|id| portal.live(kind, &id.to_string()).is_some()) else {
            // Reported per input with or without trace ids.
            let error = missing(kind, std::slice::from_ref(&input.id));
            let trace = input.object_write_trace_id;
            outcomes.push(Err(match trace {
                Some(trace) => error.with("objectWriteTraceId", trace).entry(),
                None => error.entry(),
            }));
            continue;
        };
        outcomes.push(
            match portal.prepare(kind, Some(target), &input.properties, &mut claimed) {
                Ok(values) => Ok(Prepared {
                    target: Some(target),
                    values,
                    written: input.properties,
                    trace: input.object_write_trace_id,
                    associations: Vec::new(),
                }),
                Err(error) => Err(refused(
                    error,
                    failing,
                    input.object_write_trace_id.as_deref(),
                )?),
            },
        );
    }
    finish(&mut portal, kind, StatusCode::OK, outcomes, false)
}

pub(super) async fn upsert(ctx: Ctx, Json(input): Json<Inputs<Change>>) -> Answer {
    let kind = ctx.kind()?;
    check_length(input.inputs.len(), LIMIT)?;
    check_distinct("IDs", input.inputs.iter().map(|input| input.id.as_str()))?;
    let mut failing = Failing::of(
        input
            .inputs
            .iter()
            .map(|input| input.object_write_trace_id.as_deref()),
    )?;
    let mut portal = ctx.portal();
    failing.unless(&portal);
    let mut claimed = Claimed::new();
    let mut outcomes = Vec::new();
    if input
        .inputs
        .iter()
        .any(|input| input.id_property.as_deref() == Some("email"))
    {
        // "Partial upserts are not supported when using email as the idProperty."
        failing = Failing::Together;
    }
    for input in input.inputs {
        let Some(id_property) = input.id_property.as_deref() else {
            return Err(ApiError::validation("idProperty is required for upsert"));
        };
        if !portal.store(kind).is_unique(id_property) {
            return Err(non_unique(&portal, kind, id_property));
        }
        let target = portal.find(kind, &input.id, Some(id_property))?;
        let mut written = input.properties;
        if target.is_none() && !written.contains_key(id_property) {
            written.insert(id_property.to_owned(), Some(input.id.clone()));
        }
        outcomes.push(match portal.prepare(kind, target, &written, &mut claimed) {
            Ok(values) => Ok(Prepared {
                target,
                values,
                written,
                trace: input.object_write_trace_id,
                associations: Vec::new(),
            }),
            Err(error) => Err(refused(
                error,
                failing,
                input.object_write_trace_id.as_deref(),
            )?),
        });
    }
    finish(&mut portal, kind, StatusCode::OK, outcomes, true)
}

fn non_unique(portal: &Portal, kind: ObjectType, property: &str) -> ApiError {
    ApiError::validation(format!(
        "Unable to perform update/upsert by non-unique {} property {property} in portal ID {}",
        kind.type_id(),
        portal.config.id
    ))
}

pub(super) async fn archive(ctx: Ctx, Json(input): Json<Inputs<Id>>) -> Answer {
    let kind = ctx.kind()?;
    check_length(input.inputs.len(), LIMIT)?;
    let mut portal = ctx.portal();
    for id in input
        .inputs
        .iter()
        .filter_map(|input| input.id.parse().ok())
    {
        portal.archive(kind, id);
    }
    no_content()
}
