//! What every fake does with a request: find the tenant, apply faults, log the call.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{MatchedPath, RawPathParams, Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, DATE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use serde::de::IgnoredAny;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tower_service::Service;

use crate::calls::{Call, CallLog, Exchange};
use crate::clock::{Clock, http_date};
use crate::faults::{Effect, Faults};

/// Above this a request is cut off; HubSpot and Clio take far less.
const BODY_LIMIT: usize = 16 * 1024 * 1024;

/// State that all fakes have.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    pub(crate) clock: Clock,
    pub(crate) calls: CallLog,
    pub(crate) faults: Faults,
    /// Keep the bodies of every call.
    pub(crate) record: bool,
    latency_ms: AtomicU64,
}

impl Gate {
    pub(crate) fn new(clock: Clock, record: bool, latency: Duration) -> Self {
        let gate = Self {
            clock,
            record,
            ..Self::default()
        };
        gate.set_latency(latency);
        gate
    }

    pub(crate) fn set_latency(&self, latency: Duration) {
        let ms = u64::try_from(latency.as_millis()).unwrap_or(u64::MAX);
        self.latency_ms.store(ms, Ordering::Relaxed);
    }
}

/// One of the imitated services.
pub(crate) trait Front: Send + Sync + 'static {
    fn gate(&self) -> &Gate;

    /// The tenant of a bearer token, whether it may enter or not.
    fn tenant(&self, bearer: &str) -> Option<u64>;

    /// Checks token and rate limit; puts what handlers need into the request. The headers go onto
    /// the answer.
    fn admit(&self, parts: &mut Parts, bearer: Option<&str>) -> Result<HeaderMap, Box<Response>>;
}

/// Tells, on an answer, whose call it was where no bearer token tells.
#[derive(Clone, Copy)]
pub(crate) struct Tenanted(pub(crate) u64);

/// Marks an answer that must never arrive.
#[derive(Clone, Copy)]
struct HangUp;

/// Middleware around every endpoint and fallback.
pub(crate) async fn pass<F: Front>(
    State(front): State<Arc<F>>,
    params: Result<RawPathParams, RawPathParamsRejection>,
    request: Request,
    next: Next,
) -> Response {
    let gate = front.gate();
    let (mut parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_LIMIT).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let bearer = bearer(&parts.headers);
    let path_and_query = parts
        .uri
        .path_and_query()
        .map_or("/", |target| target.as_str());
    let path_and_query = path_and_query.to_owned();
    let mut call = Call {
        tenant: bearer.as_deref().and_then(|token| front.tenant(token)),
        method: parts.method.to_string(),
        template: template(&parts, params.as_ref().ok()),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        status: 0,
        inputs: inputs(&body),
        exchange: None,
    };
    let host = parts
        .headers
        .get("host")
        .and_then(|host| host.to_str().ok());
    let url = format!("http://{}{path_and_query}", host.unwrap_or("localhost"));

    let latency = gate.latency_ms.load(Ordering::Relaxed);
    if latency > 0 {
        tokio::time::sleep(Duration::from_millis(latency)).await;
    }
    let effect = gate.faults.take(&call.method, &path_and_query);
    if let Some(Effect::Delay(time)) = &effect {
        tokio::time::sleep(*time).await;
    }

    let response = match &effect {
        Some(Effect::Drop) => hang_up(),
        Some(Effect::Answer {
            status,
            headers,
            body,
        }) => answer(*status, headers, body.clone()),
        _ => match front.admit(&mut parts, bearer.as_deref()) {
            Err(refusal) => *refusal,
            Ok(headers) => {
                let mut response = next
                    .run(Request::from_parts(parts, Body::from(body.clone())))
                    .await;
                response.headers_mut().extend(headers);
                response
            }
        },
    };
    if let Some(Effect::PerformThenDelay(time)) = &effect {
        tokio::time::sleep(*time).await;
    }
    let response = match &effect {
        Some(Effect::PerformThenDrop) => hang_up(),
        _ => response,
    };

    let (mut parts, answer) = response.into_parts();
    let mut answer = to_bytes(answer, usize::MAX).await.unwrap_or_default();
    if let Some(Effect::Tamper(tamper)) = &effect {
        answer = tamper.apply(&url, answer.to_vec()).into();
    }
    if let Ok(date) = HeaderValue::from_str(&http_date(gate.clock.now())) {
        parts.headers.insert(DATE, date);
    }
    if let Some(Tenanted(tenant)) = parts.extensions.get() {
        call.tenant = Some(*tenant);
    }
    if parts.extensions.get::<HangUp>().is_none() {
        call.status = parts.status.as_u16();
    }
    if gate.record {
        call.exchange = Some(Exchange {
            request: body.to_vec(),
            response: answer.to_vec(),
            faulty: effect.is_some(),
        });
    }
    gate.calls.push(call);
    Response::from_parts(parts, Body::from(answer))
}

