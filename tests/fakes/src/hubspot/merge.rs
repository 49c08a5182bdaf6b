//! `/merge` and `/gdpr-delete`.

use serde::Deserialize;

use super::context::{Answer, Ctx, Json, no_content, ok};
use super::error::ApiError;
use super::model::{ObjectType, Source};
use super::objects::{Properties, after_write};
use super::portal::Portal;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Merge {
    primary_object_id: String,
    object_id_to_merge: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct GdprDelete {
    object_id: String,
    id_property: Option<String>,
}

pub(super) async fn merge(ctx: Ctx, Json(input): Json<Merge>) -> Answer {
    let kind = ctx.kind()?;
    let mut portal = ctx.portal();
    let live = |id: &str| {
        let record = portal.live(kind, id).map(|record| record.id);
        record.ok_or_else(|| ApiError::object_not_found(id))
    };
    let (primary, other) = (
        live(&input.primary_object_id)?,
        live(&input.object_id_to_merge)?,
    );
    if primary == other {
        return Err(ApiError::validation("Cannot merge an object with itself"));
    }
    let source = portal.app();
    let survivor = merge_records(&mut portal, kind, primary, other, &source);
    ok(&after_write(&portal, kind, survivor, &Properties::new())?)
}

/// Merges `other` into `primary`; the id of what is left, which is new where the portal says so.
pub(super) fn merge_records(
    portal: &mut Portal,
    kind: ObjectType,
    primary: u64,
    other: u64,
    source: &Source,
) -> u64 {
    let now = portal.clock.now();
    let renumber = portal.config.merge_creates_new_id;
    let survivor = if renumber { portal.next_id() } else { primary };
    let store = portal.store_mut(kind);
    let (Some(mut kept), Some(lost)) =
        (store.records.remove(&primary), store.records.remove(&other))
    else {
        return primary;
    };
    let mut merged: Vec<String> = [&kept, &lost]
        .iter()
        .filter_map(|record| record.value("hs_merged_object_ids"))
        .flat_map(|ids| ids.split(';'))
        .map(str::to_owned)
        .collect();
    merged.extend(renumber.then(|| primary.to_string()));
    merged.push(other.to_string());

    // The primary record's values win; its gaps are filled from the other.
    let fills: Vec<(String, String)> = lost
        .values()
        .into_iter()
        .filter(|(name, _)| kept.value(name).is_none())
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    for (name, value) in fills {
        kept.set(&name, &value, now, source.clone());
    }
    if let (Some(email), true) = (
        lost.value("email"),
        kept.value("email") != lost.value("email"),
    ) {
        let more: Vec<&str> = [
            kept.value("hs_additional_emails"),
            lost.value("hs_additional_emails"),
            Some(email),
        ]
        .into_iter()
        .flatten()
        .collect();
        let more = more.join(";");
        kept.set("hs_additional_emails", &more, now, Source::Calculated);
    }
    kept.id = survivor;
    kept.updated_at = now;
    kept.set(
        "hs_object_id",
        &survivor.to_string(),
        now,
        Source::Calculated,
    );
    kept.set(
        "hs_merged_object_ids",
        &merged.join(";"),
        now,
        Source::Calculated,
    );
    kept.set(
        kind.modified_property(),
        &crate::clock::iso_ms(now),
        now,
        Source::Calculated,
    );

    // Both e-mail addresses lead to the survivor; of other unique values only those it still has.
    for (property, index) in &mut store.unique {
        index.retain(|value, holder| {
            let ours = *holder == primary || *holder == other;
            let held = kept
                .value(property)
                .is_some_and(|kept| kept.to_lowercase() == *value);
            if ours && (held || property == "email") {
                *holder = survivor;
            }
            !ours || *holder == survivor && (held || property == "email")
        });
    }
    store.merged.insert(other, survivor);
    if renumber {
        store.merged.insert(primary, survivor);
    }
    store.records.insert(survivor, kept);
    portal.associations.inherit(kind, other, survivor);
    if renumber {
        portal.associations.inherit(kind, primary, survivor);
    }
    survivor
}

pub(super) async fn gdpr_delete(ctx: Ctx, Json(input): Json<GdprDelete>) -> Answer {
    let kind = ctx.kind()?;
    if kind != ObjectType::Contacts {
        return Err(ApiError::validation("GDPR delete is for contacts only"));
    }
    let mut portal = ctx.portal();
    if let Some(id) = portal.find(kind, &input.object_id, input.id_property.as_deref())? {
        portal.purge(kind, id);
    }
    no_content()
}
