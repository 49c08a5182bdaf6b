//! One component: compiled once, instantiated afresh for every request.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, SizeHint};
use tokio::{runtime::Handle, sync::oneshot, task::JoinError, time::error::Elapsed};
use wasmtime::{
    Engine, Store, UpdateDeadline,
    component::{Component, Linker, ResourceTable},
};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView, runtime::AbortOnDropJoinHandle};
use wasmtime_wasi_http::{
    WasiBody, WasiHttpCtx, WasiHttpCtxView, WasiHttpView,
    p2::bindings::{ProxyPre, http::types},
};

use crate::{
    allowed_hosts::AllowedHosts,
    app::Inner,
    bindings, denied,
    headers::{RequestError, add_spin_headers},
    key_value::{self, Stores},
    logs::{Lines, Stream},
    outbound::Outbound,
    routes::RouteMatch,
    sqlite::{self, Databases},
    stats::{Counters, Meter},
    variables::ComponentVariables,
};

/// What a component may do.
#[derive(Debug)]
pub(crate) struct Rights {
    pub variables: ComponentVariables,
    pub environment: BTreeMap<String, String>,
    pub allowed_hosts: Arc<AllowedHosts>,
    pub stores: Stores,
    pub databases: Databases,
}

/// What holds for each request.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    pub memory: usize,
    pub time: Duration,
}

/// A component that answers HTTP requests.
pub(crate) struct Handler {
    id: String,
    pre: ProxyPre<State>,
    rights: Rights,
}

/// The state of one instance.
pub(crate) struct State {
    wasi: WasiCtx,
    http: WasiHttpCtx,
    table: ResourceTable,
    outbound: Outbound,
    variables: ComponentVariables,
    stores: Stores,
    databases: Databases,
    counters: Arc<Counters>,
    meter: Meter,
}

