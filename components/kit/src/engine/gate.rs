//! What a plan lets a connection do, looked at before every slice: so another plan counts from the next tick on.

use sync300_plans::{Entitlement, Feature};

use crate::config;
use crate::core::catalog;
use crate::error::{Error, Result};
use crate::plan;
use crate::ports::Ports;
use crate::store::Store;
use crate::store::connections::Connection;

/// Whether a connection may sync.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gate {
    /// It may.
    Open,
    /// It may not, for this reason.
    Shut(&'static str),
    /// It may not, and the history says so already.
    Silent(&'static str),
}

/// Asks the plan. What goes beyond it is cut back for this slice: what was chosen stays stored, and counts again once the
/// plan allows it. Each such cut is written into the audit trail once.
pub(super) async fn check<P: Ports>(ports: &P, connection: &mut Connection) -> Result<Gate> {
    if !config::billing(ports)? {
        return Ok(Gate::Open);
    }
    let store = Store::new(ports);
    let row = store.gate_row(connection).await?;
    let entitlement = row
        .subscription
        .map_or(Entitlement::FREE, |(bought, status, since)| {
            plan::stored(&bought, &status, since, ports.now())
        });
    let allowed = entitlement
        .allows(Feature::Syncing)
        .and_then(|()| entitlement.allows(Feature::Connections(row.older + 1)))
        .and_then(|()| entitlement.allows(Feature::Record(row.records)));
    if let Err(denied) = allowed {
        // Somebody who asks for a sync is told each time.
        let told = row.reason.as_deref() == Some(denied.code) && !connection.requested;
        return Ok(match told {
            true => Gate::Silent(denied.code),
            false => Gate::Shut(denied.code),
        });
    }
    if row.reason.is_some_and(|reason| reason.starts_with("plan_")) {
        store.set_plan_reason(connection, None).await?;
    }
    cut_back(&store, connection, &entitlement).await?;
    let limit = entitlement.plan.records_per_month;
    connection
        .records_left
        .set(limit.map(|limit| i64::from(limit) - row.records));
    Ok(Gate::Open)
}

async fn cut_back<P: Ports>(
    store: &Store<'_, P>,
    connection: &mut Connection,
    entitlement: &Entitlement,
) -> Result<()> {
    let bought = entitlement.plan;
    if let Err(denied) = entitlement.allows(Feature::Frequency(connection.frequency)) {
        connection.frequency = bought.nearest_frequency(connection.frequency);
        store
            .tell_plan_once(connection, denied.code, bought.id)
            .await?;
    }
    let custom = connection
        .settings
        .objects
        .values()
        .any(|object| object.rules.is_some());
    if let (true, Err(denied)) = (custom, entitlement.allows(Feature::CustomMappings)) {
        let connector = catalog::describe(&connection.connector).map_err(Error::Config)?;
        if plan::leave_out_custom(&mut connection.settings, &connector) {
            store
                .tell_plan_once(connection, denied.code, bought.id)
                .await?;
        }
    }
    Ok(())
}
