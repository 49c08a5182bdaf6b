//! HTTP answered by a function.

use std::future::poll_fn;
use std::task::Poll;

use sync300_kit::ports::{Http, HttpError, HttpRequest, HttpResponse};

use crate::NativePorts;

/// Answers an outgoing request.
pub type Handler = Box<dyn Fn(HttpRequest) -> Result<HttpResponse, HttpError>>;

impl Http for NativePorts {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let unreached = self.unreached.borrow();
        if unreached.iter().any(|part| request.url.contains(part)) {
            return Err(HttpError::Unreached);
        }
        drop(unreached);
        let slow = {
            let mut slow = self.slow.borrow_mut();
            let at = slow.iter().position(|part| request.url.contains(part));
            at.map(|at| slow.remove(at))
        };
        let answer = match &*self.handler.borrow() {
            Some(handler) => handler(request),
            None => Err(HttpError::Forbidden),
        };
        if slow.is_some() {
            once_more().await;
        }
        answer
    }
}

/// Is ready when it is asked a second time.
async fn once_more() {
    let mut asked = false;
    poll_fn(|_| match std::mem::replace(&mut asked, true) {
        true => Poll::Ready(()),
        false => Poll::Pending,
    })
    .await;
}
