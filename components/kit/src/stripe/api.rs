//! A client of Stripe's API: form-encoded requests, a pinned version, idempotency keys on everything that creates.

use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::subscription::Subscription;
use super::{PORTAL_KEY, VERSION};
use crate::config;
use crate::error::{Class, Error, Result};
use crate::ports::{HttpError, HttpRequest, HttpResponse, Ports};
use crate::secret::Secret;
use crate::surface::{Problem, encode};

/// Pause before a second try.
const BACKOFF: Duration = Duration::from_millis(400);
/// Subscriptions of one customer that are read: a hundred a page, as Stripe allows.
const MAX_PAGES: usize = 5;

/// Why Stripe did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StripeError {
    /// The deployment is not configured for it.
    #[error(transparent)]
    Config(#[from] Error),
    /// No complete answer came.
    #[error("stripe: {0}")]
    Http(HttpError),
    /// A refusal.
    #[error("stripe: {status} {code}")]
    Api {
        /// HTTP status.
        status: u16,
        /// Stripe's code or type, e.g. `resource_missing`.
        code: String,
    },
    /// An answer of another shape.
    #[error("stripe: unexpected answer")]
    Unexpected,
}

impl StripeError {
    /// What to do.
    pub fn class(&self) -> Class {
        match self {
            Self::Config(error) => error.class(),
            Self::Http(HttpError::Network | HttpError::Unreached) => Class::Transient,
            Self::Http(_) => Class::Fatal,
            // 409: the same idempotency key is at work just now.
            Self::Api { status, .. } => match status {
                409 | 429 | 500..=599 => Class::Transient,
                401 | 403 => Class::Fatal,
                _ => Class::Invalid,
            },
            Self::Unexpected => Class::Fatal,
        }
    }

    /// Whether Stripe does not have what was asked for.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Api { code, .. } if code == "resource_missing")
    }

    /// A bare word for logs.
    pub fn code(&self) -> &str {
        match self {
            Self::Config(error) => error.code(),
            Self::Http(HttpError::Network | HttpError::Unreached) => "network",
            Self::Http(HttpError::Forbidden) => "host_not_allowed",
            Self::Http(_) => "bad_exchange",
            Self::Api { code, .. } => code,
            Self::Unexpected => "unexpected_answer",
        }
    }
}

impl From<StripeError> for Problem {
    fn from(error: StripeError) -> Self {
        let problem = match error.class() {
            Class::Transient | Class::RateLimited { .. } => Self::new(
                503,
                "try_again",
                "Stripe does not answer at the moment. Nothing was charged.",
            )
            .action("Try again in a minute."),
            Class::Invalid => Self::new(
                422,
                "stripe_refused",
                "Stripe did not accept this. Nothing was charged.",
            )
            .action("Quote the reference to support."),
            Class::Revoked | Class::Fatal => Self::new(
                500,
                "internal",
                "Billing is not possible at the moment: something has to be put right on our side.",
            )
            .action("Quote the reference to support."),
        };
        Self {
            detail: Some(error.code().to_owned()),
            ..problem
        }
    }
}

/// A purchase to begin.
#[derive(Debug, Clone, Copy)]
pub struct Checkout<'a> {
    /// Who pays.
    pub customer: &'a str,
    /// What for.
    pub price: &'a str,
    /// The HubSpot portal.
    pub portal: i64,
    /// Where the browser goes in the end.
    pub success_url: &'a str,
    /// Where it goes when the person turns back.
    pub cancel_url: &'a str,
}

/// Stripe's API, with our key.
pub struct Stripe<'a, P> {
    ports: &'a P,
    base_url: String,
    key: Secret,
}

/// A list (Stripe API, "Pagination").
#[derive(Deserialize)]
struct List<T> {
    data: Vec<T>,
    #[serde(default)]
    has_more: bool,
}

#[derive(Deserialize)]
struct Named {
    id: String,
}

#[derive(Deserialize)]
struct Session {
    id: String,
    url: Option<String>,
}

/// A page on which a customer subscribes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The session behind it, `cs_…`.
    pub id: String,
    /// Its address.
    pub url: String,
}

impl<'a, P: Ports> Stripe<'a, P> {
    /// By `stripe_secret_key`, at `stripe_api_url`.
    ///
    /// # Errors
    /// Where there is no key, or the address is none.
    pub fn from_variables(ports: &'a P) -> Result<Self> {
        let key = ports
            .variable("stripe_secret_key")
            .ok_or_else(|| Error::Config("stripe_secret_key is not set".to_owned()))?;
        Ok(Self {
            ports,
            base_url: config::stripe_url(ports)?,
            key,
        })
    }

