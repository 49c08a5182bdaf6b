//! `/crm/associations/{version}/…` and the associations of single records.

use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::associations::{AssociationType, Pair, Spec, To};
use super::batch::{Inputs, check_length};
use super::context::{Answer, Ctx, Json, batch, created, no_content, ok};
use super::error::ApiError;
use super::model::ObjectType;
use super::portal::Portal;

/// Most inputs of a create or an archive.
const WRITE_LIMIT: usize = 2_000;
/// Most inputs of a read.
const READ_LIMIT: usize = 1_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Labelled {
    from: To,
    to: To,
    types: Vec<Spec>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Unlabelled {
    from: To,
    to: To,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Archive {
    from: To,
    to: Vec<To>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fetch {
    id: String,
    /// Pages within one record's associations are not imitated: it would take more than 500 of them.
    #[serde(rename = "after")]
    _after: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct NewLabel {
    label: String,
    name: String,
    inverse_label: Option<String>,
}

/// The two records of an input, if they exist.
fn ends(
    portal: &Portal,
    from: (ObjectType, &str),
    to: (ObjectType, &str),
) -> Result<(u64, u64), ApiError> {
    let live = |(kind, id): (ObjectType, &str)| {
        portal
            .live(kind, id)
            .map(|record| record.id)
            .ok_or_else(|| {
                let kind = kind.singular().to_uppercase();
                let mut error = ApiError::validation(format!("{kind}={id} is not valid"))
                    .sub("crm.associations.INVALID_OBJECTIDS");
                error.context.insert("ids", vec![id.to_owned()]);
                error
            })
    };
    Ok((live(from)?, live(to)?))
}

fn labels(pairs: &[Pair]) -> Vec<String> {
    pairs
        .iter()
        .filter_map(|pair| pair.there.label.clone())
        .collect()
}

fn with_label(association: &AssociationType) -> Value {
    json!({ "category": association.category, "typeId": association.type_id, "label": association.label })
}

pub(super) async fn create(ctx: Ctx, Json(input): Json<Inputs<Labelled>>) -> Answer {
    let (from, to) = (ctx.kind()?, ctx.to_kind()?);
    check_length(input.inputs.len(), WRITE_LIMIT)?;
    let mut portal = ctx.portal();
    let started = portal.clock.now();
    // An unknown type refuses the batch before anything is written.
    let mut pairs = Vec::new();
    for input in &input.inputs {
        let specs = input
            .types
            .iter()
            .map(|spec| portal.associations.resolve(from, to, spec));
        pairs.push(specs.collect::<Result<Vec<Pair>, ApiError>>()?);
    }
    let (mut results, mut errors) = (Vec::new(), Vec::new());
    for (input, pairs) in input.inputs.iter().zip(&pairs) {
        match ends(&portal, (from, &input.from.id), (to, &input.to.id)) {
            Err(error) => errors.push(error.entry()),
            Ok((one, other)) => {
                for pair in pairs {
                    portal.associations.link((from, one), (to, other), pair);
                }
                results.push(json!({
                    "fromObjectTypeId": from.type_id(),
                    "fromObjectId": input.from.id,
                    "toObjectTypeId": to.type_id(),
                    "toObjectId": input.to.id,
                    "labels": labels(pairs),
                }));
            }
        }
    }
    batch(
        StatusCode::CREATED,
        started,
        portal.clock.now(),
        results,
        errors,
    )
}

pub(super) async fn associate_default(ctx: Ctx, Json(input): Json<Inputs<Unlabelled>>) -> Answer {
    let (from, to) = (ctx.kind()?, ctx.to_kind()?);
    check_length(input.inputs.len(), WRITE_LIMIT)?;
    let inputs = input
        .inputs
        .iter()
        .map(|input| (input.from.id.as_str(), input.to.id.as_str()));
    defaults(&mut ctx.portal(), from, to, inputs)
}

pub(super) async fn put_default(ctx: Ctx) -> Answer {
    let (from, to) = (ctx.kind()?, ctx.to_kind()?);
    let pair = (ctx.path("objectId"), ctx.path("toObjectId"));
    defaults(&mut ctx.portal(), from, to, std::iter::once(pair))
}

/// Unlabelled associations; the answer names both directions.
fn defaults<'a>(
    portal: &mut Portal,
    from: ObjectType,
    to: ObjectType,
    inputs: impl Iterator<Item = (&'a str, &'a str)>,
) -> Answer {
    let started = portal.clock.now();
    let Some(pair) = portal.associations.default_type(from, to) else {
        let message = format!(
            "No default association from {} to {}",
            from.singular(),
            to.singular()
        );
        return Err(ApiError::validation(message));
    };
    let (mut results, mut errors) = (Vec::new(), Vec::new());
    for (one, other) in inputs {
        match ends(portal, (from, one), (to, other)) {
            Err(error) => errors.push(error.entry()),
            Ok((one_id, other_id)) => {
                portal
                    .associations
                    .link((from, one_id), (to, other_id), &pair);
                for (one, other, kind) in [(one, other, &pair.there), (other, one, &pair.back)] {
                    results.push(json!({
                        "from": { "id": one },
                        "to": { "id": other },
                        "associationSpec": {
                            "associationCategory": kind.category,
                            "associationTypeId": kind.type_id,
                        },
                    }));
                }
            }
        }
    }
    batch(StatusCode::OK, started, portal.clock.now(), results, errors)
}

pub(super) async fn read(ctx: Ctx, Json(input): Json<Inputs<Fetch>>) -> Answer {
    let (from, to) = (ctx.kind()?, ctx.to_kind()?);
    check_length(input.inputs.len(), READ_LIMIT)?;
    let portal = ctx.portal();
    let started = portal.clock.now();
    let (mut results, mut errors) = (Vec::new(), Vec::new());
    for Fetch { id, .. } in &input.inputs {
        let record = id.parse().unwrap_or_default();
        let others = associated(&portal, from, record, to);
        if others.is_empty() {
            let message = format!(
                "No {} is associated with {} {id}.",
                to.singular(),
                from.singular()
            );
            let error = ApiError::not_found(message)
                .sub("crm.associations.NO_ASSOCIATIONS_FOUND")
                .with("fromObjectId", id)
                .with("fromObjectType", from.singular())
                .with("toObjectType", to.singular());
            errors.push(error.entry());
        } else {
            results.push(json!({ "from": { "id": id }, "to": others }));
        }
    }
    batch(StatusCode::OK, started, portal.clock.now(), results, errors)
}

fn associated(portal: &Portal, from: ObjectType, id: u64, to: ObjectType) -> Vec<Value> {
    let others = portal.associations.of(from, id, to);
    others
        .map(|(other, types)| {
            let types: Vec<Value> = types.iter().map(with_label).collect();
            json!({ "toObjectId": other.to_string(), "associationTypes": types })
        })
        .collect()
}

pub(super) async fn list(ctx: Ctx) -> Answer {
    let (from, to) = (ctx.kind()?, ctx.to_kind()?);
    let portal = ctx.portal();
    let record = portal.live(from, ctx.path("objectId"));
    let record = record.ok_or_else(|| ApiError::object_not_found(ctx.path("objectId")))?;
    ok(&json!({ "results": associated(&portal, from, record.id, to) }))
}

pub(super) async fn put(ctx: Ctx, Json(specs): Json<Vec<Spec>>) -> Answer {
    let (from, to) = (ctx.kind()?, ctx.to_kind()?);
    let mut portal = ctx.portal();
    let (one, other) = (ctx.path("objectId"), ctx.path("toObjectId"));
    let pairs = specs
        .iter()
        .map(|spec| portal.associations.resolve(from, to, spec));
    let pairs: Vec<Pair> = pairs.collect::<Result<_, _>>()?;
    let (one_id, other_id) = ends(&portal, (from, one), (to, other))?;
    for pair in &pairs {
        portal
            .associations
            .link((from, one_id), (to, other_id), pair);
    }
    created(&json!({
        "fromObjectTypeId": from.type_id(),
        "fromObjectId": one,
        "toObjectTypeId": to.type_id(),
        "toObjectId": other,
        "labels": labels(&pairs),
    }))
}

pub(super) async fn delete(ctx: Ctx) -> Answer {
    let (from, to) = (ctx.kind()?, ctx.to_kind()?);
    if let (Ok(one), Ok(other)) = (ctx.path("objectId").parse(), ctx.path("toObjectId").parse()) {
        ctx.portal()
            .associations
            .unlink((from, one), (to, other), None);
    }
    no_content()
}

/// Takes away all associations of the pairs, labels included.
pub(super) async fn archive(ctx: Ctx, Json(input): Json<Inputs<Archive>>) -> Answer {
    let (from, to) = (ctx.kind()?, ctx.to_kind()?);
    check_length(input.inputs.len(), WRITE_LIMIT)?;
    let mut portal = ctx.portal();
    let started = portal.clock.now();
    for input in &input.inputs {
        for other in &input.to {
            if let (Ok(one), Ok(other)) = (input.from.id.parse(), other.id.parse()) {
                portal.associations.unlink((from, one), (to, other), None);
            }
        }
    }
    batch(
        StatusCode::OK,
        started,
        portal.clock.now(),
        Vec::new(),
        Vec::new(),
    )
}

/// Takes away certain types and leaves the others.
pub(super) async fn archive_labels(ctx: Ctx, Json(input): Json<Inputs<Labelled>>) -> Answer {
    let (from, to) = (ctx.kind()?, ctx.to_kind()?);
    check_length(input.inputs.len(), WRITE_LIMIT)?;
    let mut portal = ctx.portal();
    let started = portal.clock.now();
    for input in &input.inputs {
        for spec in &input.types {
            let pair = portal.associations.resolve(from, to, spec)?;
            if let (Ok(one), Ok(other)) = (input.from.id.parse(), input.to.id.parse()) {
                portal
                    .associations
                    .unlink((from, one), (to, other), Some(&pair));
            }
        }
    }
    batch(
        StatusCode::OK,
        started,
        portal.clock.now(),
        Vec::new(),
        Vec::new(),
    )
}

pub(super) async fn list_labels(ctx: Ctx) -> Answer {
    let (from, to) = (ctx.kind()?, ctx.to_kind()?);
    let pairs = ctx.portal().associations.types(from, to);
    let results: Vec<Value> = pairs.iter().map(|pair| with_label(&pair.there)).collect();
    ok(&json!({ "results": results }))
}

pub(super) async fn create_label(ctx: Ctx, Json(input): Json<NewLabel>) -> Answer {
    let (from, to) = (ctx.kind()?, ctx.to_kind()?);
    if input.name.is_empty()
        || !input
            .name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_')
    {
        return Err(ApiError::validation(
            "name may hold letters, digits and underscores only",
        ));
    }
    let mut portal = ctx.portal();
    let taken = portal.associations.types(from, to);
    if taken
        .iter()
        .any(|pair| pair.there.label.as_deref() == Some(input.label.as_str()))
    {
        return Err(ApiError::validation(format!(
            "The label {} already exists",
            input.label
        )));
    }
    // A portal's own types count up from 1; both directions take a number unless they are one.
    let own = taken
        .iter()
        .filter(|pair| pair.there.category == "USER_DEFINED")
        .count();
    let first = u32::try_from(own).unwrap_or_default() * 2 + 1;
    let kind = |type_id, label: &str| AssociationType {
        category: "USER_DEFINED".to_owned(),
        type_id,
        label: Some(label.to_owned()),
    };
    let back_label = input.inverse_label.as_deref().unwrap_or(&input.label);
    let back_id = if from == to { first } else { first + 1 };
    let pair = Pair {
        there: kind(first, &input.label),
        back: kind(back_id, back_label),
    };
    let results = [with_label(&pair.there), with_label(&pair.back)];
    portal.associations.add_label(from, to, pair);
    ok(&json!({ "results": results }))
}
