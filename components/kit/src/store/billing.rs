//! What portals pay for, which events of Stripe's were applied, and what is used. See `migrations/0007_billing.sql`.

use super::connections::Connection;
use super::{Columns, Store, first};
use crate::error::{Error, Result};
use crate::ports::Ports;
use crate::settings::Settings;

/// A customer at Stripe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customer {
    /// Stripe's id.
    pub id: String,
    /// Whose; none once cut loose.
    pub portal: Option<i64>,
    /// What was bought last; none where nothing was.
    pub subscription: Option<Subscribed>,
    /// Grows with every write.
    pub revision: i64,
    /// When plan or status last became another, in unix milliseconds.
    pub changed_at: i64,
}

/// A subscription as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscribed {
    /// Id of the plan.
    pub plan: String,
    /// Stripe's word.
    pub status: String,
    /// When this status was first seen, in unix milliseconds.
    pub since: i64,
    /// Unix milliseconds.
    pub period_end: Option<i64>,
    /// How many subscriptions go on, and are charged, after their period.
    pub renews: i64,
}

/// What a month has seen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Created, updated or linked, on either side.
    pub records: i64,
    /// To HubSpot and to providers.
    pub api_calls: i64,
}

/// What a connection's admin chose, as far as a plan has a say in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// Connection id.
    pub connection: String,
    /// Connector id.
    pub connector: String,
    /// Minutes between scheduled runs; 0 = manual only.
    pub frequency: i64,
    /// Objects, directions, mappings.
    pub settings: Settings,
    /// The reason that is on the connection.
    pub reason: Option<String>,
}

/// What the gate of a slice looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GateRow {
    /// `(plan, status, since)`.
    pub subscription: Option<(String, String, i64)>,
    /// Records of the month in which the run under way began, or of this month.
    pub records: i64,
    /// The portal's connections that were there before this one.
    pub older: i64,
    /// The reason that is on the connection.
    pub reason: Option<String>,
}

const CUSTOMER: &str = "SELECT customer_id, portal_id, plan, status, status_since, period_end, renews, revision, changed_at FROM billing_customers";

