//! Slices and actions in components of their own: what the tick asks, over Spin's local service chaining, and what is
//! answered.
//!
//! The components that work slices are private, and so is this path of the one that does actions: only components of this
//! application that may reach them get here; they show the tick's own token all the same.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::frame::SliceSummary;
use super::part::Part;
use super::tick::{Share, Slices};
use crate::action::Finished;
use crate::error::{Error, Result};
use crate::ports::{Http, HttpRequest};
use crate::secret::Secret;

/// Where slices are worked (Spin, "Local service chaining").
const fn url(part: Part) -> &'static str {
    match part {
        Part::Prepare => "http://sync-prepare.spin.internal/slice",
        Part::ToHubspot => "http://sync-to-hubspot.spin.internal/slice",
        Part::ToProvider => "http://sync-to-provider.spin.internal/slice",
    }
}

/// Where actions are done that HubSpot waits for.
const ACTIONS: &str = "http://workflow-action.spin.internal/waiting";

/// Has slices worked by the components that are made for them.
pub struct Relay<'a, H> {
    http: &'a H,
    token: Secret,
}

impl<'a, H: Http> Relay<'a, H> {
    /// With the token that the tick itself was called with.
    pub fn new(http: &'a H, token: Secret) -> Self {
        Self { http, token }
    }
}

#[derive(Deserialize)]
struct Refusal {
    error: RefusalCode,
}

#[derive(Deserialize)]
struct RefusalCode {
    code: String,
}

impl<H: Http> Slices for Relay<'_, H> {
    async fn work(&self, part: Part, share: Share) -> Result<Option<SliceSummary>> {
        self.ask(url(part), share).await
    }

    async fn finish_actions(&self, share: Share) -> Result<Finished> {
        self.ask(ACTIONS, share).await
    }
}

impl<H: Http> Relay<'_, H> {
    async fn ask<T: DeserializeOwned>(&self, url: &str, share: Share) -> Result<T> {
        let broken = |code: &str| Error::Slice(code.to_owned());
        let request = HttpRequest {
            method: "POST",
            url: url.to_owned(),
            headers: vec![
                (
                    "authorization".to_owned(),
                    format!("Bearer {}", self.token.expose()),
                ),
                ("content-type".to_owned(), "application/json".to_owned()),
            ],
            body: serde_json::to_vec(&share).map_err(|_| Error::Row)?,
        };
        let answer = self.http.send(request).await;
        let answer = answer.map_err(|_| broken("slice_unanswered"))?;
        if answer.status == 200 {
            return serde_json::from_slice(&answer.body).map_err(|_| broken("slice_unreadable"));
        }
        match serde_json::from_slice(&answer.body) {
            Ok(Refusal { error }) => Err(Error::Slice(error.code)),
            // Ended by the host: out of memory, or trapped.
            Err(_) => Err(broken("slice_ended")),
        }
    }
}
