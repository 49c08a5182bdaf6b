//! HubSpot tells what people do there: late, more than once, and in no order.

use std::rc::Rc;

use serde_json::{Value, json};
use sync300_kit::secret::Secret;
use sync300_kit::signature::{Signed, sign_v3};
use sync300_kit::surface::Incoming;
use sync300_kit::webhooks;

use crate::network::at_once;
use crate::plan::Kind;
use crate::ports::{CLIENT_SECRET, Invocation, PUBLIC_URL, Ports};
use crate::world::{Firm, World};

/// HubSpot tells within seconds as a rule, and much later where it has to try again.
const SOON_MILLIS: i64 = 8_000;
const LATE_MILLIS: i64 = 90_000;

impl World {
    /// Has HubSpot tell of something that was just done, where this world's does. `more` is what the event says besides.
    pub fn tell(&self, firm: &Firm, kind: Kind, what: &str, id: u64, more: &Value) {
        if !self.shape.told {
            return;
        }
        let object = match kind {
            Kind::Contact => "contact",
            Kind::Company => "company",
            Kind::Deal => "deal",
            Kind::Ticket => "ticket",
        };
        let number = u64::try_from(self.webhooks.borrow().len()).unwrap_or_default()
            + u64::try_from(self.draw(0..=1_000_000)).unwrap_or_default();
        let mut event = json!({
            "eventId": number, "subscriptionId": 1, "portalId": firm.portal.id(), "appId": 99, "occurredAt": self.now(),
            "subscriptionType": format!("{object}.{what}"), "attemptNumber": 0, "objectId": id,
            "changeSource": "CRM_UI", "sourceId": "userId:9001",
        });
        if let (Some(event), Some(more)) = (event.as_object_mut(), more.as_object()) {
            event.extend(more.clone());
        }
        let times = self.draw(1..=2);
        for time in 0..times {
            let latest = if self.draw(0..=3) == 0 {
                LATE_MILLIS
            } else {
                SOON_MILLIS
            };
            let arrival = self.now() + self.draw(50..=latest);
            let place = number * 2 + u64::try_from(time).unwrap_or_default();
            self.webhooks
                .borrow_mut()
                .insert((arrival, place), event.clone());
        }
    }
}

/// Delivers one, signed as HubSpot signs. It is taken between two calls of whatever instance is at work.
pub(crate) fn deliver(world: &Rc<World>, event: &Value) {
    let ports = Ports {
        world: world.clone(),
        instance: 0,
        invocation: Rc::new(Invocation::default()),
        immediate: true,
    };
    let body = json!([event]).to_string();
    let target = "/hubspot/webhooks";
    let at = sync300_kit::ports::Clock::now(&ports).to_string();
    let uri = format!("{PUBLIC_URL}{target}");
    let signed = Signed {
        method: "POST",
        uri: &uri,
        body: body.as_bytes(),
    };
    let signature = sign_v3(&Secret::new(CLIENT_SECRET), signed, &at).unwrap_or_default();
    let incoming = Incoming {
        method: "POST".to_owned(),
        target: target.to_owned(),
        headers: [
            ("content-type", "application/json".to_owned()),
            ("x-hubspot-signature-v3", signature),
            ("x-hubspot-request-timestamp", at),
        ]
        .map(|(name, value)| (name.to_owned(), value.into_bytes()))
        .to_vec(),
        body: body.into_bytes(),
        request_id: "simulated".to_owned(),
    };
    let status = at_once(webhooks::receive(&ports, &incoming)).map(|answer| answer.status);
    world.note(|| format!("-- HubSpot tells {event}: {status:?}"));
    if status != Some(204) {
        world.violation(format!("a webhook was answered with {status:?}"));
    }
}
