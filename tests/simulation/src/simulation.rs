//! One plan, from the first tick to the verdict.

use std::collections::BTreeMap;
use std::rc::Rc;

use sync300_kit::ports::Random as _;
use sync300_kit::secret::Secret;
use sync300_kit::settings::{Direction, ObjectSettings, Settings};
use sync300_kit::store::Store;
use sync300_kit::store::connections::NewConnection;
use sync300_kit::store::portals::Portal;
use sync300_kit::vault::{Purpose, Vault};

use crate::network::at_once;
use crate::oracle;
use crate::plan::{Kind, On, Plan, Shape};
use crate::ports::{Invocation, Ports};
use crate::schedule::{Scheduler, Ticks};
use crate::settle::{catch_up, settle};
use crate::world::{Broken, World, clio_token, hubspot_token};

/// How a simulation ended.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// What is not as it must be; empty when all is well.
    pub violations: Vec<String>,
    /// Faults that took effect, by kind.
    pub injected: BTreeMap<&'static str, u64>,
    /// Ticks that came to their end.
    pub ticks: u64,
    /// Slices that found their lease taken by another instance.
    pub lost_leases: u64,
    /// Ticks that their host ended.
    pub cut: u64,
    /// Outgoing requests.
    pub requests: u64,
    /// Records in HubSpot at the end.
    pub records: u64,
    /// Of everything that happened: two simulations of one plan have the same.
    pub digest: u64,
    /// Everything that happened, where it was asked for.
    pub trace: Vec<String>,
}

/// Plays a plan.
pub fn simulate(plan: &Plan) -> Outcome {
    run(plan, false)
}

/// Plays a plan, and tells everything that happened.
pub fn simulate_traced(plan: &Plan) -> Outcome {
    run(plan, true)
}

fn run(plan: &Plan, traced: bool) -> Outcome {
    let world = match World::new(plan, traced) {
        Ok(world) => world,
        Err(Broken(problem)) => return Outcome::broken(problem),
    };
    let mut scheduler = Scheduler::new(world.clone(), plan.edits.clone());
    let violations = match play(&world, &mut scheduler) {
        Ok(violations) => violations,
        Err(Broken(problem)) => return Outcome::broken(problem),
    };
    let Ticks {
        whole,
        cut,
        lost_leases,
        ..
    } = scheduler.ticks;
    let records = world.firms.iter().map(|firm| {
        let count = |kind: crate::plan::Kind| firm.portal.count(kind.object()) as u64;
        crate::plan::Kind::ALL.into_iter().map(count).sum::<u64>()
    });
    let mut trace = world.trace.borrow_mut();
    Outcome {
        violations,
        injected: world.all_injected(),
        ticks: whole,
        lost_leases,
        cut,
        requests: u64::from(world.calls(On::Http)),
        records: records.sum(),
        digest: trace.digest,
        trace: trace.lines.take().unwrap_or_default(),
    }
}

fn play(world: &Rc<World>, scheduler: &mut Scheduler) -> Result<Vec<String>, Broken> {
    connect(world)?;
    scheduler.prepare();
    scheduler.play();
    settle(world, scheduler)?;
    let mut problems = oracle::problems(world, &scheduler.people)?;
    if problems.is_empty() {
        rest(world, scheduler)?;
        problems = oracle::problems(world, &scheduler.people)?;
    }
    Ok(problems)
}

