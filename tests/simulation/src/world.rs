//! What all instances share: the virtual clock, the database, the cache, HubSpot and Clio.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;
use std::time::Duration;

use serde_json::Value;
use sync300_fakes::clio::{AccountConfig, AccountHandle, RateLimit};
use sync300_fakes::hubspot::{PortalConfig, PortalHandle, Processing};
use sync300_fakes::{Clio, ClioConfig, Clock, FakeError, HubSpot, HubSpotConfig};
use sync300_kit::ports::{HttpRequest, SqlRows, SqlValue};

use crate::people::CANARY;
use crate::plan::{Kind, On, Plan, Shape, What};

/// The first tick, in unix milliseconds: a Monday in March 2026, 14:00 UTC.
pub(crate) const START: i64 = 1_773_064_800_000;

/// Why a world cannot be set up, or handled from the inside. A bug of the simulation, not of the engine.
#[derive(Debug)]
pub(crate) struct Broken(pub String);

impl<E: std::error::Error> From<E> for Broken {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

/// A portal, its connection, and its account at Clio.
pub(crate) struct Firm {
    pub portal: PortalHandle,
    pub account: AccountHandle,
    pub connection: RefCell<String>,
    /// The list that is the door of a kind of record, where there is one.
    pub list: Option<u64>,
}

impl Firm {
    /// Who may sync of a kind; none where all may.
    pub fn members(&self, world: &World, kind: Kind) -> Option<BTreeSet<u64>> {
        let list = self.list.filter(|_| world.shape.door == Some(kind))?;
        let members = self.portal.list_members(list).unwrap_or_default();
        Some(members.into_iter().collect())
    }
}

/// The world outside the engine.
pub(crate) struct World {
    pub shape: Shape,
    pub hubspot: HubSpot,
    pub clio: Clio,
    pub firms: Vec<Firm>,
    pub database: rusqlite::Connection,
    pub cache: RefCell<HashMap<String, Vec<u8>>>,
    pub log: RefCell<Vec<String>>,
    /// What must never happen, and did.
    pub violations: RefCell<Vec<String>>,
    /// Requests whose instances are gone, by the time of their arrival.
    pub in_flight: RefCell<BTreeMap<(i64, u32), HttpRequest>>,
    /// HubSpot's webhooks, by the time of their arrival.
    pub webhooks: RefCell<BTreeMap<(i64, u64), Value>>,
    pub trace: RefCell<Trace>,
    clocks: [Clock; 2],
    now: Cell<i64>,
    order: RefCell<fastrand::Rng>,
    entropy: RefCell<fastrand::Rng>,
    faults: RefCell<HashMap<(On, u32), Vec<What>>>,
    /// An outage goes on for so many calls.
    outage: Cell<Option<(u16, u32)>>,
    calls: RefCell<HashMap<On, u32>>,
    injected: RefCell<BTreeMap<&'static str, u64>>,
    quiet: Cell<bool>,
}

/// What happened, as a digest that two runs of one plan must share, and as text where it is asked for.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    pub digest: u64,
    pub lines: Option<Vec<String>>,
}

impl World {
    /// A world in which nothing has happened yet.
    pub fn new(plan: &Plan, traced: bool) -> Result<Rc<Self>, Broken> {
        let shape = plan.shape.clone();
        let clocks = [Clock::stopped_at(START), Clock::stopped_at(START)];
        let [hubspot_clock, clio_clock] = clocks.clone();
        let ids = || (1..).take(shape.firms);
        let portals = ids().map(|firm| PortalConfig {
            id: 4_200_000 + firm,
            tokens: vec![hubspot_token(firm)],
            search_lag: Duration::from_millis(shape.search_lag.unsigned_abs()),
            merge_creates_new_id: shape.merges_renumber,
            ..PortalConfig::default()
        });
        let accounts = ids().map(|firm| AccountConfig {
            id: 350_000 + firm,
            tokens: vec![clio_token(firm)],
            rate_limit: RateLimit::default(),
            ..AccountConfig::default()
        });
        let hubspot = HubSpot::in_process(HubSpotConfig {
            portals: portals.collect(),
            clock: hubspot_clock,
            ..HubSpotConfig::default()
        });
        let clio = Clio::in_process(ClioConfig {
            accounts: accounts.collect(),
            clock: clio_clock,
            ..ClioConfig::default()
        });
        let firms: Result<Vec<Firm>, FakeError> = ids()
            .map(|firm| {
                let portal = hubspot.portal(4_200_000 + firm)?;
                let list = shape.door.map(|kind| {
                    let name = format!("{CANARY} list");
                    portal.create_list(kind.object(), &name, Processing::Manual)
                });
                Ok(Firm {
                    list,
                    portal,
                    account: clio.account(350_000 + firm)?,
                    connection: RefCell::default(),
                })
            })
            .collect();
        let mut faults: HashMap<(On, u32), Vec<What>> = HashMap::new();
        for fault in &plan.faults {
            faults
                .entry((fault.on, fault.call))
                .or_default()
                .push(fault.what);
        }
        let database = rusqlite::Connection::open_in_memory()?;
        database.set_prepared_statement_cache_capacity(256);
        let mut rng = fastrand::Rng::with_seed(plan.seed ^ 0x5eed);
        let world = Self {
            firms: firms?,
            hubspot,
            clio,
            database,
            cache: RefCell::default(),
            log: RefCell::default(),
            violations: RefCell::default(),
            in_flight: RefCell::default(),
            webhooks: RefCell::default(),
            trace: RefCell::new(Trace {
                digest: 0xcbf2_9ce4_8422_2325,
                lines: traced.then(Vec::new),
            }),
            clocks,
            now: Cell::new(START),
            entropy: RefCell::new(rng.fork()),
            order: RefCell::new(rng),
            faults: RefCell::new(faults),
            outage: Cell::new(None),
            calls: RefCell::default(),
            injected: RefCell::default(),
            quiet: Cell::new(false),
            shape,
        };
        world.set_now(START);
        Ok(Rc::new(world))
    }

