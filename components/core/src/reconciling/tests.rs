use proptest::prelude::{Strategy as _, any, prop, prop_assert, proptest};

use super::*;

const A: Option<Fingerprint> = Some((1, 1));
const B: Option<Fingerprint> = Some((2, 2));
const C: Option<Fingerprint> = Some((3, 3));
const EMPTY: Option<Fingerprint> = Some(BLANK);

fn field(direction: Direction) -> Field {
    Field {
        property: "phone".to_owned(),
        direction,
    }
}

/// One field: what is remembered, the provider's side, HubSpot's side.
struct Case {
    base: Option<(Option<Fingerprint>, Option<Fingerprint>)>,
    provider: Option<Fingerprint>,
    hubspot: Option<Option<Fingerprint>>,
    changed: (Option<u64>, Option<u64>),
}

impl Case {
    fn known(
        base: Option<Fingerprint>,
        provider: Option<Fingerprint>,
        hubspot: Option<Fingerprint>,
    ) -> Self {
        Self {
            base: Some((base, base)),
            provider,
            hubspot: Some(hubspot),
            changed: (None, None),
        }
    }

    fn new(provider: Option<Fingerprint>, hubspot: Option<Fingerprint>) -> Self {
        Self {
            base: None,
            provider,
            hubspot: Some(hubspot),
            changed: (None, None),
        }
    }

    fn at(mut self, provider: u64, hubspot: u64) -> Self {
        self.changed = (Some(provider), Some(hubspot));
        self
    }

    fn unread(mut self) -> Self {
        self.hubspot = None;
        self
    }

    /// `>` to HubSpot, `<` to the provider, `!` a conflict.
    fn decided(&self, direction: Direction, strategy: Strategy) -> String {
        let fields = [field(direction)];
        let base = self.base.map(|(provider, hubspot)| {
            remember(&fields, &[memory(None, provider, hubspot)]).remove(0)
        });
        let pair = Pair {
            base,
            begun: None,
            hubspot_follows: false,
            provider: vec![self.provider],
            hubspot: self.hubspot.map(|side| vec![side]),
            provider_changed_at: self.changed.0,
            hubspot_changed_at: vec![self.changed.1],
            hubspot_written_at: None,
        };
        let decision = reconcile(&fields, strategy, &[pair]).remove(0);
        let sign = |list: &[u32], sign: &'static str| if list == [0] { sign } else { "" };
        [
            sign(&decision.conflicts, "!"),
            sign(&decision.to_hubspot, ">"),
            sign(&decision.to_provider, "<"),
        ]
        .concat()
    }
}

fn memory(
    base: Option<String>,
    provider: Option<Fingerprint>,
    hubspot: Option<Fingerprint>,
) -> Memory {
    Memory {
        base,
        begun: None,
        provider: vec![provider],
        hubspot: vec![hubspot],
        held: Vec::new(),
    }
}

use Direction::{Both, ToHubspot, ToProvider};
use Strategy::{HubspotWins, LastWriteWins, ProviderWins};

/// S0-44, S0-52: only a field that both sides changed is a conflict.
#[test]
fn writes_what_one_side_changed() {
    for strategy in [LastWriteWins, HubspotWins, ProviderWins] {
        let decided = |case: Case| case.decided(Both, strategy);
        assert_eq!(decided(Case::known(A, A, A)), "");
        assert_eq!(decided(Case::known(A, B, A)), ">");
        assert_eq!(decided(Case::known(A, A, B)), "<");
        assert_eq!(decided(Case::known(A, B, B)), "");
    }
}

/// S0-40, S0-43: one way, a HubSpot edit never reaches the provider.
#[test]
fn keeps_to_its_direction() {
    for strategy in [LastWriteWins, HubspotWins, ProviderWins] {
        assert_eq!(Case::known(A, A, B).decided(ToHubspot, strategy), "");
        assert_eq!(Case::known(A, B, A).decided(ToProvider, strategy), "");
        assert_eq!(Case::new(EMPTY, B).decided(ToHubspot, strategy), "");
    }
}

