//! Links that failed on their way to the provider, or are in doubt: both sides are read anew.

use std::collections::HashSet;

use super::back::{self, Behind};
use super::object_work::ObjectWork;
use super::slice::Slice;
use crate::error::Result;
use crate::ports::Ports;
use crate::store::links::LinkState;
use crate::store::page::{LinkRow, PageCommit, Position};
use crate::store::streams::Phase;

/// Links tried again between two commits: each may need a call of its own to the provider.
const BATCH: i64 = 50;

/// Tries until none is left whose time has come. `name` is the list that they count for.
pub(super) async fn again<P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    name: &str,
) -> Result<()> {
    loop {
        slice.budget.step(slice.ports)?;
        let failed = slice
            .store
            .failed_links(&slice.connection.id, &work.object.name, BATCH)
            .await?;
        if failed.is_empty() {
            return Ok(());
        }
        let mut page = PageCommit::default();
        page.counts.read = failed.len() as i64;
        let (resting, failed): (Vec<_>, Vec<_>) =
            failed.into_iter().partition(|(_, link)| work.rests(link));
        page.links
            .extend(resting.iter().map(|(id, _)| LinkRow::not_listed(id)));
        let ids: Vec<String> = failed.iter().map(|(id, _)| id.clone()).collect();
        let behind = failed.into_iter().filter_map(|(provider_id, link)| {
            Some(Behind {
                provider_id,
                hubspot_id: link.hubspot_id.clone()?,
                link,
            })
        });
        if let Some(error) = back::bring(slice, work, behind.collect(), &mut page).await? {
            page.counts.read = 0;
            slice
                .commit(name, page, Phase::Settle, &Position::default())
                .await?;
            return Err(error);
        }
        let told: HashSet<&String> = page.links.iter().map(|link| &link.id).collect();
        // The provider does not show these: there is nothing to try any more.
        let hidden: Vec<LinkRow> = ids
            .iter()
            .filter(|id| !told.contains(id))
            .map(|id| LinkRow::unresolved(id, LinkState::Failed, "provider_gone"))
            .collect();
        page.links.extend(hidden);
        slice
            .commit(name, page, Phase::Settle, &Position::default())
            .await?;
    }
}