    /// The true time, in unix milliseconds.
    pub fn now(&self) -> i64 {
        self.now.get()
    }

    /// Moves everybody's time.
    pub fn set_now(&self, now: i64) {
        self.now.set(now);
        let skews = [self.shape.hubspot_skew, self.shape.clio_skew];
        for (clock, skew) in self.clocks.iter().zip(skews) {
            clock.set_offset_ms(now - START + skew);
        }
    }

    /// A number from a range, as the seed has it.
    pub fn draw(&self, range: std::ops::RangeInclusive<i64>) -> i64 {
        self.order.borrow_mut().i64(range)
    }

    /// Random bytes, as the seed has them.
    pub fn fill(&self, buffer: &mut [u8]) {
        self.entropy.borrow_mut().fill(buffer);
    }

    /// No more faults from now on.
    pub fn calm(&self) {
        self.quiet.set(true);
        self.outage.set(None);
    }

    /// Counts a port call; what goes wrong with it.
    pub fn enter(&self, on: On) -> Vec<What> {
        let mut found = Vec::new();
        let counted = [On::Any, on];
        for on in counted.iter().skip(usize::from(on == On::Any)).copied() {
            let mut calls = self.calls.borrow_mut();
            let count = calls.entry(on).or_insert(0);
            let faults = self.faults.borrow();
            found.extend(faults.get(&(on, *count)).into_iter().flatten().copied());
            *count += 1;
        }
        if self.quiet.get() {
            return Vec::new();
        }
        if let (On::Http, Some((status, left))) = (on, self.outage.get()) {
            self.outage
                .set(left.checked_sub(1).map(|left| (status, left)));
            found.push(What::Status(status, 0));
        }
        if let Some((status, more)) = found.iter().find_map(|what| match what {
            What::Status(status, more) if *more > 0 => Some((*status, *more)),
            _ => None,
        }) {
            self.outage.set(Some((status, more - 1)));
        }
        found
    }

    /// Notes that a fault took effect.
    pub fn injected(&self, what: What) {
        *self.injected.borrow_mut().entry(what.name()).or_insert(0) += 1;
        self.note(|| format!("!! {what:?}"));
    }

    /// The faults that took effect, by kind.
    pub fn all_injected(&self) -> BTreeMap<&'static str, u64> {
        self.injected.borrow().clone()
    }

    /// How many port calls there were.
    pub fn calls(&self, on: On) -> u32 {
        self.calls.borrow().get(&on).copied().unwrap_or(0)
    }

    /// Notes what must never happen.
    pub fn violation(&self, text: String) {
        self.note(|| format!("VIOLATION {text}"));
        self.violations.borrow_mut().push(text);
    }

    /// Notes what happened. The same plan must give the same notes.
    pub fn note(&self, text: impl FnOnce() -> String) {
        let text = format!("{:>9} {}", self.now() - START, text());
        let mut trace = self.trace.borrow_mut();
        for byte in text.bytes() {
            trace.digest = (trace.digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        if let Some(lines) = &mut trace.lines {
            lines.push(text);
        }
    }

    /// A statement of the simulation's own.
    pub fn query(&self, statement: &str, params: &[SqlValue]) -> Result<SqlRows, Broken> {
        Ok(sync300_native_ports::execute(
            &self.database,
            statement,
            params,
        )?)
    }

    /// The number that a statement of the simulation's own answers with, if any.
    pub fn number(&self, statement: &str) -> Result<Option<i64>, Broken> {
        match self
            .query(statement, &[])?
            .first()
            .and_then(|row| row.first())
        {
            Some(SqlValue::Integer(number)) => Ok(Some(*number)),
            _ => Ok(None),
        }
    }
}

/// Secrets and personal values carry texts that stand nowhere else.
pub(crate) fn hubspot_token(firm: u64) -> String {
    format!("zebra-hubspot-token-{firm}")
}

/// As [`hubspot_token`].
pub(crate) fn clio_token(firm: u64) -> String {
    format!("zebra-clio-token-{firm}")
}
