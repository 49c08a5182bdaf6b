//! The ports as Spin gives them: the one module that names its SDK.

use std::cell::Cell;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use futures::future::{Either, select};
use spin_executor::{CancelOnDropToken, push_waker_and_get_token};
use spin_sdk::{http, key_value, sqlite, variables};
use wasi::clocks::monotonic_clock;

use super::{
    Clock, Http, HttpError, HttpRequest, HttpResponse, KeyValue, LogSink, Random, RandomError,
    SECURE_DELETE, Sql, SqlError, SqlRows, SqlValue, Variables, VariablesError,
};
use crate::secret::Secret;
use crate::surface::{self, Answer, Incoming, Limits, Refusal, cors};

/// Smaller than the standard library's, and faster with many short texts.
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

/// Answers past this size are refused: a page of 200 records is some 200 KB, and an instance has 128 MiB.
const MAX_RESPONSE_BYTES: usize = 16 * 1024 * 1024;

/// An answer that is not complete by then is given up.
const ANSWER_WITHIN: Duration = Duration::from_secs(15);
/// No answer is waited for past this time of an instance: hosts end a request after some 30 s, and it must still be said
/// what happened.
const ANSWERS_UNTIL: Duration = Duration::from_secs(28);

/// The same for answers of the application's own components, which mind their time themselves.
const SLICES_UNTIL: Duration = Duration::from_secs(29);

/// Spin's interfaces, with the default database.
pub struct SpinPorts {
    database: sqlite::Connection,
    /// What is deleted is overwritten: asked for before anything is written.
    overwrites: Cell<bool>,
    answers_until: Cell<Instant>,
}

/// The application's own components, as places to send to.
pub struct Components {
    opened: Instant,
}

impl SpinPorts {
    /// Opens the default database.
    pub fn open() -> Result<Self, SqlError> {
        Ok(Self {
            database: sqlite::Connection::open_default().map_err(sql_error)?,
            overwrites: Cell::new(false),
            answers_until: Cell::new(Instant::now() + ANSWERS_UNTIL),
        })
    }

    /// No answer is waited for past this time (unix milliseconds), where it is earlier than an instance's own.
    pub fn answer_by(&self, time: i64) {
        let left = u64::try_from(time - self.now()).unwrap_or(0);
        let until = Instant::now() + Duration::from_millis(left);
        self.answers_until.set(self.answers_until.get().min(until));
    }
}

impl Components {
    /// For an instance that begins now.
    pub fn open() -> Self {
        Self {
            opened: Instant::now(),
        }
    }
}

impl Http for Components {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        answer_within(request, SLICES_UNTIL.saturating_sub(self.opened.elapsed())).await
    }
}

impl Http for SpinPorts {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let left = self
            .answers_until
            .get()
            .saturating_duration_since(Instant::now());
        answer_within(request, left.min(ANSWER_WITHIN)).await
    }

    fn answer_by(&self, time: i64) {
        Self::answer_by(self, time);
    }
}

async fn answer_within(request: HttpRequest, limit: Duration) -> Result<HttpResponse, HttpError> {
    match select(pin!(exchange(request)), pin!(passed(limit))).await {
        Either::Left((answer, _)) => answer,
        Either::Right(_) => Err(HttpError::Network),
    }
}

/// Sends a request and reads the whole answer, however long it takes.
async fn exchange(request: HttpRequest) -> Result<HttpResponse, HttpError> {
    use futures::StreamExt as _;

    let method = match request.method {
        "GET" => http::Method::Get,
        "POST" => http::Method::Post,
        "PUT" => http::Method::Put,
        "PATCH" => http::Method::Patch,
        "DELETE" => http::Method::Delete,
        _ => return Err(HttpError::BadRequest),
    };
    let outgoing = http::Request::builder()
        .method(method)
        .uri(request.url)
        .headers(request.headers)
        .body(request.body)
        .build();
    let incoming: http::IncomingResponse = http::send(outgoing).await.map_err(send_error)?;
    let status = incoming.status();
    let headers = incoming
        .headers()
        .entries()
        .into_iter()
        .filter_map(|(name, value)| {
            Some((name.to_ascii_lowercase(), String::from_utf8(value).ok()?))
        })
        .collect();
    let mut body = Vec::new();
    let mut stream = incoming.take_body_stream();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| HttpError::Network)?;
        if body.len() + chunk.len() > MAX_RESPONSE_BYTES {
            return Err(HttpError::TooLarge {
                limit: MAX_RESPONSE_BYTES,
            });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(HttpResponse {
        status,
        headers,
        body,
    })
}

/// Is ready when the time has passed.
fn passed(time: Duration) -> impl Future<Output = ()> {
    let nanoseconds = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
    let end = monotonic_clock::now().saturating_add(nanoseconds);
    let mut registered = None;
    poll_fn(move |context| {
        if monotonic_clock::now() >= end {
            return Poll::Ready(());
        }
        // The loop forgets what it was given before every turn.
        registered.replace(CancelOnDropToken::from(push_waker_and_get_token(
            monotonic_clock::subscribe_instant(end),
            context.waker().clone(),
        )));
        Poll::Pending
    })
}

