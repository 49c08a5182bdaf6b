//! HTTP answered by a function.

use std::cell::RefCell;
use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use sync300_kit::ports::{Clock as _, Http, HttpError, HttpRequest, HttpResponse};

use crate::NativePorts;

/// A call that is not answered by then is given up, as on Spin.
const ANSWER_MILLIS: i64 = 15_000;

/// Answers an outgoing request.
pub type Handler = Box<dyn Fn(HttpRequest) -> Result<HttpResponse, HttpError>>;

impl Http for NativePorts {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        if is_any(&self.unreached, &request.url) {
            return Err(HttpError::Unreached);
        }
        if is_any(&self.hanging, &request.url) {
            let until = self.answers_until.get().min(self.now() + ANSWER_MILLIS);
            let left = u64::try_from(until - self.now()).unwrap_or_default();
            self.sleep(Duration::from_millis(left)).await;
            return Err(HttpError::Network);
        }
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

    fn answer_by(&self, time: i64) {
        self.answers_until.set(time);
    }
}

/// Whether an address contains one of these.
fn is_any(parts: &RefCell<Vec<String>>, url: &str) -> bool {
    parts.borrow().iter().any(|part| url.contains(part))
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