/// S4-14, S4-15, S4-17, F1: what travels one way goes there once its source changes, whatever strategy the object has.
#[test]
fn the_source_of_a_one_way_field_decides() {
    for strategy in [LastWriteWins, HubspotWins, ProviderWins] {
        for (clio, hubspot) in [(1, 100_000), (100_000, 1)] {
            let case = || Case::known(A, B, C).at(clio, hubspot);
            assert_eq!(case().decided(ToHubspot, strategy), ">");
            assert_eq!(case().decided(ToProvider, strategy), "<");
        }
        assert_eq!(Case::new(A, EMPTY).decided(ToProvider, strategy), "");
    }
    assert_eq!(Case::new(B, C).decided(ToProvider, LastWriteWins), "!<");
    assert_eq!(Case::new(B, C).decided(ToHubspot, LastWriteWins), "!>");
    assert_eq!(Case::new(B, C).decided(ToProvider, ProviderWins), "!");
    assert_eq!(Case::new(B, C).decided(ToHubspot, HubspotWins), "!");
}

/// S0-18, S0-54, S0-55
#[test]
fn asks_the_strategy_of_a_conflict() {
    assert_eq!(Case::known(A, B, C).decided(Both, HubspotWins), "!<");
    assert_eq!(Case::known(A, B, C).decided(Both, ProviderWins), "!>");
    assert_eq!(Case::new(B, C).decided(Both, HubspotWins), "!<");
    assert_eq!(Case::new(B, C).decided(Both, ProviderWins), "!>");
}

/// S0-53, F2: the newer value; the provider's where the times tie or are not known.
#[test]
fn takes_the_last_write() {
    let decided = |case: Case| case.decided(Both, LastWriteWins);
    assert_eq!(decided(Case::known(A, B, C).at(100_000, 200_000)), "!<");
    assert_eq!(decided(Case::known(A, B, C).at(200_000, 100_000)), "!>");
    assert_eq!(decided(Case::known(A, B, C).at(100_000, 105_000)), "!>");
    assert_eq!(decided(Case::known(A, B, C).at(100_000, 105_001)), "!<");
    assert_eq!(decided(Case::known(A, B, C)), "!>");
    assert_eq!(decided(Case::known(A, B, C).at(u64::MAX, 1)), "!>");
}

/// F1: a new link fills blanks and clears nothing; on a known one, clearing is a change.
#[test]
fn blank_clears_only_what_was_known() {
    for strategy in [LastWriteWins, HubspotWins, ProviderWins] {
        assert_eq!(Case::new(A, EMPTY).decided(ToHubspot, strategy), ">");
        assert_eq!(Case::new(EMPTY, A).decided(Both, strategy), "<");
        assert_eq!(Case::new(EMPTY, EMPTY).decided(Both, strategy), "");
        assert_eq!(Case::known(A, EMPTY, A).decided(ToHubspot, strategy), ">");
        assert_eq!(Case::known(A, A, EMPTY).decided(Both, strategy), "<");
    }
}

#[test]
fn leaves_alone_what_is_not_known() {
    for strategy in [LastWriteWins, HubspotWins, ProviderWins] {
        let decided = |case: Case| case.decided(Both, strategy);
        assert_eq!(decided(Case::known(A, None, B)), "");
        assert_eq!(decided(Case::known(A, B, None)), ">");
        assert_eq!(decided(Case::known(A, A, None).unread()), "");
        assert_eq!(decided(Case::known(A, B, None).unread()), ">");
        assert_eq!(decided(Case::new(A, None).unread()), ">");
        assert_eq!(decided(Case::new(EMPTY, None).unread()), "");
    }
}

/// F3: HubSpot keeps a value in a form of its own; that is no change of its side.
#[test]
fn remembers_both_sides_where_they_differ() {
    let fields = [field(Both)];
    let base = remember(&fields, &[memory(None, A, B)]).remove(0);
    let pair = |provider, hubspot| Pair {
        base: Some(base.clone()),
        begun: None,
        hubspot_follows: false,
        provider: vec![provider],
        hubspot: Some(vec![hubspot]),
        provider_changed_at: None,
        hubspot_changed_at: vec![None],
        hubspot_written_at: None,
    };
    let nothing = reconcile(&fields, LastWriteWins, &[pair(A, B)]).remove(0);
    assert_eq!((nothing.to_hubspot, nothing.to_provider), (vec![], vec![]));
    let written = reconcile(&fields, LastWriteWins, &[pair(C, B)]).remove(0);
    assert_eq!((written.to_hubspot, written.conflicts), (vec![0], vec![]));
}

