//! `POST /cards/review`: what a person decides about a record that waits.

use serde::{Deserialize, Serialize};

use super::refused;
use crate::caller::Caller;
use crate::card::{ID_DIGITS, answer_admin, held};
use crate::live::{self, Live};
use crate::ports::Ports;
use crate::review::{self, Record, Refusal};
use crate::store::cards::Held;
use crate::surface::{Answer, Incoming, Problem};

/// What a person decides.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Decision {
    connection: String,
    object: String,
    decision: What,
    /// Provider id; not of deletions.
    #[serde(default)]
    id: String,
    /// What to link it to.
    hubspot_id: Option<String>,
    /// HubSpot record beside that to take values of, where the object takes any; none = the most recently created.
    companion: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum What {
    /// The two are the same, whatever was linked before.
    Link,
    /// They are not, and nothing is made for the record.
    Unlink,
    /// The records are really deleted.
    ApproveDeletions,
}

#[derive(Debug, Serialize)]
struct Decided {
    message: &'static str,
}

/// Takes a decision.
pub async fn decide<P: Ports>(ports: &P, incoming: &Incoming) -> Answer {
    answer_admin(ports, incoming, async |caller| {
        let decision: Decision = incoming.json()?;
        let held = held(ports, caller, &decision.connection).await?;
        take(ports, caller, &held, &decision).await
    })
    .await
}

async fn take<P: Ports>(
    ports: &P,
    caller: &Caller,
    held: &Held,
    decision: &Decision,
) -> Result<Decided, Problem> {
    let object = decision.object.as_str();
    let record = Record {
        portal: caller.portal,
        user: caller.user,
        connection: &held.id,
        object,
        id: &decision.id,
    };
    let message = match decision.decision {
        What::Link => {
            let id = decision.hubspot_id.as_deref().unwrap_or_default();
            let companion = decision.companion.as_deref();
            require_there(ports, held, object, id, companion).await?;
            review::link(ports, record, id, companion)
                .await
                .map_err(refused)?;
            "The two records are linked. Their values follow within a minute."
        }
        What::Unlink => {
            review::unlink(ports, record).await.map_err(refused)?;
            "The record is left out. Nothing is created for it until somebody links it."
        }
        What::ApproveDeletions => {
            let (portal, user) = (caller.portal, caller.user);
            review::approve_deletions(ports, portal, user, &held.id, object)
                .await
                .map_err(refused)?;
            "The deletions are believed, and carried out by the next sync."
        }
    };
    Ok(Decided { message })
}

/// Nobody is linked to what HubSpot does not have.
async fn require_there<P: Ports>(
    ports: &P,
    held: &Held,
    object: &str,
    id: &str,
    companion: Option<&str>,
) -> Result<(), Problem> {
    let missing = || {
        Problem::new(
            404,
            "hubspot_record_unknown",
            "HubSpot has no such record of this kind.",
        )
        .action("Choose one of the records that are offered, or enter the id of another.")
    };
    let number =
        |id: &str| (1..=ID_DIGITS).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_digit());
    if !number(id) || !companion.is_none_or(number) {
        return Err(missing());
    }
    let budget = live::budget(ports);
    let live = Live::new(ports, &budget, held)?;
    let Ok(declared) = live.object(object) else {
        return Err(refused(Refusal::UnknownRecord));
    };
    let plan = live.plan(object, None)?;
    let hubspot = live.hubspot().await?;
    let found = hubspot
        .batch_read_values(&declared.hubspot_object, &plan, &[], &[id.to_owned()])
        .await?;
    if found.is_empty() {
        return Err(missing());
    }
    let Some(companion) = companion else {
        return Ok(());
    };
    // What an object takes nothing of cannot be chosen.
    let kind = declared.companion.as_ref().ok_or_else(missing)?;
    let found = hubspot
        .batch_read_companions(&kind.hubspot_object, &plan, &[], &[companion.to_owned()])
        .await?;
    match found.is_empty() {
        true => Err(missing()),
        false => Ok(()),
    }
}
