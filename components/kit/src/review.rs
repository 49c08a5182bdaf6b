//! The review queue: records that are not in step, why, and what a person decides about them (S0-103, S2-11, S2-34).
//!
//! A decision is one statement. A slice that is under way loses its lease by it, so that nothing it has read before is
//! committed over it; the next run carries the decision out, as the conflict strategy says.

use crate::error::Error;
use crate::ports::Ports;
use crate::store::Store;
use crate::store::review::{Decision, Waiting};

/// Records of one page.
pub const PAGE: usize = 100;

/// Which records to list.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter<'a> {
    /// Of this object alone.
    pub object: Option<&'a str>,
    /// In this state alone, as [`crate::store::links::LinkState`] names it.
    pub state: Option<&'a str>,
    /// Behind this object and provider id: what [`Page::next`] said.
    pub after: Option<(&'a str, &'a str)>,
}

/// A page of the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// In the order of object and provider id.
    pub records: Vec<Waiting>,
    /// Where the next page begins; none at the end.
    pub next: Option<(String, String)>,
}

/// Why a decision is not taken.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// Of another portal, disconnected, or none.
    #[error("there is no such connection")]
    UnknownConnection,
    /// No run has seen the provider's record.
    #[error("no run has seen this record yet")]
    UnknownRecord,
    /// HubSpot's ids are numbers.
    #[error("this is not the id of a HubSpot record")]
    BadHubSpotId,
    /// One link per record on each side.
    #[error("this HubSpot record is linked to another record")]
    LinkedToAnother,
    /// No deletions wait for a word.
    #[error("no deletions wait to be approved")]
    NothingWaits,
    /// Something else went wrong.
    #[error(transparent)]
    Failed(#[from] Error),
}

impl Refusal {
    /// A bare word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownConnection => "connection_unknown",
            Self::UnknownRecord => "record_unknown",
            Self::BadHubSpotId => "hubspot_id_malformed",
            Self::LinkedToAnother => "linked_to_another",
            Self::NothingWaits => "nothing_waits",
            Self::Failed(_) => "failed",
        }
    }
}

/// A person's word about one of the provider's records.
#[derive(Debug, Clone, Copy)]
pub struct Record<'a> {
    /// HubSpot portal of the person, who must own the connection.
    pub portal: i64,
    /// HubSpot user, for the audit trail.
    pub user: i64,
    /// Connection id.
    pub connection: &'a str,
    /// Object name.
    pub object: &'a str,
    /// Provider id.
    pub id: &'a str,
}

/// A page of a connection's records that are not in step.
pub async fn list<P: Ports>(
    ports: &P,
    portal: i64,
    connection: &str,
    filter: Filter<'_>,
) -> Result<Page, Refusal> {
    let mut records = Store::new(ports)
        .waiting(portal, connection, filter, PAGE + 1)
        .await?
        .ok_or(Refusal::UnknownConnection)?;
    let more = records.len() > PAGE;
    records.truncate(PAGE);
    let next = records
        .last()
        .filter(|_| more)
        .map(|last| (last.object.clone(), last.id.clone()));
    Ok(Page { records, next })
}

/// Links the record to this HubSpot record, whatever it was linked to before, and makes a run due.
///
/// What the two differ in, the run decides as for any new link. `companion` is the HubSpot record beside it to take values
/// of, for good; none = the most recently created one (S2-12, S2-14, S2-34).
pub async fn link<P: Ports>(
    ports: &P,
    record: Record<'_>,
    hubspot_id: &str,
    companion: Option<&str>,
) -> Result<(), Refusal> {
    let number = |id: &str| (1..=20).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_digit());
    if !number(hubspot_id) || !companion.is_none_or(number) {
        return Err(Refusal::BadHubSpotId);
    }
    decide(ports, record, Some(hubspot_id), companion).await
}

/// Takes the record's link away, or the record out of the queue. It is not matched again, and nothing is created for it,
/// until somebody links it.
pub async fn unlink<P: Ports>(ports: &P, record: Record<'_>) -> Result<(), Refusal> {
    decide(ports, record, None, None).await
}

/// Deletions at the provider that wait for a person's word, because they are so many: object, how many, and since when
/// (unix milliseconds).
pub async fn held_deletions<P: Ports>(
    ports: &P,
    portal: i64,
    connection: &str,
) -> Result<Vec<(String, i64, i64)>, Refusal> {
    Store::new(ports)
        .brakes(portal, connection)
        .await?
        .ok_or(Refusal::UnknownConnection)
}

/// Says yes to the deletions of an object that wait, and makes a run due, which looks for them anew.
pub async fn approve_deletions<P: Ports>(
    ports: &P,
    portal: i64,
    user: i64,
    connection: &str,
    object: &str,
) -> Result<(), Refusal> {
    match Store::new(ports)
        .release_brake(portal, connection, object, user)
        .await?
    {
        true => Ok(()),
        false => Err(Refusal::NothingWaits),
    }
}

async fn decide<P: Ports>(
    ports: &P,
    record: Record<'_>,
    hubspot_id: Option<&str>,
    companion: Option<&str>,
) -> Result<(), Refusal> {
    let store = Store::new(ports);
    match store.decide_link(record, hubspot_id, companion).await? {
        Decision::Taken => Ok(()),
        Decision::UnknownConnection => Err(Refusal::UnknownConnection),
        Decision::UnknownRecord => Err(Refusal::UnknownRecord),
        Decision::LinkedToAnother => Err(Refusal::LinkedToAnother),
    }
}
