//! The frame of a slice: lease a connection, ask its plan, open what is sealed, work, and write down how it ended.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::end::{End, end};
use super::gate::{self, Gate};
use super::part::Stage;
use super::slice::Slice;
use super::tick::Share;
use crate::budget::Budget;
use crate::call::Caller;
use crate::config;
use crate::core::catalog;
use crate::error::{Error, Result, Side};
use crate::hubspot::rate::{self, Rate};
use crate::hubspot::{self, HubSpot};
use crate::log::{self, Level};
use crate::oauth::provider::Server;
use crate::ports::Ports;
use crate::provider::{self, Provider};
use crate::store::Store;
use crate::store::connections::{Connection, Next};
use crate::store::runs::{Counts, Run};
use crate::tokens::{self, Owner};
use crate::vault::{Purpose, Vault};

/// What a slice did.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SliceSummary {
    /// Connection id.
    pub connection: String,
    /// HubSpot portal.
    pub portal: i64,
    /// Connector id.
    pub connector: String,
    /// Run id; none where the slice ended before there was one.
    pub run: Option<i64>,
    /// `succeeded`, `failed`, `running` (goes on with a later slice), `limited`, `retrying`, `waiting` (for another plan
    /// or month), `lost`.
    pub status: Cow<'static, str>,
    /// The list that a failure concerns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason_object: Option<String>,
    /// A code, where there is something to say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When the connection is due again, in unix milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<i64>,
    /// Calls to HubSpot in this slice.
    pub hubspot_calls: i64,
    /// Calls to the provider in this slice.
    pub provider_calls: i64,
    /// The run's counts so far, by list.
    pub objects: BTreeMap<String, Counts>,
}

/// Works a slice of the connection that is due for longest in this part of its run; none where nothing is due.
pub(super) async fn slice<S: Stage, P: Ports>(
    ports: &P,
    share: Share,
) -> Result<Option<SliceSummary>> {
    let vault = Vault::from_ring(ports.variable("vault_keys").as_ref())?;
    let hubspot_url = config::hubspot_url(ports)?;
    // Asked for by every slice: a setting that is none must fail the tick, and not each connection in turn.
    config::billing(ports)?;
    config::hubspot_limit(ports)?;
    let Some(mut connection) = Store::new(ports).lease_due(S::PART).await? else {
        return Ok(None);
    };
    let budget = Budget::new(share.begin_until, share.call_until, share.calls);
    let summary = leased::<S, P>(ports, &vault, &hubspot_url, &mut connection, &budget).await?;
    Ok(Some(summary))
}

async fn leased<S: Stage, P: Ports>(
    ports: &P,
    vault: &Vault,
    hubspot_url: &str,
    connection: &mut Connection,
    budget: &Budget,
) -> Result<SliceSummary> {
    let store = Store::new(ports);
    let gate = gate::check(ports, connection).await;
    let connection = &*connection;
    let current = RefCell::new(None);
    let mut run = None;
    let worked = match (gate, paused(ports, connection).await) {
        (Err(error), _) => Err(error),
        (Ok(Gate::Silent(code)), _) => Err(Error::Plan(code)),
        (Ok(Gate::Open), Some(after)) => Err(rate::limited(after)),
        (Ok(gate), _) => match store.run(connection).await {
            Ok(begun) => {
                let begun = run.insert(begun);
                match gate {
                    Gate::Shut(code) => Err(Error::Plan(code)),
                    Gate::Open | Gate::Silent(_) => {
                        work::<S, P>(
                            ports,
                            vault,
                            hubspot_url,
                            connection,
                            begun,
                            budget,
                            &current,
                        )
                        .await
                    }
                }
            }
            Err(error) => Err(error),
        },
    };
    let end = end(ports.now(), connection, worked, current.into_inner());
    let made = budget.spent();
    let closed = close(&store, connection, run.as_ref(), &end, budget).await;
    let status = match closed {
        Ok(()) => end.status,
        // Another instance took over; whatever this one has not committed is undone by never having been.
        Err(Error::LeaseLost) => "lost",
        Err(error) => return Err(error),
    };
    if let (Some((_, "hubspot_limited")), Next::At(until)) = (end.reason_code(), end.next) {
        pause(ports, connection, until).await;
    }
    let objects = match &run {
        Some(run) => store.counts(run.id).await?,
        None => BTreeMap::new(),
    };
    let (reason_object, reason) = end
        .reason
        .map_or((None, None), |(object, code)| (object, Some(code)));
    let summary = SliceSummary {
        connection: connection.id.clone(),
        portal: connection.portal,
        connector: connection.connector.clone(),
        run: run.map(|run| run.id),
        status: status.into(),
        reason_object,
        reason,
        due_at: match end.next {
            Next::At(at) => Some(at),
            Next::Scheduled(at) => at,
        },
        hubspot_calls: made.hubspot,
        provider_calls: made.provider,
        objects,
    };
    log_slice(ports, &summary);
    Ok(summary)
}

