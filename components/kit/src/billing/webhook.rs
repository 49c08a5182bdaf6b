//! `POST /stripe/webhook`: Stripe says that something about a customer changed.
//!
//! Whatever is not done is not acknowledged, so that Stripe sends it again for three days. An event that is not for us
//! is acknowledged: sending it again would change nothing.

use serde_json::json;

use super::refresh::{Refreshed, gone, refresh};
use super::require_billing;
use crate::caller;
use crate::log::{self, Level};
use crate::ports::Ports;
use crate::store::Store;
use crate::stripe::event::{Event, Head};
use crate::stripe::signature::{SignatureError, Verifier};
use crate::surface::{Answer, Header, Incoming, Problem};

/// Takes a webhook.
pub async fn webhook<P: Ports>(ports: &P, incoming: &Incoming) -> Answer {
    match receive(ports, incoming).await {
        Ok(()) => Answer::json(200, &json!({ "received": true })),
        Err(problem) => caller::refuse(ports, incoming, &problem),
    }
}

async fn receive<P: Ports>(ports: &P, incoming: &Incoming) -> Result<(), Problem> {
    verify(ports, incoming).map_err(refused)?;
    require_billing(ports)?;
    let unreadable = |_| Problem::new(400, "bad_event", "The body is not an event of Stripe's.");
    let head: Head = serde_json::from_slice(&incoming.body).map_err(unreadable)?;
    if !head.is_relevant() {
        return Ok(());
    }
    let event: Event = serde_json::from_slice(&incoming.body).map_err(unreadable)?;
    if event.account.is_some() {
        note(ports, &event, "foreign_account");
        return Ok(());
    }
    let Some(customer) = event.customer() else {
        note(ports, &event, "no_customer");
        return Ok(());
    };
    let store = Store::new(ports);
    if store.event_is_applied(&event.id).await? {
        return Ok(());
    }
    let done = match event.deletes_customer() {
        true => gone(ports, customer).await?,
        false => refresh(ports, customer).await?,
    };
    match done {
        // Nothing is kept of customers who are none of ours.
        Refreshed::Unknown => note(ports, &event, "unknown_customer"),
        Refreshed::Kept => note(ports, &event, "last_good_state_kept"),
        Refreshed::Current => {}
    }
    if done != Refreshed::Unknown {
        store.add_event(&event.id, customer).await?;
    }
    Ok(())
}

fn verify<P: Ports>(ports: &P, incoming: &Incoming) -> Result<(), SignatureError> {
    let verifier = Verifier::from_variables(ports)?;
    let header = match incoming.header("stripe-signature") {
        Header::One(header) => header,
        Header::Absent => return Err(SignatureError::Missing),
        Header::Unclear => return Err(SignatureError::Unclear),
    };
    verifier.verify(header, &incoming.body, ports.now() / 1_000)
}

fn refused(error: SignatureError) -> Problem {
    let status = match error {
        SignatureError::NotConfigured => 503,
        _ => 400,
    };
    Problem {
        detail: Some(error.code().to_owned()),
        ..Problem::new(
            status,
            "signature",
            "The webhook is not signed by Stripe as it must be.",
        )
    }
}

/// For the operator, by ids alone.
fn note<P: Ports>(ports: &P, event: &Event, code: &'static str) {
    let fields = [
        ("stripe_event", event.id.as_str().into()),
        ("type", event.kind.as_str().into()),
        ("customer", event.customer().into()),
        ("code", code.into()),
    ];
    log::write(ports, Level::Warn, "billing_event", &fields);
}
