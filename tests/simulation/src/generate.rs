//! From a seed to a plan.

use sync300_kit::settings::Strategy;

use crate::plan::{Act, Edit, Fault, Kind, On, Plan, Shape, What};

const MINUTE: i64 = 60_000;

impl Plan {
    /// The plan of a seed.
    pub fn of_seed(seed: u64) -> Self {
        let mut rng = fastrand::Rng::with_seed(seed);
        let mut shape = shape(&mut rng);
        let mut edits = edits(&mut rng, &shape);
        let faults = faults(&mut rng);
        // Dice of their own: what goes one way stays the simulation that it was.
        let mut rng = fastrand::Rng::with_seed(seed ^ 0xb07);
        if rng.bool() {
            let strategies = [
                Strategy::LastWriteWins,
                Strategy::LastWriteWins,
                Strategy::HubspotWins,
                Strategy::ProviderWins,
            ];
            shape.both_ways = Some(one_of(&mut rng, strategies));
            answers(&mut rng, &shape, &mut edits);
            shape.creates = rng.bool();
        }
        let mut rng = fastrand::Rng::with_seed(seed ^ 0xd002);
        if rng.u8(..4) == 0 {
            let kinds = [Kind::Contact, Kind::Contact, Kind::Company, Kind::Deal];
            let kind = one_of(&mut rng, kinds);
            shape.door = Some(kind);
            comings(&mut rng, &shape, kind, &mut edits);
        }
        shape.told = fastrand::Rng::with_seed(seed ^ 0x701d).bool();
        let mut rng = fastrand::Rng::with_seed(seed ^ 0xdec1de);
        // Who stands outside of a door waits for nobody's word.
        if shape.door.is_none() && rng.bool() {
            decisions(&mut rng, &shape, &mut edits);
        }
        Self {
            seed,
            shape,
            edits,
            faults,
        }
    }
}

fn shape(rng: &mut fastrand::Rng) -> Shape {
    let skewed = rng.bool();
    // Within these the leases and overlaps must do: hosts with a time service differ by far less.
    let mut skew = |most: i64| if skewed { rng.i64(-most..=most) } else { 0 };
    let (hubspot_skew, clio_skew) = (skew(10_000), skew(20_000));
    let skews = [skew(10_000), skew(10_000), skew(10_000)];
    let instances = rng.usize(1..=3);
    Shape {
        firms: if rng.u8(..4) == 0 { 2 } else { 1 },
        instance_skews: skews.into_iter().take(instances).collect(),
        hubspot_skew,
        clio_skew,
        search_lag: one_of(rng, [0, 5_000, 30_000]),
        page: one_of(rng, [3, 7, 200]),
        limits: (
            one_of(rng, [5, 20, 25]),
            one_of(rng, [2, 8]),
            one_of(rng, [20, 60, 400]),
        ),
        frequency: one_of(rng, [5, 15]),
        cadence: one_of(rng, [30_000, 90_000]),
        merges_renumber: rng.bool(),
        horizon: rng.i64(6..=25) * MINUTE,
        both_ways: None,
        creates: false,
        door: None,
        told: false,
    }
}

#[expect(clippy::indexing_slicing, reason = "drawn below the length")]
fn one_of<T: Copy, const N: usize>(rng: &mut fastrand::Rng, from: [T; N]) -> T {
    from[rng.usize(..N)]
}

/// Kinds by how often they occur.
fn kind(rng: &mut fastrand::Rng) -> Kind {
    match rng.u8(..10) {
        0..5 => Kind::Contact,
        5..7 => Kind::Company,
        7..9 => Kind::Deal,
        _ => Kind::Ticket,
    }
}

fn edits(rng: &mut fastrand::Rng, shape: &Shape) -> Vec<Edit> {
    let mut edits = Vec::new();
    for firm in 0..shape.firms {
        // The firm as it is before the first sync: hand-made records in HubSpot come first.
        let people = rng.u32(2..20);
        for serial in 0..rng.u32(0..8) {
            let act = Act::ByHand {
                kind: one_of(
                    rng,
                    [Kind::Contact, Kind::Contact, Kind::Company, Kind::Deal],
                ),
                serial: serial * 2,
                nameless_key: rng.bool(),
            };
            edits.push(Edit {
                at: -50 * MINUTE,
                firm,
                act,
            });
        }
        for (kind, count) in [
            (Kind::Company, rng.u32(0..6)),
            (Kind::Contact, people),
            (Kind::Deal, rng.u32(0..8)),
            (Kind::Ticket, rng.u32(0..8)),
        ] {
            for serial in 0..count {
                let act = Act::Add {
                    kind,
                    serial,
                    pick: rng.usize(..100),
                    bare: rng.u8(..5) == 0,
                };
                edits.push(Edit {
                    at: -40 * MINUTE,
                    firm,
                    act,
                });
            }
        }
        for _ in 0..rng.usize(0..6) {
            let act = Act::Relate {
                contact: rng.usize(..100),
                matter: rng.usize(..100),
            };
            edits.push(Edit {
                at: -30 * MINUTE,
                firm,
                act,
            });
        }
    }
    for number in 0..rng.u32(0..40) {
        let edit = Edit {
            at: rng.i64(0..shape.horizon),
            firm: rng.usize(..shape.firms),
            act: act(rng, 100 + number),
        };
        edits.push(edit);
    }
    edits.sort_by_key(|edit| edit.at);
    edits
}

