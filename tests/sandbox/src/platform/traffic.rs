//! What passes between the application and the services around it: webhooks, and what HubSpot asks for.

use bytes::Bytes;
use http::Request;
use sync300_fakes::hubspot::{Fetch, Fetched};
use sync300_fakes::stripe::Disorder;
use sync300_host::Running;

use super::{Platform, PlatformError};

impl Platform {
    /// Has Stripe send what it has to send to the application; how many webhooks were not acknowledged.
    pub async fn webhooks(&self, disorder: Disorder) -> Result<usize, PlatformError> {
        let Some(stripe) = &self.stripe else {
            return Ok(0);
        };
        for delivery in stripe.sendings(disorder) {
            for _ in 0..=disorder.retries {
                let request = Request::post("/stripe/webhook")
                    .header("content-type", "application/json")
                    .header("stripe-signature", &delivery.signature)
                    .body(Bytes::from(delivery.body.clone()))?;
                let status = self.app.request(request).await.status().as_u16();
                if stripe.answered(&delivery, status) {
                    break;
                }
            }
        }
        Ok(stripe.waiting().len())
    }

    /// Has Clio send what it has to send to the application, over a network that takes the TLS off; how much of it was not
    /// acknowledged.
    pub async fn clio_webhooks(&self) -> Result<usize, PlatformError> {
        let mut refused = 0;
        for delivery in self.clio.deliveries() {
            let Some(path) = delivery.url.strip_prefix(&self.public_url) else {
                self.clio.answered(delivery, 0, None);
                refused += 1;
                continue;
            };
            let request = Request::post(path)
                .header("content-type", "application/json")
                .header(delivery.header.0, &delivery.header.1)
                .body(Bytes::from(delivery.body.clone()))?;
            let answer = self.app.request(request).await;
            let secret = answer.headers().get("x-hook-secret");
            let secret = secret.and_then(|value| value.to_str().ok());
            refused += usize::from(!answer.status().is_success());
            self.clio
                .answered(delivery, answer.status().as_u16(), secret);
        }
        Ok(refused)
    }

    /// Passes on what a card or the settings page of a portal asks for, as HubSpot's proxy does.
    pub async fn fetch(&self, portal: u64, fetch: &Fetch) -> Result<Fetched, PlatformError> {
        let portal = self.hubspot.portal(portal)?;
        Ok(portal.fetch(fetch, |request| self.send(request)).await?)
    }

    /// Sends a request of HubSpot's to the application: servers get the path alone, and the host in its header.
    pub async fn send(
        &self,
        request: Request<Bytes>,
    ) -> Result<http::Response<Bytes>, http::Error> {
        let (answer, running) = self.send_and_leave(request).await?;
        running.ended().await;
        Ok(answer)
    }

    /// As [`Platform::send`], without waiting for what the instance does behind its answer; dropping the second ends it.
    pub async fn send_and_leave(
        &self,
        request: Request<Bytes>,
    ) -> Result<(http::Response<Bytes>, Running), http::Error> {
        let (mut parts, body) = request.into_parts();
        let host = parts.uri.authority().map(ToString::to_string);
        let target = parts
            .uri
            .path_and_query()
            .map_or("/", |target| target.as_str());
        parts.uri = target.parse().map_err(http::Error::from)?;
        let host = http::HeaderValue::try_from(host.unwrap_or_default());
        parts
            .headers
            .insert("host", host.map_err(http::Error::from)?);
        let request = Request::from_parts(parts, body);
        Ok(self.app.request_and_leave(request).await)
    }
}
