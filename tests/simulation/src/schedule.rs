//! Who goes on next: instances of the engine, people, and requests on their way, by the virtual clock.

use std::collections::VecDeque;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use sync300_kit::engine::{Here, TickSummary, tick};

use crate::people::People;
use crate::plan::Edit;
use crate::ports::{Invocation, Ports};
use crate::webhooks;
use crate::world::{START, World};

/// Hosts end an invocation after this time.
const HOST_LIMIT: i64 = 30_000;
/// More events than any plan needs: the engine goes round in circles.
const MOST_EVENTS: u64 = 60_000;

type Tick = Pin<Box<dyn Future<Output = sync300_kit::Result<TickSummary>>>>;

/// An invocation of the engine.
struct Running {
    tick: Tick,
    invocation: Rc<Invocation>,
    begun: i64,
}

/// A place where an instance runs, one tick after another.
struct Slot {
    running: Option<Running>,
    /// When the next tick begins, where none is running.
    next: i64,
}

/// What the ticks did.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ticks {
    pub whole: u64,
    pub failed: u64,
    /// Ended by their host.
    pub cut: u64,
    /// Slices that found their lease taken.
    pub lost_leases: u64,
    pub slices: u64,
    /// Events of any kind.
    pub events: u64,
}

/// The order of everything.
pub(crate) struct Scheduler {
    world: Rc<World>,
    slots: Vec<Slot>,
    edits: VecDeque<Edit>,
    pub people: People,
    pub ticks: Ticks,
    /// When the last tick that had something to do came to its end.
    pub last_slice_ended: i64,
    most_events: u64,
}

/// What comes next.
enum Event {
    Person,
    Arrival(i64, u32),
    Webhook(i64, u64),
    Instance(usize),
}

impl Scheduler {
    pub fn new(world: Rc<World>, edits: Vec<Edit>) -> Self {
        let slots = world.shape.instance_skews.iter().map(|_| Slot {
            running: None,
            next: START,
        });
        Self {
            slots: slots.collect(),
            people: People::new(world.clone()),
            world,
            edits: edits.into(),
            ticks: Ticks::default(),
            last_slice_ended: START,
            most_events: MOST_EVENTS,
        }
    }

    /// For work that takes as long as it takes.
    pub fn unbounded(world: Rc<World>) -> Self {
        Self {
            most_events: u64::MAX,
            ..Self::new(world, Vec::new())
        }
    }

    /// Whether going on for long is a fault.
    pub fn bounded(&self) -> bool {
        self.most_events < u64::MAX
    }

    /// What people did before the first tick.
    pub fn prepare(&mut self) {
        while let Some(edit) = self.edits.pop_front_if(|edit| edit.at < 0) {
            self.world.set_now(START + edit.at);
            self.people.act(&edit);
        }
        self.world.set_now(START);
    }

    /// Plays until the horizon, and lets what has begun come to its end.
    pub fn play(&mut self) {
        let horizon = START + self.world.shape.horizon;
        while let Some((time, event)) = self.next(horizon) {
            self.ticks.events += 1;
            if self.ticks.events > self.most_events {
                self.world.violation("the ticks never end".to_owned());
                return;
            }
            self.world.set_now(time.max(self.world.now()));
            match event {
                Event::Person => {
                    if let Some(edit) = self.edits.pop_front() {
                        self.people.act(&edit);
                    }
                }
                Event::Arrival(time, number) => {
                    let request = self.world.in_flight.borrow_mut().remove(&(time, number));
                    if let Some(request) = request {
                        // Nobody is there to read the answer.
                        drop(self.world.deliver(&request));
                    }
                }
                Event::Webhook(time, number) => {
                    let event = self.world.webhooks.borrow_mut().remove(&(time, number));
                    if let Some(event) = event {
                        webhooks::deliver(&self.world, &event);
                    }
                }
                Event::Instance(at) => self.go_on(at),
            }
        }
    }

