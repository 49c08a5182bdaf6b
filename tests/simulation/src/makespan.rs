//! How long the first sync of a large firm takes on the virtual clock, where the two rate limits set the pace.

use serde_json::json;
use sync300_fakes::clio::Resource;
use sync300_fakes::hubspot::ObjectType;

use crate::plan::{Plan, Shape};
use crate::schedule::Scheduler;
use crate::settle::catch_up;
use crate::simulation::connect;
use crate::world::{Broken, World};

/// Clio's calls a minute at peak time.
const CLIO_A_MINUTE: f64 = 50.0;
/// Records of a page of Clio's.
const CLIO_PAGE: f64 = 200.0;
/// HubSpot's calls in ten seconds.
const HUBSPOT_IN_TEN_SECONDS: f64 = 110.0;
/// Records of a batch of HubSpot's.
const HUBSPOT_BATCH: f64 = 100.0;

/// A first sync.
#[derive(Debug, Clone, PartialEq)]
pub struct Makespan {
    /// People in Clio, all of them in HubSpot at the end.
    pub people: u32,
    /// Milliseconds of the virtual clock.
    pub millis: i64,
    /// Calls to Clio.
    pub clio_calls: usize,
    /// Calls to HubSpot.
    pub hubspot_calls: usize,
    /// Ticks.
    pub ticks: u64,
}

impl Makespan {
    /// What the limits set, in milliseconds: Clio's pages and HubSpot's batch writes, each at its full rate.
    fn limit(&self) -> f64 {
        let people = f64::from(self.people);
        let clio = (people / CLIO_PAGE).ceil() / CLIO_A_MINUTE * 60_000.0;
        let hubspot = (people / HUBSPOT_BATCH).ceil() / HUBSPOT_IN_TEN_SECONDS * 10_000.0;
        clio.max(hubspot)
    }

    /// How many times as long as the limits set.
    pub fn over_limit(&self) -> f64 {
        self.millis as f64 / self.limit()
    }
}

/// Syncs a firm of so many people, one tick after the other. An error says what went wrong.
pub fn makespan(people: u32) -> Result<Makespan, String> {
    measure(people).map_err(|Broken(problem)| problem)
}

fn measure(people: u32) -> Result<Makespan, Broken> {
    let plan = Plan {
        seed: 0,
        shape: Shape::default(),
        edits: Vec::new(),
        faults: Vec::new(),
    };
    let world = World::new(&plan, false)?;
    connect(&world)?;
    let Some(firm) = world.firms.first() else {
        return Err(Broken("there is no firm".to_owned()));
    };
    for serial in 0..people {
        let person = json!({
            "type": "Person",
            "first_name": format!("Zebra {serial}"),
            "last_name": "Stripe",
            "email_addresses": [{ "name": "Work", "address": format!("zebra.{serial}@example.org"), "default_email": true }],
        });
        firm.account.add(Resource::Contacts, &person)?;
    }
    // Ticks without end: the largest plan of the simulation is small beside this.
    let mut scheduler = Scheduler::unbounded(world.clone());
    let begun = world.now();
    catch_up(&world, &mut scheduler)?;
    if let Some(problem) = world.violations.borrow().first() {
        return Err(Broken(problem.clone()));
    }
    let arrived = firm.portal.count(ObjectType::Contacts);
    if arrived != people as usize {
        return Err(Broken(format!("{arrived} of {people} people arrived")));
    }
    Ok(Makespan {
        people,
        millis: scheduler.last_slice_ended - begun,
        clio_calls: world.clio.calls().list().len(),
        hubspot_calls: world.hubspot.calls().list().len(),
        ticks: scheduler.ticks.whole,
    })
}