fn send_error(error: http::SendError) -> HttpError {
    match error {
        http::SendError::RequestConversion(_) => HttpError::BadRequest,
        http::SendError::Http(error) => http_error(&error),
        _ => HttpError::Network,
    }
}

fn http_error(error: &http::ErrorCode) -> HttpError {
    use http::ErrorCode as Code;
    match error {
        Code::HttpRequestDenied => HttpError::Forbidden,
        Code::DnsTimeout
        | Code::DnsError(_)
        | Code::DestinationNotFound
        | Code::DestinationUnavailable
        | Code::DestinationIpProhibited
        | Code::DestinationIpUnroutable
        | Code::ConnectionRefused
        | Code::ConnectionTimeout
        | Code::ConnectionLimitReached
        | Code::TlsProtocolError
        | Code::TlsCertificateError => HttpError::Unreached,
        _ => HttpError::Network,
    }
}

impl Sql for SpinPorts {
    async fn execute(&self, statement: &str, params: &[SqlValue]) -> Result<SqlRows, SqlError> {
        if !is_select(statement) && !self.overwrites.replace(true) {
            // Refused by databases behind a network, whose files are not ours to look after.
            self.database.execute(SECURE_DELETE, &[]).ok();
        }
        let params: Vec<sqlite::Value> = params.iter().map(to_spin).collect();
        let result = self
            .database
            .execute(statement, &params)
            .map_err(sql_error)?;
        Ok(result
            .rows
            .into_iter()
            .map(|row| row.values.into_iter().map(from_spin).collect())
            .collect())
    }
}

/// Statements that cannot write; one that begins with `WITH` may.
fn is_select(statement: &str) -> bool {
    let word = statement.trim_start().get(..6);
    word.is_some_and(|word| word.eq_ignore_ascii_case("select"))
}

fn to_spin(value: &SqlValue) -> sqlite::Value {
    match value {
        SqlValue::Null => sqlite::Value::Null,
        SqlValue::Integer(value) => sqlite::Value::Integer(*value),
        SqlValue::Real(value) => sqlite::Value::Real(*value),
        SqlValue::Text(value) => sqlite::Value::Text(value.clone()),
        SqlValue::Blob(value) => sqlite::Value::Blob(value.clone()),
    }
}

fn from_spin(value: sqlite::Value) -> SqlValue {
    match value {
        sqlite::Value::Null => SqlValue::Null,
        sqlite::Value::Integer(value) => SqlValue::Integer(value),
        sqlite::Value::Real(value) => SqlValue::Real(value),
        sqlite::Value::Text(value) => SqlValue::Text(value),
        sqlite::Value::Blob(value) => SqlValue::Blob(value),
    }
}

fn sql_error(error: sqlite::Error) -> SqlError {
    match error {
        sqlite::Error::NoSuchDatabase | sqlite::Error::AccessDenied => SqlError::Unavailable,
        sqlite::Error::InvalidConnection => SqlError::Failed("invalid connection".to_owned()),
        sqlite::Error::DatabaseFull => SqlError::Failed("database full".to_owned()),
        sqlite::Error::Io(message) => SqlError::Failed(message),
    }
}

impl KeyValue for SpinPorts {
    async fn get(&self, key: &str) -> Option<Vec<u8>> {
        key_value::Store::open_default().ok()?.get(key).ok()?
    }

    async fn set(&self, key: &str, value: &[u8]) {
        if let Ok(store) = key_value::Store::open_default() {
            store.set(key, value).ok();
        }
    }

    async fn delete(&self, key: &str) {
        if let Ok(store) = key_value::Store::open_default() {
            store.delete(key).ok();
        }
    }
}

impl Clock for SpinPorts {
    fn now(&self) -> i64 {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |elapsed| {
                i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX)
            })
    }

    async fn sleep(&self, duration: Duration) {
        passed(duration).await;
    }
}

/// The system's randomness, for components that need no other port.
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), RandomError> {
        getrandom::fill(buffer).map_err(|_| RandomError)
    }
}

impl Random for SpinPorts {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), RandomError> {
        SystemRandom.fill(buffer)
    }
}

impl Variables for SpinPorts {
    fn variable(&self, name: &str) -> Option<Secret> {
        // Undeclared and failing providers count as missing; callers refuse to work without what they need.
        self.certain(name).ok().flatten()
    }

    fn certain(&self, name: &str) -> Result<Option<Secret>, VariablesError> {
        match variables::get(name) {
            Ok(value) => Ok(Some(value)
                .filter(|value| !value.is_empty())
                .map(Secret::new)),
            Err(variables::Error::Undefined(_) | variables::Error::InvalidName(_)) => Ok(None),
            Err(variables::Error::Provider(_) | variables::Error::Other(_)) => Err(VariablesError),
        }
    }
}

