//! Plans that failed once, shrunk and kept by what they showed.
#![allow(
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test ends where something is not as it must be"
)]

use sync300_simulation::{Act, Edit, Fault, Kind, On, Outcome, Plan, Shape, What, simulate};

const BEFORE: i64 = -50 * 60_000;

fn plan(edits: &[(i64, Act)], faults: &[Fault]) -> Plan {
    Plan {
        seed: 300,
        shape: Shape::default(),
        edits: edits
            .iter()
            .map(|(at, act)| Edit {
                at: *at,
                firm: 0,
                act: act.clone(),
            })
            .collect(),
        faults: faults.to_vec(),
    }
}

/// A seed as it was when it failed, before people decided about links.
fn undecided(seed: u64) -> Plan {
    let mut plan = Plan::of_seed(seed);
    plan.edits
        .retain(|edit| !matches!(edit.act, Act::Decide { .. }));
    plan
}

fn add(kind: Kind, serial: u32) -> Act {
    Act::Add {
        kind,
        serial,
        pick: 0,
        bare: false,
    }
}

fn by_hand(kind: Kind, serial: u32) -> Act {
    Act::ByHand {
        kind,
        serial,
        nameless_key: false,
    }
}

fn holds(plan: &Plan) -> Outcome {
    let outcome = simulate(plan);
    assert!(outcome.violations.is_empty(), "{:#?}", outcome.violations);
    outcome
}

/// Seeds replay: the same plan gives the same world, call by call.
#[test]
fn a_seed_gives_the_same_simulation_every_time() {
    for seed in [3, 4, 11] {
        let plan = Plan::of_seed(seed);
        let (one, other) = (simulate(&plan), simulate(&plan));
        assert_eq!(one.digest, other.digest, "seed {seed}");
        assert_eq!(one.injected, other.injected, "seed {seed}");
    }
}

/// A deal made by hand stands in another pipeline: linking it moves it, with the pipeline its stage is of.
#[test]
fn a_deal_of_another_pipeline_is_linked() {
    holds(&plan(
        &[
            (BEFORE, by_hand(Kind::Deal, 7)),
            (BEFORE + 10 * 60_000, add(Kind::Contact, 1)),
            (BEFORE + 10 * 60_000, add(Kind::Deal, 7)),
        ],
        &[],
    ));
}

/// A decided link that HubSpot refuses waits for its time; the run ends. (It was tried again and again within the run,
/// for as long as HubSpot refused.)
#[test]
fn a_refused_link_ends_the_run_all_the_same() {
    let refusals: Vec<Fault> = (0..200)
        .map(|call| Fault {
            on: On::Http,
            call,
            what: What::Refuse(0),
        })
        .collect();
    let outcome = holds(&plan(
        &[
            (BEFORE, by_hand(Kind::Contact, 1)),
            (BEFORE + 10 * 60_000, add(Kind::Contact, 1)),
        ],
        &refusals,
    ));
    assert!(
        outcome.injected["partial 207"] <= 4,
        "{:?}",
        outcome.injected
    );
}

/// A candidate that the index still has, and HubSpot no more, is decided on once. (It was found and missed again and
/// again, for as long as there were calls.)
#[test]
fn a_candidate_that_is_gone_is_forgotten() {
    let nameless = Act::ByHand {
        kind: Kind::Contact,
        serial: 1,
        nameless_key: true,
    };
    let gone = Act::Archive {
        kind: Kind::Contact,
        pick: 0,
    };
    holds(&plan(
        &[
            (BEFORE, nameless),
            (BEFORE + 10 * 60_000, add(Kind::Contact, 2)),
            (60_000, gone),
            (120_000, add(Kind::Contact, 1)),
        ],
        &[],
    ));
}

/// HubSpot refuses associations with records that were archived there. A run of few calls asks once and gets past them: when it
/// asked again in every slice, it never ended.
#[test]
fn refused_associations_do_not_hold_up_a_run_of_few_calls() {
    let outcome = simulate(&undecided(171));
    assert_eq!(outcome.violations, Vec::<String>::new());
}

/// S3-10: who comes in by a list syncs, who leaves it rests, and whom nobody put into it is left alone, whenever an instance
/// ends in between.
#[test]
fn a_list_lets_in_and_out() {
    const MINUTE: i64 = 60_000;
    let mut plan = plan(
        &[
            (BEFORE, by_hand(Kind::Contact, 1)),
            (BEFORE, by_hand(Kind::Contact, 2)),
            (BEFORE + 5 * MINUTE, Act::Enter { pick: 0 }),
            (BEFORE + 10 * MINUTE, add(Kind::Contact, 1)),
            (BEFORE + 10 * MINUTE, add(Kind::Contact, 2)),
            (BEFORE + 10 * MINUTE, add(Kind::Contact, 3)),
            (BEFORE + 10 * MINUTE, add(Kind::Deal, 1)),
            (4 * MINUTE, Act::Enter { pick: 1 }),
            (4 * MINUTE, Act::Leave { pick: 0 }),
            (7 * MINUTE, change(100)),
            (12 * MINUTE, Act::Enter { pick: 0 }),
            (17 * MINUTE, change(101)),
        ],
        &[],
    );
    plan.shape.door = Some(Kind::Contact);
    let calm = holds(&plan);
    assert_eq!(calm.records, 3, "two were members, and a deal");
    for call in (0..60).step_by(7) {
        plan.faults = [On::Http, On::Sql]
            .map(|on| Fault {
                on,
                call,
                what: What::Crash,
            })
            .to_vec();
        assert_eq!(holds(&plan).records, 3, "call {call}");
    }
}

fn change(serial: u32) -> Act {
    Act::Change {
        kind: Kind::Contact,
        pick: 0,
        field: 2,
        serial,
    }
}

/// Clio takes a phone number, HubSpot refuses the record's other field, and people clear the number in Clio before that is
/// tried again: what Clio took was not remembered, and the number came back.
#[test]
fn what_clio_took_is_remembered_where_hubspot_refuses_the_rest() {
    let outcome = simulate(&undecided(3951));
    assert_eq!(outcome.violations, Vec::<String>::new());
}

/// Nobody heard that a contact was made, and people cleared its address in HubSpot before it was linked: the address came back.
#[test]
fn what_is_cleared_before_the_record_is_linked_stays_cleared() {
    let outcome = simulate(&undecided(1494));
    assert_eq!(outcome.violations, Vec::<String>::new());
}

/// Nobody heard that HubSpot's record was written, and Clio's was deleted before it could be linked: it carried the sync id of
/// nobody, and did not say so.
#[test]
fn what_was_written_for_a_record_that_is_gone_by_now_says_so() {
    for seed in [543, 2326, 2370] {
        let outcome = simulate(&undecided(seed));
        assert_eq!(outcome.violations, Vec::<String>::new(), "seed {seed}");
    }
}

/// People unlink one record and link another to its HubSpot record, which HubSpot refuses to write to (830), or refuses to take the
/// first one's name from (3276); or they link a record that was made for another, of which nobody had heard yet (1975).
#[test]
fn what_people_decide_leaves_no_name_behind() {
    for seed in [830, 1975, 3276] {
        let outcome = simulate(&Plan::of_seed(seed));
        assert_eq!(outcome.violations, Vec::<String>::new(), "seed {seed}");
    }
}
