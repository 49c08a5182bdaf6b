//! `/crm/properties/{version}/{objectType}/groups`.

use serde::Deserialize;
use serde_json::json;

use super::context::{Answer, Ctx, Json, created, no_content, ok};
use super::error::ApiError;
use super::model::{ObjectType, PropertyGroup};
use super::portal::Portal;
use super::properties::is_name;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct NewGroup {
    name: String,
    label: String,
    display_order: Option<i32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct GroupUpdate {
    label: Option<String>,
    display_order: Option<i32>,
}

fn not_found(name: &str) -> ApiError {
    ApiError::not_found(format!("Property group {name} does not exist"))
}

pub(super) async fn list(ctx: Ctx) -> Answer {
    let kind = ctx.kind()?;
    let portal = ctx.portal();
    let groups: Vec<&PropertyGroup> = portal.store(kind).groups.values().collect();
    ok(&json!({ "results": groups }))
}

pub(super) async fn read(ctx: Ctx) -> Answer {
    let kind = ctx.kind()?;
    let name = ctx.path("groupName");
    let portal = ctx.portal();
    let group = portal
        .store(kind)
        .groups
        .get(name)
        .ok_or_else(|| not_found(name))?;
    ok(&json!(group))
}

pub(super) async fn create(ctx: Ctx, Json(input): Json<NewGroup>) -> Answer {
    let kind = ctx.kind()?;
    let group = add(&mut ctx.portal(), kind, input)?;
    created(&json!(group))
}

fn add(portal: &mut Portal, kind: ObjectType, new: NewGroup) -> Result<PropertyGroup, ApiError> {
    if !is_name(&new.name) {
        return Err(ApiError::validation(format!(
            "The property group name {} is invalid",
            new.name
        )));
    }
    let groups = &mut portal.store_mut(kind).groups;
    if groups.contains_key(&new.name) {
        let message = format!("A property group named '{}' already exists.", new.name);
        return Err(ApiError::conflict("OBJECT_ALREADY_EXISTS", message).with("name", new.name));
    }
    let group = PropertyGroup {
        name: new.name.clone(),
        label: new.label,
        display_order: new.display_order.unwrap_or(-1),
        archived: false,
    };
    groups.insert(new.name, group.clone());
    Ok(group)
}

pub(super) async fn update(ctx: Ctx, Json(input): Json<GroupUpdate>) -> Answer {
    let kind = ctx.kind()?;
    let name = ctx.path("groupName").to_owned();
    let mut portal = ctx.portal();
    let group = portal
        .store_mut(kind)
        .groups
        .get_mut(&name)
        .ok_or_else(|| not_found(&name))?;
    group.label = input.label.unwrap_or_else(|| group.label.clone());
    group.display_order = input.display_order.unwrap_or(group.display_order);
    ok(&json!(group))
}

pub(super) async fn archive(ctx: Ctx) -> Answer {
    let kind = ctx.kind()?;
    let name = ctx.path("groupName").to_owned();
    let mut portal = ctx.portal();
    let store = portal.store_mut(kind);
    if store
        .properties
        .values()
        .any(|property| property.group_name == name && !property.archived)
    {
        return Err(ApiError::validation(format!(
            "Property group {name} still has properties"
        )));
    }
    store.groups.remove(&name).ok_or_else(|| not_found(&name))?;
    no_content()
}
