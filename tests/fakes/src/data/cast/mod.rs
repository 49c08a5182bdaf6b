//! The hand-made cases: records that somebody made in HubSpot before, and what of Clio must find
//! them, must not, or cannot tell. The rules: exactly one on both sides, e-mail (companies: domain)
//! before name, equal names with different e-mail addresses are different people.

mod companies;
mod people;

pub(super) use companies::companies;
pub(super) use people::people;

use super::{Dataset, HandMade};
use crate::hubspot::ObjectType;

/// Adds a hand-made record; its position.
fn hand_made(data: &mut Dataset, kind: ObjectType, values: &[(&'static str, &str)]) -> usize {
    let values = values
        .iter()
        .map(|(name, value)| (*name, (*value).to_owned()))
        .collect();
    data.by_hand.push(HandMade { kind, values });
    data.by_hand.len() - 1
}

/// Hand-made records that nothing in Clio has to do with.
pub(super) fn add_bystanders(data: &mut Dataset) {
    let others: [(ObjectType, &[(&'static str, &str)]); 5] = [
        (
            ObjectType::Contacts,
            &[
                ("firstname", "Beatrix"),
                ("lastname", "Holloway"),
                ("email", "bea@holloway.example"),
            ],
        ),
        (
            ObjectType::Contacts,
            &[("email", "newsletter-only@reader.example")],
        ),
        (
            ObjectType::Companies,
            &[
                ("name", "Millbrook Stationers"),
                ("domain", "millbrook-stationers.example"),
            ],
        ),
        (
            ObjectType::Deals,
            &[
                ("dealname", "Office fit-out 2025"),
                ("dealstage", "contractsent"),
            ],
        ),
        (
            ObjectType::Tickets,
            &[
                ("subject", "Printer is out of toner"),
                ("hs_pipeline_stage", "1"),
            ],
        ),
    ];
    for (kind, values) in others {
        hand_made(data, kind, values);
    }
}
