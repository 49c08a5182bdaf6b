//! The engine's ports in one instance. Every call is an await point at which others may come first.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use sync300_kit::ports::{
    Clock, Http, HttpError, HttpRequest, HttpResponse, KeyValue, LogSink, Random, RandomError, Sql,
    SqlError, SqlRows, SqlValue, Variables,
};
use sync300_kit::secret::Secret;

use crate::plan::{On, What};
use crate::world::World;

/// Where HubSpot finds the application.
pub(crate) const PUBLIC_URL: &str = "https://sync300.example";

/// What HubSpot signs with.
pub(crate) const CLIENT_SECRET: &str = "zebra-client-secret";

/// How the scheduler and one invocation of an instance see each other.
#[derive(Debug, Default)]
pub(crate) struct Invocation {
    /// When it goes on.
    pub wake: Cell<i64>,
    /// It is to be dropped.
    pub doomed: Cell<bool>,
    /// For how long its host stood still.
    pub frozen: Cell<i64>,
}

/// All ports of one invocation.
pub(crate) struct Ports {
    pub world: Rc<World>,
    pub instance: usize,
    pub invocation: Rc<Invocation>,
    /// Without waits and faults: for setting up.
    pub immediate: bool,
}

/// Ready when it is polled for the second time.
struct Yield(bool);

impl Future for Yield {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        match std::mem::replace(&mut self.0, true) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    }
}

impl Ports {
    /// Comes back after so many milliseconds of everybody's time.
    async fn pause(&self, millis: i64) {
        if !self.immediate {
            self.invocation.wake.set(self.world.now() + millis);
            Yield(false).await;
        }
    }

    fn enter(&self, on: On) -> Vec<What> {
        if self.immediate {
            return Vec::new();
        }
        self.world.enter(on)
    }

    /// The end of this invocation: it is never polled again.
    async fn gone(&self) {
        self.invocation.doomed.set(true);
        Yield(false).await;
    }

    async fn freeze(&self, millis: i64) {
        self.invocation
            .frozen
            .set(self.invocation.frozen.get() + millis);
        self.pause(millis).await;
    }

    /// What happens between a call and its answer.
    async fn performed(&self, faults: &[What]) {
        for what in faults {
            match what {
                What::Crash => {
                    self.world.injected(*what);
                    self.gone().await;
                }
                What::Freeze(millis) => {
                    self.world.injected(*what);
                    self.freeze(*millis).await;
                }
                _ => {}
            }
        }
    }

