//! HTTP answered by a function.

use sync300_kit::ports::{Http, HttpError, HttpRequest, HttpResponse};

use crate::NativePorts;

/// Answers an outgoing request.
pub type Handler = Box<dyn Fn(HttpRequest) -> Result<HttpResponse, HttpError>>;

impl Http for NativePorts {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        match &*self.handler.borrow() {
            Some(handler) => handler(request),
            None => Err(HttpError::Forbidden),
        }
    }
}
