//! Who belongs to whom: exactly one on both sides, or a person decides.

use std::collections::{HashMap, HashSet};

pub use sync300_core_bindings::matching::{Claim, Outcome, Reason, Verdict};

/// Decides all claims of one tier at once, one outcome a source record, in the order of the claims.
/// `linked` are the candidates that belong to another record.
#[must_use]
pub fn settle(claims: &[Claim], linked: &[String]) -> Vec<Outcome> {
    let linked: HashSet<&str> = linked.iter().map(String::as_str).collect();
    let mut sources: Vec<&str> = Vec::new();
    let mut candidates: HashMap<&str, HashSet<&str>> = HashMap::new();
    let mut claimants: HashMap<&str, HashSet<&str>> = HashMap::new();
    for Claim { source, candidate } in claims {
        let claimed = candidates.entry(source).or_insert_with(|| {
            sources.push(source);
            HashSet::new()
        });
        claimed.insert(candidate);
        claimants.entry(candidate).or_default().insert(source);
    }
    let only = |source: &str| {
        let claimed = candidates.get(source)?;
        (claimed.len() == 1).then(|| claimed.iter().next().copied())?
    };
    let verdict = |source: &str| match only(source) {
        None => Verdict::Ambiguous(Reason::SeveralCandidates),
        Some(candidate) if linked.contains(candidate) => Verdict::Ambiguous(Reason::AlreadyLinked),
        Some(candidate) if claimants.get(candidate).is_some_and(|who| who.len() > 1) => {
            Verdict::Ambiguous(Reason::SeveralClaimants)
        }
        Some(candidate) => Verdict::Link(candidate.to_owned()),
    };
    sources
        .iter()
        .map(|source| Outcome {
            source: (*source).to_owned(),
            verdict: verdict(source),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settle_pairs(pairs: &[(&str, &str)], linked: &[&str]) -> Vec<(String, Verdict)> {
        let claims: Vec<Claim> = pairs
            .iter()
            .map(|(source, candidate)| Claim {
                source: (*source).to_owned(),
                candidate: (*candidate).to_owned(),
            })
            .collect();
        let linked: Vec<String> = linked.iter().map(|id| (*id).to_owned()).collect();
        settle(&claims, &linked)
            .into_iter()
            .map(|outcome| (outcome.source, outcome.verdict))
            .collect()
    }

    fn ambiguous(source: &str, reason: Reason) -> (String, Verdict) {
        (source.to_owned(), Verdict::Ambiguous(reason))
    }

    /// S0-98
    #[test]
    fn links_where_exactly_one_is_on_both_sides() {
        let outcome = settle_pairs(&[("1", "a"), ("2", "b"), ("1", "a")], &["c"]);
        let link = |source: &str, to: &str| (source.to_owned(), Verdict::Link(to.to_owned()));
        assert_eq!(outcome, [link("1", "a"), link("2", "b")]);
    }

    /// S0-98
    #[test]
    fn leaves_several_candidates_to_a_person() {
        assert_eq!(
            settle_pairs(&[("1", "a"), ("1", "b")], &[]),
            [ambiguous("1", Reason::SeveralCandidates)]
        );
    }

    /// DX-15: two people with one address must not take turns at one record.
    #[test]
    fn leaves_several_claimants_to_a_person() {
        assert_eq!(
            settle_pairs(&[("1", "a"), ("2", "a")], &[]),
            [
                ambiguous("1", Reason::SeveralClaimants),
                ambiguous("2", Reason::SeveralClaimants)
            ]
        );
    }

    #[test]
    fn takes_no_record_from_another() {
        assert_eq!(
            settle_pairs(&[("1", "a")], &["a"]),
            [ambiguous("1", Reason::AlreadyLinked)]
        );
    }

    #[test]
    fn a_claim_among_several_still_blocks_the_other_claimant() {
        assert_eq!(
            settle_pairs(&[("1", "a"), ("1", "b"), ("2", "b")], &[]),
            [
                ambiguous("1", Reason::SeveralCandidates),
                ambiguous("2", Reason::SeveralClaimants)
            ]
        );
    }
}
