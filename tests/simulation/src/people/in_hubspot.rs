//! What people edit in HubSpot.

use super::chosen;
use super::fields::{fields, is_key, is_name};
use super::words::{CANARY_PHONE, email, word};
use crate::plan::Kind;
use crate::world::Firm;

/// Edits any record in HubSpot, linked or not. Stages are left to Clio: a person who moves a deal by hand is another story.
pub(super) fn touch(
    at: usize,
    firm: &Firm,
    (kind, pick, field): (Kind, usize, usize),
    serial: u32,
) -> Option<u64> {
    let records = firm.portal.records(kind.object());
    let free: Vec<&'static str> = fields(kind)
        .iter()
        .map(|field| field.property)
        .filter(|name| {
            !is_key(kind, name) && !name.ends_with("stage") && !name.starts_with("sync300")
        })
        .collect();
    let (record, property) = (chosen(&records, pick)?, chosen(&free, field)?);
    let value = match *property {
        "phone" => format!("+1{CANARY_PHONE}{:04}", serial % 10_000),
        "hs_ticket_priority" => "URGENT".to_owned(),
        _ => format!("{} by hand", word(at, serial)),
    };
    let edited = firm
        .portal
        .edit(kind.object(), record.id, &[(*property, &value)]);
    edited.ok().map(|()| record.id)
}

/// Edits a linked record in HubSpot, as a firm does that works there too.
pub(super) fn answer(
    at: usize,
    firm: &Firm,
    (kind, pick, field): (Kind, usize, usize),
    serial: Option<u32>,
) -> Option<u64> {
    let mut records = firm.portal.records(kind.object());
    records.retain(|record| record.value(crate::oracle::SOURCE).is_some());
    let free: Vec<&'static str> = fields(kind)
        .iter()
        .map(|field| field.property)
        // Nobody goes without a name or a stage; a domain of HubSpot's is not written over an address of Clio's.
        .filter(|name| *name != "domain")
        .filter(|name| serial.is_some() || !(is_name(kind, name) || name.ends_with("stage")))
        .collect();
    let (record, property) = (chosen(&records, pick)?, chosen(&free, field)?);
    let value = match (*property, serial) {
        (_, None) => String::new(),
        ("phone", Some(serial)) => format!("+1{CANARY_PHONE}{:04}", serial % 10_000),
        ("email", Some(serial)) => email(serial),
        ("sync300_clio_open_date", Some(serial)) => format!("2025-12-{:02}", 1 + serial % 28),
        ("dealstage", Some(serial)) => {
            let pipelines = firm.portal.pipelines(kind.object());
            let ours = pipelines
                .into_iter()
                .find(|pipeline| pipeline.label.starts_with("Clio"));
            let stages = ours.map(|pipeline| pipeline.stages).unwrap_or_default();
            chosen(&stages, serial as usize)?.id.clone()
        }
        (_, Some(serial)) => format!("{} by hand", word(at, serial)),
    };
    let edited = firm
        .portal
        .edit(kind.object(), record.id, &[(*property, &value)]);
    edited.ok().map(|()| record.id)
}