/// Why a request got no answer of its component.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RunError {
    #[error(transparent)]
    Request(#[from] RequestError),
    #[error("{0:?}")]
    Trap(#[from] wasmtime::Error),
    #[error("the time limit of {0:?} is over")]
    TimeLimit(Duration),
    #[error("the host's task failed: {0}")]
    Task(#[from] JoinError),
    #[error("no response: {0:?}")]
    ErrorCode(types::ErrorCode),
    #[error("no trigger names the component")]
    NoHandler,
    #[error("the component returned without a response")]
    NoResponse,
}

/// What remains of an instance after its response: done when the instance is gone, aborted when
/// dropped.
pub(crate) type Rest = AbortOnDropJoinHandle<()>;

/// Prepares everything that requests to a component share; none where it is no HTTP handler.
///
/// # Errors
/// Where it imports what neither the manifest nor the host gives.
pub(crate) fn link(
    engine: &Engine,
    component: &Component,
    denied: &BTreeSet<String>,
) -> wasmtime::Result<wasmtime::component::InstancePre<State>> {
    let mut linker: Linker<State> = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
    bindings::variables::add_to_linker::<_, ComponentVariables>(&mut linker, |state| {
        &mut state.variables
    })?;
    bindings::key_value::add_to_linker::<_, key_value::Store>(&mut linker, State::key_value)?;
    bindings::sqlite::add_to_linker::<_, sqlite::Connection>(&mut linker, State::sqlite)?;
    bindings::sqlite3::add_to_linker::<_, sqlite::Connection>(&mut linker, State::sqlite)?;
    denied::add_to_linker(&mut linker, engine, component, denied)?;
    linker.instantiate_pre(component)
}

impl Handler {
    pub fn new(id: &str, pre: ProxyPre<State>, rights: Rights) -> Self {
        Self {
            id: id.to_owned(),
            pre,
            rights,
        }
    }

    /// Answers a request with a fresh instance.
    pub async fn handle(
        &self,
        app: &Arc<Inner>,
        mut request: Request<WasiBody>,
        route: &RouteMatch,
        client: SocketAddr,
    ) -> Result<(Response<WasiBody>, Rest), RunError> {
        add_spin_headers(&mut request, route, client)?;
        let mut store = self.store(app);
        let (sender, receiver) = oneshot::channel();
        let request = store
            .data_mut()
            .http()
            .new_incoming_request(types::Scheme::Http, request)?;
        let response = store.data_mut().http().new_response_outparam(sender)?;

        let pre = self.pre.clone();
        let limit = app.limits.time;
        let logs = app.logs.clone();
        let id = self.id.clone();
        let (failure_sender, failure) = oneshot::channel();
        let rest = wasmtime_wasi::runtime::spawn(async move {
            let call = async {
                let proxy = pre.instantiate_async(&mut store).await?;
                proxy
                    .wasi_http_incoming_handler()
                    .call_handle(&mut store, request, response)
                    .await
            };
            let outcome = match tokio::time::timeout(limit, call).await {
                Ok(Ok(())) => return,
                Ok(Err(trap)) => RunError::Trap(trap),
                Err(Elapsed { .. }) => RunError::TimeLimit(limit),
            };
            // Dropping the store drops the sender of the response: the outcome must be there
            // before. After the response has begun nobody waits for it, so it is logged.
            if let Err(outcome) = failure_sender.send(outcome) {
                logs.take(&id, Stream::Host, &outcome.to_string());
            }
            drop(store);
        });
        match receiver.await {
            Ok(Ok(response)) => Ok((response, rest)),
            Ok(Err(code)) => Err(RunError::ErrorCode(code)),
            Err(_) => Err(failure.await.unwrap_or(RunError::NoResponse)),
        }
    }

    fn store(&self, app: &Arc<Inner>) -> Store<State> {
        let counters = Arc::new(Counters::default());
        let rights = &self.rights;
        let stream = |stream| Lines::new(app.logs.clone(), &self.id, stream);
        let mut wasi = WasiCtx::builder();
        wasi.stdout(stream(Stream::Stdout))
            .stderr(stream(Stream::Stderr))
            .wall_clock(app.wall_clock.clone());
        for (name, value) in &rights.environment {
            wasi.env(name, value);
        }
        let state = State {
            wasi: wasi.build(),
            http: WasiHttpCtx::new(),
            table: ResourceTable::new(),
            outbound: Outbound {
                app: Arc::clone(app),
                allowed: Arc::clone(&rights.allowed_hosts),
                counters: Arc::clone(&counters),
            },
            variables: rights.variables.clone(),
            stores: Arc::clone(&rights.stores),
            databases: Arc::clone(&rights.databases),
            meter: Meter::new(
                &self.id,
                app.limits.memory,
                Arc::clone(&counters),
                Arc::clone(&app.stats),
            ),
            counters,
        };
        let mut store = Store::new(self.pre.engine(), state);
        store.limiter(|state| &mut state.meter);
        // A guest that computes without end gives way at every tick, so that its time limit and
        // other requests get their turn.
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(|_| Ok(UpdateDeadline::Yield(1)));
        store
    }
}

impl State {
    fn key_value(&mut self) -> key_value::View<'_> {
        key_value::View {
            stores: &self.stores,
            table: &mut self.table,
            counters: &self.counters,
        }
    }

    fn sqlite(&mut self) -> sqlite::View<'_> {
        sqlite::View {
            databases: &self.databases,
            table: &mut self.table,
            counters: &self.counters,
        }
    }
}

impl wasmtime::component::HasData for ComponentVariables {
    type Data<'a> = &'a mut Self;
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            ctx: &mut self.http,
            table: &mut self.table,
            hooks: &mut self.outbound,
        }
    }
}

/// A body that keeps the rest of its instance alive, and ends it when it is dropped before it was sent in full. An instance
/// that has answered goes on, as it does on Spin.
pub(crate) fn keep(body: WasiBody, rest: Rest) -> WasiBody {
    Kept {
        body,
        rest: Some(rest),
    }
    .boxed_unsync()
}

struct Kept {
    body: WasiBody,
    rest: Option<Rest>,
}

impl Kept {
    fn let_go(&mut self) {
        if let (Some(rest), Ok(runtime)) = (self.rest.take(), Handle::try_current()) {
            runtime.spawn(rest);
        }
    }
}

impl Body for Kept {
    type Data = Bytes;
    type Error = wasmtime_wasi_http::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        if frame.is_none() {
            self.let_go();
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        if self.body.is_end_stream() {
            self.let_go();
        }
    }
}
