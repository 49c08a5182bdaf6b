//! `hubspot.fetch`, as HubSpot's proxy passes it on for cards and settings pages.
//!
//! The proxy adds who asks to the query, signs the request in versions 2 and 3, follows no redirect, and tries once more
//! where the server fails or cannot be reached. It passes one header on, `Authorization`, and bodies of JSON alone.

use axum::body::Bytes;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderValue, Request, Response, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::{Digest, Sha256};
use url::Url;

use super::{HubSpot, PortalHandle};
use crate::error::FakeError;
use crate::server::locked;

/// Largest body there and back.
const MAX_BODY: usize = 1024 * 1024;

/// What a card asks for.
#[derive(Debug, Clone)]
pub struct Fetch {
    /// The user who looks at the card.
    pub user: u64,
    /// `GET`, `POST`, `PUT`, `PATCH`, `DELETE`.
    pub method: String,
    /// Where to, with scheme and host.
    pub url: String,
    /// Sent as JSON, but not with `GET`.
    pub body: Option<Value>,
    /// The one header that a card may set.
    pub authorization: Option<String>,
}

impl Fetch {
    /// A `GET`.
    pub fn get(user: u64, url: impl Into<String>) -> Self {
        Self {
            user,
            method: "GET".to_owned(),
            url: url.into(),
            body: None,
            authorization: None,
        }
    }

    /// A `POST`.
    pub fn post(user: u64, url: impl Into<String>, body: Value) -> Self {
        Self {
            method: "POST".to_owned(),
            body: Some(body),
            ..Self::get(user, url)
        }
    }
}

/// What a card gets.
#[derive(Debug, Clone)]
pub struct Fetched {
    /// Status of the server's answer.
    pub status: u16,
    /// The server's body; None where the proxy hides it behind `BAD_GATEWAY`, as it does unless the status is 2xx.
    pub body: Option<Value>,
}

impl PortalHandle {
    /// The request as the proxy sends it.
    pub fn signed(&self, fetch: &Fetch) -> Result<Request<Bytes>, FakeError> {
        let (secret, app_id) = {
            let app = locked(&self.service.app);
            (app.client_secret.clone(), app.app_id)
        };
        let email = self.with(|portal| {
            let users = portal.config.users.iter();
            users
                .filter(|user| user.id == fetch.user)
                .map(|user| user.email.clone())
                .next()
        });
        let email = email.ok_or(FakeError::Unknown {
            kind: "user",
            id: fetch.user,
        })?;
        let mut url =
            Url::parse(&fetch.url).map_err(|error| FakeError::Refused(error.to_string()))?;
        url.query_pairs_mut()
            .append_pair("portalId", &self.id.to_string())
            .append_pair("userId", &fetch.user.to_string())
            .append_pair("userEmail", &email)
            .append_pair("appId", &app_id.to_string());
        let body = match (&fetch.body, fetch.method.as_str()) {
            (Some(body), method) if method != "GET" => body.to_string(),
            _ => String::new(),
        };
        if body.len() > MAX_BODY {
            return Err(FakeError::Refused("the body is too large".to_owned()));
        }
        let now = self.service.gate.clock.now().timestamp_millis();
        let signatures = sign(&secret, &fetch.method, url.as_str(), body.as_bytes(), now);
        let mut request = Request::builder()
            .method(fetch.method.as_str())
            .uri(url.as_str())
            .header("x-hubspot-signature-version", "v2")
            .header("x-hubspot-signature", signatures.v2)
            .header("x-hubspot-signature-v3", signatures.v3)
            .header("x-hubspot-request-timestamp", now.to_string())
            .header(CONTENT_TYPE, "application/json");
        if let Some(authorization) = &fetch.authorization {
            request = request.header(AUTHORIZATION, authorization.as_str());
        }
        let request = request.body(Bytes::from(body));
        request.map_err(|error| FakeError::Refused(error.to_string()))
    }

    /// Passes a card's request on; `send` is the way to the server, with an error where it cannot be reached.
    pub async fn fetch<E, A>(
        &self,
        fetch: &Fetch,
        send: impl Fn(Request<Bytes>) -> A,
    ) -> Result<Fetched, FakeError>
    where
        A: Future<Output = Result<Response<Bytes>, E>>,
    {
        let mut last = None;
        for _ in 0..2 {
            last = send(self.signed(fetch)?).await.ok();
            if last
                .as_ref()
                .is_some_and(|answer| !answer.status().is_server_error())
            {
                break;
            }
        }
        let Some(answer) = last else {
            return Ok(Fetched {
                status: StatusCode::BAD_GATEWAY.as_u16(),
                body: None,
            });
        };
        let shown = answer.status().is_success() && answer.body().len() <= MAX_BODY;
        Ok(Fetched {
            status: answer.status().as_u16(),
            body: shown
                .then(|| serde_json::from_slice(answer.body()).ok())
                .flatten(),
        })
    }
}

impl HubSpot {
    /// Changes the app's client secret, as rotating it does.
    pub fn set_client_secret(&self, secret: impl Into<String>) {
        locked(&self.service.app).client_secret = secret.into();
    }
}

/// A request's signatures.
#[derive(Debug, Clone)]
pub struct Signatures {
    /// `X-HubSpot-Signature` of version 2.
    pub v2: HeaderValue,
    /// `X-HubSpot-Signature-v3`.
    pub v3: HeaderValue,
}

/// Signs a request: the URI as it is sent, the body's raw bytes, the time in Unix milliseconds.
pub fn sign(secret: &str, method: &str, uri: &str, body: &[u8], now: i64) -> Signatures {
    let mut v2 = Sha256::new();
    for part in [secret.as_bytes(), method.as_bytes(), uri.as_bytes(), body] {
        v2.update(part);
    }
    let v2: String = v2
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let v3 = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).map(|mut v3| {
        for part in [
            method.as_bytes(),
            uri.as_bytes(),
            body,
            now.to_string().as_bytes(),
        ] {
            v3.update(part);
        }
        STANDARD.encode(v3.finalize().into_bytes())
    });
    let header = |text: &str| HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""));
    Signatures {
        v2: header(&v2),
        // A key of any length will do.
        v3: header(&v3.unwrap_or_default()),
    }
}