/// Where nothing changed, a run writes nothing and reads no more than one list an object and side.
fn rest(world: &World, scheduler: &mut Scheduler) -> Result<(), Broken> {
    const LISTS: usize = 5;

    world.set_now(world.now() + 10 * 60_000);
    catch_up(world, scheduler)?;
    world.set_now(world.now() + 10 * 60_000);
    world.hubspot.calls().reset();
    world.clio.calls().reset();
    catch_up(world, scheduler)?;
    let (hubspot, clio) = (world.hubspot.calls().list(), world.clio.calls().list());
    // What goes both ways is asked for once.
    let searches = match world.shape.both_ways {
        Some(_) => Kind::ALL
            .into_iter()
            .filter(|kind| kind.goes_both_ways())
            .count(),
        None => 0,
    };
    // What is new there is another question.
    let searches = match world.shape.creates {
        true => {
            searches
                + Kind::ALL
                    .into_iter()
                    .filter(|kind| kind.is_created())
                    .count()
        }
        false => searches,
    };
    let searched = hubspot
        .iter()
        .filter(|call| call.template.ends_with("/search"))
        .count();
    if searched > searches * world.firms.len() {
        world.violation(format!(
            "nothing changed, and HubSpot was searched {searched} times"
        ));
    }
    // The candidates of what waits for a person are looked at.
    let waiting = world.number(
        "SELECT count (*) FROM (SELECT DISTINCT c.connection_id, c.object FROM claims c JOIN links l \
         ON (l.connection_id, l.object, l.provider_id) = (c.connection_id, c.object, c.provider_id) \
         WHERE l.state = 'ambiguous')",
    )?;
    let mut looks = waiting.unwrap_or(0);
    // Each list: whether it is there, and who is in it.
    let mut lists = 2 * world.firms.iter().filter_map(|firm| firm.list).count();
    let other = hubspot.iter().find(|call| {
        if call.template.ends_with("/batch/read") {
            looks -= 1;
            return looks < 0;
        }
        if call.template.starts_with("/crm/lists/") && lists > 0 {
            lists -= 1;
            return false;
        }
        searches == 0 || !call.template.ends_with("/search")
    });
    if let Some(call) = other {
        world.violation(format!(
            "nothing changed, and HubSpot was called: {} {}",
            call.method, call.template
        ));
    }
    if clio.len() > LISTS * world.firms.len() {
        world.violation(format!(
            "nothing changed, and Clio was called {} times",
            clio.len()
        ));
    }
    Ok(())
}

impl Outcome {
    fn broken(problem: String) -> Self {
        Self {
            violations: vec![format!("the simulation itself failed: {problem}")],
            injected: BTreeMap::new(),
            ticks: 0,
            lost_leases: 0,
            cut: 0,
            requests: 0,
            records: 0,
            digest: 0,
            trace: Vec::new(),
        }
    }
}

/// Everything that may go both ways does, where the world is such.
fn settings(shape: &Shape, list: Option<u64>) -> Settings {
    let mut settings = Settings::default();
    if shape.both_ways.is_some() {
        for kind in Kind::ALL.into_iter().filter(|kind| kind.goes_both_ways()) {
            let object = ObjectSettings {
                direction: Direction::Both,
                strategy: shape.both_ways,
                create: shape.creates && kind.is_created(),
                ..ObjectSettings::default()
            };
            settings.objects.insert(kind.name().to_owned(), object);
        }
    }
    if let (Some(kind), Some(list)) = (shape.door, list) {
        let object = settings.objects.entry(kind.name().to_owned());
        object.or_default().inclusion_list = Some(list.to_string());
    }
    settings
}

/// Portals and connections, as installing and connecting leave them behind.
pub(crate) fn connect(world: &Rc<World>) -> Result<(), Broken> {
    let ports = Ports {
        world: world.clone(),
        instance: 0,
        invocation: Rc::new(Invocation::default()),
        immediate: true,
    };
    let connected = at_once(async {
        let store = Store::new(&ports);
        store.migrate().await?;
        let ring = sync300_kit::ports::Variables::variable(&ports, "vault_keys");
        let vault = Vault::from_ring(ring.as_ref())?;
        for (number, firm) in (1..).zip(&world.firms) {
            let portal = i64::try_from(firm.portal.id()).unwrap_or_default();
            store
                .put_portal(&Portal {
                    id: portal,
                    ui_domain: "app.hubspot.com".to_owned(),
                    time_zone: Some("America/New_York".to_owned()),
                })
                .await?;
            let id = format!("{number:032x}");
            let mut key = [0_u8; 32];
            ports.fill(&mut key)?;
            let purpose = |connection, name| Purpose {
                portal,
                connection,
                name,
            };
            let sealed = vault.seal(&ports, purpose(&id, "fingerprint_key"), &key)?;
            store
                .add_connection(&NewConnection {
                    id: &id,
                    portal,
                    connector: "clio",
                    region: "us",
                    settings: &settings(&world.shape, firm.list),
                    frequency: world.shape.frequency,
                    fingerprint_key: &sealed,
                })
                .await?;
            for (connection, token) in [
                ("", hubspot_token(number)),
                (id.as_str(), clio_token(number)),
            ] {
                let purpose = purpose(connection, "access_token");
                store
                    .put_credential(&vault, purpose, &Secret::new(token), None)
                    .await?;
            }
            firm.connection.replace(id);
        }
        Ok::<(), sync300_kit::Error>(())
    });
    match connected {
        Some(result) => Ok(result?),
        None => Err(Broken("setting up does not end".to_owned())),
    }
}
