//! The application behind a socket.

use std::{io, net::SocketAddr, sync::Arc};

use http::{Request, Response};
use http_body_util::BodyExt;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
};
use wasmtime_wasi_http::{Error, WasiBody};

use crate::app::{App, Inner};

/// A served application. Dropping it closes the socket and every connection, and ends the
/// instances that still answer: what a killed host does.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl App {
    /// Serves the application's public routes over HTTP/1.1. Port 0 takes any free port.
    ///
    /// # Errors
    /// Where the address cannot be bound.
    pub async fn serve(&self, address: SocketAddr) -> io::Result<Server> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        // Of several servers the first gives the application its own address.
        self.0.address.get_or_init(|| address);
        let app = Arc::clone(&self.0);
        let task = tokio::spawn(accept(app, listener));
        Ok(Server { address, task })
    }
}

impl Server {
    /// The address that is bound.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://` and the address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Closes the socket and every connection, and waits until they are closed.
    pub async fn shutdown(mut self) {
        self.task.abort();
        // The only error is the cancellation that was just asked for.
        drop((&mut self.task).await);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(app: Arc<Inner>, listener: TcpListener) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, client)) => {
                    connections.spawn(serve_connection(Arc::clone(&app), stream, client));
                }
                // The client has gone already, or files are short: the next one may do.
                Err(_) => tokio::task::yield_now().await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve_connection(app: Arc<Inner>, stream: TcpStream, client: SocketAddr) {
    // Without it, keep-alive clients wait 40 ms for acknowledgements; a stream that refuses the
    // option works all the same.
    drop(stream.set_nodelay(true));
    let service = service_fn(move |request: Request<Incoming>| {
        let app = Arc::clone(&app);
        async move {
            let request = request.map(|body| body.map_err(Error::from).boxed_unsync());
            Ok::<Response<WasiBody>, std::convert::Infallible>(app.handle(request, client).await)
        }
    });
    // An error here is the client's: it went away or spoke no HTTP.
    drop(
        http1::Builder::new()
            .serve_connection(TokioIo::new(stream), service)
            .await,
    );
}
