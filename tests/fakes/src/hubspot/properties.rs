//! `/crm/properties/{version}/{objectType}`: definitions.

use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::batch::{Inputs, check_length};
use super::context::{Answer, Ctx, Json, batch, created, no_content, ok};
use super::error::ApiError;
use super::model::{ModificationMetadata, ObjectType, Property, PropertyOption};
use super::portal::Portal;

/// Most inputs of a batch.
const LIMIT: usize = 100;
/// Most properties with `hasUniqueValue` of an object type.
const UNIQUE_LIMIT: usize = 10;

/// Which field types a type goes with.
const FIELD_TYPES: &[(&str, &[&str])] = &[
    (
        "string",
        &[
            "text",
            "textarea",
            "html",
            "file",
            "phonenumber",
            "calculation_equation",
        ],
    ),
    ("number", &["number", "calculation_equation"]),
    ("date", &["date"]),
    ("datetime", &["date"]),
    ("bool", &["booleancheckbox", "calculation_equation"]),
    (
        "enumeration",
        &[
            "select",
            "radio",
            "checkbox",
            "booleancheckbox",
            "calculation_equation",
        ],
    ),
    ("phone_number", &["phonenumber"]),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct NewProperty {
    name: String,
    label: String,
    group_name: String,
    #[serde(rename = "type")]
    kind: String,
    field_type: String,
    #[serde(default)]
    options: Vec<NewOption>,
    #[serde(default)]
    description: String,
    display_order: Option<i32>,
    #[serde(default)]
    has_unique_value: bool,
    #[serde(default)]
    hidden: bool,
    #[serde(default)]
    form_field: bool,
    #[serde(rename = "dataSensitivity")]
    _data_sensitivity: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct NewOption {
    label: String,
    value: String,
    display_order: i32,
    hidden: bool,
    #[serde(rename = "description")]
    _description: Option<String>,
}

impl From<NewOption> for PropertyOption {
    fn from(option: NewOption) -> Self {
        let NewOption {
            label,
            value,
            display_order,
            hidden,
            ..
        } = option;
        Self {
            label,
            value,
            display_order,
            hidden,
        }
    }
}

/// `hasUniqueValue`, `name` and the like cannot be changed later, and so are unknown fields here.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct PropertyUpdate {
    label: Option<String>,
    group_name: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    field_type: Option<String>,
    options: Option<Vec<NewOption>>,
    description: Option<String>,
    display_order: Option<i32>,
    hidden: Option<bool>,
    form_field: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Name {
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Read {
    inputs: Vec<Name>,
    archived: bool,
    #[serde(rename = "dataSensitivity")]
    _data_sensitivity: String,
}

fn not_found(name: &str) -> ApiError {
    ApiError::not_found(format!("Property {name} does not exist")).with("propertyName", name)
}

pub(super) fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.len() <= 100
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

fn check_types(kind: &str, field_type: &str, options: usize) -> Result<(), ApiError> {
    let Some((_, fitting)) = FIELD_TYPES.iter().find(|(name, _)| *name == kind) else {
        return Err(ApiError::validation(format!(
            "Invalid property type: {kind}"
        )));
    };
    if !fitting.contains(&field_type) {
        return Err(ApiError::validation(format!(
            "fieldType {field_type} does not go with type {kind}"
        )));
    }
    if kind == "enumeration" && options == 0 {
        return Err(ApiError::validation(
            "Enumeration properties must have options",
        ));
    }
    Ok(())
}

/// Makes a property, or says what is wrong with it.
pub(super) fn add(
    portal: &mut Portal,
    kind: ObjectType,
    new: NewProperty,
) -> Result<Property, ApiError> {
    let now = portal.clock.now();
    let store = portal.store_mut(kind);
    if !is_name(&new.name) || new.name.starts_with("hs_") {
        return Err(ApiError::validation(format!(
            "The property name {} is invalid: it must start with a lower-case letter and hold lower-case letters, digits and underscores",
            new.name
        ))
        .with("name", new.name));
    }
    if store
        .properties
        .get(&new.name)
        .is_some_and(|property| !property.archived)
    {
        let message = format!("A property named '{}' already exists.", new.name);
        return Err(ApiError::conflict("OBJECT_ALREADY_EXISTS", message).with("name", new.name));
    }
    if !store.groups.contains_key(&new.group_name) {
        let message = format!("Property group '{}' does not exist", new.group_name);
        return Err(ApiError::validation(message).with("name", new.name));
    }
    check_types(&new.kind, &new.field_type, new.options.len())
        .map_err(|error| error.with("name", &new.name))?;
    let unique = store
        .properties
        .values()
        .filter(|property| property.has_unique_value)
        .count();
    if new.has_unique_value && unique >= UNIQUE_LIMIT {
        let message = format!("The limit of {UNIQUE_LIMIT} unique properties has been reached");
        return Err(ApiError::validation(message).with("name", new.name));
    }
    if new.has_unique_value && !matches!(new.kind.as_str(), "string" | "number") {
        let message = format!("A property of type {} cannot have unique values", new.kind);
        return Err(ApiError::validation(message).with("name", new.name));
    }
    let property = Property {
        name: new.name.clone(),
        label: new.label,
        description: new.description,
        group_name: new.group_name,
        kind: new.kind,
        field_type: new.field_type,
        options: new.options.into_iter().map(Into::into).collect(),
        display_order: new.display_order.unwrap_or(-1),
        has_unique_value: new.has_unique_value,
        hidden: new.hidden,
        form_field: new.form_field,
        hubspot_defined: false,
        calculated: false,
        archived: false,
        modification_metadata: ModificationMetadata {
            archivable: true,
            read_only_definition: false,
            read_only_value: false,
        },
        created_at: now,
        updated_at: now,
    };
    store.properties.insert(new.name, property.clone());
    Ok(property)
}

pub(super) async fn list(ctx: Ctx) -> Answer {
    let kind = ctx.kind()?;
    let archived = ctx.query.flag("archived");
    let portal = ctx.portal();
    let all = portal.store(kind).properties.values();
    let results: Vec<&Property> = all
        .filter(|property| property.archived == archived)
        .collect();
    ok(&json!({ "results": results }))
}

pub(super) async fn read(ctx: Ctx) -> Answer {
    let kind = ctx.kind()?;
    let name = ctx.path("propertyName");
    let portal = ctx.portal();
    let property = portal.store(kind).properties.get(name);
    let property = property
        .filter(|property| property.archived == ctx.query.flag("archived"))
        .ok_or_else(|| not_found(name))?;
    ok(&json!(property))
}

pub(super) async fn create(ctx: Ctx, Json(input): Json<NewProperty>) -> Answer {
    let kind = ctx.kind()?;
    created(&json!(add(&mut ctx.portal(), kind, input)?))
}

/// Every name stands for itself: those that exist already are reported, the others are made.
pub(super) async fn create_batch(ctx: Ctx, Json(input): Json<Inputs<NewProperty>>) -> Answer {
    let kind = ctx.kind()?;
    check_length(input.inputs.len(), LIMIT)?;
    let mut portal = ctx.portal();
    let started = portal.clock.now();
    let (mut results, mut errors) = (Vec::new(), Vec::new());
    for input in input.inputs {
        match add(&mut portal, kind, input) {
            Ok(property) => results.push(json!(property)),
            Err(error) => errors.push(error.entry()),
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

pub(super) async fn read_batch(ctx: Ctx, Json(input): Json<Read>) -> Answer {
    let kind = ctx.kind()?;
    check_length(input.inputs.len(), LIMIT)?;
    let portal = ctx.portal();
    let started = portal.clock.now();
    let (mut results, mut errors): (Vec<Value>, Vec<Value>) = (Vec::new(), Vec::new());
    for Name { name } in &input.inputs {
        match portal
            .store(kind)
            .properties
            .get(name)
            .filter(|property| property.archived == input.archived)
        {
            Some(property) => results.push(json!(property)),
            None => errors.push(not_found(name).entry()),
        }
    }
    batch(StatusCode::OK, started, portal.clock.now(), results, errors)
}

pub(super) async fn update(ctx: Ctx, Json(input): Json<PropertyUpdate>) -> Answer {
    let kind = ctx.kind()?;
    let name = ctx.path("propertyName").to_owned();
    let mut portal = ctx.portal();
    let now = portal.clock.now();
    let store = portal.store_mut(kind);
    if input
        .group_name
        .as_ref()
        .is_some_and(|group| !store.groups.contains_key(group))
    {
        return Err(ApiError::validation("The property group does not exist"));
    }
    let property = store
        .properties
        .get_mut(&name)
        .filter(|property| !property.archived);
    let property = property.ok_or_else(|| not_found(&name))?;
    if property.modification_metadata.read_only_definition {
        return Err(ApiError::validation(format!(
            "{name} is a HubSpot defined property and cannot be changed"
        )));
    }
    let mut changed = property.clone();
    changed.label = input.label.unwrap_or(changed.label);
    changed.group_name = input.group_name.unwrap_or(changed.group_name);
    changed.kind = input.kind.unwrap_or(changed.kind);
    changed.field_type = input.field_type.unwrap_or(changed.field_type);
    changed.description = input.description.unwrap_or(changed.description);
    changed.display_order = input.display_order.unwrap_or(changed.display_order);
    changed.hidden = input.hidden.unwrap_or(changed.hidden);
    changed.form_field = input.form_field.unwrap_or(changed.form_field);
    if let Some(options) = input.options {
        changed.options = options.into_iter().map(Into::into).collect();
    }
    check_types(&changed.kind, &changed.field_type, changed.options.len())?;
    changed.updated_at = now;
    *property = changed;
    ok(&json!(property))
}

fn archive_one(portal: &mut Portal, kind: ObjectType, name: &str) -> Result<(), ApiError> {
    match portal.store_mut(kind).properties.get_mut(name) {
        Some(property) if property.hubspot_defined => Err(ApiError::validation(format!(
            "{name} is a HubSpot defined property and cannot be archived"
        ))),
        Some(property) => {
            property.archived = true;
            Ok(())
        }
        None => Err(not_found(name)),
    }
}

pub(super) async fn archive(ctx: Ctx) -> Answer {
    let kind = ctx.kind()?;
    archive_one(&mut ctx.portal(), kind, ctx.path("propertyName"))?;
    no_content()
}

pub(super) async fn archive_batch(ctx: Ctx, Json(input): Json<Inputs<Name>>) -> Answer {
    let kind = ctx.kind()?;
    check_length(input.inputs.len(), LIMIT)?;
    let mut portal = ctx.portal();
    for Name { name } in &input.inputs {
        archive_one(&mut portal, kind, name)?;
    }
    no_content()
}