impl<P: Ports> Store<'_, P> {
    /// A customer by Stripe's id.
    pub async fn customer(&self, id: &str) -> Result<Option<Customer>> {
        let rows = self
            .execute(&format!("{CUSTOMER} WHERE customer_id = ?1"), &[id.into()])
            .await?;
        first(rows).map(customer).transpose()
    }

    /// The customer of a portal.
    pub async fn customer_of(&self, portal: i64) -> Result<Option<Customer>> {
        let rows = self
            .execute(
                &format!("{CUSTOMER} WHERE portal_id = ?1"),
                &[portal.into()],
            )
            .await?;
        first(rows).map(customer).transpose()
    }

    /// Binds a customer to a portal that is here and has no other. False where that is not so; true where it is so already.
    pub async fn bind_customer(&self, id: &str, portal: i64) -> Result<bool> {
        self.execute(
            "INSERT INTO billing_customers (customer_id, portal_id, changed_at) \
             SELECT ?1, portal_id, ?3 FROM portals WHERE portal_id = ?2 ON CONFLICT DO NOTHING",
            &[id.into(), portal.into(), self.ports().now().into()],
        )
        .await?;
        let bound = self.customer(id).await?;
        Ok(bound.is_some_and(|customer| customer.portal == Some(portal)))
    }

    /// Writes what Stripe says of a customer, if nobody wrote since the customer was read. False where somebody did. A
    /// status that is the same as before keeps its own time, whatever `since` says. Another plan or status is audited, and
    /// looked at by the next tick, within the same statement.
    pub async fn put_subscription(
        &self,
        customer: &Customer,
        standing: &Subscribed,
        over: bool,
    ) -> Result<bool> {
        let rows = self
            .execute(
                "UPDATE billing_customers SET \
                   changed_at = iif (plan IS ?3 AND status IS ?4, changed_at, ?6), \
                   status_since = iif (status IS ?4, status_since, ?6), \
                   ended_at = iif (?7, coalesce (ended_at, ?6), NULL), \
                   plan = ?3, status = ?4, period_end = ?5, renews = ?8, revision = revision + 1 \
                 WHERE customer_id = ?1 AND revision = ?2 RETURNING 1",
                &[
                    customer.id.as_str().into(),
                    customer.revision.into(),
                    standing.plan.as_str().into(),
                    standing.status.as_str().into(),
                    standing.period_end.into(),
                    standing.since.into(),
                    i64::from(over).into(),
                    standing.renews.into(),
                ],
            )
            .await?;
        Ok(!rows.is_empty())
    }

    /// The customer is gone from Stripe: whatever was paid is over, and the portal may become another customer.
    pub async fn end_customer(&self, id: &str) -> Result<()> {
        self.execute(
            "UPDATE billing_customers SET portal_id = NULL, renews = 0, ended_at = coalesce (ended_at, ?2), revision = revision + 1, \
               changed_at = ?2, status_since = iif (plan IS NULL OR status = 'canceled', status_since, ?2), \
               status = iif (plan IS NULL, NULL, 'canceled') WHERE customer_id = ?1",
            &[id.into(), self.ports().now().into()],
        )
        .await?;
        Ok(())
    }

    /// The next customers, by id, who are charged after their period although no portal has the app for it any more: it
    /// was uninstalled, or erased.
    pub async fn renewing_without_portal(&self, after: &str, limit: i64) -> Result<Vec<Customer>> {
        let rows = self
            .execute(
                &format!(
                    "{CUSTOMER} WHERE renews > 0 AND customer_id > ?1 AND NOT EXISTS (SELECT 1 FROM portals p \
                       WHERE p.portal_id = billing_customers.portal_id AND p.status <> 'uninstalled') \
                     ORDER BY customer_id LIMIT ?2"
                ),
                &[after.into(), limit.into()],
            )
            .await?;
        rows.into_iter()
            .map(|row| customer(Columns::of(row)))
            .collect()
    }

    /// Remembers that nothing more is charged, unless somebody wrote since the customer was read: then that one has heard
    /// of it from Stripe.
    pub async fn stop_renewal(&self, customer: &Customer) -> Result<()> {
        self.execute(
            "UPDATE billing_customers SET renews = 0, revision = revision + 1 WHERE customer_id = ?1 AND revision = ?2",
            &[customer.id.as_str().into(), customer.revision.into()],
        )
        .await?;
        Ok(())
    }

    /// Whether an event was applied.
    pub async fn event_is_applied(&self, event: &str) -> Result<bool> {
        let rows = self
            .execute(
                "SELECT 1 FROM billing_events WHERE event_id = ?1",
                &[event.into()],
            )
            .await?;
        Ok(!rows.is_empty())
    }

    /// Remembers that an event was applied. What it said is stored by now, so that a crash in between repeats it, and
    /// never loses it.
    pub async fn add_event(&self, event: &str, customer: &str) -> Result<()> {
        self.execute(
            "INSERT INTO billing_events (event_id, customer_id, applied_at) SELECT ?1, customer_id, ?3 \
             FROM billing_customers WHERE customer_id = ?2 ON CONFLICT DO NOTHING",
            &[event.into(), customer.into(), self.ports().now().into()],
        )
        .await?;
        Ok(())
    }

    /// What a portal used in a month, e.g. `2026-11`; none = the month of now (UTC).
    pub async fn usage(&self, portal: i64, month: Option<&str>) -> Result<(String, Usage)> {
        let rows = self
            .execute(
                "SELECT m.month, coalesce (u.records, 0), coalesce (u.api_calls, 0) \
                 FROM (SELECT coalesce (?2, strftime ('%Y-%m', ?3 / 1000, 'unixepoch')) AS month) m \
                 LEFT JOIN usage_by_month u ON u.portal_id = ?1 AND u.month = m.month",
                &[portal.into(), month.into(), self.ports().now().into()],
            )
            .await?;
        let mut row = first(rows).ok_or(Error::Row)?;
        Ok((
            row.text()?,
            Usage {
                records: row.integer()?,
                api_calls: row.integer()?,
            },
        ))
    }

    /// A portal's connections, the oldest first, and what was chosen for them.
    pub async fn chosen(&self, portal: i64) -> Result<Vec<Chosen>> {
        let rows = self
            .execute(
                "SELECT connection_id, connector, frequency, settings, status_reason FROM connections \
                 WHERE portal_id = ?1 AND status <> 'disconnected' ORDER BY created_at, connection_id",
                &[portal.into()],
            )
            .await?;
        rows.into_iter()
            .map(|row| {
                let mut row = Columns::of(row);
                Ok(Chosen {
                    connection: row.text()?,
                    connector: row.text()?,
                    frequency: row.integer()?,
                    settings: serde_json::from_str(&row.text()?).map_err(|_| Error::Row)?,
                    reason: row.optional_text()?,
                })
            })
            .collect()
    }

    /// What the gate of a slice looks at, in one statement.
    pub async fn gate_row(&self, connection: &Connection) -> Result<GateRow> {
        let rows = self
            .execute(
                "SELECT b.plan, b.status, b.status_since, \
                   coalesce ((SELECT records FROM usage_by_month u WHERE u.portal_id = c.portal_id \
                     AND u.month = strftime ('%Y-%m', coalesce ((SELECT started_at FROM runs r \
                       WHERE r.connection_id = c.connection_id AND r.status = 'running'), ?2) / 1000, 'unixepoch')), 0), \
                   (SELECT count(*) FROM connections o WHERE o.portal_id = c.portal_id AND o.status <> 'disconnected' \
                     AND (o.created_at, o.connection_id) < (c.created_at, c.connection_id)), \
                   c.status_reason \
                 FROM connections c LEFT JOIN billing_customers b ON b.portal_id = c.portal_id \
                 WHERE c.connection_id = ?1",
                &[connection.id.as_str().into(), self.ports().now().into()],
            )
            .await?;
        let mut row = first(rows).ok_or(Error::LeaseLost)?;
        let (plan, status, since) = (
            row.optional_text()?,
            row.optional_text()?,
            row.optional_integer()?,
        );
        Ok(GateRow {
            subscription: plan
                .zip(status)
                .zip(since)
                .map(|((plan, status), since)| (plan, status, since)),
            records: row.integer()?,
            older: row.integer()?,
            reason: row.optional_text()?,
        })
    }

    /// Puts the plan's reason on a connection, or takes it away.
    pub async fn set_plan_reason(
        &self,
        connection: &Connection,
        reason: Option<&str>,
    ) -> Result<()> {
        self.fenced(
            "UPDATE connections SET status_reason = ?3 WHERE connection_id = ?1 AND lease_epoch = ?2 RETURNING 1",
            &[
                connection.id.as_str().into(),
                connection.epoch.into(),
                reason.into(),
            ],
        )
        .await
    }

    /// Writes into the audit trail what a plan changed for a connection, once for each change of the plan.
    pub async fn tell_plan_once(
        &self,
        connection: &Connection,
        action: &str,
        detail: &str,
    ) -> Result<()> {
        self.execute(
            "INSERT INTO audit (portal_id, at, action, connection_id, detail) SELECT ?1, ?2, ?3, ?4, ?5 \
             WHERE NOT EXISTS (SELECT 1 FROM audit WHERE portal_id = ?1 AND action = ?3 AND connection_id = ?4 AND detail = ?5 \
               AND at >= coalesce ((SELECT changed_at FROM billing_customers WHERE portal_id = ?1), 0))",
            &[
                connection.portal.into(),
                self.ports().now().into(),
                action.into(),
                connection.id.as_str().into(),
                detail.into(),
            ],
        )
        .await?;
        Ok(())
    }
}

fn customer(mut row: Columns) -> Result<Customer> {
    let (id, portal) = (row.text()?, row.optional_integer()?);
    let (plan, status) = (row.optional_text()?, row.optional_text()?);
    let (since, period_end) = (row.optional_integer()?, row.optional_integer()?);
    let renews = row.integer()?;
    Ok(Customer {
        id,
        portal,
        subscription: plan
            .zip(status)
            .zip(since)
            .map(|((plan, status), since)| Subscribed {
                plan,
                status,
                since,
                period_end,
                renews,
            }),
        revision: row.integer()?,
        changed_at: row.integer()?,
    })
}