    /// The earliest event; among those of one time, the dice decide.
    fn next(&self, horizon: i64) -> Option<(i64, Event)> {
        let mut events = Vec::new();
        if let Some(edit) = self.edits.front() {
            events.push((START + edit.at, Event::Person));
        }
        if let Some((time, number)) = self.world.in_flight.borrow().keys().next() {
            events.push((*time, Event::Arrival(*time, *number)));
        }
        if let Some((time, number)) = self.world.webhooks.borrow().keys().next() {
            events.push((*time, Event::Webhook(*time, *number)));
        }
        for (at, slot) in self.slots.iter().enumerate() {
            match &slot.running {
                Some(running) => {
                    events.push((running.invocation.wake.get(), Event::Instance(at)));
                }
                None if slot.next < horizon => events.push((slot.next, Event::Instance(at))),
                None => {}
            }
        }
        let earliest = events.iter().map(|(time, _)| *time).min()?;
        events.retain(|(time, _)| *time == earliest);
        let last = i64::try_from(events.len()).ok()? - 1;
        let chosen = match last {
            0 => 0,
            last => usize::try_from(self.world.draw(0..=last)).ok()?,
        };
        Some(events.swap_remove(chosen))
    }

    /// Begins a tick, or lets one go on to its next port call.
    fn go_on(&mut self, at: usize) {
        let Some(slot) = self.slots.get_mut(at) else {
            return;
        };
        let now = self.world.now();
        let running = slot
            .running
            .get_or_insert_with(|| begin(&self.world, at, now));
        let worked = now - running.begun - running.invocation.frozen.get();
        if worked > HOST_LIMIT {
            self.ticks.cut += 1;
            self.world.note(|| format!("{at} cut by its host"));
            slot.running = None;
            slot.next = now + self.world.draw(1_000..=self.world.shape.cadence);
            return;
        }
        let polled = running
            .tick
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()));
        let result = match polled {
            Poll::Pending if running.invocation.doomed.get() => None,
            Poll::Pending => return,
            Poll::Ready(result) => Some(result),
        };
        slot.running = None;
        slot.next = now + self.world.draw(1_000..=self.world.shape.cadence);
        match result {
            Some(result) => self.ticks.count(&self.world, at, &result),
            None => self.world.note(|| format!("{at} gone")),
        }
    }

    /// Runs one tick from beginning to end, with nothing beside it.
    pub fn tick_alone(&mut self) -> Option<TickSummary> {
        let mut running = begin(&self.world, 0, self.world.now());
        loop {
            self.ticks.events += 1;
            if self.ticks.events > self.most_events {
                self.world.violation("the ticks never end".to_owned());
                return None;
            }
            if self.world.now() - running.begun > HOST_LIMIT {
                self.world
                    .violation("a tick without faults takes longer than hosts allow".to_owned());
                return None;
            }
            let polled = running
                .tick
                .as_mut()
                .poll(&mut Context::from_waker(Waker::noop()));
            match polled {
                Poll::Pending => self.world.set_now(running.invocation.wake.get()),
                Poll::Ready(result) => {
                    self.ticks.count(&self.world, 0, &result);
                    return match result {
                        Ok(summary) => {
                            if !summary.slices.is_empty() {
                                self.last_slice_ended = self.world.now();
                            }
                            Some(summary)
                        }
                        Err(error) => {
                            self.world
                                .violation(format!("a tick without faults failed: {error}"));
                            None
                        }
                    };
                }
            }
        }
    }
}

impl Ticks {
    fn count(&mut self, world: &World, at: usize, result: &sync300_kit::Result<TickSummary>) {
        match result {
            Ok(summary) => {
                self.whole += 1;
                self.slices += summary.slices.len() as u64;
                let lost = summary.slices.iter().filter(|slice| slice.status == "lost");
                self.lost_leases += lost.count() as u64;
            }
            Err(error) => {
                self.failed += 1;
                world.note(|| format!("{at} failed: {error}"));
            }
        }
    }
}

fn begin(world: &Rc<World>, instance: usize, now: i64) -> Running {
    let invocation = Rc::new(Invocation::default());
    invocation.wake.set(now);
    let ports = Ports {
        world: world.clone(),
        instance,
        invocation: invocation.clone(),
        immediate: false,
    };
    Running {
        tick: Box::pin(async move { tick(&ports, &Here(&ports)).await }),
        invocation,
        begun: now,
    }
}
