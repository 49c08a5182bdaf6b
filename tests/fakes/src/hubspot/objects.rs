//! `/crm/objects/{version}/{objectType}`: single records.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::associations::{NewAssociation, associate_new, check_new};
use super::checks::Claimed;
use super::context::{Answer, Ctx, Json, Shown, created, no_content, ok, shown};
use super::error::ApiError;
use super::model::ObjectType;
use super::portal::Portal;

/// Most records of a list's page.
const LIST_LIMIT: usize = 100;

/// Values of a write; null clears, as an empty text does.
pub(super) type Properties = BTreeMap<String, Option<String>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Create {
    properties: Properties,
    #[serde(default)]
    associations: Vec<NewAssociation>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Update {
    properties: Properties,
}

/// What the query asks to be shown.
fn asked(ctx: &Ctx) -> Shown {
    Shown {
        properties: ctx.query.list("properties"),
        with_history: ctx.query.list("propertiesWithHistory"),
        at: None,
    }
}

pub(super) async fn list(ctx: Ctx) -> Answer {
    let kind = ctx.kind()?;
    let limit = match ctx.query.get("limit").map(str::parse::<usize>) {
        None => 10,
        Some(Ok(limit)) if (1..=LIST_LIMIT).contains(&limit) => limit,
        Some(_) => {
            return Err(ApiError::validation(format!(
                "limit must be between 1 and {LIST_LIMIT}"
            )));
        }
    };
    let after: u64 = match ctx.query.get("after").map(str::parse) {
        None => 0,
        Some(Ok(after)) => after,
        Some(Err(_)) => return Err(ApiError::validation("after must be a number")),
    };
    let archived = ctx.query.flag("archived");
    let asked = asked(&ctx);
    let portal = ctx.portal();
    let mut rest = portal
        .store(kind)
        .records
        .range(after + 1..)
        .map(|(_, record)| record)
        .filter(|record| record.archived_at.is_some() == archived);
    let page: Vec<_> = rest.by_ref().take(limit).collect();
    let results: Vec<Value> = page
        .iter()
        .map(|record| {
            with_associations(
                &ctx,
                &portal,
                kind,
                record.id,
                shown(&portal, kind, record, &asked),
            )
        })
        .collect();
    let mut body = json!({ "results": results });
    if let (Some(last), true, Some(body)) =
        (page.last(), rest.next().is_some(), body.as_object_mut())
    {
        let after = last.id.to_string();
        let link = format!(
            "https://api.hubapi.com/crm/objects/2026-03/{}?{}",
            kind.plural(),
            ctx.query.with("after", &after)
        );
        body.insert(
            "paging".to_owned(),
            json!({ "next": { "after": after, "link": link } }),
        );
    }
    ok(&body)
}

pub(super) async fn read(ctx: Ctx) -> Answer {
    let kind = ctx.kind()?;
    let portal = ctx.portal();
    let id = ctx.path("objectId");
    let found = portal.find(kind, id, ctx.query.get("idProperty"))?;
    // A merged record's old id leads to the survivor.
    let record = found
        .and_then(|found| {
            portal
                .store(kind)
                .records
                .get(&portal.store(kind).survivor(found))
        })
        .filter(|record| record.archived_at.is_some() == ctx.query.flag("archived"))
        .ok_or_else(|| ApiError::object_not_found(id))?;
    let body = shown(&portal, kind, record, &asked(&ctx));
    ok(&with_associations(&ctx, &portal, kind, record.id, body))
}

pub(super) async fn create(ctx: Ctx, Json(input): Json<Create>) -> Answer {
    let kind = ctx.kind()?;
    let mut portal = ctx.portal();
    check_new(&portal, kind, &input.associations)?;
    let values = portal.prepare(kind, None, &input.properties, &mut Claimed::new())?;
    let source = portal.app();
    let id = portal.write(kind, None, values, &source);
    associate_new(&mut portal, kind, id, &input.associations);
    created(&after_write(&portal, kind, id, &input.properties)?)
}

pub(super) async fn update(ctx: Ctx, Json(input): Json<Update>) -> Answer {
    let kind = ctx.kind()?;
    let mut portal = ctx.portal();
    let id = ctx.path("objectId");
    let found = portal.find(kind, id, ctx.query.get("idProperty"))?;
    let target = found
        .map(|found| portal.store(kind).survivor(found))
        .filter(|id| portal.live(kind, &id.to_string()).is_some())
        .ok_or_else(|| ApiError::object_not_found(id))?;
    let values = portal.prepare(kind, Some(target), &input.properties, &mut Claimed::new())?;
    let source = portal.app();
    portal.write(kind, Some(target), values, &source);
    ok(&after_write(&portal, kind, target, &input.properties)?)
}

/// Archives; there is nothing to tell about a record that was not there.
pub(super) async fn archive(ctx: Ctx) -> Answer {
    let kind = ctx.kind()?;
    if let Ok(id) = ctx.path("objectId").parse() {
        ctx.portal().archive(kind, id);
    }
    no_content()
}

/// The answer to a write: what was written, normalised, and the default properties.
pub(super) fn after_write(
    portal: &Portal,
    kind: ObjectType,
    id: u64,
    written: &Properties,
) -> Result<Value, ApiError> {
    let asked = Shown {
        properties: written.keys().cloned().collect(),
        ..Shown::default()
    };
    let record = portal.store(kind).records.get(&id);
    let record = record.ok_or_else(|| ApiError::object_not_found(&id.to_string()))?;
    Ok(shown(portal, kind, record, &asked))
}

fn with_associations(
    ctx: &Ctx,
    portal: &Portal,
    kind: ObjectType,
    id: u64,
    mut body: Value,
) -> Value {
    let mut all = serde_json::Map::new();
    for to in ctx
        .query
        .list("associations")
        .iter()
        .filter_map(|name| ObjectType::parse(name))
    {
        let results: Vec<Value> = portal
            .associations
            .of(kind, id, to)
            .flat_map(|(other, types)| types.iter().map(move |kind| (other, kind)))
            .map(|(other, association)| {
                json!({ "id": other.to_string(), "type": association.name(kind, to) })
            })
            .collect();
        if !results.is_empty() {
            all.insert(to.plural().to_owned(), json!({ "results": results }));
        }
    }
    if let (false, Some(body)) = (all.is_empty(), body.as_object_mut()) {
        body.insert("associations".to_owned(), Value::Object(all));
    }
    body
}
