//! `/crm/pipelines/{version}/{objectType}`.

use std::collections::{BTreeMap, HashSet};

use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::json;

use super::PipelineRights;
use super::context::{Answer, Ctx, Json, created, no_content, ok};
use super::defaults::with_is_closed;
use super::error::ApiError;
use super::model::{ObjectType, Pipeline, Stage};
use super::portal::Portal;

/// Most stages of a pipeline.
const MAX_STAGES: usize = 100;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct NewPipeline {
    label: String,
    display_order: i32,
    pipeline_id: Option<String>,
    stages: Vec<NewStage>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct NewStage {
    label: String,
    display_order: i32,
    metadata: BTreeMap<String, String>,
    stage_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct PipelinePatch {
    label: Option<String>,
    display_order: Option<i32>,
    archived: Option<bool>,
}

fn not_found(id: &str) -> ApiError {
    ApiError::not_found(format!("Pipeline {id} does not exist")).with("pipelineId", id)
}

/// Only deals and tickets have pipelines here.
fn kind_with_pipelines(ctx: &Ctx) -> Result<ObjectType, ApiError> {
    let kind = ctx.kind()?;
    match kind.pipeline_properties() {
        Some(_) => Ok(kind),
        None => Err(ApiError::validation(format!(
            "{} do not have pipelines",
            kind.plural()
        ))),
    }
}

fn check_metadata(kind: ObjectType, stage: &NewStage) -> Result<(), ApiError> {
    let refuse = |what: &str| {
        Err(ApiError::validation(format!(
            "Stage {}: {what}",
            stage.label
        )))
    };
    match kind {
        ObjectType::Tickets => match stage.metadata.get("ticketState").map(String::as_str) {
            None | Some("OPEN" | "CLOSED") => Ok(()),
            Some(_) => refuse("ticketState must be OPEN or CLOSED"),
        },
        _ => match stage
            .metadata
            .get("probability")
            .map(|probability| probability.parse::<f64>())
        {
            Some(Ok(probability)) if (0.0..=1.0).contains(&probability) => Ok(()),
            Some(_) => refuse("probability must be between 0.0 and 1.0"),
            None => refuse("metadata.probability is required for deal stages"),
        },
    }
}

/// A portal of a lower tier has no right to more pipelines.
fn check_rights(portal: &Portal, kind: ObjectType) -> Result<(), ApiError> {
    match portal.config.pipelines {
        PipelineRights::Allowed => Ok(()),
        // Both wordings are unverified; the statuses are what is known of Free portals.
        PipelineRights::Forbidden => Err(ApiError::new(
            StatusCode::FORBIDDEN,
            "MISSING_SCOPES",
            "This account does not have access to more pipelines",
        )),
        PipelineRights::LimitReached => Err(ApiError::validation(format!(
            "You have reached the limit of pipelines for {}",
            kind.plural()
        ))
        .sub("PipelineError.PIPELINE_LIMIT_REACHED")),
    }
}

fn add(portal: &mut Portal, kind: ObjectType, new: NewPipeline) -> Result<Pipeline, ApiError> {
    check_rights(portal, kind)?;
    let mut labels = HashSet::new();
    for stage in &new.stages {
        check_metadata(kind, stage)?;
        if !labels.insert(stage.label.to_lowercase()) {
            return Err(ApiError::validation(format!(
                "Stage label {} is not unique",
                stage.label
            )));
        }
    }
    if new.stages.is_empty() || new.stages.len() > MAX_STAGES {
        return Err(ApiError::validation(format!(
            "A pipeline has 1 to {MAX_STAGES} stages"
        )));
    }
    let existing = &portal.store(kind).pipelines;
    if existing
        .iter()
        .any(|pipeline| pipeline.label.eq_ignore_ascii_case(&new.label))
    {
        return Err(ApiError::conflict(
            "CONFLICT",
            format!("A pipeline labelled {} already exists", new.label),
        ));
    }
    let mut taken: HashSet<String> = existing
        .iter()
        .map(|pipeline| pipeline.id.clone())
        .collect();
    taken.extend(
        existing
            .iter()
            .flat_map(|pipeline| &pipeline.stages)
            .map(|stage| stage.id.clone()),
    );
    let given = new
        .stages
        .iter()
        .filter_map(|stage| stage.stage_id.as_ref());
    for id in given.chain(&new.pipeline_id) {
        if id.chars().any(char::is_uppercase) {
            return Err(ApiError::validation(format!(
                "Property name must be lowercase, but given: {id}"
            )));
        }
        if !taken.insert(id.clone()) {
            return Err(ApiError::conflict(
                "CONFLICT",
                format!("The id {id} is already in use"),
            ));
        }
    }

    let now = portal.clock.now();
    let mut id = || portal.next_id().to_string();
    let pipeline = Pipeline {
        id: new.pipeline_id.unwrap_or_else(&mut id),
        label: new.label,
        display_order: new.display_order,
        stages: new
            .stages
            .into_iter()
            .map(|stage| Stage {
                id: stage.stage_id.unwrap_or_else(&mut id),
                label: stage.label,
                display_order: stage.display_order,
                metadata: with_is_closed(stage.metadata),
                write_permissions: "CRM_PERMISSIONS_ENFORCEMENT",
                archived: false,
                created_at: now,
                updated_at: now,
            })
            .collect(),
        archived: false,
        created_at: now,
        updated_at: now,
    };
    portal.store_mut(kind).pipelines.push(pipeline.clone());
    Ok(pipeline)
}

pub(super) async fn list(ctx: Ctx) -> Answer {
    let kind = kind_with_pipelines(&ctx)?;
    let portal = ctx.portal();
    let live: Vec<&Pipeline> = portal
        .store(kind)
        .pipelines
        .iter()
        .filter(|p| !p.archived)
        .collect();
    ok(&json!({ "results": live }))
}

pub(super) async fn read(ctx: Ctx) -> Answer {
    let kind = kind_with_pipelines(&ctx)?;
    let id = ctx.path("pipelineId");
    let portal = ctx.portal();
    let pipeline = portal
        .store(kind)
        .pipelines
        .iter()
        .find(|pipeline| pipeline.id == id);
    ok(&json!(pipeline.ok_or_else(|| not_found(id))?))
}

pub(super) async fn create(ctx: Ctx, Json(input): Json<NewPipeline>) -> Answer {
    let kind = kind_with_pipelines(&ctx)?;
    created(&json!(add(&mut ctx.portal(), kind, input)?))
}

pub(super) async fn update(ctx: Ctx, Json(input): Json<PipelinePatch>) -> Answer {
    let kind = kind_with_pipelines(&ctx)?;
    let id = ctx.path("pipelineId").to_owned();
    let mut portal = ctx.portal();
    let now = portal.clock.now();
    let pipeline = portal
        .store_mut(kind)
        .pipelines
        .iter_mut()
        .find(|pipeline| pipeline.id == id);
    let pipeline = pipeline.ok_or_else(|| not_found(&id))?;
    pipeline.label = input.label.unwrap_or_else(|| pipeline.label.clone());
    pipeline.display_order = input.display_order.unwrap_or(pipeline.display_order);
    pipeline.archived = input.archived.unwrap_or(pipeline.archived);
    pipeline.updated_at = now;
    ok(&json!(pipeline))
}

pub(super) async fn delete(ctx: Ctx) -> Answer {
    let kind = kind_with_pipelines(&ctx)?;
    let id = ctx.path("pipelineId").to_owned();
    let mut portal = ctx.portal();
    let store = portal.store_mut(kind);
    let (property, _) = kind.pipeline_properties().unwrap_or_default();
    let used = || {
        store.records.values().any(|record| {
            record.archived_at.is_none() && record.value(property) == Some(id.as_str())
        })
    };
    if ctx.query.flag("validateReferencesBeforeDelete") && used() {
        return Err(ApiError::validation(format!(
            "Pipeline {id} still has records"
        )));
    }
    let before = store.pipelines.len();
    store.pipelines.retain(|pipeline| pipeline.id != id);
    if store.pipelines.len() == before {
        return Err(not_found(&id));
    }
    no_content()
}

pub(super) async fn list_stages(ctx: Ctx) -> Answer {
    let kind = kind_with_pipelines(&ctx)?;
    let id = ctx.path("pipelineId");
    let portal = ctx.portal();
    let pipeline = portal
        .store(kind)
        .pipelines
        .iter()
        .find(|pipeline| pipeline.id == id);
    ok(&json!({ "results": pipeline.ok_or_else(|| not_found(id))?.stages }))
}
