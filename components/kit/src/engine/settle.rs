//! The end of a walk: all claims are in, so they can be decided; and records that failed earlier are tried again.

use std::collections::{HashMap, HashSet};

use super::object_work::ObjectWork;
use super::pages;
use super::records::{self, Origin};
use super::slice::Slice;
use crate::core::{catalog, matching};
use crate::error::Result;
use crate::ports::Ports;
use crate::store::index::OpenClaims;
use crate::store::links::LinkState;
use crate::store::page::{LinkRow, PageCommit, Position};
use crate::store::streams::{Phase, StreamState};

/// Records decided or tried again at a time: a page of the provider's list by ids.
const BATCH: i64 = 200;

/// Retries and decides until nothing is open.
pub(super) async fn settle<P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    state: &mut StreamState,
) -> Result<()> {
    let name = &work.object.name;
    let connection = &slice.connection.id;
    loop {
        slice.budget.step(slice.ports)?;
        // Before anything is decided, so that all claims are in. Links of an object that travels back are tried again on
        // their way back, where both sides are read.
        let linked = !work.back;
        let retries = slice.store.retries(connection, name, linked, BATCH).await?;
        if !retries.is_empty() {
            let page = PageCommit::default();
            again(slice, work, state, retries, Origin::Retry, page).await?;
            continue;
        }
        let mut decisions = None;
        for (rank, tier) in work.object.tiers.iter().enumerate() {
            let open = slice
                .store
                .open_claims(connection, name, rank as i64, BATCH)
                .await?;
            if !open.sources.is_empty() {
                decisions = Some(decide(tier, open));
                break;
            }
        }
        match decisions {
            Some(decisions) => apply(slice, work, state, decisions).await?,
            None => return Ok(()),
        }
    }
}

/// What to do with each source record.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Decisions {
    /// HubSpot id to link to, or none to create.
    pub resolved: HashMap<String, Option<String>>,
    /// For the review queue: source record and reason.
    pub ambiguous: Vec<(String, &'static str)>,
}

/// Decides the claims of one tier.
pub(crate) fn decide(tier: &catalog::Tier, open: OpenClaims) -> Decisions {
    let OpenClaims {
        sources,
        mut claims,
        linked,
    } = open;
    let mut decisions = Decisions::default();
    let sources: HashSet<String> = sources.into_iter().collect();
    if tier.lookup == catalog::Lookup::Index {
        // A name may belong to many: a candidate that turned out to be another's is no candidate, and
        // a record without one is a record of its own. A unique value belongs to one, so there it is a conflict.
        let taken: HashSet<&String> = linked.iter().collect();
        claims.retain(|claim| !taken.contains(&claim.candidate));
        let left: HashSet<&String> = claims.iter().map(|claim| &claim.source).collect();
        let free = sources.iter().filter(|source| !left.contains(source));
        decisions
            .resolved
            .extend(free.map(|source| (source.clone(), None)));
    }
    for outcome in matching::settle(&claims, &linked) {
        if !sources.contains(&outcome.source) {
            continue;
        }
        match outcome.verdict {
            matching::Verdict::Link(candidate) => {
                decisions.resolved.insert(outcome.source, Some(candidate));
            }
            matching::Verdict::Ambiguous(reason) => decisions
                .ambiguous
                .push((outcome.source, reason_code(reason))),
        }
    }
    decisions
}

fn reason_code(reason: matching::Reason) -> &'static str {
    match reason {
        matching::Reason::SeveralCandidates => "several_candidates",
        matching::Reason::SeveralClaimants => "several_claimants",
        matching::Reason::AlreadyLinked => "already_linked",
    }
}

async fn apply<P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    state: &mut StreamState,
    decisions: Decisions,
) -> Result<()> {
    let mut page = PageCommit::default();
    page.counts.ambiguous += decisions.ambiguous.len() as i64;
    for (source, reason) in decisions.ambiguous {
        page.links
            .push(LinkRow::unresolved(&source, LinkState::Ambiguous, reason));
        page.decided.push(source);
    }
    let ids: Vec<String> = decisions.resolved.keys().cloned().collect();
    again(
        slice,
        work,
        state,
        ids,
        Origin::Settled(decisions.resolved),
        page,
    )
    .await
}