impl LogSink for SpinPorts {
    fn write(&self, line: &str) {
        println!("{line}");
    }
}

/// Reads a request within the usual limits, has it answered, and minds what is the same everywhere: limits, CORS.
pub async fn serve(
    request: http::IncomingRequest,
    out: http::ResponseOutparam,
    answer: impl AsyncFnOnce(&Incoming) -> Answer,
) {
    accept(request, out, async |incoming, reply| {
        let answered = answer(incoming).await;
        reply.send(incoming, answered).await;
    })
    .await;
}

/// What sends the answer to a request.
pub struct Reply(http::ResponseOutparam);

impl Reply {
    /// Sends it. The instance may go on behind it, as long as its host lets it (Spin does, up to the request's time limit).
    pub async fn send(self, incoming: &Incoming, answer: Answer) {
        respond(self.0, incoming, answer).await;
    }
}

async fn accept(
    request: http::IncomingRequest,
    out: http::ResponseOutparam,
    handle: impl AsyncFnOnce(&Incoming, Reply),
) {
    let request_id = surface::request_id(&SystemRandom);
    let mut incoming = head(&request, request_id);
    let refused = match body(request, &incoming, Limits::default()).await {
        Ok(body) => {
            incoming.body = body;
            cors::preflight(&incoming)
        }
        Err(refusal) => {
            let (status, code) = refusal.status();
            let text = refusal.to_string();
            Some(Answer::error(status, code, &text, &incoming.request_id))
        }
    };
    match refused {
        Some(answer) => respond(out, &incoming, answer).await,
        None => handle(&incoming, Reply(out)).await,
    }
}

/// As [`serve`], for a component that has rights to more than the request.
pub async fn serve_with_ports(
    request: http::IncomingRequest,
    out: http::ResponseOutparam,
    answer: impl AsyncFnOnce(&SpinPorts, &Incoming) -> Answer,
) {
    serve(request, out, async |incoming| match SpinPorts::open() {
        Ok(ports) => answer(&ports, incoming).await,
        Err(error) => Answer::error(503, "database", &error.to_string(), &incoming.request_id),
    })
    .await;
}

/// As [`serve_with_ports`], for what goes on behind its answer.
pub async fn serve_and_go_on(
    request: http::IncomingRequest,
    out: http::ResponseOutparam,
    handle: impl AsyncFnOnce(&SpinPorts, &Incoming, Reply),
) {
    accept(
        request,
        out,
        async |incoming, reply| match SpinPorts::open() {
            Ok(ports) => handle(&ports, incoming, reply).await,
            Err(error) => {
                let text = error.to_string();
                let answer = Answer::error(503, "database", &text, &incoming.request_id);
                reply.send(incoming, answer).await;
            }
        },
    )
    .await;
}

fn head(request: &http::IncomingRequest, request_id: String) -> Incoming {
    let method = match request.method() {
        http::Method::Get => "GET".to_owned(),
        http::Method::Post => "POST".to_owned(),
        http::Method::Put => "PUT".to_owned(),
        http::Method::Patch => "PATCH".to_owned(),
        http::Method::Delete => "DELETE".to_owned(),
        http::Method::Head => "HEAD".to_owned(),
        http::Method::Options => "OPTIONS".to_owned(),
        http::Method::Connect => "CONNECT".to_owned(),
        http::Method::Trace => "TRACE".to_owned(),
        http::Method::Other(other) => other,
    };
    let headers = request
        .headers()
        .entries()
        .into_iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), value))
        .collect();
    Incoming {
        method,
        target: request.path_with_query().unwrap_or_default(),
        headers,
        body: Vec::new(),
        request_id,
    }
}

async fn body(
    request: http::IncomingRequest,
    incoming: &Incoming,
    limits: Limits,
) -> Result<Vec<u8>, Refusal> {
    use futures::StreamExt as _;

    limits.check_head(&incoming.target, &incoming.headers)?;
    let mut body = Vec::new();
    let mut stream = std::pin::pin!(request.into_body_stream());
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| Refusal::CutOff)?;
        if body.len() + chunk.len() > limits.body {
            return Err(Refusal::Body);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Sends an answer. Not by the SDK's own `Response`, which keeps one value of a name: a page may set two cookies.
async fn respond(out: http::ResponseOutparam, incoming: &Incoming, mut answer: Answer) {
    cors::apply(incoming, &mut answer);
    let headers: Vec<(String, Vec<u8>)> = answer
        .headers
        .into_iter()
        .map(|(name, value)| (name.into_owned(), value.into_bytes()))
        .collect();
    // Names and values are ours, so neither step fails; were one to, the host answers 500.
    let Ok(headers) = http::Headers::from_list(&headers) else {
        return;
    };
    let response = http::OutgoingResponse::new(headers);
    if response.set_status_code(answer.status).is_ok() {
        // An error here is the client's: it went away.
        out.set_with_body(response, answer.body.into_bytes())
            .await
            .ok();
    }
}