    /// On its way there: what does not arrive comes back as an error.
    async fn travel(&self, request: &HttpRequest, faults: &[What]) -> Result<(), HttpError> {
        for what in faults {
            match *what {
                What::Slow(millis) => {
                    self.world.injected(*what);
                    self.pause(millis).await;
                }
                What::Orphan(late) => {
                    self.world.injected(*what);
                    let arrival = (self.world.now() + late, self.world.calls(On::Http));
                    self.world
                        .in_flight
                        .borrow_mut()
                        .insert(arrival, request.clone());
                    self.gone().await;
                }
                What::LostRequest => {
                    self.world.injected(*what);
                    self.pause(2_000).await;
                    return Err(HttpError::Network);
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// There: performed as it should be, or not.
    fn perform(&self, request: &HttpRequest, faults: &[What]) -> Result<HttpResponse, HttpError> {
        let world = &self.world;
        for what in faults {
            match *what {
                What::Status(status, _) => {
                    world.injected(*what);
                    return Ok(world.outage(request, status));
                }
                What::Refuse(which) => {
                    if let Some(answer) = world.deliver_partly(request, which) {
                        world.injected(*what);
                        return answer;
                    }
                }
                // What makes a record where no key tells two requests apart is not sent again by any proxy.
                What::Twice
                    if request.method == "POST" && request.url.starts_with(&world.clio.url()) => {}
                What::Twice => {
                    world.injected(*what);
                    // The first answer gets lost on the way back, as a proxy loses it that tries again.
                    drop(world.deliver(request));
                }
                _ => {}
            }
        }
        let mut answer = world.deliver(request)?;
        for what in faults {
            match what {
                What::CutOff => {
                    world.injected(*what);
                    answer.body.truncate(answer.body.len() / 2);
                }
                What::LostResponse => {
                    world.injected(*what);
                    return Err(HttpError::Network);
                }
                _ => {}
            }
        }
        Ok(answer)
    }
}

impl Http for Ports {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let faults = self.enter(On::Http);
        self.pause(self.world.draw(10..=150)).await;
        self.travel(&request, &faults).await?;
        self.world
            .note(|| format!("{} {} {}", self.instance, request.method, request.url));
        let answer = self.perform(&request, &faults);
        self.performed(&faults).await;
        self.pause(self.world.draw(10..=150)).await;
        answer
    }
}

impl Sql for Ports {
    async fn execute(&self, statement: &str, params: &[SqlValue]) -> Result<SqlRows, SqlError> {
        let faults = self.enter(On::Sql);
        self.pause(self.world.draw(0..=4)).await;
        for what in &faults {
            match *what {
                What::Hang(millis) => {
                    self.world.injected(*what);
                    self.freeze(millis).await;
                }
                What::SqlRefused => {
                    self.world.injected(*what);
                    return Err(SqlError::Failed("database is locked".to_owned()));
                }
                _ => {}
            }
        }
        let rows = sync300_native_ports::execute(&self.world.database, statement, params);
        self.world.note(|| {
            let found = match &rows {
                Ok(rows) => format!("{} rows", rows.len()),
                Err(error) => error.to_string(),
            };
            let start: String = statement.chars().take(90).collect();
            format!("{} {start} … {found}", self.instance)
        });
        if let Some(what) = faults.iter().find(|what| **what == What::SqlLost) {
            self.world.injected(*what);
            return Err(SqlError::Failed("connection reset".to_owned()));
        }
        self.performed(&faults).await;
        rows
    }
}

impl KeyValue for Ports {
    async fn get(&self, key: &str) -> Option<Vec<u8>> {
        let faults = self.enter(On::KeyValue);
        self.pause(self.world.draw(0..=4)).await;
        let value = self.world.cache.borrow().get(key).cloned();
        self.performed(&faults).await;
        match faults.contains(&What::Forget) {
            true => {
                self.world.injected(What::Forget);
                None
            }
            false => value,
        }
    }

    async fn set(&self, key: &str, value: &[u8]) {
        let faults = self.enter(On::KeyValue);
        self.pause(self.world.draw(0..=4)).await;
        match faults.contains(&What::Forget) {
            true => self.world.injected(What::Forget),
            false => {
                let mut cache = self.world.cache.borrow_mut();
                cache.insert(key.to_owned(), value.to_vec());
            }
        }
        self.performed(&faults).await;
    }

    async fn delete(&self, key: &str) {
        let faults = self.enter(On::KeyValue);
        self.pause(self.world.draw(0..=4)).await;
        match faults.contains(&What::Forget) {
            true => self.world.injected(What::Forget),
            false => {
                self.world.cache.borrow_mut().remove(key);
            }
        }
        self.performed(&faults).await;
    }
}

impl Clock for Ports {
    fn now(&self) -> i64 {
        let skew = self.world.shape.instance_skews.get(self.instance);
        self.world.now() + skew.copied().unwrap_or(0)
    }

    async fn sleep(&self, duration: Duration) {
        let faults = self.enter(On::Any);
        self.pause(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 4))
            .await;
        self.performed(&faults).await;
    }
}

impl Random for Ports {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), RandomError> {
        self.world.fill(buffer);
        Ok(())
    }
}

impl Variables for Ports {
    fn variable(&self, name: &str) -> Option<Secret> {
        let (tick, slice, calls) = self.world.shape.limits;
        let value = match name {
            "public_url" => PUBLIC_URL.to_owned(),
            "hubspot_client_secret" => CLIENT_SECRET.to_owned(),
            "hubspot_api_url" => self.world.hubspot.url(),
            "clio_url_us" => self.world.clio.url(),
            // 32 bytes of zeros: the vault is not what is tried here.
            "vault_keys" => "sim:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=".to_owned(),
            "tick_seconds" => tick.to_string(),
            "slice_seconds" => slice.to_string(),
            "tick_calls" => calls.to_string(),
            _ => return None,
        };
        Some(Secret::new(value))
    }
}

impl LogSink for Ports {
    fn write(&self, line: &str) {
        self.world.note(|| format!("{} log {line}", self.instance));
        self.world.log.borrow_mut().push(line.to_owned());
    }
}
