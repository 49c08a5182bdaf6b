//! `wasi:http/outgoing-handler`: what may leave a component, and where it goes.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

use http::{Request, Response, header::HOST};
use http_body_util::BodyExt;
use url::Url;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks, default_send_request};

use crate::{
    allowed_hosts::{AllowedHosts, chained_component, is_self},
    app::Inner,
    routes::RouteMatch,
    stats::Counters,
};

/// The address of a component as a client, as Spin tells it.
const CHAINED_CLIENT: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);

type Driver = Box<dyn Future<Output = Result<(), Error>> + Send>;
type Sent = Result<(Response<WasiBody>, Driver), Error>;

/// The outbound side of one instance.
pub(crate) struct Outbound {
    pub app: Arc<Inner>,
    pub allowed: Arc<AllowedHosts>,
    pub counters: Arc<Counters>,
}

/// Where a request goes.
enum Target {
    /// Nowhere.
    Denied,
    /// To the application's own public routes.
    Application,
    /// To another component.
    Component(String),
    /// Out.
    Network,
}

impl Outbound {
    fn target<B>(&self, request: &Request<B>) -> Target {
        let Ok(url) = Url::parse(&request.uri().to_string()) else {
            return Target::Denied;
        };
        let host = url.host_str().unwrap_or_default();
        if is_self(host) {
            return match self.allowed.allows_self() {
                true => Target::Application,
                false => Target::Denied,
            };
        }
        if !self.allowed.allows(&url) {
            return Target::Denied;
        }
        match chained_component(host) {
            Some(component) => Target::Component(component.to_owned()),
            None => Target::Network,
        }
    }
}

impl WasiHttpHooks for Outbound {
    fn send_request(
        &mut self,
        mut request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _errors: Driver,
    ) -> Box<dyn Future<Output = Sent> + Send> {
        Counters::increment(&self.counters.outbound_requests);
        let target = self.target(&request);
        let app = Arc::clone(&self.app);
        Box::new(async move {
            match target {
                Target::Denied => Err(Error::HttpRequestDenied),
                Target::Application => {
                    request.headers_mut().insert(HOST, app.self_host());
                    *request.uri_mut() = relative(request.uri())?;
                    Ok(done(app.handle(request, CHAINED_CLIENT).await))
                }
                Target::Component(component) => {
                    request.headers_mut().remove(HOST);
                    let route = RouteMatch::chained(&component, request.uri().path());
                    Ok(done(app.respond(request, &route, CHAINED_CLIENT).await))
                }
                Target::Network => {
                    let (response, driver) = default_send_request(request, options).await?;
                    Ok((
                        response.map(BodyExt::boxed_unsync),
                        Box::new(driver) as Driver,
                    ))
                }
            }
        })
    }
}

/// A response that no connection has to be driven for.
fn done(response: Response<WasiBody>) -> (Response<WasiBody>, Driver) {
    (response, Box::new(async { Ok(()) }))
}

fn relative(uri: &http::Uri) -> Result<http::Uri, Error> {
    match uri.path_and_query() {
        Some(path) => Ok(path.clone().into()),
        None => Ok(http::Uri::from_static("/")),
    }
}