/// Who comes in by a list and who leaves it: before the first sync, and while it goes on. Records of that kind are in
/// HubSpot already, or none could be a member.
fn comings(rng: &mut fastrand::Rng, shape: &Shape, kind: Kind, edits: &mut Vec<Edit>) {
    for firm in 0..shape.firms {
        for _ in 0..rng.u32(0..8) {
            let act = Act::ByHand {
                kind,
                serial: rng.u32(0..16),
                nameless_key: rng.bool(),
            };
            edits.push(Edit {
                at: -49 * MINUTE,
                firm,
                act,
            });
        }
        for _ in 0..rng.u32(0..6) {
            let act = Act::Enter {
                pick: rng.usize(..100),
            };
            edits.push(Edit {
                at: -45 * MINUTE,
                firm,
                act,
            });
        }
    }
    for _ in 0..rng.u32(0..16) {
        let pick = rng.usize(..100);
        let act = match rng.u8(..5) {
            0..3 => Act::Enter { pick },
            _ => Act::Leave { pick },
        };
        let (at, firm) = (rng.i64(0..shape.horizon), rng.usize(..shape.firms));
        edits.push(Edit { at, firm, act });
    }
    edits.sort_by_key(|edit| edit.at);
}

/// What people decide about links.
fn decisions(rng: &mut fastrand::Rng, shape: &Shape, edits: &mut Vec<Edit>) {
    for _ in 0..rng.u32(1..6) {
        let act = Act::Decide {
            kind: kind(rng),
            pick: rng.usize(..100),
            choice: (rng.u8(..3) > 0).then(|| rng.usize(..100)),
        };
        let (at, firm) = (rng.i64(0..shape.horizon), rng.usize(..shape.firms));
        edits.push(Edit { at, firm, act });
    }
    edits.sort_by_key(|edit| edit.at);
}

/// What people change in HubSpot, some of it about when somebody changes the same in Clio.
fn answers(rng: &mut fastrand::Rng, shape: &Shape, edits: &mut Vec<Edit>) {
    for number in 0..rng.u32(0..30) {
        let serial = 1_000 + number;
        let kind = one_of(
            rng,
            [Kind::Contact, Kind::Contact, Kind::Company, Kind::Deal],
        );
        let (pick, field) = (rng.usize(..100), rng.usize(..100));
        let (at, firm) = (rng.i64(0..shape.horizon), rng.usize(..shape.firms));
        let answer = Act::Answer {
            kind,
            pick,
            field,
            serial: (rng.u8(..6) > 0).then_some(serial),
        };
        edits.push(Edit {
            at,
            firm,
            act: answer,
        });
        if rng.u8(..3) == 0 {
            let act = Act::Change {
                kind,
                pick,
                field,
                serial: 2_000 + number,
            };
            let at = (at + rng.i64(-90_000..90_000)).clamp(0, shape.horizon - 1);
            edits.push(Edit { at, firm, act });
        }
    }
    edits.sort_by_key(|edit| edit.at);
}

fn act(rng: &mut fastrand::Rng, serial: u32) -> Act {
    let kind = kind(rng);
    let (pick, other, field) = (rng.usize(..100), rng.usize(..100), rng.usize(..100));
    match rng.u8(..100) {
        0..35 => Act::Change {
            kind,
            pick,
            field,
            serial,
        },
        35..42 => Act::Clear { kind, pick, field },
        42..55 => Act::Add {
            kind,
            serial: if rng.bool() { serial } else { rng.u32(0..16) },
            pick,
            bare: rng.u8(..5) == 0,
        },
        55..60 => Act::ByHand {
            kind,
            serial,
            nameless_key: rng.bool(),
        },
        60..72 => Act::Touch {
            kind,
            pick,
            field,
            serial,
        },
        72..80 => Act::Remark { kind, pick, serial },
        80..84 => Act::Delete { kind, pick },
        84..88 => Act::Relate {
            contact: pick,
            matter: other,
        },
        88..91 => Act::Unrelate { pick },
        91..94 => Act::Archive { kind, pick },
        94..97 => Act::Merge { kind, pick, other },
        _ => Act::SyncNow,
    }
}

fn faults(rng: &mut fastrand::Rng) -> Vec<Fault> {
    let count = one_of(rng, [0, 3, 8, 20]);
    (0..count).map(|_| fault(rng)).collect()
}

fn fault(rng: &mut fastrand::Rng) -> Fault {
    // Early calls do most of the work: the more, the earlier.
    let mut call = |most: f64| {
        let share = rng.f64();
        (share * share * most) as u32
    };
    let (any, http, sql, cache) = (call(1_500.0), call(250.0), call(1_200.0), call(150.0));
    let (on, call, what) = match rng.u8(..100) {
        0..10 => (On::Any, any, What::Crash),
        10..22 => (On::Http, http, What::Crash),
        22..28 => (On::Http, http, What::Orphan(rng.i64(0..5_000))),
        28..36 => (On::Any, any, What::Freeze(rng.i64(20_000..200_000))),
        36..42 => (On::Http, http, What::Freeze(rng.i64(40_000..200_000))),
        42..46 => (On::Sql, sql, What::Hang(rng.i64(1_000..150_000))),
        46..51 => (On::Http, http, What::LostRequest),
        51..62 => (On::Http, http, What::LostResponse),
        62..67 => (On::Http, http, What::Twice),
        67..73 => (On::Http, http, What::Slow(rng.i64(1_000..6_000))),
        73..82 => {
            let status = one_of(rng, [429, 423, 477, 500, 502, 503, 504, 521]);
            (On::Http, http, What::Status(status, rng.u32(0..6)))
        }
        82..85 => (On::Http, http, What::CutOff),
        85..92 => (On::Http, http, What::Refuse(rng.usize(..100))),
        92..95 => (On::Sql, sql, What::SqlRefused),
        95..98 => (On::Sql, sql, What::SqlLost),
        _ => (On::KeyValue, cache, What::Forget),
    };
    Fault { on, call, what }
}
