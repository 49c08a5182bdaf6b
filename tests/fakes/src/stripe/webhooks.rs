//! What Stripe sends: at least once, in no order, until it is acknowledged.

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

use super::{Service, Stripe};
use crate::server::locked;

/// A webhook on its way.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// The event's id.
    pub event: String,
    /// The raw body.
    pub body: Vec<u8>,
    /// `Stripe-Signature`.
    pub signature: String,
}

/// How deliveries go wrong.
#[derive(Debug, Clone, Copy, Default)]
pub struct Disorder {
    /// The order is that of this seed; none: as the events were made.
    pub seed: Option<u64>,
    /// How many times more each event is sent, acknowledged or not.
    pub doubles: usize,
    /// How often an event is sent again that is not acknowledged.
    pub retries: usize,
}

impl Service {
    /// Signed now, by every secret: Stripe sends two while one is rolled.
    fn signed(&self, event: &Value) -> Delivery {
        let at = self.now();
        let body = event.to_string().into_bytes();
        let mut signature = format!("t={at}");
        for secret in &self.config.webhook_secrets {
            if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) {
                mac.update(format!("{at}.").as_bytes());
                mac.update(&body);
                signature.push_str(",v1=");
                for byte in mac.finalize().into_bytes() {
                    signature.push_str(&format!("{byte:02x}"));
                }
            }
        }
        // Events of test mode carry this one besides.
        signature.push_str(",v0=6ffbb59b2300aae63f272406069a9788598b792a944a07aba816edb039989a39");
        Delivery {
            event: event["id"].as_str().unwrap_or_default().to_owned(),
            body,
            signature,
        }
    }
}

impl Stripe {
    /// Every event so far, acknowledged or not.
    pub fn events(&self) -> Vec<Value> {
        locked(&self.service.state).events.clone()
    }

    /// What is still to be acknowledged, signed now.
    pub fn waiting(&self) -> Vec<Delivery> {
        let state = locked(&self.service.state);
        let open = state.events.iter().filter(|event| {
            let id = event["id"].as_str().unwrap_or_default();
            !state.acknowledged.iter().any(|known| known == id)
        });
        open.map(|event| self.service.signed(event)).collect()
    }

    /// What waits, as often and in the order in which it is sent.
    pub fn sendings(&self, disorder: Disorder) -> Vec<Delivery> {
        let mut order: Vec<Delivery> = self
            .waiting()
            .into_iter()
            .flat_map(|delivery| std::iter::repeat_n(delivery, 1 + disorder.doubles))
            .collect();
        if let Some(seed) = disorder.seed {
            fastrand::Rng::with_seed(seed).shuffle(&mut order);
        }
        order
    }

    /// Takes the endpoint's answer to a delivery; whether it need not be sent again.
    pub fn answered(&self, delivery: &Delivery, status: u16) -> bool {
        let taken = (200..300).contains(&status);
        if taken {
            let mut state = locked(&self.service.state);
            state.acknowledged.push(delivery.event.clone());
        }
        taken
    }
}