    /// All subscriptions of a customer, those that are over included.
    ///
    /// # Errors
    /// Where Stripe does not answer or refuses.
    pub async fn subscriptions(&self, customer: &str) -> Result<Vec<Subscription>, StripeError> {
        let mut all: Vec<Subscription> = Vec::new();
        for _ in 0..MAX_PAGES {
            let mut path = format!(
                "/v1/subscriptions?customer={}&status=all&limit=100",
                encode(customer)
            );
            if let Some(last) = all.last() {
                path.push_str("&starting_after=");
                path.push_str(&encode(&last.id));
            }
            let page: List<Subscription> = self.get(&path).await?;
            let more = page.has_more && !page.data.is_empty();
            all.extend(page.data);
            if !more {
                break;
            }
        }
        Ok(all)
    }

    /// The id of the active price that has a lookup key; none where there is none.
    ///
    /// # Errors
    /// Where Stripe does not answer or refuses.
    pub async fn price(&self, lookup_key: &str) -> Result<Option<String>, StripeError> {
        let path = format!(
            "/v1/prices?lookup_keys[]={}&active=true&limit=1",
            encode(lookup_key)
        );
        let page: List<Named> = self.get(&path).await?;
        Ok(page.data.into_iter().next().map(|price| price.id))
    }

    /// Adds a customer for a portal. Nothing of a person goes with it: who pays enters that at Stripe.
    ///
    /// # Errors
    /// Where Stripe does not answer or refuses.
    pub async fn add_customer(&self, portal: i64, key: &str) -> Result<String, StripeError> {
        let portal = portal.to_string();
        let field = format!("metadata[{PORTAL_KEY}]");
        let description = format!("HubSpot account {portal}");
        let added: Named = self
            .post(
                "/v1/customers",
                &[(&field, &portal), ("description", &description)],
                key,
            )
            .await?;
        Ok(added.id)
    }

    /// Has a subscription end without any further charge: with the period that is paid, or at once where nothing is paid.
    /// One that is gone already has ended.
    ///
    /// # Errors
    /// Where Stripe does not answer or refuses.
    pub async fn end(&self, subscription: &Subscription) -> Result<(), StripeError> {
        let path = format!("/v1/subscriptions/{}", encode(&subscription.id));
        // No idempotency key: an earlier answer must not stand for this wish, and the wish may be repeated as it is.
        let unpaid = matches!(
            subscription.status.as_str(),
            "past_due" | "unpaid" | "paused" | "incomplete"
        );
        let (method, form) = match unpaid {
            true => ("DELETE", Vec::new()),
            false => ("POST", b"cancel_at_period_end=true".to_vec()),
        };
        let ended = self.send::<Named>(method, &path, form, None).await;
        match ended {
            Err(error) if error.is_missing() => Ok(()),
            ended => ended.map(|_| ()),
        }
    }

    /// A page on which the customer subscribes: a new one, or the one that was made by this key, whatever became of it.
    ///
    /// # Errors
    /// Where Stripe does not answer or refuses.
    pub async fn checkout(&self, new: &Checkout<'_>, key: &str) -> Result<Page, StripeError> {
        let portal = new.portal.to_string();
        let of_session = format!("metadata[{PORTAL_KEY}]");
        let of_subscription = format!("subscription_data[metadata][{PORTAL_KEY}]");
        let fields: [(&str, &str); 9] = [
            ("mode", "subscription"),
            ("line_items[0][price]", new.price),
            ("line_items[0][quantity]", "1"),
            ("customer", new.customer),
            ("client_reference_id", &portal),
            ("success_url", new.success_url),
            ("cancel_url", new.cancel_url),
            (&of_session, &portal),
            (&of_subscription, &portal),
        ];
        let session = self.post("/v1/checkout/sessions", &fields, key).await?;
        self.page_of(session)
    }

    /// The ids of a customer's checkout sessions that can still be paid.
    ///
    /// # Errors
    /// Where Stripe does not answer or refuses.
    pub async fn open_checkouts(&self, customer: &str) -> Result<Vec<String>, StripeError> {
        let path = format!(
            "/v1/checkout/sessions?customer={}&status=open&limit=100",
            encode(customer)
        );
        let page: List<Named> = self.get(&path).await?;
        Ok(page.data.into_iter().map(|session| session.id).collect())
    }

    /// Closes a checkout session. One that was paid or closed meanwhile is left as it is.
    ///
    /// # Errors
    /// Where Stripe does not answer.
    pub async fn close_checkout(&self, session: &str) -> Result<(), StripeError> {
        let path = format!("/v1/checkout/sessions/{}/expire", encode(session));
        // No idempotency key: the wish may be repeated as it is.
        match self.send::<Named>("POST", &path, Vec::new(), None).await {
            Err(error) if error.class() == Class::Invalid => Ok(()),
            closed => closed.map(|_| ()),
        }
    }