/// The token of `Authorization: Bearer …`.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    value
        .strip_prefix("Bearer ")
        .map(|token| token.trim().to_owned())
}

/// The endpoint's path, with what is no id filled in.
fn template(parts: &Parts, params: Option<&RawPathParams>) -> String {
    let Some(matched) = parts.extensions.get::<MatchedPath>() else {
        return parts.uri.path().to_owned();
    };
    let mut template = matched.as_str().to_owned();
    for (name, value) in params.into_iter().flatten() {
        if matches!(name, "version" | "objectType" | "toObjectType") {
            template = template.replace(&format!("{{{name}}}"), value);
        }
    }
    if template.ends_with('}') && parts.uri.path().ends_with(".json") {
        template.push_str(".json");
    }
    template
}

fn inputs(body: &[u8]) -> usize {
    #[derive(Deserialize)]
    struct Batch {
        inputs: Vec<IgnoredAny>,
    }
    serde_json::from_slice::<Batch>(body).map_or(0, |batch| batch.inputs.len())
}

fn hang_up() -> Response {
    let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
    response.extensions_mut().insert(HangUp);
    response
}

fn answer(status: u16, headers: &[(String, String)], body: String) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, [(CONTENT_TYPE, "application/json")], body).into_response();
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (
            HeaderName::try_from(name.as_str()),
            HeaderValue::try_from(value.as_str()),
        ) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// An answer in JSON.
pub(crate) fn json(status: StatusCode, body: &impl serde::Serialize) -> Response {
    match serde_json::to_vec(body) {
        Ok(body) => (
            status,
            [(CONTENT_TYPE, "application/json;charset=utf-8")],
            Bytes::from(body),
        )
            .into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

/// A lock that a panicking test does not spoil for the others.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Hands a request to the endpoints without a socket; None where the connection would have been dropped.
///
/// Ready at once, but for the delays that were asked for.
pub(crate) async fn answer_in_process(
    router: &Router,
    request: Request<Vec<u8>>,
) -> Option<axum::http::Response<Vec<u8>>> {
    let mut router = router.clone();
    let response: Result<Response, Infallible> = router.call(request.map(Body::from)).await;
    let response = match response {
        Ok(response) => response,
        Err(never) => match never {},
    };
    if response.extensions().get::<HangUp>().is_some() {
        return None;
    }
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.ok()?;
    Some(Response::from_parts(parts, body.to_vec()))
}

/// A running server; it ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Why a connection ends without an answer.
#[derive(Debug, thiserror::Error)]
#[error("dropped on purpose")]
struct Dropped;

impl Server {
    /// Serves on loopback; port 0 takes any free one.
    pub(crate) async fn start(port: u16, router: Router) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = listener.local_addr()?;
        let task = tokio::spawn(async move {
            // Connections end with this task, so that a stopped fake is gone at once.
            let mut connections = JoinSet::new();
            loop {
                tokio::select! {
                    accepted = listener.accept() => {
                        if let Ok((stream, _)) = accepted {
                            connections.spawn(serve(stream, router.clone()));
                        }
                    }
                    Some(_) = connections.join_next() => {}
                }
            }
        });
        Ok(Self { address, task })
    }
}

async fn serve(stream: TcpStream, router: Router) {
    // Without it, keep-alive answers wait 40 ms for the client's delayed ACK.
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let service = hyper::service::service_fn(move |request: Request<hyper::body::Incoming>| {
        let mut router = router.clone();
        async move {
            let response: Result<Response, Infallible> = router.call(request.map(Body::new)).await;
            match response {
                Ok(response) if response.extensions().get::<HangUp>().is_some() => Err(Dropped),
                Ok(response) => Ok(response),
                Err(never) => match never {},
            }
        }
    });
    // An error here is the client's hang-up or the one that a fault asked for.
    hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await
        .ok();
}
