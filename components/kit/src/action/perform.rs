//! `POST /actions/{connector}/{action}`: does one thing at a provider, once.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use super::attempt::Job;
use super::call::Call;
use super::{Outcome, refuse, verify, waiting};
use crate::live;
use crate::ports::Ports;
use crate::store::Store;
use crate::surface::{Answer, Incoming, Problem};

/// HubSpot gives up on an action within five seconds; by then it must have been told something.
const ANSWER_WITHIN: Duration = Duration::from_millis(3_500);

/// Does what the connector declares under this name. `reply` sends the answer: what is not done by then goes on behind
/// it.
pub async fn perform<P: Ports>(
    ports: &P,
    incoming: &Incoming,
    connector: &str,
    action: &str,
    reply: impl AsyncFnOnce(Answer),
) {
    let job = match verify(ports, incoming).and_then(|()| Call::of(incoming)) {
        Ok(call) => Job::new(call, connector, action),
        Err(problem) => return reply(refuse(ports, incoming, &problem)).await,
    };
    let answer = |ended: Result<Outcome, Problem>| match ended {
        Ok(outcome) => outcome.answer(),
        Err(problem) => refuse(ports, incoming, &problem),
    };
    match Store::new(ports).is_waiting(job.execution()).await {
        Ok(false) => {}
        Ok(true) => return reply(waiting::blocked()).await,
        Err(error) => return reply(refuse(ports, incoming, &error.into())).await,
    }
    let budget = live::open_budget(ports);
    let mut attempt = pin!(job.attempt(ports, &budget));
    match within(ANSWER_WITHIN, ports, attempt.as_mut()).await {
        Some(ended) => reply(answer(ended)).await,
        None => {
            let told = match waiting::put_aside(ports, &job).await {
                Ok(told) => told,
                Err(problem) => refuse(ports, incoming, &problem),
            };
            reply(told).await;
            // A host that ends the instance here leaves it to the tick.
            if let Ok(outcome) = attempt.await {
                waiting::ended(ports, &job, outcome).await;
            }
        }
    }
}

/// What the work comes to; none where the time is up first.
async fn within<P: Ports, F: Future>(
    time: Duration,
    ports: &P,
    mut work: Pin<&mut F>,
) -> Option<F::Output> {
    let mut time = pin!(ports.sleep(time));
    poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending => time.as_mut().poll(context).map(|()| None),
    })
    .await
}