    /// The address of Stripe's page on which a customer changes the plan, the card, or ends it.
    ///
    /// # Errors
    /// Where Stripe does not answer or refuses.
    pub async fn portal(
        &self,
        customer: &str,
        return_url: &str,
        key: &str,
    ) -> Result<String, StripeError> {
        let fields = [("customer", customer), ("return_url", return_url)];
        let session = self
            .post("/v1/billing_portal/sessions", &fields, key)
            .await?;
        Ok(self.page_of(session)?.url)
    }

    /// A browser is sent there: over TLS, but for a Stripe on one's own machine.
    fn page_of(&self, session: Session) -> Result<Page, StripeError> {
        let own = !self.base_url.starts_with("https://");
        let url = session
            .url
            .filter(|url| url.starts_with("https://") || (own && url.starts_with(&self.base_url)))
            .ok_or(StripeError::Unexpected)?;
        Ok(Page {
            id: session.id,
            url,
        })
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, StripeError> {
        self.send("GET", path, Vec::new(), None).await
    }

    async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        key: &str,
    ) -> Result<T, StripeError> {
        let form: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
            .collect();
        self.send("POST", path, form.join("&").into_bytes(), Some(key))
            .await
    }

    /// Sends a request, a second time where that may help: a creating one has a key, by which Stripe knows it again, and
    /// the others may be repeated.
    async fn send<T: DeserializeOwned>(
        &self,
        method: &'static str,
        path: &str,
        body: Vec<u8>,
        key: Option<&str>,
    ) -> Result<T, StripeError> {
        let mut headers = vec![
            (
                "authorization".to_owned(),
                format!("Bearer {}", self.key.expose()),
            ),
            ("stripe-version".to_owned(), VERSION.to_owned()),
        ];
        if let Some(key) = key {
            headers.push(("idempotency-key".to_owned(), key.to_owned()));
        }
        if method == "POST" {
            headers.push((
                "content-type".to_owned(),
                "application/x-www-form-urlencoded".to_owned(),
            ));
        }
        let request = HttpRequest {
            method,
            url: format!("{}{path}", self.base_url),
            headers,
            body,
        };
        let response = match self.once(request.clone()).await {
            Err(error) if matches!(error.class(), Class::Transient) => {
                self.ports.sleep(BACKOFF).await;
                self.once(request).await?
            }
            result => result?,
        };
        // Serde's own text may quote what it read.
        serde_json::from_slice(&response.body).map_err(|_| StripeError::Unexpected)
    }

    async fn once(&self, request: HttpRequest) -> Result<HttpResponse, StripeError> {
        let response = self.ports.send(request).await.map_err(StripeError::Http)?;
        if response.status == 200 {
            return Ok(response);
        }
        Err(StripeError::Api {
            status: response.status,
            code: refusal(&response.body),
        })
    }
}

/// Stripe's own word for a refusal. Its message may quote values, so it is not read.
fn refusal(body: &[u8]) -> String {
    #[derive(Deserialize)]
    struct Body {
        error: Refusal,
    }
    #[derive(Deserialize)]
    struct Refusal {
        #[serde(default)]
        code: Option<String>,
        #[serde(default, rename = "type")]
        kind: Option<String>,
    }
    let bare = |text: &String| {
        (1..=64).contains(&text.len())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    };
    let Ok(body) = serde_json::from_slice::<Body>(body) else {
        return "refused".to_owned();
    };
    let words = [body.error.code, body.error.kind];
    let word = words.into_iter().flatten().find(bare);
    word.unwrap_or_else(|| "refused".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// S0-90: a refusal's message may name a person, so only its code is kept.
    #[test]
    fn of_a_refusal_only_the_code_is_kept() {
        let code = |body: &str| refusal(body.as_bytes());
        assert_eq!(
            code(
                r#"{"error":{"type":"invalid_request_error","code":"resource_missing","message":"No such customer: ada@example.com"}}"#
            ),
            "resource_missing"
        );
        assert_eq!(code(r#"{"error":{"type":"api_error"}}"#), "api_error");
        assert_eq!(
            code(r#"{"error":{"type":"A sentence about Ada."}}"#),
            "refused"
        );
        assert_eq!(code("<html>"), "refused");
    }

    #[test]
    fn errors_have_classes() {
        let class = |status| {
            StripeError::Api {
                status,
                code: String::new(),
            }
            .class()
        };
        for status in [409, 429, 500, 503] {
            assert_eq!(class(status), Class::Transient, "{status}");
        }
        for status in [401, 403] {
            assert_eq!(class(status), Class::Fatal, "{status}");
        }
        for status in [400, 402, 404] {
            assert_eq!(class(status), Class::Invalid, "{status}");
        }
    }
}
