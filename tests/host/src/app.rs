//! A running application.

use std::{
    collections::BTreeMap,
    fs, io,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use bytes::Bytes;
use http::{
    HeaderValue, Request, Response, StatusCode,
    header::{CONTENT_TYPE, HOST},
    uri::Scheme,
};
use http_body_util::{BodyExt, Empty, Full};
use tempfile::TempDir;
use wasmtime::{Engine, component::Component};
use wasmtime_wasi_http::{WasiBody, p2::bindings::ProxyPre};

use crate::{
    Error, Options, RequestStats, WallClock,
    allowed_hosts::AllowedHosts,
    component::{Handler, Limits, Rest, Rights, RunError, keep, link},
    compose::{Part, compose},
    engine::engine,
    headers::{set_uri, strip_forbidden},
    key_value::Store,
    logs::{LogSink, Stream},
    manifest::{self, Manifest},
    routes::{RouteMatch, Router, WELL_KNOWN},
    stats::StatsBook,
    storage::{DatabaseFile, Storages},
    variables::{ComponentVariables, Values},
};

/// The address that in-process requests come from.
const IN_PROCESS_CLIENT: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// An application, loaded from its `spin.toml`. Clones are the same application.
#[derive(Clone)]
pub struct App(pub(crate) Arc<Inner>);

/// An instance that has answered. Dropping it ends the instance where it stands.
pub struct Running(Option<Rest>);

impl Running {
    /// Waits until it has done what it had to.
    pub async fn ended(self) {
        if let Some(rest) = self.0 {
            rest.await;
        }
    }
}

pub(crate) struct Inner {
    name: String,
    version: String,
    router: Router,
    handlers: BTreeMap<String, Handler>,
    databases: BTreeMap<String, DatabaseFile>,
    pub limits: Limits,
    pub logs: LogSink,
    pub wall_clock: WallClock,
    pub stats: Arc<StatsBook>,
    pub address: OnceLock<SocketAddr>,
    _temporary: TempDir,
}

impl App {
    /// Loads the application of a manifest: composes, compiles and links its components.
    ///
    /// # Errors
    /// Where Spin would refuse the application, or it asks for what this host does not have.
    pub fn load(manifest: &Path, options: Options) -> Result<Self, Error> {
        let root = match &options.root {
            Some(root) => root.clone(),
            None => manifest
                .parent()
                .map_or_else(PathBuf::new, Path::to_path_buf),
        };
        let manifest = Manifest::read(manifest)?;
        let values = Values::new(
            &manifest.variables,
            &options.variables,
            options.environment_variables,
        )?;
        let router = Router::new(&manifest.trigger.http)?;
        let temporary = tempfile::tempdir()?;
        let databases = locate(&options.sqlite, "sqlite", &temporary)?;
        let stores = locate(&options.key_value, "key-value", &temporary)?
            .into_iter()
            .map(|(label, file)| Ok((label, Store::open(&file)?)))
            .collect::<Result<BTreeMap<_, _>, rusqlite::Error>>()?;
        let engine = engine(options.cache.as_deref()).map_err(Error::Engine)?;

        let mut handlers = BTreeMap::new();
        for (id, component) in &manifest.components {
            let rights = Rights {
                variables: ComponentVariables::new(id, &component.variables, &values)?,
                environment: component.environment.clone(),
                allowed_hosts: Arc::new(allowed_hosts(id, component, &values)?),
                stores: Arc::new(granted(
                    id,
                    "key_value_stores",
                    &component.key_value_stores,
                    &stores,
                )?),
                databases: Arc::new(granted(
                    id,
                    "sqlite_databases",
                    &component.sqlite_databases,
                    &databases,
                )?),
            };
            let triggered = manifest.trigger.http.iter().any(|t| t.component == *id);
            if let Some(handler) = load_component(&engine, &root, id, component, rights, triggered)?
            {
                handlers.insert(id.clone(), handler);
            }
        }
        Ok(Self(Arc::new(Inner {
            name: manifest.application.name,
            version: manifest.application.version,
            router,
            handlers,
            databases,
            limits: Limits {
                memory: options.memory_limit,
                time: options.time_limit,
            },
            logs: options.logs,
            wall_clock: options.wall_clock,
            stats: Arc::new(StatsBook::default()),
            address: OnceLock::new(),
            _temporary: temporary,
        })))
    }

    /// Sends a request to the application's public routes, in this process, and waits until the
    /// instance that answered is gone. Dropping the future ends the instance where it stands, as
    /// a killed host would. A request without a host is sent to `localhost`.
    pub async fn request(&self, request: Request<Bytes>) -> Response<Bytes> {
        let (response, running) = self.request_and_leave(request).await;
        running.ended().await;
        response
    }

    /// As [`App::request`], but does not wait for the instance to go: it may have more to do behind its answer.
    pub async fn request_and_leave(&self, request: Request<Bytes>) -> (Response<Bytes>, Running) {
        let mut request = request.map(full);
        if request.uri().authority().is_none() && !request.headers().contains_key(HOST) {
            request.headers_mut().insert(HOST, self.0.self_host());
        }
        let (response, rest) = self.0.route(request, IN_PROCESS_CLIENT).await;
        let (parts, body) = response.into_parts();
        let body = body.collect().await;
        let response = match body {
            Ok(body) => Response::from_parts(parts, body.to_bytes()),
            // Over a connection this is a body that breaks off.
            Err(error) => {
                self.0.logs.take(
                    "host",
                    Stream::Host,
                    &format!("a response's body broke off: {error}"),
                );
                let mut response = Response::new(Bytes::new());
                *response.status_mut() = StatusCode::BAD_GATEWAY;
                response
            }
        };
        (response, Running(rest))
    }

    /// What the last 1,024 requests to a component cost, in the order in which they ended.
    #[must_use]
    pub fn request_stats(&self, component: &str) -> Vec<RequestStats> {
        self.0.stats.of(component)
    }

    /// What the last request to a component cost.
    #[must_use]
    pub fn last_request_stats(&self, component: &str) -> Option<RequestStats> {
        self.request_stats(component).pop()
    }

    /// The file of an SQLite database, for a look from outside.
    #[must_use]
    pub fn database_file(&self, label: &str) -> Option<&Path> {
        self.0.databases.get(label).map(DatabaseFile::path)
    }

    /// The public routes and the components that answer them.
    pub fn routes(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.router.routes()
    }
}

impl Inner {
    /// Answers a request to the public routes.
    pub async fn handle(
        self: &Arc<Self>,
        request: Request<WasiBody>,
        client: SocketAddr,
    ) -> Response<WasiBody> {
        attach(self.route(request, client).await)
    }

    /// Answers a request that is already routed.
    pub async fn respond(
        self: &Arc<Self>,
        request: Request<WasiBody>,
        route: &RouteMatch,
        client: SocketAddr,
    ) -> Response<WasiBody> {
        attach(self.run(request, route, client).await)
    }

    /// The host of requests that the application sends itself.
    pub fn self_host(&self) -> HeaderValue {
        self.address
            .get()
            .and_then(|address| HeaderValue::from_str(&address.to_string()).ok())
            .unwrap_or(HeaderValue::from_static("localhost"))
    }

    async fn route(
        self: &Arc<Self>,
        mut request: Request<WasiBody>,
        client: SocketAddr,
    ) -> (Response<WasiBody>, Option<Rest>) {
        strip_forbidden(&mut request);
        let path = request.uri().path();
        if let Some(name) = path.strip_prefix(WELL_KNOWN) {
            return (self.well_known(name), None);
        }
        match self.router.route(path) {
            Some(route) => self.run(request, &route, client).await,
            None => (empty(StatusCode::NOT_FOUND), None),
        }
    }

    async fn run(
        self: &Arc<Self>,
        mut request: Request<WasiBody>,
        route: &RouteMatch,
        client: SocketAddr,
    ) -> (Response<WasiBody>, Option<Rest>) {
        let outcome = match self.handlers.get(&route.component) {
            Some(handler) => match set_uri(&mut request, Scheme::HTTP) {
                Ok(()) => handler.handle(self, request, route, client).await,
                Err(error) => Err(RunError::Request(error)),
            },
            None => Err(RunError::NoHandler),
        };
        match outcome {
            Ok((response, rest)) => (response, Some(rest)),
            Err(error) => {
                self.logs
                    .take(&route.component, Stream::Host, &error.to_string());
                (empty(StatusCode::INTERNAL_SERVER_ERROR), None)
            }
        }
    }

    fn well_known(&self, name: &str) -> Response<WasiBody> {
        match name {
            "health" => Response::new(full(Bytes::from_static(b"OK"))),
            "info" => {
                let info = serde_json::json!({ "name": self.name, "version": self.version });
                let mut response = Response::new(full(Bytes::from(info.to_string())));
                response
                    .headers_mut()
                    .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
                response
            }
            _ => empty(StatusCode::NOT_FOUND),
        }
    }
}

fn attach((response, rest): (Response<WasiBody>, Option<Rest>)) -> Response<WasiBody> {
    match rest {
        Some(rest) => response.map(|body| keep(body, rest)),
        None => response,
    }
}

fn full(body: Bytes) -> WasiBody {
    Full::new(body)
        .map_err(|never| match never {})
        .boxed_unsync()
}

fn empty(status: StatusCode) -> Response<WasiBody> {
    let body = Empty::new().map_err(|never| match never {}).boxed_unsync();
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
}

fn locate(
    storages: &Storages,
    kind: &str,
    temporary: &TempDir,
) -> io::Result<BTreeMap<String, DatabaseFile>> {
    storages
        .iter()
        .map(|(label, storage)| {
            let file = DatabaseFile::locate(storage, kind, label, temporary)?;
            Ok((label.clone(), file))
        })
        .collect()
}

fn allowed_hosts(
    id: &str,
    component: &manifest::Component,
    values: &Values,
) -> Result<AllowedHosts, Error> {
    let entries = component
        .allowed_outbound_hosts
        .iter()
        .map(|entry| values.resolve(id, "allowed_outbound_hosts", entry))
        .collect::<Result<Vec<_>, _>>()?;
    AllowedHosts::parse(entries).map_err(|source| Error::AllowedHost {
        component: id.to_owned(),
        source,
    })
}

/// Those of `all` that the component names.
fn granted<T: Clone>(
    id: &str,
    kind: &'static str,
    labels: &[String],
    all: &BTreeMap<String, T>,
) -> Result<BTreeMap<String, T>, Error> {
    labels
        .iter()
        .map(|label| match all.get(label) {
            Some(item) => Ok((label.clone(), item.clone())),
            None => Err(Error::UnknownLabel {
                component: id.to_owned(),
                kind,
                label: label.clone(),
            }),
        })
        .collect()
}

/// Composes, compiles and links one component. Only one that a trigger names must be an HTTP
/// handler.
fn load_component(
    engine: &Engine,
    root: &Path,
    id: &str,
    component: &manifest::Component,
    rights: Rights,
    triggered: bool,
) -> Result<Option<Handler>, Error> {
    let read = |path: &Path| {
        let path = root.join(path);
        fs::read(&path).map_err(|source| Error::Source {
            component: id.to_owned(),
            path,
            source,
        })
    };
    let mut dependencies = Vec::new();
    for (name, dependency) in &component.dependencies {
        if let Some(path) = dependency.path() {
            dependencies.push(Part {
                name,
                bytes: read(path)?,
                export: dependency.export(),
            });
        }
    }
    let composed = compose(
        id,
        read(component.source(id)?)?,
        &dependencies,
        component.dependencies_inherit_configuration,
    )
    .map_err(|source| Error::Compose {
        component: id.to_owned(),
        source,
    })?;
    let refuse = |what: &str, error: wasmtime::Error| Error::Component {
        component: id.to_owned(),
        reason: format!("{what}: {error:#}"),
    };
    let compiled = Component::new(engine, &composed.bytes)
        .map_err(|error| refuse("is not a WebAssembly component", error))?;
    let pre = link(engine, &compiled, &composed.denied)
        .map_err(|error| refuse("asks for what it is not given", error))?;
    if !triggered {
        return Ok(None);
    }
    let pre = ProxyPre::new(pre).map_err(|error| refuse("is not an HTTP handler", error))?;
    Ok(Some(Handler::new(id, pre, rights)))
}
