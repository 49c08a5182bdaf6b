//! Associations in HubSpot mirror the provider's relations: made once both ends are linked, taken away when the
//! relation is gone, and only if they are ours.

use super::slice::Slice;
use crate::core::catalog;
use crate::error::Result;
use crate::hubspot::associations::AssociationType;
use crate::ports::Ports;
use crate::store::page::{ErrorRow, PageCommit, Position};
use crate::store::relations::{Kind, Pair, RelationState};
use crate::store::streams::Phase;

/// Relations worked on at a time: what one read of associations takes.
const BATCH: i64 = 1_000;

/// Brings all associations between enabled objects in line.
pub(super) async fn all<P: Ports>(
    slice: &Slice<'_, P>,
    enabled: &[&catalog::Object],
) -> Result<()> {
    for relation in &slice.connector.relations {
        let find = |name: &str| enabled.iter().find(|object| object.name == name);
        let (Some(from), Some(to)) = (find(&relation.from_object), find(&relation.to_object))
        else {
            continue;
        };
        let siblings: Vec<&str> = slice
            .connector
            .relations
            .iter()
            .filter(|other| {
                other.type_id == relation.type_id && other.category == relation.category
            })
            .map(|other| other.kind.as_str())
            .collect();
        let listed = |name: &str| slice.run.settings.object(name).inclusion_list.is_some();
        let kind = Kind {
            from_listed: listed(&relation.from_object),
            to_listed: listed(&relation.to_object),
            kind: &relation.kind,
            from_object: &relation.from_object,
            to_object: &relation.to_object,
            type_id: i64::from(relation.type_id),
            siblings: &siblings,
        };
        let association = AssociationType {
            from: &from.hubspot_object,
            to: &to.hubspot_object,
            category: &relation.category,
            id: i64::from(relation.type_id),
        };
        take_away(slice, kind, association).await?;
        make(slice, kind, association).await?;
    }
    Ok(())
}

async fn make<P: Ports>(
    slice: &Slice<'_, P>,
    kind: Kind<'_>,
    association: AssociationType<'_>,
) -> Result<()> {
    let mut after: Option<Pair> = None;
    loop {
        slice.budget.step(slice.ports)?;
        let pairs = slice
            .store
            .open_relations(
                &slice.connection.id,
                kind,
                RelationState::New,
                slice.run.id,
                after.as_ref(),
                BATCH,
            )
            .await?;
        if pairs.is_empty() {
            return Ok(());
        }
        let mut from: Vec<&str> = pairs
            .iter()
            .map(|pair| pair.from_hubspot.as_str())
            .collect();
        from.dedup();
        let standing = slice.hubspot.associations(association, &from).await?;
        let key = |pair: &Pair| (pair.from_hubspot.clone(), pair.to_hubspot.clone());
        let (found, wanted): (Vec<&Pair>, Vec<&Pair>) =
            pairs.iter().partition(|pair| standing.contains(&key(pair)));
        let inputs: Vec<(&str, &str)> = wanted
            .iter()
            .map(|pair| (pair.from_hubspot.as_str(), pair.to_hubspot.as_str()))
            .collect();
        if !wanted.is_empty() {
            slice
                .store
                .associating(slice.connection, kind, &wanted)
                .await?;
        }
        let refused = slice.hubspot.associate(association, &inputs).await?;
        let (failed, made): (Vec<&Pair>, Vec<&Pair>) = wanted
            .into_iter()
            .partition(|pair| refused.pairs.contains(&key(pair)));
        slice
            .store
            .associated(slice.connection, kind, &made, &found)
            .await?;
        if refused.gone {
            // Which end it was, the next run finds out.
            let from: Vec<&str> = failed.iter().map(|pair| pair.from_id.as_str()).collect();
            let to: Vec<&str> = failed.iter().map(|pair| pair.to_id.as_str()).collect();
            for (object, ids) in [(kind.from_object, from), (kind.to_object, to)] {
                slice
                    .store
                    .doubt_links(slice.connection, object, &ids)
                    .await?;
            }
        }
        count(slice, kind, made.len(), found.len(), &failed).await?;
        after = pairs.into_iter().last();
    }
}

async fn take_away<P: Ports>(
    slice: &Slice<'_, P>,
    kind: Kind<'_>,
    association: AssociationType<'_>,
) -> Result<()> {
    loop {
        slice.budget.step(slice.ports)?;
        let pairs = slice
            .store
            .open_relations(
                &slice.connection.id,
                kind,
                RelationState::Gone,
                slice.run.id,
                None,
                BATCH,
            )
            .await?;
        if pairs.is_empty() {
            return Ok(());
        }
        let ours = slice
            .store
            .to_archive(&slice.connection.id, kind, &pairs)
            .await?;
        let inputs: Vec<(&str, &str)> = pairs
            .iter()
            .filter(|pair| {
                ours.iter()
                    .any(|(from, to)| *from == pair.from_id && *to == pair.to_id)
            })
            .map(|pair| (pair.from_hubspot.as_str(), pair.to_hubspot.as_str()))
            .collect();
        slice.hubspot.dissociate(association, &inputs).await?;
        slice
            .store
            .forget_relations(slice.connection, kind, &pairs)
            .await?;
    }
}

async fn count<P: Ports>(
    slice: &Slice<'_, P>,
    kind: Kind<'_>,
    made: usize,
    found: usize,
    failed: &[&Pair],
) -> Result<()> {
    let mut page = PageCommit::default();
    page.counts.read = (made + found + failed.len()) as i64;
    page.counts.created = made as i64;
    page.counts.linked = found as i64;
    page.counts.failed = failed.len() as i64;
    // Asked for once a run: with a small budget, a run that asked again in every slice would never get past them.
    page.errors = failed
        .iter()
        .map(|pair| ErrorRow {
            id: pair.from_id.clone(),
            code: "association_refused".to_owned(),
            property: Some(format!("{} {}", kind.kind, pair.to_id)),
        })
        .collect();
    slice
        .commit("associations", page, Phase::Done, &Position::default())
        .await
}