/// Opens what is sealed, and works.
async fn work<S: Stage, P: Ports>(
    ports: &P,
    vault: &Vault,
    hubspot_url: &str,
    connection: &Connection,
    run: &Run,
    budget: &Budget,
    current: &RefCell<Option<String>>,
) -> Result<()> {
    let connector = catalog::describe(&connection.connector).map_err(Error::Config)?;
    let server = Server::new(ports, &connector, &connection.region)?;
    let store = Store::new(ports);
    let token = async |owner| tokens::access(ports, budget, vault, connection.portal, owner).await;
    let hubspot_token = token(Owner::HubSpot).await?;
    let provider_token = token(Owner::Provider {
        connection: &connection.id,
        server: &server,
    })
    .await?;
    let key = Purpose {
        portal: connection.portal,
        connection: &connection.id,
        name: "fingerprint_key",
    };
    let caller = |side, pace| Caller {
        ports,
        budget,
        side,
        pace,
    };
    let slice = Slice {
        ports,
        store,
        budget,
        connection,
        connector: &connector,
        run,
        hubspot: HubSpot::new(
            caller(Side::HubSpot, hubspot::PACE_MILLIS),
            hubspot_url,
            hubspot_token,
        )
        .paced(Rate::new(
            ports,
            connection.portal,
            config::hubspot_limit(ports)?,
        )),
        provider: Provider::new(
            caller(Side::Provider, provider::PACE_MILLIS),
            &connector,
            &server.base_url,
            server.headers(&provider_token)?,
        ),
        base_url: &server.base_url,
        vault,
        fingerprint_key: vault.open(key, &connection.fingerprint_key)?,
        current: RefCell::new(None),
    };
    let worked = S::work(&slice).await;
    *current.borrow_mut() = slice.current.into_inner();
    worked
}

/// Writes down how the slice ended and gives the lease back.
async fn close<P: Ports>(
    store: &Store<'_, P>,
    connection: &Connection,
    run: Option<&Run>,
    end: &End,
    budget: &Budget,
) -> Result<()> {
    if end.status == "lost" {
        return Err(Error::LeaseLost);
    }
    if let Some(run) = run {
        store
            .add_slice(connection, run.id, budget.uncounted())
            .await?;
        if let "succeeded" | "failed" | "waiting" = end.status {
            store
                .finish_run(connection, run.id, end.reason_code())
                .await?;
        }
    }
    if let (Some((_, code)), "waiting") = (&end.reason, end.status) {
        store.set_plan_reason(connection, Some(code)).await?;
    }
    match (&end.reason, end.revoked) {
        (Some((_, code)), true) => store.expire(connection, code).await,
        _ => store.release(connection, end.next, end.failures).await,
    }
}

/// HubSpot's limits are per portal: what one connection ran into, the portal's others need not run into too. A portal that
/// was erased meanwhile leaves nothing behind: erasing it takes the pause away only if it was there by then.
async fn pause<P: Ports>(ports: &P, connection: &Connection, until: i64) {
    let key = hubspot::pause_key(connection.portal);
    ports.set(&key, until.to_string().as_bytes()).await;
    if let Ok(false) = Store::new(ports).has_portal(connection.portal).await {
        ports.delete(&key).await;
    }
}

/// Milliseconds that HubSpot has asked this portal to wait.
async fn paused<P: Ports>(ports: &P, connection: &Connection) -> Option<i64> {
    let value = ports.get(&hubspot::pause_key(connection.portal)).await?;
    let until: i64 = std::str::from_utf8(&value).ok()?.parse().ok()?;
    Some(until - ports.now()).filter(|wait| *wait > 0)
}

fn log_slice<P: Ports>(ports: &P, summary: &SliceSummary) {
    let level = match &*summary.status {
        "failed" => Level::Error,
        "retrying" | "lost" => Level::Warn,
        _ => Level::Info,
    };
    log::write(
        ports,
        level,
        "slice",
        &[
            ("connection", summary.connection.as_str().into()),
            ("portal", summary.portal.into()),
            ("connector", summary.connector.as_str().into()),
            ("run", summary.run.into()),
            ("status", (&*summary.status).into()),
            ("list", summary.reason_object.clone().into()),
            ("reason", summary.reason.clone().into()),
            ("hubspot_calls", summary.hubspot_calls.into()),
            ("provider_calls", summary.provider_calls.into()),
        ],
    );
}