/// Reads records again by id, processes them, and commits them together with what `page` holds already.
async fn again<P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    state: &mut StreamState,
    mut ids: Vec<String>,
    origin: Origin,
    mut page: PageCommit,
) -> Result<()> {
    let name = &work.object.name;
    if !ids.is_empty() {
        ids.sort();
        let raw = slice.provider.by_ids(name, &work.extra_paths, &ids).await?;
        let records = pages::map(work, &raw)?.records;
        let there: HashSet<String> = records.iter().map(|record| record.id.clone()).collect();
        let retried = origin == Origin::Retry;
        let settled = matches!(origin, Origin::Settled(_));
        let processed = records::process(slice, work, state, records, origin).await?;
        page.links.extend(processed.links);
        if settled {
            // What HubSpot refuses is tried again in its time; a decision that stayed open would be made for ever.
            let claiming: HashSet<&String> =
                processed.claims.iter().map(|claim| &claim.id).collect();
            let decided = there.iter().filter(|id| !claiming.contains(id));
            page.decided.extend(decided.cloned());
        }
        page.claims.extend(processed.claims);
        page.decided.extend(processed.decided);
        page.relation_sets.extend(processed.relation_sets);
        page.errors.extend(processed.errors);
        let ambiguous = page.counts.ambiguous;
        page.counts = processed.counts;
        page.counts.ambiguous += ambiguous;
        if retried {
            page.counts.read += there.len() as i64;
            retire(&mut page, &there);
        }
        // The provider no longer shows these: there is nothing left to decide.
        for id in ids.into_iter().filter(|id| !there.contains(id)) {
            page.links
                .push(LinkRow::unresolved(&id, LinkState::Failed, "provider_gone"));
            page.decided.push(id);
        }
    }
    slice
        .commit(name, page, Phase::Settle, &Position::default())
        .await
}

/// A retried record that only claims something now waits for the decision, not for another try.
fn retire(page: &mut PageCommit, retried: &HashSet<String>) {
    let stored: HashSet<&String> = page.links.iter().map(|link| &link.id).collect();
    let waiting: Vec<LinkRow> = retried
        .iter()
        .filter(|id| !stored.contains(id))
        .map(|id| LinkRow::unresolved(id, LinkState::Ambiguous, "undecided"))
        .collect();
    page.links.extend(waiting);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tier(lookup: catalog::Lookup) -> catalog::Tier {
        catalog::Tier {
            name: "any".to_owned(),
            lookup,
            properties: Vec::new(),
        }
    }

    fn open(claims: &[(&str, &str)], linked: &[&str]) -> OpenClaims {
        OpenClaims {
            sources: claims
                .iter()
                .map(|(source, _)| (*source).to_owned())
                .collect(),
            claims: claims
                .iter()
                .map(|(source, candidate)| matching::Claim {
                    source: (*source).to_owned(),
                    candidate: (*candidate).to_owned(),
                })
                .collect(),
            linked: linked.iter().map(|id| (*id).to_owned()).collect(),
        }
    }

    /// S0-98: exactly one on both sides is linked.
    #[test]
    fn one_on_both_sides_is_linked() {
        let decisions = decide(&tier(catalog::Lookup::Index), open(&[("a", "1")], &[]));
        assert_eq!(decisions.resolved["a"].as_deref(), Some("1"));
    }

    #[test]
    fn a_name_that_is_taken_makes_a_new_record_and_a_taken_email_a_conflict() {
        let by_name = decide(&tier(catalog::Lookup::Index), open(&[("a", "1")], &["1"]));
        assert_eq!(by_name.resolved["a"], None);
        let by_email = decide(
            &tier(catalog::Lookup::UniqueProperty),
            open(&[("a", "1")], &["1"]),
        );
        assert_eq!(by_email.ambiguous, [("a".to_owned(), "already_linked")]);
        assert!(by_email.resolved.is_empty());
    }

    #[test]
    fn two_claimants_bind_neither() {
        let decisions = decide(
            &tier(catalog::Lookup::UniqueProperty),
            open(&[("a", "1"), ("b", "1")], &[]),
        );
        assert!(decisions.resolved.is_empty());
        assert_eq!(decisions.ambiguous.len(), 2);
    }
}