/// S0-91, DX-16: text of fingerprints, short where both sides agree.
#[test]
fn a_base_is_fingerprints_only() {
    let fields = [field(Both)];
    let same = remember(&fields, &[memory(None, A, None)]).remove(0);
    assert_eq!(same, r#"{"phone":"AAAAAAAAAAEAAAAAAAAAAQ"}"#);
    let different = remember(&fields, &[memory(None, A, B)]).remove(0);
    assert_eq!(
        different,
        r#"{"phone":["AAAAAAAAAAEAAAAAAAAAAQ","AAAAAAAAAAIAAAAAAAAAAg"]}"#
    );
    // Unknown: what was remembered stays.
    let unknown = remember(&fields, &[memory(Some(different.clone()), None, C)]);
    assert_eq!(unknown[0], different);
    // Neither read back nor changed: HubSpot's side stays as it was.
    let unread = remember(&fields, &[memory(Some(different.clone()), A, None)]);
    assert_eq!(unread[0], different);
    // Changed and written: both sides hold the new value.
    let written = remember(&fields, &[memory(Some(different), C, None)]).remove(0);
    assert_eq!(written, r#"{"phone":"AAAAAAAAAAMAAAAAAAAAAw"}"#);
    // A mapping that is gone is forgotten.
    let none: [Field; 0] = [];
    assert_eq!(
        remember(&none, &[memory(Some(written), None, None)]),
        ["{}"]
    );
}

#[test]
fn a_broken_base_is_nothing_remembered() {
    for broken in [
        "",
        "x",
        "[]",
        r#"{"phone":1}"#,
        r#"{"phone":"?"}"#,
        r#"{"phone":["a"]}"#,
    ] {
        let pair = Pair {
            base: Some(broken.to_owned()),
            begun: None,
            hubspot_follows: false,
            provider: vec![A],
            hubspot: Some(vec![EMPTY]),
            provider_changed_at: None,
            hubspot_changed_at: Vec::new(),
            hubspot_written_at: None,
        };
        let decision = reconcile(&[field(Both)], HubspotWins, &[pair]).remove(0);
        assert_eq!(decision.to_hubspot, [0], "{broken}");
    }
}

fn any_side() -> impl proptest::strategy::Strategy<Value = Vec<Option<Fingerprint>>> {
    let print = prop::sample::select(&[None, EMPTY, A, B, C][..]);
    prop::collection::vec(print, 3)
}

proptest! {
    /// Once written and remembered, there is nothing to write: the second run is silent.
    #[test]
    fn reconciling_settles(
        before in (any_side(), any_side()),
        provider in any_side(),
        hubspot in any_side(),
        both_ways in any::<bool>(),
        pick in 0..3usize,
    ) {
        let direction = if both_ways { Both } else { ToHubspot };
        let fields: Vec<Field> = ["a", "b", "c"]
            .map(|name| Field { property: name.to_owned(), direction })
            .into();
        let strategy = [LastWriteWins, HubspotWins, ProviderWins][pick];
        let old = Memory { base: None, begun: None, provider: before.0, hubspot: before.1, held: Vec::new() };
        let base = remember(&fields, &[old]).remove(0);
        let mut pair = Pair {
            base: Some(base.clone()),
            begun: None,
            hubspot_follows: false,
            provider: provider.clone(),
            hubspot: Some(hubspot.clone()),
            provider_changed_at: None,
            hubspot_changed_at: vec![None; 3],
            hubspot_written_at: None,
        };
        let decision = reconcile(&fields, strategy, &[pair.clone()]).remove(0);
        for at in &decision.to_hubspot {
            pair.hubspot.as_mut().unwrap()[*at as usize] = provider[*at as usize];
        }
        for at in &decision.to_provider {
            pair.provider[*at as usize] = hubspot[*at as usize];
        }
        let known = Memory {
            base: Some(base),
            begun: None,
            provider: pair.provider.clone(),
            hubspot: pair.hubspot.clone().unwrap(),
            held: Vec::new(),
        };
        pair.base = Some(remember(&fields, &[known]).remove(0));
        let again = reconcile(&fields, strategy, &[pair]).remove(0);
        prop_assert!(again.to_hubspot.is_empty(), "{again:?}");
        prop_assert!(again.conflicts.is_empty(), "{again:?}");
        prop_assert!(again.to_provider.is_empty(), "{again:?}");
    }
}

/// A record was made, nobody heard of it, and people cleared a field before it was linked.
#[test]
fn what_was_cleared_before_it_was_linked_follows_the_strategy() {
    let decided = |strategy, cleared_at| {
        let decision = reconcile(&[field(Both)], strategy, &[in_doubt(cleared_at)]).remove(0);
        assert_eq!(decision.conflicts, [0]);
        (decision.to_hubspot.len(), decision.to_provider.len())
    };
    assert_eq!(decided(LastWriteWins, Some(200_000)), (0, 1));
    assert_eq!(decided(HubspotWins, Some(200_000)), (0, 1));
    assert_eq!(decided(ProviderWins, Some(200_000)), (1, 0));
    // It never arrived there; or it was cleared before anything of ours could be there.
    for strategy in STRATEGIES {
        assert_eq!(decided(strategy, None), (1, 0));
        assert_eq!(decided(strategy, Some(110_000)), (1, 0));
    }
}

/// What the provider has not taken yet is a change of HubSpot's still when the note of an earlier write is gone.
#[test]
fn what_is_held_for_the_provider_is_remembered_as_changed() {
    let fields = [field(Both)];
    let held = |pair: &Pair| Memory {
        base: pair.base.clone(),
        begun: pair.begun.clone(),
        provider: pair.provider.clone(),
        hubspot: pair.hubspot.clone().unwrap(),
        held: vec![0],
    };
    let next = |pair: Pair| {
        let base = remember(&fields, &[held(&pair)]).remove(0);
        let pair = Pair {
            base: Some(base),
            begun: None,
            ..pair
        };
        reconcile(&fields, HubspotWins, &[pair]).remove(0)
    };
    let cleared = next(in_doubt(Some(200_000)));
    assert_eq!((cleared.to_provider, cleared.conflicts), (vec![0], vec![]));
    // The provider took B, nobody remembered, and HubSpot has C by now.
    let brought = Pair {
        base: Some(remember(&fields, &[memory(None, A, A)]).remove(0)),
        begun: Some(Begun {
            hubspot: None,
            provider: Some(remember(&fields, &[memory(None, B, None)]).remove(0)),
        }),
        provider: vec![B],
        hubspot: Some(vec![C]),
        ..in_doubt(None)
    };
    let brought = next(brought);
    assert_eq!((brought.to_provider, brought.conflicts), (vec![0], vec![]));
}

/// What was about to be written to HubSpot, where there is a blank and nothing is remembered.
fn in_doubt(cleared_at: Option<u64>) -> Pair {
    Pair {
        base: None,
        begun: Some(Begun {
            hubspot: Some(remember(&[field(Both)], &[memory(None, A, None)]).remove(0)),
            provider: None,
        }),
        hubspot_follows: false,
        provider: vec![A],
        hubspot: Some(vec![EMPTY]),
        provider_changed_at: Some(100_000),
        hubspot_changed_at: vec![cleared_at],
        hubspot_written_at: Some(150_000),
    }
}

/// Three fields on both sides, and what is remembered of them.
#[derive(Debug, Clone, PartialEq, Eq)]
struct World {
    provider: Vec<Option<Fingerprint>>,
    hubspot: Vec<Option<Fingerprint>>,
    base: Option<String>,
}

impl World {
    const NAMES: [&str; 3] = ["a", "b", "c"];

    fn fields() -> Vec<Field> {
        let field = |name: &str| Field {
            property: name.to_owned(),
            direction: Both,
        };
        Self::NAMES.map(field).into()
    }

    fn in_step(side: &[Option<Fingerprint>]) -> Self {
        let mut world = Self {
            provider: side.to_vec(),
            hubspot: side.to_vec(),
            base: None,
        };
        world.commit();
        world
    }

    fn decide(&self, strategy: Strategy, begun: Option<Begun>) -> Decision {
        let pair = Pair {
            base: self.base.clone(),
            begun,
            hubspot_follows: false,
            provider: self.provider.clone(),
            hubspot: Some(self.hubspot.clone()),
            provider_changed_at: None,
            hubspot_changed_at: vec![None; 3],
            hubspot_written_at: None,
        };
        reconcile(&Self::fields(), strategy, &[pair]).remove(0)
    }

    /// Writes what was decided, as far as it arrives.
    fn write(&mut self, decision: &Decision, arrives: (bool, bool)) {
        for at in &decision.to_hubspot {
            if arrives.0 {
                self.hubspot[*at as usize] = self.provider[*at as usize];
            }
        }
        for at in &decision.to_provider {
            if arrives.1 {
                self.provider[*at as usize] = self.hubspot[*at as usize];
            }
        }
    }

    fn commit(&mut self) {
        let memory = Memory {
            base: self.base.take(),
            begun: None,
            provider: self.provider.clone(),
            hubspot: self.hubspot.clone(),
            held: Vec::new(),
        };
        self.base = Some(remember(&Self::fields(), &[memory]).remove(0));
    }

    fn sync(mut self, strategy: Strategy) -> Self {
        let decision = self.decide(strategy, None);
        self.write(&decision, (true, true));
        self.commit();
        self
    }

    fn edit(mut self, edit: Edit) -> Self {
        let side = match edit.hubspot {
            true => &mut self.hubspot,
            false => &mut self.provider,
        };
        side[edit.at] = edit.value;
        self
    }
}

/// What somebody types somewhere.
#[derive(Debug, Clone, Copy)]
struct Edit {
    hubspot: bool,
    at: usize,
    value: Option<Fingerprint>,
}

/// Values that no write of ours carries.
fn any_edit() -> impl proptest::strategy::Strategy<Value = Edit> {
    let typed = prop::sample::select(&[Some((4, 4)), Some((5, 5))][..]);
    (any::<bool>(), 0..3usize, typed).prop_map(|(hubspot, at, value)| Edit { hubspot, at, value })
}

fn any_known() -> impl proptest::strategy::Strategy<Value = Vec<Option<Fingerprint>>> {
    prop::collection::vec(prop::sample::select(&[EMPTY, A, B, C][..]), 3)
}

const STRATEGIES: [Strategy; 3] = [LastWriteWins, HubspotWins, ProviderWins];

proptest! {
    /// Edits of different fields end the same, whichever is seen first, or both at once.
    #[test]
    fn reconciling_commutes_with_the_order_of_arrival(
        before in any_known(),
        first in any_edit(),
        second in any_edit(),
        pick in 0..3usize,
    ) {
        proptest::prop_assume!(first.at != second.at);
        let world = World::in_step(&before);
        let strategy = STRATEGIES[pick];
        let at_once = world.clone().edit(first).edit(second).sync(strategy);
        let one_by_one = world.clone().edit(first).sync(strategy).edit(second).sync(strategy);
        let other_way = world.edit(second).sync(strategy).edit(first).sync(strategy);
        prop_assert!(at_once == one_by_one && at_once == other_way);
    }

    /// What one side alone changed is on both sides afterwards, whatever the strategy.
    #[test]
    fn no_update_is_lost(
        before in any_known(),
        edits in prop::collection::vec(any_edit(), 1..4),
        pick in 0..3usize,
    ) {
        let mut world = World::in_step(&before);
        for edit in &edits {
            world = world.edit(*edit);
        }
        let world = world.sync(STRATEGIES[pick]);
        for at in 0..3 {
            let of_field = || edits.iter().filter(|edit| edit.at == at);
            let last = of_field().next_back();
            if let Some(last) = last.filter(|last| of_field().all(|edit| edit.hubspot == last.hubspot)) {
                prop_assert!(world.provider[at] == last.value, "{at}");
            }
            prop_assert!(world.provider[at] == world.hubspot[at], "{at}");
        }
    }

    /// The commit behind a write is lost, and people go on where the value came from: what follows is what would follow had
    /// it not been lost.
    #[test]
    fn a_lost_commit_makes_no_conflict(
        before in any_known(),
        provider in any_known(),
        hubspot in any_known(),
        arrives in any::<(bool, bool)>(),
        edits in prop::collection::vec(any_edit(), 0..3),
        pick in 0..3usize,
    ) {
        let strategy = STRATEGIES[pick];
        let mut world = World { provider, hubspot, ..World::in_step(&before) };
        let decision = world.decide(strategy, None);
        let note = |side: &[Option<Fingerprint>], fields: &[u32]| {
            let provider = (0..).zip(side).map(|(at, field)| field.filter(|_| fields.contains(&at)));
            let memory = Memory { base: None, begun: None, provider: provider.collect(), hubspot: Vec::new(), held: Vec::new() };
            Some(remember(&World::fields(), &[memory]).remove(0))
        };
        let begun = Begun {
            hubspot: note(&world.provider, &decision.to_hubspot),
            provider: note(&world.hubspot, &decision.to_provider),
        };
        let (there, back) = arrives;
        world.write(&decision, arrives);
        let mut committed = world.clone();
        let arrived = |at: &u32| {
            (there && decision.to_hubspot.contains(at)) || (back && decision.to_provider.contains(at))
        };
        let known = |side: &[Option<Fingerprint>]| {
            (0..).zip(side).map(|(at, field)| field.filter(|_| arrived(&at))).collect()
        };
        let memory = Memory {
            base: committed.base.take(),
            begun: None,
            provider: known(&committed.provider),
            hubspot: known(&committed.hubspot),
            held: Vec::new(),
        };
        committed.base = Some(remember(&World::fields(), &[memory]).remove(0));
        for edit in edits {
            let at = edit.at as u32;
            let over_ours = match edit.hubspot {
                true => decision.to_hubspot.contains(&at),
                false => decision.to_provider.contains(&at),
            };
            if !over_ours {
                world = world.edit(edit);
                committed = committed.edit(edit);
            }
        }
        let wanted = committed.decide(strategy, None);
        let decided = world.decide(strategy, Some(begun));
        prop_assert!(
            (&wanted.to_hubspot, &wanted.to_provider, &wanted.conflicts)
                == (&decided.to_hubspot, &decided.to_provider, &decided.conflicts),
            "{wanted:?} {decided:?}"
        );
    }
}

/// One way, an edit in HubSpot neither stops nor delays what the provider says.
#[test]
fn hubspot_follows_where_it_goes_one_way() {
    let fields = [field(ToHubspot)];
    let decided = |base: Option<Fingerprint>, provider, hubspot| {
        let pair = Pair {
            base: base.map(|at| remember(&fields, &[memory(None, Some(at), Some(at))]).remove(0)),
            begun: None,
            hubspot_follows: true,
            provider: vec![provider],
            hubspot: Some(vec![hubspot]),
            provider_changed_at: None,
            hubspot_changed_at: Vec::new(),
            hubspot_written_at: None,
        };
        reconcile(&fields, HubspotWins, &[pair])
            .remove(0)
            .to_hubspot
    };
    assert_eq!(decided(A, B, C), [0]);
    assert!(decided(A, A, C).is_empty());
    assert_eq!(decided(None, B, EMPTY), [0]);
    assert!(decided(None, B, C).is_empty());
}

/// A new mapping on an old link: HubSpot's side must be read before anything is written over it.
#[test]
fn says_where_hubspots_side_must_be_read_first() {
    let fields = [field(ToHubspot)];
    let unread = |base: Option<String>, provider| {
        let pair = Pair {
            base,
            begun: None,
            hubspot_follows: false,
            provider: vec![provider],
            hubspot: None,
            provider_changed_at: None,
            hubspot_changed_at: Vec::new(),
            hubspot_written_at: None,
        };
        let decision = reconcile(&fields, ProviderWins, &[pair]).remove(0);
        (decision.to_hubspot, decision.unread)
    };
    let known = remember(&fields, &[memory(None, A, A)]).remove(0);
    assert_eq!(unread(None, A), (vec![0], vec![0]));
    assert_eq!(unread(Some(known), B), (vec![0], vec![]));
    assert_eq!(unread(None, EMPTY), (vec![], vec![]));
}

/// F3: what HubSpot holds as we left it is no news; nor is what may not travel.
#[test]
fn tells_an_echo_from_a_change() {
    let answer = |direction, base: Option<Fingerprint>, now| {
        let fields = [field(direction)];
        let base = base.map(|at| remember(&fields, &[memory(None, Some(at), Some(at))]).remove(0));
        touched(&fields, &[(base, vec![now])])
    };
    assert_eq!(answer(Both, A, A), [false]);
    assert_eq!(answer(Both, A, B), [true]);
    assert_eq!(answer(ToProvider, A, B), [true]);
    assert_eq!(answer(ToHubspot, A, B), [false]);
    assert_eq!(answer(Both, A, EMPTY), [true]);
    assert_eq!(answer(Both, A, None), [false]);
    assert_eq!(answer(Both, None, EMPTY), [false]);
    assert_eq!(answer(Both, None, B), [true]);
}
